"""What one warm session does for many jobs: it is repeatable, it compiles once, it can be stopped and gone on with."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.config.experimental import (
    enable_tensor_float_32_execution,
    tensor_float_32_execution_enabled,
)

from engine.images import Picture
from engine.nst import level, vgg
from engine.nst.level import Checkpoint, WholeLevel
from engine.nst.objective import loss_names
from engine.nst.recipes import RECIPES
from engine.painting import compositor
from engine.painting.pulse import Activity, Pulse
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.painting.statistics_cache import StatisticsCache
from engine.planning import planner
from engine.planning.cost_model import Speed
from engine.protocol import Level, Precision, RecipeName, Settings
from tests.engine.network import in_keras
from tests.engine.painting.scenes import distance, one_level, paint, plan_of, result, stored, two_levels

pytestmark = pytest.mark.integration

LONGEST_WAIT = 120.0  # seconds


def test_closing_stops_the_loop(session: Session, cat: Picture, wave: Picture) -> None:
    steps = session.paint(Scene(cat, [Style(wave)]), plan_of(), Settings())
    kept = next(steps)
    steps.close()
    assert kept.picture().width == 64
    assert list(steps) == []


def test_what_the_device_lacks_is_not_painted_in() -> None:
    cannot = {Precision.BFLOAT16: "SIGABRT"}
    assert Session().fixed_precision is None
    for wanted in (None, Precision.BFLOAT16):
        session = Session(precision=wanted, lacks=cannot)
        assert (session.fixed_precision, session.precision) == (Precision.FLOAT32, Precision.FLOAT32)


def test_a_gpu_rounds_products_of_float32_only_where_a_plan_says_so(
    session: Session, cat: Picture, wave: Picture
) -> None:
    """TensorFlow lets it by itself. The switch is all that a processor has of it."""
    enable_tensor_float_32_execution(True)
    steps = session.paint(Scene(cat, [Style(wave)]), plan_of(), Settings())
    next(steps)
    steps.close()
    assert not tensor_float_32_execution_enabled()
    for precision in Precision:
        Session(precision=precision)
        assert tensor_float_32_execution_enabled() is (precision is Precision.TENSORFLOAT32)
    Session()
    assert not tensor_float_32_execution_enabled()


def compilations(session: Session) -> list[int]:
    levels = [loop for loop in session.loops if isinstance(loop, WholeLevel)]
    return [level.graphs for level in levels]


def test_a_second_job_of_the_same_shape_compiles_nothing(
    session: Session, cat: Picture, wave: Picture
) -> None:
    paint(session, cat, wave)
    loops, compiled = list(session.loops), compilations(session)
    paint(session, cat, wave, seed=3, strength=80)
    assert list(session.loops) == loops
    assert compilations(session) == compiled


def test_a_picture_of_another_shape_compiles_nothing(session: Session, cat: Picture, wave: Picture) -> None:
    """Nor do masks that make other regions."""
    paint(session, cat, wave)
    loops, compiled = list(session.loops), compilations(session)
    plan, (width, height) = plan_of(2), (80, 112)
    other = plan.model_copy(update={"levels": (Level(width=width, height=height, evaluations=2),)})
    list(session.paint(Scene(cat, [Style(wave), Style(cat)]), other, Settings()))
    assert (list(session.loops), compilations(session)) == (loops, compiled)
    left, right = (np.eye(2, dtype=np.uint8)[[side]] * 255 for side in (0, 1))
    list(session.paint(Scene(cat, [Style(wave, mask=left), Style(cat, mask=right)]), plan, Settings()))
    guided = compilations(session)
    list(session.paint(Scene(cat, [Style(wave, mask=left)]), other, Settings()))
    assert compilations(session) == guided
    assert session.kept_bytes == planner.BYTES_OF_LOOP * sum(guided)


def test_a_loop_paints_one_picture_at_a_time(session: Session, cat: Picture, wave: Picture) -> None:
    scene, plan = Scene(cat, [Style(wave)]), plan_of(3)
    steps = session.paint(scene, plan, Settings())
    next(steps)
    expected = result(session, scene, plan, Settings(seed=1))
    with pytest.raises(RuntimeError, match="another"):
        list(steps)
    np.testing.assert_array_equal(result(session, scene, plan, Settings(seed=1)).rgb, expected.rgb)


def test_it_tells_which_levels_of_a_plan_are_compiled(cat: Picture, wave: Picture) -> None:
    """A draft goes over the same loops as a standard painting."""
    session, plan = Session(precision=Precision.FLOAT32), two_levels(1, 1)
    assert session.compiled(plan) == (False, True)
    smaller = plan.model_copy(update={"levels": plan.levels[:1]})
    list(session.paint(Scene(cat, [Style(wave)]), smaller, Settings()))
    draft = plan.model_copy(update={"recipe": RecipeName.DRAFT})
    assert session.compiled(plan) == session.compiled(draft) == (True, True)
    assert session.compiled(plan, pictures=2) == (False, True)
    other = plan.model_copy(update={"precision": Precision.BFLOAT16})
    assert session.compiled(other) == (False, True)


def test_it_tells_what_it_is_at_and_how_long_an_evaluation_takes(cat: Picture, wave: Picture) -> None:
    """So that a thread that hangs is told from one that compiles, or paints a large picture."""
    said: list[tuple[Activity, float]] = []
    session = Session(precision=Precision.FLOAT32, pulse=Pulse(lambda *sign: said.append(sign)))
    scene, plan = Scene(cat, [Style(wave)]), two_levels(2, 2)
    session.assume(Speed(overhead=1.0, per_megapixel=0.0))
    list(session.paint(scene, plan, Settings()))
    compiled = [(Activity.COMPILING, 0.0), (Activity.PAINTING, 1.0)]
    known = [(Activity.PREPARING, 0.0), (Activity.PAINTING, 0.0), (Activity.PAINTING, 1.0)]
    assert said == [*compiled, *known]
    said.clear()
    list(session.paint(scene, plan, Settings()))
    assert said == known * 2


@pytest.mark.parametrize(("evaluations", "chunk"), [(1, 1), (8, 2), (40, 10), (1000, 20)])
def test_even_a_fast_device_shows_a_level_several_times(
    session: Session, monkeypatch: pytest.MonkeyPatch, evaluations: int, chunk: int
) -> None:
    monkeypatch.setattr(session, "_speed", Speed(overhead=0.0, per_megapixel=0.001))
    assert session.chunk(Level(width=64, height=64, evaluations=evaluations)) == chunk


def test_several_evaluations_are_one_call_and_one_transfer(
    session: Session, cat: Picture, wave: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop on the device paints the very picture that the one driven from here paints."""
    scene, plan = Scene(cat, [Style(wave)]), two_levels(8, 4)
    one_by_one = list(session.paint(scene, plan, Settings()))
    compiled = compilations(session)
    transfers = []
    real = level.to_host

    def counted(tensor: tf.Tensor) -> NDArray[Any]:
        transfers.append(tensor.shape)
        return real(tensor)

    for module in (level, compositor):
        monkeypatch.setattr(module, "to_host", counted)
    monkeypatch.setattr(session, "chunk", lambda level: 4)
    together = list(session.paint(scene, plan, Settings()))
    names = len(loss_names(RECIPES[RecipeName.STANDARD]))
    width, height = plan.result_size
    losses, picture = [(1, names)] * 5, (1, height, width, 3)
    assert transfers == [*losses, picture]
    assert [step.evaluation for step in together] == [1, 5, 8, 9, 12]
    assert compilations(session) == compiled  # the number of evaluations is no reason to compile again
    np.testing.assert_array_equal(together[-1].picture().rgb, one_by_one[-1].picture().rgb)


