"""What can be pressed at a finished picture: more or less style, again, and the snapshots of its painting.

Rule: what an item asks for is done by `bot.results.actions`, for whoever presses it.
"""

import re
from typing import Any

import discord

from bot.answers import answering
from bot.buttons.deletion import DeleteButton
from bot.orders.remake import Change, is_possible
from bot.storage.tickets import Ticket
from bot.studio import studio_of
from bot.words import result as words

_LABELS = {Change.MORE: words.MORE_STYLE, Change.LESS: words.LESS_STYLE, Change.AGAIN: words.AGAIN}


class RemakeButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"remake:(?P<change>more|less|again):(?P<ticket>[0-9a-f]+)",
):
    """Paint it anew, with one thing changed."""

    def __init__(self, ticket_id: str, change: Change, disabled: bool = False) -> None:
        custom_id = f"remake:{change}:{ticket_id}"
        super().__init__(discord.ui.Button(label=_LABELS[change], disabled=disabled, custom_id=custom_id))
        self._ticket_id, self._change = ticket_id, change

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "RemakeButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["ticket"], Change(match["change"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Hand it in."""
        async with answering(interaction, studio_of(interaction).store.owed):
            await studio_of(interaction).results.remake(interaction, self._ticket_id, self._change)


class TimelapseButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"timelapse:(?P<ticket>[0-9a-f]+)"
):
    """Show, privately, how it was painted."""

    def __init__(self, ticket_id: str) -> None:
        super().__init__(discord.ui.Button(label=words.TIMELAPSE, custom_id=f"timelapse:{ticket_id}"))
        self._ticket_id = ticket_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "TimelapseButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["ticket"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Fetch and show it."""
        async with answering(interaction):
            await studio_of(interaction).results.show_timelapse(interaction, self._ticket_id)


class SnapshotMenu(
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=r"moment:(?P<count>[2-9]|1[0-9]|2[0-6]):(?P<ticket>[0-9a-f]+)",  # as many as fit in a menu
):
    """Take one of `count` snapshots of a painting, not the last, as a picture of its own."""

    def __init__(self, ticket_id: str, count: int) -> None:
        options = [
            discord.SelectOption(label=words.snapshot_label(percent(n, count)), value=str(n))
            for n in range(1, count)
        ]
        super().__init__(
            discord.ui.Select(
                placeholder=words.PICK_MOMENT,
                options=options,
                custom_id=f"moment:{count}:{ticket_id}",
            )
        )
        self._ticket_id, self._count = ticket_id, count

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "SnapshotMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(match["ticket"], int(match["count"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Post the snapshot."""
        async with answering(interaction):
            n = int(self.item.values[0])
            await studio_of(interaction).results.post_snapshot(
                interaction, self._ticket_id, n, percent(n, self._count)
            )


def percent(n: int, count: int) -> int:
    """How far it is at snapshot `n` of `count` (2 or more), which lie evenly from the beginning to the result."""
    return round(100 * (n - 1) / (count - 1))


def result_buttons(ticket: Ticket, snapshots: int) -> discord.ui.View:
    """The buttons of a finished picture of which so many snapshots are kept."""
    view = discord.ui.View(timeout=None)
    for change in Change:
        view.add_item(RemakeButton(ticket.id, change, disabled=not is_possible(change, ticket.request)))
    if snapshots > 1:  # the last one is the result itself
        view.add_item(TimelapseButton(ticket.id))
    return view.add_item(DeleteButton(ticket.id))


def snapshot_menu(ticket: Ticket, snapshots: int) -> discord.ui.View:
    """The menu of the snapshots of a painting."""
    return discord.ui.View(timeout=None).add_item(SnapshotMenu(ticket.id, snapshots))
