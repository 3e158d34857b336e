"""What the bot must be allowed to do in a channel, checked before any work is begun.

Rule: one sentence names everything that is missing, so that a moderator mends it once.
"""

import discord

from bot.errors import MissingPermissions

_NAMES = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}


def missing(permissions: discord.Permissions, thread: bool) -> list[str]:
    """Discord's names of the permissions that painting needs and that are not given."""
    skipped = "send_messages" if thread else "send_messages_in_threads"
    return [name for flag, name in _NAMES.items() if flag != skipped and not getattr(permissions, flag)]


def require(permissions: discord.Permissions, thread: bool) -> None:
    """Raises MissingPermissions unless everything that painting needs is given."""
    if lacking := missing(permissions, thread):
        raise MissingPermissions(lacking)


def require_here(interaction: discord.Interaction) -> None:
    """The same for the channel that an interaction comes from. Raises MissingPermissions.

    In a direct message there are none to give: the bot may answer there.
    """
    if interaction.guild_id is None:
        return
    require(interaction.app_permissions, isinstance(interaction.channel, discord.Thread))
