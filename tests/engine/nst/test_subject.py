"""What keeps a subject: what is where, lights and darks, and the distances of colours."""

import numpy as np
import pytest
import tensorflow as tf

from engine.nst import subject
from engine.nst.losses import locations
from tests.engine.nst.features import features

LEFT = np.s_[:, :, :48]  # of pictures 96 pixels wide


def picture(seed: int = 0) -> tf.Tensor:
    """(1, 64, 96, 3), lighter to the right."""
    return 40 * features(64, 96, 3, seed=seed) + tf.linspace(-60.0, 60.0, 96)[None, None, :, None]


def colours(image: tf.Tensor) -> tf.Tensor:
    return locations(subject.thumbnail(image))


def unlike(image: tf.Tensor, layer: tf.Tensor, targets: subject.SubjectTargets) -> tuple[float, float, float]:
    """Structure, tones, layout."""
    (structure,) = subject.unlike_structure([layer], targets)
    both = subject.unlike_tones(colours(image), targets), subject.unlike_layout(colours(image), targets)
    return float(structure[0]), float(both[0][0]), float(both[1][0])


def test_the_content_itself_is_alike_in_everything() -> None:
    content, layer = picture(), features(6, 5, 8)
    targets = subject.subject_targets(content, [layer])
    assert unlike(content, layer, targets) == pytest.approx((0, 0, 0), abs=0.05)


def test_structure_is_what_is_where_whatever_its_scale_and_offset() -> None:
    layer = features(12, 10, 8)
    targets = subject.subject_targets(picture(), [layer])
    shuffled = tf.constant(
        np.random.default_rng(1).permutation(layer.numpy().reshape(120, 8)).reshape(layer.shape)
    )
    for seen, expected in ((3 * layer + 2, 0), (shuffled, 1), (-layer, 2)):
        (found,) = subject.unlike_structure([seen], targets)
        assert float(found[0]) == pytest.approx(expected, abs=0.15)


def test_a_channel_that_hardly_varies_hardly_counts() -> None:
    quiet = features(12, 10, 8) * tf.constant([1.0] * 7 + [1e-3])
    assert float(tf.reduce_max(tf.abs(subject.normalised(quiet)[..., -1]))) < 0.05


def test_tones_tell_where_it_is_light_and_not_how_light() -> None:
    image = picture()
    ours, brighter, inverted = (
        subject.tones(colours(each)).numpy() for each in (image, 3 * image + 20, -image)
    )
    assert np.vdot(ours, brighter) == pytest.approx(1, abs=0.02)
    assert np.vdot(ours, inverted) == pytest.approx(-1, abs=0.02)


def test_a_flat_picture_has_no_tones() -> None:
    flat = tf.fill([1, 64, 96, 3], 30.0) + features(64, 96, 3)
    assert tf.norm(subject.tones(colours(flat))) < 0.2


def test_distances_tell_which_places_differ_and_not_in_what() -> None:
    image = picture()
    targets = subject.subject_targets(image, [])
    other_colours = 2 * image[..., ::-1] + 30  # another palette, the same places apart
    assert float(subject.unlike_layout(colours(other_colours), targets)[0]) < 0.01
    assert float(subject.unlike_layout(colours(image[:, ::-1]), targets)[0]) > 0.05


def test_what_is_transparent_counts_for_nothing() -> None:
    """The right half, whatever is behind it."""
    content, layer = picture(), features(8, 12, 8)
    visible = np.zeros((1, 64, 96), np.float32)
    visible[LEFT] = 1
    targets = subject.subject_targets(content, [layer], tf.constant(visible))
    hidden = tf.concat([content[LEFT], 99 * features(64, 48, 3, seed=3)], 2)
    hidden_layer = tf.concat([layer[:, :, :6], 9 * features(8, 6, 8, seed=4)], 2)
    assert unlike(hidden, hidden_layer, targets) == pytest.approx((0, 0, 0), abs=0.05)
    shown = tf.concat([99 * features(64, 48, 3, seed=3), content[:, :, 48:]], 2)
    shown_layer = tf.concat([9 * features(8, 6, 8, seed=4), layer[:, :, 6:]], 2)
    assert min(unlike(shown, shown_layer, targets)) > 0.1
    alone = subject.subject_targets(content[LEFT], [layer[:, :, :6]])
    np.testing.assert_allclose(targets.structure[0][:, :, :6], alone.structure[0], atol=1e-4)


def test_where_nothing_can_be_seen_nothing_is_unlike() -> None:
    content, layer = picture(), features(8, 12, 8)
    targets = subject.subject_targets(content, [layer], tf.zeros([1, 64, 96]))
    structure, tones, layout = unlike(-content, -layer, targets)
    assert (structure, layout) == (0, 0)
    assert np.isfinite(tones)


def test_places_of_one_colour_have_a_gradient() -> None:
    flat = tf.fill([1, 64, 96, 3], 30.0)
    targets = subject.subject_targets(picture(), [])
    with tf.GradientTape() as tape:
        tape.watch(flat)
        value = subject.unlike_layout(colours(flat), targets) + subject.unlike_tones(colours(flat), targets)
    assert np.isfinite(tape.gradient(value, flat)).all()
