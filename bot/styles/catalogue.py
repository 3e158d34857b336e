"""The bundled styles and how far the recipes go, as the engine last told them, kept on disk for when it is away.

Rule: whoever asks is answered from memory, at once, since Discord waits three seconds for an acknowledgement and the
engine may hang. What is older than FRESH_SECONDS is asked for anew in the background, and stands until there is an
answer, so that reactions and tickets work on while the engine is restarted.
"""

import asyncio
import difflib
from pathlib import Path

import structlog

from bot.engine_client import EngineClient, ExternalWait, plain_wait
from bot.errors import EngineUnreachable
from engine.protocol import MAX_SIDE, ErrorCode, RecipeName, Refusal, StyleCard, StyleList

log = structlog.get_logger(__name__)

FRESH_SECONDS = 300.0
RETRY_SECONDS = 10.0  # after an engine that did not answer, while nothing is known at all
FIRST_SECONDS = 2.0  # that the start of the bot waits for an engine it knows nothing of
SIZES = (256, 384, 512, 768, 1024, 1536, 2048, 3072)  # that are proposed below the largest
# Discord gives some emoji with the one and some without, and adds the other as the member has chosen.
_VARIATION, _SKIN_TONES = "\N{VARIATION SELECTOR-16}", "".join(map(chr, range(0x1F3FB, 0x1F400)))
_PLAIN = str.maketrans("", "", _VARIATION + _SKIN_TONES)
_SLIP = 0.75  # how alike a name and what was typed are, to be taken for it


class Catalogue:
    """The bundled styles, by name and by emoji, and the sizes of the recipes."""

    def __init__(self, engine: EngineClient, file: Path, external_wait: ExternalWait = plain_wait) -> None:
        self._engine, self._file, self._external_wait = engine, file, external_wait
        self._told = StyleList(styles=())
        self._asked = float("-inf")
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
        """All styles; empty only if no engine was ever reached."""
        return self._list().styles

    def sizes(self, recipe: RecipeName) -> list[int]:
        """Sizes to propose: those of SIZES that the engine paints with a recipe, and the largest that it does."""
        limits = self._list().recipes.get(recipe)
        most = limits.max_size if limits is not None else MAX_SIDE
        return sorted({most, *(size for size in SIZES if size < most)})

    def named(self, name: str) -> StyleCard:
        """The style of that name or title, as a member may have typed it. Raises Refusal UNKNOWN_STYLE."""
        wanted = name.strip().casefold()
        for style in self.styles():
            if wanted in (style.name.casefold(), style.title.casefold()):
                return style
        if not self._told.styles:
            raise EngineUnreachable("no catalogue yet")
        raise Refusal(ErrorCode.UNKNOWN_STYLE, name=name)

    def by_emoji(self, emoji: str) -> StyleCard | None:
        """The style that this emoji stands for, in whatever skin tone."""
        wanted = emoji.translate(_PLAIN)
        return next((s for s in self.styles() if s.emoji.translate(_PLAIN) == wanted), None)

    def matching(self, typed: str) -> list[StyleCard]:
        """The styles whose name, title or artist contains what was typed."""
        wanted = typed.strip().casefold()
        return [
            style
            for style in self.styles()
            if any(wanted in text.casefold() for text in (style.name, style.title, style.artist))
        ]

    def meant(self, typed: str) -> list[StyleCard]:
        """The styles that somebody may mean who writes freely: by name, emoji, a part of either, or with a slip.

        One, if it is clear which; several, if it may be any of them; none, if it is no style's name.
        """
        wanted = typed.strip().casefold()
        exact = [
            style for style in self.styles() if wanted in (style.name.casefold(), style.title.casefold())
        ]
        if exact or not wanted:
            return exact
        if (style := self.by_emoji(typed.strip())) is not None:
            return [style]
        if found := self.matching(wanted) or [style for style in self.styles() if _core(style) in wanted]:
            return found
        titles = {_core(style): style for style in self.styles()} | {
            style.title.casefold(): style for style in self.styles()
        }
        return [titles[near] for near in difflib.get_close_matches(wanted, titles, 1, _SLIP)]

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


def _core(style: StyleCard) -> str:
    """A title as somebody says it in passing."""
    return style.title.casefold().removeprefix("the ")
