"""The engine's wire from the bot's side, against a real server."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.engine_client import EngineClient, Sent, open_engine, opened
from bot.errors import EngineUnreachable
from engine.protocol import (
    MIN_RENDITION_BYTES,
    Cancelled,
    ErrorCode,
    Event,
    ImageFormat,
    JobRequest,
    Owner,
    Preset,
    Queued,
    Refusal,
    Started,
    StyleChoice,
)
from tests.bot.fake_engine import FakeEngine, FakeJob
from tests.bot.world import FINISHED, png

LARGE = png() + bytes(3 * 2**20)
REQUEST = JobRequest(owner=Owner(group="1", user="2"), styles=(StyleChoice(name="great_wave"),))


@pytest.fixture
async def client(engine: FakeEngine) -> AsyncIterator[EngineClient]:
    async with open_engine(engine.url, "secret") as opened:
        yield opened


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "content"
    path.write_bytes(LARGE)
    return path


async def test_the_same_key_is_the_same_job(client: EngineClient, engine: FakeEngine, picture: Path) -> None:
    first = await client.submit("key", REQUEST, {"content": picture})
    again = await client.submit("key", REQUEST, {"content": picture})
    assert first.id == again.id
    assert [job.parts for job in engine.jobs] == [{"content": LARGE}]


async def test_events_resume_after_the_last_one_seen(client: EngineClient, engine: FakeEngine) -> None:
    events: list[Event] = [Queued(position=1, eta_seconds=9), Started(attempt=1, eta_seconds=9), FINISHED]
    engine.jobs.append(FakeJob("j", "key", REQUEST, {}, events))
    assert [(each.id, each.event) async for each in client.events("j")] == list(enumerate(events, 1))
    assert [each.id async for each in client.events("j", after=2)] == [3]


async def test_a_stream_cut_short_is_unreachable(client: EngineClient, engine: FakeEngine) -> None:
    engine.jobs.append(FakeJob("j", "key", REQUEST, {}))
    stream = client.events("j")
    assert (await anext(stream)).event == Queued(position=1, eta_seconds=60)
    engine.go_down()
    with pytest.raises(EngineUnreachable):
        await anext(stream)


async def test_refusals_keep_their_code_and_facts(
    client: EngineClient, engine: FakeEngine, picture: Path
) -> None:
    full = Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)
    engine.refusals = [full]
    with pytest.raises(Refusal) as caught:
        await client.submit("key", REQUEST, {"content": picture})
    assert (caught.value.code, caught.value.facts) == (full.code, full.facts)
    with pytest.raises(Refusal) as caught:
        await client.cancel("nothing")
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_an_engine_that_is_starting_is_not_reached_yet(
    client: EngineClient, engine: FakeEngine, picture: Path
) -> None:
    engine.refusals = [Refusal(ErrorCode.NOT_READY)]
    with pytest.raises(EngineUnreachable):
        await client.submit("key", REQUEST, {"content": picture})


async def test_nobody_listens(client: EngineClient, engine: FakeEngine) -> None:
    engine.go_down()
    with pytest.raises(EngineUnreachable):
        await client.styles()


async def test_images_and_stops(client: EngineClient, engine: FakeEngine, picture: Path) -> None:
    view = await client.submit("key", REQUEST, {"content": picture})
    assert await client.preview(view.id, 3) == engine.preview + b"3"
    assert (await client.timelapse(view.id)).data == engine.timelapse
    assert (await client.snapshot(view.id, 2)).data == engine.snapshot + b"2"
    assert (await client.snapshots(view.id)).data == engine.snapshots
    assert (await client.comparison(view.id)).data == engine.comparison
    whole = await client.result(view.id, max_bytes=MIN_RENDITION_BYTES)
    assert (whole.data, whole.about.is_original) == (engine.result, True)


async def test_a_picture_comes_as_it_fits_and_says_what_it_has_become(
    client: EngineClient, engine: FakeEngine, picture: Path
) -> None:
    engine.result += bytes(MIN_RENDITION_BYTES)
    view = await client.submit("key", REQUEST, {"content": picture})
    fitted = await client.result(view.id, max_bytes=MIN_RENDITION_BYTES)
    assert (fitted.data, fitted.about.format) == (engine.fitted, ImageFormat.JPEG)
    assert (fitted.about.is_original, fitted.about.is_full_size) == (False, True)
    emoji = await client.result(view.id, preset=Preset.EMOJI, max_side=64)
    assert emoji.data == engine.fitted
    assert engine.wishes == [
        ("result", {"max_bytes": str(MIN_RENDITION_BYTES)}),
        ("result", {"preset": "emoji", "max_side": "64"}),
    ]
    assert await client.job(view.id) == view
    await client.finish(view.id)
    assert engine.jobs[0].events[-1] == Cancelled()


async def test_a_picture_is_sent_whole_to_be_asked_how_it_was_painted(
    client: EngineClient, engine: FakeEngine
) -> None:
    with pytest.raises(Refusal) as caught:
        await client.provenance(LARGE)
    assert caught.value.code is ErrorCode.NO_RECIPE
    assert engine.asked_about == LARGE


async def test_a_file_that_nobody_waits_for_any_more_is_closed(tmp_path: Path) -> None:
    (tmp_path / "picture").touch()
    may_open, files = threading.Event(), list[Sent]()

    def slowly() -> Sent:
        assert may_open.wait(60)
        files.append(Sent(tmp_path / "picture"))
        return files[0]

    opening = asyncio.create_task(opened(slowly))
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.sleep(0)
    may_open.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert files[0].closed


async def test_what_is_still_read_when_its_file_is_closed_is_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(b"0123456789")
    with Sent(path) as sent:
        assert sent.read(4) == b"0123"
        assert sent.read() == b"456789"
    assert sent.read(4) == b""
    for ask in (sent.tell, sent.fileno, lambda: sent.seek(0)):
        with pytest.raises(OSError, match="Bad file descriptor"):
            ask()
