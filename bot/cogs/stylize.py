"""Paint a picture: `/stylize`, and "Stylize this image" on a message.

Rule: check, hand to the desk, which stores before it acknowledges. Options, bounds and help are those of the
protocol's KNOBS.
"""

from functools import partial
from typing import Any

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.answers import reply
from bot.errors import BotError, BotErrorCode, DiscordTrouble, short
from bot.orders.attachments import check, first_picture
from bot.orders.pictures import SourcePicture
from bot.orders.policy import Action
from bot.orders.request import Style, StyleRequest
from bot.orders.venue import Venue, actor_of
from bot.place import Place
from bot.storage.interactions import Manner
from bot.studio import Studio, studio_client
from bot.styles.picker import StylePicker
from bot.tickets.asked import Asked
from bot.words import help as words
from bot.words.settings import COLOURS, preset_choice, size_choice
from engine.protocol import KNOBS, PRESETS, Colours, RecipeName, StyleCard

log = structlog.get_logger(__name__)

_CHOICES = 25  # that Discord allows in an autocompletion
_NAME = 100  # characters of a choice, and more than any style's name has
_STRENGTH, _SIZE, _SEED, _SCALE = (KNOBS[name] for name in ("strength", "size", "seed", "style_scale"))
_RECIPES = [app_commands.Choice(name=recipe.value, value=recipe.value) for recipe in RecipeName]
_COLOURS = [app_commands.Choice(name=COLOURS[each], value=each.value) for each in Colours]
_PRESETS = [
    app_commands.Choice(name=preset_choice(preset, facts), value=preset.value)
    for preset, facts in PRESETS.items()
]


class Stylize(commands.Cog):
    """The commands that paint."""

    def __init__(self, studio: Studio, tree: app_commands.CommandTree[Any]) -> None:
        self._studio, self._tree = studio, tree
        self._menu = app_commands.ContextMenu(name=words.STYLIZE_MENU, callback=self._pick_style)
        self._menu.guild_only = True

    async def cog_load(self) -> None:
        """Cogs do not carry context menus by themselves."""
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the menu along."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(description=words.STYLIZE)
    @app_commands.guild_only()
    @app_commands.describe(**words.STYLIZE_OPTIONS)
    @app_commands.choices(recipe=_RECIPES, colours=_COLOURS, preset=_PRESETS)
    async def stylize(
        self,
        interaction: discord.Interaction,
        content: discord.Attachment,
        style_image: discord.Attachment | None = None,
        style: app_commands.Range[str, 1, _NAME] | None = None,
        strength: app_commands.Range[int, _STRENGTH.minimum, _STRENGTH.maximum] | None = None,
        recipe: str | None = None,
        size: app_commands.Range[int, _SIZE.minimum, _SIZE.maximum] | None = None,
        colours: str | None = None,
        style_scale: app_commands.Range[float, _SCALE.minimum, _SCALE.maximum] | None = None,
        preset: str | None = None,
        second_image: discord.Attachment | None = None,
        mask: discord.Attachment | None = None,
        seed: app_commands.Range[int, _SEED.minimum, _SEED.maximum] | None = None,
    ) -> None:
        """Check what can be checked at once, and hand in the rest."""
        await self._require(interaction)
        named = (await self._studio.catalogue.named(style),) if style else ()
        images = (_sent(interaction, image) for image in (style_image, second_image) if image is not None)
        settings = {
            "strength": strength,
            "recipe": recipe,
            "size": size,
            "colours": colours,
            "style_scale": style_scale,
            "preset": preset,
            "seed": seed,
        }
        request = _request(
            interaction,
            _sent(interaction, content),
            (*named, *images),
            settings,
            mask=_sent(interaction, mask) if mask is not None else None,
        )
        await self._studio.desk.accept(request, Asked(interaction, Manner.THINKING))

    @stylize.autocomplete("style")
    async def _complete_style(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        found = await self._studio.catalogue.matching(typed)
        return [
            app_commands.Choice(name=words.style_choice(style), value=style.name)
            for style in found[:_CHOICES]
        ]

    @stylize.autocomplete("size")
    async def _complete_size(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[int]]:
        """Only what is painted here: another recipe may go further."""
        chosen = interaction.namespace.recipe
        recipe = RecipeName(chosen) if chosen in list(RecipeName) else KNOBS["recipe"].default
        return [
            app_commands.Choice(name=size_choice(size), value=size)
            for size in await self._studio.catalogue.sizes(recipe)
            if str(size).startswith(str(typed))
        ]

    async def _require(self, interaction: discord.Interaction, author_id: int | None = None) -> None:
        await self._studio.policy.require(
            actor_of(interaction), Venue.of(interaction), Action.PAINT, author_id
        )

    async def _pick_style(self, interaction: discord.Interaction, message: discord.Message) -> None:
        picture = first_picture(message)
        if picture is None:
            raise BotError(BotErrorCode.NO_PICTURE)
        await self._require(interaction, picture.author_id)
        check(picture, "content")
        styles = await self._studio.catalogue.styles()
        if not styles:
            await reply(interaction, words.NO_STYLES)
            return
        picked = partial(self._style_picked, message, picture)
        custom_id = f"{studio_client(interaction).session}:{interaction.id}"
        picker = StylePicker(interaction, styles, picked, self._studio.store.owed, custom_id)
        await reply(interaction, words.PICK_STYLE, picker)

    async def _style_picked(
        self,
        message: discord.Message,
        picture: SourcePicture,
        interaction: discord.Interaction,
        style: StyleCard,
    ) -> None:
        await self._require(interaction, picture.author_id)
        request = _request(interaction, picture, (style,), {}, message.id)
        await self._studio.desk.accept(request, Asked(interaction, Manner.CLICK))
        try:
            await interaction.edit_original_response(content=words.ACCEPTED, view=None)
        except DiscordTrouble as error:  # it is taken all the same
            log.info("style picker not closed", interaction=interaction.id, error=short(error))


def _request(
    interaction: discord.Interaction,
    content: SourcePicture,
    styles: tuple[Style, ...],
    settings: dict[str, Any],
    source_message_id: int | None = None,
    mask: SourcePicture | None = None,
) -> StyleRequest:
    return StyleRequest(
        place=Place.of(interaction),
        user_id=interaction.user.id,
        content=content,
        styles=styles,
        settings={name: value for name, value in settings.items() if value is not None},
        mask=mask,
        source_message_id=source_message_id,
        upload_limit=interaction.filesize_limit,
    )


def _sent(interaction: discord.Interaction, attachment: discord.Attachment) -> SourcePicture:
    """What somebody has sent along is theirs, as far as anybody knows."""
    return SourcePicture.of_attachment(attachment, interaction.user.id)
