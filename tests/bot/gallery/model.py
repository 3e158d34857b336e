"""A gallery in plain Python: what it should come to, whatever happens and in whichever order."""

from dataclasses import dataclass, field

from bot.storage.settings import OnGone
from bot.storage.stars import Piece, Rules

Key = tuple[int, int, str, bool]  # message, member, emoji, whether it is a super reaction


@dataclass
class Model:
    """All that there is; `given` tells for each star for how many days there were account and membership."""

    rules: Rules
    pieces: dict[str, Piece] = field(default_factory=dict)
    of_message: dict[int, str] = field(default_factory=dict)  # the picture that stars there are for
    given: dict[Key, tuple[int, int]] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    out: set[str] = field(default_factory=set)
    restricted: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    frozen: set[str] = field(default_factory=set)
    shown: dict[str, int] = field(default_factory=dict)  # what hangs in the gallery, with its count
    entries: dict[str, int] = field(default_factory=dict)  # messages of these

    def stars(self, piece_id: str) -> dict[Key, tuple[int, int]]:
        return {key: days for key, days in self.given.items() if self.of_message.get(key[0]) == piece_id}

    def count(self, piece_id: str) -> int:
        piece, rules, members = self.pieces[piece_id], self.rules, set[int]()
        for (_, user, _, _), (account, membership) in self.stars(piece_id).items():
            is_own = user in (piece.author_id, piece.asker_id) and not rules.self_stars
            is_new = account < rules.account_days or membership < rules.member_days
            if not (is_own or is_new or user in self.blocked):
                members.add(user)
        return len(members)

    def unstar(self, key: Key) -> None:
        if key not in self.given:  # perhaps of somebody whose name was forgotten
            message, _, emoji, burst = key
            nameless = [
                each
                for each in self.given
                if each[1] < 0 and (each[0], each[2], each[3]) == (message, emoji, burst)
            ]
            if not nameless:
                return
            key = max(nameless, key=lambda each: each[1])
        del self.given[key]

    def drop(self, *, message: int | None = None, user: int | None = None, emoji: str | None = None) -> None:
        for key in list(self.given):
            if message in (None, key[0]) and user in (None, key[1]) and emoji in (None, key[2]):
                del self.given[key]

    def forget_giver(self, user: int) -> None:
        for piece_id, piece in self.pieces.items():
            theirs = [key for key in self.stars(piece_id) if key[1] == user]
            if user in (piece.author_id, piece.asker_id):
                for key in theirs:
                    del self.given[key]
            elif theirs:
                nameless = min(0, *(key[1] for key in self.stars(piece_id))) - 1
                for key in theirs:
                    self.given[(key[0], nameless, key[2], key[3])] = self.given.pop(key)

    def take_down(self, piece_id: str) -> None:
        if self.shown.pop(piece_id, None) is not None:
            message = self.entries.pop(piece_id)
            self.drop(message=message)
            del self.of_message[message]

    def picture_deleted(self, piece_id: str, choice: OnGone) -> None:
        if choice is OnGone.REMOVE:
            self.take_down(piece_id)
        if piece_id in self.shown:
            self.gone.add(piece_id)
            self.frozen |= {piece_id} if choice is OnGone.FREEZE else set()
            return
        for message in [each for each, whose in self.of_message.items() if whose == piece_id]:
            self.drop(message=message)
            del self.of_message[message]
        del self.pieces[piece_id]

    def settle(self, piece_id: str) -> bool:
        """Let the gallery be as the stars are; whether the picture is to be posted."""
        if piece_id not in self.pieces:
            return False
        is_welcome = piece_id not in self.restricted | self.out
        count = self.count(piece_id)
        if piece_id not in self.shown:
            return is_welcome and piece_id not in self.gone and count >= self.rules.needed
        if not is_welcome:
            self.take_down(piece_id)
        elif piece_id not in self.frozen:
            if count < self.rules.kept:
                self.take_down(piece_id)
            else:
                self.shown[piece_id] = count
        return False
