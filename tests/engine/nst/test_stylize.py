"""The loop on the real network: it paints, it is repeatable, and it can be stopped."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from engine import catalogue, images
from engine.images import Picture
from engine.nst import losses
from engine.nst.planning import make_plan
from engine.nst.recipes import RECIPES
from engine.nst.speed import Speed
from engine.nst.stylize import Level as Loop
from engine.nst.stylize import LevelImages
from engine.protocol import JobRequest, Level, Owner, Plan, RecipeName, StyleChoice
from engine.studio import Step, Studio

CAT = Path("demo/photos/chelsea.png")


@pytest.fixture(scope="module")
def cat() -> Picture:
    return images.decode(CAT.read_bytes(), "picture")


@pytest.fixture(scope="module")
def wave() -> Picture:
    return images.decode(catalogue.image_path("great_wave").read_bytes(), "style image")


def plan_of(evaluations: int = 4) -> Plan:
    return plan_for(Picture(np.zeros((300, 451, 3), np.uint8), None), evaluations)


def plan_for(content: Picture, evaluations: int = 4) -> Plan:
    request = JobRequest(
        owner=Owner(guild="1", user="2"),
        styles=(StyleChoice(name="great_wave"),),
        recipe=RecipeName.DRAFT,
        size=64,
        evaluations=evaluations,
    )
    return make_plan(request, content.width, content.height, Speed(0.01, 3.0))


def paint(
    studio: Studio, cat: Picture, wave: Picture, *, seed: int = 0, strength: int = 50, evaluations: int = 4
) -> list[Step]:
    return list(studio.paint(cat, [(wave, 1.0)], plan_of(evaluations), strength=strength, seed=seed))


def test_the_losses_fall(studio: Studio, cat: Picture, wave: Picture) -> None:
    plan = Plan(
        recipe=RecipeName.STANDARD,
        levels=(Level(width=48, height=32, evaluations=12), Level(width=96, height=64, evaluations=8)),
        seconds=1,
    )
    steps = list(studio.paint(cat, [(wave, 1.0)], plan, strength=50, seed=0))
    assert [step.evaluation for step in steps] == list(range(1, 21))
    assert [step.width for step in steps] == [48] * 12 + [96] * 8
    assert steps[-1].progress == 1
    first, last = ([step for step in steps if step.level == level] for level in (0, 1))
    for level in (first, last):
        assert min(step.losses["total"] for step in level) < 0.5 * level[0].losses["total"]
    assert last[0].losses["total"] < first[0].losses["total"]  # the change is carried over


def test_every_picture_has_the_final_size(studio: Studio, cat: Picture, wave: Picture) -> None:
    for step in paint(studio, cat, wave):
        assert (step.picture().width, step.picture().height) == (64, 40)


def test_same_seed_same_picture(studio: Studio, cat: Picture, wave: Picture) -> None:
    first, again, other = (paint(studio, cat, wave, seed=seed)[-1].picture().rgb for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.mean(np.abs(first.astype(int) - other.astype(int))) > 0.5


def test_strength_moves_from_content_to_style(studio: Studio, cat: Picture, wave: Picture) -> None:
    distances = [
        paint(studio, cat, wave, strength=strength, evaluations=10)[-1].losses["content"]
        for strength in (0, 50, 100)
    ]
    assert distances == sorted(distances)
    assert distances[2] > 1.5 * distances[0]


def test_alpha_is_put_back(studio: Studio, cat: Picture, wave: Picture) -> None:
    alpha = np.zeros(cat.rgb.shape[:2], np.uint8)
    alpha[:, 200:] = 255
    result = paint(studio, Picture(cat.rgb, alpha), wave)[-1].picture()
    assert result.alpha is not None
    assert result.alpha[:, :20].max() == 0
    assert result.alpha[:, 40:].min() == 255


def test_mixing_lies_between(studio: Studio, cat: Picture, wave: Picture) -> None:
    scream = images.decode(catalogue.image_path("the_scream").read_bytes(), "style image")
    red = {}
    for name, mix in {
        "wave": [(wave, 1.0)],
        "both": [(wave, 1.0), (scream, 1.0)],
        "scream": [(scream, 1.0)],
    }.items():
        steps = list(studio.paint(cat, mix, plan_of(8), strength=100, seed=0))
        mean = steps[-1].picture().rgb.reshape(-1, 3).mean(0)
        red[name] = mean[0] - mean[2]
    assert min(red["wave"], red["scream"]) < red["both"] < max(red["wave"], red["scream"])


def test_closing_stops_the_loop(studio: Studio, cat: Picture, wave: Picture) -> None:
    steps = studio.paint(cat, [(wave, 1.0)], plan_of(), strength=50, seed=0)
    kept = next(steps)
    steps.close()
    assert kept.picture().width == 64
    assert list(steps) == []


def test_a_second_job_of_the_same_shape_compiles_nothing(studio: Studio, cat: Picture, wave: Picture) -> None:
    paint(studio, cat, wave)
    loops = list(studio.levels)
    before = [loop.evaluate.experimental_get_tracing_count() for loop in loops]
    paint(studio, cat, wave, seed=3, strength=80)
    assert list(studio.levels) == loops
    assert [loop.evaluate.experimental_get_tracing_count() for loop in loops] == before
    assert set(before) == {1}


def test_a_study_has_the_style_and_not_the_picture(studio: Studio, wave: Picture) -> None:
    levels = [Level(width=96, height=64, evaluations=25)]
    steps = list(studio.study(wave, levels, seed=0))
    assert min(step.losses["total"] for step in steps) < 0.2 * steps[0].losses["total"]
    assert {"block1_conv1", "block1_conv1 1/2", "block5_conv1 1/4"} <= set(steps[0].losses)


def test_the_narrowest_pictures_can_be_painted(studio: Studio, wave: Picture) -> None:
    """As narrow as the limits allow, and more: every pooling needs two pixels."""
    strip = Picture(np.random.default_rng(0).integers(0, 256, (32, 2000, 3), np.uint8), None)
    steps = list(studio.paint(strip, [(strip, 1.0), (wave, 1.0)], plan_for(strip), strength=50, seed=0))
    assert (steps[-1].picture().width, steps[-1].picture().height) == (64, 16)


def test_nothing_of_an_earlier_job_shows_when_no_loss_is_a_number(network: keras.Model) -> None:
    """The loop's variables are used again by the next job of the same shape, which may be somebody else's."""
    level = Loop(network, RECIPES[RecipeName.STANDARD], (32, 32))
    earlier, later = tf.fill([1, 32, 32, 3], 90.0), tf.fill([1, 32, 32, 3], -90.0)
    grams = tuple(losses.gram(feature) for feature in level.features(earlier)[:-1])
    list(level.run(LevelImages(earlier, grams, 2), tf.zeros_like(earlier), strength=50))
    unusable = tuple(tf.fill(layer.shape, np.nan) for layer in grams)
    *_, (_, change) = level.run(LevelImages(later, unusable, 2), tf.ones_like(later), strength=50)
    np.testing.assert_allclose(change, 1.0, atol=1e-4)
