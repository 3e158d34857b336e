"""What tests of workers share: jobs, and a cluster."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.workers.clusters import cluster_here
from tests.engine.workers.hands import Jobs


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """One for all that need it."""
    with cluster_here({}) as cluster:
        yield cluster


@pytest.fixture
def jobs(tmp_path: Path, upload: dict[str, bytes]) -> Jobs:
    for name, data in upload.items():
        (tmp_path / name).write_bytes(data)
    return Jobs(tmp_path)
