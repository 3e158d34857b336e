"""What tests of workers share: jobs, and a cluster."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.workers.clusters import cluster_here
from tests.engine.workers.hands import Jobs


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a painter does in a booth as it does here is tried there in `make test-all` only."""
    for item in items:
        is_over_ray = isinstance(item, pytest.Function) and "[ray" in item.name
        if is_over_ray and item.get_closest_marker("painter") is not None:
            item.add_marker(pytest.mark.slow)


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
