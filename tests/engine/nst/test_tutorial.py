"""The recipe `tutorial` is the 2018 notebook: each of its numbers, against values computed by hand."""

import numpy as np
import pytest
import tensorflow as tf

from engine.nst import losses, pixels, vgg
from engine.nst.adam import Adam, AdamSettings
from engine.nst.level import LevelImages, WholeLevel, structure_of
from engine.nst.objective import layer_weight
from engine.nst.recipes import RECIPES
from engine.planning.cost_model import Speed
from engine.planning.planner import make_plan
from engine.protocol import RecipeName, Settings
from tests.engine.nst.features import moments
from tests.engine.nst.targets import targets_of

TUTORIAL = RECIPES[RecipeName.TUTORIAL]


def request(size: int | None = None) -> Settings:
    return Settings(recipe=RecipeName.TUTORIAL, size=size)


def test_layers() -> None:
    assert TUTORIAL.content_layer == "block5_conv2"
    (octave,) = TUTORIAL.octaves
    assert octave.style_layers == (
        "block1_conv1",
        "block2_conv1",
        "block3_conv1",
        "block4_conv1",
        "block5_conv1",
    )
    assert layer_weight(TUTORIAL) == 0.2


@pytest.mark.parametrize(
    ("width", "height", "scaled"),
    [(1024, 683, (512, 342)), (683, 1024, (342, 512)), (100, 75, (512, 384)), (513, 511, (512, 510))],
)
def test_long_side_becomes_512_by_rounding_up_or_down(
    width: int, height: int, scaled: tuple[int, int]
) -> None:
    plan = make_plan(request(), width, height, Speed(0.01, 3.0))
    assert [(level.width, level.height, level.evaluations) for level in plan.levels] == [(*scaled, 1000)]


def test_size_is_512_unless_told_otherwise_however_slow_the_machine() -> None:
    assert make_plan(request(), 512, 512, Speed(10.0, 1000.0)).levels[0].evaluations == 1000
    assert make_plan(request(size=100), 512, 512, Speed(0.01, 3.0)).levels[0].width == 100


def test_preprocessing_is_bgr_minus_the_mean() -> None:
    pixel = np.array([[[10, 20, 30]]], np.uint8)
    np.testing.assert_allclose(
        pixels.to_tensor(pixel).numpy(), [[[[30 - 103.939, 20 - 116.779, 10 - 123.68]]]], rtol=1e-6
    )


def test_gram_is_divided_by_the_number_of_locations() -> None:
    features = tf.constant([[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]])
    # 1+9+25+49, 2+12+30+56, 4+16+36+64, over 4 locations
    np.testing.assert_allclose(losses.gram_of(moments(features)).numpy(), [[[21.0, 25.0], [25.0, 30.0]]])


def test_errors_are_plain_means_of_squares() -> None:
    value, target = tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([[1.0, 0.0], [0.0, 0.0]])
    assert losses.error(value, target, normalised=False).numpy() == pytest.approx(29 / 4)


def test_total_loss(network: vgg.Network) -> None:
    """1e-2 times the mean of the five layers' losses plus 1e3 times the content loss."""
    level = WholeLevel(network, structure_of(TUTORIAL, (32, 48)))
    content, style = tf.zeros([1, 32, 48, 3]), tf.random.stateless_normal([1, 32, 48, 3], (1, 2)) * 50
    start = tf.ones([1, 32, 48, 3])
    _, values, _ = next(level.run(LevelImages(content, targets_of(level, content, style), 1), start))
    total, content_loss, *style_layers = values[0].astype(np.float64)
    assert total == pytest.approx(1e-2 * np.mean(style_layers) + 1e3 * content_loss, rel=1e-5)
    ours, theirs = (level.content_targets(image)[0].numpy() for image in (start, content))
    assert content_loss == pytest.approx(np.mean((ours - theirs) ** 2), rel=1e-4)


def test_adam_is_the_tutorials() -> None:
    """Learning rate 5, beta1 0.99, beta2 0.999, epsilon 0.1, worked out for two steps of one number."""
    adam = Adam(AdamSettings(), 1)
    adam.reset(tf.constant([[100.0]]))
    adam.advance(tf.constant([0.0]), tf.constant([[3.0]]))
    # m = .03, v = .009, rate = 5 sqrt(.001) / .01 = 15.811388; 15.811388 * .03 / (.09486833 + .1)
    assert adam.point.numpy()[0, 0] == pytest.approx(100 - 2.434189, abs=1e-4)
    adam.advance(tf.constant([0.0]), tf.constant([[-1.0]]))
    # m = .0197, v = .009991, rate = 5 sqrt(.001999) / .0199 = 11.233709; * .0197 / (.09995499 + .1)
    assert adam.point.numpy()[0, 0] == pytest.approx(97.565811 - 1.106774, abs=1e-4)


def test_each_step_is_clipped_to_what_a_byte_can_hold() -> None:
    adam = TUTORIAL.optimiser.build(1)
    for upstream, bounds in ((1e6, -pixels.MEAN), (-1e6, 255 - pixels.MEAN)):
        adam.reset(tf.zeros([1, 3]))
        for _ in range(60):
            adam.advance(tf.constant([0.0]), tf.constant([[upstream] * 3]))
        np.testing.assert_allclose(adam.point.numpy()[0], bounds, rtol=1e-6)


def test_keeps_the_image_that_had_the_lowest_loss(network: vgg.Network) -> None:
    """The notebook stores the image after the step that its best loss was computed before; this one
    doesn't.
    """
    level = WholeLevel(network, structure_of(TUTORIAL, (32, 32)))
    content = tf.random.stateless_normal([1, 32, 32, 3], (3, 4)) * 30
    targets = targets_of(level, content, content * 0.5 + 20)
    best, best_loss = None, np.inf
    for _, values, found in level.run(LevelImages(content, targets, 12), tf.zeros_like(content)):
        best = found
        best_loss = min(best_loss, float(values[0, 0]))
    assert best is not None
    _, again, _ = next(level.run(LevelImages(content, targets, 1), best - content))
    assert float(again[0, 0]) == pytest.approx(best_loss, rel=1e-4)


def test_weights_of_the_two_losses() -> None:
    assert (TUTORIAL.style_weight, TUTORIAL.content_weight) == (1e-2, 1e3)
    assert not TUTORIAL.normalised
    assert TUTORIAL.noise == 0
    assert TUTORIAL.enlarges_style
