"""What the measures of single pictures see, on maps small enough to know the answer."""

import numpy as np
import pytest

from bench import measures
from bench.rows import GUARDS, JUDGED, MEASURES


def noise(seed: int, *shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(seed).random(shape).astype(np.float32)


def test_structure_is_what_resembles_what_whatever_its_scale() -> None:
    content = noise(0, 6, 7, 16)
    assert measures.structure_distance(content, content) == pytest.approx(0, abs=1e-6)
    assert measures.structure_distance(3 * content, content) == pytest.approx(0, abs=1e-6)
    assert measures.structure_distance(noise(1, 6, 7, 16), content) > 1e-4


def test_structure_is_lost_in_a_flat_picture() -> None:
    content = np.zeros((6, 6, 2), np.float32)
    content[:, :3, 0] = content[:, 3:, 1] = 1
    flat, swapped = np.ones_like(content), content[..., ::-1]
    assert measures.structure_distance(swapped, content) == pytest.approx(0, abs=1e-6)
    assert measures.structure_distance(flat, content) > 0.1


def test_a_style_has_all_of_its_own_patterns() -> None:
    style = noise(0, 7, 8, 12)
    assert measures.local_patterns(style, style) == pytest.approx(1, abs=1e-5)


def test_a_monotonous_picture_has_few_patterns() -> None:
    style = noise(0, 9, 9, 12)
    tile = np.tile(style[:3, :3], (3, 3, 1))
    assert measures.local_patterns(tile, style) < measures.local_patterns(style, style) - 0.3


def test_patches_are_compared_as_if_they_were_cut_out() -> None:
    a, b = noise(0, 4, 5, 3), noise(1, 5, 4, 3)
    cosines = measures._patch_cosines(a, b)
    one, other = a[1:4, 2:5].ravel(), b[2:5, 0:3].ravel()
    expected = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert cosines[1 * 3 + 2, 2 * 2 + 0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("count", [5, 256, 1000])
def test_projections_have_the_quantiles_that_numpy_has(count: int) -> None:
    rows = noise(2, count, 8)
    directions = np.random.default_rng(8).normal(size=(8, measures.PROJECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    levels = (np.arange(measures.QUANTILES) + 0.5) / measures.QUANTILES
    expected = np.quantile(rows.astype(np.float64) @ directions, levels, axis=0)
    np.testing.assert_allclose(measures._projected(rows), expected, atol=1e-12)


def test_evenness_is_measured_and_no_goal() -> None:
    assert set(GUARDS) == {"evenness"}
    assert "evenness" in MEASURES
    assert "evenness" not in JUDGED
    assert {"cfsd", "lp"} <= set(JUDGED)
