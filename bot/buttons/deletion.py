"""What deletes a result: the button below it, and the second press that is asked for first.

Rule: each press is checked anew, by `bot.results.removal`.
"""

import re
from typing import Any

import discord

from bot.answers import answering, working
from bot.results.removal import Target
from bot.storage.interactions import Manner
from bot.studio import studio_of
from bot.words import deletion as words


class DeleteButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"delete:(?P<ticket>[0-9a-f]+)"):
    """Ask whether a result shall go."""

    def __init__(self, ticket_id: str) -> None:
        super().__init__(discord.ui.Button(label=words.DELETE(), custom_id=f"delete:{ticket_id}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "DeleteButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["ticket"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Ask whoever may."""
        async with answering(interaction):
            if interaction.message is not None:
                await studio_of(interaction).removal.ask(interaction, interaction.message)


class ConfirmDeletion(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"deleted:(?:(?P<ticket>[0-9a-f]{20})|(?P<channel>[0-9]+)/(?P<message>[0-9]+))",
):
    """Let it go."""

    def __init__(self, target: Target) -> None:
        what = target.ticket_id or f"{target.channel_id}/{target.message_id}"
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=words.CONFIRMED(), style=discord.ButtonStyle.danger, custom_id=f"deleted:{what}"
        )
        super().__init__(button)
        self._target = target

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "ConfirmDeletion":
        """The button of a question, perhaps of a former process."""
        if match["ticket"]:
            return cls(Target(match["ticket"]))
        return cls(Target(None, int(match["channel"]), int(match["message"])))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Delete it, and say so where it was asked."""
        studio, message = studio_of(interaction), interaction.message
        async with working(interaction, studio.store.owed, Manner.CLICK):
            if message is not None and message.attachments:  # of the picture itself
                await studio.removal.remove_here(interaction, message)
                return
            await studio.removal.remove(interaction, self._target)
            await interaction.edit_original_response(content=words.DELETED(), view=None)


def confirmation(target: Target) -> discord.ui.View:
    """The button of the question."""
    return discord.ui.View(timeout=None).add_item(ConfirmDeletion(target))
