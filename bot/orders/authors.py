"""The names of those who have posted the pictures that were just looked at, which threads under these are called after.

Rule: only a memory of what Discord has told anyway, so that whoever waits for a thread does not wait for the same again.
"""

import discord
from cachetools import TTLCache

_KEPT, _KEPT_SECONDS = 1024, 600.0

_names: TTLCache[int, str] = TTLCache(_KEPT, _KEPT_SECONDS)  # by message


def note_author(message: discord.Message) -> None:
    """Remember who has posted a message."""
    _names[message.id] = message.author.display_name


def author_of(message_id: int) -> str | None:
    """The name of whoever has posted a message that was read a moment ago."""
    return _names.get(message_id)
