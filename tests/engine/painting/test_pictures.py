"""Every kind of picture is painted with the real network: masked, transparent, moving, narrow."""

import numpy as np
import pytest

from engine import images
from engine.images import Picture
from engine.nst import colour
from engine.nst.level import Checkpoint
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.planning.cost_model import Speed
from engine.planning.planner import make_plan
from engine.protocol import Colours, Level, RecipeName, Settings
from tests.engine.painting.scenes import distance, one_level, paint, plan_for, result, stored, two_levels

pytestmark = pytest.mark.integration


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


def test_alpha_is_put_back(session: Session, cat: Picture, wave: Picture) -> None:
    alpha = np.zeros(cat.rgb.shape[:2], np.uint8)
    alpha[:, 200:] = 255
    result = paint(session, Picture(cat.rgb, alpha), wave)[-1].picture()
    assert result.alpha is not None
    assert result.alpha[:, :20].max() == 0
    assert result.alpha[:, 40:].min() == 255


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
    rgb = result(session, scene, one_level(16), Settings(strength=100)).rgb.astype(int)
    redness = (rgb[..., 0] - rgb[..., 2]).mean(0)
    assert redness[:40].mean() > redness[56:].mean() + 20


def test_what_is_transparent_has_no_say(session: Session, cat: Picture, wave: Picture) -> None:
    """Colours that nobody sees do not change how the rest is painted."""
    small = images.resize(cat, 96, 64)  # as large as a level, so that none is scaled
    alpha = np.full((64, 96), 255, np.uint8)
    alpha[:, :48] = 0
    pictures = []
    for hidden in (0, 255):
        rgb = small.rgb.copy()
        rgb[:, :48] = hidden
        pictures.append(result(session, Scene(Picture(rgb, alpha), [Style(wave)]), one_level(6), Settings()))
    first, second = (picture.rgb[:, 48:] for picture in pictures)
    np.testing.assert_array_equal(first, second)


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


def test_noise_is_no_content_but_stays_where_nothing_is_painted(
    session: Session, cat: Picture, wave: Picture
) -> None:
    sample = np.random.default_rng(0).normal(0, 20, (64, 96, 3))
    clean = images.resize(cat, 96, 64)
    noisy = Picture(np.clip(clean.rgb + sample, 0, 255).astype(np.uint8))
    right = np.zeros((64, 96), np.uint8)
    right[:, 48:] = 255
    scene = Scene(noisy, [Style(wave, mask=right)])
    first = next(session.paint(scene, one_level(1), Settings(strength=0))).picture()
    np.testing.assert_array_equal(first.rgb[:, :44], noisy.rgb[:, :44])
    noise, left = sample[:, 52:], first.rgb[:, 52:] - clean.rgb[:, 52:].astype(float)
    assert np.vdot(left, noise) / np.vdot(noise, noise) < 0.4


@pytest.mark.parametrize("colours", list(Colours))
def test_what_is_made_of_grey_is_grey(
    session: Session, cat: Picture, wave: Picture, colours: Colours
) -> None:
    grey_cat, grey_wave = (Picture(colour.grey(each.rgb)) for each in (cat, wave))
    painted = result(session, Scene(grey_cat, [Style(grey_wave)]), two_levels(), Settings(colours=colours))
    assert np.ptp(painted.rgb, axis=-1).max() == 0
    assert distance(painted, images.resize(grey_cat, painted.width, painted.height)) > 5


def test_a_grey_photo_takes_the_colours_of_a_style(session: Session, cat: Picture, wave: Picture) -> None:
    scene = Scene(Picture(colour.grey(cat.rgb)), [Style(wave)])
    painted = result(session, scene, two_levels(), Settings(strength=80))
    assert np.ptp(painted.rgb, axis=-1).mean() > 10


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
