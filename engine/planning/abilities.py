"""What a worker can do, as it says when it is warm and whenever it knows better: its device, its speed, its memory.

Pure data, free of TensorFlow. Rule: a painting's need of memory is told in the bytes of `planner.needed_bytes`; what they
come to on a device is for its worker to measure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from engine.planning.cost_model import Speed
from engine.planning.planner import needed_bytes
from engine.protocol import Plan, Precision

Bytes = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class Abilities:
    """One worker's.

    batch: how many jobs it paints side by side at most. device: what its maker calls it. memory: bytes for paintings that
    nobody else takes; None where it shares what this machine has. appetite: bytes that a painting takes here for each that
    `needed_by` says. lacks: precisions that it cannot paint in, and why; it paints in float32 instead.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    speed: Speed
    batch: Annotated[int, Field(ge=1)] = 1
    device: str = "CPU"
    memory: Bytes | None = None
    appetite: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    lacks: Mapping[Precision, str] = field(default_factory=dict, hash=False)

    @property
    def room(self) -> int | None:
        """What `needed_by` may say of a painting that its own memory holds; None where it shares."""
        return None if self.memory is None else int(self.memory / self.appetite)


def needed_by(plan: Plan) -> int:
    """Memory that a plan takes, besides the network: what its finest level does."""
    finest = plan.levels[-1]
    return needed_bytes(finest.width, finest.height)
