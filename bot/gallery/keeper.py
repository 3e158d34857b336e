"""Keeps galleries as the stars are: posts what has enough, says how many, takes down what has too few.

Rule: what is to be done is decided anew from the store each time, so that being woken too often does no harm, and the latest
count is the one that is shown. Of a server's entries one at a time is edited, and then none for EDIT_SECONDS. Nothing is
posted before it is stored that it will be, and nothing twice: what a former process may have posted is looked for first.
"""

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

import discord
import structlog
from sqlalchemy.exc import DBAPIError

from bot.engine_client import ExternalWait
from bot.errors import BotError, DiscordTrouble, is_passing, short
from bot.storage.gallery import Act, Entry, Standing
from bot.storage.gallery import table as gallery
from bot.storage.posts import Posted, Role
from bot.storage.stars import Out, Piece, Rules, pieces
from bot.storage.store import Store
from bot.tickets.pauses import pauses
from engine.protocol import CrashPoint, Refusal, reach

log = structlog.get_logger(__name__)

EDIT_SECONDS = 5.0
ASKED = 10  # members, those with the newest accounts, of whom it is asked whether they are there before an entry is posted
_TROUBLE = (DBAPIError, BotError, Refusal, *DiscordTrouble)


@dataclass(frozen=True)
class Found:
    """What a gallery has of an entry that was perhaps posted; `is_deleted`: it was, and somebody has deleted it."""

    message_id: int | None = None
    is_deleted: bool = False


class Wall(Protocol):
    """Where entries hang."""

    async def is_welcome(self, piece: Piece, entry: Entry | None) -> bool | None:
        """Whether the policy lets a picture be in the gallery; None if nobody can tell at this moment."""

    async def left(self, piece: Piece, member_ids: Collection[int]) -> list[int]:
        """Those of them who are not in the server any more. Raises what Discord does."""

    def place(self, piece: Piece) -> tuple[int, int] | None:
        """The channel in which it would be posted, and the newest message there; None: it cannot be."""

    async def post(self, entry: Entry, standing: Standing) -> int:
        """Post an entry, once however often this is called; its message. Raises what Discord does, BotError, Refusal."""

    async def find(self, entry: Entry) -> Found:
        """Look for an entry that a former process has posted, perhaps. Raises what Discord does."""

    async def show(self, entry: Entry, count: int) -> bool:
        """Have an entry say how many stars there are; False if it is gone. Raises what Discord does."""


class Wakes(Protocol):
    """What is woken when something is to be erased."""

    def wake(self) -> None:
        """There is something."""


