"""What an evaluation takes is what was measured, with nothing assumed between two sizes but a straight line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from engine.planning.abilities import Abilities
from engine.planning.cost_model import Knot, Speed, slowest
from engine.protocol import Precision

LAUNCH_BOUND = Speed(0.0, 0.1, knots=(Knot(0.004, 0.03), Knot(0.15, 0.032), Knot(0.6, 0.06), Knot(1.0, 0.1)))
PROCESSOR = Speed(0.01, 3.7, Precision.BFLOAT16, 2.5)
ABILITIES: TypeAdapter[Abilities] = TypeAdapter(Abilities)

times = st.floats(1e-4, 10.0)
speeds = st.builds(
    Speed,
    overhead=st.floats(0, 0.1),
    per_megapixel=st.floats(1e-3, 200),
    precision=st.sampled_from(Precision),
    compiling=st.floats(0, 9),
    knots=st.lists(times, max_size=5).map(
        lambda each: tuple(Knot(0.05 * (n + 1), t) for n, t in enumerate(each))
    ),
)


def test_without_more_it_is_a_line() -> None:
    assert PROCESSOR.seconds(500, 400) == pytest.approx(0.01 + 0.2 * 3.7)


def test_up_to_the_largest_that_was_measured_that_counts() -> None:
    assert LAUNCH_BOUND.at(0.001) == LAUNCH_BOUND.at(0.004) == 0.03
    assert LAUNCH_BOUND.at(0.6) == 0.06
    assert LAUNCH_BOUND.at(0.8) == pytest.approx(0.08)


def test_beyond_it_the_line_goes_on_from_there() -> None:
    assert LAUNCH_BOUND.at(4.0) == pytest.approx(0.4)
    risen = Speed(0.01, 1.0, knots=(Knot(0.1, 0.22),))  # twice what the line says
    assert risen.at(1.0) == pytest.approx(2 * 1.01)


@given(st.lists(speeds, min_size=1, max_size=4))
def test_the_slowest_of_several_is_slow_enough_for_each(crew: list[Speed]) -> None:
    found = slowest(crew)
    assert all(found.compiling >= speed.compiling for speed in crew)
    for side in (64, 192, 384, 512, 1024, 2048):
        slow = max(speed.seconds(side, side) for speed in crew)
        assert found.seconds(side, side) == pytest.approx(slow) or len(set(crew)) == 1


def test_of_a_card_and_a_processor_each_is_the_slower_somewhere() -> None:
    card = Speed(0.03, 0.1, Precision.FLOAT32)
    both = slowest([card, PROCESSOR])
    assert both.at(0.004096) == pytest.approx(card.at(0.004096))
    assert both.seconds(512, 512) == pytest.approx(PROCESSOR.seconds(512, 512))
    assert both.precision is Precision.FLOAT32
    assert both.compiling == 2.5
    assert slowest([PROCESSOR, PROCESSOR]) is PROCESSOR


def test_it_crosses_the_pipe_as_it_is_and_nothing_else_does() -> None:
    told = Abilities(LAUNCH_BOUND, 4, "NVIDIA T4", 14 * 10**9, lacks={Precision.BFLOAT16: "SIGABRT"})
    data = ABILITIES.dump_json(told)
    assert ABILITIES.validate_json(data) == told
    for old, new in ((b'"batch":4', b'"batch":0'), (b"0.06", b"NaN"), (b'"overhead"', b'"overheat"')):
        with pytest.raises(ValidationError):
            ABILITIES.validate_json(data.replace(old, new, 1))
