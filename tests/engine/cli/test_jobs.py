"""`python -m engine jobs`, asked of an engine in the test's own process."""

import asyncio
import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from engine.cli import jobs as listing
from engine.cli.running import NotRunningError, RefusedError, RunningEngine, running
from engine.protocol import ErrorCode, JobState, Overview
from engine.service.routes import JOBS
from engine.storage.address import noted
from tests.engine.engine_process import TOKEN
from tests.engine.service.operation.operated import Operated, frame, job, operated


def at(engine: Operated, token: str = TOKEN) -> RunningEngine:
    return RunningEngine(engine.url.rstrip("/"), SecretStr(token))


async def test_jobs_are_listed_with_owner_age_and_forecast_and_cancelled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with operated(tmp_path, workers=1) as engine:
        await engine.paint("great_wave", 1, 10)
        await engine.fail("udnie", 2, ErrorCode.OUT_OF_MEMORY)
        first, second = await engine.admit(job("the_scream", 3), job("starry_night", 4))
        (await engine.painter_of(first)).say(frame(0.4, 1))
        running_jobs = engine.app[JOBS].open.running_jobs
        await engine.until(lambda: any(each.attempt and each.attempt.latest for each in running_jobs()))
        found = await asyncio.to_thread(listing.overview, at(engine))
        assert Overview.model_validate_json(json.dumps(found.model_dump(mode="json"))) == found
        capsys.readouterr()  # what the engine has logged
        listing.show(found)
        lines = capsys.readouterr().out.splitlines()
        assert "310245117765124099" in lines[1]
        for words in (first[:8], "running", "the_scream", "40 %", "done in about"):
            assert words in lines[1]
        assert "place 1" in lines[2]
        assert "ago: out_of_memory" in lines[3]
        assert "great_wave" in lines[4]
        with pytest.raises(RefusedError, match="2 open jobs that begin with"):
            await asyncio.to_thread(listing.cancel, at(engine), "")
        view = await asyncio.to_thread(listing.cancel, at(engine), second[:12])
        assert (view.id, view.state) == (second, JobState.CANCELLED)
        with pytest.raises(RefusedError, match="There is nothing of that name"):
            await asyncio.to_thread(listing.cancel, at(engine), "f" * 32)
        with pytest.raises(RefusedError, match="The token is missing or wrong"):
            await asyncio.to_thread(listing.overview, at(engine, "wrong"))


def test_where_the_engine_is_stands_in_its_directory_or_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError, match="No engine runs on"):
        running(tmp_path, None)
    with noted(tmp_path, "http://127.0.0.1:9"):
        assert running(tmp_path, None).url == "http://127.0.0.1:9"
        with pytest.raises(NotRunningError, match="does not answer"):
            running(tmp_path, None).ask("/v1/overview")
    assert running(tmp_path, None, "https://art.example.org/").url == "https://art.example.org"
    with pytest.raises(NotRunningError, match="is no address"):
        running(tmp_path, None, "file:///etc/passwd")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7300, "2 h"), (200_000, "2 d")]
)
def test_durations(seconds: float, words: str) -> None:
    assert listing.spelt(seconds) == words
