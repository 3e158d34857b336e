"""A crowd of members, and the bot that answers them: `python -m bench.crowd [--small] [--only PART]`.

The bot and the engine are real processes, and so are their connections; only Discord is the stand-in, which holds the bot
to Discord's limits, and the engine's worker sketches. Leaves crowd.txt, of four parts: how soon 100 members who act at once
see their tickets, in every way there is, while one of the downloads hangs and the engine is saturated (goal: 1 s at the
99th percentile); what the same 100 cost once the queue is full (no fetch, no upload, a notice a channel); 1,000 reactions
to one picture; and 200 pictures in 50 channels (nothing doubled, nothing lost, within Discord's limits, results before
frames). `--small`: a fifth of each. Stand-in, bot, engine and worker share the processors, so their time is told too.
"""

import argparse
import asyncio
import io
import os
import re
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import aiohttp
import discord
from PIL import Image
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult, ResponseMessage

from bench.report import arguments, folder, leave, met
from bot.storage.backup import DATABASE
from bot.storage.database import sqlite_url
from bot.storage.settings import Consent, Output
from bot.storage.store import open_store
from demo.api import Call
from demo.limits import ALL, LIMITS, Limits
from demo.processes import Child, Crew, running
from demo.standin import StandIn, stand_in
from engine.protocol import GROUP_HEADER, USER_HEADER, JobRequest, Owner, RecipeName, StyleChoice
from tests.engine.sketch.worker import PAUSE_VARIABLE

PHOTO = Path(__file__).parents[1] / "demo" / "photos" / "rocket.jpg"
SIDE = 240  # pixels: what is measured is not the engine
STYLE, EMOJI = "great_wave", "🌊"
GOAL_SECONDS = 1.0
STARTED_SECONDS, ENDED_SECONDS = 60.0, 600.0  # only a failure takes so long
SETTLED_SECONDS = 3.0  # without a request after which nothing more is to come
IDLE_SECONDS = 0.05  # of processor time in these, at most
BUSY_JOBS = 40  # of others, that wait in a saturated engine
MANY = 5_000
TICKET = re.compile(r"\*\*In the style of .+\*\*, for <@(\d+)>")
RESULT = re.compile(r"<@(\d+)>.*here it is", re.DOTALL)
_WRITTEN = (0, 19)  # types of messages: a new one, and a reply
_KIND = re.compile(r"/(\d{10,}|simcord_interaction_\d+)")


@dataclass
class Stage:
    """One server full of members, the two processes behind it, and when something was seen there."""

    discord: StandIn
    bot: Child
    engine: Child
    crew: Crew
    members: list[MemberActor]
    channels: list[ChannelHandle]
    tickets: dict[int, float] = field(default_factory=dict)  # by member: when theirs was first seen
    results: dict[int, list[float]] = field(default_factory=dict)  # the same of their pictures
    public: list[tuple[int, str]] = field(default_factory=list)  # what the bot says where all read it
    frames: list[tuple[int, float]] = field(default_factory=list)  # by member: when one was shown

    def listen(self, event: str, payload: Mapping[str, Any]) -> None:
        """Note what the bot says to all."""
        if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or payload.get("flags", 0) & 64:
            return
        if int(payload.get("author", {}).get("id", 0)) != self.discord.world.backend.bot_user.id:
            return
        now, text = time.monotonic(), payload.get("content", "")
        if (ticket := TICKET.match(text)) is not None:
            self.tickets.setdefault(int(ticket[1]), now)
            if event == "MESSAGE_UPDATE" and payload.get("attachments"):
                self.frames.append((int(ticket[1]), now))
        elif event == "MESSAGE_CREATE":
            if payload.get("type") in _WRITTEN:
                self.public.append((int(payload["channel_id"]), text))
            if (result := RESULT.search(text)) is not None:
                self.results.setdefault(int(result[1]), []).append(now)

    async def until(self, look: Callable[[], object]) -> bool:
        """Wait for something to be so; False if it takes too long."""
        try:
            await self.discord.world.until(look, ENDED_SECONDS)
        except TimeoutError:
            return False
        return True

    async def settled(self) -> None:
        """Wait until the bot has asked nothing for a while, and is idle."""
        used = -1.0
        while _processor_seconds(self.bot.pid) > used + IDLE_SECONDS:
            used = _processor_seconds(self.bot.pid)
            with suppress(TimeoutError):
                while True:
                    async with asyncio.timeout(SETTLED_SECONDS):
                        await self.discord.world.happening()

    async def uploads(self) -> int:
        """How many pictures the bot has handed to the engine."""
        async with to_engine(self.crew) as session, session.get("/metrics") as answer:
            text = await answer.text()
        found = re.findall(r'request_seconds_count\{method="POST",route="/v1/jobs",[^}]*\} (\d+)', text)
        return sum(map(int, found))


