"""What the bot must be allowed to do in a channel, checked before any work is begun.

Rule: one answer names everything that is missing, so that a moderator mends it once.
"""

import discord

from bot.errors import BotError, BotErrorCode

_NEEDED = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "attach_files",
    "read_message_history",
)


def missing(permissions: discord.Permissions, thread: bool) -> list[str]:
    """The permissions that painting needs and that are not given, as flags of discord.Permissions."""
    skipped = "send_messages" if thread else "send_messages_in_threads"
    return [flag for flag in _NEEDED if flag != skipped and not getattr(permissions, flag)]


def require(permissions: discord.Permissions, thread: bool) -> None:
    """Raises BotError MISSING_PERMISSIONS unless everything that painting needs is given."""
    if lacking := missing(permissions, thread):
        raise BotError(BotErrorCode.MISSING_PERMISSIONS, permissions=lacking)
