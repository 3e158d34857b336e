"""Pictures to choose from: what each is called, and what is asked of whoever chooses."""

import discord

from bot.words.post import shortened

_NAME = 40  # characters of a name that somebody has chosen
_LABEL = 100  # that Discord allows in a menu

# By what a picture is where it was found.
_CALLED = {
    "file": "{name}",
    "preview": "the preview of a link: {name}",
    "sticker": "the sticker {name}",
    "emoji": ":{name}:",
    "avatar": "the avatar of {name}",
    "result": "painted here: {name}",
}

NEWEST = "the newest picture in this channel"
PICK_PICTURE = "Another picture"
PAINT_THIS = "Paint this"
OVER = "That took a while, so I put this away: ask again whenever you like."
ONLY_THE_ASKER = "Only whoever asked for this can choose here: mention me with a picture of your own."
NOTHING_TO_PAINT = "Please mention me with a picture, or in reply to one, and name a painting."


def shown(name: str) -> str:
    """A name that somebody has chosen, short, and as they wrote it."""
    return discord.utils.escape_mentions(discord.utils.escape_markdown(shortened(name, _NAME)))


def label(kind: str, name: str, n: int) -> str:
    """The `n`th of several pictures in a menu, where nothing is formatted."""
    called = _CALLED[kind].format(name=shortened(name, _NAME)) if name else _CALLED[kind].partition(":")[0]
    return f"{n}. {called}"[:_LABEL]


def no_style_meant(name: str) -> str:
    """What was asked for is no style; a picker follows."""
    return f"I do not know a style called “{shown(name)}”. Which of these shall it be?"


def chosen(author_id: int | None, jump_url: str | None, posted_at: str | None) -> str:
    """The picture that is about to be painted: whose, from when, and where it is."""
    what = f"[This picture]({jump_url})" if jump_url else "This picture"
    whose = f" of <@{author_id}>'s" if author_id else ""
    return f"{what}{whose}{f', {posted_at}' if posted_at else ''}:"
