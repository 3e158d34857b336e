"""Wherever the engine is killed, the next one finds each job that was acknowledged once, and brings it to its end."""

import json
import multiprocessing
import signal
from pathlib import Path

import pytest

from engine.protocol import CrashPoint, JobState
from tests.engine.service.life import ENDS, live

# Those of a job's life; `tests.faults` ends the engine at all others too.
POINTS = [
    CrashPoint.JOB_FILES_WRITTEN,
    CrashPoint.JOB_STORED,
    CrashPoint.JOB_CLAIMED,
    CrashPoint.JOB_PUT_BACK,
    CrashPoint.RESULT_ADOPTED,
    CrashPoint.RESULT_STORED,
    CrashPoint.FAILURE_STORED,
    CrashPoint.CANCEL_STORED,
    CrashPoint.SURPLUS_REMOVED,
    CrashPoint.FOLDER_SET_ASIDE,
    CrashPoint.EXPIRED_FILES_REMOVED,
    CrashPoint.EXPIRED,
    CrashPoint.DELETED_FILES_REMOVED,
    CrashPoint.DELETED,
    CrashPoint.TIMELAPSE_WRITTEN,
    CrashPoint.DRAINED,
    CrashPoint.FLOW_STORED,
]
processes = multiprocessing.get_context("forkserver")  # what is imported once need not be for each life
processes.set_forkserver_preload(["tests.engine.service.life"])


def lived(folder: Path, point: CrashPoint | None, *, is_last: bool = False) -> int | None:
    """The exit status of a life."""
    life = processes.Process(target=live, args=(str(folder), point), kwargs={"is_last": is_last})
    life.start()
    life.join()
    return life.exitcode


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_loses_and_doubles_nothing(tmp_path: Path, point: CrashPoint) -> None:
    assert lived(tmp_path, point) == -signal.SIGKILL
    assert lived(tmp_path, None, is_last=True) == 0
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert facts["states"] == {fate.name: state for fate, state in ENDS.items()}
    assert facts["rows"] == len(ENDS)  # and what was old has gone
    images = tmp_path / "data" / "images"
    assert sorted(path.name for path in images.iterdir()) == facts["kept"]
    assert len(facts["kept"]) == sum(state is JobState.FINISHED for state in ENDS.values())
    for job in facts["kept"]:
        assert {path.name for path in (images / job).iterdir()} - {"timelapse.webp"} == {
            "result.png",
            "moment-01",
            "content.png",
        }
