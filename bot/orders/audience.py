"""Who may see what is posted in a channel, compared with who may see another.

Rule: Discord's own algorithm for one permission, for every kind of member that the roles of a server make possible; the bot
has no list of members and needs none. Who was kept out of a channel by name, as moderators do, counts as anybody else.
"""

from dataclasses import dataclass
from itertools import product

import discord


@dataclass(frozen=True)
class _Kind:
    """What one role does to seeing a gallery and a source: in the server, and by each channel's overwrites."""

    sees: bool = False
    allowed: tuple[bool, bool] = (False, False)
    denied: tuple[bool, bool] = (False, False)


_NOTHING = _Kind()


def is_seen_by_all(source: discord.abc.GuildChannel, gallery: discord.abc.GuildChannel) -> bool:
    """Whether everybody who may see the gallery may see the source.

    A member sees a channel if a role lets them, unless one denies it and none allows it. So whoever sees one channel and not
    the other does so by at most two roles, one that lets them see and one that does not: all such pairs are tried.
    """
    guild, both = source.guild, (gallery, source)
    everyone = guild.default_role
    kinds = {_kind(role, both) for role in guild.roles if role != everyone} | {_NOTHING}
    for one, other in product(kinds, kinds):
        sees_gallery, sees_source = (_sees(number, both[number], (one, other)) for number in (0, 1))
        if sees_gallery and not sees_source:
            return False
    return _is_open_to_guests(source, gallery)


def may_see(member: discord.Member, channel: discord.abc.GuildChannel) -> bool:
    """Whether a member may read what was written in a channel."""
    given = channel.permissions_for(member)
    return given.view_channel and given.read_message_history


def _kind(role: discord.Role, both: tuple[discord.abc.GuildChannel, discord.abc.GuildChannel]) -> _Kind:
    if role.permissions.administrator:  # who sees everything
        return _Kind(sees=True, allowed=(True, True))
    said = [channel.overwrites_for(role).view_channel for channel in both]
    return _Kind(
        sees=role.permissions.view_channel,
        allowed=(said[0] is True, said[1] is True),
        denied=(said[0] is False, said[1] is False),
    )


def _sees(number: int, channel: discord.abc.GuildChannel, kinds: tuple[_Kind, ...]) -> bool:
    everyone = channel.guild.default_role
    sees = everyone.permissions.view_channel or any(kind.sees for kind in kinds)
    said = channel.overwrites_for(everyone).view_channel
    sees = sees if said is None else said
    if any(kind.allowed[number] for kind in kinds):
        return True
    return sees and not any(kind.denied[number] for kind in kinds)


def _is_open_to_guests(source: discord.abc.GuildChannel, gallery: discord.abc.GuildChannel) -> bool:
    """Whether those who were let into the gallery by name see the source: by name too, or as everybody does."""
    if _sees(1, source, ()):
        return True
    guests = [_guests(channel) for channel in (gallery, source)]
    return guests[0] <= guests[1]


def _guests(channel: discord.abc.GuildChannel) -> set[int]:
    return {
        who.id
        for who, said in channel.overwrites.items()
        if not isinstance(who, discord.Role) and said.view_channel
    }
