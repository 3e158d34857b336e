"""Small good files of all our formats, of each the kinds that differ inside; and the largest that are allowed."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

from engine import images
from engine.images import Animation, Picture
from engine.protocol import MAX_ANIMATED_PIXELS, MAX_FRAMES, MAX_HEAVY_PIXELS, ImageFormat
from tests.engine.images.pngs import RGB, Frame, chunk, moving, still

SIDE = (48, 40)
LARGEST = (7990, 5000)  # just within the limit on pixels
HEAVY = (4000, MAX_HEAVY_PIXELS // 4000)  # of files that take longer
FRAME = (4000, 3990)  # of what moves


def saved(image: Image.Image, format_: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def scene(width: int = SIDE[0], height: int = SIDE[1], shift: int = 0) -> Image.Image:
    noise = np.random.default_rng(shift).integers(0, 256, (5, 6, 4), np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


def _profile() -> bytes:
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + bytes(12) + made[36:]  # without the time, for the mutations to be the same tomorrow


def seeds() -> dict[ImageFormat, list[bytes]]:
    """Of each format some good files, moving ones among them where it has any."""
    image, rgb = scene(), scene().convert("RGB")
    srgb = _profile()
    exif = Image.Exif()
    exif[0x0112] = 6
    sheets = [scene(shift=shift) for shift in range(4)]
    film: dict[str, Any] = {"save_all": True, "append_images": sheets[1:], "duration": [40, 50, 60, 70]}
    frames = [
        Frame(np.asarray(sheet)[index:], 0, 0, index % 3, index % 2) for index, sheet in enumerate(sheets)
    ]
    points = chunk(b"cICP", bytes([9, 16, 0, 1]))
    return {
        ImageFormat.PNG: [
            saved(image, "PNG", icc_profile=srgb, exif=exif),
            saved(rgb.quantize(16), "PNG", transparency=3),
            saved(image.convert("LA"), "PNG"),
            still(np.asarray(rgb, np.uint16) * 257, RGB, chunk(b"tRNS", bytes(6)), points, depth=16),
            moving(SIDE, frames),
            moving(SIDE, frames, default=np.asarray(image)),
        ],
        ImageFormat.JPEG: [
            saved(rgb, "JPEG", icc_profile=srgb, exif=exif),
            saved(rgb, "JPEG", progressive=True, restart_marker_blocks=2),
            saved(rgb.convert("CMYK"), "JPEG"),
            saved(rgb.convert("L"), "JPEG", comment=b"hello"),
            saved(rgb, "JPEG")[:-2],
        ],
        ImageFormat.WEBP: [
            saved(image, "WEBP", icc_profile=srgb, exif=exif),
            saved(image, "WEBP", lossless=True),
            saved(rgb, "WEBP"),
            saved(sheets[0], "WEBP", **film),
        ],
        ImageFormat.GIF: [
            saved(rgb, "GIF", comment=b"hello"),
            saved(sheets[0], "GIF", disposal=2, **film),
            saved(rgb.quantize(8), "GIF", transparency=2, interlace=True),
        ],
        ImageFormat.AVIF: [
            saved(image, "AVIF", icc_profile=srgb, exif=exif),
            saved(rgb, "AVIF"),
            saved(sheets[0], "AVIF", **film),
        ],
        ImageFormat.HEIF: [
            saved(image, "HEIF", exif=exif),
            saved(rgb, "HEIF", icc_profile=srgb),
            saved(rgb, "HEIF", save_all=True, append_images=[sheets[1].convert("RGB")]),
        ],
    }


def _heic_of_10_bits(size: tuple[int, int]) -> bytes:
    samples = np.asarray(scene(*size).convert("RGB"), np.uint16) * 4
    out = BytesIO()
    options: dict[str, Any] = {"quality": 50, "enc_params": {"preset": "ultrafast"}}
    pillow_heif.from_bytes("RGB;10", size, samples.tobytes()).save(out, **options)
    return out.getvalue()


def giants() -> Iterator[tuple[str, bytes]]:
    """The largest files that are allowed, made one after the other."""
    image = scene(*LARGEST)
    rgb = image.convert("RGB")
    flat = Image.new("RGBA", LARGEST, (200, 40, 60, 200))
    srgb = _profile()
    yield "flat RGBA.png", saved(flat, "PNG", compress_level=1)
    yield "profile.png", saved(flat.convert("RGB"), "PNG", compress_level=1, icc_profile=srgb)
    deep = np.zeros((LARGEST[1], LARGEST[0], 3), np.uint16) + 0x8000
    yield "PQ of 16 bits.png", still(deep, RGB, chunk(b"cICP", bytes([9, 16, 0, 1])), depth=16)
    hidden = deep[: HEAVY[1], : HEAVY[0]]
    yield "transparent of 16 bits.png", still(hidden, RGB, chunk(b"tRNS", b"\x80\0" * 3), depth=16)
    yield "gamma.png", still(deep.astype(np.uint8), RGB, chunk(b"gAMA", (100_000).to_bytes(4, "big")))
    del deep, hidden
    yield "smooth.jpg", saved(rgb, "JPEG", quality=60)
    yield "progressive, profile.jpg", saved(rgb, "JPEG", quality=60, progressive=True, icc_profile=srgb)
    yield "without an end.jpg", saved(rgb, "JPEG", quality=60)[:-2]
    yield "CMYK.jpg", saved(rgb.convert("CMYK"), "JPEG", quality=60)
    yield "smooth.webp", saved(image.convert("RGB"), "WEBP", quality=40, method=0)
    yield "smooth.gif", saved(rgb.convert("P"), "GIF")
    yield "smooth.avif", saved(rgb, "AVIF", quality=40, speed=10)
    yield "smooth.heic", saved(rgb, "HEIF", quality=30)
    yield "of 10 bits.heic", _heic_of_10_bits(HEAVY)
    yield from _large_films(flat)


def _large_films(flat: Image.Image) -> Iterator[tuple[str, bytes]]:
    few = MAX_ANIMATED_PIXELS // (FRAME[0] * FRAME[1])
    whole = np.asarray(flat)[: FRAME[1], : FRAME[0]]
    yield (
        "few large frames, undone.png",
        moving(FRAME, [Frame(whole), *[Frame(whole[:-1], 0, 1, 2, 1)] * (few - 1)]),
    )
    side = int((MAX_ANIMATED_PIXELS / MAX_FRAMES) ** 0.5)
    pictures = [scene(side, side, shift) for shift in range(8)]
    frames = [Picture(np.asarray(pictures[index % 8].convert("RGB"))) for index in range(MAX_FRAMES)]
    for format_ in (ImageFormat.GIF, ImageFormat.WEBP):
        film = Animation(tuple(frames[:300]), (50,) * 300)
        yield f"300 frames.{format_.lower()}", images.encode_animation(film, format_)
