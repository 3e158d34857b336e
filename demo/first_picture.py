"""The story that the demo tells by itself: photos are posted, Alice asks for one, and it is painted.

The story acts as members do and looks only at the channel; what it reports is what they would see.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from simcord.results import InteractionResult, ResponseMessage

from bot.words.help import ACCEPTED
from demo.album import Album
from demo.standin import StandIn
from engine.protocol import KNOBS

PHOTOS = Path(__file__).with_name("photos")
POSTS = (
    ("bob", "rocket.jpg", "Last night from the beach"),
    ("alice", "astronaut.png", "My hero"),
    ("bob", "coffee.png", "Monday. Tap a painting below to see it painted."),
)
PICTURE = "chelsea.png"
STYLE = "starry_night"
RECIPE = KNOBS["recipe"].default
PICTURE_SECONDS = 600.0
TIDY_SECONDS = 10.0


class PictureError(Exception):
    """The story had no happy end; the text is one sentence."""


async def post_photos(discord: StandIn) -> None:
    """Let the members post the photos that can then be painted by a tap."""
    members = {"alice": discord.alice, "bob": discord.bob}
    for name, file, text in POSTS:
        attachment = (file, (PHOTOS / file).read_bytes())
        await members[name].send(discord.studio, text, attachments=[attachment])


class FirstPicture:
    """Alice's `/stylize`, from the command to the painting. Every method raises PictureError."""

    def __init__(self, discord: StandIn, album: Album) -> None:
        self._discord, self._album = discord, album
        self._began = 0.0
        self._answer: InteractionResult | None = None

    async def ask(self) -> None:
        """Give the command, and see that it is taken."""
        self._began = time.monotonic()
        self._answer = answer = await self._discord.alice.slash(
            self._discord.studio,
            "stylize",
            content=(PICTURE, (PHOTOS / PICTURE).read_bytes()),
            style=STYLE,
            recipe=RECIPE,
        )
        if not answer.acknowledged:
            raise PictureError("The bot did not answer /stylize within three seconds.")

    async def first_frame(self) -> float:
        """Seconds until the first frame was in the channel."""
        await self._until_shown(lambda: bool(self._album.frames or self._album.paintings))
        return time.monotonic() - self._began

    async def finished(self) -> float:
        """Seconds until the painting was in the channel."""
        await self._until_shown(lambda: bool(self._album.paintings))
        return time.monotonic() - self._began

    async def tidied(self) -> None:
        """Wait until the ticket is gone, so that the transcript ends where the story does."""
        with suppress(TimeoutError):
            await self._discord.world.until(lambda: not self._tickets(), TIDY_SECONDS)

    async def _until_shown(self, shown: Callable[[], bool]) -> None:
        try:
            await self._discord.world.until(lambda: shown() or self._refused(), PICTURE_SECONDS)
        except TimeoutError:
            raise PictureError(f"There was no picture after {PICTURE_SECONDS / 60:.0f} minutes.") from None
        if not shown():
            raise PictureError(f"The bot gave up: {self._refused()}")

    def _refused(self) -> str:
        """What Alice is told instead of a ticket, or the sentence of one that was closed: it has no buttons any more."""
        private = self._answer.response if self._answer is not None else None
        if private is not None and private.content not in ("", ACCEPTED()):
            return private.content
        closed = [ticket.content for ticket in self._tickets() if not ticket.components]
        return closed[0].splitlines()[-1] if closed else ""

    def _tickets(self) -> list[ResponseMessage]:
        """What everybody sees of Alice's command, while it is there."""
        return [each for each in self._answer.followups if not each.ephemeral] if self._answer else []
