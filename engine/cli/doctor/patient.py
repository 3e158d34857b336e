"""What a check is given to look at, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.devices.facts import Facts


@dataclass(frozen=True)
class Cluster:
    """address: as in the configuration. needs: of each of the workers, by Ray's names."""

    address: str
    workers: int
    needs: Mapping[str, float]


@dataclass(frozen=True)
class Patient:
    """data_dir, devices: as in the configuration. facts: what this machine says of its GPUs. cluster: if one is to paint."""

    data_dir: Path
    devices: tuple[str, ...]
    facts: Facts
    cluster: Cluster | None = None

    @property
    def wants_gpu(self) -> bool:
        """Whether a GPU is named, or one that is there would be taken."""
        return self.devices != ("cpu",) and (self.facts.may_have_gpu or self.devices != ("auto",))


@dataclass(frozen=True)
class Finding:
    """A line: whether all is well, what it is about, and what is to be done where it is not."""

    is_well: bool
    line: str
