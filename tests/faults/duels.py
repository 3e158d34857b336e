"""Duels between members, and an hour that goes by while the bot is away, in which votes end.

Rule: a challenge, a ballot and a result are posted once each, and whoever has accepted gets as far as that.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from simcord.actors import MemberActor
from simcord.backend.models import Message
from simcord.components import walk_components
from simcord.results import ResponseMessage

from bot.words.duel import ACCEPT, vote
from demo.standin import StandIn
from tests.bot.world import png
from tests.faults.memory import Memory

HOUR = 3600.0
_OPEN = "state IN ('accepted', 'painting') OR (state = 'over' AND NOT told)"


@dataclass
class Duels:
    """Those of a server; `newcomer` is somebody whom nobody has seen yet."""

    discord: StandIn
    newcomer: Callable[[str], MemberActor]
    _opponents: dict[int, MemberActor] = field(default_factory=dict)

    async def challenge(self) -> None:
        """Let somebody challenge somebody else."""
        challenger, opponent = self.newcomer("challenger"), self.newcomer("opponent")
        self._opponents[opponent.id] = opponent
        await challenger.slash(
            self.discord.studio, "duel", opponent=opponent, picture=("a.png", png()), hours=1
        )

    async def accept(self) -> None:
        """Let somebody who was challenged accept, with a picture."""
        for message in self._with("duel:accept:"):
            named = (each for each in self._opponents.values() if f"<@{each.id}>" in message.content)
            if (opponent := next(named, None)) is not None:
                form = await opponent.click(self._handle(message), label=ACCEPT())
                if form.modal is not None:
                    await opponent.submit_modal(form, {"picture": ("b.png", png(colour="red"))})
                return

    async def vote(self) -> None:
        """Let somebody vote."""
        for message in self._with("duel:vote:"):
            await self.newcomer("voter").click(self._handle(message), label=vote(2))

    def twice(self) -> list[object]:
        """What was posted again: ballots, by their files, and answers to them."""
        ours = [*self._ours()]
        sheets = Counter(
            name for each in ours for file in each.attachments if "duel-" in (name := str(file["filename"]))
        )
        ballots = {each.id for each in ours if any("duel-sheet-" in str(file) for file in each.attachments)}
        answered = Counter(int((each.reference or {}).get("message_id") or 0) for each in ours)
        said = {ballot: answered[ballot] for ballot in ballots}
        return [what for what, times in [*sheets.items(), *said.items()] if times > 1]

    def _with(self, custom_id: str) -> Iterator[Message]:
        """The messages with such a button, the newest first."""
        for message in sorted(self._ours(), key=lambda each: each.id, reverse=True):
            ids = (str(item.get("custom_id", "")) for item in walk_components(message.components))
            if any(each.startswith(custom_id) for each in ids):
                yield message

    def _ours(self) -> Iterator[Message]:
        backend = self.discord.world.backend
        there = (message for channel in backend.messages.values() for message in channel.values())
        return (message for message in there if message.author_id == backend.bot_user.id)

    def _handle(self, message: Message) -> ResponseMessage:
        return ResponseMessage(self.discord.world, message)


async def let_an_hour_pass(memory: Memory) -> None:
    """Let what is due within two hours be due, for a bot that is not running."""
    await memory.change(
        "UPDATE duels SET ends = ends - :passed",
        "UPDATE timers SET due = due - :passed WHERE kind = 'duel'",
        passed=2 * HOUR,
    )


async def unfinished_duels(memory: Memory) -> int:
    """How many have not come as far as they should."""
    return await memory.count(f"SELECT count(*) FROM duels WHERE {_OPEN}")  # noqa: S608 - ours
