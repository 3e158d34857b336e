album-newer = Newer
album-older = Older
album-bring-back = Bring one back
album-show = Bring back a picture that was painted here.
album-show-picture = A link to my message with it, or its code from `/history`.
album-show-post = Post it here for all to see; otherwise only you see it.
album-history = Your pictures, newest first; only you see the list.
album-queue = Which pictures are waiting here, and when yours are ready; only you see it.
album-no-history = You have no pictures here yet: `/stylize` in a server paints your first one.
album-no-more-history = You have no older pictures here.
album-nobody-waits = Nobody is waiting for a picture here: yours would be next.

album-pictures = Your pictures here:
album-see = see it
album-sheet = Your pictures, numbered. { $named }
album-number = Number { $number }

album-yours = Yours
album-others = Others’ in this channel
album-elsewhere = And { $count } more in other channels of this server.
album-turns = Servers take turns, and so do the members of a server.
