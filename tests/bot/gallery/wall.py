"""A gallery without Discord: what hangs there, with what Discord knows of a nonce."""

import itertools
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.gallery.keeper import Found
from bot.storage.gallery import Entry, Standing
from bot.storage.stars import Piece


class CutOffError(Exception):
    """The process has ended."""


@dataclass
class Hung:
    """A message in the gallery."""

    piece_id: str
    nonce: str
    count: int
    channel_id: int


class Board:
    """What all processes see: a channel, in which messages are posted and deleted."""

    def __init__(self) -> None:
        self.messages: dict[int, Hung] = {}
        self.newest = 1000
        self.posted: list[str] = []  # pictures, in the order in which they were posted
        self._ids = itertools.count(1001)
        self._forgotten = 0

    def forget_nonces(self) -> None:
        """So much time passes that Discord takes the nonces of what is there for new ones."""
        self._forgotten = self.newest

    def post(self, piece_id: str, nonce: str, count: int, channel_id: int) -> int:
        """Post once for a nonce."""
        there = (message_id for message_id, hung in self.messages.items() if hung.nonce == nonce)
        if (known := next(there, None)) is not None and known > self._forgotten:
            return known
        message_id = self.newest = next(self._ids)
        self.messages[message_id] = Hung(piece_id, nonce, count, channel_id)
        self.posted.append(piece_id)
        return message_id


class BoardWall:
    """One process's view of the board; it may be cut off before or after it has posted."""

    def __init__(self, board: Board, channel_id: int, is_welcome: Callable[[Piece], bool]) -> None:
        self._board, self.channel_id, self._is_welcome = board, channel_id, is_welcome
        self.gone = set[int]()
        self.cut_before = self.cut_after = self.unanswered = False

    async def is_welcome(self, piece: Piece, entry: Entry | None) -> bool | None:
        return self._is_welcome(piece)

    async def left(self, piece: Piece, member_ids: Collection[int]) -> list[int]:
        return [each for each in member_ids if each in self.gone]

    def place(self, piece: Piece) -> tuple[int, int] | None:
        return self.channel_id, self._board.newest

    async def post(self, entry: Entry, standing: Standing) -> int:
        if self.cut_before:
            raise CutOffError
        message_id = self._board.post(entry.piece_id, entry.nonce, standing.count, entry.channel_id)
        if self.cut_after:
            raise CutOffError
        if self.unanswered:
            self.unanswered = False
            raise TimeoutError
        return message_id

    async def find(self, entry: Entry) -> Found:
        for message_id, hung in self._board.messages.items():
            if hung.nonce == entry.nonce:
                return Found(message_id)
        is_deleted = self._board.newest > entry.after and self._board.newest not in self._board.messages
        return Found(is_deleted=is_deleted)

    async def show(self, entry: Entry, count: int) -> bool:
        hung = self._board.messages.get(entry.message_id or 0)
        if hung is not None:
            hung.count = count
        return hung is not None
