"""The kinds of pictures that nobody tuned to are there, and as drawn."""

import numpy as np
from PIL import Image

from bench import drawings, gallery
from bench.scenes import VARIOUS, load, pairs, various


def test_every_kind_can_be_loaded() -> None:
    kinds = various(64)
    assert {pair.painting for pair in kinds} >= {"triangles", "pencil", "photograph", "emoji", "the_scream"}
    assert len({pair.photo for pair in kinds}) == 9
    assert len(set(map(str, kinds))) == len(kinds)
    for pair in kinds:
        assert max(load(pair).content.rgb.shape) == 64


def test_an_emoji_hides_a_colour() -> None:
    emoji = np.asarray(drawings.emoji())
    assert emoji[0, 0].tolist() == [255, 0, 255, 0]
    assert (emoji[..., 3] == 255).mean() > 0.6


def test_what_is_committed_is_what_is_drawn() -> None:
    """Within what another version of the drawing library rounds otherwise."""
    for drawer in (*drawings.PHOTOS, *drawings.STYLES):
        (path,) = VARIOUS.rglob(f"{drawer.__name__}.png")
        drawn = np.asarray(drawer().convert("RGBA"), np.float64)
        assert np.abs(drawn - np.asarray(Image.open(path).convert("RGBA"))).mean() < 1, path.name


def test_a_gallery_is_the_set_or_a_part_of_it() -> None:
    assert gallery.chosen([64], None, is_various=False) == pairs(64)
    (one,) = gallery.chosen([64], ["coffee-the_scream"], is_various=False)
    assert str(one) == "coffee-the_scream-64"