@asynccontextmanager
async def staged(
    name: Path, members: int, channels: int, engine: Mapping[str, object], pause: float, **server: Any
) -> AsyncIterator[Stage]:
    """Start all of it, with so many members in so many art channels; `pause`: of the worker, for an evaluation."""
    crew = Crew.assemble(name)
    config = name / "atelier.toml"
    table = "".join(f"{key} = {value}\n" for key, value in {**SMALL_PICTURES, **engine}.items())
    config.write_text(config.read_text().replace("[engine]\n", f"[engine]\n{table}", 1))
    process = crew.engine("tests.engine.sketch")
    process = replace(process, environment={**process.environment, PAUSE_VARIABLE: str(pause)})
    with running(process):
        await crew.engine_ready(process)
        async with stand_in() as discord_:
            stage = _furnished(discord_, crew, process, members, channels)
            await _set_up(stage, **server)
            discord_.api.limits = Limits()
            with running(stage.bot):
                await discord_.ready(STARTED_SECONDS)
                yield stage


def _furnished(discord_: StandIn, crew: Crew, engine: Child, members: int, channels: int) -> Stage:
    world, guild = discord_.world, discord_.guild
    people = [guild.add_member(world.create_user(f"member{n}")) for n in range(members)]
    places = [guild.create_text_channel(f"art-{n}") for n in range(channels)]
    stage = Stage(discord_, crew.bot(discord_.origin), engine, crew, people, places)
    world.backend.subscribers.append(stage.listen)
    return stage


async def _set_up(stage: Stage, output: Output = Output.THREAD, **server: Any) -> None:
    """Store what an owner would choose, before the bot is there to be asked."""
    data, now, guild = stage.crew.folder / "bot", discord.utils.utcnow(), stage.discord.guild.id
    data.mkdir()
    async with open_store(sqlite_url(data / DATABASE)) as store:
        await store.settings.greeted(guild, now)
        art = {"is_art": True, "output": output}
        wanted: dict[int | None, dict[str, Any]] = {channel.id: art for channel in stage.channels}
        await store.settings.change(guild, stage.discord.mia.id, now, {None: server, **wanted})


