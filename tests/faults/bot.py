"""Faults of the bot, between a stand-in for Discord and one for the engine. A stage is `await stage(folder, faults, seed)`.

The bot is a real process on real connections. It ends at each named point, or at any time, or is told to stop, while
members ask in every way there is; then an unharmed one brings everything to its end. Whoever was told that it is taken
has one final answer in the channel, nobody is left at "thinking…", and nothing is left over.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.cogs import publishing
from bot.storage.settings import Consent, Output
from demo.api import Fault
from demo.processes import Child, ChildError, Crew
from demo.standin import StandIn, stand_in
from engine.protocol import CrashPoint, Finished
from engine.protocol.crash_points import CRASH_VARIABLE, ONCE_VARIABLE
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import preview
from tests.faults.duels import let_an_hour_pass, unfinished_duels
from tests.faults.members import REFUSED, Members
from tests.faults.memory import Memory
from tests.faults.moderators import Moderators, let_a_week_pass
from tests.faults.stars import SETTINGS
from tests.faults.tally import Tally

ROUND_SECONDS = 8.0  # for a point to be reached
CRASH_POINTS = tuple(point for point in CrashPoint if point.startswith("bot: "))
QUIET_SECONDS = 5.0  # longer than the bot pauses between two looks at what it has missed
NEARLY_OVER_SECONDS = 13.1 * 60.0  # of an interaction's token, after which its ticket goes on elsewhere
STUCK_SECONDS = 180.0  # in which nothing happens; nothing that is open takes longer than some


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
        self.may_paint = asyncio.Event()
        self.may_paint.set()

    def painted(self, seed: int) -> set[str]:
        """The tickets whose pictures were asked for with a seed."""
        return {job.key for job in self.jobs if job.request.seed == seed}

    async def _paint(self, job: Any) -> None:
        await self.may_paint.wait()
        moments = len(job.request.styles) if job.request.audition else 4
        for event in (preview(1, 0.5), Finished(seconds=1, width=96, height=64, moments=moments)):
            await asyncio.sleep(0.15)
            if not job.is_over:
                await self._tell(job, event)


@dataclass
class Bot:
    """The process on the stage's data, started anew each time."""

    crew: Crew
    discord: StandIn
    engine: PaintingEngine
    child: Child
    memory: Memory
    newest: Child | None = None

    def end(self) -> None:
        """Leave no process behind, whatever the stage came to."""
        if self.newest is not None:
            self.newest.kill()

    async def start(self, environment: Mapping[str, str] = {}) -> Child:
        """Start it and wait until it is there, or has ended; longer after the last one than Discord knows nonces for."""
        gateway = self.discord.gateway
        await self.discord.world.until(lambda: not gateway.connected, STUCK_SECONDS)
        self.discord.api.forget_nonces()
        child = replace(self.child, environment={**self.child.environment, **environment})
        child.start()
        self.newest = child
        with suppress(ChildError):
            while not (gateway.connected and any(self.discord.world.backend.commands.values())):
                child.check()
                await asyncio.sleep(0.05)
        return child

    async def set_up(self, rules: "Rules", members: Members) -> Moderators:
        """Have the channel set up by its owner, once and for all."""
        child, new = await self.start(), self.discord.guild.create_text_channel
        results = new("shown") if rules.output is Output.RESULTS else None
        audit, week = (new("told"), new("weekly")) if rules.is_moderated else (None, None)
        choices = {"output": rules.output, "consent": rules.consent, "open_per_member": "50"}
        if rules.style_votes:
            choices["style_votes"] = rules.style_votes
        await self.discord.set_up(results, audit, week, **choices)
        if rules.is_starred:
            members.stars.gallery = self.discord.guild.channels["gallery"]
            await self.discord.choose({"gallery_id": members.stars.gallery}, **SETTINGS)
        await asyncio.to_thread(child.stop)
        return Moderators(self.discord, lambda: members.results, audit, week)

    def forget_commands(self) -> None:
        """Let it not know which commands Discord knows."""
        (self.crew.folder / "bot" / publishing.FILE).unlink(missing_ok=True)