@pytest.mark.usefixtures("uncompiled")
def test_while_the_first_new_level_is_painted_the_next_are_compiled(cat: Picture, wave: Picture) -> None:
    """The picture is the same as when all of them were seen before."""
    session = Session(precision=Precision.FLOAT32)
    scene, plan = Scene(cat, [Style(wave)]), two_levels(3, 2)
    smaller, _ = plan.levels
    seen_from_afar = replace(RECIPES[plan.recipe], view=smaller.width)
    steps = session.paint_with(seen_from_afar, scene, plan, Settings())
    next(steps)
    waiting_until = time.monotonic() + LONGEST_WAIT
    while compilations(session) != [1, 1]:
        assert time.monotonic() < waiting_until
        time.sleep(0.05)
    *_, last = steps
    assert compilations(session) == [1, 1]
    *_, again = session.paint_with(seen_from_afar, scene, plan, Settings())
    np.testing.assert_array_equal(last.picture().rgb, again.picture().rgb)


def test_pictures_side_by_side_get_each_their_own(
    session: Session, cat: Picture, wave: Picture, scream: Picture
) -> None:
    """Also where one is stronger; alone, it is the same but for rounding, which grows from step to step."""
    plan = two_levels(6, 4)
    jobs = [
        (Scene(cat, [Style(wave)]), plan, Settings(seed=1)),
        (Scene(scream, [Style(cat)]), plan, Settings(seed=2, strength=90)),
    ]
    *_, last = session.paint_batch(jobs)
    alone = [result(session, *job) for job in jobs]
    for step, expected in zip(last, alone, strict=True):
        assert distance(step.picture(), expected) < 4
    assert distance(last[0].picture(), last[1].picture()) > 30


def test_a_picture_that_was_painted_beside_another_goes_on_alone(
    session: Session, cat: Picture, wave: Picture, scream: Picture
) -> None:
    first, second = Scene(cat, [Style(wave)]), Scene(scream, [Style(cat)])
    plan = two_levels(6, 4)
    kept: Checkpoint = {}
    for pair in session.paint_batch([(first, plan, Settings()), (second, plan, Settings())]):
        if pair[1].evaluation == 7:
            kept = stored(pair[1].checkpoint())
        expected = pair[1].picture()
    steps = list(session.paint(second, plan, Settings(), resume=kept))
    assert [step.evaluation for step in steps] == [7, 8, 9, 10]
    assert distance(steps[-1].picture(), expected) < 2


