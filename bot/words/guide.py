"""The guide that `/help` shows: every way to a picture, and what can be done with it, in one message.

Rule: it fits into a message of Discord with all its parts, and calls each button and menu by its own words.
"""

from bot.words.audition import MENU as AUDITION_MENU
from bot.words.deletion import DELETE_MENU
from bot.words.help import AVATAR_MENU, PROVENANCE_MENU, STYLIZE_MENU
from bot.words.museum import MENU as MUSEUM_MENU
from bot.words.palette import MORE as ALL_PAINTINGS
from bot.words.result import AGAIN, LESS_STYLE, MORE, MORE_STYLE, OTHER_STYLE
from engine.protocol import IMAGE_FORMATS, MAX_IMAGE_BYTES

_UNSEEN = "\n-# Discord does not show me what others post here, so pictures get no emoji to tap; everything else works."
_DIRECT = "\n-# I paint in servers. Here you can see your pictures and your data."


def guide(sees_pictures: bool, in_server: bool = True) -> str:
    """How to use the bot; `sees_pictures`: whether Discord shows it what others post."""
    return (
        "I paint your pictures in the style of famous paintings, or of any other picture.\n"
        "**Start a picture**\n"
        "- `/paint` opens a form; `/stylize` has every setting, each explained as you type. `/styles` shows the paintings.\n"
        f"- Message menu: Apps, *{STYLIZE_MENU}*. Member menu: Apps, *{AVATAR_MENU}*.\n"
        "- Mention me with a picture, or in reply to one, and name a painting.\n"
        f"- `/audition`, *{AUDITION_MENU}*, {ALL_PAINTINGS}, or the name *all*: one sheet of all, to choose from.\n"
        f"- In an art channel, tap an emoji of the palette under a picture.\n"
        f"A picture may be a {IMAGE_FORMATS} of up to {MAX_IMAGE_BYTES // 2**20} MB; animations stay animated. "
        "Stop it whenever you like.\n"
        "**Under a result**\n"
        f"- *{MORE_STYLE}*, *{LESS_STYLE}*, *{AGAIN}*, *{OTHER_STYLE}* paint a new one for you. *{MORE}* has the rest: larger, "
        "time-lapse, moments, emoji, sticker.\n"
        f"- Message menu: Apps, *{PROVENANCE_MENU}* or *{DELETE_MENU()}*.\n"
        "**Your pictures**\n"
        "- `/history` lists them, `/show` brings one back, `/queue` tells how long it takes. `/top`: what has most stars.\n"
        "- `/history` lists them, `/show` brings one back, `/queue` tells how long it takes.\n"
        "- `/week`: the style of the week, and your picture on its collage. `/duel`: yours against somebody else’s.\n"
        "- `/consent`: may others have your pictures painted? `/privacy`: see or delete what I keep about you.\n"
        "- `/museum`: the styles that this server has of its own. Message menu: Apps, *"
        f"{MUSEUM_MENU()}*.\n"
        "**For those who run this server**\n"
        "- `/setup` chooses channels, palette and rules, `/check` tells what is wrong, `/off` and `/on` stop and start me here.\n"
        "- `/block`, `/unblock` and `/blocked` keep members out, `/purge` sweeps away what one had painted."
        f"{'' if sees_pictures else _UNSEEN}{'' if in_server else _DIRECT}"
    )
