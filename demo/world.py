"""The people, channel and messages of the stand-in: simcord's simulated Discord, told by the wall clock.

simcord is made to drive a bot inside the test's own event loop: it holds the loop and its clock still until
the bot has nothing left to do. Here the bot is another process, so the rule is the opposite: nothing is held,
time is real, and anybody may act while anything else goes on.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVar

import discord
from simcord._clock import Clock
from simcord._dpy_internals import get_state
from simcord.backend import Backend
from simcord.backend.models import Interaction, User
from simcord.env import Env

from demo.cdn import Cdn
from demo.installs import Installs

T = TypeVar("T")

_YEAR_MS, _MS_BITS = 365 * 24 * 3600 * 1000, 22  # of an id, the time stands in front of so many bits
ANSWER_SECONDS = 3.0  # how long Discord waits for a bot to acknowledge an interaction


class WallClock(Clock):
    """simcord's clock, not frozen at 2026-01-01 but the real time."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


class _People(Backend):
    """Whose accounts have been there for a while: the votes and stars of new ones do not count."""

    def make_user(self, name: str, **fields: Any) -> User:
        """As simcord does, a year ago."""
        user = User(id=self.snowflake() - (_YEAR_MS << _MS_BITS), name=name, **fields)
        self.users[user.id] = user
        return user


class World(Env):
    """A simulated Discord that a bot reaches over the wire only; `origin` is where its files are served.

    Members act through simcord's handles (`member.slash(...)`, `.click`, `.react`, `.send`). An interaction
    returns once the bot has acknowledged it, or after three seconds without an answer, as on Discord.
    """

    def __init__(self, origin: str) -> None:
        super().__init__(discord.Client(intents=discord.Intents(guilds=True)))
        self.backend = _People(clock=WallClock())
        self.backend.cdn = self.cdn = Cdn(f"{origin}/cdn")
        self.backend.bot_user.name = "Atelier"
        self.installs = Installs(self)
        self.locales: dict[int, str] = {}  # of members who do not use Discord in English
        self._touched = asyncio.Event()
        self.touches = 0  # how often anything has happened
        self.backend.subscribers.append(lambda *_: self.touch())
        self._sent: ContextVar[Interaction | None] = ContextVar("interaction just sent", default=None)

    def locale(self, user_id: int) -> str:
        """The language in which a member uses Discord."""
        return self.locales.get(user_id, "en-US")

    async def start(self) -> None:
        """Let members act; unlike simcord's own, this leaves the event loop alone."""
        self._loop = asyncio.get_running_loop()
        self._message_states.add(get_state(self.bot))
        self._started = True

    async def shutdown(self) -> None:
        """Let nobody act any more."""
        self._started = False

    # simcord's guard against overlapping actions; here members act at the same time, as people do.
    def _begin_operation(self, label: str) -> None:
        pass

    def _end_operation(self) -> None:
        pass

    def _mark_mutation(self) -> None:
        pass

    def _notify_dispatch_observers(self, interaction: Interaction) -> None:
        super()._notify_dispatch_observers(interaction)
        self._sent.set(interaction)

    async def _settle_internal(self, *, dispatch: str | None = None, **_: Any) -> None:
        """Wait for the bot's acknowledgement if this was an interaction, and for nothing else."""
        interaction = self._sent.get()
        if dispatch == "INTERACTION_CREATE" and interaction is not None:
            with suppress(TimeoutError):
                await self.until(lambda: interaction.responded, ANSWER_SECONDS)

    def touch(self) -> None:
        """Something has happened: look again, those who wait in `until`."""
        self.touches += 1
        self._touched.set()

    async def until(self, look: Callable[[], T], seconds: float) -> T:
        """Look again at whatever happens until there is something to see, and return it.

        Raises TimeoutError after `seconds`.
        """
        async with asyncio.timeout(seconds):
            while not (seen := look()):
                await self.happening()
        return seen

    async def happening(self) -> None:
        """Wait until anything happens."""
        self._touched.clear()
        await self._touched.wait()
