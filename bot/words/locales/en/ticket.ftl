ticket-cancel = Cancel
ticket-finish = Stop, keep this
ticket-cancelled = Stopped: nothing was kept.
ticket-withdrawn = The picture that this was made from is gone, so I stopped: nothing was kept.
ticket-switched-off = I was switched off in this server, so I stopped: nothing was kept.
ticket-one-style-gone = One of its styles is no longer in this server’s museum, so I stopped: nothing was kept. Please try again without it.
ticket-style-gone = Its style is no longer in this server’s museum, so I stopped: nothing was kept. Please choose another one.
ticket-deleted = This picture was deleted.
ticket-waiting-engine-unreachable = The painting engine cannot be reached at the moment: your picture waits here until it is back.
ticket-waiting-engine-busy = The painting engine has a lot to do: your picture waits here, and I keep asking.
ticket-waiting-engine-full = The disk of the painting engine is full at the moment: your picture waits here until there is room.
ticket-waiting-engine-locked = The painting engine is not available at the moment: your picture waits here until it is.
ticket-waiting-discord-away = Discord does not give me your picture at the moment: I keep asking for it.
ticket-waiting-disk-full = My disk is full at the moment: your picture waits here until there is room.
ticket-waiting-images-away = I cannot get at my store of pictures at the moment: your picture waits here until I can.

# $how: "in the style of …", for those who cannot see it; $percent is done
ticket-preview = { $subject }, being painted { $how }: { $percent }% done
ticket-developing = On its way: watch it develop here: { $url }
ticket-finished = Finished: { $url }
ticket-heading = **{ $how }**, for { $member }

# $before: pictures before it
ticket-queued =
    { $before ->
        [0] Next in the queue, ready { $when }.
        [one] In the queue, with { $before } picture before it, ready { $when }.
       *[other] In the queue, with { $before } pictures before it, ready { $when }.
    }
# The engine's operator lets no painting begin.
ticket-paused =
    { $before ->
        [0] Painting is paused for now: this is next in the queue, once it goes on.
        [one] Painting is paused for now: this waits in the queue, with { $before } picture before it, until it goes on.
       *[other] Painting is paused for now: this waits in the queue, with { $before } pictures before it, until it goes on.
    }
ticket-started = Painting has begun, ready { $when }.
ticket-percent = { $bar } { $percent }%, ready { $when }.
ticket-tiles = { $bar } { $done } of { $styles }, ready { $when }.
ticket-late = This takes longer than I thought: ready { $when }.
ticket-late-still = This takes longer than I thought: I am still at it.
ticket-stopping = I stop this as soon as the painting engine can be reached.
ticket-on-its-way = Your picture is on its way to the painting engine.
ticket-at = at about { $time }
ticket-late-closed = This takes longer than the 15 minutes that Discord gives me here, and your direct messages are closed to me. I paint it all the same: once it is finished, `/show picture:{ $ticket }` brings it to you.
ticket-late-restricted = This takes longer than the 15 minutes that Discord gives me here, and what is age-restricted I send nowhere else. I paint it all the same: once it is finished, `/show picture:{ $ticket }` brings it to you in any age-restricted channel.
ticket-moved = This takes longer than the 15 minutes that Discord gives me here, so I go on in our direct messages: { $url }
