"""How soon the use of a style ends once its author takes it back: `python -m bench.withdrawal`.

The bot and the engine are real processes, and so are their connections; only Discord is the stand-in, and the engine's worker
sketches. A member's picture is made a style of the server; others have pictures painted in it, wait for theirs, try it out on
a sheet with all others; then its author takes it back, and each clock runs from that press: until the engine has none of
these pictures any more, until whoever waited was told why, until the copy of the picture is gone, and until whoever asks for
the style in every way there is has heard that it was taken back. The same while Discord lets the bot delete nothing, and of a
picture that is in a duel, which its member deletes. Leaves withdrawal.txt; the goal is a minute for each.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from simcord.actors import MemberActor
from simcord.backend.models import Message
from simcord.results import InteractionResult, ResponseMessage

from bench.crowd import ROOM, Stage, photo, staged, to_engine
from bench.report import arguments, folder, leave, met
from bot.storage.settings import Consent, Output
from bot.words import deletion, museum
from bot.words import duel as duel_words
from bot.words.ticket import ONE_STYLE_GONE, STYLE_GONE
from demo.api import Fault
from engine.protocol import GROUP_HEADER, USER_HEADER, QueueView, RecipeName

GOAL_SECONDS = 60.0
LONG = {"recipe": RecipeName.TUTORIAL.value, "size": 128}  # a thousand evaluations
SHORT = {"recipe": RecipeName.DRAFT.value, "size": 96}
PAUSE_SECONDS = 0.05  # of the worker, for an evaluation
NAME, EMOJI = "Night harbour", "⚓"
POLL_SECONDS = 0.02
AWAY_SECONDS = 90.0  # for which Discord lets nothing be deleted


@dataclass
class Scene:
    """A stage on which a style is taken back."""

    stage: Stage
    session: aiohttp.ClientSession
    lines: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def messages(self) -> list[Message]:
        """All that is in the channel and the threads of it."""
        found = self.stage.discord.world.backend.messages
        return [message for there in found.values() for message in there.values()]

    def saying(self, text: str) -> list[Message]:
        """Those with this in them."""
        return [message for message in self.messages if text in message.content]

    def having(self, label: str) -> ResponseMessage:
        """The newest message with such a button. Raises ValueError."""
        return ResponseMessage(
            self.stage.discord.world, max(self.with_button(label), key=lambda each: each.id)
        )

    def with_button(self, label: str) -> list[Message]:
        """The messages with such a button."""
        return [each for each in self.messages if f"'label': '{label}'" in str(each.components)]

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for what only a fault keeps from coming about. Raises SystemExit."""
        if not await self.stage.until(condition):
            raise SystemExit("it never came about")

    async def has_to_paint(self, pictures: int) -> None:
        """Wait until the engine has so many."""
        while await self.at_the_engine() < pictures:  # noqa: ASYNC110 - another process has them
            await asyncio.sleep(POLL_SECONDS)

    async def clocked(self, what: str, condition: Callable[[], Awaitable[object]], began: float) -> None:
        """Note the seconds from `began` until something is so."""
        while not await condition():
            await asyncio.sleep(POLL_SECONDS)
            if time.monotonic() > began + 10 * GOAL_SECONDS:
                break
        self.note(what, time.monotonic() - began)

    def note(self, what: str, seconds: float) -> None:
        """Write it down."""
        self.slowest = max(self.slowest, seconds)
        self.lines.append(
            f"    {what:65} {seconds:6.2f} s   at most {GOAL_SECONDS:.0f} s: {met(seconds <= GOAL_SECONDS)}"
        )

    async def at_the_engine(self) -> int:
        """How many of the server's pictures the engine has to paint."""
        server, user = str(self.stage.discord.guild.id), str(self.stage.members[0].id)
        async with self.session.get("/v1/queue", headers={GROUP_HEADER: server, USER_HEADER: user}) as answer:
            view = QueueView.model_validate_json(await answer.text())
        return view.group.taken if view.group is not None else 0

    async def begin(self, member: MemberActor, command: str, waiting: int, **options: object) -> None:
        """Have a picture painted, and wait until so many are at the engine."""
        await member.slash(self.stage.channels[0], command, content=photo(), **options)
        await self.has_to_paint(waiting)


def _replied(answer: InteractionResult) -> str:
    told = [*([answer.response] if answer.response is not None else []), *answer.followups]
    return " ".join(each.content for each in told)


