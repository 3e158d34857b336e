"""A reader of a stream sees the newest frame and never misses the end, however slow it is."""

import asyncio

from engine.protocol import Cancelled, Finished, Preview, Queued, Started
from engine.service.event_stream import EventStream

STARTED = Started(attempt=1, eta_seconds=9)


def frame(n: int) -> Preview:
    return Preview(
        n=n, progress=n / 100, evaluation=n, evaluations=100, width=8, height=8, eta_seconds=100.0 - n
    )


async def read_all(stream: EventStream, last: int = 0) -> list[object]:
    events: list[object] = []
    while (envelope := await stream.after(last)) is not None:
        last = envelope.id
        events.append(envelope.event)
    return events


def test_an_id_that_was_not_told_yet_tells_nothing() -> None:
    stream = EventStream(100)
    stream.publish(STARTED)
    assert [stream.known(last) for last in (0, 7, 100, 101, 102, 10**17)] == [0, 7, 100, 101, 0, 0]
    stream.publish(Cancelled())
    assert [stream.known(last) for last in (0, 101, 102, 103)] == [0, 0, 0, 0]


async def test_a_slow_reader_gets_the_newest_frame() -> None:
    stream = EventStream(0)
    stream.publish(Queued(position=1, eta_seconds=10))
    stream.publish(STARTED)
    for n in range(1, 51):
        stream.publish(frame(n))
    first = await stream.after(0)
    assert first is not None
    assert first.event == STARTED
    second = await stream.after(first.id)
    assert second is not None
    assert second.event == frame(50)
    stream.publish(frame(51))
    stream.publish(Finished(seconds=1, width=8, height=8))
    assert await read_all(stream, second.id) == [Finished(seconds=1, width=8, height=8)]


async def test_a_waiting_reader_is_woken() -> None:
    stream = EventStream(7)
    readers = [asyncio.create_task(read_all(stream)) for _ in range(3)]
    await asyncio.sleep(0)
    stream.publish(STARTED)
    await asyncio.sleep(0)
    stream.publish(Cancelled())
    assert await asyncio.gather(*readers) == [[STARTED, Cancelled()]] * 3


async def test_ids_grow_above_their_base_and_reading_resumes_after_one() -> None:
    stream = EventStream(100)
    stream.publish(STARTED)
    stream.publish(frame(1))
    first = await stream.after(50)
    assert first is not None
    assert first.id > 100
    second = await stream.after(first.id)
    assert second is not None
    assert second.id > first.id
    assert second.event == frame(1)


async def test_closing_lets_readers_go_without_an_end() -> None:
    stream = EventStream(0)
    stream.publish(STARTED)
    reader = asyncio.create_task(read_all(stream))
    await asyncio.sleep(0)
    stream.close()
    assert await reader == [STARTED]


async def test_being_put_back_replaces_the_story() -> None:
    stream = EventStream(0)
    for event in (STARTED, frame(1), Queued(position=1, eta_seconds=3), Started(attempt=2, eta_seconds=3)):
        stream.publish(event)
    stream.publish(Cancelled())
    assert await read_all(stream) == [Cancelled()]
