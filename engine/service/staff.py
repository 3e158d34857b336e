"""Whom an engine employs to paint: a process for each device of this machine, or workers in a cluster.

Rule: whoever paints is the same program, and is told the same; only where it runs is another matter.
"""

import hashlib
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version

from engine.devices.names import CPU
from engine.service.config import EngineConfig
from engine.workers.cluster.office import Office
from engine.workers.cluster.wire import DriverSettings, Post
from engine.workers.cluster.worker import RayWorker
from engine.workers.interface import Worker
from engine.workers.ipc import Equipment
from engine.workers.subprocess import LocalWorker

_FIRST_GPU = "gpu:0"  # Ray shows a worker its own alone


@asynccontextmanager
async def staff(
    config: EngineConfig, employ: Callable[[Equipment], Worker] = LocalWorker
) -> AsyncIterator[Sequence[Worker]]:
    """The workers, cold; employ: how one on this machine is made."""
    if config.workers == "processes":
        yield [employ(_equipment(config, device)) for device in config.devices]
        return
    office = Office(
        DriverSettings(
            address=config.ray.address,
            namespace=config.ray.namespace,
            holder=_holder(config),
            num_cpus=config.ray.workers * config.ray.num_cpus,
        )
    )
    try:
        yield [RayWorker(office, number, _post(config)) for number in range(config.ray.workers)]
    finally:
        await office.close()


def _post(config: EngineConfig) -> Post:
    return Post(
        version=version("atelier"),
        equipment=_equipment(config, _FIRST_GPU if config.ray.num_gpus else CPU),
        program=LocalWorker.program,
        num_cpus=config.ray.num_cpus,
        num_gpus=config.ray.num_gpus,
        resources=config.ray.resources,
    )


def _holder(config: EngineConfig) -> str:
    """Which engine this is, over its restarts: no two have a data directory in common."""
    return hashlib.sha256(f"{socket.gethostname()}:{config.data_dir.resolve()}".encode()).hexdigest()


def _equipment(config: EngineConfig, device: str) -> Equipment:
    return Equipment(
        weights=config.weights,
        device=device,
        gpu_memory_mb=config.gpu_memory_mb,
        precision=config.fixed_precision,
        deterministic=config.deterministic,
        speeds=str(config.data_dir / "speed"),
        statistics=str(config.data_dir / "statistics"),
        statistics_bytes=config.statistics_mb * 2**20,
        batch=config.fixed_batch,
    )
