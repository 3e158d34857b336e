"""What explains the bot: the names and descriptions of commands, menus and options."""

from engine.protocol import KNOBS, StyleCard

_CHOICE_LIMIT = 100

PROGRAM = "The Discord bot of Atelier."
CONFIG = "a TOML file with a [bot] table; left out, the defaults"
BACKUP = "copy all data into a new folder, from which a bot can be started; the bot may be running"
EXIT_CODES = (
    "exit codes: 0 after it was told to stop, 2 after a mistake that only the owner can mend (a token, an intent, the "
    "configuration), 75 after what starting it again later may mend"
)
HEALTHCHECK = "exit code 0 if a bot on these data has its line to Discord open, else 1"
ENGINE_URL = "where the engine listens, instead of engine_url in the TOML file"
DOCKER = (
    "exit codes for Docker's restart policy on-failure: 0 after a mistake that only the owner can mend, "
    "and another one after anything else"
)
DESTINATION = "the folder to make"
ACTIVITY = "/stylize paints your picture"
STYLIZE = "Paint a picture in the style of a painting or of another picture."
STYLIZE_OPTIONS = {
    "content": "The picture to paint; without one, I take the newest in this channel.",
    "style_image": "An image of your own to take the style from.",
    "style": "One of the paintings; with a style image too, both are mixed.",
    "picture": "A picture that is here already: a link to its message, its id, or a custom emoji.",
    "member": "A member whose avatar I paint.",
    "second_image": "Another style image, to mix in.",
    "mask": "A black and white image: the first style goes on the white, any others on the black.",
    **{
        name: KNOBS[name].help
        for name in ("strength", "recipe", "size", "colours", "style_scale", "preset", "seed")
    },
}
STYLIZE_MENU = "Stylize this image"
AVATAR_MENU = "Stylize this avatar"
PAINT = "Paint a picture with a form: choose the picture, the style and how much of it."
PROVENANCE_MENU = "How was this painted?"
STYLES = "See the paintings that you can choose a style from."
HELP = "How to get a picture painted."
PICKER = "Choose a painting"
PICK_STYLE = "Which painting shall it look like?"
PICK_PICTURE = "Shall I paint this one?"
NO_STYLES = "I do not have the list of paintings yet: please try again in a minute."
ACCEPTED = "On its way: watch it develop here, or in the thread under the picture."


def style_choice(style: StyleCard) -> str:
    """A style among the choices of an option."""
    return f"{style.title} - {style.artist}"[:_CHOICE_LIMIT]
