"""The whole file of a picture by a private link: what is said in Discord, and what a browser shows where there is none."""

from engine.protocol import Rendition

FULL_SIZE = "Full size"
OPEN = "Fetch the full size"
NO_LINKS = "I do not give out links any more: “Send me a copy” behind “More…” sends you the picture."
NOTHING_HERE = (
    "There is nothing here, or not any more. A private link ends after a while, and with its picture: "
    "press “Full size” below the picture in Discord for a new one."
)
BUSY = "Many pictures are being fetched just now: please try again in a minute."
AWAY = "The picture cannot be fetched at the moment: please try again in a minute."

_MEGABYTE = 10**6


def full_size(about: Rendition, size: int, until: int) -> str:
    """What the link below leads to, for whoever gets it alone."""
    megabytes = f"{size / _MEGABYTE:.1f}" if size < 10 * _MEGABYTE else f"{size / _MEGABYTE:.0f}"
    return (
        f"Full size: {about.width} × {about.height} pixels, {about.format}, {megabytes} MB. "
        f"The link is private: whoever has it can fetch the picture until <t:{until}:f>."
    )
