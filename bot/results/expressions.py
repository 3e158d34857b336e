"""A finished picture as an emoji, a sticker, the icon or the banner of a server, by whoever may change these.

Rule: the engine cuts and shrinks it, so that Discord takes it; both the member and the bot need the permission.
"""

import io
import re
from dataclasses import dataclass

import discord

from bot.answers import answering, working
from bot.errors import BotError, BotErrorCode
from bot.orders.policy import Action
from bot.place import Place
from bot.results.pictures import FinishedPictures
from bot.storage.interactions import Manner
from bot.storage.tickets import Ticket
from bot.tickets.views import Views
from bot.words import expressions as words
from engine.protocol import PRESETS, CrashPoint, ImageFormat, Preset, reach, sniff

_FULL = (30008, 30018, 30039, 30056)  # emojis, animated ones, stickers
_NOT_TAKEN = (50035, 50045, 50046, 50138, 170001, 170002, 170003, 170004, 170005, 170006)
_NEEDED = "create_expressions"


class Expressions:
    """What puts pictures into servers."""

    def __init__(self, pictures: FinishedPictures, views: Views) -> None:
        self._pictures, self._views = pictures, views

    async def ask_emoji(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Ask for the name of an emoji. Raises BotError."""
        await self._ask(interaction, ticket_id, Preset.EMOJI)

    async def ask_sticker(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Ask for the name of a sticker. Raises BotError."""
        await self._ask(interaction, ticket_id, Preset.STICKER)

    async def _ask(self, interaction: discord.Interaction, ticket_id: str, preset: Preset) -> None:
        ticket, _, _ = await self._require(interaction, ticket_id)
        await interaction.response.send_modal(NameForm(self, ticket, preset))

    async def add(self, interaction: discord.Interaction, ticket_id: str, preset: Preset, name: str) -> None:
        """Add it to the server under a name, or say why not. Raises BotError."""
        ticket, job, guild = await self._require(interaction, ticket_id)
        async with working(interaction, self._pictures.store.owed, Manner.THINKING):
            async with self._pictures.turn(interaction.user.id):
                limit = PRESETS[preset].max_bytes
                rendered = await self._pictures.engine.result(job, max_bytes=limit, preset=preset)
                if len(rendered.data) > limit:
                    raise BotError(BotErrorCode.NOT_EXPRESSED)
                with self._pictures.speaking_to_all(interaction):
                    about = _About(words.sticker_description(ticket), words.reason(str(interaction.user.id)))
                try:
                    added = await _add(guild, preset, name, rendered.data, about)
                except discord.HTTPException as error:
                    raise _refusal(error) from error
            reach(CrashPoint.BOT_EXPRESSION_ADDED)
            await interaction.edit_original_response(content=added)

    async def show_avatar(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Answer, privately, with the picture cut for an avatar. Raises BotError."""
        await self._show(interaction, ticket_id, Preset.AVATAR)

    async def show_banner(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Answer, privately, with the picture cut for a banner. Raises BotError."""
        await self._show(interaction, ticket_id, Preset.BANNER)

    async def set_icon(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Make it the server's icon, or say why not. Raises BotError."""
        await self._set(interaction, ticket_id, Preset.AVATAR)

    async def set_banner(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Make it the server's banner, or say why not. Raises BotError."""
        await self._set(interaction, ticket_id, Preset.BANNER)

    async def _show(self, interaction: discord.Interaction, ticket_id: str, preset: Preset) -> None:
        await self._pictures.require(interaction, Action.LOOK)
        async with working(interaction, self._pictures.store.owed, Manner.THINKING):
            ticket, data = await self._cut(interaction, ticket_id, preset, Action.LOOK)
            post = words.cut(ticket, preset, data)
            may_set = (
                await self._pictures.is_shown(interaction, Action.EXPRESS, ticket)
                and not ticket.spoiler
                and interaction.permissions.manage_guild
                and _can_set(interaction, preset)
            )
            view = self._views.of_cut(ticket, preset) if may_set else None
            await interaction.edit_original_response(content=post.text, attachments=post.files(), view=view)

    async def _set(self, interaction: discord.Interaction, ticket_id: str, preset: Preset) -> None:
        _, _, guild = await self._require(interaction, ticket_id, Action.SET_UP, "manage_guild")
        async with working(interaction, self._pictures.store.owed, Manner.THINKING):
            _, data = await self._cut(interaction, ticket_id, preset, Action.EXPRESS)
            with self._pictures.speaking_to_all(interaction):
                reason = words.reason(str(interaction.user.id))
            try:
                if preset is Preset.AVATAR:
                    await guild.edit(icon=data, reason=reason)
                else:
                    await guild.edit(banner=data, reason=reason)
            except discord.HTTPException as error:
                raise _refusal(error, "manage_guild") from error
            await interaction.edit_original_response(content=words.SET())

    async def _cut(
        self, interaction: discord.Interaction, ticket_id: str, preset: Preset, action: Action
    ) -> tuple[Ticket, bytes]:
        ticket, job = await self._pictures.painted(interaction, ticket_id, action)
        async with self._pictures.turn(interaction.user.id):
            limit = PRESETS[preset].max_bytes
            return ticket, (await self._pictures.engine.result(job, max_bytes=limit, preset=preset)).data

    async def _require(
        self,
        interaction: discord.Interaction,
        ticket_id: str,
        action: Action = Action.EXPRESS,
        needed: str = _NEEDED,
    ) -> tuple[Ticket, str, discord.Guild]:
        """The picture, its job and the server, if both may change that, and all there may see it. Raises BotError."""
        if interaction.guild is None or Place.of(interaction).is_by_token:
            raise BotError(BotErrorCode.SERVER_ONLY)
        await self._pictures.require(interaction, action)
        ticket, job = await self._pictures.painted(interaction, ticket_id, Action.EXPRESS)
        if ticket.spoiler:
            raise BotError(BotErrorCode.HIDDEN_PICTURE)
        if not getattr(interaction.app_permissions, needed):
            raise BotError(BotErrorCode.CANNOT_EXPRESS, permissions=[needed])
        return ticket, job, interaction.guild


def _can_set(interaction: discord.Interaction, preset: Preset) -> bool:
    """Whether the server can have it, and the bot may set it."""
    guild = interaction.guild
    if guild is None or Place.of(interaction).is_by_token or not interaction.app_permissions.manage_guild:
        return False
    return preset is Preset.AVATAR or "BANNER" in guild.features


class NameForm(discord.ui.Modal):
    """Asks what an emoji or a sticker shall be called."""

    def __init__(self, expressions: Expressions, ticket: Ticket, preset: Preset) -> None:
        super().__init__(title=words.TITLES[preset]())
        self._expressions, self._ticket_id, self._preset = expressions, ticket.id, preset
        style = ticket.styles[0]
        self._name: discord.ui.TextInput[NameForm] = discord.ui.TextInput(
            custom_id="name",
            min_length=2,
            max_length=words.NAME_LIMIT,
            default=emoji_name(style.name if style else words.NAME()),
        )
        self.add_item(
            discord.ui.Label(text=words.NAME_LABEL(), description=words.HINTS[preset](), component=self._name)
        )

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Add it."""
        async with answering(interaction):
            await self._expressions.add(interaction, self._ticket_id, self._preset, self._name.value)


def emoji_name(text: str) -> str:
    """What Discord takes as the name of an emoji: 2 to 32 letters, digits and underscores."""
    name = re.sub(r"\W+", "_", text.strip(), flags=re.ASCII).strip("_")[: words.NAME_LIMIT]
    return name if len(name) >= 2 else words.NAME()


@dataclass(frozen=True)
class _About:
    """What all in a server can read of something that was added to it."""

    description: str
    reason: str


async def _add(guild: discord.Guild, preset: Preset, name: str, data: bytes, about: _About) -> str:
    if preset is Preset.EMOJI:
        emoji = await guild.create_custom_emoji(name=emoji_name(name), image=data, reason=about.reason)
        return words.emoji_added(str(emoji), emoji.name)
    kind = sniff(data[:32]) or ImageFormat.PNG
    picture = discord.File(io.BytesIO(data), f"{emoji_name(name)}.{kind.lower()}")
    sticker = await guild.create_sticker(
        name=name.strip(),
        description=about.description,
        emoji="🎨",
        file=picture,
        reason=about.reason,
    )
    return words.sticker_added(sticker.name)


def _refusal(error: discord.HTTPException, needed: str = _NEEDED) -> Exception:
    if error.code in _FULL:
        return BotError(BotErrorCode.NO_MORE_EXPRESSIONS)
    if error.code in (50013, 50001):
        return BotError(BotErrorCode.CANNOT_EXPRESS, permissions=[needed])
    return BotError(BotErrorCode.NOT_EXPRESSED) if error.code in _NOT_TAKEN else error
