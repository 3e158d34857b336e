"""A cluster of this machine alone, on 127.0.0.1, without a driver."""

import logging
import os
import secrets
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from engine.workers.cluster.driver import environment

ROOT = Path(__file__).parents[3]
STORE_BYTES = 100_000_000
TRIES = 4
TOKEN = secrets.token_hex(32)  # of all clusters of this process: Ray reads it once


@contextmanager
def cluster_here(more: Mapping[str, str]) -> Iterator[Any]:
    """Whoever joins it needs what is in the environment meanwhile; more: of that."""
    before, on_end = dict(os.environ), signal.getsignal(signal.SIGTERM)
    token = {"RAY_AUTH_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
    os.environ.update({**environment("local"), **token, **more})
    try:
        cluster = _begun()
        try:
            yield cluster
        finally:
            cluster.shutdown()
    finally:
        signal.signal(signal.SIGTERM, on_end)
        os.environ.clear()
        os.environ.update(before)


def _begun() -> Any:
    """Ray gives what it starts beside a node fifteen seconds, whatever else the machine does: then it is tried again.

    What a try that failed has left ends with this process.
    """
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 4, "node_ip_address": "127.0.0.1", "object_store_memory": STORE_BYTES}
    begin = partial(Cluster, initialize_head=True, head_node_args=head | {"include_dashboard": False})
    for _ in range(TRIES - 1):
        try:
            return begin()
        except Exception:  # no other than this is what Ray raises then
            logging.getLogger(__name__).exception("a cluster did not start")
    return begin()


def booth_of(painter: int | None) -> int:
    """The process of a painter's booth. Raises FileNotFoundError."""
    return int(Path(f"/proc/{painter}/stat").read_text().rpartition(")")[2].split()[1])
