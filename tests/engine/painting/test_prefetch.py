"""Things made in the background: each once, in order, and failures where they are asked for."""

import threading
from functools import partial

import pytest

from engine.painting.prefetch import Prefetcher


def test_what_was_begun_is_made_in_the_background_and_the_rest_when_asked_for() -> None:
    made: list[tuple[int, bool]] = []

    def make(number: int) -> int:
        made.append((number, threading.current_thread() is threading.main_thread()))
        return number * number

    with Prefetcher([partial(make, number) for number in range(4)]) as prefetcher:
        prefetcher.begin([1, 2])
        assert [prefetcher.take(number) for number in (1, 2, 3)] == [1, 4, 9]
    assert made == [(1, False), (2, False), (3, True)]


def test_what_fails_in_the_background_fails_where_it_is_asked_for() -> None:
    def fail() -> int:
        raise OSError("no room")

    with Prefetcher([fail]) as prefetcher:
        prefetcher.begin([0])
        with pytest.raises(OSError, match="no room"):
            prefetcher.take(0)


def test_who_leaves_waits_for_what_is_being_made_and_for_nothing_else() -> None:
    begun, left, made = threading.Event(), threading.Event(), []

    def make(number: int) -> None:
        begun.set()
        left.wait(60)
        made.append(number)

    with Prefetcher([partial(make, number) for number in range(50)]) as prefetcher:
        prefetcher.begin(range(50))
        begun.wait()
        # The last of those that wait is called off before the first has to come to its end.
        prefetcher._begun[49].add_done_callback(lambda _: left.set())
    assert made == [0]
