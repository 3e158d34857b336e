"""What can be pressed at a finished picture: painted anew with one thing changed, its time-lapse and its moments.

Rule: what an item asks for is done by `bot.results.actions`, for whoever presses it. What cannot be asked of a picture
is not among its buttons.
"""

import re
from collections.abc import Sequence
from typing import Any

import discord

from bot.answers import answering
from bot.buttons.audition import AuditionButton
from bot.buttons.deletion import DeleteButton
from bot.buttons.panel import Act, ActButton
from bot.orders.remake import Change, is_possible
from bot.storage.tickets import Ticket
from bot.studio import studio_of
from bot.styles.menu import by_menu, style_option
from bot.words import result as words
from engine.protocol import Preset, Rendition, StyleCard

_LABELS = {
    Change.MORE: words.MORE_STYLE,
    Change.LESS: words.LESS_STYLE,
    Change.AGAIN: words.AGAIN,
    Change.LARGER: words.LARGER,
    Change.COLOURS: words.KEEP_COLOURS,
}
_FIRST = (Change.MORE, Change.LESS, Change.AGAIN)
_IN_PANEL = (Change.LARGER, Change.COLOURS)


class RemakeButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"remake:(?P<change>more|less|again|larger|colours):(?P<ticket>[0-9a-f]+)",
):
    """Paint it anew, with one thing changed."""

    def __init__(self, ticket_id: str, change: Change) -> None:
        custom_id = f"remake:{change}:{ticket_id}"
        super().__init__(discord.ui.Button(label=_LABELS[change](), custom_id=custom_id))
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


class StyleMenu(
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=r"restyle:(?P<ticket>[0-9a-f]+)(?::(?P<menu>[1-9]))?",
):
    """Paint it anew in another style."""

    def __init__(self, ticket_id: str, styles: Sequence[StyleCard] = (), menu: int = 0) -> None:
        options = [style_option(style) for style in styles]
        custom_id = f"restyle:{ticket_id}:{menu}" if menu else f"restyle:{ticket_id}"
        super().__init__(
            discord.ui.Select(placeholder=words.STYLE_MENU(), options=options, custom_id=custom_id)
        )
        self._ticket_id = ticket_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "StyleMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(match["ticket"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Hand it in."""
        async with answering(interaction, studio_of(interaction).store.owed):
            await studio_of(interaction).results.restyle(interaction, self._ticket_id, self.item.values[0])


class TimelapseButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"timelapse:(?P<ticket>[0-9a-f]+)"
):
    """Show, privately, how it was painted."""

    def __init__(self, ticket_id: str) -> None:
        super().__init__(discord.ui.Button(label=words.TIMELAPSE(), custom_id=f"timelapse:{ticket_id}"))
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
        options = [discord.SelectOption(label=words.snapshot_label(n), value=str(n)) for n in range(1, count)]
        super().__init__(
            discord.ui.Select(
                placeholder=words.PICK_MOMENT(),
                options=options,
                custom_id=f"moment:{count}:{ticket_id}",
            )
        )
        self._ticket_id = ticket_id

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
            await studio_of(interaction).results.post_snapshot(interaction, self._ticket_id, n)


def result_buttons(ticket: Ticket, about: Rendition, has_links: bool = False) -> discord.ui.View:
    """The buttons of a finished picture that is shown as this rendition: one row, the rest behind its last."""
    view = discord.ui.View(timeout=None)
    for change in _FIRST:
        if is_possible(change, ticket.request):
            view.add_item(RemakeButton(ticket.id, change))
    view.add_item(ActButton(ticket.id, Act.STYLES))
    view.add_item(ActButton(ticket.id, Act.PANEL))
    if has_links and not about.is_original:
        view.add_item(ActButton(ticket.id, Act.FULL_SIZE))  # in a row of its own, if the first is full
    return view.add_item(DeleteButton(ticket.id))


def panel(ticket: Ticket, snapshots: int | None) -> discord.ui.View:
    """What else can be asked of a picture; without `snapshots` its painting is no longer kept.

    A row for what is painted anew, one for what can be looked at, and one for what the picture can become.
    """
    changes = [RemakeButton(ticket.id, each) for each in _IN_PANEL if is_possible(each, ticket.request)]
    rows: list[list[discord.ui.Item[Any]]] = [[*changes]]
    if snapshots is not None:
        rows += [_to_look_at(ticket, snapshots), _to_become(ticket)]
    view = discord.ui.View(timeout=None)
    for row, items in enumerate(rows):
        for item in items:
            item.row = row
            view.add_item(item)
    return view


def _to_look_at(ticket: Ticket, snapshots: int) -> list[discord.ui.Item[Any]]:
    how = ActButton(ticket.id, Act.HOW)
    if snapshots < 2:  # the last one is the result itself
        return [ActButton(ticket.id, Act.COMPARISON), how]
    moments = ActButton(ticket.id, Act.MOMENTS)
    return [ActButton(ticket.id, Act.COMPARISON), TimelapseButton(ticket.id), moments, how]


def _to_become(ticket: Ticket) -> list[discord.ui.Item[Any]]:
    acts = [Act.COPY, Act.AVATAR, Act.BANNER]
    acts += [Act.EMOJI, Act.STICKER] if not ticket.place.is_personal else []
    return [ActButton(ticket.id, act) for act in acts]


def timelapse_buttons(ticket: Ticket) -> discord.ui.View:
    """What can be done with a time-lapse that only one member sees."""
    view = discord.ui.View(timeout=None).add_item(ActButton(ticket.id, Act.POST_TIMELAPSE))
    return view.add_item(ActButton(ticket.id, Act.MOMENTS))


def comparison_buttons(ticket: Ticket) -> discord.ui.View:
    """What can be done with a picture before and after that only one member sees."""
    return discord.ui.View(timeout=None).add_item(ActButton(ticket.id, Act.POST_COMPARISON))


def cut_buttons(ticket: Ticket, preset: Preset) -> discord.ui.View:
    """What can be done with a picture that is cut for an avatar or a banner, by who may change the server."""
    act = Act.SET_ICON if preset is Preset.AVATAR else Act.SET_BANNER
    return discord.ui.View(timeout=None).add_item(ActButton(ticket.id, act))


def style_menu(ticket: Ticket, styles: Sequence[StyleCard]) -> discord.ui.View:
    """The menu of other styles, and all of them at once."""
    view = discord.ui.View(timeout=None)
    for menu, some in enumerate(by_menu(styles)):
        view.add_item(StyleMenu(ticket.id, some, menu))
    return view.add_item(AuditionButton(ticket.id))


def snapshot_menu(ticket: Ticket, snapshots: int) -> discord.ui.View:
    """The menu of the snapshots of a painting."""
    return discord.ui.View(timeout=None).add_item(SnapshotMenu(ticket.id, snapshots))
