"""What the judges of the subject say of arrays: all that needs no network of theirs."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from bench.subject import checkpoints, layout
from bench.subject.tables import Line, by_method, faces
from bench.subject.verdicts import FaceVerdict, Verdict

HALVES = np.repeat(np.array([[0, 1]]), 8, axis=0).repeat(8, axis=1)  # 8 x 16, two segments


def checks() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    rgb = np.full((8, 16, 3), 40, np.uint8)
    rgb[:, 8:] = (220, 60, 30)
    return rgb


def test_the_rank_is_that_of_the_best_of_the_labels() -> None:
    logits = np.array([3.0, 9.0, 5.0, 1.0])
    assert layout.best_rank(logits, np.array([0, 2])) == 2
    assert layout.best_rank(logits, np.array([3])) == 4


def test_segments_explain_colours_that_follow_them() -> None:
    values = layout.lab(checks())
    assert layout.explained(values, HALVES) == pytest.approx(1)
    assert layout.explained(values, HALVES.T.reshape(8, 16)[::-1]) < 1


def test_segments_explain_nothing_of_wallpaper() -> None:
    wallpaper = np.tile(np.array([0.0, 1.0]), (8, 8))[..., None]
    assert layout.explained(wallpaper, HALVES) == pytest.approx(0)
    assert layout.explained(np.ones((8, 16, 3)), HALVES) == 0


def test_correlation_ignores_scale_and_knows_constants() -> None:
    a = np.arange(12.0).reshape(3, 4)
    assert layout.correlation(a, 5 * a - 3) == pytest.approx(1)
    assert layout.correlation(a, -a) == pytest.approx(-1)
    assert layout.correlation(a, np.full_like(a, 7)) == 0


def test_similarity_is_place_by_place() -> None:
    features = np.eye(4).reshape(2, 2, 4)
    assert layout.similarity(features, 3 * features) == pytest.approx(1)
    assert layout.similarity(features, features[::-1]) == pytest.approx(0)


def test_what_differs_from_its_surroundings_is_salient() -> None:
    rgb = np.full((96, 96, 3), 120, np.uint8)
    rgb[40:56, 20:36] = (230, 40, 40)
    seen = layout.saliency(rgb)
    assert seen[48, 28] > 3 * seen[48, 75]


def test_colours_are_those_of_cielab() -> None:
    rgb = np.array([[[255, 255, 255], [0, 0, 0], [255, 0, 0]]], np.uint8)
    expected = np.array([[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20]])
    np.testing.assert_allclose(layout.lab(rgb)[0], expected, atol=0.05)


def test_a_blur_keeps_the_mean_and_what_is_flat() -> None:
    values = np.random.default_rng(0).random((40, 30, 2))
    assert layout.blurred(values, 3).std() < 0.5 * values.std()
    np.testing.assert_allclose(layout.blurred(np.full((9, 9, 1), 4.0), 2), 4)


def test_texture_is_where_the_luma_varies() -> None:
    rgb = np.full((40, 80, 3), 128, np.uint8)
    rgb[:, 40:] = np.random.default_rng(0).integers(0, 256, (40, 40, 1))
    texture = layout.local_texture(rgb)[..., 0]
    assert texture[:, :30].max() < 1e-3
    assert texture[:, 50:].min() > 20


def test_overlap_is_of_both_masks_together() -> None:
    left, all_of_it = HALVES == 0, np.ones((8, 16), bool)
    assert layout.overlap(left, all_of_it) == 0.5
    assert layout.overlap(left, ~left) == 0
    assert layout.overlap(np.zeros((2, 2), bool), np.zeros((2, 2), bool)) == 0


def line(pair: str, method: str, rank5: float, face: FaceVerdict | None = None) -> Line:
    return Line(pair, method, Verdict(0.5, 0.4, rank5, 0, 0, 0, 0, 0), 0.1, 0.6, face)


def test_the_mean_rank_is_geometric_and_the_worst_pair_is_named() -> None:
    table = by_method([line("a", "ours", 1), line("b", "ours", 100), line("a", "theirs", 3)])
    (_, _, ours, theirs) = table.splitlines()
    assert "| 10.0 |" in ours
    assert "100 (b)" in ours
    assert "| 3.0 |" in theirs


def test_faces_are_told_where_there_is_one() -> None:
    assert faces([line("a", "ours", 1)]) == ""
    table = faces([line("a", "ours", 1), line("b", "ours", 1, FaceVerdict(0.9, 0.05, 0.8))])
    assert "| ours | 1 | 0.900 | 0.050 | 0.800 |" in table


def test_a_checkpoint_with_anything_but_tensors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    parts: list[object] = [checkpoints.MAGIC, 1001, {}, Path("x")]
    path.write_bytes(b"".join(pickle.dumps(each, 2) for each in parts))
    with pytest.raises(pickle.UnpicklingError, match="pathlib"):
        checkpoints.read(path)


def test_another_format_is_named(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(pickle.dumps(7, 2))
    with pytest.raises(ValueError, match=r"weights\.pth"):
        checkpoints.read(path)
