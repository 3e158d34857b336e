"""What `/check` says: what is amiss, why it matters, and how to mend it.

Rule: one sentence on each of these for every finding, and a reason for every permission; tests enumerate them.
"""

from collections.abc import Mapping, Sequence

from bot.findings import Finding, Found
from bot.words.errors import PERMISSIONS
from bot.words.post import MESSAGE_LIMIT
from bot.words.setup import MAY_PAINT

CHECK = "See whether everything works in this server, and what to do if not."
ALL_WELL = "✅ All is well here: the painting engine answers, I have the permissions I need, and all that is set up exists."
_HEAD = "⚠️ Not all is well here. What is wrong, why it matters, and how to fix it:"
_MORE_LIMIT = 40  # characters for how many more there are

WHY_PERMISSION = {
    "view_channel": "to see the channel",
    "send_messages": "to post at all",
    "send_messages_in_threads": "to post in its threads",
    "create_public_threads": "to open a thread for the results of a picture",
    "attach_files": "to post pictures",
    "read_message_history": "to find the picture to paint, and to reply to it",
    "add_reactions": "to put the palette under pictures",
}
_MEND_PERMISSION = "a moderator can allow it in the channel's settings"
_OWNER = "my owner can fix that, and my log says more"
_SETUP = "choose again with `/setup`"
SENTENCES: dict[Finding, str] = {
    Finding.DATABASE_DAMAGED: f"**My memory is damaged.** I take no new pictures for now: {_OWNER}.",
    Finding.ENGINE_AWAY: (
        "**The painting engine cannot be reached, or is still starting.** Pictures wait until it is back; if that takes long, "
        f"{_OWNER}."
    ),
    Finding.ENGINE_BUSY: "**The painting engine has too much to do.** New pictures wait; this passes by itself.",
    Finding.ENGINE_FULL: f"**The painting engine's disk is full.** New pictures wait: {_OWNER}.",
    Finding.ENGINE_LOCKED: (
        "**The painting engine does not accept my token.** Nothing is painted until my owner gives both "
        "of us the same `ATELIER_ENGINE_TOKEN`."
    ),
    Finding.NO_ART_CHANNEL: (
        "**No channel is set up for art.** Pictures get no palette yet; commands, menus and mentions work. "
        "Choose a channel with `/setup`."
    ),
    Finding.CHANNEL_GONE: "**An art channel is gone** ({channel}). No picture is lost by that: "
    + _SETUP
    + ".",
    Finding.CHANNEL_LACKS: "**In {channel} I need {names}**: " + _MEND_PERMISSION + ".",
    Finding.RESULTS_UNSET: (
        "**Results should go to the results channel, but none is chosen.** They stay where they were asked for: "
        "choose one with `/setup`."
    ),
    Finding.RESULTS_GONE: "**The results channel is gone.** Results stay where they were asked for: "
    + _SETUP
    + ".",
    Finding.RESULTS_LACKS: "**In the results channel {channel} I need {names}**: " + _MEND_PERMISSION + ".",
    Finding.GALLERY_GONE: "**The gallery is gone.** Nothing new is shown in one: " + _SETUP + ".",
    Finding.GALLERY_LACKS: "**In the gallery {channel} I need {names}**: " + _MEND_PERMISSION + ".",
    Finding.GALLERY_RESTRICTED: (
        "**Pictures from {channel} never come into the gallery**, because {channel} is age-restricted. Nothing to fix, if that is what you want."
    ),
    Finding.GALLERY_WIDER: (
        "**Pictures from {channel} do not come into the gallery**, because some members who see the gallery do not see {channel}. "
        "If they may, let them see it; or choose another gallery with `/setup`."
    ),
    Finding.WEEK_GONE: "**The channel for the style of the week is gone.** There is none until you "
    + _SETUP
    + ".",
    Finding.WEEK_LACKS: "**For the style of the week I need {names} in {channel}**: "
    + _MEND_PERMISSION
    + ".",
    Finding.SWITCHED_OFF: "**I am switched off in this server.** I take nothing new: `/on` switches me on again.",
    Finding.PAUSED: "**My owner has paused me.** I take nothing new in any server until they let me go on.",
    Finding.AUDIT_GONE: "**The audit channel is gone.** Nobody reads what is done here: " + _SETUP + ".",
    Finding.AUDIT_LACKS: (
        "**In the audit channel {channel} I need {names}**: "
        + _MEND_PERMISSION
        + ". What there is to tell waits for a day."
    ),
    Finding.AUDIT_PUBLIC: (
        "**Everybody can read the audit channel {channel}.** It names who had whose picture painted: hide it from members, "
        "or " + _SETUP + "."
    ),
    Finding.COMMANDS_NARROWED: (
        "**`/stylize` is not for everybody here, but taps, menus and mentions are.** Discord's Server Settings → Integrations "
        "hold for commands only: choose the roles that "
        + MAY_PAINT
        + " with `/setup`, which holds for all of them."
    ),
    Finding.ROLES_GONE: (
        f"**Some of the roles that {MAY_PAINT}{{where}} are gone ({{count}}).** The others still may: "
        + _SETUP
        + "."
    ),
    Finding.NOBODY_LEFT: (
        f"**All of the roles that {MAY_PAINT}{{where}} are gone.** Only those who manage the server "
        "still may: " + _SETUP + "."
    ),
    Finding.STYLES_GONE: (
        "**The palette of {channel} has paintings that I no longer have** ({names}). They are left out: "
        + _SETUP
        + "."
    ),
    Finding.CONTENT_UNSEEN: (
        "**I run without the Message Content intent.** Commands, menus, mentions and reactions to my own posts work. I do "
        "not see what members post, so their pictures get no palette and reactions to them do nothing. My owner can "
        "switch the intent on in Discord's developer portal, and then `message_content` in the configuration."
    ),
}
INTENT_GRANTED = (
    "-# I have the Message Content intent: it lets me see the pictures that members post in art channels, "
    "put the palette under them and paint what is tapped. I keep none of their words."
)


