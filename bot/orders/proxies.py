"""Who is behind a proxy: bots such as PluralKit and Tupperbox post a member's message anew, by a webhook, and delete it.

Rule: it is known only if the bot has seen both: the same file, by name and size, in the same channel within
SECONDS. Nobody else is asked, so after a restart whose an older one is, is unknown. Only ids are kept, in memory, and
only so many.
"""

import asyncio
from collections import OrderedDict

import discord

SECONDS = 60.0  # between a member's message and that of the proxy
MOST_SEEN, MOST_KNOWN = 1000, 10_000  # files of members, and messages of proxies, that are remembered

_File = tuple[int, str, int]  # channel, name, bytes


class Proxies:
    """The members behind the proxies' messages, as far as they are known."""

    def __init__(self) -> None:
        self._seen: OrderedDict[_File, tuple[int, float]] = OrderedDict()  # member, and when
        self._members: OrderedDict[int, int] = OrderedDict()  # by the proxy's message

    def note(self, message: discord.Message) -> None:
        """Remember a message that has just come."""
        now = asyncio.get_running_loop().time()
        for attachment in message.attachments:
            file = (message.channel.id, attachment.filename, attachment.size)
            if message.webhook_id is None:
                if not message.author.bot:
                    self._seen[file] = (message.author.id, now)
            elif (seen := self._seen.pop(file, None)) is not None and now <= seen[1] + SECONDS:
                self._members[message.id] = seen[0]
        _trim(self._seen, MOST_SEEN)
        _trim(self._members, MOST_KNOWN)

    def member_behind(self, message: discord.Message) -> int | None:
        """The member whose message a proxy has posted anew, if it was seen."""
        return self._members.get(message.id)


def _trim(known: OrderedDict[_File, tuple[int, float]] | OrderedDict[int, int], most: int) -> None:
    while len(known) > most:
        known.popitem(last=False)
