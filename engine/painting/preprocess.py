"""What a painting is made of, made to fit it: the content cut, styles made smaller, masks laid over it.

Pure: decoded images in, the files that a run is made of and notes out. Rule: a job's images and those that
are painted at the command line go through here alike, so that what one has painted the other can paint again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from engine import images
from engine.images import Animation, Picture
from engine.nst import colour
from engine.planning import planner
from engine.planning.bounds import Limits, plan_within
from engine.planning.cost_model import Speed
from engine.protocol import (
    MAX_ANIMATED_SIDE,
    MAX_SIDE,
    MIN_SIDE,
    PRESETS,
    ErrorCode,
    ImageFormat,
    Note,
    NoteCode,
    Plan,
    Provenance,
    Refusal,
    Settings,
)

Size = tuple[int, int]  # width, height

LARGEST = MAX_SIDE  # pixels of a side: more of an image is never looked at
LARGEST_KEPT_STYLE = 2048  # the same of a style
SAME_SHAPE = 0.04  # two ratios of width to height no further apart are one: rounding does that to small sides
DARKEST_MASK = 8  # grey levels: below, there is nothing to be seen in a mask
MIDDLE = 0.5  # of a picture that is not cut, or on either side alike
FAINTEST_STYLE = 8  # of alpha: below, there is nothing to be seen in a style


@dataclass(frozen=True)
class Sizes:
    """What goes with the content has to fit these: the content's as it was sent and as it is kept, in pixels.

    result: the long side of the result. style_scale: as in the settings. at: where the content was cut.
    """

    sent: Size
    kept: Size
    result: int
    style_scale: float
    at: float = MIDDLE

    @property
    def style(self) -> int:
        """The most of a style image that is looked at, on its long side."""
        return min(math.ceil(self.result * max(self.style_scale, 1)), LARGEST_KEPT_STYLE)

    @property
    def mask(self) -> int:
        """The most of a mask: twice the result, because some of it may be cut off."""
        return min(2 * self.result, LARGEST)


def size_of(content: Animation) -> Size:
    """Of each frame."""
    return content.frames[0].width, content.frames[0].height


# --- the content and the plan -----------------------------------------------------------------------------


def place_of_cut(content: Animation, settings: Settings) -> float:
    """Where a content, all of whose frames are cut alike, is `cut`."""
    facts = PRESETS[settings.preset] if settings.preset else None
    if facts is None or not facts.cropped:
        return MIDDLE
    return images.best_cut(content.frames[0], facts.width, facts.height)


def cut(content: Animation, settings: Settings, at: float) -> Animation:
    """Cut, at a place, to the shape that a preset asks for; what is too narrow then is scaled up to what can be painted."""
    facts = PRESETS[settings.preset] if settings.preset else None
    if facts is None or not facts.cropped:
        return content
    width, height = size_of(content)
    scale = min(width / facts.width, height / facts.height)
    scale = max(scale, MIN_SIDE / min(facts.width, facts.height))
    shape = round(facts.width * scale), round(facts.height * scale)
    return content.each(lambda frame: images.crop(frame, *shape, at))


def make_plan(
    settings: Settings, content: Animation, speed: Speed, memory: int | None, limits: Limits | None = None
) -> Plan:
    """The plan for a content that is `cut`, with notes of what is not as one may expect.

    Raises Refusal for what the `limits` do not allow, see `bounds.plan_within`.
    """
    make = partial(_make_plan, content, speed, memory)
    plan = make(settings) if limits is None else plan_within(settings, make, limits)
    frames, notes = len(content.frames), [*plan.notes]
    if frames == 1 < content.total:
        notes.append(Note.of(NoteCode.FIRST_FRAME, frames=content.total))
    elif frames < content.total:
        notes.append(Note.of(NoteCode.FRAMES_THINNED, frames=content.total, painted=frames))
    return plan.model_copy(update={"notes": tuple(notes)})


def _make_plan(content: Animation, speed: Speed, memory: int | None, settings: Settings) -> Plan:
    """The plan for all of the frames, which are no larger than frames are painted."""
    frames = len(content.frames)
    plan = planner.make_plan(settings, *size_of(content), speed, frames=frames, memory=memory)
    if frames == 1 or settings.preset is not None or max(plan.result_size) <= MAX_ANIMATED_SIDE:
        return plan
    smaller = settings.model_copy(update={"size": MAX_ANIMATED_SIDE})
    plan = planner.make_plan(smaller, *size_of(content), speed, frames=frames, memory=memory)
    if settings.size is None:
        return plan
    note = Note.of(NoteCode.SMALLER_FOR_FRAMES, limit=MAX_ANIMATED_SIDE)
    return plan.model_copy(update={"notes": (*plan.notes, note)})


def fit_content(
    content: Animation, plan: Plan, settings: Settings, sent: Size, at: float = MIDDLE
) -> tuple[Animation, Sizes]:
    """A `cut` content no larger than the plan's result, and what goes with it. sent: its size before the cut, `at` a place."""
    result = max(plan.result_size)
    kept = content.each(lambda frame: images.shrink(frame, result))
    return kept, Sizes(sent, size_of(kept), result, settings.style_scale, at)


