# What an operator reads at the command line
help-program = The Discord bot of Atelier.
help-config = a TOML file with a [bot] table; left out, the defaults
help-backup = copy all data into a new folder, from which a bot can be started; the bot may be running
help-exit-codes = exit codes: 0 after it was told to stop, 2 after a mistake that only the owner can mend (a token, an intent, the configuration), 75 after what starting it again later may mend
help-healthcheck = exit code 0 if a bot on these data has its line to Discord open, else 1
help-engine-url = where the engine listens, instead of engine_url in the TOML file
help-docker = exit codes for Docker's restart policy on-failure: 0 after a mistake that only the owner can mend, and another one after anything else
help-destination = the folder to make

help-activity = /stylize paints your picture
help-stylize = Paint a picture in the style of a painting or of another picture.
help-option-content = The picture to paint; without one, I take the newest in this channel.
help-option-style-image = An image of your own to take the style from.
help-option-style = One of the paintings; with a style image too, both are mixed.
help-option-picture = A picture that is here already: a link to its message, its id, or a custom emoji.
help-option-member = A member whose avatar I paint.
help-option-second-image = Another style image, to mix in.
help-option-mask = A black and white image: the first style goes on the white, any others on the black.
# The next ones stand in engine/protocol/settings.py too
help-option-strength = How much style: 0 is the picture itself, 100 is all style.
help-option-recipe = draft: a quick look; standard: the usual; fine: slow, but the best; tutorial: the 2018 classic.
help-option-size = Longer side of the result in pixels; without it, as large as the recipe has time for.
help-option-colours = painted: the style's; kept: the picture's own; matched: the style's, made to suit the picture.
help-option-style-scale = Size of the brush strokes: 0.5 for finer ones, 2 for larger ones.
help-option-preset = Make it the right size for an emoji, a sticker, an avatar or a banner.
help-option-seed = Another number paints another version; the same number paints the same one again.
help-stylize-menu = Stylize this image
help-avatar-menu = Stylize this avatar
help-paint = Paint a picture with a form: choose the picture, the style and how much of it.
help-provenance-menu = How was this painted?
help-styles = See the paintings that you can choose a style from.
help-help = How to get a picture painted.
help-picker = Choose a painting
help-pick-style = Which painting shall it look like?
help-pick-picture = Shall I paint this one?
help-no-styles = I do not have the list of paintings yet: please try again in a minute.
help-accepted = On its way: watch it develop here, or in the thread under the picture.
