"""What every worker can be asked, wherever it runs.

`engine.workers.subprocess.LocalWorker`, a child process on this machine, implements it, and so does
`engine.workers.cluster.worker.RayWorker`, the same on another. Rule: a worker tells
what becomes of its work; what that means for the job, and what is painted next, `engine.service` decides.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from engine.planning.abilities import Abilities
from engine.workers.ipc import AtHand, Report, Stop, Work


class WorkerLost(Exception):  # noqa: N818 - a state of affairs, not a mistake
    """The worker died, or went silent and was ended; `start` brings it back.

    of_its_work: whether what it was painting may be to blame. It is not when we ended the worker for a reason of ours, or
    when somebody else has stopped or killed it.
    """

    def __init__(self, why: str, *, of_its_work: bool = True) -> None:
        super().__init__(why)
        self.of_its_work = of_its_work


class Worker(Protocol):
    """One device that paints."""

    async def start(self) -> Abilities:
        """Get the model ready and measure what the device can do; again after the worker was lost. Raises WorkerLost."""

    @property
    def abilities(self) -> Abilities:
        """As it has told them last; to be asked for once it has started."""

    @property
    def is_alive(self) -> bool:
        """Whether it can be given work."""

    async def ended(self) -> None:
        """Wait until it is not alive any more."""

    @property
    def is_spent(self) -> bool:
        """Whether it is better started anew than given more work; never while it paints."""

    @property
    def at_hand(self) -> AtHand:
        """What it has of earlier jobs; nothing while it is not warm, and while it paints what it had before."""

    def run(self, batch: Sequence[Work]) -> AsyncGenerator[tuple[Work, Report], None]:
        """Paint: of each run Began (again if it is begun anew), Progress, Waiting, then one End. Raises WorkerLost."""

    def stop(self, order: Stop) -> None:
        """Ask for the end after the current step; an order for an attempt that is over does nothing.

        One that keeps nothing is obeyed within seconds, or costs the worker, which is lost to all that it was painting.
        """

    async def close(self) -> None:
        """End the worker and whatever it does."""