@asynccontextmanager
async def to_engine(crew: Crew) -> AsyncIterator[aiohttp.ClientSession]:
    """Speak to the engine as the bot may."""
    headers = {"Authorization": f"Bearer {crew.token}"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{crew.port}", headers=headers) as session:
        yield session


async def saturate(crew: Crew, jobs: int) -> None:
    """Have the engine paint for somebody else, and so many pictures wait for it."""
    owner = Owner(group="others", user="others")
    request = JobRequest(owner=owner, styles=(StyleChoice(name=STYLE),), recipe=RecipeName.DRAFT, size=128)
    headers = {GROUP_HEADER: owner.group, USER_HEADER: owner.user}
    async with to_engine(crew) as session:
        for number in range(jobs):
            form = aiohttp.FormData()
            form.add_field("request", request.model_dump_json(), content_type="application/json")
            form.add_field("content", _picture(), filename="content")
            sent = {**headers, "Idempotency-Key": f"other-{number}"}
            async with session.post("/v1/jobs", data=form, headers=sent) as answer:
                answer.raise_for_status()


# --- members ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """What a member is about to do."""

    way: str
    member: MemberActor
    do: Callable[[], Awaitable[object]]


def photo(name: str = "rocket.jpg") -> tuple[str, bytes]:
    """A small photo, by whatever name."""
    return name, _picture()


@cache
def _picture() -> bytes:
    buffer = io.BytesIO()
    with Image.open(PHOTO) as photo:
        photo.thumbnail((SIDE, SIDE))
        photo.save(buffer, "JPEG")
    return buffer.getvalue()


async def prepared(stage: Stage) -> list[Act]:
    """Each member with what they are about to do, in their own way, and one whose picture never comes."""
    waiting = [
        WAYS[n % len(WAYS)](stage, member, stage.channels[n % len(stage.channels)])
        for n, member in enumerate(stage.members)
    ]
    acts = [await each for each in waiting]
    await stage.settled()
    return acts


async def _by_command(stage: Stage, member: MemberActor, channel: ChannelHandle) -> Act:
    hangs = member is stage.members[0]
    given = photo("hangs.jpg" if hangs else "rocket.jpg")
    return Act("/stylize", member, lambda: member.slash(channel, "stylize", content=given, style=STYLE))


async def _by_menu(stage: Stage, member: MemberActor, channel: ChannelHandle) -> Act:
    post = await member.send(channel, "", attachments=[photo()])
    menu = await member.context_menu(channel, "Stylize this image", post)
    shown = await _shown(stage, menu)
    return Act("menu", member, lambda: member.select(shown, [STYLE]))


async def _by_mention(stage: Stage, member: MemberActor, channel: ChannelHandle) -> Act:
    text = f"<@{stage.discord.world.backend.bot_user.id}> scream"
    return Act("mention", member, lambda: member.send(channel, text, attachments=[photo()]))


async def _by_reaction(stage: Stage, member: MemberActor, channel: ChannelHandle) -> Act:
    post = await member.send(channel, "", attachments=[photo()])
    return Act("reaction", member, lambda: member.react(post, EMOJI))


async def _by_form(stage: Stage, member: MemberActor, channel: ChannelHandle) -> Act:
    form = await member.slash(channel, "paint")
    filled = {"picture": photo(), "style": [STYLE]}
    return Act("form", member, lambda: member.submit_modal(form, filled))


WAYS = (_by_command, _by_menu, _by_mention, _by_reaction, _by_form)


async def _shown(stage: Stage, answer: InteractionResult) -> ResponseMessage:
    if not await stage.until(lambda: answer.response and answer.response.components) or not answer.response:
        raise SystemExit("the bot has nothing to choose from")
    return answer.response


async def all_at_once(acts: Sequence[Act]) -> dict[int, float]:
    """Let everybody act; by member, when they did."""
    began = {}

    async def acting(act: Act) -> None:
        began[act.member.id] = time.monotonic()
        await act.do()

    await asyncio.gather(*map(acting, acts))
    return began


# --- figures ----------------------------------------------------------------------------------------------


@dataclass
class Processors:
    """Seconds of processor time that each process has had since this was made."""

    stage: Stage
    _before: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        self._before = self._now()

    def _now(self) -> dict[str, float]:
        pids = {"stand-in": os.getpid(), "bot": self.stage.bot.pid, "engine": self.stage.engine.pid}
        return {name: _processor_seconds(pid) for name, pid in pids.items()}

    def told(self) -> str:
        """A line of them."""
        spent = {name: now - self._before[name] for name, now in self._now().items()}
        return "processor time: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in spent.items())


def _processor_seconds(pid: int) -> float:
    """Of a process, and of those that it has started and that have ended."""
    values = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, values[11:15])) / os.sysconf("SC_CLK_TCK")


def by_kind(calls: Iterable[Call]) -> str:
    """How many requests of each kind there were, the most first."""
    kinds = Counter(
        f"{call.method} {_KIND.sub('/…', call.path.partition('/reactions/')[0])}" for call in calls
    )
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


def turned_away(calls: Iterable[Call]) -> str:
    """Which of them Discord would not have, and how often."""
    return by_kind(call for call in calls if call.status == 429) or "none"


def most_edits(calls: Iterable[Call]) -> int:
    """The most edits of one channel's messages by the bot itself in any five seconds."""
    (limit,) = (limit for limit in LIMITS if limit.name == "edit")
    times: dict[str, list[float]] = {}
    for call in calls:
        if call.method == limit.method and (of := limit.path.fullmatch(call.path)) is not None:
            times.setdefault(of[1], []).append(call.at)
    return max((_within(each, limit.seconds) for each in times.values()), default=0)


def _within(times: Sequence[float], seconds: float) -> int:
    return max(sum(first <= at < first + seconds for at in times[n:]) for n, first in enumerate(times))


def percentiles(seconds: Sequence[float]) -> str:
    """The middle, the 99th percentile and the last of some times."""
    late = _late(seconds)
    return f"p50 {statistics.median(seconds):.2f} s   p99 {late:.2f} s   max {max(seconds):.2f} s"