@dataclass(frozen=True)
class Rules:
    """What the owner of the server has chosen, and the points that are reached in such a server."""

    output: Output = Output.CHANNEL
    consent: Consent = Consent.OPEN
    points: tuple[CrashPoint, ...] = ()
    ways: tuple[str, ...] = ()  # of asking, unless a point has its own
    is_moderated: bool = False  # with an audit channel, and a style of the week
    style_votes: str = ""
    is_starred: bool = False  # with a gallery
    seconds: float = ROUND_SECONDS  # for a point to be reached


_ASKING = (
    CrashPoint.BOT_QUESTION_STORED,
    CrashPoint.BOT_QUESTION_SHOWN,
    CrashPoint.BOT_QUESTION_NOTED,
    CrashPoint.BOT_CONSENT_STORED,
    CrashPoint.BOT_CONSENT_SAID,
    CrashPoint.BOT_AGREED_TAKEN,
)
_TAKING = (
    CrashPoint.BOT_ACCEPTED,
    CrashPoint.BOT_TICKET_STORED,
    CrashPoint.BOT_IMAGES_FETCHED,
    CrashPoint.BOT_SUBMITTED,
    CrashPoint.BOT_JOB_STORED,
)
_POSTING = (
    CrashPoint.BOT_TICKET_SHOWN,
    CrashPoint.BOT_MESSAGE_NOTED,
    CrashPoint.BOT_DELIVERING,
    CrashPoint.BOT_RESULT_POSTED,
    CrashPoint.BOT_RESULT_NOTED,
    CrashPoint.BOT_TICKET_REMOVED,
    CrashPoint.BOT_RESULT_STORED,
    CrashPoint.BOT_COPY_POSTED,
    CrashPoint.BOT_DELETED,
    CrashPoint.BOT_ERASED,
)
_STARRED = (
    CrashPoint.BOT_STAR_STORED,
    CrashPoint.BOT_ENTRY_BEGUN,
    CrashPoint.BOT_ENTRY_POSTED,
    CrashPoint.BOT_ENTRY_HUNG,
    CrashPoint.BOT_ENTRY_NOTED,
    CrashPoint.BOT_ENTRY_REMOVED,
)
_CURATING = tuple(point for point in CrashPoint if point.name.startswith("BOT_STYLE_"))
_THREADED = (CrashPoint.BOT_THREAD_OPENED,)
_CROWDED = (
    CrashPoint.BOT_TICKET_SHOWN,
    CrashPoint.BOT_MESSAGE_NOTED,
    CrashPoint.BOT_THREAD_OPENED,
    CrashPoint.BOT_RESULT_POSTED,
)
_OF_WEEKS = (
    CrashPoint.BOT_WEEK_BEGUN,
    CrashPoint.BOT_WEEK_ANNOUNCED,
    CrashPoint.BOT_WEEK_OPENED,
    CrashPoint.BOT_WEEK_ENDING,
    CrashPoint.BOT_COLLAGE_POSTED,
    CrashPoint.BOT_COLLAGE_NOTED,
    CrashPoint.BOT_COLLAGE_TALKED,
    CrashPoint.BOT_TIMER_RUNG,
)
_MODERATED = (CrashPoint.BOT_AUDIT_BEGUN, CrashPoint.BOT_AUDIT_POSTED, *_OF_WEEKS)
_VOTED = (CrashPoint.BOT_DUEL_COUNTED, CrashPoint.BOT_DUEL_TOLD)
_DUELLING = (
    CrashPoint.BOT_DUEL_STORED,
    CrashPoint.BOT_DUEL_SHOWN,
    CrashPoint.BOT_DUEL_ACCEPTED,
    CrashPoint.BOT_DUEL_PAINTED,
    CrashPoint.BOT_DUEL_POSTED,
    *_VOTED,
)
_PLAIN = (
    *_TAKING,
    *_POSTING,
    CrashPoint.BOT_ACKNOWLEDGED,
    CrashPoint.BOT_TAKEN_TOLD,
    CrashPoint.BOT_MESSAGE_STORED,
    CrashPoint.BOT_STOP_STORED,
    CrashPoint.BOT_RESULT_FETCHED,
    CrashPoint.BOT_RESULT_OFFERED,
    CrashPoint.BOT_RESULT_WANTED,
    CrashPoint.BOT_UNDELIVERABLE,
    CrashPoint.BOT_SNAPSHOT_BEGUN,
    CrashPoint.BOT_COPY_NOTED,
    CrashPoint.BOT_EXPRESSION_ADDED,
    CrashPoint.BOT_MEMBER_FORGOTTEN,
    CrashPoint.BOT_CLOSING,
    CrashPoint.BOT_REFUSAL_TOLD,
    CrashPoint.BOT_CLOSED,
    CrashPoint.BOT_SETTINGS_STORED,
    CrashPoint.BOT_MARK_STORED,
    CrashPoint.BOT_HELLO_STORED,
    CrashPoint.BOT_HELLO_SAID,
    CrashPoint.BOT_COMMANDS_PUBLISHED,
)
# As they are named, which is as a picture comes by them.
PLAIN = Rules(points=tuple(point for point in CRASH_POINTS if point in _PLAIN))
ASKED = Rules(Output.THREAD, Consent.ASK, (*_ASKING, *_THREADED, *_POSTING))
ASKED_HERE = Rules(consent=Consent.ASK)
CROWDED = Rules(Output.THREAD, points=_CROWDED, ways=("crowd", "crowd", "react"))
CURATED = Rules(Output.CHANNEL, Consent.OPEN, _CURATING, style_votes="1")
SHOWN = Rules(Output.RESULTS, Consent.OPEN, _POSTING)
TRIED = Rules(points=(*_TAKING, *_POSTING), ways=("try out", "choose", "choose"))
MODERATED = Rules(
    points=_MODERATED,
    ways=("slash", "react", "week", "collage", "delete"),
    is_moderated=True,
    seconds=3 * ROUND_SECONDS,  # lines gather for some
)
DUELLING = Rules(points=_DUELLING, ways=("challenge", "accept", "accept", "vote"), seconds=3 * ROUND_SECONDS)
STARRED = Rules(points=_STARRED, ways=("star", "star", "unstar"), is_starred=True, seconds=3 * ROUND_SECONDS)
LATE = Rules(points=(CrashPoint.BOT_TICKET_MOVED, CrashPoint.BOT_RESULT_POSTED), ways=("slash",))
ALL_RULES = (PLAIN, ASKED, CROWDED, CURATED, DUELLING, LATE, SHOWN, STARRED, TRIED, MODERATED)


