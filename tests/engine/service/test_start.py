"""What an engine says of its machine when it starts."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from engine.images import sandbox
from engine.images.confinement import Measure
from engine.images.decoding import Answer
from engine.protocol import ErrorCode, Refusal
from engine.service.app import tell_of_sandbox
from engine.storage.address import ADDRESS
from tests.engine.engine_process import EngineProcess

CONFINED, IN_PART, NOT = (
    "image decoder confined",
    "image decoder confined in part",
    "image decoder not confined",
)


@pytest.mark.integration
def test_it_says_in_one_line_what_confines_a_decoder(tmp_path: Path) -> None:
    with EngineProcess(tmp_path / "data", program="tests.engine.sketch") as process:
        (said,) = process.has_said(CONFINED, IN_PART, NOT)
        assert said["event"] != NOT
        assert process.stop() == 0
    assert not (tmp_path / "data" / ADDRESS).exists()


async def said_of(monkeypatch: pytest.MonkeyPatch, found: Answer | Refusal) -> dict[str, object]:
    async def probe() -> Answer:
        if isinstance(found, Refusal):
            raise found
        return found

    monkeypatch.setattr(sandbox, "probe", probe)
    with capture_logs() as logs:
        await tell_of_sandbox()
    (entry,) = logs
    return dict(entry)


async def test_it_names_what_is_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await sandbox.probe()
    part = Answer(whole.head, (), frozenset({Measure.MEMORY, Measure.FILTER}), None)
    said = await said_of(monkeypatch, part)
    assert said == {"event": IN_PART, "lacks": ["RLIMIT_DATA", "seccomp"], "log_level": "warning"}


async def test_it_names_what_a_file_could_get_at(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await sandbox.probe()
    head = whole.head.model_copy(update={"escapes": ["network"]})
    said = await said_of(monkeypatch, Answer(head, (), frozenset({Measure.FILTER}), None))
    assert said == {"event": NOT, "reaches": ["network"], "lacks": ["seccomp"], "log_level": "error"}


async def test_it_says_that_no_decoder_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    said = await said_of(monkeypatch, Refusal(ErrorCode.BUSY, seconds=5))
    assert said["event"] == "image decoder does not start"
