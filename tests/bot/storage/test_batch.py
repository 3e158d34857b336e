"""What many hand in at once: kept together, each told of their own, and kept to the end though somebody is gone."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.storage.batch import Batch


class Keeper:
    """Keeps numbers, all or none at a time; none that is negative."""

    def __init__(self) -> None:
        self.kept: list[list[int]] = []
        self.tries = 0
        self.may_keep = asyncio.Event()
        self.may_keep.set()

    async def keep(self, numbers: Sequence[int]) -> None:
        self.tries += 1
        await self.may_keep.wait()
        if min(numbers) < 0:
            raise ValueError("negative")
        self.kept.append([*numbers])


async def test_what_comes_while_something_is_being_kept_is_kept_together() -> None:
    keeper = Keeper()
    keeper.may_keep.clear()
    batch: Batch[int] = Batch(keeper.keep)
    first = asyncio.create_task(batch.add(0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(batch.add(n)) for n in (1, 2, 3)]
    await asyncio.sleep(0)
    assert batch.waits(lambda n: n == 3)
    keeper.may_keep.set()
    await asyncio.gather(first, *others)
    assert keeper.kept == [[0], [1, 2, 3]]


async def test_nobody_fails_for_somebody_else() -> None:
    keeper = Keeper()
    batch: Batch[int] = Batch(keeper.keep)
    told = await asyncio.gather(*(batch.add(n) for n in (1, -1, 2)), return_exceptions=True)
    assert [type(each) for each in told] == [type(None), ValueError, type(None)]
    assert keeper.kept == [[1], [2]]
    await batch.add(3)
    assert keeper.kept[-1] == [3]


async def test_whoever_is_gone_stops_nothing_that_is_being_kept() -> None:
    keeper = Keeper()
    keeper.may_keep.clear()
    batch: Batch[int] = Batch(keeper.keep)
    going, staying = asyncio.create_task(batch.add(1)), asyncio.create_task(batch.add(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    late = asyncio.create_task(batch.add(3))
    await asyncio.sleep(0)
    going.cancel()
    late.cancel()
    with pytest.raises(asyncio.CancelledError):
        await late
    keeper.may_keep.set()
    await staying
    await batch.idle()
    assert keeper.kept == [[1, 2]]
    assert going.cancelled()


async def test_nothing_is_kept_for_nobody() -> None:
    keeper = Keeper()
    batch: Batch[int] = Batch(keeper.keep)
    async with batch.paused():
        adding = asyncio.create_task(batch.add(1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert batch.drop(1)
    await adding
    await batch.idle()
    assert keeper.tries == 0
    await batch.add(2)
    assert keeper.kept == [[2]]
