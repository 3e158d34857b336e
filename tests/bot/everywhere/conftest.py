"""A server that the bot is not in, and a group conversation, where members have installed it for themselves."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.gateway import FakeGateway

from demo.installs import Installs
from tests.bot.world import World, png

MOST_FOLLOW_UPS = 5  # of one token, as Discord takes them from an app that is not in the server


@dataclass
class Foreign:
    """Alice and Bob among friends, with a bot that is not there."""

    world: World
    installs: Installs
    channel: ChannelHandle
    alice: MemberActor
    bob: MemberActor

    async def stylize(self, member: MemberActor | None = None, **options: Any) -> Any:
        """`/stylize` with a picture, in the style of the wave unless told otherwise."""
        options.setdefault("content", ("cat.png", png()))
        if "style_image" not in options:
            options.setdefault("style", "great_wave")
        given = {name: value for name, value in options.items() if value is not None}
        return await (member or self.alice).slash(self.channel, "stylize", **given)

    def last(self) -> Any:
        """The newest message there."""
        return self.channel.last_message

    @property
    def tokens(self) -> Counter[str]:
        """How many messages were posted by each interaction's token."""
        calls = [call for call in self.world.env.http_requests if call.method == "POST"]
        return Counter(call.path.split("/")[3] for call in calls if call.path.startswith("/webhooks/"))


@pytest.fixture
def nsfw() -> bool:
    """Whether the friends' channel is age-restricted; override to change it."""
    return False


@pytest.fixture
def is_group() -> bool:
    """Whether it is a group conversation instead of a server's channel."""
    return False


@pytest.fixture
def is_thread() -> bool:
    """Whether it is a thread, of whose channel Discord tells nothing; override to change it."""
    return False


@pytest.fixture
def foreign(
    world: World, monkeypatch: pytest.MonkeyPatch, nsfw: bool, is_group: bool, is_thread: bool
) -> Iterator[Foreign]:
    installs, feed = Installs(world.env), FakeGateway.feed

    def told(self: FakeGateway, event: str, payload: Mapping[str, Any]) -> None:
        if (heard := installs.told(event, payload)) is not None:
            feed(self, event, heard)

    monkeypatch.setattr(FakeGateway, "feed", told)
    friends = world.env.create_guild("Friends")
    alice, bob = friends.add_member(world.alice.user), friends.add_member(world.bob.user)
    channel = installs.channel("friends", friends, is_group=is_group, nsfw=nsfw, is_thread=is_thread)
    there = Foreign(world, installs, channel, alice, bob)
    yield there
    assert max(there.tokens.values(), default=0) <= MOST_FOLLOW_UPS
