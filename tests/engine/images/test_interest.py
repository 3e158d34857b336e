"""Where pictures are cut: so that a face is kept wherever it is, and in the middle where nothing speaks for elsewhere."""

from pathlib import Path

import numpy as np
import pytest

from engine import images
from engine.images import Picture, best_cut, crop

PHOTOS = Path(__file__).parents[3] / "demo" / "photos"
DRAWN = Path(__file__).parents[3] / "bench" / "pictures" / "photos"
AVATAR, BANNER = (512, 512), (960, 540)


def photo(
    path: Path, left: float = 0.0, top: float = 0.0, right: float = 1.0, bottom: float = 1.0
) -> Picture:
    """A part of a photo."""
    rgb = images.decode(path.read_bytes(), "content").rgb
    height, width = rgb.shape[:2]
    rows = slice(round(top * height), round(bottom * height))
    return Picture(rgb[rows, round(left * width) : round(right * width)])


def kept(picture: Picture, shape: tuple[int, int]) -> tuple[float, float]:
    """From where to where a picture is kept along its cut side, in parts of that."""
    width, height = shape
    ratio = picture.width * height / (picture.height * width)
    length = min(ratio, 1 / ratio)
    start = best_cut(picture, width, height) * (1 - length)
    return start, start + length


@pytest.mark.parametrize(
    ("picture", "shape", "face"),  # from where to where it is, along the side that is cut
    [
        pytest.param(photo(PHOTOS / "astronaut.png"), BANNER, (0.05, 0.34), id="a face high in a portrait"),
        pytest.param(photo(PHOTOS / "astronaut.png", bottom=0.5), AVATAR, (0.30, 0.60), id="between flag and rocket"),
        pytest.param(photo(PHOTOS / "astronaut.png", left=0.3, bottom=0.5), AVATAR, (0.02, 0.40), id="at the left edge"),
        pytest.param(photo(PHOTOS / "astronaut.png", left=0.25, right=0.75), AVATAR, (0.02, 0.34), id="in a tall photo"),
        pytest.param(photo(PHOTOS / "chelsea.png"), AVATAR, (0.27, 0.75), id="a cat"),
        pytest.param(photo(PHOTOS / "coffee.png"), AVATAR, (0.28, 0.70), id="a cup"),
        pytest.param(photo(DRAWN / "cameraman.jpg"), BANNER, (0.17, 0.45), id="in greys"),
        pytest.param(photo(DRAWN / "lineart.png"), BANNER, (0.30, 0.60), id="drawn"),
    ],
)  # fmt: skip
def test_a_face_is_kept(picture: Picture, shape: tuple[int, int], face: tuple[float, float]) -> None:
    start, end = kept(picture, shape)
    assert start <= face[0] < face[1] <= end


@pytest.mark.parametrize("shape", [(300, 100), (100, 300), (100, 100), (1, 40)])
def test_a_flat_picture_is_cut_in_the_middle(shape: tuple[int, int]) -> None:
    for level in (0, 128, 255):
        flat = Picture(np.full((*shape, 3), level, np.uint8))
        assert best_cut(flat, *AVATAR) == pytest.approx(0.5, abs=0.02)
        assert best_cut(flat, *BANNER) == pytest.approx(0.5, abs=0.02)


def test_what_is_transparent_is_not_looked_at() -> None:
    draw = np.random.default_rng(5)
    rgb = draw.integers(0, 255, (100, 300, 3), np.uint8)
    alpha = np.zeros((100, 300), np.uint8)
    alpha[:, :100] = 255
    assert best_cut(Picture(rgb, alpha), *AVATAR) < 0.1


def test_a_place_of_a_cut_is_one_of_its_ends_or_between() -> None:
    wide = np.arange(120, dtype=np.uint8)[None, :, None].repeat(40, 0).repeat(3, 2)
    for at, first in ((0.0, 0), (0.5, 40), (1.0, 80)):
        np.testing.assert_array_equal(crop(Picture(wide), 40, 40, at).rgb, wide[:, first : first + 40])
