"""What moderators do in a server and are told of it, to be held against what there is.

Rule: of each result that is there they are told once; a week is announced once and has one collage, and what a moderator was
told is there.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from simcord.backend.models import Message
from simcord.builders import ChannelHandle
from simcord.components import walk_components
from simcord.results import InteractionResult

from demo.standin import StandIn
from tests.faults.memory import Memory
from tests.faults.tally import Tally

_TOLD = re.compile(r"/(\d+)\)$", re.MULTILINE)  # the message that a line leads to
_ANNOUNCED = re.compile(r"/(\d+)$")
_WEEK = re.compile(r"[0-9a-f]{20}")


@dataclass
class Moderators:
    """Mia, her audit channel and the channel of the week, if the server has these; `results` are those that there are."""

    discord: StandIn
    results: Callable[[], list[Message]]
    audit_channel: ChannelHandle | None = None
    week_channel: ChannelHandle | None = None
    _asked: list[InteractionResult] = field(default_factory=list)
    _gone_since: set[int] = field(default_factory=set)  # messages that were deleted, by whomever

    def __post_init__(self) -> None:
        self.discord.world.backend.subscribers.append(self._see)

    def _see(self, event: str, payload: Any) -> None:
        if event == "MESSAGE_DELETE":
            self._gone_since.add(int(payload["id"]))

    async def begin(self) -> None:
        """Begin a week."""
        if self.week_channel is not None:
            mia, studio = self.discord.mia, self.discord.studio
            self._asked.append(await mia.slash(studio, "week style", style="great_wave", now=True))

    async def end(self) -> None:
        """End a week, which posts its collage."""
        if self.week_channel is not None:
            self._asked.append(await self.discord.mia.slash(self.discord.studio, "week end"))

    def is_settled(self) -> bool:
        """Whether of all that is there was told."""
        return not any(self._untold())

    def audit(self, tally: Tally) -> dict[str, list[object]]:
        """Hold what was told against what there is; what is amiss, by what it is."""
        untold = list[object](self._untold())
        twice = [*self._told_twice(), *self._said_twice()]
        gone = list[object](self._gone())
        tally.lost += len(untold) + len(gone)
        tally.doubled += len(twice)
        return {"untold": untold, "told twice": twice, "announced and not there": gone}

    def _untold(self) -> Iterator[int]:
        told = self._told()
        return (each.id for each in self.results() if self.audit_channel is not None and each.id not in told)

    def _told_twice(self) -> list[object]:
        return [message_id for message_id, times in self._told().items() if times > 1]

    def _told(self) -> Counter[int]:
        return Counter(
            int(found)
            for message in self._ours(self.audit_channel)
            for found in _TOLD.findall(message.content)
        )

    def _said_twice(self) -> list[object]:
        """Announcements and collages of the same week, besides the first."""
        said = Counter(
            mark for message in self._ours(self.week_channel) if (mark := _mark(message)) is not None
        )
        return [mark for mark, times in said.items() if times > 1]

    def _gone(self) -> Iterator[int]:
        """What a moderator was told is posted, and is not; a collage goes with the last result on it."""
        there = {message.id for message in self._ours(self.week_channel)} | self._gone_since
        for asked in self._asked:
            found = _ANNOUNCED.search(asked.response.content) if asked.response is not None else None
            if found is not None and int(found[1]) not in there:
                yield int(found[1])

    def _ours(self, channel: ChannelHandle | None) -> list[Message]:
        backend = self.discord.world.backend
        there = backend.messages[channel.id].values() if channel is not None else ()
        return [message for message in there if message.author_id == backend.bot_user.id]


async def let_a_week_pass(memory: Memory) -> None:
    """Let a week end and another one begin, for a bot that is not running."""
    now = datetime.now(UTC).timestamp()
    ended = (
        "UPDATE weeks SET ends = :at WHERE state <> 'over'",
        "UPDATE timers SET due = :at WHERE kind = 'week_ends'",
    )
    await memory.change(*ended, at=now - 2)
    await memory.change("UPDATE timers SET due = :at WHERE kind = 'week_begins'", at=now - 1)


def _mark(message: Message) -> tuple[str, str] | None:
    """Which week a message announces, or shows the collage of."""
    names = " ".join(str(each.get("filename", "")) for each in message.attachments)
    ids = " ".join(str(item.get("custom_id", "")) for item in walk_components(message.components))
    for what, where in (("collage", names), ("announcement", ids)):
        is_it = what == "announcement" or "collage-" in where
        if is_it and (found := _WEEK.search(where)) is not None:
            return what, found[0]
    return None
