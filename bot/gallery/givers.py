"""Whose stars are stars: members', as they were when they gave them; never a bot's.

Rule: what is kept of a giver is for how many days there were their account and their membership, so that whoever has stars from
accounts made for it has none.
"""

from dataclasses import dataclass

import discord

from bot.storage.stars import Piece, Star

_DAY_SECONDS = 24 * 3600.0
_LONGEST = 36_500  # days: of whom it is not known since when they are members


@dataclass(frozen=True)
class Giver:
    """Somebody who has given a star; times are in seconds since 1970, None if that is not known."""

    id: int
    is_bot: bool
    joined_at: float | None = None

    @classmethod
    def of(cls, user: discord.abc.User) -> "Giver":
        """A user as Discord describes them; when they have joined it tells of members only."""
        joined = user.joined_at if isinstance(user, discord.Member) else None
        return cls(user.id, user.bot, joined.timestamp() if joined is not None else None)

    def star(self, piece: Piece, message_id: int, emoji: str, burst: bool, now: float) -> Star | None:
        """The star that they give to a picture by reacting to a message; None if theirs is none."""
        if self.is_bot:
            return None
        created = discord.utils.snowflake_time(self.id).timestamp()
        joined = _days(self.joined_at, now) if self.joined_at is not None else _LONGEST
        return Star(message_id, self.id, emoji, burst, piece.id, piece.server_id, _days(created, now), joined)


def _days(since: float, now: float) -> int:
    return max(0, int((now - since) // _DAY_SECONDS))
