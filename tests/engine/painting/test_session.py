"""Painting with the real network: it paints, it is repeatable, and it can be stopped and gone on with."""

import time
from dataclasses import replace
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from engine import images
from engine.images import Picture, resize
from engine.nst import level, losses, pixels
from engine.nst.level import Checkpoint, WholeLevel
from engine.nst.objective import loss_names
from engine.nst.recipes import RECIPES
from engine.painting import compositor
from engine.painting.progress import Step
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.painting.statistics_cache import StatisticsCache
from engine.planning.cost_model import Speed
from engine.planning.planner import make_plan
from engine.protocol import Colours, Level, Plan, Precision, RecipeName, Settings, Start
from engine.styles import catalogue

pytestmark = pytest.mark.integration

LONGEST_WAIT = 120.0  # seconds
CAT = Path("demo/photos/chelsea.png")


@pytest.fixture(scope="module")
def cat() -> Picture:
    return images.decode(CAT.read_bytes(), "content")


@pytest.fixture(scope="module")
def wave() -> Picture:
    return images.decode(catalogue.image_path("great_wave").read_bytes(), "style")


@pytest.fixture(scope="module")
def scream() -> Picture:
    return images.decode(catalogue.image_path("the_scream").read_bytes(), "style")


def plan_of(evaluations: int = 4) -> Plan:
    return plan_for(Picture(np.zeros((300, 451, 3), np.uint8), None), evaluations)


def plan_for(content: Picture, evaluations: int = 4) -> Plan:
    settings = Settings(recipe=RecipeName.DRAFT, size=64, evaluations=evaluations)
    return make_plan(settings, content.width, content.height, Speed(0.01, 3.0))


def two_levels(first: int = 6, second: int = 4) -> Plan:
    levels = (
        Level(width=48, height=32, evaluations=first),
        Level(width=96, height=64, evaluations=second),
    )
    return Plan(recipe=RecipeName.STANDARD, levels=levels, seconds=1)


def paint(
    session: Session, cat: Picture, wave: Picture, *, seed: int = 0, strength: int = 50, evaluations: int = 4
) -> list[Step]:
    settings = Settings(seed=seed, strength=strength)
    return list(session.paint(Scene(cat, [Style(wave)]), plan_of(evaluations), settings))


def result(session: Session, scene: Scene, plan: Plan, settings: Settings) -> Picture:
    *_, last = session.paint(scene, plan, settings)
    return last.picture()


def distance(one: Picture, other: Picture) -> float:
    """Mean absolute difference in grey levels."""
    return float(np.mean(np.abs(one.rgb.astype(int) - other.rgb)))


def test_the_tutorial_starts_from_the_content_image_itself(session: Session) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    style = Picture(255 - rgb, None)
    plan = make_plan(Settings(recipe=RecipeName.TUTORIAL, size=64), 64, 48, Speed(0.01, 3.0))
    first = next(session.paint(Scene(Picture(rgb), [Style(style)]), plan, Settings(seed=7)))
    assert first.losses["content"] == 0
    np.testing.assert_array_equal(first.picture().rgb, rgb)


def test_the_losses_fall(session: Session, cat: Picture, wave: Picture) -> None:
    steps = list(session.paint(Scene(cat, [Style(wave)]), two_levels(12, 8), Settings()))
    assert [step.evaluation for step in steps] == list(range(1, 21))
    assert [step.width for step in steps] == [48] * 12 + [96] * 8
    assert steps[-1].progress == 1
    first, last = ([step for step in steps if step.level == number] for number in (0, 1))
    for steps in (first, last):
        assert min(step.losses["total"] for step in steps) < 0.6 * steps[0].losses["total"]
    assert last[0].losses["total"] < first[0].losses["total"]  # the change is carried over


def test_every_picture_has_the_final_size(session: Session, cat: Picture, wave: Picture) -> None:
    for step in paint(session, cat, wave):
        assert (step.picture().width, step.picture().height) == (64, 43)


