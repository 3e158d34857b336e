"""What pictures start from: seeded, and as rough as asked."""

import numpy as np
import pytest
import tensorflow as tf

from engine.nst.noise import grain, noise, roughness, texture

SHAPE = 96, 128


def grey(value: float) -> tf.Tensor:
    return tf.fill([1, *SHAPE, 3], value)


@pytest.mark.parametrize("amplitude", [1.0, 12.0])
def test_white_noise_is_as_rough_as_its_amplitude(amplitude: float) -> None:
    image = grey(0.0) + noise(SHAPE, amplitude, 1, colours=1)

    np.testing.assert_allclose(roughness(image), [amplitude], rtol=0.05)


def test_what_changes_slowly_is_not_rough() -> None:
    ramp = tf.broadcast_to(tf.linspace(0.0, 255.0, SHAPE[1])[None, None, :, None], [1, *SHAPE, 3])

    assert float(roughness(ramp)[0]) < 0.1


@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (1, 1)])
def test_the_narrowest_image_has_a_roughness(shape: tuple[int, int]) -> None:
    assert np.isfinite(roughness(noise(shape, 10.0, 1))).all()


@pytest.mark.parametrize("amplitude", [1.0, 12.0])
def test_a_canvas_is_texture_as_much_as_it_is_rough(amplitude: float) -> None:
    image = grey(0.0) + noise(SHAPE, amplitude, 1, colours=1)

    assert texture(image) == pytest.approx(amplitude, rel=0.05)


def test_edges_between_flat_areas_are_rough_but_no_texture() -> None:
    graphic = np.zeros((1, *SHAPE, 3), np.float32)
    graphic[:, ::8] = 255

    assert float(roughness(graphic)[0]) > 20
    assert texture(graphic) == 0


def test_texture_is_that_of_the_visible_part() -> None:
    image = (grey(0.0) + noise(SHAPE, 10.0, 1, colours=1)).numpy()
    image[:, :, 30:] = 0
    visible = np.zeros(SHAPE, np.float32)
    visible[:, :29] = 1

    assert texture(tf.constant(image)) == 0
    assert texture(tf.constant(image), visible) == pytest.approx(10, rel=0.1)


def test_grain_adds_what_an_image_lacks_and_nothing_to_a_rough_one() -> None:
    smooth, rough = grey(0.0), grey(0.0) + noise(SHAPE, 20.0, 1, colours=1)
    images = tf.concat([smooth, rough], 0)

    grained = images + grain(images, tf.constant([10.0, 10.0]), [2, 3])

    np.testing.assert_allclose(roughness(grained), [10.0, 20.0], rtol=0.05)
    np.testing.assert_array_equal(grained[1], rough[0])


def test_a_seed_gives_one_sample_and_another_seed_another() -> None:
    first, again, other = (np.asarray(noise(SHAPE, 1.0, seed)) for seed in (1, 1, 2))

    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).mean() > 0.5
