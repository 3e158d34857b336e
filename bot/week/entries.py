"""What takes part in a week: of each member one result, the newest or the one that they have chosen.

Rule: only what everybody who sees the collage could have seen anyway, and the policy lets be shown.
"""

from collections import defaultdict
from dataclasses import dataclass

import discord

from bot.errors import is_passing
from bot.orders.audience import is_seen_by_all
from bot.orders.policy import Policy
from bot.orders.venue import Venue, is_nsfw
from bot.storage.posts import Posted, Role
from bot.storage.store import Store
from bot.storage.tickets import Ticket
from bot.storage.weeks import Week


@dataclass(frozen=True)
class Entries:
    """Looks for what takes part."""

    store: Store
    policy: Policy

    async def of(self, week: Week, channel: discord.TextChannel) -> list[Ticket]:
        """What will be on the collage, the first to be painted first. Raises what Discord does."""
        chosen = await self.store.weeks.chosen(week.id)
        return [
            next((each for each in theirs if each.id == chosen.get(member)), theirs[0])
            for member, theirs in (await self._by_member(week, channel)).items()
            if chosen.get(member, "") is not None
        ]

    async def of_member(self, week: Week, channel: discord.TextChannel, member_id: int) -> list[Ticket]:
        """A member's results that could take part, the newest first. Raises what Discord does."""
        return (await self._by_member(week, channel, member_id)).get(member_id, [])

    async def result_of(self, ticket: Ticket) -> Posted | None:
        """The message of a result in its server."""
        posts = await self.store.posts.of_ticket(ticket.id)
        there = (post for post in posts if post.server_id == ticket.place.server_id)
        return next((post for post in there if post.role is Role.RESULT), None)

    async def _by_member(
        self, week: Week, channel: discord.TextChannel, member_id: int | None = None
    ) -> dict[int, list[Ticket]]:
        found: defaultdict[int, list[Ticket]] = defaultdict(list)
        open_to_all: dict[int, bool] = {}  # channels
        for ticket in await self.store.tickets.in_style(week.server_id, week.style, week.begins):
            if member_id in (None, ticket.user_id) and await self._may(ticket, channel, open_to_all):
                found[ticket.user_id].insert(0, ticket)
        return found

    async def _may(self, ticket: Ticket, channel: discord.TextChannel, known: dict[int, bool]) -> bool:
        venue, root_id = Venue.of_channel(channel), ticket.root_id or ticket.id
        if not await self.policy.may_exhibit(venue, ticket.user_id, ticket.author_id, ticket.nsfw, root_id):
            return False
        post = await self.result_of(ticket)
        if post is None or ticket.place.channel_id is None:
            return False
        # The thread under a picture has the rights of its channel, and may be out of sight by now.
        is_beneath = post.channel_id == ticket.source_message_id
        place = ticket.place.channel_id if is_beneath else post.channel_id
        if place not in known:
            known[place] = await _is_open(place, channel)
        return known[place]


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
