"""Several pictures in one, to be looked at: before and after, and a sheet to choose from; of any shape."""

import numpy as np
import pytest

from engine import images
from engine.images import Picture
from engine.images.comparison import LONG_SIDE
from engine.images.sheet import LONG_SIDE as SHEET_SIDE
from engine.protocol import MAX_SNAPSHOTS

RED, BLUE, GREY = (200, 0, 0), (0, 0, 200), (49, 51, 56)


def plain(width: int, height: int, colour: tuple[int, int, int], alpha: int | None = None) -> Picture:
    rgb = np.full((height, width, 3), colour, np.uint8)
    return Picture(rgb, None if alpha is None else np.full((height, width), alpha, np.uint8))


@pytest.mark.parametrize("size", [(300, 200), (64, 600), (600, 64), (1, 90), (90, 1), (3000, 1500)])
def test_before_is_on_the_left_and_after_on_the_right(size: tuple[int, int]) -> None:
    both = images.compare(plain(*size, RED), plain(*size, BLUE))
    assert max(both.width, both.height) == min(max(size), LONG_SIDE)
    assert both.alpha is None
    if both.width > 8:
        middle = both.height // 2
        assert tuple(both.rgb[middle, 1]) == RED
        assert tuple(both.rgb[middle, -2]) == BLUE
        assert both.rgb[middle, both.width // 2].min() > 200  # the line between them


def test_a_sticker_is_compared_with_the_picture_in_its_middle() -> None:
    sticker = images.pad(plain(320, 160, BLUE), 320, 320)
    both = images.compare(plain(100, 50, RED), sticker)
    assert (both.width, both.height) == (320, 320)
    assert both.alpha is not None
    assert (tuple(both.rgb[160, 5]), both.alpha[160, 5], both.alpha[5, 5]) == (RED, 255, 0)


@pytest.mark.parametrize("count", [1, 2, 7, MAX_SNAPSHOTS])
@pytest.mark.parametrize("size", [(300, 200), (200, 900), (1, 400), (400, 1), (2000, 1000)])
def test_a_sheet_has_room_for_every_picture(count: int, size: tuple[int, int]) -> None:
    sheet = images.contact_sheet([plain(*size, BLUE, alpha=200)] * count)
    assert sheet.alpha is None
    assert max(sheet.width, sheet.height) <= SHEET_SIDE + MAX_SNAPSHOTS
    painted = (sheet.rgb[..., 2] > 100).mean() * sheet.width * sheet.height
    assert painted > 0
    gaps = (sheet.rgb == GREY).all(axis=2).any()
    assert gaps == (count > 1)


def test_a_sheet_of_several_shapes_shows_each_whole_and_leaves_out_what_is_missing() -> None:
    shapes = (plain(300, 100, BLUE), None, plain(100, 300, RED), plain(40, 40, BLUE))
    sheet = images.contact_sheet(shapes)
    blue, red = (sheet.rgb == BLUE).all(2).sum(), (sheet.rgb == RED).all(2).sum()
    assert blue / red == pytest.approx(4, rel=0.15), (
        "two shapes fill a third of a square, the third all of it"
    )
    sizes = {
        (sheet.width, sheet.height)
        for painted in range(4)
        for sheet in [
            images.contact_sheet([plain(90, 60, BLUE)] * painted + [None] * (3 - painted), shape=(90, 60))
        ]
    }
    assert len(sizes) == 1  # it does not jump as it grows
    assert (images.contact_sheet([None]).rgb == GREY).all(2).any()


def test_a_sheet_has_titles_below_its_pictures_if_there_are_any() -> None:
    pictures = [plain(90, 90, BLUE)] * 4
    bare = images.contact_sheet(pictures)
    titled = images.contact_sheet(
        pictures, ["Udnie", "Tableau No. 2 / Composition No. VII " * 9, "ō", ""], 97
    )
    assert titled.width == bare.width
    assert titled.height > bare.height
    strip = titled.rgb[-16:]
    assert (strip != GREY).any(), "something is written"
    columns = titled.width // 2
    assert (strip[:, : columns - 4] != GREY).any() or (strip[:, columns + 4 :] != GREY).any()
