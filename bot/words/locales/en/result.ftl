result-more-style = More style
result-less-style = Less style
result-again = Again
result-other-style = Other style
result-more = More…
result-larger = Larger
result-keep-colours = Keep my colours
result-timelapse = Time-lapse
result-comparison = Before / after
result-moments = Earlier moment
result-how = How was this painted?
result-copy = Send me a copy
result-show-it = Show it
result-interrupted = Your picture is ready, but I was interrupted just as I posted it. If you do not see it here, press the button.
result-post-it = Post it here
result-emoji = As an emoji
result-sticker = As a sticker
result-avatar = As an avatar
result-banner = As a banner
result-set-icon = Make it this server’s icon
result-set-banner = Make it this server’s banner
result-style-menu = Another style
result-panel = What else I can do with this picture; only you see this.
result-pick-style = Which painting shall it look like instead?
result-pick-from-sheet = These are earlier moments of this picture. Pick one that you like better, and I post it here:
result-no-other-style = I do not have the list of other paintings yet: please try again in a minute.
result-copy-sent = I have sent you a copy in a direct message.
result-pick-moment = A moment that you like better

result-locked = The thread is locked, so I could not post your picture there.
result-too-large = Discord says that your picture is too large for that channel.
result-explicit = Discord’s filter for explicit content did not let me post your picture there.
result-blocked-words = This server’s AutoMod did not let me post your picture there.
result-not-allowed = I may no longer post pictures where you asked for this one.
result-gone = The channel where you asked for this picture is gone.
result-closed = Your direct messages are closed to me.
result-too-late = This took longer than the 15 minutes that Discord gives me where you asked for it.
result-age-restricted = Your picture is age-restricted, and the channel where you asked for it is not any more, so I do not post it there.
result-refused = Discord did not take your picture where you asked for it.

# $how: "in the style of …"; $early: "stopped" or "no"; $whose: "theirs" or "another", which is $author then
result-here =
    { $whose ->
        [another]
            { $early ->
                [stopped] { $member }, here it is: { $author }’s picture, stopped early, { $how }.
               *[no] { $member }, here it is: { $author }’s picture { $how }.
            }
       *[theirs]
            { $early ->
                [stopped] { $member }, here it is, stopped early, { $how }.
               *[no] { $member }, here it is { $how }.
            }
    }
result-once-more = { $member }’s picture { $how }.
# For those who cannot see it
result-alt = { $subject }, painted { $how }
result-alt-sheet = { $subject }, painted { $how }. { $numbered }
result-smaller = It was painted at { $width } × { $height } pixels, which is too large for Discord here, so this one is smaller ({ $shown_width } × { $shown_height }).
result-kept = Your picture is kept: `/show picture:{ $ticket }` brings it to you, wherever you ask me.
result-kept-restricted = Your picture is kept: `/show picture:{ $ticket }` brings it to you, in any age-restricted channel.
result-in-results = { $member }, your picture { $how } is here: { $url }
result-post-title = { $subject }, { $how }
result-thread = { $author }’s picture
result-thread-described = { $description }, by { $author }
result-timelapse-alt = { $subject }, while it is painted { $how }
result-timelapse-text = How { $member }’s picture { $how } was painted.
result-comparison-alt = { $subject }, as it was, and painted { $how }
result-comparison-text = { $member }’s picture before and after, { $how }.
result-moments-alt = { $subject }, at several moments of its painting, numbered
result-moment = { $member }, this is an earlier moment of your picture { $how }.
result-moment-alt = { $subject }, at an earlier moment of its painting { $how }
result-moment-picked = -# picked by { $picker }
result-copy-text = Here is your copy, { $how }.
result-copy-here = Your direct messages are closed to me, so here it is.
result-posted = Posted: { $url }
result-moment-there = That moment is here: { $url }
result-number = Number { $number }
