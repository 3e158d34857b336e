"""The whole file of a picture by a private link: what is said in Discord, and what a browser shows where there is none."""

from bot.words.catalogue import Phrase, say
from engine.protocol import Rendition

FULL_SIZE = Phrase("links-full-size")
OPEN = Phrase("links-open")
NO_LINKS = Phrase("links-none")
NOTHING_HERE = Phrase("links-nothing-here")
BUSY = Phrase("links-busy")
AWAY = Phrase("links-away")

_MEGABYTE = 10**6


def full_size(about: Rendition, size: int, until: int) -> str:
    """What the link below leads to, for whoever gets it alone."""
    megabytes = size / _MEGABYTE
    return say(
        "links-about",
        width=about.width,
        height=about.height,
        format=about.format,
        megabytes=round(megabytes, 1) if megabytes < 10 else round(megabytes),
        until=f"<t:{until}:f>",
    )
