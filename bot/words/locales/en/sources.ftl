# A picture in a menu, by what it is where it was found; some have no name
sources-file = { $name }
sources-preview = the preview of a link: { $name }
sources-preview-unnamed = the preview of a link
sources-sticker = the sticker { $name }
sources-emoji = :{ $name }:
sources-avatar = the avatar of { $name }
sources-result = painted here: { $name }
sources-result-unnamed = painted here

sources-newest = the newest picture in this channel
sources-pick-picture = Another picture
sources-paint-this = Paint this
sources-over = That took a while, so I put this away: ask again whenever you like.
sources-only-the-asker = Only whoever asked for this can choose here: mention me with a picture of your own.
sources-nothing-to-paint = Please mention me with a picture, or in reply to one, and name a painting.
sources-no-style = I do not know a style called “{ $name }”. Which of these shall it be?
# The picture that is about to be painted: whose and from when, as far as that is known
sources-picture = This picture
sources-picture-at = [This picture]({ $url })
sources-chosen = { $picture }:
sources-chosen-when = { $picture }, { $when }:
sources-chosen-whose = { $picture } of { $author }’s:
sources-chosen-whose-when = { $picture } of { $author }’s, { $when }:
sources-spoken-to = Send me a picture, and I paint it: write the name of a painting with it, or choose one then. `/help` tells what else I do.
