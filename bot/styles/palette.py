"""The palette under pictures: which styles it begins with, and the emoji that tries out all.

Rule: what the bot puts under a picture are few requests: FAVOURITES emojis at most, and MORE if there is more. Every
style on offer counts when its emoji is given by hand.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from cachetools import TTLCache
from sqlalchemy.exc import DBAPIError

from bot.errors import short
from bot.storage.posts import Posts
from bot.storage.reactions import ALL_STYLES
from bot.storage.settings import FAVOURITES, ChannelSettings
from bot.styles.catalogue import Catalogue
from bot.styles.search import plain_emoji
from bot.words.palette import MORE
from engine.protocol import StyleCard

log = structlog.get_logger(__name__)

REQUESTS = FAVOURITES + 1  # for a picture
_NEWEST = 300  # results of a server, of which the styles are counted
_SERVERS, _COUNTED_SECONDS = 10_000, 3600.0


@dataclass(frozen=True)
class Tap:
    """What an emoji under a picture asks for: a style, or all of them."""

    style: StyleCard | None

    @property
    def name(self) -> str:
        """What it is counted as."""
        return self.style.name if self.style is not None else ALL_STYLES


class Palettes:
    """What is put under the pictures of each channel."""

    def __init__(self, posts: Posts, catalogue: Catalogue) -> None:
        self._posts, self._catalogue = posts, catalogue
        # By server: those that its members use, most first.
        self._used: TTLCache[int, tuple[str, ...]] = TTLCache(_SERVERS, _COUNTED_SECONDS, _now)

    def tap(self, emoji: str, server_id: int | None, *, nsfw: bool = True) -> Tap | None:
        """What an emoji asks for in a server; None if it is only an emoji. Without `nsfw`, where all may look."""
        if plain_emoji(emoji) == plain_emoji(MORE):
            return Tap(None)
        style = self._catalogue.offer_in(server_id, nsfw=nsfw).by_emoji(emoji)
        return Tap(style) if style is not None else None

    async def emojis(self, server_id: int, settings: ChannelSettings, *, nsfw: bool) -> list[str]:
        """The emojis to put under a picture, in their order; at most REQUESTS."""
        styles = self._catalogue.offer_in(server_id, nsfw=nsfw).styles
        offered = [style for style in styles if settings.offers(style.name)]
        chosen = await self._favourites(server_id, settings, offered)
        return [style.emoji for style in chosen] + ([MORE] if len(offered) > len(chosen) else [])

    async def _favourites(
        self, server_id: int, settings: ChannelSettings, offered: Sequence[StyleCard]
    ) -> list[StyleCard]:
        """Those that the server has chosen, or that its members use most; else the first."""
        if len(offered) <= FAVOURITES:
            return [*offered]
        chosen = [style for style in offered if style.name in settings.favourites]
        if chosen:
            return chosen
        used = await self._used_in(server_id)
        return sorted(offered, key=lambda style: used.index(style.name) if style.name in used else len(used))[
            :FAVOURITES
        ]

    async def _used_in(self, server_id: int) -> tuple[str, ...]:
        known: tuple[str, ...] | None = self._used.get(server_id)
        if known is None:
            try:
                counted = await self._posts.styles_in(server_id, _NEWEST)
            except DBAPIError as error:  # a palette without them is one all the same
                log.warning("styles not counted", server=server_id, error=short(error))
                return ()
            known = self._used[server_id] = tuple(name for name, _ in counted.most_common())
        return known


def _now() -> float:
    return time.monotonic()
