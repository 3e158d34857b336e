"""Whether there is room for one more picture, asked before anything of it is fetched.

Rule: what is admitted and not yet handed to the engine is counted here, so that of many who come at once only as many
go on as there are places. That the engine is full is remembered for a moment, and nobody asks it again meanwhile; one
that does not answer keeps nobody from being taken, since its pictures wait for it.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from bot.engine_client import EngineClient
from bot.errors import EngineUnreachable
from engine.protocol import ErrorCode, Owner, QueueView, Refusal

log = structlog.get_logger(__name__)

FULL = (ErrorCode.QUEUE_FULL, ErrorCode.USER_QUEUE_FULL, ErrorCode.GROUP_QUEUE_FULL)
ASK_SECONDS = 1.0  # for the engine's answer: whoever waits for it wants to see something
FULL_SECONDS = 1.0  # for which a full queue is believed to be full
AWAY_SECONDS = 5.0  # for which an engine that does not answer is not asked
QUESTIONS = 8  # at once


@dataclass(eq=False)
class Hold:
    """A place that somebody wants; `granted` once it is theirs, until the engine counts their picture itself."""

    owner: Owner
    is_counted: bool = False  # among the pictures that its member waits for, by whoever has it
    granted: bool = False


class Admission:
    """The places in the queue that are wanted, and those that are given."""

    def __init__(self, engine: EngineClient) -> None:
        self._engine = engine
        self._holds: set[Hold] = set()
        self._questions = asyncio.Semaphore(QUESTIONS)
        # By whose queue is full: until when that is believed.
        self._full: dict[str, tuple[float, Refusal]] = {}
        self._away_until = float("-inf")

    @contextmanager
    def hold(self, owner: Owner, is_counted: bool = False) -> Iterator[Hold]:
        """Want a place, which `grant` gives, for as long as this lasts or until it is released."""
        hold = Hold(owner, is_counted)
        self._holds.add(hold)
        try:
            yield hold
        finally:
            self.release(hold)

    def release(self, hold: Hold) -> None:
        """The picture is counted by others now, or is not to be."""
        self._holds.discard(hold)

    def wanted_by(self, owner: Owner) -> int:
        """How many pictures of a member are on their way in, in one group."""
        return sum(
            not hold.is_counted and hold.owner.user == owner.user and hold.owner == owner
            for hold in self._holds
        )

    def wanted_in(self, group: str) -> int:
        """The same of all members of a group."""
        return sum(not hold.is_counted and hold.owner.group == group for hold in self._holds)

    async def grant(self, hold: Hold) -> None:
        """Give the place. Raises Refusal QUEUE_FULL, GROUP_QUEUE_FULL or USER_QUEUE_FULL if there is none."""
        if hold.granted:
            return
        async with self._questions:
            self._require_not_known_full(hold.owner)
            left = await self._ask(hold.owner)
        if left is not None:
            self._require_room(hold.owner, left)
        hold.granted = True

    async def _ask(self, owner: Owner) -> QueueView | None:
        """What the engine has left, or None if it does not say."""
        now = asyncio.get_running_loop().time
        if now() < self._away_until:
            return None
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await self._engine.queue(owner)
        except (EngineUnreachable, TimeoutError) as error:
            log.warning("queue not known", error=str(error))
            self._away_until = now() + AWAY_SECONDS
        except Refusal as refusal:  # for the submit to find out
            log.warning("queue not told", code=refusal.code)
        return None

    def _require_room(self, owner: Owner, left: QueueView) -> None:
        given = [hold.owner for hold in self._holds if hold.granted]
        of_group = sum(each.group == owner.group for each in given)
        of_user = sum(each.user == owner.user for each in given)
        if left.user is not None and left.user.free <= of_user:
            waiting = left.user.taken + of_user
            self._refuse(f"user {owner.user}", ErrorCode.USER_QUEUE_FULL, waiting=waiting)
        if left.group is not None and left.group.free <= of_group:
            waiting = left.group.taken + of_group
            self._refuse(f"group {owner.group}", ErrorCode.GROUP_QUEUE_FULL, waiting=waiting)
        if left.total.free <= len(given):
            waiting = left.total.taken + len(given)
            self._refuse("all", ErrorCode.QUEUE_FULL, waiting=waiting, minutes=left.minutes)

    def _refuse(self, whose: str, code: ErrorCode, **facts: int) -> None:
        refusal = Refusal(code, **facts)
        self._full[whose] = (asyncio.get_running_loop().time() + FULL_SECONDS, refusal)
        raise refusal

    def _require_not_known_full(self, owner: Owner) -> None:
        now = asyncio.get_running_loop().time()
        self._full = {whose: known for whose, known in self._full.items() if now < known[0]}
        for whose in (f"user {owner.user}", f"group {owner.group}", "all"):
            if whose in self._full:
                refusal = self._full[whose][1]
                raise Refusal(refusal.code, **refusal.facts)
