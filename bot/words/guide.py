"""The guide that `/help` shows: every way to a picture, and what can be done with it, in one message.

Rule: it fits into a message of Discord with all its parts, and calls each button and menu by its own words.
"""

from collections.abc import Iterator

from bot.words.catalogue import or_list, say
from bot.words.palette import MORE
from engine.protocol import FORMAT_NAMES, MAX_IMAGE_BYTES

_SECTIONS = {
    "start": ("form", "menus", "mention", "sent", "audition", "palette"),
    "result": ("buttons", "buttons-yours", "result-menu"),
    "yours": ("list", "top", "week", "data", "museum"),
    "server": ("setup", "block"),
}
_OF_SERVERS = {"mention", "palette", "buttons", "top", "week", "museum", "server"}
_OUTSIDE = {"buttons-yours"}
_IN_DIRECT_MESSAGES = {"sent"}


def guide(sees_pictures: bool, in_server: bool = True, by_token: bool = False) -> str:
    """How to use the bot here.

    sees_pictures: whether Discord shows it what others post. in_server: in one that it is in. by_token: only commands reach it.
    """
    return "\n".join(_lines(sees_pictures, in_server, by_token))


def _lines(sees_pictures: bool, in_server: bool, by_token: bool) -> Iterator[str]:
    yield say("guide-intro")
    hidden = _OUTSIDE | _IN_DIRECT_MESSAGES if in_server else _OF_SERVERS
    hidden = hidden | _IN_DIRECT_MESSAGES if by_token else hidden
    for title, lines in _SECTIONS.items():
        if title in hidden:
            continue
        yield f"**{say(f'guide-{title}')}**"
        yield from (f"- {say(f'guide-{line}', more=MORE)}" for line in lines if line not in hidden)
        if title == "start":
            yield say("guide-picture", formats=or_list(FORMAT_NAMES), megabytes=MAX_IMAGE_BYTES // 2**20)
    if in_server and not sees_pictures:
        yield f"-# {say('guide-unseen')}"
    if by_token:
        yield f"-# {say('guide-foreign')}"
