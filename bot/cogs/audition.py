"""Try out all styles on a picture: `/audition`, "Try all styles on this image" on a message.

Rule: as for `/stylize`, whose options these are, without those that a sheet of many styles has no use for.
"""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import working
from bot.cogs.options import NAMED_LENGTH, PictureOptions, picture_choices
from bot.cogs.reach import everywhere
from bot.intake import Asking
from bot.storage.interactions import Manner
from bot.studio import Studio
from bot.tickets.asked import open_manner
from bot.words import audition as words
from bot.words.help import STYLIZE_OPTIONS
from bot.words.settings import COLOURS
from engine.protocol import KNOBS, Colours, RecipeName

_STRENGTH, _SIZE, _SEED, _SCALE = (KNOBS[name] for name in ("strength", "size", "seed", "style_scale"))
_OPTIONS = ("content", "picture", "member", "strength", "recipe", "size", "colours", "style_scale", "seed")
_RECIPES = [
    app_commands.Choice(name=recipe.value, value=recipe.value)
    for recipe in RecipeName
    if recipe is not RecipeName.TUTORIAL  # which does not begin small
]
_COLOURS = [app_commands.Choice(name=COLOURS[each].localised(), value=each.value) for each in Colours]


class Audition(commands.Cog):
    """The commands that try out."""

    def __init__(self, studio: Studio, tree: app_commands.CommandTree[Any]) -> None:
        self._studio, self._tree = studio, tree
        self._menu = app_commands.ContextMenu(name=words.MENU.localised(), callback=self._try_message)
        everywhere(self._menu)

    async def cog_load(self) -> None:
        """Cogs do not carry context menus by themselves."""
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the menu along."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(description=words.COMMAND.localised())
    @everywhere
    @app_commands.describe(**{name: STYLIZE_OPTIONS[name].localised() for name in _OPTIONS})
    @app_commands.choices(recipe=_RECIPES, colours=_COLOURS)
    async def audition(
        self,
        interaction: discord.Interaction,
        content: discord.Attachment | None = None,
        picture: app_commands.Range[str, 1, NAMED_LENGTH] | None = None,
        member: discord.Member | discord.User | None = None,
        strength: app_commands.Range[int, _STRENGTH.minimum, _STRENGTH.maximum] | None = None,
        recipe: str | None = None,
        size: app_commands.Range[int, _SIZE.minimum, _SIZE.maximum] | None = None,
        colours: str | None = None,
        style_scale: app_commands.Range[float, _SCALE.minimum, _SCALE.maximum] | None = None,
        seed: app_commands.Range[int, _SEED.minimum, _SEED.maximum] | None = None,
    ) -> None:
        """Check what can be checked at once, and hand in the rest."""
        asking, given = Asking.by(interaction), PictureOptions(content, picture, member)
        await self._studio.intake.require(asking)
        given.require_one()
        settings = {
            "strength": strength,
            "recipe": recipe,
            "size": size,
            "colours": colours,
            "style_scale": style_scale,
            "seed": seed,
        }
        wish = self._studio.intake.tries(asking, settings)
        await given.paint(self._studio, interaction, asking, wish)

    @audition.autocomplete("picture")
    async def _complete_picture(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """What can be named without a link."""
        return picture_choices(typed)

    async def _try_message(self, interaction: discord.Interaction, message: discord.Message) -> None:
        asking = Asking.by(interaction)
        await self._studio.intake.require(asking)
        if message.message_snapshots:  # whose it is, its original tells
            manner = open_manner(interaction, Manner.THINKING)
            async with working(interaction, self._studio.store.owed, manner):
                await self._try(interaction, asking, message)
        else:
            await self._try(interaction, asking, message)

    async def _try(self, interaction: discord.Interaction, asking: Asking, message: discord.Message) -> None:
        pictures = await self._studio.sources.of_message(message, asking.venue.may_be_nsfw)
        await self._studio.intake.paint(interaction, asking, pictures, self._studio.intake.tries(asking))
