"""Looks for what was about to be posted: is it in its channel, was it never, or may somebody have deleted it since?

Rule: a message is known by the ticket's id in the name of its file. A channel tells the newest message that it ever had, also
of one that was deleted; so where nothing has come since, nothing was posted. What cannot be told is not guessed.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import discord
import structlog

from bot.errors import short
from bot.storage.drafts import Draft
from bot.tickets.delivery import Forum
from bot.words.result import snapshot_stem

log = structlog.get_logger(__name__)

_HISTORY = 200  # messages that are looked at, the first that came after what was known
_FORUM_POSTS = 10  # the newest, which have to be looked into one by one


@dataclass(frozen=True)
class Look:
    """What is in the channel of a draft; `is_sure`: if there is nothing, nothing was deleted either."""

    messages: list[discord.Message] = field(default_factory=list)
    is_sure: bool = True


async def look_for(client: discord.Client, draft: Draft) -> Look:
    """The messages of ours that the draft may have become. Raises what a later try may mend."""
    found: list[discord.Message] = []
    newest = 0
    try:
        channel: object = client.get_partial_messageable(draft.channel_id)
        if draft.server_id is not None:  # in direct messages nobody can delete what is ours
            channel = await client.fetch_channel(draft.channel_id)
            newest = getattr(channel, "last_message_id", None) or 0
        found = [
            message async for message in _messages(client, channel, draft.after) if _shows(message, draft)
        ]
    except discord.NotFound:  # whatever was there went with the channel
        return Look([], is_sure=False)
    except discord.Forbidden as error:
        log.warning("channel not searched", ticket=draft.ticket_id, error=short(error))
    return Look(found, is_sure=newest <= draft.after)


async def _messages(client: discord.Client, channel: object, after: int) -> AsyncIterator[discord.Message]:
    if isinstance(channel, Forum):
        active = await channel.guild.active_threads()
        posts = [thread for thread in active if thread.parent_id == channel.id and thread.id > after]
        ours = [thread for thread in posts if client.user is not None and thread.owner_id == client.user.id]
        for thread in sorted(ours, key=lambda each: each.id, reverse=True)[:_FORUM_POSTS]:
            async for message in thread.history(limit=1, oldest_first=True):
                yield message
    elif isinstance(channel, discord.abc.Messageable):
        since = discord.Object(after)
        async for message in channel.history(limit=_HISTORY, after=since, oldest_first=True):
            if message.author == client.user:
                yield message


def _shows(message: discord.Message, draft: Draft) -> bool:
    n = draft.snapshot
    stem = draft.ticket_id if n is None else snapshot_stem(draft.ticket_id, n)
    return any(stem in each.filename for each in message.attachments)
