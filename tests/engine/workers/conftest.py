"""What tests of workers share: jobs, and a cluster of this machine alone, on 127.0.0.1."""

import os
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.workers.hands import Jobs

ROOT = Path(__file__).parents[3]
STORE_BYTES = 100_000_000


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """Whoever joins it needs what is in the environment meanwhile."""
    from engine.workers.cluster.driver import environment

    before, on_end = dict(os.environ), signal.getsignal(signal.SIGTERM)
    os.environ.update(
        environment("local") | {"RAY_AUTH_TOKEN": secrets.token_hex(32), "PYTHONPATH": str(ROOT)}
    )
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 4, "node_ip_address": "127.0.0.1", "object_store_memory": STORE_BYTES}
    cluster: Any = Cluster(initialize_head=True, head_node_args=head | {"include_dashboard": False})
    yield cluster
    cluster.shutdown()
    signal.signal(signal.SIGTERM, on_end)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def jobs(tmp_path: Path, upload: dict[str, bytes]) -> Jobs:
    for name, data in upload.items():
        (tmp_path / name).write_bytes(data)
    return Jobs(tmp_path)
