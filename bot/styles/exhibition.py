"""The styles as pictures: page by page, each page one picture that the engine draws, and one of them large.

Rule: it works while the engine is away, without the pictures: what the styles are called is known all the same. All that
a page needs is its number, so that its buttons outlive the process.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import discord

from bot.answers import working
from bot.engine_client import EngineClient
from bot.errors import EngineUnreachable
from bot.orders.venue import Venue
from bot.storage.images import Images
from bot.storage.interactions import Manner, OwedAnswers
from bot.storage.museum import IMAGE, ServerStyleCard
from bot.styles.catalogue import Catalogue
from bot.styles.tiles import tile_of
from bot.words import exhibition as words
from bot.words.help import NO_STYLES
from bot.words.paintings import title_of
from bot.words.post import Post
from engine.protocol import Refusal, StyleCard, StyleSheet

MOST = 9  # styles on a page
SHEET_BYTES = 2**20
PICTURE_SECONDS = 10.0  # to wait for a picture, before the words come without


@dataclass(frozen=True)
class ExhibitionPage:
    """Some of the styles; `number` counts from 0, `first` is the number of its first style."""

    number: int
    of: int
    first: int
    styles: Sequence[StyleCard]


class Exhibition:
    """Shows the styles, privately; `of_page` and `of_style` make what can be pressed beneath."""

    def __init__(
        self,
        catalogue: Catalogue,
        engine: EngineClient,
        images: Images,
        owed: OwedAnswers,
        of_page: Callable[[ExhibitionPage], discord.ui.View],
        of_style: Callable[[ExhibitionPage, StyleCard], discord.ui.View],
    ) -> None:
        self._catalogue, self._engine, self._images, self._owed = catalogue, engine, images, owed
        self._of_page, self._of_style = of_page, of_style

    async def show_page(self, interaction: discord.Interaction, number: int, manner: Manner) -> None:
        """Show a page, in answer to a command or in place of another one."""
        async with working(interaction, self._owed, manner):
            page = self._page(number, Venue.of(interaction))
            if not page.styles:
                await _show(interaction, Post(NO_STYLES()), None)
                return
            text = words.page(page.styles, page.first, page.number + 1, page.of)
            drawn = await _picture(self._sheet(page))
            sheet = words.sheet(page.styles, page.first, drawn) if drawn is not None else None
            await _show(interaction, Post(text, sheet), self._of_page(page))

    async def show_style(self, interaction: discord.Interaction, number: int, name: str) -> None:
        """Show a style of a page large, in place of the page. Raises Refusal UNKNOWN_STYLE."""
        async with working(interaction, self._owed, Manner.CLICK):
            venue = Venue.of(interaction)
            style = self._catalogue.offer(venue).named(name)
            drawn = await _picture(self._study(style))
            study = words.study(style, drawn) if drawn is not None else None
            view = self._of_style(self._page(number, venue), style)
            await _show(interaction, Post(words.one(style), study), view)

    async def _study(self, style: StyleCard) -> bytes:
        """A style, large: of a server's its own picture."""
        if isinstance(style, ServerStyleCard):
            return await self._images.read(style.name, IMAGE)
        return (await self._engine.study(style.name, SHEET_BYTES)).data

    async def _sheet(self, page: ExhibitionPage) -> bytes:
        """All styles of a page; the engine's own by an address that it can be cached by."""
        names = [style.name for style in page.styles if _is_engines(style)]
        if len(names) == len(page.styles):
            return (await self._engine.styles_sheet(names, page.first, SHEET_BYTES)).data
        tiles = [await tile_of(style, self._images) for style in page.styles]
        sheet = StyleSheet(first=page.first, tiles=tuple(tiles))
        return (await self._engine.drawn_sheet(sheet, SHEET_BYTES)).data

    def _page(self, number: int, venue: Venue) -> ExhibitionPage:
        """A page, or the last one, of pages of about one size."""
        styles = self._catalogue.offer(venue).styles
        pages = max(math.ceil(len(styles) / MOST), 1)
        size = math.ceil(len(styles) / pages)
        number = min(number, pages - 1)
        return ExhibitionPage(number, pages, number * size + 1, styles[number * size : (number + 1) * size])


def _is_engines(style: StyleCard) -> bool:
    """Whether a style is the engine's, and called as it calls it."""
    return not isinstance(style, ServerStyleCard) and title_of(style) == style.title


async def _picture(drawing: Awaitable[bytes]) -> bytes | None:
    """What the engine draws, or None if it does not: the words say it too."""
    with suppress(Refusal, EngineUnreachable, TimeoutError, FileNotFoundError):
        async with asyncio.timeout(PICTURE_SECONDS):
            return await drawing
    return None


async def _show(interaction: discord.Interaction, post: Post, view: discord.ui.View | None) -> None:
    await interaction.edit_original_response(content=post.text, attachments=post.files(), view=view)
