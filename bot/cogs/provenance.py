"""Tell how a picture was painted: "How was this painted?" on a message.

Rule: the answer is what the picture itself says, so it works for every result wherever it was posted, also
when nothing else is known of it any more.
"""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import working
from bot.errors import BotError, BotErrorCode, DiscordTrouble
from bot.orders import attachments
from bot.orders.budget import ByteBudget
from bot.orders.pictures import SourcePicture
from bot.place import Place
from bot.storage.interactions import Manner
from bot.studio import Studio
from bot.words import help as help_words
from bot.words import provenance as words
from engine.protocol import most_bytes


class Provenance(commands.Cog):
    """The message menu that reads pictures."""

    def __init__(self, studio: Studio, tree: app_commands.CommandTree[Any]) -> None:
        self._studio, self._tree = studio, tree
        self._budget = ByteBudget()
        self._menu = app_commands.ContextMenu(name=help_words.PROVENANCE_MENU, callback=self._tell)

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
        attachments.check(picture, "previous")
        async with working(interaction, self._studio.store.owed, Manner.THINKING):
            size = most_bytes("previous") if picture.size is None else picture.size
            async with self._budget.hold(size, Place.of(interaction).group(interaction.user.id)):
                provenance = await self._studio.engine.provenance(await _bytes(interaction.client, picture))
            text = words.answer(provenance, self._studio.catalogue.styles())
            await interaction.edit_original_response(content=text)


async def _bytes(client: discord.Client, picture: SourcePicture) -> bytes:
    try:
        return await attachments.download(client, picture.url, "previous")
    except DiscordTrouble as error:
        raise BotError(BotErrorCode.NOT_FETCHED, image="previous") from error