async def killed_at_points(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends at each named point in turn."""
    return await _stage(folder, faults, seed, _at_point(folder, PLAIN), PLAIN)


async def killed_asking(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends at each point that is reached where authors are asked and results go into threads."""
    return await _stage(folder, faults, seed, _at_point(folder, ASKED), ASKED)


async def killed_showing(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends at each point that is reached where results go into the results channel."""
    return await _stage(folder, faults, seed, _at_point(folder, SHOWN), SHOWN)


async def killed_crowded(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends at each point that is reached while more threads are wanted at once than are opened."""
    return await _stage(folder, faults, seed, _at_point(folder, CROWDED), CROWDED)


async def killed_trying_out(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends at each point on the way of a sheet of all styles, and of what is chosen from it."""
    return await _stage(folder, faults, seed, _at_point(folder, TRIED), TRIED)


async def killed_moderated(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends at each point that is reached where moderators are told, and there is a style of the week."""
    return await _stage(folder, faults, seed, _at_point(folder, MODERATED), MODERATED)


async def killed_curating(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends at each point that is reached while pictures become styles, and are taken back."""
    return await _stage(folder, faults, seed, _at_point(folder, CURATED), CURATED)


async def killed_duelling(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends at each point of a duel, with votes that end while nobody is there."""
    return await _stage(folder, faults, seed, _at_point(folder, DUELLING), DUELLING)


async def killed_starred(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends at each point on the way into the gallery and out of it."""
    return await _stage(folder, faults, seed, _at_point(folder, STARRED), STARRED)


async def killed_late(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends when a picture goes on in direct messages, as the token that shows it is nearly over."""
    at_point = _at_point(folder, LATE)

    async def harm(bot: Bot, members: Members, number: int) -> bool:
        await _nearly_over(bot, members)
        if number % 2:
            bot.engine.may_paint.set()
        try:
            return await at_point(bot, members, number)
        finally:
            bot.engine.may_paint.set()

    return await _stage(folder, faults, seed, harm, LATE)


async def killed_anywhen(folder: Path, faults: int, seed: int) -> Tally:
    """The bot ends in the middle of something."""
    return await _stage(folder, faults, seed, _ended(Child.kill), PLAIN)


async def killed_anywhen_asking(folder: Path, faults: int, seed: int) -> Tally:
    """The same where authors are asked, and results come into the channel in which they were."""
    return await _stage(folder, faults, seed, _ended(Child.kill), ASKED_HERE)


async def stopped(folder: Path, faults: int, seed: int) -> Tally:
    """The bot is told to stop in the middle of something."""
    return await _stage(folder, faults, seed, _ended(Child.stop), PLAIN)


async def unheard(folder: Path, faults: int, seed: int) -> Tally:
    """An answer of Discord's is lost, and the bot is killed now and then."""
    return await _stage(folder, faults, seed, _not_heard, PLAIN)


async def in_turn(folder: Path, seed: int, points: int, killed: int, stopped: int, unheard: int) -> Tally:
    """So many faults of each kind, one after the other in one channel."""
    kinds = [_at_point(folder, PLAIN)] * points + [_ended(Child.kill)] * killed
    kinds += [_ended(Child.stop)] * stopped + [_not_heard] * unheard

    async def harm(bot: Bot, members: Members, number: int) -> bool:
        return await kinds[number](bot, members, number)

    return await _stage(folder, len(kinds), seed, harm, PLAIN)


Stage = Callable[[Path, int, int], Coroutine[None, None, Tally]]
Harm = Callable[[Bot, Members, int], Coroutine[None, None, bool]]


def _at_point(folder: Path, rules: Rules) -> Harm:
    async def harm(bot: Bot, members: Members, number: int) -> bool:
        point, once = rules.points[number % len(rules.points)], folder / f"once-{number}"
        members.note("#", number, point)
        if point in _OFFERED:  # what may have been posted, and was deleted since
            posted, before = CrashPoint.BOT_RESULT_POSTED, folder / f"before-{number}"
            await _killed_at(bot, members, posted, before, ("slash",), rules.seconds)
            await members.remove()
        if point in _VOTED:
            await let_an_hour_pass(bot.memory)
        if point in _OF_WEEKS and (point is CrashPoint.BOT_TIMER_RUNG or number >= len(rules.points)):
            await let_a_week_pass(bot.memory)
        if point in _REFUSED:
            bot.engine.refusals = [REFUSED, REFUSED]
        if point in _GREETING:
            members.invite()
        if point is CrashPoint.BOT_COMMANDS_PUBLISHED:
            bot.forget_commands()
        if point is CrashPoint.BOT_UNDELIVERABLE:
            bot.discord.api.faults.append(Fault("POST", "/channels/*/messages", 403, times=1000))
        is_reached = await _killed_at(bot, members, point, once, _WAYS.get(point, rules.ways), rules.seconds)
        bot.discord.api.faults.clear()
        if not is_reached:
            print(f"not reached: {point}", flush=True)  # noqa: T201 - for whoever runs the harness
        if point is CrashPoint.BOT_RESULT_POSTED and number >= len(rules.points):
            await members.remove()  # of which nobody hears
        return is_reached

    return harm


async def _killed_at(
    bot: Bot, members: Members, point: CrashPoint, once: Path, ways: tuple[str, ...], seconds: float
) -> bool:
    """Let members ask until the bot ends at a point, which creates `once`, or for a while; whether it has."""
    is_reached = once.exists
    child = await bot.start({CRASH_VARIABLE: point.value, ONCE_VARIABLE: str(once)})
    asking = asyncio.create_task(members.live(seconds, ways), name="members")
    while not asking.done() and not is_reached():  # noqa: ASYNC110 - another process makes the file
        await asyncio.sleep(0.01)
    child.kill()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    return is_reached()


async def _nearly_over(bot: Bot, members: Members) -> None:
    """Let somebody ask where the bot is not, and the answer's token be nearly over while no bot runs and nothing is painted."""
    bot.engine.refusals = []
    child = await bot.start()
    await bot.discord.world.until(members.is_settled, STUCK_SECONDS)  # one may have few open of one's own
    bot.engine.may_paint.clear()
    await members.ask_elsewhere()
    await bot.discord.world.until(lambda: members.tickets, STUCK_SECONDS)
    await asyncio.to_thread(child.stop)
    minutes = NEARLY_OVER_SECONDS * 1000
    await bot.memory.change("UPDATE interactions SET id = id - :passed", passed=int(minutes) << 22)


async def _not_heard(bot: Bot, members: Members, _number: int) -> bool:
    child = await bot.start()
    method, path = members.dice.choice(_ANSWERS)
    bot.discord.api.faults.append(Fault(method, path, 502, lost=True))
    await members.live(3.0, ("slash", "again"))
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


async def _stage(folder: Path, faults: int, seed: int, harm: Harm, rules: Rules) -> Tally:
    tally, dice = Tally(), random.Random(seed)  # noqa: S311 - repeatable, not secret
    with PaintingEngine() as engine, ExitStack() as leaving:
        crew = replace(Crew.assemble(folder), port=int(engine.url.rsplit(":", 1)[1]))
        memory = Memory.of(folder / "bot")
        crew.write_config(**memory.settings)
        async with stand_in() as discord:
            members = Members(discord, dice, rules.consent, engine.painted)
            bot = Bot(crew, discord, engine, crew.bot(discord.origin), memory)
            leaving.callback(bot.end)
            members.moderators = moderators = await bot.set_up(rules, members)
            for number in range(faults):
                engine.refusals = [REFUSED] if dice.random() < 0.4 else []
                tally.faults += await harm(bot, members, number)
                await members.react()  # while nobody is there
            engine.refusals = []
            members.note("# last")
            await let_an_hour_pass(memory)
            last = await bot.start()
            saying = asyncio.create_task(members.finish(), name="members")
            with suppress(TimeoutError):
                await _calm(
                    discord, lambda: all(each.is_settled() for each in (members, moderators, members.stars))
                )
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)
            await asyncio.to_thread(last.stop)
            members.audit(tally)
            members.write_diary(folder / "members.log")
            tokens = [each.token for each in discord.world.backend.interactions.values()]
    tally.orphaned += await _left_over(memory, folder / "bot", tokens)
    return tally


async def _calm(discord: StandIn, is_settled: Callable[[], bool]) -> None:
    """Wait until nobody waits for anything and nothing happens any more. Raises TimeoutError.

    What is stored may not be shown yet, and a picture that nobody waits for any more is begun late and has to end all the same.
    While anything happens, it goes on.
    """
    happened, since, now = -1, 0.0, asyncio.get_running_loop().time
    async with asyncio.timeout(5 * STUCK_SECONDS):
        while not is_settled() or happened != discord.world.touches:
            if happened != discord.world.touches:
                happened, since = discord.world.touches, now()
            elif now() > since + STUCK_SECONDS:
                raise TimeoutError
            with suppress(TimeoutError):
                await discord.world.until(is_settled, QUIET_SECONDS)
            await asyncio.sleep(QUIET_SECONDS)


async def _left_over(memory: Memory, data: Path, tokens: list[str]) -> int:
    """Images of no ticket, tickets that nobody follows, answers that are owed, tokens in the log, files that others may read."""
    unfinished = await memory.count("SELECT count(*) FROM tickets WHERE state IN ('open', 'delivering')")
    owed = await memory.count("SELECT count(*) FROM interactions")
    erasures = await memory.count("SELECT count(*) FROM erasures")
    known = {ticket for (ticket,) in await memory.rows("SELECT id FROM tickets")}
    styles = {style for (style,) in await memory.rows("SELECT id FROM server_styles WHERE state = 'shown'")}
    in_files = await asyncio.to_thread(_left_in_files, data, tokens, known, styles)
    return await unfinished_duels(memory) + unfinished + owed + erasures + in_files


def _left_in_files(data: Path, tokens: list[str], known: set[str], styles: set[str]) -> int:
    logged = (data.parent / "bot.log").read_text(encoding="utf-8")
    told = sum(token in logged for token in tokens)
    images = {folder.name for place in ("inbox", "kept", "orphans") for folder in (data / place).glob("*")}
    pictures = {folder.name for folder in (data / "museum").glob("*")}
    open_to_others = [path for path in (data, *data.rglob("*")) if path.stat().st_mode & 0o077]
    return told + len(images - known) + len(pictures ^ styles) + len(open_to_others)


_REFUSED = (
    CrashPoint.BOT_REFUSAL_TOLD,
    CrashPoint.BOT_MARK_STORED,
    CrashPoint.BOT_CLOSING,
    CrashPoint.BOT_CLOSED,
)
_OFFERED = (CrashPoint.BOT_RESULT_OFFERED, CrashPoint.BOT_RESULT_WANTED)
_GREETING = (CrashPoint.BOT_HELLO_STORED, CrashPoint.BOT_HELLO_SAID)
_ANSWERS = (  # of Discord's that may be lost
    ("POST", "/interactions/*/callback"),
    ("POST", "/webhooks/*"),
    ("PATCH", "/webhooks/*"),
    ("POST", "/channels/*/messages"),
)
_WAYS: dict[CrashPoint, tuple[str, ...]] = {
    CrashPoint.BOT_STOP_STORED: ("slash", "stop"),
    CrashPoint.BOT_RESULT_OFFERED: ("slash",),
    CrashPoint.BOT_RESULT_WANTED: ("bring", "slash"),
    CrashPoint.BOT_UNDELIVERABLE: ("slash",),
    CrashPoint.BOT_THREAD_OPENED: ("react",),
    CrashPoint.BOT_SNAPSHOT_BEGUN: ("slash", "watch"),
    CrashPoint.BOT_COPY_POSTED: ("slash", "show", "look", "watch"),
    CrashPoint.BOT_COPY_NOTED: ("slash", "show", "look", "watch"),
    CrashPoint.BOT_EXPRESSION_ADDED: ("slash", "expression"),
    CrashPoint.BOT_MEMBER_FORGOTTEN: ("slash", "forget"),
    CrashPoint.BOT_DELETED: ("slash", "delete"),
    CrashPoint.BOT_ERASED: ("slash", "delete"),
    CrashPoint.BOT_REFUSAL_TOLD: ("react",),
    CrashPoint.BOT_MARK_STORED: ("react",),
    CrashPoint.BOT_CLOSING: ("slash", "stop"),
    CrashPoint.BOT_CLOSED: ("slash", "stop"),
    CrashPoint.BOT_SETTINGS_STORED: ("set up",),
    CrashPoint.BOT_AUDIT_BEGUN: ("slash", "react"),
    CrashPoint.BOT_AUDIT_POSTED: ("slash", "react"),
    CrashPoint.BOT_WEEK_BEGUN: ("week",),
    CrashPoint.BOT_WEEK_ANNOUNCED: ("week",),
    CrashPoint.BOT_WEEK_OPENED: ("week",),
    **dict.fromkeys(_ASKING, ("react", "menu", "answer")),
    **dict.fromkeys(_CURATING, ("propose", "decide", "take back")),
}
STAGES: dict[str, tuple[Stage, int]] = {  # with how many faults of each are the usual
    "bot killed at named points": (killed_at_points, 80),
    "bot killed while asking authors, in threads": (killed_asking, 40),
    "bot killed while showing in the results channel": (killed_showing, 22),
    "bot killed while many threads are wanted": (killed_crowded, 12),
    "bot killed while members give stars": (killed_starred, 15),
    "bot killed while members duel": (killed_duelling, 14),
    "bot killed while styles are tried out": (killed_trying_out, 24),
    "bot killed while moderators are told, in a week": (killed_moderated, 20),
    "bot killed while pictures become styles": (killed_curating, 28),
    "bot killed while a token is nearly over": (killed_late, 4),
    "bot killed at any time": (killed_anywhen, 40),
    "bot killed at any time, asking authors": (killed_anywhen_asking, 30),
    "bot told to stop": (stopped, 20),
    "answer of Discord's not heard": (unheard, 20),
}
