"""The guide that `/help` shows: every way to a picture, and what can be done with it, in one message.

Rule: it fits into a message of Discord with all its parts, and calls each button and menu by its own words.
"""

from collections.abc import Iterator

from bot.words.catalogue import or_list, say
from bot.words.palette import MORE
from engine.protocol import FORMAT_NAMES, MAX_IMAGE_BYTES

_SECTIONS = {
    "start": ("form", "menus", "mention", "sent", "audition", "audition-sent", "audition-alone", "palette"),
    "result": ("buttons", "buttons-yours", "result-menu", "result-menu-alone"),
    "yours": ("list", "top", "week", "data", "museum", "museum-yours"),
    "server": ("setup", "block"),
}
_OF_SERVERS = {"mention", "audition", "palette", "buttons", "top", "week", "museum", "server"}
_OUTSIDE = {"buttons-yours"}
_IN_DIRECT_MESSAGES = {"sent", "audition-sent"}
_BY_TOKEN = {"audition-alone"}
_INVITED, _NOT_INVITED = {"result-menu", "museum-yours"}, {"result-menu-alone"}


def guide(
    sees_pictures: bool, in_server: bool = True, by_token: bool = False, is_invited: bool = True
) -> str:
    """How to use the bot here, and nothing that cannot be used here.

    sees_pictures: whether Discord shows it what others post. in_server: in one that it is in. by_token: only commands reach it.
    is_invited: whether a server that it is in lends its commands, and not only who has installed it for themselves.
    """
    return "\n".join(_lines(sees_pictures, in_server, by_token, is_invited))


def _hidden(in_server: bool, by_token: bool, is_invited: bool) -> set[str]:
    """What cannot be used here."""
    if in_server:
        return _OUTSIDE | _IN_DIRECT_MESSAGES | _BY_TOKEN | _NOT_INVITED | {"museum-yours"}
    if by_token:
        return _OF_SERVERS | _IN_DIRECT_MESSAGES | _INVITED
    return _OF_SERVERS | _BY_TOKEN | (_NOT_INVITED if is_invited else _INVITED)


def _lines(sees_pictures: bool, in_server: bool, by_token: bool, is_invited: bool) -> Iterator[str]:
    yield say("guide-intro")
    hidden = _hidden(in_server, by_token, is_invited)
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
