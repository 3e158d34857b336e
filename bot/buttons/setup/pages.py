"""What a press on the panel of `/setup` does: turn to a page, or change something and show its page.

Rule: each press asks the policy again, since whoever opened the panel may manage the server no longer.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import discord

from bot.answers import working
from bot.buttons.setup.panel import (
    EVERYWHERE,
    PAGE_OF,
    Panel,
    after_change,
    after_undo,
    panel_of,
)
from bot.errors import BotError, BotErrorCode
from bot.orders import permissions
from bot.orders.policy import Action
from bot.orders.venue import Venue, actor_of
from bot.storage.interactions import Manner
from bot.storage.settings import Change, ServerSettings
from bot.studio import Studio, studio_of
from bot.styles.menu import MENU_OPTIONS
from bot.words.setup import Page

_OF_GALLERY = {name for name, page in PAGE_OF.items() if page in (Page.GALLERY, Page.STARS)}
_RECONSIDERED = {*_OF_GALLERY, "is_art", "consent", "work"}  # settings by which more may be shown than is
_LOOKED_AT = {
    "gallery_id",
    "own_gallery_id",
    "star",
    "is_art",
}  # settings by which stars count that nobody has counted yet


class Pages:
    """The pages of the panel; `view` makes what can be pressed on one."""

    def __init__(self, view: Callable[[Panel], discord.ui.View]) -> None:
        self._view = view

    async def open(self, interaction: discord.Interaction) -> None:
        """Show the panel, privately, in answer to a command or to the button of a message that all see."""
        async with _working(interaction, Manner.THINKING):
            guild = await _managed(interaction)
            await self._show(interaction, await panel_of(studio_of(interaction), guild))

    async def turn_to(
        self, interaction: discord.Interaction, page: Page, channel_id: int = EVERYWHERE
    ) -> None:
        """Show another page, or the same of another channel."""
        async with _working(interaction, Manner.CLICK):
            guild = await _managed(interaction)
            await self._show(interaction, await panel_of(studio_of(interaction), guild, page, channel_id))

    async def set(self, interaction: discord.Interaction, name: str, channel_id: int, value: Any) -> None:
        """Set one setting, of the server or of one or all art channels, and show its page."""
        async with _working(interaction, Manner.CLICK):
            guild = await _managed(interaction)
            settings = studio_of(interaction).store.settings
            if name == "star" and studio_of(interaction).acquisitions.is_palettes(guild.id, value):
                raise BotError(BotErrorCode.NOT_AN_EMOJI)
            everywhere = channel_id == EVERYWHERE and name in ServerSettings.model_fields
            targets: list[int | None] = [None]
            if not everywhere:
                targets = [channel_id] if channel_id else [*settings.art_channels(guild.id)]
            values = {target: {name: value} for target in targets}
            await self._change(interaction, guild, values, PAGE_OF[name], channel_id)

    async def set_channels(self, interaction: discord.Interaction, chosen: Collection[int]) -> None:
        """Let these be the art channels; one that was shown and not chosen any more is none any more."""
        async with _working(interaction, Manner.CLICK):
            guild = await _managed(interaction)
            shown = studio_of(interaction).store.settings.art_channels(guild.id)[:MENU_OPTIONS]
            values: dict[int | None, dict[str, Any]] = {each: {"is_art": False} for each in shown}
            values |= {each: {"is_art": True} for each in chosen}
            await self._change(interaction, guild, values, Page.CHANNELS)

    async def undo(
        self, interaction: discord.Interaction, act_id: int, page: Page, channel_id: int = EVERYWHERE
    ) -> None:
        """Put back what was changed at once, and show a page."""
        async with _working(interaction, Manner.CLICK):
            guild, studio = await _managed(interaction), studio_of(interaction)
            changes = await studio.store.settings.undo(
                act_id, guild.id, interaction.user.id, interaction.created_at
            )
            await studio.weekly.settle(guild.id)
            panel = await panel_of(studio, guild, page, channel_id)
            await self._show(interaction, after_undo(panel, changes))
            await _told(studio, guild.id, changes)

    async def _change(
        self,
        interaction: discord.Interaction,
        guild: discord.Guild,
        values: Mapping[int | None, Mapping[str, Any]],
        page: Page,
        channel_id: int = EVERYWHERE,
    ) -> None:
        studio = studio_of(interaction)
        changes = await studio.store.settings.change(
            guild.id, interaction.user.id, interaction.created_at, values
        )
        await studio.weekly.settle(guild.id)
        panel = await panel_of(studio, guild, page, channel_id)
        await self._show(interaction, after_change(panel, changes))
        await _told(studio, guild.id, changes)

    async def _show(self, interaction: discord.Interaction, panel: Panel) -> None:
        await interaction.edit_original_response(content=panel.text(), view=self._view(panel))


async def _told(studio: Studio, server_id: int, changes: Iterable[Change]) -> None:
    """Let those who work by themselves hear of it."""
    touched = {name for change in changes for name in change.touched}
    if touched & _RECONSIDERED:
        await studio.galleries.reconsider(server_id)
    if touched & _LOOKED_AT:
        studio.looks.begin(server_id)
    await studio.inquiries.switched_off(server_id)


def _working(interaction: discord.Interaction, manner: Manner) -> AbstractAsyncContextManager[None]:
    """Acknowledge, and answer whatever goes wrong."""
    return working(interaction, studio_of(interaction).store.owed, manner)


async def _managed(interaction: discord.Interaction) -> discord.Guild:
    """The server of whoever presses, who manages it. Raises BotError MAY_NOT, NOT_INVITED."""
    await studio_of(interaction).policy.require(actor_of(interaction), Venue.of(interaction), Action.SET_UP)
    return permissions.server_of(interaction)
