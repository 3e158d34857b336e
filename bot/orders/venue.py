"""A place as it is at this moment: who is there with which permissions, and what may be shown there.

Rule: made of what Discord has sent along or of its cache, without a request, so that asking the policy costs nothing.
"""

from dataclasses import dataclass

import discord

from bot.place import Place
from bot.storage.tickets import Ticket

Channel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread

_IN_TIMEOUT = discord.Permissions(view_channel=True, read_message_history=True)


@dataclass(frozen=True)
class Actor:
    """Who wants something, and what they may do where they want it.

    `of_server` is what they may do in the whole server, if that is known: there may be channels in which it is more.
    `joined_at`: since when they are a member, in seconds since 1970, if that is known.
    """

    id: int
    permissions: discord.Permissions
    roles: frozenset[int] = frozenset()
    of_server: discord.Permissions | None = None
    joined_at: float | None = None


@dataclass(frozen=True)
class Venue:
    """Where it is wanted; `permissions` are the bot's, None where they do not matter.

    `may_be_nsfw`: there is an age restriction, or nobody tells, as of threads where the bot is not: so what comes from there
    is held to be restricted, and what is restricted elsewhere is not shown there.
    """

    place: Place
    permissions: discord.Permissions | None = None
    settings_id: int | None = None  # the channel whose settings hold
    is_thread: bool = False
    is_nsfw: bool = False
    may_be_nsfw: bool = False
    is_locked: bool = False  # a thread in which moderators alone write
    is_private: bool = False  # what the bot answers here is for whoever asks alone, as Discord has it

    @classmethod
    def of(cls, interaction: discord.Interaction) -> "Venue":
        """Where somebody has given a command or clicked."""
        place, channel = Place.of(interaction), interaction.channel
        # In a direct message there are none to give, and by an interaction's token the bot answers wherever it is.
        needed = interaction.guild_id is not None and place.channel_id is not None
        is_thread = isinstance(channel, discord.Thread)
        is_untold = place.is_by_token and isinstance(channel, discord.Thread) and channel.parent is None
        return cls(
            place=place,
            permissions=interaction.app_permissions if needed else None,
            settings_id=settings_id(channel),
            is_thread=is_thread,
            is_nsfw=is_nsfw(channel),
            may_be_nsfw=is_nsfw(channel) or is_untold,
            is_locked=isinstance(channel, discord.Thread) and channel.locked,
            is_private=place.is_by_token
            and interaction.guild_id is not None
            and not interaction.permissions.use_external_apps,
        )

    @classmethod
    def of_direct(cls, channel_id: int) -> "Venue":
        """A direct message."""
        return cls(Place(None, channel_id))

    @classmethod
    def of_channel(cls, channel: Channel) -> "Venue":
        """A channel of a server, in which a message or a reaction came."""
        guild, is_thread = channel.guild, isinstance(channel, discord.Thread)
        return cls(
            place=Place(guild.id, channel.id),
            permissions=channel.permissions_for(guild.me),
            settings_id=settings_id(channel),
            is_thread=is_thread,
            is_nsfw=is_nsfw(channel),
            may_be_nsfw=is_nsfw(channel),
            is_locked=isinstance(channel, discord.Thread) and channel.locked,
        )


@dataclass(frozen=True)
class Exhibit:
    """A picture that may be shown in the gallery of its server: whose it is, and what holds where it is."""

    server_id: int
    settings_ids: frozenset[int]  # the channels that it is in or made from
    author_id: int | None
    asker_id: int | None
    is_restricted: bool  # by age, or hidden
    is_for_all: bool  # everybody who may see the gallery may see it where it is


def actor_of(interaction: discord.Interaction) -> Actor:
    """Who has given a command or clicked; Discord's word on their permissions knows nothing of a timeout."""
    user, given, of_server = interaction.user, interaction.permissions, None
    is_known = (
        interaction.guild_id is not None and interaction.client.get_guild(interaction.guild_id) is not None
    )
    if isinstance(user, discord.Member) and is_known:
        of_server = user.guild_permissions
    if isinstance(user, discord.Member) and user.is_timed_out() and not given.administrator:
        given = given & _IN_TIMEOUT
        of_server = of_server and of_server & _IN_TIMEOUT
    joined = user.joined_at if isinstance(user, discord.Member) else None
    joined_at = joined.timestamp() if joined is not None else None
    return Actor(user.id, given, _roles(user), of_server, joined_at)


def actor_in(channel: Channel, member: discord.Member) -> Actor:
    """Who has reacted or written in a channel."""
    return Actor(member.id, channel.permissions_for(member), _roles(member), member.guild_permissions)


def channel_in(client: discord.Client, server_id: int | None, channel_id: int | None) -> Channel | None:
    """A channel of a server by its id, if the bot is there and can look messages up in it."""
    guild = client.get_guild(server_id) if server_id is not None else None
    if guild is None or channel_id is None:
        return None
    channel = guild.get_channel_or_thread(channel_id)
    return channel if isinstance(channel, Channel) else None


def settings_id(channel: object) -> int | None:
    """The channel of a server whose settings hold in this one: that of a thread is its parent; None anywhere else."""
    if isinstance(channel, discord.Thread):
        return channel.parent_id
    return channel.id if isinstance(channel, discord.abc.GuildChannel) else None


def _roles(user: discord.abc.User) -> frozenset[int]:
    return frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset()


def is_nsfw(channel: object) -> bool:
    """Whether there is an age restriction where something is."""
    if isinstance(channel, discord.Thread):
        return channel.parent is not None and channel.parent.is_nsfw()
    nsfw = getattr(channel, "is_nsfw", None)
    return bool(nsfw()) if callable(nsfw) else False


def is_restricted(client: discord.Client, ticket: Ticket) -> bool:
    """Whether a ticket's picture is from where there is an age restriction, or there is one by now where it is shown."""
    places = (client.get_channel(each) for each in ticket.places if each is not None)
    return ticket.nsfw or any(is_nsfw(each) for each in places)
