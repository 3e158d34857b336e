"""Switches the bot on or off in a server: what `/off` and `/on` do, and the buttons beneath their answers.

Rule: the switch is a setting like any other, so it outlives the process, is in the history of `/setup` and is undone there.
"""

import re
from typing import Any

import discord

from bot.answers import working
from bot.orders.permissions import server_of
from bot.orders.policy import Action
from bot.orders.venue import Venue, actor_of
from bot.storage.interactions import Manner
from bot.storage.settings import Work
from bot.studio import studio_of
from bot.words import switch as words

_LABELS = {Work.ON: words.SWITCH_ON, Work.FINISH: words.SWITCH_OFF, Work.STOP: words.STOP_ALL}


class SwitchButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=rf"switch:(?P<work>{'|'.join(Work)})"
):
    """Turn the switch."""

    def __init__(self, work: Work) -> None:
        style = discord.ButtonStyle.danger if work is Work.STOP else discord.ButtonStyle.secondary
        super().__init__(discord.ui.Button(label=_LABELS[work](), style=style, custom_id=f"switch:{work}"))
        self._work = work

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "SwitchButton":
        """The button of a message, perhaps of a former process."""
        return cls(Work(match["work"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do so, and offer the way back."""
        await switch(interaction, self._work, Manner.CLICK)


async def switch(interaction: discord.Interaction, work: Work, manner: Manner) -> None:
    """Switch a server on or off for whoever manages it, and say what becomes of what is under way."""
    studio = studio_of(interaction)
    async with working(interaction, studio.store.owed, manner):
        await studio.policy.require(actor_of(interaction), Venue.of(interaction), Action.SET_UP)
        guild = server_of(interaction)
        changes = await studio.store.settings.change(
            guild.id, interaction.user.id, interaction.created_at, {None: {"work": work}}
        )
        await studio.inquiries.switched_off(guild.id)
        if work is Work.ON:
            await studio.galleries.reconsider(guild.id)
        left = len(studio.desk.painted_in(guild.id))
        view = discord.ui.View(timeout=None).add_item(
            SwitchButton(Work.FINISH if work is Work.ON else Work.ON)
        )
        if work is Work.FINISH and left:
            view.add_item(SwitchButton(Work.STOP))
        await interaction.edit_original_response(
            content=words.switched(work, is_new=bool(changes), left=left), view=view
        )
