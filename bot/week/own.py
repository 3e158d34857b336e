"""A member's own part in a week: which of their results is on the collage, or none.

Rule: shown and changed in private, for whoever asks; what takes part by itself needs nothing of this.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import discord

from bot.answers import working
from bot.errors import BotError, BotErrorCode
from bot.orders.policy import Action, Policy
from bot.orders.venue import Venue, actor_of
from bot.storage.interactions import Manner
from bot.storage.store import Store
from bot.storage.tickets import Ticket
from bot.storage.weeks import RUNNING, Week, WeekState
from bot.tickets.lineage import link_of
from bot.week.entries import Entries, shown
from bot.week.weekly import Weekly
from bot.words import week as words

MOST = 25  # results to choose from, the newest


@dataclass(frozen=True)
class Own:
    """What of a member's is in a week: `shown` is what will be on the collage."""

    week: Week
    results: Sequence[Ticket]
    shown: Ticket | None
    is_out: bool


@dataclass(frozen=True)
class OwnEntries:
    """What members do with theirs; `view` makes what can be pressed beneath."""

    store: Store
    policy: Policy
    entries: Entries
    weekly: Weekly
    view: Callable[[Own], discord.ui.View]

    async def show(self, interaction: discord.Interaction, week_id: str | None, manner: Manner) -> None:
        """Say how the week stands (the one that runs, without an id), and what takes part of whoever asks."""
        async with working(interaction, self.store.owed, manner):
            await self._show(interaction, await self._week(interaction, week_id))

    async def choose(self, interaction: discord.Interaction, week_id: str, ticket_id: str | None) -> None:
        """Take this result, or (None) none of theirs."""
        async with working(interaction, self.store.owed, Manner.CLICK):
            week = await self._week(interaction, week_id)
            await self.store.weeks.choose(week.id, interaction.user.id, ticket_id)
            await self._show(interaction, week)

    async def take_part(self, interaction: discord.Interaction, week_id: str) -> None:
        """Take part like everybody again."""
        async with working(interaction, self.store.owed, Manner.CLICK):
            week = await self._week(interaction, week_id)
            await self.store.weeks.unchoose(week.id, interaction.user.id)
            await self._show(interaction, week)

    async def _week(self, interaction: discord.Interaction, week_id: str | None) -> Week:
        """A week that runs here. Raises BotError NO_WEEK, NO_WEEK_NOW, WEEK_OVER, BLOCKED."""
        server_id = interaction.guild_id or 0
        await self.policy.require(actor_of(interaction), Venue.of(interaction), Action.LOOK)
        week = await (
            self.store.weeks.running(server_id) if week_id is None else self.store.weeks.find(week_id)
        )
        if week_id is None and week is None:
            self.weekly.channel_of(server_id)
            raise BotError(BotErrorCode.NO_WEEK_NOW)
        if week is None or week.state not in RUNNING or week.state is WeekState.ENDING:
            raise BotError(BotErrorCode.WEEK_OVER)
        return week

    async def _show(self, interaction: discord.Interaction, week: Week) -> None:
        channel, member = self.weekly.channel_of(week.server_id), interaction.user.id
        everybody = await self.entries.by_member(week, channel)
        found, chosen = everybody.get(member, []), await self.store.weeks.chosen(week.id)
        is_out = chosen.get(member, "") is None
        says_no = await self.store.gallery.refused_by([member], week.server_id)
        older = [each for each in found[MOST:] if each.id == chosen.get(member)]
        results = [*found[: MOST - len(older)], *older]
        newest = results[0] if results and not is_out else None
        mine = next((each for each in results if each.id == chosen.get(member)), newest)
        post = await self.entries.result_of(mine) if mine is not None else None
        members = len(shown(everybody, chosen))
        lines = [
            words.status(self.weekly.catalogue.known(week.style), week.ends, members),
            words.SAYS_NO()
            if says_no
            else words.mine(mine, len(results) - 1, link_of(post) if post is not None else None, is_out),
        ]
        own = Own(week, results, mine, is_out)
        await interaction.edit_original_response(content="\n".join(lines), view=self.view(own))
