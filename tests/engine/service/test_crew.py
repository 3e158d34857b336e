"""Who paints, and what plans may ask of them: no memory is promised twice, and nobody gets what it cannot hold."""

from collections.abc import Callable

import pytest

from engine.planning.abilities import Abilities
from engine.planning.cost_model import Speed
from engine.planning.planner import KEPT_BYTES
from engine.protocol import Precision
from engine.service import crew as crew_module
from engine.service.crew import LESS, Crew, Fit
from tests.engine.scripted import ScriptedWorker

GB = 10**9
CARD = Abilities(Speed(0.01, 0.1), 4, "a card", memory=16 * GB, appetite=2.0)
SMALL_CARD = Abilities(Speed(0.02, 0.2), 4, "a small card", memory=6 * GB)
PROCESSOR = Abilities(Speed(0.01, 4.0, Precision.BFLOAT16))


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Says how much of this machine's memory is free."""

    def say(memory: int | None) -> None:
        monkeypatch.setattr(crew_module, "available_bytes", lambda: memory)

    say(20 * GB)
    return say


def crew_of(*abilities: Abilities) -> tuple[Crew, list[ScriptedWorker]]:
    crew, workers = Crew(), [ScriptedWorker() for _ in abilities]
    for worker, can in zip(workers, abilities, strict=True):
        crew.join(worker, can)
    return crew, workers


@pytest.mark.usefixtures("free")
def test_a_plan_holds_on_any_that_is_alive() -> None:
    crew, (card, processor) = crew_of(CARD, PROCESSOR)
    assert (len(crew), crew.memory(0)) == (2, 8 * GB)
    assert crew.speed is not None
    assert crew.speed.seconds(512, 512) == pytest.approx(PROCESSOR.speed.seconds(512, 512))
    assert crew.speed.precision is Precision.FLOAT32
    crew.leave(processor)
    assert (len(crew), crew.speed, crew.memory(0)) == (
        1,
        CARD.speed,
        8 * GB,
    )  # and the machine's memory is not the card's
    crew.leave(card)
    assert len(crew) == 0
    assert crew.memory(0) == 8 * GB  # one of those that were will come back
    crew.join(processor, PROCESSOR)
    assert (crew.speed, crew.memory(0)) == (PROCESSOR.speed, 20 * GB)


def test_what_a_card_holds_has_nothing_to_do_with_the_machine(free: Callable[[int | None], None]) -> None:
    crew, (card, _) = crew_of(CARD, SMALL_CARD)
    free(GB)
    assert crew.memory(50 * GB) == 6 * GB
    assert crew.fit(card, 8 * GB) is Fit.HERE


def test_where_nothing_says_what_is_free_all_is_tried(free: Callable[[int | None], None]) -> None:
    free(None)
    crew, (worker,) = crew_of(PROCESSOR)
    assert crew.memory(0) is None
    assert crew.fit(worker, 10**15) is Fit.HERE


def test_two_that_share_are_not_promised_the_same_memory(free: Callable[[int | None], None]) -> None:
    crew, (first, second) = crew_of(PROCESSOR, PROCESSOR)
    assert crew.memory(0) == 20 * GB
    assert crew.memory(5 * GB) == 15 * GB  # one is admitted, and has not begun
    assert crew.memory(18 * GB) == 10 * GB  # half, which it may have to wait for
    crew.take(first, 18 * GB)
    free(17 * GB)  # of which it has taken little so far
    assert crew.fit(second, 2 * GB) is Fit.HERE
    assert crew.fit(second, 3 * GB) is Fit.LATER
    assert crew.fit(second, 30 * GB) is Fit.LATER  # nobody knows yet
    crew.give_back(first)
    free(20 * GB)
    assert crew.fit(second, 3 * GB) is Fit.HERE
    assert crew.fit(second, 30 * GB) is Fit.NOWHERE


def test_what_only_another_one_can_hold_is_left_to_it(free: Callable[[int | None], None]) -> None:
    crew, (card, small, processor) = crew_of(CARD, SMALL_CARD, PROCESSOR)
    assert [crew.fit(each, 7 * GB) for each in (card, small, processor)] == [
        Fit.HERE,
        Fit.ELSEWHERE,
        Fit.HERE,
    ]
    assert [crew.fit(each, 9 * GB) for each in (card, processor)] == [Fit.ELSEWHERE, Fit.HERE]
    free(GB)
    assert crew.fit(processor, GB + KEPT_BYTES) is Fit.HERE  # what it keeps of other pictures goes
    assert [crew.fit(each, 7 * GB) for each in (small, processor)] == [Fit.ELSEWHERE, Fit.ELSEWHERE]
    assert [crew.fit(each, 9 * GB) for each in (card, small, processor)] == [Fit.NOWHERE] * 3


@pytest.mark.usefixtures("free")
def test_a_card_that_ran_out_is_not_asked_for_as_much_again_until_it_is_started_anew() -> None:
    crew, (card,) = crew_of(CARD)
    crew.note_exhausted(card, 6 * GB)
    assert crew.memory(0) == 6 * GB * LESS
    crew.note_exhausted(card, 8 * GB)  # of an earlier plan
    assert crew.memory(0) == 6 * GB * LESS
    crew.leave(card)
    crew.join(card, CARD)
    assert crew.memory(0) == 8 * GB


@pytest.mark.usefixtures("free")
def test_what_a_painting_takes_more_than_was_thought_is_reckoned_with() -> None:
    crew, _ = crew_of(Abilities(PROCESSOR.speed, appetite=1.25))
    assert crew.memory(0) == 16 * GB


def test_readers_hear_of_a_crew_that_is_notably_another() -> None:
    crew, workers = crew_of(*[CARD] * 20)
    assert crew.has_changed_pace()
    crew.leave(workers[0])
    assert not crew.has_changed_pace()
    crew.leave(workers[1])
    crew.leave(workers[2])
    assert crew.has_changed_pace()
    assert not crew.has_changed_pace()
