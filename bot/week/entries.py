"""What takes part in a week: of each member one result, the newest or the one that they have chosen.

Rule: only what everybody who sees the collage could have seen anyway, and the policy lets be shown.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import discord

from bot.errors import is_passing
from bot.orders.audience import is_seen_by_all
from bot.orders.policy import Policy
from bot.orders.venue import Venue, is_nsfw
from bot.place import Place
from bot.storage.posts import Posted, Role
from bot.storage.store import Store
from bot.storage.tickets import Ticket
from bot.storage.weeks import Week


@dataclass(frozen=True)
class _Known:
    """What was asked already: whether a member's results of an author's pictures may be shown, and which places all see.

    Of others' pictures it also matters where the first of their line was painted.
    """

    let: dict[tuple[int, int | None, str | None], bool] = field(default_factory=dict)
    open: dict[int, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Entries:
    """Looks for what takes part."""

    store: Store
    policy: Policy

    async def of(self, week: Week, channel: discord.TextChannel) -> list[Ticket]:
        """What will be on the collage, the first to be painted first. Raises what Discord does."""
        return shown(await self.by_member(week, channel), await self.store.weeks.chosen(week.id))

    async def result_of(self, ticket: Ticket) -> Posted | None:
        """The message of a result in its server."""
        posts = await self.store.posts.of_ticket(ticket.id)
        there = (post for post in posts if post.server_id == ticket.place.server_id)
        return next((post for post in there if post.role is Role.RESULT), None)

    async def may_be_shown(self, ticket: Ticket, server_id: int) -> bool:
        """Whether whoever it is of lets a result be shown among others'."""
        venue, root_id = Venue(Place(server_id)), ticket.root_id or ticket.id
        return await self.policy.may_exhibit(venue, ticket.user_id, ticket.author_id, ticket.nsfw, root_id)

    async def by_member(self, week: Week, channel: discord.TextChannel) -> dict[int, list[Ticket]]:
        """Each member's results that could take part, the newest first. Raises what Discord does.

        There may be many: what is asked of the database is by the member, and not by the result.
        """
        tickets = await self.store.tickets.in_style(week.server_id, week.style, week.begins)
        posts = {
            post.ticket_id: post
            for post in await self.store.posts.of_tickets([ticket.id for ticket in tickets])
            if post.role is Role.RESULT and post.server_id == week.server_id
        }
        found: defaultdict[int, list[Ticket]] = defaultdict(list)
        known = _Known()
        for ticket in tickets:
            if await self._may(ticket, posts.get(ticket.id), channel, known):
                found[ticket.user_id].insert(0, ticket)
        return found

    async def _may(
        self, ticket: Ticket, post: Posted | None, channel: discord.TextChannel, known: _Known
    ) -> bool:
        if post is None or ticket.place.channel_id is None:
            return False
        is_others = ticket.author_id not in (None, ticket.user_id)
        whose = (ticket.user_id, ticket.author_id, ticket.root_id if is_others else None)
        if whose not in known.let:
            known.let[whose] = await self.may_be_shown(ticket, channel.guild.id)
        if not known.let[whose]:
            return False
        # The thread under a picture has the rights of its channel, and may be out of sight by now.
        is_beneath = post.channel_id == ticket.source_message_id
        place = ticket.place.channel_id if is_beneath else post.channel_id
        if place not in known.open:
            known.open[place] = await _is_open(place, channel)
        return known.open[place]


def shown(by_member: Mapping[int, Sequence[Ticket]], chosen: Mapping[int, str | None]) -> list[Ticket]:
    """One result of each member: the one that they have chosen or their newest; of who wants none, none."""
    return [
        next((each for each in theirs if each.id == chosen.get(member)), theirs[0])
        for member, theirs in by_member.items()
        if chosen.get(member, "") is not None
    ]


async def _is_open(place: int, channel: discord.TextChannel) -> bool:
    """Whether everybody who sees a channel sees what is posted in another one. Raises what Discord does."""
    guild = channel.guild
    found: object = guild.get_channel_or_thread(place)
    if found is None:
        try:
            found = await guild.fetch_channel(place)
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            return False
    if isinstance(found, discord.Thread):
        if found.is_private() or found.parent is None:
            return False
        found = found.parent
    if not isinstance(found, discord.abc.GuildChannel) or is_nsfw(found):
        return False
    return is_seen_by_all(found, channel)
