"""What a community does together, played by its members: a style of the week with its collage, and a duel.

Rule: as in `first_picture`, the story acts as members do and looks only at the channels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simcord.actors import MemberActor
from simcord.backend.models import Message
from simcord.builders import ChannelHandle
from simcord.results import ResponseMessage

from bot.words import duel as words
from bot.words import setup
from bot.words.setup import Page
from demo.first_picture import PHOTOS
from demo.standin import StandIn
from engine.protocol import RecipeName

SECONDS = 600.0  # for a painting on a processor that others use too
STYLE, SIZE = "great_wave", 256


@dataclass(frozen=True)
class Community:
    """The members of a stand-in, in #gallery for the week and in #talk for the duel."""

    discord: StandIn

    @property
    def weekly(self) -> ChannelHandle:
        """Where the style of the week is."""
        return self.discord.guild.channels["gallery"]

    @property
    def arena(self) -> ChannelHandle:
        """Where there are duels."""
        return self.discord.guild.channels["talk"]

    async def begin_week(self) -> None:
        """The owner chooses the channel, and a style right away."""
        mia, talk = self.discord.mia, self.arena
        panel = await self._shown(await mia.slash(talk, "setup"))
        await self._until(lambda: setup.TITLES[Page.ALL]() in panel.content)
        await mia.select(panel, [Page.WEEK], custom_id="setup:jump")
        await self._until(lambda: setup.NAMES["week_zone"]() in panel.content)
        await mia.select(panel, [self.weekly], custom_id="setup:week")
        await self._until(lambda: f"in <#{self.weekly.id}>" in panel.content)
        await mia.slash(talk, "week style", style=STYLE, now=True)
        await self._until(lambda: self._saying(self.weekly, "**Style of the week"))

    async def take_part(self) -> None:
        """Two members have a picture of theirs painted in it."""
        for number, (member, photo) in enumerate(
            ((self.discord.alice, "astronaut.png"), (self.discord.bob, "coffee.png")), 1
        ):
            await self._stylize(member, photo)
            await self._until(lambda least=number: len(self._saying(self.weekly, "here it is")) >= least)

    async def end_week(self) -> None:
        """The owner has the collage posted."""
        await self.discord.mia.slash(self.arena, "week end")
        await self._until(lambda: self._saying(self.weekly, "the style of the week, by"))

    async def challenge(self) -> None:
        """Alice challenges Bob."""
        picture = ("cat.png", (PHOTOS / "chelsea.png").read_bytes())
        await self.discord.alice.slash(self.arena, "duel", opponent=self.discord.bob, picture=picture)
        await self._until(lambda: self._saying(self.arena, "challenges"))

    async def fight(self) -> None:
        """Bob accepts, and both pictures are painted."""
        asked = ResponseMessage(self.discord.world, self._saying(self.arena, "challenges")[-1])
        form = await self.discord.bob.click(asked, label=words.ACCEPT())
        await self._until(lambda: form.modal)
        picture = ("rocket.jpg", (PHOTOS / "rocket.jpg").read_bytes())
        await self.discord.bob.submit_modal(form, {"picture": picture})
        await self._until(lambda: self._saying(self.arena, "Which one do you like better?"))

    async def _stylize(self, member: MemberActor, photo: str) -> None:
        options: Mapping[str, Any] = {"style": STYLE, "recipe": RecipeName.DRAFT.value, "size": SIZE}
        picture = (photo, (PHOTOS / photo).read_bytes())
        await member.slash(self.weekly, "stylize", content=picture, **options)

    async def _shown(self, answer: Any) -> ResponseMessage:
        await self._until(lambda: answer.response)
        shown: ResponseMessage = answer.response
        return shown

    async def _until(self, condition: Any) -> None:
        await self.discord.world.until(condition, SECONDS)

    def _saying(self, channel: ChannelHandle, text: str) -> list[Message]:
        found = self.discord.world.backend.messages[channel.id].values()
        return [message for message in found if text in message.content]
