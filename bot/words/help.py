"""What explains the bot: the names and descriptions of commands, menus and options."""

from bot.words.catalogue import Phrase
from bot.words.paintings import artist_of, title_of
from engine.protocol import StyleCard

_CHOICE_LIMIT = 100

PROGRAM = Phrase("help-program")
CONFIG = Phrase("help-config")
BACKUP = Phrase("help-backup")
EXIT_CODES = Phrase("help-exit-codes")
HEALTHCHECK = Phrase("help-healthcheck")
DOCTOR = Phrase("help-doctor")
ENGINE_URL = Phrase("help-engine-url")
SHARD_IDS = Phrase("help-shard-ids")
DOCKER = Phrase("help-docker")
DESTINATION = Phrase("help-destination")
ACTIVITY = Phrase("help-activity")
STYLIZE = Phrase("help-stylize")
STYLIZE_OPTIONS = {
    "content": Phrase("help-option-content"),
    "style_image": Phrase("help-option-style-image"),
    "style": Phrase("help-option-style"),
    "picture": Phrase("help-option-picture"),
    "member": Phrase("help-option-member"),
    "second_image": Phrase("help-option-second-image"),
    "mask": Phrase("help-option-mask"),
    "strength": Phrase("help-option-strength"),
    "recipe": Phrase("help-option-recipe"),
    "size": Phrase("help-option-size"),
    "colours": Phrase("help-option-colours"),
    "style_scale": Phrase("help-option-style-scale"),
    "preset": Phrase("help-option-preset"),
    "seed": Phrase("help-option-seed"),
}
STYLIZE_MENU = Phrase("help-stylize-menu")
AVATAR_MENU = Phrase("help-avatar-menu")
PAINT = Phrase("help-paint")
PROVENANCE_MENU = Phrase("help-provenance-menu")
STYLES = Phrase("help-styles")
HELP = Phrase("help-help")
PICKER = Phrase("help-picker")
PICK_STYLE = Phrase("help-pick-style")
PICK_PICTURE = Phrase("help-pick-picture")
NO_STYLES = Phrase("help-no-styles")
ACCEPTED = Phrase("help-accepted")


def style_choice(style: StyleCard) -> str:
    """A style among the choices of an option."""
    return f"{title_of(style)} - {artist_of(style)}"[:_CHOICE_LIMIT]
