"""Which shards of Discord's a process has, and so which rows are its own among those of several bot processes.

Rule: every row that waits for somebody to do something is one process's at any time: a server's by its id, as Discord deals
servers out to shards; what belongs to no server is that of the shard whose process took it, or of the first one. That holds
for however many shards there are by now, so whoever starts with another number finds what the former ones have left.
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, Integer, case, func, literal, or_, true

FIRST = 0  # of direct messages, and of what there is once for all processes


@dataclass(frozen=True)
class Shards:
    """Some of `count` shards, by their numbers; without a count, all that there are, however many."""

    ids: tuple[int, ...] = (FIRST,)
    count: int = 0

    @property
    def are_all(self) -> bool:
        """Whether no other process has any."""
        return not self.count or len(self.ids) == self.count

    @property
    def have_first(self) -> bool:
        """Whether this process does what is done once for all of them."""
        return self.are_all or FIRST in self.ids

    @property
    def home(self) -> int:
        """The shard that whatever this process takes outside of servers is kept for."""
        return min(self.ids)

    def of(self, server_id: int) -> int:
        """The shard of a server."""
        return (server_id >> 22) % self.count if self.count else FIRST

    def have(self, server_id: int | None) -> bool:
        """Whether a server is this process's; None: what belongs to no server."""
        return self.are_all or (self.of(server_id) in self.ids if server_id is not None else self.have_first)

    def where(
        self, server_id: ColumnElement[int], taken_by: ColumnElement[int] | None = None
    ) -> ColumnElement[bool]:
        """The rows of this process, by the column of their server's id, and of the shard that took what has none."""
        if self.are_all:
            return true()
        shard = server_id.bitwise_rshift(literal(22, Integer)) % literal(self.count, BigInteger)
        taken = literal(FIRST) if taken_by is None else func.coalesce(taken_by, FIRST) % literal(self.count)
        return case((server_id.is_(None), taken), else_=shard).in_(self.ids)

    def where_taken(self, taken_by: ColumnElement[int]) -> ColumnElement[bool]:
        """The rows of this process where none is a server's."""
        return true() if self.are_all else (taken_by % literal(self.count)).in_(self.ids)

    def where_personal(
        self, server_id: ColumnElement[int], channel_id: ColumnElement[int], taken_by: ColumnElement[int]
    ) -> ColumnElement[bool]:
        """The same where a row without a channel is no server's either: only an interaction's token opens its place."""
        if self.are_all:
            return true()
        nowhere = or_(server_id.is_(None), channel_id.is_(None))
        return self.where(case((nowhere, None), else_=server_id), taken_by)


ALL = Shards()
