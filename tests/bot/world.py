"""A small Discord server with the real bot in it and a scripted engine behind it.

Rule: a test reads like a story; the only waits are for something to be so, never for time to pass.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import discord
from PIL import Image
from simcord import Env
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult, ResponseMessage

from bot.answers import sentence_for
from bot.app import Atelier
from bot.config import BotConfig
from bot.storage.settings import Consent, Output
from bot.styles.catalogue import FRESH_SECONDS
from engine.protocol import Event, Finished, Likeness, Preview
from tests.bot.fake_engine import FakeEngine

T = TypeVar("T")

_ROUNDS = 5000  # only a failure takes so long
_BUSY_ROUNDS = 100
_STEPS = 4


FINISHED = Finished(
    seconds=42, width=96, height=64, moments=4, likeness=Likeness(style_reached=82, content_kept=61)
)


def preview(n: int, progress: float) -> Preview:
    """Preview `n` of a painting that is done by `progress`."""
    return Preview(n=n, progress=progress, evaluation=n, evaluations=30, width=96, height=64, eta_seconds=30)


def png(width: int = 96, height: int = 64, colour: str = "teal") -> bytes:
    """A real picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


def said(result: InteractionResult) -> ResponseMessage:
    """What the bot answered."""
    assert result.response is not None
    return result.response


def shown(result: InteractionResult) -> ResponseMessage:
    """What the bot has shown to all, in answer to a command or a click."""
    answers = [result.response] if result.response is not None else []
    return next(answer for answer in (*answers, *result.followups) if not answer.ephemeral)


def told(result: InteractionResult) -> list[str]:
    """What the bot has told privately, in answer to a click."""
    answers = [result.response] if result.response is not None else []
    return [answer.content for answer in (*answers, *result.followups) if answer.ephemeral]


