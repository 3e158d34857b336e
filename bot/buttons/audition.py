"""What can be pressed for an audition: to have one, and to have a style of its sheet finished.

Rule: anybody may; what is painted then is for whoever presses.
"""

import re
from collections.abc import Callable
from typing import Any

import discord

from bot.answers import answering
from bot.buttons.deletion import DeleteButton
from bot.storage.tickets import Ticket
from bot.studio import studio_of
from bot.words import audition as words
from bot.words.catalogue import Phrase


class TileMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"tile:(?P<ticket>[0-9a-f]+)"):
    """Have one of the small pictures finished at full size, of so many as there are."""

    def __init__(self, ticket_id: str, options: list[discord.SelectOption] | None = None) -> None:
        custom_id = f"tile:{ticket_id}"
        super().__init__(
            discord.ui.Select(placeholder=words.PICK(), options=options or [], custom_id=custom_id)
        )
        self._ticket_id = ticket_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "TileMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(match["ticket"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Hand it in."""
        async with answering(interaction, studio_of(interaction).store.owed):
            number = int(self.item.values[0])
            await studio_of(interaction).results.finish(interaction, self._ticket_id, number)


class AuditionButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"audition:(?P<ticket>[0-9a-f]+)"
):
    """Try out all styles on the picture that a result was painted from; of a sheet, those that it had no room for."""

    def __init__(self, ticket_id: str, label: Phrase = words.BUTTON) -> None:
        super().__init__(discord.ui.Button(label=label(), custom_id=f"audition:{ticket_id}"))
        self._ticket_id = ticket_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "AuditionButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["ticket"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Hand it in."""
        async with answering(interaction, studio_of(interaction).store.owed):
            await studio_of(interaction).results.audition(interaction, self._ticket_id)


def tile_menu(ticket: Ticket, tiles: int) -> TileMenu | None:
    """The menu of the small pictures that are there, if any is."""
    options = [words.option(style, number) for number, style in enumerate(ticket.styles[:tiles], 1)]
    return TileMenu(ticket.id, options) if options else None


def sheet_buttons(has_more: Callable[[Ticket], bool], ticket: Ticket, tiles: int) -> discord.ui.View:
    """What is beneath a finished sheet; `has_more`: there are styles that it had no room for."""
    view = discord.ui.View(timeout=None)
    if (menu := tile_menu(ticket, tiles)) is not None:
        view.add_item(menu)
    if has_more(ticket):
        view.add_item(AuditionButton(ticket.id, words.MORE_STYLES))
    return view.add_item(DeleteButton(ticket.id))
