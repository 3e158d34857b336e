"""Ten thousand jobs are followed at one process."""

import resource

import pytest
from structlog.testing import capture_logs

from engine.service.connection import MOST_CONNECTIONS, most_connections


@pytest.mark.parametrize(
    ("files", "hard", "jobs", "connections", "raised"),
    [
        (20_000, 20_000, 10_000, 10_000 + MOST_CONNECTIONS, None),
        (1024, 500_000, 10_000, 10_000 + MOST_CONNECTIONS, 11_000),
        (1024, 4096, 10_000, 4096 - 600, 4096),
        (1024, 1024, 100, 500, None),
        (1024, 1024, 1000, 512, None),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 10_000, 10_000 + MOST_CONNECTIONS, None),
    ],
)
def test_whoever_follows_a_job_that_may_be_open_has_a_connection(
    files: int, hard: int, jobs: int, connections: int, raised: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as the system lets this process have so many files open; and where not, it is said."""
    set_to: list[int] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_to.append(limits[0]))
    with capture_logs() as logs:
        assert most_connections(jobs) == connections
    assert set_to == ([] if raised is None else [raised])
    assert bool(logs) is (connections < jobs + MOST_CONNECTIONS)