class Keeper:
    """Works while there is something to look at; `wake` it whenever there may be. `erase` is told of what is owed."""

    def __init__(self, store: Store, wall: Wall, erase: Wakes, external_wait: ExternalWait) -> None:
        self._store, self._wall, self._erase, self._external_wait = store, wall, erase, external_wait
        self._due: dict[int, dict[str, None]] = {}  # pictures to look at, by server
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._is_closed = False
        self._begun: set[str] = set()  # the nonces of what this process has begun to post
        self._unsure: set[str] = set()  # and of which Discord has not said whether it is there

    def wake(self, server_id: int, piece_ids: Collection[str]) -> None:
        """Something may have changed about these pictures of a server."""
        if not piece_ids or self._is_closed:
            return
        due = self._due.setdefault(server_id, {})
        due |= dict.fromkeys(piece_ids)
        if server_id not in self._tasks:
            self._tasks[server_id] = asyncio.create_task(
                self._work(server_id), name=f"gallery of {server_id}"
            )

    async def close(self) -> None:
        """Leave the rest to the next process."""
        self._is_closed = True
        tasks = [*self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, server_id: int) -> None:
        retries = pauses()
        try:
            while due := self._due.pop(server_id, None):
                first = dict.fromkeys(await self._unnoted(server_id))
                await self._work_through(server_id, [*(first | due)], retries)
        finally:
            del self._tasks[server_id]

    async def _unnoted(self, server_id: int) -> list[str]:
        """What a former process has posted, perhaps: looked for before anything new is posted, while that can be told."""
        try:
            entries = await self._store.gallery.of(
                gallery.c.server_id == server_id, gallery.c.message_id.is_(None)
            )
        except DBAPIError as error:
            log.warning("gallery not read", server=server_id, error=short(error))
            return []
        return [entry.piece_id for entry in entries]

    async def _work_through(
        self, server_id: int, piece_ids: Collection[str], retries: Iterator[float]
    ) -> None:
        """Do at once what cannot wait, and one edit; the others are put back."""
        edits: dict[str, None] = {}
        for piece_id in piece_ids:
            act = await self._try(server_id, piece_id, retries, edits=False)
            edits |= {piece_id: None} if act is Act.SHOW else {}
        if edits:
            first, *others = edits
            self._put_back(server_id, others)
            await self._try(server_id, first, retries)
            await self._external_wait(asyncio.sleep(EDIT_SECONDS), "the next edit in a gallery")

    async def _try(
        self, server_id: int, piece_id: str, retries: Iterator[float], *, edits: bool = True
    ) -> Act:
        try:
            return await self.settle(piece_id, edits=edits)
        except _TROUBLE as error:
            log.warning("gallery not kept", piece=piece_id, error=short(error))
            if is_passing(error):
                self._put_back(server_id, [piece_id])
                await self._external_wait(asyncio.sleep(next(retries)), "the next try in a gallery")
            return Act.NOTHING

    def _put_back(self, server_id: int, piece_ids: Collection[str]) -> None:
        due = self._due.setdefault(server_id, {})
        due |= dict.fromkeys(piece_ids)

    def rules(self, piece: Piece) -> Rules:
        """Those that hold for a picture."""
        known = self._store.settings
        return Rules.of(known.server(piece.server_id), known.channel(piece.settings_id))

    async def settle(self, piece_id: str, *, edits: bool = True) -> Act:
        """Do what is to be done about a picture, but an edit only if told to; what it was.

        Raises what Discord does, DBAPIError, BotError, Refusal.
        """
        standing = await self._standing(piece_id)
        if standing is None:
            return Act.NOTHING
        is_welcome = await self._wall.is_welcome(standing.piece, standing.entry)
        if is_welcome is None:
            return Act.NOTHING
        act = standing.act(is_welcome, _now())
        if act is Act.POST and standing.entry is None and await self._have_left(standing):
            return await self.settle(piece_id, edits=edits)
        if act is Act.POST:
            await self._post(standing)
        elif act is Act.REMOVE:
            await self._remove(standing)
        elif act is Act.SHOW and edits:
            await self._show(standing)
        return act

    async def _have_left(self, standing: Standing) -> bool:
        """Whether some whose stars count are no members any more, of which nobody tells the bot; their stars go."""
        piece = standing.piece
        newest = sorted(await self._store.stars.givers(piece.id))[-ASKED:]
        left = await self._wall.left(piece, newest)
        for each in left:
            self.wake(piece.server_id, await self._store.stars.forget_left(each, piece.server_id))
        return bool(left)

    async def _standing(self, piece_id: str) -> Standing | None:
        """How things stand, once it is known what has come of what a former process began to post."""
        standing = await self._store.gallery.standing(piece_id, self.rules)
        if standing is None:
            await self._forget(piece_id)
            return None
        entry = standing.entry
        if entry is None or entry.message_id is not None or self._is_to_be_posted(entry):
            return standing
        if await self._is_found(entry, standing):
            return await self._standing(piece_id)
        self._unsure.discard(entry.nonce)
        self._begun.add(entry.nonce)  # it is not there, and nobody else posts it
        return standing

    def _is_to_be_posted(self, entry: Entry) -> bool:
        """Whether it is known to be nowhere yet."""
        return entry.nonce in self._begun and entry.nonce not in self._unsure

    async def _forget(self, piece_id: str) -> None:
        """Take down what is left of a picture that is not known any more."""
        entry = await self._store.gallery.find(piece_id)
        if entry is not None:
            await self._take_down(entry)

    async def _remove(self, standing: Standing) -> None:
        if standing.entry is not None:
            await self._take_down(standing.entry)

    async def _take_down(self, entry: Entry) -> None:
        if entry.message_id is None:  # it may be there all the same
            message_id = (await self._wall.find(entry)).message_id
            if message_id is None:
                await self._store.gallery.forget_unposted(entry)
                return
            await self._store.gallery.posted(entry, message_id, 0, _now())
        await self._store.gallery.remove([entry.piece_id], _now())
        reach(CrashPoint.BOT_ENTRY_REMOVED)
        self._erase.wake()

    async def _post(self, standing: Standing) -> None:
        entry = standing.entry
        if entry is None:
            place = self._wall.place(standing.piece)
            if place is None:
                return
            entry = await self._store.gallery.begin(standing.piece, *place, _now())
            self._begun.add(entry.nonce)
            reach(CrashPoint.BOT_ENTRY_BEGUN)
        self._unsure.add(
            entry.nonce
        )  # until it is noted it may be there, and a nonce holds for a few minutes only
        try:
            message_id = await self._wall.post(entry, standing)
        except (BotError, Refusal, *DiscordTrouble) as error:
            if not is_passing(error):
                await self._store.gallery.forget_unposted(entry)
                self._begun.discard(entry.nonce)
                self._unsure.discard(entry.nonce)
            raise
        reach(CrashPoint.BOT_ENTRY_POSTED)
        self._erase.wake()  # what has come of a repeated request
        await self._note(entry, message_id, standing)

    async def _is_found(self, entry: Entry, standing: Standing) -> bool:
        """Whether an entry that is not noted was posted, or posted and deleted."""
        found = await self._wall.find(entry)
        if found.message_id is not None:
            await self._note(entry, found.message_id, standing, shown=0)  # what it says is not known
            return True
        if found.is_deleted and entry.nonce not in self._begun:  # or we would have heard
            await self._store.gallery.forget_unposted(entry)
            await self._store.stars.mark(pieces.c.id == entry.piece_id, out=Out.MODERATOR)
            return True
        return False

    async def _note(
        self, entry: Entry, message_id: int, standing: Standing, shown: int | None = None
    ) -> None:
        count, now, ticket_id = standing.count if shown is None else shown, _now(), standing.piece.ticket_id
        is_wanted = await self._store.gallery.posted(entry, message_id, count, now)
        reach(CrashPoint.BOT_ENTRY_HUNG)
        if is_wanted and ticket_id is not None:
            post = Posted(message_id, entry.channel_id, entry.server_id, ticket_id, Role.ENTRY, now)
            is_wanted = await self._store.posts.add(post) or self._store.posts.is_gone(message_id)
        self._begun.discard(entry.nonce)
        self._unsure.discard(entry.nonce)
        reach(CrashPoint.BOT_ENTRY_NOTED)
        if self._store.posts.is_gone(message_id):  # somebody was quicker
            await self._store.gallery.entry_deleted(message_id, Out.MODERATOR)
        elif not is_wanted:  # its result was deleted meanwhile
            await self._store.gallery.forget([entry.piece_id], now)
            self._erase.wake()
        elif count != standing.count:
            self.wake(entry.server_id, [entry.piece_id])

    async def _show(self, standing: Standing) -> None:
        entry = standing.entry
        if entry is None or entry.message_id is None:
            return
        if await self._wall.show(entry, standing.count):
            await self._store.gallery.shows(entry.piece_id, standing.count)
        else:
            await self._store.gallery.entry_deleted(entry.message_id, Out.MODERATOR)


def _now() -> float:
    return discord.utils.utcnow().timestamp()