class World:
    """Alice and Bob in the channel #art of one server."""

    def __init__(self, engine: FakeEngine, data_dir: Path, **settings: Any) -> None:
        self.engine = engine
        self._settings = {"engine_url": engine.url, "data_dir": data_dir, "study_emojis": False, **settings}
        self._read = 0
        self._locales: dict[int, str] = {}
        self.ahead = 0.0  # seconds that the bot's timers think it is later
        granted = discord.Intents.all()
        granted.message_content = settings.get("message_content", True)
        self.env = Env(self._new_bot(), shard_count=1, approved_intents=granted)

    async def open(self) -> None:
        """Start the bot and let people in."""
        await self.env.start()
        self.guild = self.env.create_guild()
        self.art = self.guild.create_text_channel("art")
        self.talk = self.guild.create_text_channel("talk")
        self.alice = self.guild.add_member(self.env.create_user("alice"))
        self.bob = self.guild.add_member(self.env.create_user("bob"))
        await self.bot.studio.store.settings.greeted(self.guild.id, discord.utils.utcnow())
        await self.set_channel(is_art=True, output=Output.CHANNEL)
        await self.set_server(consent=Consent.OPEN, open_per_member=50)
        self.engine.requests.clear()  # what a start asks

    async def set_channel(self, channel: ChannelHandle | None = None, **values: Any) -> None:
        """Have a channel set up, #art unless told otherwise."""
        settings, where, now = self.bot.studio.store.settings, channel or self.art, discord.utils.utcnow()
        await settings.change(self.guild.id, self.alice.id, now, {where.id: values})

    async def set_server(self, **values: Any) -> None:
        """Have the server set up."""
        settings, now = self.bot.studio.store.settings, discord.utils.utcnow()
        await settings.change(self.guild.id, self.alice.id, now, {None: values})

    def set_locale(self, member: Any, locale: discord.Locale) -> None:
        """Have a member use Discord in another language; simcord's all use it in English."""
        self._locales[member.id] = locale.value

    async def close(self) -> None:
        """Stop the bot as a process would, then the server."""
        await self.bot.close()
        await self.env.shutdown()

    def raise_unread_errors(self) -> None:
        """Fail for every error of the bot that the test has not looked at."""
        if unread := self.env.errors[self._read :]:
            raise ExceptionGroup("the bot raised", [e for e in unread if isinstance(e, Exception)])

    def sentences(self) -> list[str | None]:
        """What the bot's errors since the last look say to a member."""
        unread, self._read = self.env.errors[self._read :], len(self.env.errors)
        return [sentence_for(error) for error in unread]

    @property
    def bot(self) -> Atelier:
        assert isinstance(self.env.bot, Atelier)
        return self.env.bot

    def channel_without(self, name: str, *permissions: str) -> ChannelHandle:
        """A channel in which the bot lacks these permissions."""
        assert self.guild.me is not None
        denied = discord.PermissionOverwrite(**dict.fromkeys(permissions, False))
        return self.guild.create_text_channel(name, overwrites={self.guild.me: denied})

    async def restart(self) -> None:
        """End the bot's process and begin a new one on the same data."""
        await self.bot.close()
        await self.env.restart_bot(self._new_bot())

    async def stylize(self, member: Any = None, **options: Any) -> Any:
        """`/stylize` with a picture, in the style of the wave unless told otherwise."""
        options.setdefault("content", ("cat.png", png()))
        if "style_image" not in options:
            options.setdefault("style", "great_wave")
        given = {name: value for name, value in options.items() if value is not None}
        return await (member or self.alice).slash(self.art, "stylize", **given)

    async def learn_styles(self) -> None:
        """Let the bot ask the engine anew what there is."""
        asked = len(self.engine.requests)
        await self.env.advance_time(FRESH_SECONDS)
        await self.alice.autocomplete(self.art, "stylize", "style", "")
        await self.until(lambda: "GET /v1/styles" in self.engine.requests[asked:])
        await self.env.settle()

    async def result(self, **options: Any) -> discord.Message:
        """A finished picture of Alice's, by a command."""
        await self.stylize(**options)
        return await self.finish(len(self.engine.jobs) - 1)

    async def more(self, result: discord.Message, label: str, member: Any = None) -> InteractionResult:
        """Press a button of what is behind "More…" under a result."""
        presser = member or self.alice
        panel = await presser.click(result, label="More…")
        pressed: InteractionResult = await presser.click(said(panel), label=label)
        return pressed

    async def finish(self, job: int) -> discord.Message:
        """Let a job be finished; the message of its result."""
        before = {message.id for message in self.messages}

        def results() -> list[discord.Message]:
            return [m for m in self.messages if m.id not in before and "here it is" in m.content]

        await self.tell(FINISHED, job)
        await self.until(results)
        return results()[0]

    async def tell(self, event: Event, job: int = 0) -> None:
        """Let the engine say something, and the bot hear it."""
        self.engine.tell(event, job)
        await self.env.settle()

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the bot work until something is so.

        Where that takes long, simulated time passes too: on a busy machine the bot may begin to wait for its
        next try only after the test has let that time pass.
        """
        for n in range(1, _ROUNDS + 1):
            await self.env.settle()
            if condition():
                return
            await asyncio.sleep(0.01)
            if n % _BUSY_ROUNDS == 0:
                await self.env.advance_time(5)
        raise AssertionError(f"it never came about; last messages: {[m.content for m in self.messages]}")

    async def later(self, seconds: float) -> None:
        """Let time pass, a little at once: for each step simcord gives the bot five real seconds to come to rest."""
        for _ in range(_STEPS):
            await self.env.advance_time(seconds / _STEPS)

    async def timers(self, ahead: float = 0.0) -> None:
        """Let the bot's timers think it is so many seconds later, and do what is due."""
        self.ahead += ahead
        self.bot.studio.alarms.wake()
        store = self.bot.studio.store.timers
        for _ in range(_ROUNDS):
            await self.env.settle()
            if not await store.due(self.bot.studio.alarms.clock()):
                return
            await asyncio.sleep(0.002)
        raise AssertionError("something is still due")

    async def shows(self, text: str) -> discord.Message:
        """Wait until a message in #art contains `text`, and return it."""
        await self.until(lambda: self._find(text))
        found = self._find(text)
        assert found is not None
        return found

    @property
    def messages(self) -> list[discord.Message]:
        return self.art.history()

    @property
    def edits(self) -> int:
        """How many edits of messages the bot has asked for."""
        return len([call for call in self.env.http_requests if call.method == "PATCH"])

    def rung_by(self, message: discord.Message) -> list[int]:
        """Whom a message has notified."""
        return list(self.env.backend.get_message(message.channel.id, message.id).ping_user_ids)

    def _find(self, text: str) -> discord.Message | None:
        return next((message for message in self.messages if text in message.content), None)

    def _new_bot(self) -> Atelier:
        bot = Atelier(
            BotConfig(**self._settings),
            external_wait=self._external_wait,
            shard_count=1,
            clock=lambda: discord.utils.utcnow().timestamp() + self.ahead,
        )
        parse = bot._connection.parsers["INTERACTION_CREATE"]

        def parse_localised(data: Any) -> None:
            user = data["member"]["user"] if "member" in data else data["user"]
            parse({**data, "locale": self._locales.get(int(user["id"]), data["locale"])})

        bot._connection.parsers["INTERACTION_CREATE"] = parse_localised
        return bot

    def _external_wait(self, awaitable: Awaitable[T], reason: str) -> Awaitable[T]:
        waited: Awaitable[T] = self.env.external_wait(awaitable, reason=reason)
        return waited
