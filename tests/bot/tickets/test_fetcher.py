"""Bringing images: several at once, in bounded memory, and nobody waits for what does not come."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine_client import EngineClient
from bot.orders import attachments
from bot.orders.budget import ByteBudget
from bot.place import Place
from bot.storage.inbox import Inbox
from bot.storage.shelf import Shelf
from bot.storage.tickets import Source, Ticket
from bot.tickets.fetcher import Fetcher
from engine.protocol import MAX_IMAGE_BYTES, ErrorCode, Owner, Refusal
from tests.bot.storage.sample import ticket
from tests.bot.world import World, png, said

MB = 2**20


class Cdn:
    """Hands out pictures; those named "hangs" never come."""

    def __init__(self) -> None:
        self.coming, self.most, self.asked = 0, 0, 0

    async def get_from_cdn(self, url: str) -> bytes:
        self.asked += 1
        self.coming += 1
        self.most = max(self.most, self.coming)
        try:
            await (asyncio.Event().wait() if "hangs" in url else asyncio.sleep(0))
            return png()
        finally:
            self.coming -= 1


def of(group: str, name: str = "cat.png", size: int | None = MB) -> Ticket:
    wanted = ticket()
    owner = Owner(group=group, user="2")
    source = Source("content", f"https://cdn.discordapp.com/{name}", size=size)
    return replace(
        wanted,
        place=Place(1, 2),
        request=wanted.request.model_copy(update={"owner": owner}),
        sources=(source,),
    )


def fetcher(cdn: Cdn, folder: Path, budget: ByteBudget | None = None) -> tuple[Fetcher, Inbox]:
    client = cast("discord.Client", SimpleNamespace(http=cdn))
    inbox = Inbox(folder / "inbox", folder / "orphans")
    engine = cast("EngineClient", SimpleNamespace())  # of which nothing is asked here
    return Fetcher(client, inbox, Shelf(folder / "kept", 0, 0), engine, budget), inbox


async def test_one_that_hangs_keeps_nobody_waiting(tmp_path: Path) -> None:
    cdn = Cdn()
    bringing, inbox = fetcher(cdn, tmp_path)
    hanging = asyncio.create_task(bringing.fetch(of("slow server", "hangs.png")))
    others = [of(f"server {n}") for n in range(20)] + [of("slow server")]
    await asyncio.gather(*(bringing.fetch(each) for each in others))
    assert [len(await inbox.names(each.id)) for each in others] == [1] * 21
    assert not hanging.done()
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)


async def test_a_server_whose_pictures_all_hang_keeps_no_other_waiting(tmp_path: Path) -> None:
    cdn = Cdn()
    bringing, inbox = fetcher(cdn, tmp_path, ByteBudget(40 * MB, 20 * MB))
    hanging = [asyncio.create_task(bringing.fetch(of("slow", "hangs.png", 10 * MB))) for _ in range(100)]
    await asyncio.sleep(0)
    other = of("other", size=20 * MB)
    await bringing.fetch(other)
    assert len(await inbox.names(other.id)) == 1
    assert cdn.asked == 3  # two of the hundred, which are its share, and the other
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    await bringing.fetch(of("slow", size=20 * MB))  # what was held is given back


async def test_no_more_is_in_memory_than_there_is_room_for(tmp_path: Path) -> None:
    cdn = Cdn()
    bringing, _ = fetcher(cdn, tmp_path, ByteBudget(10 * MB, 10 * MB))
    await asyncio.gather(*(bringing.fetch(of(f"server {n % 5}", size=5 * MB)) for n in range(30)))
    assert (cdn.most, cdn.asked) == (2, 30)


async def test_what_has_no_size_counts_as_the_largest(tmp_path: Path) -> None:
    cdn = Cdn()
    bringing, _ = fetcher(cdn, tmp_path, ByteBudget(40 * MB, 40 * MB))
    await asyncio.gather(*(bringing.fetch(of(f"server {n}", size=None)) for n in range(10)))
    assert cdn.most == 2


async def test_servers_take_turns() -> None:
    budget, served = ByteBudget(10, 10), list[str]()

    async def one(group: str) -> None:
        async with budget.hold(10, group):
            served.append(group)
            await asyncio.sleep(0)

    await asyncio.gather(*(one(group) for group in ("a", "a", "a", "a", "b", "c")))
    assert served == ["a", "a", "b", "c", "a", "a"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.sampled_from("abc"), st.booleans()), max_size=40))
def test_whatever_comes_and_goes_all_room_is_given_back(steps: list[tuple[int, str, bool]]) -> None:
    async def story() -> None:
        budget, held = ByteBudget(20, 12), [0, 0]

        async def one(size: int, group: str) -> None:
            async with budget.hold(size, group):
                held[0] += min(size, 12)
                held[1] = max(held)
                await asyncio.sleep(0)
                held[0] -= min(size, 12)

        tasks = [(asyncio.create_task(one(size, group)), gives_up) for size, group, gives_up in steps]
        await asyncio.sleep(0)
        for task, gives_up in tasks:
            if gives_up:
                task.cancel()
        await asyncio.gather(*(task for task, _ in tasks), return_exceptions=True)
        assert held[1] <= 20 + sum(min(size, 12) for size, _, gives_up in steps if gives_up)
        async with AsyncExitStack() as stack:  # all of it, at once
            async with asyncio.timeout(5):
                await stack.enter_async_context(budget.hold(12, "x"))
                await stack.enter_async_context(budget.hold(8, "y"))

    asyncio.run(story())


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("https://cdn.discordapp.com/attachments/1/2/cat.png?ex=1", True),
        ("https://media.discordapp.net/attachments/1/2/cat.png", True),
        ("https://images-ext-1.discordapp.net/external/x/https/example.org/cat.png", True),
        ("http://cdn.discordapp.com/cat.png", False),
        ("https://cdn.discordapp.com.example.org/cat.png", False),
        ("https://example.org/?cdn.discordapp.com", False),
        ("https://cdn.discordapp.com@example.org/cat.png", False),
        ("https://notdiscordapp.com/cat.png", False),
        ("http://127.0.0.1:8787/v1/jobs", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_discords_own_addresses_are_fetched(url: str, is_theirs: bool) -> None:
    assert attachments.is_discords(url) is is_theirs


async def test_a_picture_that_is_asked_about_and_hangs_is_nothing_to_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = attachments.download

    async def slow(client: discord.Client, url: str, which: str) -> bytes:
        if "hangs" in url:
            await world.env.external_wait(asyncio.Event().wait(), reason="a download that hangs")
        return await fast(client, url, which)

    monkeypatch.setattr(attachments, "download", slow)
    pictures = [await world.bob.send(world.art, "", attachments=[(n, png())]) for n in ("hangs.png", "b.png")]
    asked = [await world.alice.context_menu(world.art, "How was this painted?", each) for each in pictures]
    assert [bool(said(each).content) for each in asked] == [False, True]


async def test_a_hanging_download_of_one_member_is_nothing_to_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = attachments.download

    async def slow(client: discord.Client, url: str, which: str) -> bytes:
        if "hangs" in url:
            await world.env.external_wait(asyncio.Event().wait(), reason="a download that hangs")
        return await fast(client, url, which)

    monkeypatch.setattr(attachments, "download", slow)
    await world.stylize(content=("hangs.png", png()))
    await world.stylize(world.bob)
    assert [job.request.owner.user for job in world.engine.jobs] == [str(world.bob.id)]


async def test_what_is_larger_than_it_may_be_goes_no_further(tmp_path: Path) -> None:
    class Large(Cdn):
        async def get_from_cdn(self, url: str) -> bytes:
            return png() + bytes(MAX_IMAGE_BYTES)

    bringing, inbox = fetcher(Large(), tmp_path)
    preview = of("server", size=None)
    with pytest.raises(Refusal) as refused:
        await bringing.fetch(preview)
    assert refused.value.code is ErrorCode.TOO_MANY_BYTES
    assert await inbox.names(preview.id) == set()
