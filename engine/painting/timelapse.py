"""The time-lapse of a painting as a file, made of its snapshots.

Few ask for one, and it takes as long as all other files of a painting together. So an engine makes it of the
snapshots' files when somebody does, and keeps it. Everything here blocks: call it in a thread.

It is animated WebP, which Discord plays by itself in attachments on all its clients ("Modern Image Formats at Discord:
Supporting WebP and AVIF", 2025). An MP4 waits for a click there, an animated PNG stands still (discord-api-docs 6359,
lilliput 101), and a GIF has 256 colours and several times the bytes. Discord decodes WebP slowly, some seconds for a
hundred frames (lilliput 217): these are `MAX_SNAPSHOTS` at most, of `LONG_SIDE` pixels.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from engine import images
from engine.images import Animation, Picture
from engine.protocol import MAX_TIMELAPSE_BYTES, ImageFormat

LONG_SIDE = 512
FRAME_MILLISECONDS = 120
LAST_MILLISECONDS = 2000


def durations(frames: int) -> tuple[int, ...]:
    """Milliseconds for each frame of a time-lapse; the last is held longer."""
    return (*[FRAME_MILLISECONDS] * (frames - 1), LAST_MILLISECONDS)


def film_of(snapshots: Iterable[Picture]) -> Animation:
    """The snapshots as an animation of `LONG_SIDE` pixels at most."""
    frames = tuple(images.shrink(snapshot, LONG_SIDE) for snapshot in snapshots)
    return Animation(frames, durations(len(frames)))


def timelapse(snapshots: Iterable[Picture], image_format: ImageFormat, text: str | None) -> bytes:
    """The same as a file, within its bytes."""
    film = film_of(snapshots)
    return images.encode_animation(film, image_format, max_bytes=MAX_TIMELAPSE_BYTES, text=text)


def timelapse_of(files: Sequence[Path]) -> bytes:
    """The same from the snapshots' files, as WebP, with the last one's text. Raises FileNotFoundError."""
    snapshots = (images.decode(file.read_bytes(), "snapshot", max_bytes=None) for file in files)
    return timelapse(snapshots, ImageFormat.WEBP, images.read_text(files[-1].read_bytes()))
