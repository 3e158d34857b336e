"""A picture in as many bytes as somebody takes: as large as it is while it still looks good, and only then smaller.

Rule: nothing but the picture and the bytes decides what comes out. A JPEG keeps its colours whole (4:4:4), and every
program opens it; WebP, with the colours of every fourth pixel, takes half the bytes; lossless WebP takes hardly fewer
than PNG of what is painted, so it is not tried.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.images.animation_encoder import encode_animation
from engine.images.encoder import encode, encode_within
from engine.images.metadata import MAX_CHARACTERS
from engine.images.plugins import DAMAGE, open_image
from engine.images.types import Animation, Picture, rescale
from engine.protocol import ErrorCode, ImageFormat, Refusal, Rendition, sniff

Rung = tuple[ImageFormat, int]  # a format and its quality

# From the best to what still looks good at the size of a chat.
_OPAQUE: Sequence[Rung] = (
    *((ImageFormat.JPEG, quality) for quality in (95, 92, 88, 84)),
    *((ImageFormat.WEBP, quality) for quality in (92, 86, 80, 75)),
)
_SEE_THROUGH: Sequence[Rung] = tuple((ImageFormat.WEBP, quality) for quality in (98, 95, 92, 88, 82, 75))
_LEFT = 0.5  # of the bytes in the middle of such a ladder, at its foot
_HOPELESS = 4.0  # times the bytes: what has more in the middle need not be tried further down
_LEAST_SCALE, _MOST_SCALE = 0.1, 0.95  # of the sides, when quality has no more to give
_TEXT_SHARE = 4  # a text of more than one part in so many of the bytes is left out


@dataclass(frozen=True, eq=False)
class Fitted:
    """A file, and what has become of the picture in it."""

    data: bytes
    about: Rendition


def rendition_of(data: bytes, *, is_full_size: bool = True) -> Rendition:
    """What a file of ours is, by its head. Raises Refusal BROKEN_IMAGE."""
    image_format = sniff(data[:32])
    if image_format is None:
        raise Refusal(ErrorCode.BROKEN_IMAGE, image="painting")
    try:
        with open_image(image_format, data) as image:
            return Rendition(
                format=image_format,
                width=image.width,
                height=image.height,
                moves=getattr(image, "n_frames", 1) > 1,
                is_full_size=is_full_size,
            )
    except DAMAGE as error:
        raise Refusal(ErrorCode.BROKEN_IMAGE, image="painting") from error


def fit_still(picture: Picture, max_bytes: int | None, *, text: str | None = None) -> Fitted:
    """A picture as JPEG, or as WebP if that is too large or would lose its transparency.

    `max_bytes` (None: any number; at least `MIN_RENDITION_BYTES`) costs quality first, then size.
    """
    text = _short_enough(text, max_bytes)
    size = picture.width, picture.height
    rungs: Sequence[Rung] = _OPAQUE if picture.alpha is None else _SEE_THROUGH
    while True:
        data, least = _best(picture, rungs, max_bytes, text)
        if max_bytes is None or len(data) <= max_bytes:
            return Fitted(data, rendition_of(data, is_full_size=(picture.width, picture.height) == size))
        scale = min(max(0.95 * math.sqrt(max_bytes / least), _LEAST_SCALE), _MOST_SCALE)
        picture, rungs = rescale(picture, scale), rungs[len(rungs) // 2 :]


def fit_png(picture: Picture, max_bytes: int, *, text: str | None = None) -> Fitted:
    """A picture of at most 1000 pixels or so as PNG: where the bytes are not enough, of fewer colours, then smaller."""
    text = _short_enough(text, max_bytes)
    size = picture.width, picture.height
    while True:
        data = encode_within(picture, ImageFormat.PNG, max_bytes, text=text)
        if len(data) <= max_bytes:
            return Fitted(data, rendition_of(data, is_full_size=(picture.width, picture.height) == size))
        picture = rescale(picture, _MOST_SCALE)


def fit_animation(
    animation: Animation,
    image_format: ImageFormat,
    max_bytes: int | None,
    *,
    text: str | None = None,
) -> Fitted:
    """An animation as `encode_animation` makes it; where even the smallest has too many bytes, of fewer frames."""
    text = _short_enough(text, max_bytes)
    first = animation.frames[0]
    while True:
        data = encode_animation(animation, image_format, max_bytes=max_bytes, text=text)
        if max_bytes is None or len(data) <= max_bytes or len(animation.frames) == 1:
            made = rendition_of(data)
            is_full_size = (made.width, made.height) == (first.width, first.height)
            return Fitted(data, made.model_copy(update={"is_full_size": is_full_size}))
        animation = _every_other(animation)


def _best(
    picture: Picture, rungs: Sequence[Rung], max_bytes: int | None, text: str | None
) -> tuple[bytes, float]:
    """On the highest rung that fits, found by halving the ladder, or else on some rung; and about how many bytes the
    lowest takes.
    """
    if max_bytes is None:
        data = _on(rungs[0], picture, text)
        return data, len(data)
    low, high, found = 0, len(rungs) - 1, b""
    while low < high:
        middle = (low + high) // 2
        data = _on(rungs[middle], picture, text)
        if len(data) <= max_bytes:
            found, high = data, middle
        elif len(data) > _HOPELESS * max_bytes:
            return data, _LEFT * len(data)
        else:
            low = middle + 1
    found = found or _on(rungs[low], picture, text)
    return found, len(found)


def _on(rung: Rung, picture: Picture, text: str | None) -> bytes:
    image_format, quality = rung
    return encode(picture, image_format, text=text, quality=quality)


def _every_other(animation: Animation) -> Animation:
    shown = animation.milliseconds
    pairs = [sum(shown[index : index + 2]) for index in range(0, len(shown), 2)]
    return Animation(animation.frames[::2], tuple(pairs), animation.total)


def _short_enough(text: str | None, max_bytes: int | None) -> str | None:
    """The text, unless the file has no place for it: two bytes for each of its characters."""
    if text is None or len(text) > MAX_CHARACTERS:
        return None
    return text if max_bytes is None or 2 * len(text) * _TEXT_SHARE <= max_bytes else None
