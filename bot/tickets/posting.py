"""Posting what nobody waits for: once, though the process may be cut off between posting and noting.

Rule: each message has a nonce, which Discord remembers for some minutes; for later, something on it tells what it is.
"""

import asyncio
from collections.abc import Callable

import discord

from bot.tickets.message import SEND_SECONDS, fields
from bot.words.post import Post

NOBODY = discord.AllowedMentions.none()
_HISTORY = 200  # messages that are searched, the newest first: it was posted just before a crash


async def send(
    channel: discord.TextChannel | discord.Thread | discord.PartialMessageable,
    nonce: str,
    post: Post,
    view: discord.ui.View | None = None,
    mentions: discord.AllowedMentions = NOBODY,
    reference: discord.MessageReference = discord.utils.MISSING,
) -> discord.Message:
    """Post something. Raises what Discord does."""
    async with asyncio.timeout(SEND_SECONDS):
        shown = fields(post, view) | {"allowed_mentions": mentions}
        if reference is not discord.utils.MISSING:
            shown |= {"reference": reference, "mention_author": False}
        return await channel.send(nonce=nonce, **shown)


async def find(
    client: discord.Client,
    channel: discord.TextChannel | discord.PartialMessageable,
    is_it: Callable[[discord.Message], bool],
) -> int | None:
    """A message of ours that a former process may have posted. Raises what Discord does."""
    async for message in channel.history(limit=_HISTORY):
        if message.author == client.user and is_it(message):
            return message.id
    return None


def ids_of(message: discord.Message) -> str:
    """The custom ids of the buttons at a message."""
    rows = (row.children for row in message.components if isinstance(row, discord.ActionRow))
    return " ".join(item.custom_id or "" for row in rows for item in row if isinstance(item, discord.Button))


def files_of(message: discord.Message) -> str:
    """The names of the files of a message."""
    return " ".join(attachment.filename for attachment in message.attachments)
