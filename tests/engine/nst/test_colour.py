"""Colours kept and matched: what must hold for any two pictures, the awkward ones among them."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.nst import colour
from engine.nst.colour import LUMA, Rgb, is_flat, keep_colours, match_colours
from engine.styles import catalogue

WHITE, RED = (255, 255, 255), (230, 20, 10)


def load(path: Path) -> Rgb:
    with Image.open(path) as image:
        image.thumbnail((300, 300))
        return np.asarray(image.convert("RGB"))


def one_colour(rgb: tuple[int, int, int]) -> Rgb:
    return np.full((40, 60, 3), rgb, np.uint8)


def grey(seed: int = 0) -> Rgb:
    return np.random.default_rng(seed).integers(0, 256, (40, 60, 1), np.uint8).repeat(3, 2)


def random(seed: int = 0, low: int = 0, high: int = 256) -> Rgb:
    return np.random.default_rng(seed).integers(low, high, (40, 60, 3), np.uint8)


def statistics(image: Rgb) -> tuple[np.ndarray, np.ndarray]:
    colours = image.reshape(-1, 3).astype(np.float64)
    return colours.mean(0), np.cov(colours.T, bias=True)


@pytest.fixture(scope="module")
def cat() -> Rgb:
    return load(Path("demo/photos/chelsea.png"))


@pytest.mark.parametrize(
    "painted", [random(), grey(), one_colour(WHITE), one_colour((0, 0, 0)), one_colour(RED)]
)
@pytest.mark.parametrize("content", [random(1), grey(1), one_colour(WHITE), one_colour(RED)])
def test_the_luma_is_the_paintings_whatever_the_colours(painted: Rgb, content: Rgb) -> None:
    kept = keep_colours(painted, content)
    assert kept.dtype == np.uint8
    assert np.abs(kept @ LUMA - painted @ LUMA).max() <= 0.51  # what rounding to bytes does


def test_the_colours_are_the_contents(cat: Rgb) -> None:
    np.testing.assert_array_equal(keep_colours(cat, cat), cat)
    np.testing.assert_array_equal(keep_colours(random(), grey(1)).std(-1), 0)
    darker = keep_colours((cat * 0.8).astype(np.uint8), cat).astype(int)
    chroma = (darker - (darker @ LUMA)[..., None], cat - (cat @ LUMA)[..., None])
    roomy = (darker.min(-1) > 0) & (darker.max(-1) < 255)
    assert roomy.mean() > 0.9
    np.testing.assert_allclose(chroma[0][roomy], chroma[1][roomy], atol=1.01)


def test_a_colour_without_room_gets_paler_and_keeps_its_hue() -> None:
    content = one_colour(RED)
    bright, dark = (
        keep_colours(one_colour(luma), content)[0, 0].astype(float) for luma in ((240,) * 3, (15,) * 3)
    )
    for result, luma in ((bright, 240), (dark, 15)):
        chroma, wanted = result - luma, np.array(RED) - np.array(RED) @ LUMA
        share = chroma @ wanted / (wanted @ wanted)
        assert 0 < share < 1
        np.testing.assert_allclose(chroma, share * wanted, atol=1)


def test_a_matched_style_has_the_contents_mean_and_covariance(cat: Rgb) -> None:
    style = load(catalogue.image_path("starry_night"))
    mean, covariance = statistics(match_colours(style, cat))
    wanted_mean, wanted = statistics(cat)
    np.testing.assert_allclose(mean, wanted_mean, atol=1)
    np.testing.assert_allclose(covariance, wanted, rtol=0.05)


def test_a_match_moves_nothing_that_fits_already(cat: Rgb) -> None:
    np.testing.assert_array_equal(match_colours(cat, cat), cat)


def test_light_stays_light_and_dark_dark(cat: Rgb) -> None:
    style = load(catalogue.image_path("great_wave"))
    luma, matched = style @ LUMA, match_colours(style, cat) @ LUMA
    assert np.corrcoef(luma.ravel(), matched.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("style", [grey(), one_colour(WHITE), one_colour(RED), random(2, 100, 103)])
@pytest.mark.parametrize("content", [random(1), grey(1), one_colour((90, 120, 40))])
def test_a_match_of_awkward_pictures_has_the_mean_and_no_noise_blown_up(style: Rgb, content: Rgb) -> None:
    matched = match_colours(style, content)
    (mean, covariance), (wanted_mean, wanted) = statistics(matched), statistics(content)
    np.testing.assert_allclose(mean, wanted_mean, atol=1)
    assert np.trace(covariance) <= np.trace(wanted) * 1.01 + 1


def test_a_style_almost_grey_takes_the_contents_tint_without_coloured_noise(cat: Rgb) -> None:
    noisy = np.clip(grey() + np.random.default_rng(3).integers(-1, 2, (40, 60, 3)), 0, 255).astype(np.uint8)
    values = np.linalg.eigvalsh(statistics(match_colours(noisy, cat))[1])
    assert values[-1] > 1000
    assert values[-2] < 2  # every other direction holds nothing but rounding


@pytest.mark.parametrize("name", [card.name for card in catalogue.cards()])
def test_no_study_is_flat(name: str) -> None:
    _, covariance = statistics(load(catalogue.image_path(name)))
    assert np.trace(covariance) > (4 * colour.FLAT_DISTANCE) ** 2
    assert not is_flat(load(catalogue.image_path(name)))


@pytest.mark.parametrize("noise", [0.0, 2.0, 4.0])
def test_a_sheet_of_one_colour_is_flat_even_photographed(noise: float) -> None:
    sheet = np.random.default_rng(0).normal(one_colour((200, 180, 90)), noise)
    file = BytesIO()
    Image.fromarray(np.clip(sheet, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=80)
    with Image.open(file) as image:
        assert is_flat(np.asarray(image))


def test_black_lines_on_white_are_a_style() -> None:
    paper = one_colour(WHITE)
    paper[::12] = 0
    assert not is_flat(paper)


def test_a_grey_photo_saved_in_colour_is_grey_and_one_with_a_tint_is_not(cat: Rgb) -> None:
    file = BytesIO()
    Image.fromarray(colour.grey(cat)).save(file, "JPEG", quality=60)
    with Image.open(file) as image:
        assert colour.is_grey(np.asarray(image))
    assert not colour.is_grey(colour.grey(cat) + np.array([6, 0, 0], np.uint8))
    assert not colour.is_grey(cat)