# --- what goes with the content ---------------------------------------------------------------------------


def fit_mask(mask: NDArray[np.uint8], which: str, sizes: Sizes) -> tuple[NDArray[np.uint8], tuple[Note, ...]]:
    """A mask for the content as it was sent is cut as that was; one of neither shape is stretched over it.

    Raises Refusal BLACK_MASK if it is black then; which: one of `protocol.IMAGES`.
    """
    grey = Picture(np.repeat(mask[..., None], 3, axis=2))
    notes: tuple[Note, ...] = ()
    shape = grey.width, grey.height
    if not _same_shape(shape, sizes.kept) and _same_shape(shape, sizes.sent):
        grey = images.crop(grey, *sizes.kept, sizes.at)
    else:
        grey = images.resize(grey, *sizes.kept)
        if not _same_shape(shape, sizes.kept):
            width, height = sizes.sent
            notes = (Note.of(NoteCode.MASK_RESIZED, image=which, width=width, height=height),)
    fitted = grey.rgb[..., 0]
    check_mask(fitted, which)
    return fitted, notes


def check_mask(mask: NDArray[np.uint8], which: str) -> None:
    """Raise Refusal BLACK_MASK if there is nothing to be seen in it."""
    if mask.max() < DARKEST_MASK:
        raise Refusal(ErrorCode.BLACK_MASK, image=which)


def check_style(style: Picture, which: str) -> None:
    """Raise Refusal CLEAR_STYLE if it is transparent all over."""
    if style.alpha is not None and style.alpha.max() < FAINTEST_STYLE:
        raise Refusal(ErrorCode.CLEAR_STYLE, image=which)


def fit_previous(previous: Picture, sizes: Sizes) -> Picture:
    """The whole of it if it has the content's shape, or else what is left of it where the content was cut, if it was of
    that one's shape, or its middle: a sticker loses its margin."""
    shape = previous.width, previous.height
    if _same_shape(shape, sizes.kept) or _is_rounded(shape, sizes.kept):
        return images.resize(previous, *sizes.kept)
    return images.crop(previous, *sizes.kept, sizes.at if _same_shape(shape, sizes.sent) else MIDDLE)


# --- as files ---------------------------------------------------------------------------------------------


def content_file(content: Animation) -> bytes:
    """A content that is fitted."""
    if len(content.frames) > 1:
        return images.encode_animation(content, ImageFormat.PNG)
    return images.encode_quickly(content.frames[0])


def style_file(style: Picture, which: str, sizes: Sizes) -> tuple[bytes, tuple[Note, ...]]:
    """A style image, and what is to be said of it; which: one of `protocol.IMAGES`.

    Raises Refusal CLEAR_STYLE if there is nothing to be seen in it.
    """
    style = images.shrink(style, sizes.style)
    check_style(style, which)
    notes = (Note.of(NoteCode.FLAT_STYLE, image=which),) if colour.is_flat(style.visible) else ()
    return images.encode_quickly(style), notes


def mask_file(mask: NDArray[np.uint8], which: str, sizes: Sizes) -> tuple[bytes, tuple[Note, ...]]:
    """A mask, and what is to be said of it. Raises Refusal BLACK_MASK; which: one of `protocol.IMAGES`."""
    fitted, notes = fit_mask(images.shrink_mask(mask, sizes.mask), which, sizes)
    return images.encode_mask(fitted), notes


def previous_file(previous: Picture, sizes: Sizes) -> bytes:
    """An earlier result."""
    return images.encode(fit_previous(images.shrink(previous, LARGEST), sizes), ImageFormat.PNG)


def provenance_of(
    *,
    content: str,
    styles: Sequence[str],
    weights: Sequence[float],
    masks: Sequence[str | None],
    previous: str | None,
    settings: Settings,
    plan: Plan,
) -> Provenance:
    """All that is needed to repeat a painting, of which nothing is done yet; images are named by source."""
    return Provenance(
        engine=version("atelier"),
        content=content,
        styles=tuple(styles),
        weights=tuple(weights),
        masks=tuple(masks) if any(masks) else (),
        previous=previous,
        settings=settings,
        plan=plan,
        evaluations_done=0,
    )


def _is_rounded(small: Size, large: Size) -> bool:
    """Whether a size is another one made smaller, to whole pixels of its short side."""
    long, short = max(large), min(large)
    wanted = max(round(short * max(small) / long), 1)
    return min(small) == wanted and (small[0] < small[1]) == (large[0] < large[1])


def _same_shape(one: Size, other: Size) -> bool:
    return abs(math.log(one[0] * other[1] / (one[1] * other[0]))) < SAME_SHAPE