def _late(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[98] if len(seconds) > 1 else seconds[0]


def counted(data: Path, query: str) -> int:
    """What a query of the bot's database says; the bot has ended."""
    with closing(sqlite3.connect(data / "bot" / DATABASE)) as database:
        (count,) = database.execute(query).fetchone()
    return int(count)


SMALL_PICTURES = {"recipes": "{ standard = { max_seconds = 1800.0, max_size = 128 } }"}
ROOM = {"jobs_total": MANY, "jobs_per_group": MANY, "jobs_per_user": MANY}


# --- the four parts ---------------------------------------------------------------------------------------


async def visible(name: Path, members: int, output: Output = Output.CHANNEL) -> str:
    """How soon members who act at once see their tickets."""
    async with staged(name, members, max(members // 5, 1), ROOM, 0.5, output=output) as stage:
        stage.discord.api.stuck = "*/hangs.jpg"
        acts = await prepared(stage)
        await saturate(stage.crew, BUSY_JOBS)
        stage.discord.api.calls.clear()
        spent = Processors(stage)
        began = await all_at_once(acts)
        seen = await stage.until(lambda: began.keys() <= stage.tickets.keys())
        told = spent.told()
        calls = list(stage.discord.api.calls)
    taken = {member: stage.tickets[member] - at for member, at in began.items() if member in stage.tickets}
    lines = [
        f"{members} members within {max(began.values()) - min(began.values()):.2f} s, one download hangs, engine saturated,"
        f" results in: {output}",
        f"  until the ticket is seen: {percentiles([*taken.values()])}"
        f"   goal, p99 at most {GOAL_SECONDS:.0f} s: {met(seen and _late([*taken.values()]) <= GOAL_SECONDS)}",
    ]
    for way in dict.fromkeys(act.way for act in acts):
        theirs = [taken[act.member.id] for act in acts if act.way == way and act.member.id in taken]
        lines.append(f"    {way:9} {len(theirs):4} seen   {percentiles(theirs)}")
    counted_by_all = sum(not call.path.startswith(("/interactions/", "/webhooks/")) for call in calls)
    lines += [f"  {told}", f"  requests: {by_kind(calls)}"]
    lines += [f"  turned away by Discord's limits: {turned_away(calls)}"]
    lines += [f"  under the limit of {ALL} a second for all: {counted_by_all}"]
    return "\n".join(lines)


async def full(name: Path, members: int) -> str:
    """What the same members cost once the queue is full."""
    caps = {**ROOM, "jobs_total": BUSY_JOBS}
    async with staged(name, members, max(members // 25, 1), caps, 600.0) as stage:
        acts = await prepared(stage)
        await saturate(stage.crew, BUSY_JOBS)
        api = stage.discord.api
        api.calls.clear()
        api.fetches.clear()
        stage.public.clear()
        uploads, spent = await stage.uploads(), Processors(stage)
        await all_at_once(acts)
        await stage.settled()
        told, calls = spent.told(), list(api.calls)
        uploads = await stage.uploads() - uploads
    most = max(Counter(channel for channel, _ in stage.public).values(), default=0)
    return "\n".join(
        [
            f"{members} members in {len(stage.channels)} channels, the queue is full",
            f"  fetches {len(api.fetches)}, uploads {uploads}   goal, none: {met(not api.fetches and not uploads)}",
            f"  most that all read in a channel {most}   goal, at most 1: {met(most <= 1)}",
            f"  tickets shown {len(stage.tickets)}",
            f"  {told}",
            f"  requests: {by_kind(calls)}",
        ]
    )


async def crowded(name: Path, members: int) -> str:
    """What becomes of a reaction of each member to one picture."""
    async with staged(name, members, 1, {}, 0.01, consent=Consent.OPEN) as stage:
        post = await stage.members[0].send(stage.channels[0], "", attachments=[photo()])
        await stage.settled()
        api = stage.discord.api
        api.calls.clear()
        api.fetches.clear()
        spent, began = Processors(stage), time.monotonic()
        await all_at_once([Act("reaction", each, partial(each.react, post, EMOJI)) for each in stage.members])
        await stage.settled()
        await stage.until(lambda: not _open(stage))
        await stage.settled()
        took = api.calls[-1].at - began
        told, calls = spent.told(), list(api.calls)
    accepted = counted(name, "SELECT count(*) FROM tickets WHERE state = 'delivered'")
    taken = counted(name, "SELECT count(*) FROM reactions WHERE NOT refused")
    refused = counted(name, "SELECT count(*) FROM reactions WHERE refused")
    doubled = sum(len(each) - 1 for each in stage.results.values())
    notices = [text for _, text in stage.public if RESULT.search(text) is None]
    lost = members - taken - refused + (accepted - len(stage.results))
    return "\n".join(
        [
            f"{members} members react to one picture, all done after {took:.1f} s",
            f"  accepted {taken}, refused {refused}, painted {accepted}, doubled {doubled}, lost {lost}"
            f"   goal, none doubled, none lost: {met(not doubled and not lost and taken == accepted)}",
            f"  fetches {len(api.fetches)}, notices {len(notices)}   goal, at most one a minute:"
            f" {met(len(notices) <= 1 + took // 60)}",
            f"  {told}",
            f"  requests: {by_kind(calls)}",
            f"  turned away by Discord's limits: {turned_away(calls)}",
        ]
    )


def _open(stage: Stage) -> set[int]:
    return stage.tickets.keys() - stage.results.keys()


async def spread(name: Path, members: int) -> str:
    """What is shown of many pictures in many channels, which are painted eight at a time."""
    async with staged(
        name, members, max(members // 4, 1), {**ROOM, "batch": 8}, 0.005, output=Output.CHANNEL
    ) as stage:
        acts = await prepared(stage)
        api = stage.discord.api
        api.calls.clear()
        spent, began = Processors(stage), time.monotonic()
        await all_at_once(acts)
        await stage.until(lambda: len(stage.results) >= members)
        await stage.settled()
        took = api.calls[-1].at - began
        told, calls = spent.told(), list(api.calls)
    delivered = counted(name, "SELECT count(*) FROM tickets WHERE state = 'delivered'")
    doubled = sum(len(each) - 1 for each in stage.results.values())
    stale = sum(at > stage.results[member][0] for member, at in stage.frames if member in stage.results)
    waits = await asyncio.to_thread(_waits, name, stage)
    return "\n".join(
        [
            f"{members} pictures in {len(stage.channels)} channels, all done after {took:.1f} s",
            f"  delivered {delivered}, doubled {doubled}, lost {members - len(stage.results)}"
            f"   goal, none doubled, none lost: {met(not doubled and len(stage.results) == members)}",
            f"  frames {len(stage.frames)}, after their result {stale}   goal, none: {met(not stale)}",
            f"  from the last stroke to the result: {percentiles(waits)}",
            f"  most edits of a channel in 5 s {most_edits(calls)}   goal, at most 5: {met(most_edits(calls) <= 5)}",
            f"  turned away by Discord's limits: {turned_away(calls)}",
            f"  {told}",
            f"  requests: {by_kind(calls)}",
        ]
    )


def _waits(name: Path, stage: Stage) -> list[float]:
    """Seconds from the end of each painting to its result in the channel."""
    with closing(sqlite3.connect(name / "engine" / "jobs.db")) as database:
        ended = dict(database.execute("SELECT key, ended FROM jobs WHERE ended IS NOT NULL").fetchall())
    with closing(sqlite3.connect(name / "bot" / DATABASE)) as database:
        owners = dict(database.execute("SELECT id, user_id FROM tickets").fetchall())
    offset = time.time() - time.monotonic()
    return [
        stage.results[owners[key]][0] + offset - at
        for key, at in ended.items()
        if owners.get(key) in stage.results
    ]


PARTS: dict[str, tuple[Callable[[Path, int], Coroutine[Any, Any, str]], int]] = {
    "visible": (visible, 100),
    "threads": (partial(visible, output=Output.THREAD), 100),
    "full": (full, 100),
    "crowded": (crowded, 1000),
    "spread": (spread, 200),
}


def _parser() -> argparse.ArgumentParser:
    parser = arguments("Measure how the bot stands a crowd.", small="a fifth of the members")
    parser.add_argument("--only", choices=PARTS, help="one of the parts; printed, and left nowhere")
    return parser


def main() -> None:
    """Run the measurement."""
    options = _parser().parse_args()
    load = os.getloadavg()[0]
    told = [f"{os.cpu_count()} processors, load {load:.1f} before"]
    for part in [options.only] if options.only else PARTS:
        measure, members = PARTS[part]
        with tempfile.TemporaryDirectory(prefix="atelier-crowd-") as name:
            told.append(asyncio.run(measure(Path(name), members // 5 if options.small else members)))
    if options.only:
        print("\n".join(told))
    else:
        leave("\n".join(told), folder(options) / "crowd.txt")


if __name__ == "__main__":
    main()
