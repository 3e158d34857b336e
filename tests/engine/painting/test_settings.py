"""What the settings of a job do to its picture, painted with the real network."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import tensorflow as tf

from engine.images import Picture, resize
from engine.nst import losses, pixels, subject, vgg
from engine.nst.recipes import RECIPES
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.protocol import Colours, Precision, RecipeName, Settings, Start
from tests.engine.painting.scenes import distance, paint, plan_of, result, two_levels

pytestmark = pytest.mark.integration


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


def test_strength_0_is_the_photo(session: Session, cat: Picture, wave: Picture) -> None:
    last = paint(session, cat, wave, strength=0)[-1].picture()
    assert distance(last, resize(cat, last.width, last.height)) < 1


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
            subject.tones(losses.locations(subject.thumbnail(pixels.to_tensor(each.rgb))))
            for each in (last, resize(cat, last.width, last.height))
        )
        alike[strength].append(float(tf.reduce_sum(ours * theirs)))
    assert alike[50][0] > alike[50][1] + 0.05
    assert alike[100][0] == pytest.approx(alike[100][1], abs=1e-3)


def test_structure_keeps_what_is_where(session: Session, cat: Picture, wave: Picture) -> None:
    standard = RECIPES[RecipeName.STANDARD]
    features = vgg.features_of(session.network, ("block5_conv2",), Precision.FLOAT32, reduced=False)
    unlike = []
    for recipe in (standard, replace(standard, structure=())):
        *_, last = session.paint_with(recipe, Scene(cat, [Style(wave)]), plan_of(20), Settings())
        ours, theirs = (
            pixels.to_tensor(each.rgb) for each in (last.picture(), resize(cat, *plan_of(20).result_size))
        )
        targets = subject.subject_targets(theirs, [features(theirs)[0].exact])
        unlike.append(float(subject.unlike_structure([features(ours)[0].exact], targets)[0][0]))
    assert unlike[0] < 0.9 * unlike[1]


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


def test_percentages_say_how_far_it_went(session: Session, cat: Picture, wave: Picture) -> None:
    plan = two_levels(12, 8)
    first, *_, weak = session.paint(Scene(cat, [Style(wave)]), plan, Settings(strength=0))
    *_, strong = session.paint(Scene(cat, [Style(wave)]), plan, Settings(strength=100))
    assert first.likeness().style_reached < 25
    assert first.likeness().content_kept > 75
    assert weak.likeness().style_reached < strong.likeness().style_reached
    assert weak.likeness().content_kept > strong.likeness().content_kept
    assert strong.likeness().style_reached > 40