# --- taking back ------------------------------------------------------------------------------------------


async def _made_a_style(scene: Scene) -> None:
    """Have a picture of the first member's be a style of the server."""
    stage = scene.stage
    author, mia, channel = stage.members[0], stage.discord.mia, stage.channels[0]
    post = await author.send(channel, "", attachments=[photo("harbour.jpg")])
    form = await mia.context_menu(channel, museum.MENU(), post)
    await scene.until(lambda: form.modal)
    await mia.submit_modal(form, {"name": NAME, "emoji": EMOJI})
    await scene.until(lambda: scene.with_button(museum.YES()))
    await author.click(scene.having(museum.YES()), label=museum.YES())
    await scene.until(lambda: scene.with_button(museum.TAKE_BACK()))


async def _taken_back(scene: Scene) -> float:
    """Let its author take it back; when they pressed for the last time."""
    author = scene.stage.members[0]
    question = await author.click(scene.having(museum.TAKE_BACK()), label=museum.TAKE_BACK())
    await scene.until(lambda: question.response)
    if question.response is None:
        raise SystemExit("nobody was asked")
    began = time.monotonic()
    await author.click(question.response, label=museum.KEEP_RESULTS())
    return began


def _told(scene: Scene) -> int:
    """How many who waited were told why it is not painted."""
    return sum(len(scene.saying(why())) for why in (STYLE_GONE, ONE_STYLE_GONE))


async def _ended(scene: Scene, began: float, told: int, before: int = 0) -> None:
    """Clock what ends, of so many who wait; `before`: how many were told why earlier."""

    async def stopped() -> bool:
        return not await scene.at_the_engine()

    async def heard() -> bool:
        return _told(scene) >= before + told

    async def erased() -> bool:
        return not [*(scene.stage.crew.folder / "bot" / "museum").glob("*/style*")]

    clocks = (
        ("the engine paints none of them", stopped),
        (f"whoever waited ({told}) is told why", heard),
        ("the copy of the picture is erased", erased),
    )
    await asyncio.gather(*(scene.clocked(what, condition, began) for what, condition in clocks))


async def _asked_for(
    scene: Scene, began: float, ways: Sequence[tuple[str, Callable[[], Awaitable[str]]]]
) -> None:
    """Clock who asks for it, one after the other, and is told so."""
    for what, ask in ways:
        asked, said = time.monotonic(), ""
        while "taken it back" not in said and time.monotonic() < asked + GOAL_SECONDS:
            said = await ask()
        scene.note(what, time.monotonic() - began)


async def painting(scene: Scene) -> None:
    """While a picture is painted in it, another waits, and so does a sheet."""
    stage = scene.stage
    channel, (_, one, two, three, four, *_rest) = stage.channels[0], stage.members
    await _made_a_style(scene)
    await one.slash(channel, "stylize", content=photo(), style=NAME, **SHORT)
    await scene.until(lambda: scene.saying("here it is"))
    result = scene.having("Again")
    form = await four.slash(channel, "paint")
    await scene.begin(one, "stylize", 1, style=NAME, **LONG)
    await scene.begin(two, "stylize", 2, style=NAME, **LONG)
    await scene.begin(three, "audition", 3, recipe=SHORT["recipe"])
    style = next(each.name for each in (stage.crew.folder / "bot" / "museum").iterdir())
    began = await _taken_back(scene)
    await _ended(scene, began, 3)
    bot = stage.discord.world.backend.bot_user.id
    post = await four.send(channel, "", attachments=[photo()])

    async def by_name() -> str:
        return await _answer(
            scene, await four.slash(channel, "stylize", content=photo(), style="night harbor")
        )

    async def again() -> str:
        return await _answer(scene, await four.click(result, label="Again"))

    async def by_form() -> str:
        filled = {"picture": photo(), "own_style": [style]}
        return await _answer(scene, await four.submit_modal(form, filled))

    async def by_emoji() -> str:
        before = len(stage.public)
        await four.react(post, EMOJI)
        return await _public(scene, before)

    async def by_mention() -> str:
        before = len(stage.public)
        await four.send(channel, f"<@{bot}> night harbour", attachments=[photo()])
        return await _public(scene, before)

    async def offered() -> str:
        found = await four.autocomplete(channel, "stylize", "style", "harb")
        return "" if any(each["value"] == style for each in found) else "taken it back"

    ways = (
        ("/stylize by its name, with a slip: said to be taken back", by_name),
        ("“Again” under a result: the same", again),
        ("a form that was open before: the same", by_form),
        ("a tap of its emoji: the same", by_emoji),
        ("a mention: the same", by_mention),
        ("who types its name is not offered it", offered),
    )
    await _asked_for(scene, began, ways)


