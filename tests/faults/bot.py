"""Faults of the bot, between a stand-in for Discord and one for the engine. A stage is `await stage(folder, faults, seed)`.

The bot is a real process on real connections. It ends at each named point, or at any time, or is told to stop, while
members ask in every way there is; then an unharmed one brings everything to its end. Whoever was told that it is taken
has one final answer in the channel, nobody is left at "thinking…", and nothing is left over.
"""

import asyncio
import random
import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from simcord.backend.errors import BackendError, SetupError
from simcord.backend.models import Message
from simcord.results import InteractionResult, ResponseMessage

from bot.storage.settings import Consent, Output
from bot.words.setup import Page
from demo.api import Fault
from demo.processes import Child, ChildError, Crew
from demo.standin import StandIn, stand_in
from engine.protocol import CrashPoint, ErrorCode, Finished, Refusal
from engine.protocol.crash_points import CRASH_VARIABLE, ONCE_VARIABLE
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import png, preview
from tests.faults.tally import Tally
from tests.wire.channel import messages, pressable

# In a server that asks its authors, which this one does not: restarts there are told in tests/bot/consent.
_ASKING = (
    CrashPoint.BOT_QUESTION_STORED,
    CrashPoint.BOT_QUESTION_SHOWN,
    CrashPoint.BOT_CONSENT_STORED,
    CrashPoint.BOT_AGREED_TAKEN,
)
POINTS = [point for point in CrashPoint if point.startswith("bot") and point not in _ASKING]
REFUSED, REFUSAL = Refusal(ErrorCode.OUT_OF_MEMORY), "more memory than the engine has"
ROUND_SECONDS = 8.0  # for a point that is to be reached
STUCK_SECONDS = 180.0  # for all that is open; nothing of it takes longer than some
EMOJI = "🌊"


class PaintingEngine(FakeEngine):
    """Paints by itself, as fast as nothing is."""

    async def _submit(self, request: web.Request) -> web.Response:
        before = len(self.jobs)
        answer = await super()._submit(request)
        for job in self.jobs[before:]:
            self._tasks.add(asyncio.create_task(self._paint(job)))
        return answer

    def __init__(self) -> None:
        super().__init__()
        self._tasks: set[asyncio.Task[None]] = set()

    async def _paint(self, job: Any) -> None:
        for event in (preview(1, 0.5), Finished(seconds=1, width=96, height=64, moments=4)):
            await asyncio.sleep(0.15)
            if not job.is_over:
                await self._tell(job, event)


@dataclass
class Order:
    """Something that a member has asked for; `finals` finds what became of it among the bot's messages."""

    is_final: Callable[[Message], bool]
    asked: InteractionResult | None  # None: a reaction, which nobody acknowledges
    is_command: bool = False  # answered in place of "thinking…"
    cut_short: bool = False  # whether somebody has pressed "Cancel", heard or not


