"""The guide that `/help` shows: every way to a picture, and what can be done with it, in one message.

Rule: it fits into a message of Discord with all its parts, and calls each button and menu by its own words.
"""

from collections.abc import Iterator

from bot.words.catalogue import or_list, say
from bot.words.palette import MORE
from engine.protocol import FORMAT_NAMES, MAX_IMAGE_BYTES

_SECTIONS = {
    "start": ("form", "menus", "mention", "audition", "palette"),
    "result": ("buttons", "result-menu"),
    "yours": ("list", "week", "data", "museum"),
    "server": ("setup", "block"),
}


def guide(sees_pictures: bool, in_server: bool = True) -> str:
    """How to use the bot; `sees_pictures`: whether Discord shows it what others post."""
    return "\n".join(_lines(sees_pictures, in_server))


def _lines(sees_pictures: bool, in_server: bool) -> Iterator[str]:
    yield say("guide-intro")
    for title, lines in _SECTIONS.items():
        yield f"**{say(f'guide-{title}')}**"
        yield from (f"- {say(f'guide-{line}', more=MORE)}" for line in lines)
        if title == "start":
            yield say("guide-picture", formats=or_list(FORMAT_NAMES), megabytes=MAX_IMAGE_BYTES // 2**20)
    if not sees_pictures:
        yield f"-# {say('guide-unseen')}"
    if not in_server:
        yield f"-# {say('guide-direct')}"
