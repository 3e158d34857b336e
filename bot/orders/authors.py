"""The names of those who have posted the pictures that were just looked at, which threads under these are called after.

Rule: only a memory of what Discord has told anyway, so that whoever waits for a thread does not wait for the same again.
"""

import discord
from cachetools import TTLCache

_KEPT, _KEPT_SECONDS = 1024, 600.0


class Authors:
    """Who has posted what was read a moment ago."""

    def __init__(self) -> None:
        self._names: TTLCache[int, str] = TTLCache(_KEPT, _KEPT_SECONDS)  # by message

    def note(self, message: discord.Message) -> None:
        """Remember who has posted a message."""
        self._names[message.id] = message.author.display_name

    def name(self, message_id: int, name: str) -> None:
        """Remember whose the pictures of a message of ours are."""
        self._names[message_id] = name

    def of(self, message_id: int) -> str | None:
        """The name of whoever has posted a message, if it was read a moment ago."""
        return self._names.get(message_id)