@dataclass
class Members:
    """Alice and Bob, who ask in all ways, and what they have asked for."""

    discord: StandIn
    dice: random.Random
    orders: list[Order] = field(default_factory=list)
    watched: list[InteractionResult] = field(default_factory=list)  # asked for something else than a picture
    _gone_on_from: set[int] = field(default_factory=set)
    _deleted: set[int] = field(default_factory=set)  # results of which somebody was told that they are

    async def live(self, seconds: float, ways: tuple[str, ...] = ()) -> None:
        """Ask for so long."""
        every = {
            "slash": self._slash,
            "menu": self._menu,
            "react": self.react,
            "again": self._again,
            "stop": self._stop,
            "watch": self._watch,
            "set up": self._set_up,
            "delete": self._delete,
        }
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    way = self.dice.choice(ways or tuple(every))
                    with suppress(SetupError, BackendError):  # what was to be clicked is gone
                        await every[way]()
                    await asyncio.sleep(self.dice.random() * 0.1)

    async def _slash(self) -> None:
        seed = len(self.orders) + 1
        place = self.discord.studio
        said = await self.discord.alice.slash(
            place, "stylize", content=("cat.png", png()), style="great_wave", seed=seed
        )
        self.orders.append(Order(lambda found: f" seed {seed} " in f"{found.content} ", said, True))

    async def _menu(self) -> None:
        alice = self.discord.alice
        picture = await self.discord.bob.send(self.discord.studio, "a cat", attachments=[("cat.png", png())])
        menu = await alice.context_menu(self.discord.studio, "Stylize this image", picture)
        self.watched.append(menu)
        if menu.response is not None:
            picked = await alice.select(menu.response, ["great_wave"])
            self.orders.append(Order(_answers(picture.id), picked))

    async def react(self) -> None:
        """React to a new picture, whether or not the bot is there."""
        picture = await self.discord.bob.send(self.discord.studio, "a cat", attachments=[("cat.png", png())])
        self.orders.append(Order(_answers(picture.id), None))
        await self.discord.alice.react(picture, EMOJI)

    async def _again(self) -> None:
        result = next((each for each in reversed(self.results) if each.id not in self._gone_on_from), None)
        if result is not None:
            self._gone_on_from.add(result.id)
            clicked = await self.discord.bob.click(self._handle(result), label="Again")
            self.orders.append(Order(_answers(result.id), clicked))

    async def _stop(self) -> None:
        if not self.tickets:
            return
        ticket = self.tickets[-1]
        for order in self.orders:  # it may be any of those that are open
            order.cut_short = order.cut_short or not any(map(order.is_final, self.results))
        await self.discord.alice.click(self._handle(ticket), label="Cancel")

    async def _watch(self) -> None:
        if not self.results:
            return
        seen: InteractionResult | None = None
        shown = self._handle(self.results[-1])
        for label in ("More…", "Time-lapse", "Earlier moment"):
            seen = await self._pressed(await self.discord.alice.click(shown, label=label))
            if seen is None or seen.response is None:
                return
            shown = seen.response
        self.watched.append(await self.discord.alice.select(shown, ["2"]))

    async def _pressed(self, answer: InteractionResult) -> InteractionResult | None:
        """An answer once it has something to press, or None if it does not come in a while."""
        self.watched.append(answer)
        with suppress(TimeoutError):
            await self.discord.world.until(lambda: answer.response and answer.response.components, 0.5)
        return answer if answer.response is not None and answer.response.components else None

    async def _set_up(self) -> None:
        """Let the owner change a limit, and put it back now and then."""
        mia, studio = self.discord.mia, self.discord.studio
        opened = await mia.slash(studio, "setup")
        self.watched.append(opened)
        if (panel := opened.response) is None:
            return
        steps = (
            ("setup:jump", Page.LIMITS.value),
            ("setup:set:open_per_member:0", self.dice.choice(("20", "50"))),
        )
        for custom_id, value in steps:
            with suppress(TimeoutError):
                await self.discord.world.until(partial(_has, panel, custom_id), 0.5)
            self.watched.append(await mia.select(panel, [value], custom_id=custom_id))

    async def _delete(self) -> None:
        result = next((each for each in reversed(self.results) if each.id not in self._deleted), None)
        if result is None:
            return
        who = self.discord.alice if f"<@{self.discord.alice.id}>" in result.content else self.discord.bob
        question = await who.click(self._handle(result), label="Delete")
        if question.response is None or not question.response.components:
            return
        for order in self.orders:
            order.cut_short = order.cut_short or order.is_final(result)
        confirmed = await who.click(question.response, label="Yes, delete it")
        if confirmed.acknowledged:
            self._deleted.add(result.id)

    def _handle(self, message: Message) -> ResponseMessage:
        return ResponseMessage(self.discord.world, message)

    @property
    def messages(self) -> list[Message]:
        """What the bot has in the channel, oldest first."""
        return messages(self.discord)

    @property
    def results(self) -> list[Message]:
        """The finished pictures."""
        return [message for message in self.messages if "here it is" in message.content]

    @property
    def tickets(self) -> list[Message]:
        """The open tickets."""
        return pressable(self.discord, "Cancel")

    @property
    def thinking(self) -> list[int]:
        """The interactions of whose acknowledgement nothing has come yet."""
        return [each.id for each in self.discord.world.backend.interactions.values() if each.loading]

    def is_settled(self) -> bool:
        """Whether nobody waits for anything."""
        waiting = [order for order in self.orders if order.asked is None and not self._is_answered(order)]
        return not (self.tickets or self.thinking or waiting)

    def audit(self, tally: Tally) -> None:
        """Hold what was asked for against what there is."""
        tally.stuck += len(self.tickets) + len(self.thinking)
        tally.orphaned += len(self._deleted & {message.id for message in self.messages})
        for order in self.orders:
            finals = [message for message in self.results if order.is_final(message)]
            tally.doubled += max(0, len(finals) - 1)
            if order.asked is None or order.asked.acknowledged:
                tally.acknowledged += 1
                tally.lost += not self._is_answered(order)

    def _is_answered(self, order: Order) -> bool:
        """Whether there is a picture, or a sentence instead."""
        if order.cut_short or any(order.is_final(message) for message in self.results):
            return True
        refusals = [message for message in self.messages if REFUSAL in message.content]
        if any(order.is_final(message) for message in refusals):
            return True
        if order.asked is None:
            return False
        said = list(order.asked.followups)
        if order.is_command and order.asked.response is not None:
            said.append(order.asked.response)
        return any(each.content and "Cancel" not in str(each.components) for each in said)


