"""Tell how a picture was painted: "How was this painted?" on a message.

Rule: the answer is what the picture itself says, so it works for every result wherever it was posted, also
when nothing else is known of it any more.
"""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.reach import everywhere
from bot.errors import BotError, BotErrorCode
from bot.orders import attachments
from bot.studio import Studio
from bot.words import help as help_words


class Provenance(commands.Cog):
    """The message menu that reads pictures."""

    def __init__(self, studio: Studio, tree: app_commands.CommandTree[Any]) -> None:
        self._studio, self._tree = studio, tree
        self._menu = app_commands.ContextMenu(
            name=help_words.PROVENANCE_MENU.localised(), callback=self._tell
        )
        everywhere(self._menu)

    async def cog_load(self) -> None:
        """Cogs do not carry context menus by themselves."""
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the menu along."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    async def _tell(self, interaction: discord.Interaction, message: discord.Message) -> None:
        picture = attachments.first_picture(message)
        if picture is None:
            raise BotError(BotErrorCode.NO_PICTURE)
        await self._studio.provenance.show_picture(interaction, picture, message.id)