def test_what_is_painted_one_by_one_is_no_batch(session: Session, cat: Picture, wave: Picture) -> None:
    masked = Scene(cat, [Style(wave, mask=np.full((4, 4), 255, np.uint8))])
    with pytest.raises(ValueError, match="one by one"):
        next(session.paint_batch([(masked, plan_of(), Settings())]))


def test_bfloat16_paints_nearly_the_same(session: Session, cat: Picture, wave: Picture) -> None:
    """Within the distance that another seed makes, and to the same loss within a sixth."""
    scene, plan = Scene(cat, [Style(wave)]), one_level(16)
    *_, exact = session.paint(scene, plan, Settings())
    *_, coarse = session.paint(scene, plan.model_copy(update={"precision": Precision.BFLOAT16}), Settings())
    *_, other = session.paint(scene, plan, Settings(seed=1))
    assert coarse.losses["total"] == pytest.approx(exact.losses["total"], rel=0.15)
    assert 0 < distance(coarse.picture(), exact.picture()) < distance(other.picture(), exact.picture())


@pytest.mark.parametrize("after", [2, 6, 7, 9])
def test_goes_on_from_a_checkpoint_bit_for_bit(
    session: Session, cat: Picture, wave: Picture, after: int
) -> None:
    """Within a level, at its end, and within the next; over a file, and with other work in between."""
    scene, plan = Scene(cat, [Style(wave)]), two_levels(6, 4)
    kept: Checkpoint = {}
    for step in session.paint(scene, plan, Settings(seed=5)):
        if step.evaluation == after:
            kept = stored(step.checkpoint())
        expected = step.picture()
    paint(session, wave, cat)
    steps = list(session.paint(scene, plan, Settings(seed=5), resume=kept))
    assert [step.evaluation for step in steps] == list(range(after, 11))
    np.testing.assert_array_equal(steps[-1].picture().rgb, expected.rgb)


def test_a_tile_is_finished_bit_for_bit(session: Session, cat: Picture, wave: Picture) -> None:
    """Of the plan's first level alone, and shown at another size; it holds nothing of the way to it."""
    scene, plan, settings = Scene(cat, [Style(wave)]), two_levels(6, 4), Settings(seed=5)
    tile = plan.model_copy(update={"levels": plan.levels[:1], "width": 30, "height": 20})
    *_, last = session.paint(scene, tile, settings)
    assert (last.picture().width, last.picture().height) == (30, 20)
    kept = stored(last.checkpoint())
    assert {array.size for array in kept.values() if array.size > 100} == {kept["_accepted"].size}
    *_, expected = session.paint(scene, plan, settings)
    paint(session, wave, cat)
    *_, finished = session.paint(scene, plan, settings, resume=kept)
    np.testing.assert_array_equal(finished.picture().rgb, expected.picture().rgb)


def test_a_long_level_repeats_itself_bit_for_bit(session: Session, cat: Picture, wave: Picture) -> None:
    """With TensorFlow's arithmetic optimisation the last bits part after some ninety evaluations."""
    runs = [list(session.paint(Scene(cat, [Style(wave)]), two_levels(120, 1), Settings())) for _ in range(2)]
    assert [step.losses for step in runs[0]] == [step.losses for step in runs[1]]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # within Keras
def test_weights_that_were_replaced_under_their_name_are_others(tmp_path: Path) -> None:
    """Even by a file of the same length."""
    weights, network = tmp_path / "network.weights.h5", vgg.load()
    model = in_keras(network)
    model.save_weights(weights)
    size, before = weights.stat().st_size, vgg.digest(vgg.load(str(weights)))
    assert before == vgg.digest(network)
    kernel, bias = network.layers["block2_conv1"]
    model.get_layer("block2_conv1").set_weights([kernel * 1.5, bias])
    model.save_weights(weights)
    assert weights.stat().st_size == size
    changed = vgg.Network({**network.layers, "block2_conv1": [kernel * np.float32(1.5), bias]})
    assert vgg.digest(vgg.load(str(weights))) == vgg.digest(changed) != before


def test_statistics_are_taken_from_the_disk(
    session: Session, cat: Picture, wave: Picture, tmp_path: Path
) -> None:
    """Another process finds them, and paints the same with them."""
    scene, plan = Scene(cat, [Style(wave)]), two_levels()
    expected = result(session, scene, plan, Settings())
    first, second = (Session(statistics=StatisticsCache(tmp_path, 2**26)) for _ in range(2))
    np.testing.assert_array_equal(result(first, scene, plan, Settings()).rgb, expected.rgb)
    assert len(list(tmp_path.iterdir())) == 2  # a level each
    np.testing.assert_array_equal(result(second, scene, plan, Settings()).rgb, expected.rgb)
