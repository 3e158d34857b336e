"""The picker of styles: a private menu, for whoever opened it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord
import structlog

from bot import answers
from bot.errors import DiscordTrouble, short
from bot.storage.interactions import Manner, OwedAnswers
from bot.words import help as words
from engine.protocol import StyleCard

log = structlog.get_logger(__name__)

PICK_SECONDS = 300.0
MENU_OPTIONS = 25  # that Discord allows in a menu


class StylePicker(discord.ui.View):
    """A private menu of bundled styles; `picked` runs once with the choice."""

    def __init__(
        self,
        interaction: discord.Interaction,
        styles: Sequence[StyleCard],
        picked: Callable[[discord.Interaction, StyleCard], Awaitable[None]],
        owed: OwedAnswers,
        custom_id: str,
    ) -> None:
        super().__init__(timeout=PICK_SECONDS)
        self._owed = owed
        self._interaction, self._picked = interaction, picked
        self._picking = False
        self._styles = {style.name: style for style in styles[:MENU_OPTIONS]}
        self._menu: discord.ui.Select[StylePicker] = discord.ui.Select(
            placeholder=words.PICKER,
            custom_id=custom_id,
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

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Only the member who opened the menu; nobody else even sees it."""
        return interaction.user.id == self._interaction.user.id

    async def _choose(self, interaction: discord.Interaction) -> None:
        if self._picking:  # a second click while the first is being dealt with
            await answers.acknowledge(interaction, Manner.CLICK)
            return
        self._picking = True
        try:
            await self._picked(interaction, self._styles[self._menu.values[0]])
            self.stop()
        finally:
            self._picking = False  # after a refusal the member may pick again

    async def on_error(
        self, interaction: discord.Interaction, error: Exception, item: discord.ui.Item[Any], /
    ) -> None:
        """One place answers."""
        await answers.answer(interaction, error)
        await answers.settle(interaction, self._owed)

    async def on_timeout(self) -> None:
        """Say that the menu is over, or it would answer clicks with an error of Discord's."""
        try:
            await self._interaction.edit_original_response(content=words.PICK_OVER, view=None)
        except DiscordTrouble as error:
            log.info("style picker not closed", error=short(error))
