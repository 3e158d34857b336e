check-command = See whether everything works in this server, and what to do if not.
check-all-well = ✅ All is well here: the painting engine answers, I have the permissions I need, and all that is set up exists.
check-head = ⚠️ Not all is well here. What is wrong, why it matters, and how to fix it:
check-more = … and { $count } more.

check-why-view-channel = to see the channel
check-why-send-messages = to post at all
check-why-send-messages-in-threads = to post in its threads
check-why-create-public-threads = to open a thread for the results of a picture
check-why-attach-files = to post pictures
check-why-read-message-history = to find the picture to paint, and to reply to it
check-why-add-reactions = to put the palette under pictures
# A permission by Discord's name, and why it is needed
check-permission = “{ $name }” ({ $why })

check-database-damaged = **My memory is damaged.** I take no new pictures for now: my owner can fix that, and my log says more.
check-engine-away = **The painting engine cannot be reached, or is still starting.** Pictures wait until it is back; if that takes long, my owner can fix that, and my log says more.
check-engine-busy = **The painting engine has too much to do.** New pictures wait; this passes by itself.
check-engine-full = **The painting engine’s disk is full.** New pictures wait: my owner can fix that, and my log says more.
check-engine-locked = **The painting engine does not accept my token.** Nothing is painted until my owner gives both of us the same `ATELIER_ENGINE_TOKEN`.
check-no-art-channel = **No channel is set up for art.** Pictures get no palette yet; commands, menus and mentions work. Choose a channel with `/setup`.
check-channel-gone = **An art channel is gone** ({ $channel }). No picture is lost by that: choose again with `/setup`.
check-channel-lacks = **In { $channel } I need { $names }**: a moderator can allow it in the channel’s settings.
check-results-unset = **Results should go to the results channel, but none is chosen.** They stay where they were asked for: choose one with `/setup`.
check-results-gone = **The results channel is gone.** Results stay where they were asked for: choose again with `/setup`.
check-results-lacks = **In the results channel { $channel } I need { $names }**: a moderator can allow it in the channel’s settings.
check-gallery-gone = **The gallery is gone.** Nothing new is shown in one: choose again with `/setup`.
check-gallery-lacks = **In the gallery { $channel } I need { $names }**: a moderator can allow it in the channel’s settings.
check-gallery-restricted = **Pictures from { $channel } never come into the gallery**, because { $channel } is age-restricted. Nothing to fix, if that is what you want.
check-gallery-wider = **Pictures from { $channel } do not come into the gallery**, because some members who see the gallery do not see { $channel }. If they may, let them see it; or choose another gallery with `/setup`.
check-gallery-itself = **What is posted in { $channel } comes into no gallery**, because { $channel } is a gallery itself. Choose another gallery with `/setup`, or take { $channel } from the art channels.
# $where: "server", or "channel", which is $channel then
check-week-gone = **The channel for the style of the week is gone.** There is none until you choose again with `/setup`.
check-week-lacks = **For the style of the week I need { $names } in { $channel }**: a moderator can allow it in the channel’s settings.
check-switched-off = **I am switched off in this server.** I take nothing new: `/on` switches me on again.
check-paused = **My owner has paused me.** I take nothing new in any server until they let me go on.
check-audit-gone = **The audit channel is gone.** Nobody reads what is done here: choose again with `/setup`.
check-audit-lacks = **In the audit channel { $channel } I need { $names }**: a moderator can allow it in the channel’s settings. What there is to tell waits for a day.
check-audit-public = **Everybody can read the audit channel { $channel }.** It names who had whose picture painted: hide it from members, or choose again with `/setup`.
check-commands-narrowed = **`/stylize` is not for everybody here, but taps, menus and mentions are.** Discord’s Server Settings → Integrations hold for commands only: choose the roles that may have pictures painted with `/setup`, which holds for all of them.
check-commands = { $commands } for “{ $permission }”
check-who-may = Unless Server Settings → Integrations say otherwise: { $commands }; the other commands for everybody.
check-roles-gone =
    { $where ->
        [server] **Some of the roles that may have pictures painted are gone ({ $count }).** The others still may: choose again with `/setup`.
       *[channel] **Some of the roles that may have pictures painted in { $channel } are gone ({ $count }).** The others still may: choose again with `/setup`.
    }
check-nobody-left =
    { $where ->
        [server] **All of the roles that may have pictures painted are gone.** Only those who manage the server still may: choose again with `/setup`.
       *[channel] **All of the roles that may have pictures painted in { $channel } are gone.** Only those who manage the server still may: choose again with `/setup`.
    }
check-styles-gone = **The palette of { $channel } has paintings that I no longer have** ({ $names }). They are left out: choose again with `/setup`.
check-content-unseen = **I run without the Message Content intent.** Commands, menus, mentions and reactions to my own posts work. I do not see what members post, so their pictures get no palette and reactions to them do nothing. My owner can switch the intent on in Discord’s developer portal, and then `message_content` in the configuration.
check-content-seen = I have the Message Content intent: it lets me see the pictures that members post in art channels, put the palette under them and paint what is tapped. I keep none of their words.