def test_same_seed_same_picture(session: Session, cat: Picture, wave: Picture) -> None:
    first, again, other = (paint(session, cat, wave, seed=seed)[-1].picture().rgb for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.mean(np.abs(first.astype(int) - other.astype(int))) > 0.5


def test_strength_moves_from_content_to_style(session: Session, cat: Picture, wave: Picture) -> None:
    distances = [
        paint(session, cat, wave, strength=strength, evaluations=30)[-1].losses["content"]
        for strength in (0, 50, 100)
    ]
    assert distances == sorted(distances)
    assert distances[2] > 1.25 * distances[0]


def test_lights_and_darks_stay_where_they_are_unless_all_is_style(
    session: Session, cat: Picture, wave: Picture
) -> None:
    recipes = RECIPES[RecipeName.STANDARD], replace(RECIPES[RecipeName.STANDARD], tones=0.0)
    alike: dict[int, list[float]] = {50: [], 100: []}
    for strength, recipe in product(alike, recipes):
        steps = session.paint_with(
            recipe, Scene(cat, [Style(wave)]), plan_of(20), Settings(strength=strength)
        )
        *_, last = (step.picture() for step in steps)
        ours, theirs = (
            losses.tones(pixels.to_tensor(each.rgb)) for each in (last, resize(cat, last.width, last.height))
        )
        alike[strength].append(float(tf.reduce_sum(ours * theirs)))
    assert alike[50][0] > alike[50][1] + 0.05
    assert alike[100][0] == pytest.approx(alike[100][1], abs=1e-3)


def test_alpha_is_put_back(session: Session, cat: Picture, wave: Picture) -> None:
    alpha = np.zeros(cat.rgb.shape[:2], np.uint8)
    alpha[:, 200:] = 255
    result = paint(session, Picture(cat.rgb, alpha), wave)[-1].picture()
    assert result.alpha is not None
    assert result.alpha[:, :20].max() == 0
    assert result.alpha[:, 40:].min() == 255


def test_mixing_lies_between(session: Session, cat: Picture, wave: Picture, scream: Picture) -> None:
    red = {}
    for name, mix in {
        "wave": [Style(wave)],
        "both": [Style(wave), Style(scream)],
        "scream": [Style(scream)],
    }.items():
        mean = result(session, Scene(cat, mix), plan_of(8), Settings(strength=100)).rgb.reshape(-1, 3).mean(0)
        red[name] = mean[0] - mean[2]
    assert min(red["wave"], red["scream"]) < red["both"] < max(red["wave"], red["scream"])


def test_closing_stops_the_loop(session: Session, cat: Picture, wave: Picture) -> None:
    steps = session.paint(Scene(cat, [Style(wave)]), plan_of(), Settings())
    kept = next(steps)
    steps.close()
    assert kept.picture().width == 64
    assert list(steps) == []


def compilations(session: Session) -> list[int]:
    levels = [loop for loop in session.loops if isinstance(loop, WholeLevel)]
    return [level.evaluate.experimental_get_tracing_count() for level in levels]


def test_a_second_job_of_the_same_shape_compiles_nothing(
    session: Session, cat: Picture, wave: Picture
) -> None:
    paint(session, cat, wave)
    loops, compiled = list(session.loops), compilations(session)
    paint(session, cat, wave, seed=3, strength=80)
    assert list(session.loops) == loops
    assert compilations(session) == compiled


def test_it_tells_which_levels_of_a_plan_are_compiled(cat: Picture, wave: Picture) -> None:
    """A draft goes over the same loops as a standard painting."""
    session, plan = Session(precision=Precision.FLOAT32), two_levels(1, 1)
    assert session.compiled(plan) == (False, False)
    smaller = plan.model_copy(update={"levels": plan.levels[:1]})
    list(session.paint(Scene(cat, [Style(wave)]), smaller, Settings()))
    draft = plan.model_copy(update={"recipe": RecipeName.DRAFT})
    assert session.compiled(plan) == session.compiled(draft) == (True, False)
    assert session.compiled(plan, pictures=2) == (False, False)
    other = plan.model_copy(update={"precision": Precision.BFLOAT16})
    assert session.compiled(other) == (False, False)


@pytest.mark.parametrize(("evaluations", "chunk"), [(1, 1), (8, 2), (40, 10), (1000, 20)])
def test_even_a_fast_device_shows_a_level_several_times(
    session: Session, monkeypatch: pytest.MonkeyPatch, evaluations: int, chunk: int
) -> None:
    monkeypatch.setattr(session, "_speed", Speed(overhead=0.0, per_megapixel=0.001))
    assert session.chunk(Level(width=64, height=64, evaluations=evaluations)) == chunk


def test_several_evaluations_are_one_call_and_one_transfer(
    cat: Picture, wave: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop on the device paints the very picture that the one driven from here paints."""
    session = Session(precision=Precision.FLOAT32)
    scene, plan = Scene(cat, [Style(wave)]), two_levels(8, 4)
    one_by_one = list(session.paint(scene, plan, Settings()))
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
    assert set(compilations(session)) == {1}  # the number of evaluations is no reason to compile again
    np.testing.assert_array_equal(together[-1].picture().rgb, one_by_one[-1].picture().rgb)


def test_while_the_first_new_level_is_painted_the_next_are_compiled(cat: Picture, wave: Picture) -> None:
    """The picture is the same as when all of them were seen before."""
    session = Session(precision=Precision.FLOAT32)
    scene, plan = Scene(cat, [Style(wave)]), two_levels(3, 2)
    steps = session.paint(scene, plan, Settings())
    next(steps)
    waiting_until = time.monotonic() + LONGEST_WAIT
    while compilations(session) != [1, 1]:
        assert time.monotonic() < waiting_until
        time.sleep(0.05)
    *_, last = steps
    assert compilations(session) == [1, 1]
    np.testing.assert_array_equal(last.picture().rgb, result(session, scene, plan, Settings()).rgb)


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
    scene, plan = Scene(cat, [Style(wave)]), two_levels(12, 8)
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


def stored(checkpoint: Checkpoint) -> Checkpoint:
    file = BytesIO()
    np.savez(file, **checkpoint)  # type: ignore[arg-type]  # its stub takes the first name for a flag
    file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        return dict(archive)


def test_a_mask_leaves_the_rest_untouched(session: Session, cat: Picture, wave: Picture) -> None:
    mask = np.zeros((30, 45), np.uint8)
    mask[:, :22] = 255
    plan = two_levels(10, 6)
    painted = result(session, Scene(cat, [Style(wave, mask=mask)]), plan, Settings(strength=80))
    content = images.resize(cat, 96, 64)
    changed = np.abs(painted.rgb.astype(int) - content.rgb).mean(-1)
    assert changed[:, 52:].max() == 0
    assert changed[:, :44].mean() > 15


def test_each_style_goes_where_its_mask_is(
    session: Session, cat: Picture, wave: Picture, scream: Picture
) -> None:
    """One with a mask, the other takes the rest: the scream is red, the wave is not."""
    mask = np.zeros((30, 45), np.uint8)
    mask[:, :22] = 255
    scene = Scene(cat, [Style(scream, mask=mask), Style(wave)])
    rgb = result(session, scene, two_levels(12, 8), Settings(strength=100)).rgb.astype(int)
    redness = (rgb[..., 0] - rgb[..., 2]).mean(0)
    assert redness[:40].mean() > redness[56:].mean() + 20


def test_what_is_transparent_has_no_say(session: Session, cat: Picture, wave: Picture) -> None:
    """Colours that nobody sees do not change how the rest is painted."""
    alpha = np.full(cat.rgb.shape[:2], 255, np.uint8)
    alpha[:, :200] = 0
    pictures = []
    for hidden in (0, 255):
        rgb = cat.rgb.copy()
        rgb[:, :160] = hidden
        pictures.append(result(session, Scene(Picture(rgb, alpha), [Style(wave)]), two_levels(), Settings()))
    seen = [picture.rgb[:, 70:].astype(int) for picture in pictures]
    assert np.abs(seen[0] - seen[1]).mean() < 3


def test_colours_are_kept_or_matched(session: Session, cat: Picture, wave: Picture) -> None:
    """The cat is warm, the wave is cold."""

    def warmth(colours: Colours) -> float:
        rgb = result(session, Scene(cat, [Style(wave)]), two_levels(), Settings(colours=colours)).rgb
        return float((rgb[..., 0].astype(int) - rgb[..., 2]).mean())

    content = float((cat.rgb[..., 0].astype(int) - cat.rgb[..., 2]).mean())
    painted, kept, matched = (warmth(colours) for colours in Colours)
    assert painted < content / 2
    assert kept == pytest.approx(content, abs=6)
    assert matched == pytest.approx(content, abs=15)


def test_larger_strokes_are_smoother(session: Session, cat: Picture, wave: Picture) -> None:
    rough = []
    for scale in (0.5, 4.0):
        settings = Settings(style_scale=scale, strength=100)
        luma = result(session, Scene(cat, [Style(wave)]), two_levels(20, 20), settings).rgb.mean(-1)
        rough.append(np.abs(np.diff(luma, axis=1)).mean())
    assert rough[0] > 1.05 * rough[1]


def test_a_long_level_repeats_itself_bit_for_bit(session: Session, cat: Picture, wave: Picture) -> None:
    """With TensorFlow's arithmetic optimisation the last bits part after some ninety evaluations."""
    runs = [list(session.paint(Scene(cat, [Style(wave)]), two_levels(120, 1), Settings())) for _ in range(2)]
    assert [step.losses for step in runs[0]] == [step.losses for step in runs[1]]


def test_goes_on_from_an_earlier_result(session: Session, cat: Picture, wave: Picture) -> None:
    """It is seen with all its details also while a smaller level is painted."""
    earlier = result(session, Scene(cat, [Style(wave)]), two_levels(12, 8), Settings(strength=90))
    settings = Settings(start=Start.PREVIOUS, strength=90)
    scene = Scene(cat, [Style(wave)], previous=earlier)
    steps = list(session.paint(scene, two_levels(1, 2), settings))
    assert all(distance(step.picture(), earlier) < 2 for step in steps)
    *_, afresh = session.paint(Scene(cat, [Style(wave)]), two_levels(1, 2), Settings(strength=90))
    assert steps[-1].losses["total"] < 0.5 * afresh.losses["total"]


def test_more_and_less_style_change_an_earlier_result(session: Session, cat: Picture, wave: Picture) -> None:
    plan = two_levels(20, 10)
    earlier = list(session.paint(Scene(cat, [Style(wave)]), two_levels(40, 20), Settings()))[-1]
    scene = Scene(cat, [Style(wave)], previous=earlier.picture())
    less, more = (
        list(session.paint(scene, plan, Settings(start=Start.PREVIOUS, strength=strength)))[-1].likeness()
        for strength in (20, 80)
    )
    kept = earlier.likeness().content_kept
    assert less.content_kept > kept + 5 > kept - 5 > more.content_kept


def test_noise_forgets_the_content_at_first(session: Session, cat: Picture, wave: Picture) -> None:
    first, *_ = session.paint(Scene(cat, [Style(wave)]), two_levels(), Settings(start=Start.NOISE))
    assert first.losses["content"] > 0.5


def test_an_animation_goes_from_frame_to_frame(session: Session, cat: Picture, wave: Picture) -> None:
    """Each starts from the one before, so that what does not move does not flicker."""
    plan = two_levels(6, 4).model_copy(update={"frames": 3, "frame_evaluations": 2})
    still = Scene(cat, [Style(wave)], frames=[cat, Picture(cat.rgb[:, ::-1].copy())])
    kept: Checkpoint = {}
    steps = []
    for step in session.paint(still, plan, Settings()):
        steps.append(step)
        if (step.frame, step.evaluation) == (1, 12):
            kept = stored(step.checkpoint())
    assert [step.frame for step in steps] == [0] * 10 + [1] * 2 + [2] * 2
    assert (steps[-1].evaluation, steps[-1].evaluations, steps[-1].progress) == (14, 14, 1.0)
    assert distance(steps[9].picture(), steps[11].picture()) < 8
    assert distance(steps[9].picture(), steps[13].picture()) > 20
    again = list(session.paint(still, plan, Settings(), resume=kept))
    assert [(step.frame, step.evaluation) for step in again] == [(0, 10), (1, 12), (2, 13), (2, 14)]
    for number, step in zip((9, 11, 13), (again[0], again[1], again[3]), strict=True):
        np.testing.assert_array_equal(step.picture().rgb, steps[number].picture().rgb)


def test_percentages_say_how_far_it_went(session: Session, cat: Picture, wave: Picture) -> None:
    plan = two_levels(12, 8)
    first, *_, weak = session.paint(Scene(cat, [Style(wave)]), plan, Settings(strength=0))
    *_, strong = session.paint(Scene(cat, [Style(wave)]), plan, Settings(strength=100))
    assert first.likeness().style_reached < 25
    assert first.likeness().content_kept > 75
    assert weak.likeness().style_reached < strong.likeness().style_reached
    assert weak.likeness().content_kept > strong.likeness().content_kept
    assert strong.likeness().style_reached > 40


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


def test_a_study_has_the_style_and_not_the_picture(session: Session, wave: Picture) -> None:
    levels = [Level(width=96, height=64, evaluations=25)]
    steps = list(session.study(wave, levels, seed=0))
    assert min(step.losses["total"] for step in steps) < 0.2 * steps[0].losses["total"]
    assert {"block1_conv1", "block1_conv1 1/2", "block5_conv1 1/4"} <= set(steps[0].losses)


def test_the_narrowest_pictures_can_be_painted(session: Session, wave: Picture) -> None:
    """As narrow as the limits allow, and more: every pooling needs two pixels."""
    strip = Picture(np.random.default_rng(0).integers(0, 256, (32, 2000, 3), np.uint8), None)
    steps = list(session.paint(Scene(strip, [Style(strip), Style(wave)]), plan_for(strip), Settings()))
    assert (steps[-1].picture().width, steps[-1].picture().height) == (64, 1)