def _has(message: ResponseMessage, custom_id: str) -> bool:
    return custom_id in str(message.components)


def _answers(message_id: int) -> Callable[[Message], bool]:
    return lambda found: (found.reference or {}).get("message_id") == str(message_id)


@dataclass
class Bot:
    """The process on the stage's data, started anew each time."""

    crew: Crew
    discord: StandIn
    engine: PaintingEngine
    child: Child

    async def start(self, environment: Mapping[str, str] = {}) -> Child:
        """Start it and wait until it is there, or has ended."""
        gateway = self.discord.gateway
        await self.discord.world.until(lambda: not gateway.connected, STUCK_SECONDS)
        child = replace(self.child, environment={**self.child.environment, **environment})
        child.start()
        with suppress(ChildError):
            while not (gateway.connected and any(self.discord.world.backend.commands.values())):
                child.check()
                await asyncio.sleep(0.05)
        return child

    async def set_up(self) -> None:
        """Have the channel set up by its owner, once and for all."""
        child = await self.start()
        await self.discord.set_up(output=Output.CHANNEL, consent=Consent.OPEN, open_per_member="50")
        await asyncio.to_thread(child.stop)


async def killed_at_points(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends at each named point in turn."""
    return await _stage(folder, faults, seed, _at_point(folder))


async def killed_anywhen(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends in the middle of something."""
    return await _stage(folder, faults, seed, _ended(Child.kill))


async def stopped(folder: Path, faults: int, seed: int) -> Tally:
    """The bot is told to stop in the middle of something."""
    return await _stage(folder, faults, seed, _ended(Child.stop))


async def unheard(folder: Path, faults: int, seed: int) -> Tally:
    """Discord's answer to an acknowledgement is lost, and the bot is killed now and then."""
    return await _stage(folder, faults, seed, _not_heard)


async def in_turn(folder: Path, seed: int, points: int, killed: int, stopped: int, unheard: int) -> Tally:
    """So many faults of each kind, one after the other in one channel."""
    kinds = [_at_point(folder)] * points + [_ended(Child.kill)] * killed
    kinds += [_ended(Child.stop)] * stopped + [_not_heard] * unheard

    async def harm(bot: Bot, members: Members, number: int) -> bool:
        return await kinds[number](bot, members, number)

    return await _stage(folder, len(kinds), seed, harm)


Stage = Callable[[Path, int, int], Coroutine[None, None, Tally]]
Harm = Callable[[Bot, Members, int], Coroutine[None, None, bool]]


def _at_point(folder: Path) -> Harm:
    async def harm(bot: Bot, members: Members, number: int) -> bool:
        point, once = POINTS[number % len(POINTS)], folder / f"once-{number}"
        if point in _REFUSED:
            bot.engine.refusals = [REFUSED, REFUSED]
        child = await bot.start({CRASH_VARIABLE: point.value, ONCE_VARIABLE: str(once)})
        asking = asyncio.create_task(members.live(ROUND_SECONDS, _WAYS.get(point, ())), name="members")
        while not asking.done() and not once.exists():  # noqa: ASYNC110 - another process makes the file
            await asyncio.sleep(0.01)
        child.kill()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        return once.exists()

    return harm


async def _not_heard(bot: Bot, members: Members, _number: int) -> bool:
    child = await bot.start()
    bot.discord.api.faults.append(Fault("POST", "/interactions/*/callback", 502, lost=True))
    await members.live(3.0, ("slash",))
    child.kill()
    return True


def _ended(end: Callable[[Child], None]) -> Harm:
    async def harm(bot: Bot, members: Members, _number: int) -> bool:
        child = await bot.start()
        asking = asyncio.create_task(members.live(members.dice.random() * 2.0 + 0.2), name="members")
        await asyncio.sleep(members.dice.random() * 2.0)
        await asyncio.to_thread(end, child)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        return True

    return harm


async def _stage(folder: Path, faults: int, seed: int, harm: Harm) -> Tally:
    tally, dice = Tally(), random.Random(seed)  # noqa: S311 - repeatable, not secret
    with PaintingEngine() as engine:
        crew = replace(Crew.assemble(folder), port=int(engine.url.rsplit(":", 1)[1]))._write_config()
        async with stand_in() as discord:
            members = Members(discord, dice)
            bot = Bot(crew, discord, engine, crew.bot(discord.origin))
            await bot.set_up()
            for number in range(faults):
                engine.refusals = [REFUSED] if dice.random() < 0.4 else []
                tally.faults += await harm(bot, members, number)
                await members.react()  # while nobody is there
            engine.refusals = []
            last = await bot.start()
            with suppress(TimeoutError):
                for _ in range(2):  # what is shown may not be noted yet, and what was stored not shown
                    await discord.world.until(members.is_settled, STUCK_SECONDS)
                    await asyncio.sleep(3.0)
            await asyncio.to_thread(last.stop)
            members.audit(tally)
            tokens = [each.token for each in discord.world.backend.interactions.values()]
    tally.orphaned += _left_over(folder / "bot", tokens)
    return tally


def _left_over(data: Path, tokens: list[str]) -> int:
    """Images of no ticket, tickets that nobody follows, answers that are owed, tokens in the log, files that others may read."""
    with closing(sqlite3.connect(data / "bot.sqlite3")) as database:
        (unfinished,) = database.execute(
            "SELECT count(*) FROM tickets WHERE state IN ('open', 'delivering')"
        ).fetchone()
        known = {ticket for (ticket,) in database.execute("SELECT id FROM tickets")}
        (owed,) = database.execute("SELECT count(*) FROM interactions").fetchone()
        (erasures,) = database.execute("SELECT count(*) FROM erasures").fetchone()
    logged = (data.parent / "bot.log").read_text(encoding="utf-8")
    told = sum(token in logged for token in tokens)
    images = {folder.name for place in ("inbox", "kept", "orphans") for folder in (data / place).glob("*")}
    open_to_others = [path for path in (data, *data.rglob("*")) if path.stat().st_mode & 0o077]
    return int(unfinished) + int(owed) + int(erasures) + told + len(images - known) + len(open_to_others)


_REFUSED = (CrashPoint.BOT_REFUSAL_TOLD, CrashPoint.BOT_CLOSING, CrashPoint.BOT_CLOSED)
_WAYS: dict[CrashPoint, tuple[str, ...]] = {
    CrashPoint.BOT_STOP_STORED: ("slash", "stop"),
    CrashPoint.BOT_SNAPSHOT_BEGUN: ("slash", "watch"),
    CrashPoint.BOT_SNAPSHOT_POSTED: ("slash", "watch"),
    CrashPoint.BOT_SNAPSHOT_NOTED: ("slash", "watch"),
    CrashPoint.BOT_DELETED: ("slash", "delete"),
    CrashPoint.BOT_ERASED: ("slash", "delete"),
    CrashPoint.BOT_REFUSAL_TOLD: ("react",),
    CrashPoint.BOT_CLOSING: ("slash", "stop"),
    CrashPoint.BOT_CLOSED: ("slash", "stop"),
    CrashPoint.BOT_SETTINGS_STORED: ("set up",),
}
STAGES: dict[str, tuple[Stage, int]] = {  # with how many faults of each are the usual
    "bot killed at named points": (killed_at_points, 60),
    "bot killed at any time": (killed_anywhen, 40),
    "bot told to stop": (stopped, 20),
    "acknowledgement not heard": (unheard, 10),
}
