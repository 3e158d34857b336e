"""What is sent of a finished painting: its files as they are, or what is made of them to fit what was asked.

Rule: one is made at a time, in a thread, and what was made is remembered for a while, since whoever asks once asks
again: another member for the same comparison, a client for the rest of its bytes. Nothing of it is on the disk.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cachetools import TTLCache

from engine import images
from engine.images import Fitted, sandbox
from engine.painting import preprocess, renditions
from engine.protocol import ErrorCode, Refusal, Rendition, StyleSheet, Wish
from engine.service.paintings import Paintings
from engine.styles import catalogue

REMEMBERED_BYTES = 64 * 2**20
REMEMBERED_SECONDS = 600.0


@dataclass(frozen=True, eq=False)
class Picture:
    """What is sent: a file or its bytes, and what it is."""

    source: Path | bytes
    about: Rendition


class Renditions:
    """Those of some paintings. Every call raises what `Paintings` does, and Refusal BROKEN_IMAGE."""

    def __init__(self, paintings: Paintings) -> None:
        self._paintings = paintings
        # Only threads that have their turn touch it.
        self._made: TTLCache[tuple[object, ...], Fitted] = TTLCache(
            REMEMBERED_BYTES, REMEMBERED_SECONDS, getsizeof=lambda fitted: len(fitted.data)
        )

    async def result(self, job_id: str, wish: Wish) -> Picture:
        """The painting."""
        record, file = await self._paintings.painted(job_id), await self._paintings.result(job_id)
        outcome = record.outcome
        if outcome.width is None or outcome.height is None:
            raise ValueError(f"job {job_id} is finished, and its result has no size")
        about = Rendition(
            format=outcome.format,
            width=outcome.width,
            height=outcome.height,
            moves=record.plan.frames > 1,
            is_original=True,
        )
        return await self._as_wished(job_id, "result", file, about, wish)

    async def snapshot(self, job_id: str, number: int, wish: Wish) -> Picture:
        """A snapshot, counted from 1."""
        file = await self._paintings.snapshot(job_id, number)
        return await self._as_wished(job_id, number, file, await _about(file), wish)

    async def timelapse(self, job_id: str, wish: Wish) -> Picture:
        """How it was painted."""
        file = await self._paintings.timelapse(job_id)
        about = await _about(file)
        if await _fulfils(file, about, wish):
            return Picture(file, about)
        snapshots = await self._paintings.snapshots(job_id)
        return await self._make((job_id, "timelapse", wish), lambda: renditions.film(snapshots, wish))

    async def snapshots(self, job_id: str, wish: Wish) -> Picture:
        """All snapshots with their numbers, in one picture."""
        files = await self._paintings.snapshots(job_id)
        return await self._make((job_id, "snapshots", wish), lambda: renditions.sheet(files, wish))

    async def results(self, job_ids: Sequence[str], wish: Wish) -> Picture:
        """Several paintings with their numbers, in one picture; those that there are not any more are left out.

        Raises Refusal NOT_FOUND if there is none of them.
        """
        files = [await self._result_file(job_id) for job_id in job_ids]
        if not any(files):
            raise Refusal(ErrorCode.NOT_FOUND)
        # By the files that there are: what was made while one of them was there is not sent once it has gone.
        return await self._make((*files, "results", wish), lambda: renditions.results_sheet(files, wish))

    async def _result_file(self, job_id: str) -> Path | None:
        with suppress(Refusal):
            return await self._paintings.result(job_id)
        return None

    async def comparison(self, job_id: str, wish: Wish) -> Picture:
        """What was painted and what came of it, in one picture. Raises Refusal CONTENT_GONE besides."""
        await self._paintings.require_picture(job_id)
        result = await self._paintings.result(job_id)
        content = await self._paintings.content(job_id)
        return await self._make(
            (job_id, "comparison", wish), lambda: renditions.comparison(content, result, wish)
        )

    async def studies(self, names: Sequence[str], first: int, wish: Wish) -> Picture:
        """Bundled studies with their titles, numbered from `first`, in one picture. Raises Refusal UNKNOWN_STYLE."""
        titles = {card.name: card.title for card in catalogue.cards()}
        shown = [(catalogue.image_path(name), titles[name]) for name in names]
        make = partial(renditions.studies_sheet, shown, first, wish)
        return await self._make((*names, "studies", first, wish), make)

    async def sheet_of(self, sheet: StyleSheet, wish: Wish) -> Picture:
        """Bundled studies and images that were sent along, with their titles. Raises what reading an image does, too.

        It is not remembered: somebody may take such an image back.
        """
        titles = {card.name: card.title for card in catalogue.cards()}
        shown: list[tuple[Path | images.Picture, str]] = []
        for tile in sheet.tiles:
            if tile.name is not None:
                shown.append((catalogue.image_path(tile.name), tile.title or titles[tile.name]))
            else:
                image = await sandbox.decode(tile.data, "style", long_side=renditions.STUDY_SIDE)
                shown.append((image, tile.title))
        made = await self._paintings.in_turn(partial(renditions.studies_sheet, shown, sheet.first, wish))
        return Picture(made.data, made.about)

    async def redrawn(self, data: bytes, wish: Wish) -> Picture:
        """A style image that was sent, as a picture of ours. Raises what reading it does, and Refusal CLEAR_STYLE."""
        decoded = await sandbox.decode(data, "style", long_side=wish.max_side or preprocess.LARGEST)
        preprocess.check_style(decoded, "style")
        made = await self._paintings.in_turn(partial(renditions.redrawn, decoded, wish))
        return Picture(made.data, made.about)

    async def study(self, name: str, wish: Wish) -> Picture:
        """A bundled study. Raises Refusal UNKNOWN_STYLE."""
        file = catalogue.image_path(name)
        about = await _about(file)
        if await _fulfils(file, about, wish):
            return Picture(file, about)
        return await self._make((name, "study", wish), partial(renditions.study, file, wish))

    async def _as_wished(
        self, job_id: str, which: str | int, file: Path, about: Rendition, wish: Wish
    ) -> Picture:
        if await _fulfils(file, about, wish):
            return Picture(file, about)
        content = await self._content(job_id) if wish.preset is not None else None
        return await self._make((job_id, which, wish), lambda: renditions.fitted(file, wish, content))

    async def _content(self, job_id: str) -> Path | None:
        """What was painted, if it is kept."""
        try:
            return await self._paintings.content(job_id)
        except Refusal as refusal:
            if refusal.code is ErrorCode.CONTENT_GONE:
                return None
            raise

    async def _make(self, key: tuple[object, ...], make: Callable[[], Fitted]) -> Picture:
        def work() -> Fitted:
            made = self._made.get(key)
            if made is None:
                made = make()
                if len(made.data) <= REMEMBERED_BYTES:
                    self._made[key] = made
            return made

        with _gone_refused():
            made = await self._paintings.in_turn(work)
        return Picture(made.data, made.about)


async def _about(file: Path) -> Rendition:
    with _gone_refused():
        about = await asyncio.to_thread(lambda: images.rendition_of(file.read_bytes()))
    return about.model_copy(update={"is_original": True})


async def _fulfils(file: Path, about: Rendition, wish: Wish) -> bool:
    with _gone_refused():
        size = (await asyncio.to_thread(file.stat)).st_size
    return renditions.fulfils(about, size, wish)


@contextmanager
def _gone_refused() -> Iterator[None]:
    """A file whose time was over just now is not there."""
    try:
        yield
    except FileNotFoundError as error:
        raise Refusal(ErrorCode.NOT_FOUND) from error
