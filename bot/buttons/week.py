"""What can be pressed beneath the announcement of a week, and at what a member sees of their own part in it.

Rule: an item names the week, so that what is pressed later is about the one that it was shown for.
"""

import re
from typing import Any

import discord

from bot.answers import answering
from bot.buttons.paint import PaintButton
from bot.storage.interactions import Manner
from bot.studio import studio_of
from bot.week.own import Own
from bot.words import week as words


class MineButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"week:mine:(?P<week>[0-9a-f]{20})"
):
    """See, privately, what takes part of whoever presses."""

    def __init__(self, week_id: str) -> None:
        super().__init__(discord.ui.Button(label=words.MINE(), custom_id=f"week:mine:{week_id}"))
        self._week_id = week_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "MineButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["week"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it."""
        async with answering(interaction, studio_of(interaction).store.owed):
            await studio_of(interaction).own_entries.show(interaction, self._week_id, Manner.THINKING)


class EntryMenu(
    discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"week:entry:(?P<week>[0-9a-f]{20})"
):
    """Pick the result that is on the collage."""

    def __init__(self, week_id: str, options: list[discord.SelectOption]) -> None:
        custom_id = f"week:entry:{week_id}"
        super().__init__(
            discord.ui.Select(placeholder=words.TAKE_THIS(), options=options, custom_id=custom_id)
        )
        self._week_id = week_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "EntryMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(match["week"], [])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Keep it."""
        async with answering(interaction, studio_of(interaction).store.owed):
            own = studio_of(interaction).own_entries
            await own.choose(interaction, self._week_id, self.item.values[0])


class PartButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"week:(?P<act>out|in):(?P<week>[0-9a-f]{20})"
):
    """Take part, or not."""

    def __init__(self, week_id: str, takes_part: bool) -> None:
        label = words.TAKE_PART() if takes_part else words.LEAVE_OUT()
        custom_id = f"week:{'in' if takes_part else 'out'}:{week_id}"
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id))
        self._week_id, self._takes_part = week_id, takes_part

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "PartButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["week"], match["act"] == "in")

    async def callback(self, interaction: discord.Interaction) -> None:
        """Keep it."""
        async with answering(interaction, studio_of(interaction).store.owed):
            own = studio_of(interaction).own_entries
            if self._takes_part:
                await own.take_part(interaction, self._week_id)
            else:
                await own.choose(interaction, self._week_id, None)


def announcement_buttons(week_id: str, style: str) -> discord.ui.View:
    """What is beneath an announcement."""
    return discord.ui.View(timeout=None).add_item(PaintButton(style)).add_item(MineButton(week_id))


def own_buttons(own: Own) -> discord.ui.View:
    """What is beneath a member's own part."""
    view, week_id = discord.ui.View(timeout=None), own.week.id
    if len(own.results) > 1 and not own.is_out:
        options = [
            discord.SelectOption(
                label=words.entry_label(ticket, number), value=ticket.id, default=ticket == own.shown
            )
            for number, ticket in enumerate(own.results, 1)
        ]
        view.add_item(EntryMenu(week_id, options))
    return view.add_item(PartButton(week_id, takes_part=own.is_out))
