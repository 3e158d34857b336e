"""Stars that members give to pictures and take back, to be held against what is in the gallery.

Rule: a picture with enough stars is in the gallery once, and one without any is not, whoever was away meanwhile.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from simcord.builders import ChannelHandle
from simcord.results import ResponseMessage

from demo.standin import StandIn
from tests.faults.tally import Tally

STAR = "⭐"
NEEDED = 2
SETTINGS = {"stars_needed": str(NEEDED), "star_account_days": "0", "stars_kept": "1"}
_AT_ONCE = 4  # pictures that are starred, the newest


@dataclass
class Stars:
    """Alice's and Mia's stars; `picture` posts a new one of somebody else's."""

    discord: StandIn
    dice: random.Random
    picture: Callable[[], Awaitable[ResponseMessage]]
    gallery: ChannelHandle | None = None
    _given: dict[int, set[int]] = field(default_factory=dict)  # by picture, who

    async def star(self) -> None:
        """Give a star to a picture, perhaps a new one, where there is a gallery."""
        if self.gallery is None:
            return
        recent = [*self._given][-_AT_ONCE:]
        picture = self.dice.choice([0, *recent]) or (await self.picture()).id
        given = self._given.setdefault(picture, set())
        for who in (self.discord.alice, self.discord.mia):
            if who.id not in given:
                given.add(who.id)
                await who.react(self._message(picture), STAR)
                return

    async def unstar(self) -> None:
        """Take one back."""
        starred = [picture for picture, given in self._given.items() if given]
        if starred:
            picture = self.dice.choice(starred[-_AT_ONCE:])
            who = self.discord.alice if self.discord.alice.id in self._given[picture] else self.discord.mia
            self._given[picture].discard(who.id)
            await who.unreact(self._message(picture), STAR)

    def is_settled(self) -> bool:
        """Whether all that should be in the gallery is, and nothing that should not."""
        return not (any(self._missing()) or any(self._left()))

    def audit(self, tally: Tally) -> dict[str, list[object]]:
        """Hold the gallery against the stars; what is amiss, by what it is."""
        missing, left = list[object](self._missing()), list[object](self._left())
        twice: list[object] = [picture for picture, times in self._entries().items() if times > 1]
        tally.acknowledged += sum(len(given) >= NEEDED for given in self._given.values())
        tally.lost += len(missing)
        tally.orphaned += len(left)
        tally.doubled += len(twice)
        return {"not in the gallery": missing, "left in the gallery": left, "twice in the gallery": twice}

    def _missing(self) -> Iterator[int]:
        there = self._entries()
        return (each for each, given in self._given.items() if len(given) >= NEEDED and not there[each])

    def _left(self) -> Iterator[int]:
        there = self._entries()
        return (each for each, given in self._given.items() if not given and there[each])

    def _entries(self) -> Counter[int]:
        backend = self.discord.world.backend
        shown = backend.messages[self.gallery.id].values() if self.gallery is not None else ()
        texts = [f"{each.content} {each.components} {each.embeds}" for each in shown if each.attachments]
        return Counter(
            {each: found for each in self._given if (found := sum(str(each) in text for text in texts))}
        )

    def _message(self, picture: int) -> ResponseMessage:
        backend = self.discord.world.backend
        return ResponseMessage(self.discord.world, backend.get_message(self.discord.studio.id, picture))
