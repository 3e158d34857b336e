"""What a member can press: the buttons of a ticket, and the picker of styles.

Rule: a ticket's buttons carry its id and nothing else, so they work after a restart; whoever presses one is
checked by the desk, and everything that can go wrong is answered in one place.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord
import structlog

from bot import errors
from bot.storage.store import Wish
from bot.words import replies
from engine.protocol import StyleCard

log = structlog.get_logger(__name__)

PICK_SECONDS = 300.0
MENU_OPTIONS = 25  # that Discord allows in a menu


class StopButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"ticket:(?P<wish>cancel|finish):(?P<ticket>[0-9a-f]+)",
):
    """Cancel, or stop and keep: for the ticket's owner and moderators."""

    def __init__(self, ticket_id: str, wish: Wish) -> None:
        label, style = _FACES[wish]
        custom_id = f"ticket:{wish}:{ticket_id}"
        super().__init__(discord.ui.Button(label=label, style=style, custom_id=custom_id))
        self._ticket_id, self._wish = ticket_id, wish

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "StopButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["ticket"], Wish(match["wish"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Acknowledge, then let the desk decide and act."""
        async with errors.answering(interaction):
            await interaction.response.defer()
            may_manage = interaction.permissions.manage_messages
            await interaction.client.desk.stop(self._ticket_id, self._wish, interaction.user.id, may_manage)


_FACES = {
    Wish.CANCEL: ("Cancel", discord.ButtonStyle.danger),
    Wish.FINISH: ("Stop, keep this", discord.ButtonStyle.secondary),
}


def ticket_buttons(ticket_id: str) -> discord.ui.View:
    """The buttons of an open ticket."""
    view = discord.ui.View(timeout=None)
    for wish in _FACES:
        view.add_item(StopButton(ticket_id, wish))
    return view


class StylePicker(discord.ui.View):
    """A private menu of bundled styles; `picked` runs once with the choice."""

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        styles: Sequence[StyleCard],
        picked: Callable[[discord.Interaction[Any], StyleCard], Awaitable[None]],
    ) -> None:
        super().__init__(timeout=PICK_SECONDS)
        self._interaction, self._picked = interaction, picked
        self._picking = False
        self._styles = {style.name: style for style in styles[:MENU_OPTIONS]}
        self._menu: discord.ui.Select[StylePicker] = discord.ui.Select(
            placeholder="A painting",
            options=[
                discord.SelectOption(
                    label=style.title[:100],
                    value=style.name,
                    description=style.artist[:100],
                    emoji=style.emoji,
                )
                for style in self._styles.values()
            ],
        )
        self._menu.callback = self._choose  # type: ignore[method-assign]
        self.add_item(self._menu)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Only the member who opened the menu; nobody else even sees it."""
        return interaction.user.id == self._interaction.user.id

    async def _choose(self, interaction: discord.Interaction[Any]) -> None:
        if self._picking:  # a second click while the first is being dealt with
            await interaction.response.defer()
            return
        self._picking = True
        try:
            await self._picked(interaction, self._styles[self._menu.values[0]])
            self.stop()
        finally:
            self._picking = False  # after a refusal the member may pick again

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: discord.ui.Item[Any], /
    ) -> None:
        """One place answers."""
        await errors.answer(interaction, error)

    async def on_timeout(self) -> None:
        """Say that the menu is over, or it would answer clicks with an error of Discord's."""
        try:
            await self._interaction.edit_original_response(content=replies.PICK_OVER, view=None)
        except discord.HTTPException as error:
            log.info("style picker not closed", code=error.code)
