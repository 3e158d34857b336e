"""Noise is smoothed, and texture is not."""

from pathlib import Path

import numpy as np
import pytest

from engine import images
from engine.images import Picture, resize
from engine.nst.colour import Rgb
from engine.nst.denoising import LEAST, denoised, noise_level
from engine.styles import catalogue

PHOTOS = sorted(path for path in Path("demo/photos").iterdir() if path.suffix in (".png", ".jpg"))
STUDIES = [catalogue.image_path(card.name) for card in catalogue.cards()]


def load(path: Path, side: int) -> Rgb:
    picture = images.decode(path.read_bytes(), "content")
    scale = side / max(picture.width, picture.height)
    return resize(picture, round(picture.width * scale), round(picture.height * scale)).rgb


def noisy(image: Rgb, sigma: float, channels: int = 3) -> Rgb:
    sample = np.random.default_rng(0).normal(0, sigma, (*image.shape[:2], channels))
    return np.clip(np.rint(image + sample), 0, 255).astype(np.uint8)


def distance(one: Rgb, other: Rgb) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("channels", [1, 3], ids=["of the light", "of each channel"])
@pytest.mark.parametrize("sigma", [8.0, 15.0, 25.0])
def test_noise_is_found_and_smoothed(sigma: float, channels: int) -> None:
    clean = load(Path("demo/photos/chelsea.png"), 192)
    image = noisy(clean, sigma, channels)

    assert noise_level(image) == pytest.approx(sigma, rel=0.15)
    assert distance(denoised(image), clean) < 0.75 * distance(image, clean)


@pytest.mark.parametrize("side", [128, 256, 448])
@pytest.mark.parametrize("path", [*PHOTOS, *STUDIES], ids=lambda path: path.stem)
def test_a_good_photo_and_a_painting_stay_as_they_are(path: Path, side: int) -> None:
    image = load(path, side)

    assert denoised(image) is image


def test_a_weave_is_no_noise() -> None:
    down, across = np.indices((128, 128))
    for wave in (np.sin(1.3 * down) * np.sin(1.3 * across), 2.0 * ((down + across) % 2) - 1):
        image = np.repeat(np.rint(128 + 60 * wave).astype(np.uint8)[..., None], 3, 2)
        assert noise_level(image) == 0


def test_a_picture_of_nothing_but_grain_is_a_picture_of_grain() -> None:
    assert noise_level(noisy(np.full((96, 96, 3), 128, np.uint8), 30.0)) == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 90), (15, 40)])
def test_the_smallest_pictures_are_left_alone(shape: tuple[int, int]) -> None:
    image = Picture(noisy(np.full((*shape, 3), 128, np.uint8), 2 * LEAST))

    assert denoised(image.rgb) is image.rgb
