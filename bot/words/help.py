"""What explains the bot: its guide, the list of styles, the names and descriptions of commands, menus and options."""

from collections.abc import Sequence

from engine.protocol import IMAGE_FORMATS, KNOBS, MAX_IMAGE_BYTES, StyleCard

_MESSAGE_LIMIT = 2000
_EXPLAINED = ("recipe", "size", "strength", "colours", "style_scale", "preset")
_CHOICE_LIMIT = 100

PROGRAM = "The Discord bot of Atelier."
CONFIG = "a TOML file with a [bot] table; left out, the defaults"
BACKUP = "keep a copy of all data in a new folder that a bot can be started on, while it runs or not"
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
    "content": "The picture to paint; without any, I look for the newest in this channel.",
    "style_image": "An image whose style it shall take.",
    "style": "One of the paintings, instead of or together with an image.",
    "picture": "A picture that is here already: a link to its message, its id, or a custom emoji.",
    "member": "Somebody whose avatar I paint.",
    "second_image": "Another image whose style is mixed in.",
    "mask": "Where this image is white the style goes; of several styles the first, and elsewhere the others.",
    **{
        name: KNOBS[name].help
        for name in ("strength", "recipe", "size", "colours", "style_scale", "preset", "seed")
    },
}
STYLIZE_MENU = "Stylize this image"
AVATAR_MENU = "Stylize this avatar"
PAINT = "Paint a picture: a form for the picture, the style and how much of it."
PROVENANCE_MENU = "How was this painted?"
STYLES = "The paintings whose style a picture can take."
HELP = "How to get a picture painted."
PICKER = "A painting"
PICK_STYLE = "Which painting shall it look like?"
PICK_PICTURE = "Shall I paint this one?"
NO_STYLES = "The painting engine has told me of no styles yet: please try again in a minute."
UNSEEN = (
    "\n-# Discord does not show me what others post here, so pictures get no emoji to tap; all else works."
)
ACCEPTED = "Taken: watch it develop in the channel."


def style_choice(style: StyleCard) -> str:
    """A style among the choices of an option."""
    return f"{style.title} - {style.artist}"[:_CHOICE_LIMIT]


def style_list(styles: Sequence[StyleCard]) -> str:
    """The bundled styles, one a line, as many as fit."""
    if not styles:
        return NO_STYLES
    text = "Pick one in `/stylize`, or react with its emoji to a picture in an art channel:"
    for style in styles:
        line = f"{style.emoji} **{style.title}**, {style.artist}, {style.year}"
        if len(text) + len(line) >= _MESSAGE_LIMIT:
            break
        text = f"{text}\n{line}"
    return text


def guide(sees_pictures: bool) -> str:
    """How to use the bot; `sees_pictures`: whether Discord shows it what others post."""
    settings = "\n".join(f"- `{name}`: {KNOBS[name].help}" for name in _EXPLAINED)
    limit = MAX_IMAGE_BYTES // 2**20
    return (
        "I paint your pictures in the style of other pictures.\n"
        "- `/paint` opens a form. `/stylize` takes a style (one of the paintings, or an image of your own) and a "
        "picture: a file, the link of a message, an emoji, somebody's avatar, or the newest in the channel.\n"
        f"- On a message with pictures: Apps, then *{STYLIZE_MENU}*; on a member: *{AVATAR_MENU}*.\n"
        "- Mention me with a picture, or in reply to one, and name a painting.\n"
        "- In an art channel: react to a picture with the emoji of a painting; `/styles` lists them.\n"
        "- Under a result: *More style*, *Less style*, *Again* and *Other style* paint it anew, for whoever presses them; "
        "*More…* has the rest: larger, before and after, a time-lapse, an earlier moment, as an emoji or a sticker.\n"
        "- `/history` lists your pictures, `/show` brings one back, `/queue` tells who waits for what.\n"
        f"- On a result: Apps, then *{PROVENANCE_MENU}* tells its settings.\n"
        f"A picture may be a {IMAGE_FORMATS} of up to {limit} MB; an animation stays one. You watch it "
        f"develop, can stop it at any time, and are told when it is finished. What you can set:\n{settings}"
        f"{'' if sees_pictures else UNSEEN}"
    )
