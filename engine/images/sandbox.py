"""Strangers' image files, decoded in child processes that may die instead of us.

A child has no environment, no file, no network and no other process (`engine.images.confinement`), and limits on its
memory and its processor time. Rule: whatever becomes of it, a thread of ours waits for it no longer than the limit on the
wall clock, which counts from before the child is started; what it has found is checked once more for what was asked.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine import images
from engine.images.confinement import DEFAULT, Limits
from engine.images.decoding import Answer, Order, ask
from engine.images.types import Animation, Picture
from engine.protocol import ErrorCode, Provenance, Refusal


async def decode(
    data: bytes, which: str, *, long_side: int | None = None, limits: Limits = DEFAULT
) -> Picture:
    """Decode as `engine.images.decode` does, but out of harm's way. Raises Refusal."""
    answer = await ask(Order("picture", which, data, {"which": which, "long_side": long_side}), limits)
    return _pictures(answer, which, [len(answer.arrays) > 1])[0]


async def decode_content(
    data: bytes, which: str, *, most: int, long_side: int, frame_side: int, limits: Limits = DEFAULT
) -> Animation:
    """Decode as `engine.images.decode_content` does, but out of harm's way. Raises Refusal."""
    options: dict[str, int | str | None] = {
        "which": which,
        "most": most,
        "long_side": long_side,
        "frame_side": frame_side,
    }
    answer = await ask(Order("content", which, data, options), limits)
    frames = _pictures(answer, which, answer.head.alpha)
    times = tuple(answer.head.milliseconds)
    sizes = {frame.rgb.shape for frame in frames}
    if len(times) != len(frames) or len(sizes) != 1 or len(frames) > most:
        raise Refusal(ErrorCode.BROKEN_IMAGE, image=which)
    return Animation(frames, times, answer.head.total)


async def decode_mask(
    data: bytes, which: str, *, long_side: int, limits: Limits = DEFAULT
) -> NDArray[np.uint8]:
    """Decode as `engine.images.decode_mask` does, but out of harm's way. Raises Refusal."""
    answer = await ask(Order("mask", which, data, {"which": which, "long_side": long_side}), limits)
    if [array.ndim for array in answer.arrays] != [2]:
        raise Refusal(ErrorCode.BROKEN_IMAGE, image=which)
    return answer.arrays[0]


async def read_provenance(data: bytes, *, limits: Limits = DEFAULT) -> Provenance:
    """Read as `engine.images.read_provenance` does, but out of harm's way. Raises Refusal likewise, or BUSY."""
    try:
        answer = await ask(Order("text", "content", data), limits)
    except Refusal as refusal:  # a file that kills its reader tells nothing
        if refusal.code is ErrorCode.BUSY:
            raise
        raise Refusal(ErrorCode.NO_RECIPE) from refusal
    return images.parse_provenance(answer.head.text)


async def probe(limits: Limits = DEFAULT) -> Answer:
    """Have a child try to get out: what its confinement lacks, and in `head.escapes` what it got at. Raises Refusal."""
    return await ask(Order("probe", "content", b""), limits)


def _pictures(answer: Answer, which: str, has_alpha: Sequence[bool]) -> tuple[Picture, ...]:
    """The arrays as pictures. Raises Refusal if they cannot be any."""
    arrays, pictures = iter(answer.arrays), []
    for opaque in has_alpha:
        rgb, alpha = next(arrays, None), next(arrays, None) if opaque else None
        if rgb is None or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
            raise Refusal(ErrorCode.BROKEN_IMAGE, image=which)
        if opaque and (alpha is None or alpha.shape != rgb.shape[:2]):
            raise Refusal(ErrorCode.BROKEN_IMAGE, image=which)
        pictures.append(Picture(rgb, alpha))
    if not pictures or next(arrays, None) is not None:
        raise Refusal(ErrorCode.BROKEN_IMAGE, image=which)
    return tuple(pictures)
