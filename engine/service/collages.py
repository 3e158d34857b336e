"""Pictures that are sent along, drawn as one: those of many members, each in its numbered place.

Rule: they are strangers' files like any other: measured as they arrive, decoded out of process one after the other, made as
small as their place before the next one. One collage is drawn at a time, and nothing of it is kept.
"""

import asyncio
import re
from collections.abc import Mapping

from aiohttp import web
from multipart import MultipartSegment

from engine.images import Picture, sandbox
from engine.images.sheet import MOST_CELL
from engine.painting import renditions
from engine.protocol import MAX_COLLAGE, MAX_SHEET, ErrorCode, Refusal, Wish, most_bytes, shown
from engine.service import renditions as sent
from engine.service.answers import bad_request
from engine.service.intake import read_parts
from engine.service.uploads import Body, Piece

_WHICH = "previous"  # what was painted here is taken back, whatever its size
_NUMBER = re.compile(r"[1-9]\d{0,2}", re.ASCII)


class Collages:
    """Draws them; `decoding` is held while a picture is decoded."""

    def __init__(self, decoding: asyncio.Semaphore) -> None:
        self._decoding = decoding
        self._drawing = asyncio.Lock()

    async def draw(self, body: Body, pieces: Mapping[int, Piece], places: int, wish: Wish) -> sent.Picture:
        """One picture of so many places; one that has no picture, or none that can be read, has its number alone.

        Raises Refusal if none can be read, and BUSY.
        """
        side = MOST_CELL if places <= MAX_SHEET else MOST_CELL // 2
        async with self._drawing:
            pictures: list[Picture | None] = [None] * places
            refusal = bad_request("there are no pictures to be drawn")
            for number, piece in sorted(pieces.items()):
                try:
                    async with self._decoding:
                        data = await body.read(piece)
                        pictures[number - 1] = await sandbox.decode(data, _WHICH, long_side=side)
                except Refusal as error:
                    if error.code is ErrorCode.BUSY:
                        raise
                    refusal = error
            if not any(pictures):
                raise refusal
            made = await asyncio.to_thread(renditions.collage, pictures, wish)
        return sent.Picture(made.data, made.about)


def places_of(request: web.Request, name: str) -> int:
    """How many places there are, by the query. Raises Refusal."""
    asked = request.query.get(name, "")
    if not _NUMBER.fullmatch(asked) or int(asked) > MAX_COLLAGE:
        raise bad_request(f"{name} is no number from 1 to {MAX_COLLAGE}")
    return int(asked)


async def receive(request: web.Request, body: Body, places: int) -> dict[int, Piece]:
    """The pictures of a multipart body, whose parts have the numbers of their places as names. Raises Refusal."""
    parts = _Parts(body, places)
    await read_parts(request, body, parts.take)
    return parts.pieces


class _Parts:
    """The parts of a body, one after the other."""

    def __init__(self, body: Body, places: int) -> None:
        self._body, self._places = body, places
        self._number = self._size = 0
        self.pieces: dict[int, Piece] = {}

    async def take(self, event: MultipartSegment | bytes | None) -> None:
        """What the parser found: the beginning of a part, some of it, or its end. Raises Refusal."""
        match event:
            case MultipartSegment(name=name):
                self._begin(name or "")
            case None:
                self.pieces[self._number] = self._body.cut()
            case data:
                self._size += len(data)
                if self._size > (limit := most_bytes(_WHICH)):
                    raise Refusal(ErrorCode.TOO_MANY_BYTES, image=_WHICH, size=self._size, limit=limit)
                await self._body.keep(data)

    def _begin(self, name: str) -> None:
        if not _NUMBER.fullmatch(name) or int(name) > self._places or int(name) in self.pieces:
            raise bad_request(f"there is no place “{shown(name)}”, or it has a picture already")
        self._number, self._size = int(name), 0
