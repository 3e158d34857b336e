"""The last word before what one member had painted is deleted: for whoever moderates.

Rule: what is to go stands in the id of the button, and is looked up again when it is pressed.
"""

import re
from dataclasses import replace
from typing import Any

import discord

from bot.answers import answering, working
from bot.moderation.purge import Target, Which
from bot.orders.policy import Action
from bot.orders.venue import Venue, actor_of
from bot.storage.interactions import Manner
from bot.studio import studio_of
from bot.words import purge as words


class PurgeButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"purge:(?P<member>[0-9]+):(?P<which>{'|'.join(Which)}):(?P<since>[0-9]+)(?P<styles>:styles)?",
):
    """Delete it, perhaps with styles."""

    def __init__(self, target: Target) -> None:
        custom_id = f"purge:{target.member_id}:{target.which}:{target.since}{':styles' * target.styles}"
        style, label = discord.ButtonStyle.danger, words.CONFIRM_STYLES if target.styles else words.CONFIRM
        super().__init__(discord.ui.Button(label=label(), style=style, custom_id=custom_id))
        self._target = target

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "PurgeButton":
        """The button of a question, perhaps of a former process."""
        which, since = Which(match["which"]), int(match["since"])
        return cls(Target(int(match["member"]), which, since, bool(match["styles"])))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do so, if whoever presses still moderates."""
        studio = studio_of(interaction)
        async with working(interaction, studio.store.owed, Manner.CLICK):
            await studio.policy.require(actor_of(interaction), Venue.of(interaction), Action.MODERATE)
            await studio.purge.sweep(interaction, interaction.guild_id or 0, self._target)


class KeepButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"purge:keep"):
    """Delete nothing."""

    def __init__(self) -> None:
        super().__init__(discord.ui.Button(label=words.KEEP(), custom_id="purge:keep"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "KeepButton":
        """The button of a question, perhaps of a former process."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Say so."""
        async with answering(interaction):
            await interaction.response.edit_message(content=words.KEPT(), view=None)


def purge_buttons(target: Target, anything: bool, styles: bool) -> discord.ui.View:
    """The buttons of the question, if there is anything to delete, or are styles that can go too."""
    view = discord.ui.View(timeout=None)
    if anything:
        view.add_item(PurgeButton(target))
    if styles:
        view.add_item(PurgeButton(replace(target, styles=True)))
    return view.add_item(KeepButton()) if view.children else view