def who_may(commands: Mapping[str | None, Sequence[str]]) -> str:
    """Who may use which commands, by the flag of the permission that it takes; None: everybody may."""
    parts = [
        f"{', '.join(f'`/{name}`' for name in names)} for “{PERMISSIONS[flag]}”"
        for flag, names in commands.items()
        if flag is not None
    ]
    return f"-# Unless Server Settings → Integrations say otherwise: {'; '.join(parts)}; the other commands for everybody."


def report(found: Sequence[Found], sees_content: bool, who: str = "") -> str:
    """All that was found, as much as fits into a message; `who` may use what."""
    tail = "\n".join(part for part in (INTENT_GRANTED if sees_content else "", who) if part)
    if not found:
        return f"{ALL_WELL}\n{tail}".strip()
    text, room = _HEAD, MESSAGE_LIMIT - len(tail) - _MORE_LIMIT
    for n, each in enumerate(found):
        line = f"- {line_of(each)}"
        if len(text) + len(line) >= room:
            text = f"{text}\n- … and {len(found) - n} more."
            break
        text = f"{text}\n{line}"
    return f"{text}\n{tail}".strip()


def line_of(found: Found) -> str:
    """One finding."""
    channel = f"<#{found.channel_id}>" if found.channel_id is not None else ""
    return SENTENCES[found.finding].format(
        channel=channel,
        names=_names(found),
        where=f" in {channel}" if channel else "",
        count=len(found.names),
    )


def _names(found: Found) -> str:
    if found.finding is Finding.STYLES_GONE:
        return ", ".join(f"`{name}`" for name in found.names)
    named = [f"“{PERMISSIONS[flag]}” ({WHY_PERMISSION[flag]})" for flag in found.names if flag in PERMISSIONS]
    return ", ".join(named)