async def _answer(scene: Scene, answer: InteractionResult) -> str:
    await scene.until(lambda: _replied(answer))
    return _replied(answer)


async def _public(scene: Scene, before: int) -> str:
    await scene.until(lambda: len(scene.stage.public) > before)
    return " ".join(text for _, text in scene.stage.public[before:])


async def sheet(scene: Scene) -> None:
    """While it is tried out on a sheet with all others."""
    await _made_a_style(scene)
    told = _told(scene)
    await scene.begin(scene.stage.members[1], "audition", 1, size=128)
    await _ended(scene, await _taken_back(scene), 1, told)


async def slow(scene: Scene) -> None:
    """While a picture is painted in it and Discord lets the bot delete nothing."""
    stage = scene.stage
    await _made_a_style(scene)
    told = _told(scene)
    stage.discord.api.faults += [
        Fault("DELETE", "/channels/*/messages/*", 429, retry_after=AWAY_SECONDS, times=100)
    ]
    gone = await stage.discord.mia.context_menu(
        stage.channels[0], "Delete this result", scene.having("Again")
    )
    await scene.until(lambda: gone.response and gone.response.components)
    if gone.response is not None:
        await stage.discord.mia.click(gone.response, label=deletion.CONFIRMED())
    await scene.begin(stage.members[1], "stylize", 1, style=NAME, **LONG)
    await _ended(scene, await _taken_back(scene), 1, told)
    stage.discord.api.faults.clear()


async def duel(scene: Scene) -> None:
    """A picture in a duel, which its member deletes while both are painted."""
    stage = scene.stage
    channel, (_, one, two, *_rest) = stage.channels[0], stage.members
    post = await two.send(channel, "", attachments=[photo("mine.jpg")])
    await one.slash(channel, "duel", opponent=two, picture=photo())
    await scene.until(lambda: scene.saying("challenges"))
    form = await two.click(scene.having(duel_words.ACCEPT()), label=duel_words.ACCEPT())
    await scene.until(lambda: form.modal)
    await two.submit_modal(form, {})
    await scene.has_to_paint(2)
    began = time.monotonic()
    await two.delete(post)

    async def stopped() -> bool:
        return not await scene.at_the_engine()

    async def heard() -> bool:
        return bool(scene.saying("was deleted, so it has ended without a winner"))

    clocks = (("the engine paints neither", stopped), ("the duel says that it has ended", heard))
    await asyncio.gather(*(scene.clocked(what, condition, began) for what, condition in clocks))


PARTS = {
    "a picture in it is painted, another and a sheet wait": painting,
    "a sheet with it is painted": sheet,
    "a picture in it is painted, and Discord lets nothing be deleted": slow,
    "a picture in a duel is deleted while both are painted": duel,
}


async def withdrawn(name: Path) -> str:
    """All parts, one after the other."""
    settings = {"consent": Consent.OPEN, "open_per_member": 50}
    async with (
        staged(name, 6, 1, ROOM, PAUSE_SECONDS, output=Output.CHANNEL, **settings) as stage,
        to_engine(stage.crew) as session,
    ):
        scene = Scene(stage, session)
        for what, part in PARTS.items():
            scene.lines.append(f"  {what}")
            await part(scene)
    verdict = f"slowest {scene.slowest:.2f} s   goal, at most {GOAL_SECONDS:.0f} s: {met(scene.slowest <= GOAL_SECONDS)}"
    return "\n".join([f"seconds from the author's press, {verdict}", *scene.lines])


def _parser() -> argparse.ArgumentParser:
    return arguments("Measure how soon a withdrawn consent holds.", small="the same, which is small")


def main() -> None:
    """Run the measurement."""
    options = _parser().parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="atelier-withdrawal-") as name:
        told = asyncio.run(withdrawn(Path(name)))
    leave(f"{os.cpu_count()} processors, load {load:.1f} before\n{told}", folder(options) / "withdrawal.txt")


if __name__ == "__main__":
    main()
