"""What the largest files that are allowed take to decode: `python -m bench.decoder [--keep FOLDER]`.

Each is decoded by the engine's own sandbox as the content of a job. Processor time and memory are the child's, as the
kernel counts them. Goal: 3 s, well within `engine.images.confinement.DEFAULT` for slower machines, and its 700 MB.
"""

import argparse
import asyncio
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

from engine.images.decoding import Order, ask
from engine.protocol import (
    MAX_ANIMATED_PIXELS,
    MAX_ANIMATED_SIDE,
    MAX_HEAVY_PIXELS,
    MAX_IMAGE_BYTES,
    MAX_PAINTED_FRAMES,
    Refusal,
)

SIZE = (7990, 5000)  # just within MAX_PIXELS
FRAME = (4000, 3990)  # just within MAX_FRAME_PIXELS
VIDEO = (1920, 1080)
HEAVY = (4000, MAX_HEAVY_PIXELS // 4000)
LONG_SIDE = 4096


def scene(mode: str, size: tuple[int, int] = SIZE, noise: int = 0) -> Image.Image:
    """A smooth picture, with as much noise as a photo has."""
    width, height = size
    across = np.linspace(0, 255, width, dtype=np.float32)[None, :]
    down = np.linspace(0, 255, height, dtype=np.float32)[:, None]
    random = np.random.default_rng(0)
    channels = []
    for _ in range(len(Image.new(mode, (1, 1)).getbands())):
        channel = (across + down) / 2
        if noise:
            channel = channel + random.integers(-noise, noise + 1, (height, width), np.int8)
        channels.append(Image.fromarray(np.clip(channel, 0, 255).astype(np.uint8)))
    return channels[0] if len(channels) == 1 else Image.merge(mode, channels)


def saved(image: Image.Image, image_format: str, **options: Any) -> bytes:
    """Its file."""
    out = BytesIO()
    image.save(out, image_format, **options)
    return out.getvalue()


def png_of_16_bits(
    channels: int, colour: int, *before: tuple[bytes, bytes], size: tuple[int, int] = SIZE
) -> bytes:
    """A PNG that Pillow does not write: every row is like the first, as its filter has it, or it would be too large."""
    width, height = size
    row = np.linspace(0, 65535, width).astype(">u2").repeat(channels).tobytes()
    pack = zlib.compressobj(1)
    body = pack.compress(b"\0" + row) + pack.compress((b"\2" + bytes(len(row))) * (height - 1)) + pack.flush()
    return _png(width, height, 16, colour, 0, body, *before)


def interlaced_png(size: tuple[int, int] = SIZE) -> bytes:
    """RGBA in Adam7's seven passes."""
    width, height = size
    passes = (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    )
    pack, body = zlib.compressobj(1), b""
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        row = b"\0" + np.linspace(0, 255, columns).astype(np.uint8).repeat(4).tobytes()
        body += b"".join(pack.compress(row) for _ in range(rows))
    return _png(width, height, 8, 6, 1, body + pack.flush())


def _png(
    width: int,
    height: int,
    depth: int,
    colour: int,
    interlace: int,
    body: bytes,
    *before: tuple[bytes, bytes],
) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    chunks = ((b"IHDR", head), *before, (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def moving(image_format: str, size: tuple[int, int], mode: str = "RGB", **options: Any) -> bytes:
    """As many frames as there may be, which differ all over."""
    count = MAX_ANIMATED_PIXELS // (size[0] * size[1])
    frames = [scene(mode, size).rotate(90 * index).resize(size) for index in range(4)]
    frames = [frames[index % len(frames)] for index in range(count)]
    options |= {"duration": 50}
    return saved(frames[0], image_format, save_all=True, append_images=frames[1:], **options)


def heic(mode: str, size: tuple[int, int] = SIZE, bits: int = 8, noise: int = 2) -> bytes:
    """By libheif's encoder, quickly; with a noise of 8 it has as many bits a pixel as a telephone's."""
    image, out = scene(mode, size, noise), BytesIO()
    made = pillow_heif.from_pillow(image)
    if bits > 8:
        samples = np.asarray(image, np.uint16) << (bits - 8)
        made = pillow_heif.from_bytes(f"{mode};{bits}", size, samples.tobytes())
    made.save(out, quality=50, enc_params={"preset": "ultrafast"})
    return out.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "JPEG, 4:4:4": lambda: saved(scene("RGB", noise=8), "JPEG", quality=90, subsampling=0),
    "JPEG, progressive 4:4:4": lambda: saved(
        scene("RGB", noise=8), "JPEG", quality=90, subsampling=0, progressive=True
    ),
    "JPEG, progressive CMYK": lambda: saved(scene("CMYK", noise=4), "JPEG", quality=75, progressive=True),
    "PNG, RGB, noisy": lambda: saved(scene("RGB", noise=1), "PNG", compress_level=1),
    "PNG, RGBA": lambda: saved(scene("RGBA"), "PNG", compress_level=1),
    "PNG, RGBA of 16 bits": lambda: png_of_16_bits(4, 6),
    "PNG, RGB of 16 bits": lambda: png_of_16_bits(3, 2),
    "PNG, PQ of 16 bits": lambda: png_of_16_bits(3, 2, (b"cICP", bytes([9, 16, 0, 1]))),
    "PNG, RGB of 16 bits with tRNS, 13 MP": lambda: png_of_16_bits(3, 2, (b"tRNS", bytes(6)), size=HEAVY),
    "PNG, grey of 16 bits": lambda: png_of_16_bits(1, 0),
    "PNG, RGBA interlaced": interlaced_png,
    "PNG, palette with transparency": lambda: saved(
        scene("L").convert("P"), "PNG", transparency=bytes(range(256)), compress_level=1
    ),
    "WebP, lossless RGBA": lambda: saved(scene("RGBA"), "WEBP", lossless=True, method=0, quality=0),
    "WebP, lossy": lambda: saved(scene("RGB", noise=8), "WEBP", quality=60, method=0),
    "AVIF, RGB": lambda: saved(scene("RGB", noise=2), "AVIF", quality=50, speed=10),
    "AVIF, RGBA 4:4:4": lambda: saved(
        scene("RGBA", noise=2), "AVIF", quality=50, speed=10, subsampling="4:4:4"
    ),
    "HEIC, RGB": lambda: heic("RGB"),
    "HEIC, RGBA": lambda: heic("RGBA"),
    "HEIC, a telephone's 12 MP": lambda: heic("RGB", (4032, 3024), noise=8),
    "HEIC, a telephone's 24 MP": lambda: heic("RGB", (5712, 4284), noise=8),
    "HEIC, 10 bits, 13 MP": lambda: heic("RGB", HEAVY, 10, noise=8),
    "GIF": lambda: saved(scene("L"), "GIF", optimize=False),
    "GIF, frames of 16 MP": lambda: moving("GIF", FRAME, disposal=2),
    "GIF, frames of 2 MP": lambda: moving("GIF", VIDEO, disposal=2),
    "APNG, RGBA frames of 16 MP": lambda: moving("PNG", FRAME, "RGBA", blend=1, compress_level=1),
    "APNG, RGBA frames of 2 MP": lambda: moving("PNG", VIDEO, "RGBA", blend=1, compress_level=1),
    "WebP, lossless frames of 16 MP": lambda: moving("WEBP", FRAME, lossless=True, method=0, quality=0),
    "WebP, lossy RGBA frames of 2 MP": lambda: moving("WEBP", VIDEO, "RGBA", method=0, quality=50),
    "AVIF, frames of 16 MP": lambda: moving("AVIF", FRAME, quality=50, speed=10),
    "AVIF, RGBA frames of 2 MP": lambda: moving("AVIF", VIDEO, "RGBA", quality=50, speed=10),
}


async def measure(name: str, data: bytes) -> str:
    """One line of the table."""
    options: dict[str, int | str | None] = {
        "which": "content",
        "most": MAX_PAINTED_FRAMES,
        "long_side": LONG_SIDE,
        "frame_side": MAX_ANIMATED_SIDE,
    }
    try:
        usage = (await ask(Order("content", "content", data, options), measured=True)).usage
    except Refusal as refusal:
        return f"| {name} | {len(data) / 2**20:.1f} | refused: {refusal.code} | |"
    if usage is None:
        return f"| {name} | {len(data) / 2**20:.1f} | no news of its end | |"
    return f"| {name} | {len(data) / 2**20:.1f} | {usage.cpu_seconds:.2f} | {usage.peak_bytes / 10**6:.0f} |"


def main() -> None:
    """Print the table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--keep", type=Path, help="a folder for the files, which take minutes to make")
    parser.add_argument("--only", default="", help="what the file's name begins with")
    asked = parser.parse_args()
    print("| file | MB | processor s | peak MB |\n|---|---|---|---|", flush=True)
    for index, (name, make) in enumerate(FILES.items()):
        if name.startswith(asked.only):
            path = asked.keep / f"{index}" if asked.keep else None
            data = path.read_bytes() if path and path.exists() else make()
            if path:
                path.write_bytes(data)
            large = " (more than a file may have)" if len(data) > MAX_IMAGE_BYTES else ""
            print(asyncio.run(measure(name + large, data)), flush=True)


if __name__ == "__main__":
    main()
