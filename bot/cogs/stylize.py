"""Paint a picture: `/stylize`, "Stylize this image" on a message, "Stylize this avatar" on a member.

Rule: a thin translation. What needs Discord to be found is found after the acknowledgement; whatever else is asked,
memory answers. Options, bounds and help are those of the protocol's KNOBS.
"""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import working
from bot.cogs.options import NAMED_LENGTH, PictureOptions, picture_choices
from bot.cogs.reach import everywhere
from bot.errors import BotError, BotErrorCode
from bot.intake import Asking, Wish
from bot.orders.request import Style
from bot.orders.venue import Venue
from bot.storage.interactions import Manner
from bot.studio import Studio
from bot.words import help as words
from bot.words.catalogue import localised
from bot.words.settings import COLOURS, preset_choice, recipe_choice, size_choice
from engine.protocol import KNOBS, PRESETS, Colours, RecipeName

_CHOICES = 25  # that Discord allows in an autocompletion
_NAME = 100  # characters of a choice, and more than any style's name has
_STRENGTH, _SIZE, _SEED, _SCALE = (KNOBS[name] for name in ("strength", "size", "seed", "style_scale"))
_COLOURS = [app_commands.Choice(name=COLOURS[each].localised(), value=each.value) for each in Colours]
_PRESETS = [
    app_commands.Choice(name=preset_choice(preset, facts), value=preset.value)
    for preset, facts in PRESETS.items()
]


class Stylize(commands.Cog):
    """The commands that paint."""

    def __init__(self, studio: Studio, tree: app_commands.CommandTree[Any]) -> None:
        self._studio, self._tree = studio, tree
        self._menus = (
            app_commands.ContextMenu(name=words.STYLIZE_MENU.localised(), callback=self._stylize_message),
            app_commands.ContextMenu(name=words.AVATAR_MENU.localised(), callback=self._stylize_avatar),
        )
        for menu in self._menus:
            everywhere(menu)

    async def cog_load(self) -> None:
        """Cogs do not carry context menus by themselves."""
        for menu in self._menus:
            self._tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Take the menus along."""
        for menu in self._menus:
            self._tree.remove_command(menu.name, type=menu.type)

    @app_commands.command(description=words.STYLIZE.localised())
    @everywhere
    @app_commands.describe(**localised(words.STYLIZE_OPTIONS))
    @app_commands.choices(colours=_COLOURS, preset=_PRESETS)
    async def stylize(
        self,
        interaction: discord.Interaction,
        content: discord.Attachment | None = None,
        style: app_commands.Range[str, 1, _NAME] | None = None,
        style_image: discord.Attachment | None = None,
        picture: app_commands.Range[str, 1, NAMED_LENGTH] | None = None,
        member: discord.Member | discord.User | None = None,
        strength: app_commands.Range[int, _STRENGTH.minimum, _STRENGTH.maximum] | None = None,
        recipe: app_commands.Range[str, 1, _NAME] | None = None,
        size: app_commands.Range[int, _SIZE.minimum, _SIZE.maximum] | None = None,
        colours: str | None = None,
        style_scale: app_commands.Range[float, _SCALE.minimum, _SCALE.maximum] | None = None,
        preset: str | None = None,
        second_image: discord.Attachment | None = None,
        mask: discord.Attachment | None = None,
        seed: app_commands.Range[int, _SEED.minimum, _SEED.maximum] | None = None,
    ) -> None:
        """Check what can be checked at once, and hand in the rest."""
        asking, given = Asking.by(interaction), PictureOptions(content, picture, member)
        await self._studio.intake.require(asking)
        given.require_one()
        named = (self._studio.catalogue.offer(asking.venue).named(style),) if style else ()
        images = (asking.sent(image) for image in (style_image, second_image) if image is not None)
        settings = {
            "strength": strength,
            "recipe": _recipe(recipe) if recipe else None,
            "size": size,
            "colours": colours,
            "style_scale": style_scale,
            "preset": preset,
            "seed": seed,
        }
        styles: tuple[Style, ...] = (*named, *images)
        wish = Wish(styles, settings, asking.sent(mask) if mask is not None else None)
        await given.paint(self._studio, interaction, asking, wish)

    @stylize.autocomplete("style")
    async def _complete_style(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Whatever may be meant, the best first."""
        found = self._studio.catalogue.offer(Venue.of(interaction)).matching(typed)
        return [
            app_commands.Choice(name=words.style_choice(style), value=style.name)
            for style in found[:_CHOICES]
        ]

    @stylize.autocomplete("recipe")
    async def _complete_recipe(
        self, _interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """All of them, with how long they take on this engine; those that begin as it is typed come first."""
        begun = typed.strip().casefold()
        return [
            app_commands.Choice(
                name=recipe_choice(recipe, self._studio.catalogue.seconds(recipe)), value=recipe.value
            )
            for recipe in sorted(RecipeName, key=lambda recipe: not recipe.startswith(begun))
        ]

    @stylize.autocomplete("picture")
    async def _complete_picture(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """What can be named without a link."""
        return picture_choices(typed)

    @stylize.autocomplete("size")
    async def _complete_size(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[int]]:
        """Only what is painted here: another recipe may go further."""
        chosen = interaction.namespace.recipe
        recipe = RecipeName(chosen) if chosen in list(RecipeName) else KNOBS["recipe"].default
        return [
            app_commands.Choice(name=size_choice(size), value=size)
            for size in self._studio.catalogue.sizes(recipe)
            if str(size).startswith(str(typed))
        ]

    async def _stylize_message(self, interaction: discord.Interaction, message: discord.Message) -> None:
        asking = Asking.by(interaction)
        await self._studio.intake.require(asking)
        if message.message_snapshots:  # whose it is, its original tells
            async with working(interaction, self._studio.store.owed, Manner.THINKING):
                await self._choose_of(interaction, asking, message)
        else:
            await self._choose_of(interaction, asking, message)

    async def _choose_of(
        self, interaction: discord.Interaction, asking: Asking, message: discord.Message
    ) -> None:
        pictures = await self._studio.sources.of_message(message, asking.venue.may_be_nsfw)
        await self._studio.intake.choose(interaction, pictures, Wish())

    async def _stylize_avatar(
        self, interaction: discord.Interaction, member: discord.Member | discord.User
    ) -> None:
        await self._studio.intake.require(Asking.by(interaction))
        avatar = self._studio.sources.avatar(member)
        await self._studio.intake.choose(interaction, [avatar], Wish())


def _recipe(typed: str) -> RecipeName:
    """The recipe that was chosen, or typed without choosing. Raises BotError UNKNOWN_RECIPE."""
    begun = typed.strip().casefold()
    found = next((recipe for recipe in RecipeName if begun and recipe.startswith(begun)), None)
    if found is None:
        raise BotError(BotErrorCode.UNKNOWN_RECIPE)
    return found
