"""What the bot must be allowed to do in a channel, checked before any work is begun; and what it is invited with.

Rule: one answer names everything that is missing, so that a moderator mends it once. The invitation, its place in the
README, `/setup` and `/check` follow from the tables here.
"""

import discord

from bot.errors import BotError, BotErrorCode
from bot.storage.settings import ChannelSettings, Output

_NEEDED = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "attach_files",
    "read_message_history",
)
_FOR_RESULTS = ("view_channel", "send_messages", "attach_files", "read_message_history")
_IN_FORUM: tuple[str, ...] = (*_FOR_RESULTS, "send_messages_in_threads")
_IN_AUDIT = ("view_channel", "send_messages")
_FOR_WEEK = (*_FOR_RESULTS, "create_public_threads", "send_messages_in_threads")
INVITED = (*_NEEDED, "add_reactions", "create_public_threads")


def invitation() -> discord.Permissions:
    """What the bot asks for when it is invited to a server, and not a permission more."""
    return discord.Permissions(**dict.fromkeys(INVITED, True))


_TO_POST = (
    "send_messages",
    "send_messages_in_threads",
    "attach_files",
)  # what members need for their own pictures


def invitation_link(application_id: int) -> str:
    """The address at which the bot is invited to a server."""
    return discord.utils.oauth_url(
        application_id, permissions=invitation(), scopes=("bot", "applications.commands")
    )


def server_of(interaction: discord.Interaction) -> discord.Guild:
    """The server that somebody wants to set up or look at. Raises BotError NOT_INVITED unless the bot is in it."""
    guild_id = interaction.guild_id
    guild = interaction.client.get_guild(guild_id) if guild_id is not None else None
    if guild is None:
        raise BotError(BotErrorCode.NOT_INVITED, link=invitation_link(interaction.application_id))
    return guild


def missing(permissions: discord.Permissions, thread: bool, locked: bool = False) -> list[str]:
    """The permissions that painting needs and that are not given, as flags of discord.Permissions."""
    return _missing(_NEEDED, permissions, thread, locked)


def lacking(channel: discord.abc.GuildChannel, settings: ChannelSettings) -> list[str]:
    """What is missing in an art channel for what is set there, as flags of discord.Permissions."""
    given, wanted = channel.permissions_for(channel.guild.me), list(_NEEDED)
    if settings.seeds_palette:
        wanted.append("add_reactions")
    if settings.output is Output.THREAD:
        wanted.append("create_public_threads")
    return [flag for flag in wanted if not getattr(given, flag)]


def lacking_for_results(channel: discord.abc.GuildChannel) -> list[str]:
    """What is missing in the results channel, as flags of discord.Permissions."""
    given = channel.permissions_for(channel.guild.me)
    return [flag for flag in _FOR_RESULTS if not getattr(given, flag)]


def lacking_in_gallery(channel: discord.abc.GuildChannel) -> list[str]:
    """What is missing in a gallery, as flags of discord.Permissions."""
    given = channel.permissions_for(channel.guild.me)
    # In a forum a post is a thread, which is opened again to take it down.
    needed = _IN_FORUM if isinstance(channel, discord.ForumChannel) else _FOR_RESULTS
    return [flag for flag in needed if not getattr(given, flag)]


def lacking_in_audit(channel: discord.abc.GuildChannel) -> list[str]:
    """What is missing in the channel in which moderators are told what was done, as flags of discord.Permissions."""
    given = channel.permissions_for(channel.guild.me)
    return [flag for flag in _IN_AUDIT if not getattr(given, flag)]


def is_public(channel: discord.abc.GuildChannel) -> bool:
    """Whether everybody in the server can read a channel."""
    return channel.permissions_for(channel.guild.default_role).view_channel


def lacking_for_week(channel: discord.abc.GuildChannel) -> list[str]:
    """What is missing where there is a style of the week, as flags of discord.Permissions."""
    given = channel.permissions_for(channel.guild.me)
    return [flag for flag in _FOR_WEEK if not getattr(given, flag)]


def lacking_to_post(permissions: discord.Permissions, thread: bool, locked: bool = False) -> list[str]:
    """The permissions that a member lacks to post a picture by themselves, as flags of discord.Permissions."""
    return _missing(_TO_POST, permissions, thread, locked)


def require(permissions: discord.Permissions, thread: bool, locked: bool = False) -> None:
    """Raises BotError MISSING_PERMISSIONS unless everything that painting needs is given."""
    if lacking := missing(permissions, thread, locked):
        raise BotError(BotErrorCode.MISSING_PERMISSIONS, permissions=lacking)


def _missing(
    needed: tuple[str, ...], permissions: discord.Permissions, thread: bool, locked: bool
) -> list[str]:
    skipped = "send_messages" if thread else "send_messages_in_threads"
    flags = (
        (*needed, "manage_threads") if locked else needed
    )  # a locked thread is open to those who manage it
    return [flag for flag in flags if flag != skipped and not getattr(permissions, flag)]
