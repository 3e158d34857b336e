"""What takes long before it can be used, made in the background until it is its turn.

Rule: each thing is made once, in order, by one thread at a time; what fails in the background fails where it is asked
for, and whoever leaves early waits for nothing but what is being made.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Prefetcher(Generic[T]):
    """Things by number, each made by its maker: when it is asked for, or in the background after `begin`."""

    def __init__(self, makers: Sequence[Callable[[], T]]) -> None:
        self._makers = makers
        self._begun: dict[int, Future[T]] = {}
        self._background = ThreadPoolExecutor(1, "prefetch")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._background.shutdown(cancel_futures=True)

    def begin(self, numbers: Iterable[int]) -> None:
        """Make these in the background, one after the other."""
        self._begun |= {number: self._background.submit(self._makers[number]) for number in numbers}

    def take(self, number: int) -> T:
        """The thing, which is not kept any longer."""
        begun = self._begun.pop(number, None)
        return self._makers[number]() if begun is None else begun.result()
