"""What a worker says it has of earlier jobs: what it has painted, as far as it is still compiled."""

from itertools import product

from engine.planning.placement import shape_of
from engine.protocol import Level, Plan, Precision, RecipeName, Settings
from engine.workers.at_hand import MOST_SHAPES, Recent
from engine.workers.ipc import AtHand, Audition, Batch, Run
from tests.engine.scripted import provenance


def plan(side: int, **changes: object) -> Plan:
    levels = (
        Level(width=side // 2, height=side // 2, evaluations=9),
        Level(width=side, height=side, evaluations=3),
    )
    return Plan(recipe=RecipeName.STANDARD, levels=levels, seconds=1.0).model_copy(update=changes)


def run(plan: Plan, style: str) -> Run:
    origin = provenance(plan, Settings()).model_copy(update={"styles": (style,)})
    return Run(
        job="1",
        attempt=1,
        content="",
        styles=(),
        settings=Settings(),
        plan=plan,
        outbox="",
        provenance=origin,
    )


def test_a_shape_is_at_hand_while_all_its_levels_are_compiled() -> None:
    small, large = plan(64), plan(1024)
    gone: set[Plan] = set()
    recent = Recent(lambda plan: (True, plan not in gone))
    assert recent.at_hand() == AtHand()
    recent.note(Batch(runs=(run(small, "great_wave"), run(large, "sha256:1"))))
    assert recent.at_hand() == AtHand(
        shapes=(shape_of(small), shape_of(large)), styles=("great_wave", "sha256:1")
    )
    gone.add(large)
    assert recent.at_hand().shapes == (shape_of(small),)


def test_a_sheets_styles_and_shape_are_those_of_its_tiles() -> None:
    tiles = tuple(run(plan(64), style) for style in ("a", "b"))
    recent = Recent(lambda _: (True,))
    recent.note(Batch(runs=(Audition(job="1", attempt=1, plan=plan(64), outbox="", tiles=tiles),)))
    assert recent.at_hand() == AtHand(shapes=(shape_of(plan(64)),), styles=("a", "b"))


def test_only_so_much_is_told_and_the_newest() -> None:
    recent = Recent(lambda _: (True,))
    kinds = product(
        (RecipeName.DRAFT, RecipeName.STANDARD, RecipeName.FINE), Precision, range(512, 4096, 512)
    )
    plans = [plan(side, recipe=recipe, precision=precision) for recipe, precision, side in kinds]
    for each in plans:
        recent.note(Batch(runs=(run(each, "a"),)))
    assert {*recent.at_hand().shapes} == {shape_of(each) for each in plans[-MOST_SHAPES:]}


def test_a_shape_is_known_by_what_has_to_be_compiled_alone() -> None:
    """A loop paints all sizes up to the view, and beyond it those that are shrunk as much."""
    same = plan(64, seconds=2.0, width=60, frames=3)
    assert shape_of(same) == shape_of(plan(64)) == shape_of(plan(320))
    others = (plan(640), plan(64, precision=Precision.BFLOAT16), plan(64, recipe=RecipeName.DRAFT))
    assert len({shape_of(plan(64)), *map(shape_of, others)}) == 4
