"""The bundled styles and how far the recipes go, as the engine last told them, kept on disk for when it is away.

Rule: never older than FRESH_SECONDS while the engine answers; without an answer the last known catalogue
stands, so that reactions and tickets work on while the engine is restarted.
"""

import asyncio
from pathlib import Path

import structlog
from pydantic import ValidationError

from bot.engine_client import EngineClient
from bot.errors import EngineUnreachable
from engine.protocol import MAX_SIDE, ErrorCode, RecipeName, Refusal, StyleCard, StyleList

log = structlog.get_logger(__name__)

FRESH_SECONDS = 300.0
SIZES = (256, 384, 512, 768, 1024, 1536, 2048, 3072)  # that are proposed below the largest
ASK_SECONDS = 2.0  # Discord waits three seconds for an autocompletion or an acknowledgement
# Discord gives some emoji with the one and some without, and adds the other as the member has chosen.
_VARIATION, _SKIN_TONES = "\N{VARIATION SELECTOR-16}", "".join(map(chr, range(0x1F3FB, 0x1F400)))
_PLAIN = str.maketrans("", "", _VARIATION + _SKIN_TONES)


class Catalogue:
    """The bundled styles, by name and by emoji, and the sizes of the recipes."""

    def __init__(self, engine: EngineClient, file: Path) -> None:
        self._engine, self._file = engine, file
        self._told = StyleList(styles=())
        self._asked = float("-inf")

    async def load(self) -> None:
        """Begin with what was known when the bot last ran."""
        try:
            text = await asyncio.to_thread(self._file.read_text, encoding="utf-8")
            self._told = StyleList.model_validate_json(text)
        except FileNotFoundError:
            return
        except ValidationError:
            log.warning("catalogue file not understood, asking the engine anew", file=str(self._file))

    async def styles(self) -> tuple[StyleCard, ...]:
        """All styles, asked of the engine if it is time to; empty only if no engine was ever reached."""
        return (await self._list()).styles

    async def sizes(self, recipe: RecipeName) -> list[int]:
        """Sizes to propose: those of SIZES that the engine paints with a recipe, and the largest that it does."""
        limits = (await self._list()).recipes.get(recipe)
        most = limits.max_size if limits is not None else MAX_SIDE
        return sorted({most, *(size for size in SIZES if size < most)})

    async def _list(self) -> StyleList:
        now = asyncio.get_running_loop().time()
        if self._told.styles and now < self._asked + FRESH_SECONDS:
            return self._told
        self._asked = now
        try:
            async with asyncio.timeout(ASK_SECONDS):
                fresh = await self._engine.styles()
        except (EngineUnreachable, Refusal, TimeoutError) as error:
            log.warning("catalogue not refreshed", error=repr(error))
            return self._told
        if fresh != self._told:
            self._told = fresh
            await asyncio.to_thread(self._save, fresh.model_dump_json())
        return fresh

    async def named(self, name: str) -> StyleCard:
        """The style of that name or title, as a member may have typed it. Raises Refusal UNKNOWN_STYLE."""
        wanted = name.strip().casefold()
        for style in await self.styles():
            if wanted in (style.name.casefold(), style.title.casefold()):
                return style
        if not self._told.styles:
            raise EngineUnreachable("no catalogue yet")
        raise Refusal(ErrorCode.UNKNOWN_STYLE, name=name)

    async def by_emoji(self, emoji: str) -> StyleCard | None:
        """The style that this emoji stands for, in whatever skin tone."""
        wanted = emoji.translate(_PLAIN)
        return next((s for s in await self.styles() if s.emoji.translate(_PLAIN) == wanted), None)

    async def matching(self, typed: str) -> list[StyleCard]:
        """The styles whose name, title or artist contains what was typed."""
        wanted = typed.strip().casefold()
        return [
            style
            for style in await self.styles()
            if any(wanted in text.casefold() for text in (style.name, style.title, style.artist))
        ]

    def _save(self, text: str) -> None:
        draft = self._file.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._file)
