"""A server's styles as they are looked at, renamed, removed and taken back; and an author's, wherever they are.

Rule: whoever looks sees what they may do, and it is asked again when they do it. To take a style back needs nothing but to be
its author.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import discord

from bot.engine_client import EngineClient
from bot.errors import BotError, BotErrorCode, EngineUnreachable
from bot.museum.acquisitions import Acquisitions
from bot.orders.policy import Action, Policy
from bot.orders.venue import Actor, Venue, actor_of
from bot.storage.images import Images
from bot.storage.museum import ALIVE, IMAGE, ServerStyle, State
from bot.storage.store import Store
from bot.styles.tiles import tile_of
from bot.tickets.deletion import Deletion
from bot.words import museum as words
from bot.words.post import Post
from engine.protocol import MAX_SHEET, Refusal, StyleSheet

SHEET_BYTES = 2**20
PICTURE_SECONDS = 10.0  # to wait for a sheet, before the words come without


@dataclass(frozen=True)
class Rights:
    """What somebody may do with a style where they look at it."""

    paint: bool
    take_back: bool
    rename: bool
    remove: bool


@dataclass(frozen=True)
class MuseumViews:
    """What can be pressed beneath the styles."""

    of_shelf: Callable[[Sequence[ServerStyle]], discord.ui.View]
    of_one: Callable[[ServerStyle, Rights], discord.ui.View]


class Collection:
    """The styles of all servers, for whoever looks."""

    def __init__(
        self,
        client: discord.Client,
        store: Store,
        policy: Policy,
        images: Images,
        engine: EngineClient,
        deletion: Deletion,
        acquisitions: Acquisitions,
        views: MuseumViews,
    ) -> None:
        self._client, self._store, self._policy, self._images = client, store, policy, images
        self._engine, self._deletion, self._acquisitions, self._views = engine, deletion, acquisitions, views

    # --- looked at ----------------------------------------------------------------------------------------

    async def show(self, interaction: discord.Interaction) -> None:
        """Show a server's styles, or in a direct message one's own; where something was promised."""
        venue = Venue.of(interaction)
        if venue.place.server_id is None:
            mine = self._store.museum.of_author(interaction.user.id, *ALIVE)
            text = words.own([(each, self._server_name(each)) for each in mine])
            await _edit(interaction, Post(text), self._views.of_shelf(mine))
            return
        here = self._store.museum.of_server(venue.place.server_id, *ALIVE)
        seen = [
            each for each in here if venue.is_nsfw or not each.nsfw or each.author_id == interaction.user.id
        ]
        shown = [each for each in seen if each.state is State.SHOWN and _may_be_seen(each, venue)]
        is_curator = self._policy.is_curator(actor_of(interaction), venue)
        waiting = [
            each
            for each in seen
            if each not in shown and (is_curator or each.author_id == interaction.user.id)
        ]
        text = words.page(shown, waiting, self._acquisitions.limit)
        data = await self._sheet(shown[:MAX_SHEET]) if shown else None
        picture = words.sheet(shown[:MAX_SHEET], data) if data is not None else None
        await _edit(interaction, Post(text, picture), self._views.of_shelf([*shown, *waiting]))

    def _server_name(self, style: ServerStyle) -> str | None:
        guild = self._client.get_guild(style.server_id)
        return guild.name if guild is not None else None

    async def _sheet(self, styles: Sequence[ServerStyle]) -> bytes | None:
        """All of them on one picture, unless the engine does not draw it."""
        with suppress(Refusal, EngineUnreachable, TimeoutError, FileNotFoundError):
            async with asyncio.timeout(PICTURE_SECONDS):
                tiles = [await tile_of(each.card, self._images) for each in styles]
                return (await self._engine.drawn_sheet(StyleSheet(tiles=tuple(tiles)), SHEET_BYTES)).data
        return None

    async def show_one(self, interaction: discord.Interaction, style_id: str) -> None:
        """Show one large, with what whoever looks may do with it. Raises BotError STYLE_REMOVED, STYLE_TAKEN_BACK."""
        style = self._find(style_id)
        venue, actor = Venue.of(interaction), actor_of(interaction)
        if style.server_id != venue.place.server_id and style.author_id != actor.id:
            raise BotError(BotErrorCode.STYLE_ELSEWHERE, title=style.name)
        picture = None
        with suppress(FileNotFoundError):
            data = await self._images.read(style.id, IMAGE)
            picture = words.picture(style, data) if _may_be_seen(style, venue) else None
        await _edit(
            interaction,
            Post(words.one(style), picture),
            self._views.of_one(style, self._rights(style, actor, venue)),
        )

    def _rights(self, style: ServerStyle, actor: Actor, venue: Venue) -> Rights:
        is_here = venue.place.server_id == style.server_id
        is_curator, is_author = is_here and self._policy.is_curator(actor, venue), actor.id == style.author_id
        is_shown = style.state is State.SHOWN and _may_be_seen(style, venue)
        return Rights(is_here and is_shown, is_author, is_curator, is_curator)

    # --- changed ------------------------------------------------------------------------------------------

    async def require_renaming(self, actor: Actor, venue: Venue, style_id: str) -> ServerStyle:
        """The style that somebody wants to rename, who may. Raises BotError as the policy does, and as `show_one`."""
        await self._policy.require(actor, venue, Action.CURATE)
        style = self._find(style_id)
        if not self._rights(style, actor, venue).rename:
            raise BotError(BotErrorCode.NOT_A_CURATOR)
        return style

    async def rename(self, actor: Actor, venue: Venue, style_id: str, name: str, emoji: str) -> None:
        """Give a style another name and emoji. Raises BotError, as `require_renaming` and for the name and the emoji."""
        style = await self.require_renaming(actor, venue, style_id)
        async with self._acquisitions.naming(style.server_id):
            changed = await self._store.museum.save(
                style,
                *ALIVE,
                name=self._acquisitions.free_name(style.server_id, name, style.id),
                emoji=self._acquisitions.free_emoji(style.server_id, emoji or style.emoji, style.id),
            )
        if changed is not None and changed.question_id is not None:
            await self._acquisitions.show(changed)

    async def require_removing(self, actor: Actor, venue: Venue, style_id: str) -> ServerStyle:
        """The style that a moderator wants to remove. Raises BotError as the policy does, and as `show_one`."""
        await self._policy.require(actor, venue, Action.TAKE_OUT)
        style = self._find(style_id)
        if style.server_id != venue.place.server_id:
            raise BotError(BotErrorCode.STYLE_ELSEWHERE, title=style.name)
        return style

    async def remove(self, actor: Actor, venue: Venue, style_id: str) -> ServerStyle:
        """Let a style be one of this server's no more. Raises BotError as `require_removing`."""
        style = await self.require_removing(actor, venue, style_id)
        await self._deletion.end_styles([style], State.REMOVED, by_id=actor.id)
        return style

    def require_author(self, member_id: int, style_id: str) -> ServerStyle:
        """The style that its author wants to take back. Raises BotError NOT_THE_AUTHOR, and as `show_one`."""
        style = self._find(style_id)
        if style.author_id != member_id:
            raise BotError(BotErrorCode.NOT_THE_AUTHOR, author=style.author_id)
        return style

    async def take_back(self, member_id: int, style_id: str, *, results: bool) -> ServerStyle:
        """End a style's use, and with `results` delete what was painted in it. Raises BotError as `require_author`."""
        style = self.require_author(member_id, style_id)
        await self._deletion.end_styles([style], State.TAKEN_BACK, results=results, by_id=member_id)
        return style

    def _find(self, style_id: str) -> ServerStyle:
        style = self._store.museum.find(style_id)
        if style is None or style.state not in ALIVE:
            is_taken_back = style is not None and style.state is State.TAKEN_BACK
            code = BotErrorCode.STYLE_TAKEN_BACK if is_taken_back else BotErrorCode.STYLE_REMOVED
            raise BotError(code, title=style.name if style is not None else words.THAT_STYLE())
        return style


def _may_be_seen(style: ServerStyle, venue: Venue) -> bool:
    """Whether a style's picture may be shown in a place."""
    return venue.is_nsfw or not style.nsfw


async def _edit(interaction: discord.Interaction, post: Post, view: discord.ui.View) -> None:
    await interaction.edit_original_response(content=post.text, attachments=post.files(), view=view)
