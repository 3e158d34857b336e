"""A reader of a feed sees the newest frame and never misses the end, however slow it is."""

import asyncio

from engine.protocol import Cancelled, Finished, Frame, Queued, Started
from engine.service.event_stream import Feed

STARTED = Started(attempt=1, eta_seconds=9)


def frame(n: int) -> Frame:
    return Frame(
        n=n, progress=n / 100, evaluation=n, evaluations=100, width=8, height=8, eta_seconds=100.0 - n
    )


async def read_all(feed: Feed, last: int = 0) -> list[object]:
    events: list[object] = []
    while (envelope := await feed.after(last)) is not None:
        last = envelope.id
        events.append(envelope.event)
    return events


async def test_a_slow_reader_gets_the_newest_frame() -> None:
    feed = Feed(0)
    feed.publish(Queued(position=1, eta_seconds=10))
    feed.publish(STARTED)
    for n in range(1, 51):
        feed.publish(frame(n))
    first = await feed.after(0)
    assert first is not None
    assert first.event == STARTED
    second = await feed.after(first.id)
    assert second is not None
    assert second.event == frame(50)
    feed.publish(frame(51))
    feed.publish(Finished(seconds=1, width=8, height=8))
    assert await read_all(feed, second.id) == [Finished(seconds=1, width=8, height=8)]


async def test_a_waiting_reader_is_woken() -> None:
    feed = Feed(7)
    readers = [asyncio.create_task(read_all(feed)) for _ in range(3)]
    await asyncio.sleep(0)
    feed.publish(STARTED)
    await asyncio.sleep(0)
    feed.publish(Cancelled())
    assert await asyncio.gather(*readers) == [[STARTED, Cancelled()]] * 3


async def test_ids_grow_above_their_base_and_reading_resumes_after_one() -> None:
    feed = Feed(100)
    feed.publish(STARTED)
    feed.publish(frame(1))
    first = await feed.after(50)
    assert first is not None
    assert first.id > 100
    second = await feed.after(first.id)
    assert second is not None
    assert second.id > first.id
    assert second.event == frame(1)


async def test_closing_lets_readers_go_without_an_end() -> None:
    feed = Feed(0)
    feed.publish(STARTED)
    reader = asyncio.create_task(read_all(feed))
    await asyncio.sleep(0)
    feed.close()
    assert await reader == [STARTED]


async def test_being_put_back_replaces_the_story() -> None:
    feed = Feed(0)
    for event in (STARTED, frame(1), Queued(position=1, eta_seconds=3), Started(attempt=2, eta_seconds=3)):
        feed.publish(event)
    feed.publish(Cancelled())
    assert await read_all(feed) == [Cancelled()]
