"""The bundled styles and how far the recipes go, as the engine last told them, kept on disk for when it is away.

Rule: whoever asks is answered from memory, at once, since Discord waits three seconds for an acknowledgement and the
engine may hang. What is older than FRESH_SECONDS is asked for anew in the background, and stands until there is an
answer, so that reactions and tickets work on while the engine is restarted.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import discord
import structlog

from bot.engine_client import EngineClient, ExternalWait, plain_wait
from bot.errors import EngineUnreachable
from bot.orders.venue import Venue
from bot.storage.museum import Museum, State
from bot.storage.tickets import BundledStyle
from bot.styles.offer import Offer
from engine.protocol import MAX_SIDE, RecipeName, Refusal, StyleCard, StyleList

log = structlog.get_logger(__name__)

FRESH_SECONDS = 300.0
LATELY_SECONDS = 2 * 24 * 3600.0  # for which a style that was taken back is remembered by its emoji
RETRY_SECONDS = 10.0  # after an engine that did not answer, while nothing is known at all
FIRST_SECONDS = 2.0  # that the start of the bot waits for an engine it knows nothing of
SIZES = (256, 384, 512, 768, 1024, 1536, 2048, 3072)  # that are proposed below the largest


class ShownStyle(StyleCard):
    """A style with an emoji of its study, which a menu shows instead of the unicode one."""

    study: str


class Catalogue:
    """The bundled styles, what there is of them and of a museum in a place, and the sizes of the recipes."""

    def __init__(
        self, engine: EngineClient, museum: Museum, file: Path, external_wait: ExternalWait = plain_wait
    ) -> None:
        self._engine, self._museum, self._file, self._external_wait = engine, museum, file, external_wait
        self._told = StyleList(styles=())
        self._asked = float("-inf")
        self.emojis: Mapping[
            str, str
        ] = {}  # of studies, by the styles' names; `bot.styles.emojis` finds them
        self._asking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin with what was known when the bot last ran; if that is nothing, wait a moment for the engine."""
        try:
            text = await asyncio.to_thread(self._file.read_text, encoding="utf-8")
            self._told = StyleList.model_validate_json(text)
        except FileNotFoundError:
            pass
        except (OSError, ValueError):  # ValidationError is one
            log.warning("catalogue file not understood, asking the engine anew", file=str(self._file))
        self._ask()
        if not self._told.styles and self._asking is not None:
            await asyncio.wait([self._asking], timeout=FIRST_SECONDS)

    async def close(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    def styles(self) -> tuple[StyleCard, ...]:
        """All bundled styles; empty only if no engine was ever reached."""
        emojis = self.emojis
        return tuple(
            ShownStyle(**dict(style), study=emojis[style.name]) if style.name in emojis else style
            for style in self._list().styles
        )

    def offer(self, venue: Venue | None = None) -> Offer:
        """What there is in a place, or everywhere."""
        if venue is None:
            return Offer(self.styles(), self.emojis)
        return self.offer_in(venue.place.server_id, nsfw=venue.is_nsfw)

    def offer_in(self, server_id: int | None, *, nsfw: bool) -> Offer:
        """What there is in a server, in its age-restricted channels or in the others."""
        museum, since = self._museum, discord.utils.utcnow().timestamp() - LATELY_SECONDS
        return Offer(
            (*self.styles(), *museum.cards(server_id, nsfw=nsfw)),
            self.emojis,
            museum.gone(server_id, State.TAKEN_BACK),
            museum.gone(server_id, State.TAKEN_BACK, since),
            museum.gone(server_id, State.REMOVED),
        )

    def sizes(self, recipe: RecipeName) -> list[int]:
        """Sizes to propose: those of SIZES that the engine paints with a recipe, and the largest that it does."""
        limits = self._list().recipes.get(recipe)
        most = limits.max_size if limits is not None else MAX_SIDE
        return sorted({most, *(size for size in SIZES if size < most)})

    def seconds(self, recipe: RecipeName) -> float | None:
        """How long a photo usually takes with a recipe; None if the engine does not say."""
        return self._list().seconds.get(recipe)

    def known(self, name: str) -> StyleCard | BundledStyle:
        """The style of that key, also of a museum; of one of which nothing is known any more, the key is all."""
        found = next((each for each in self.styles() if each.name == name), None)
        own = self._museum.find(name)
        return found or (own.card if own is not None else BundledStyle(name, name, "", ""))

    def _list(self) -> StyleList:
        pause = FRESH_SECONDS if self._told.styles else RETRY_SECONDS
        if asyncio.get_running_loop().time() >= self._asked + pause:
            self._ask()
        return self._told

    def _ask(self) -> None:
        if self._asking is None or self._asking.done():
            self._asked = asyncio.get_running_loop().time()
            self._asking = asyncio.create_task(self.refresh(), name="catalogue")

    async def refresh(self) -> None:
        """Ask the engine, and keep what it says; what is known stands if it does not answer."""
        try:
            fresh = await self._external_wait(self._engine.styles(), "the catalogue")
        except (EngineUnreachable, Refusal) as error:
            log.warning("catalogue not refreshed", error=repr(error))
            return
        if fresh != self._told:
            self._told = fresh
            try:
                await asyncio.to_thread(self._save, fresh.model_dump_json())
            except OSError as error:
                log.warning("catalogue not saved", error=str(error))

    def _save(self, text: str) -> None:
        draft = self._file.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._file)
