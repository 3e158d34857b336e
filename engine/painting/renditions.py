"""What else is made of a painting's files when somebody asks for it: to fit a place, for a purpose, to look at.

Rule: how it was painted goes along in every one that has room for it. Everything here blocks: call it in a thread. It
raises FileNotFoundError for a file that has gone meanwhile, and Refusal BROKEN_IMAGE for one that is damaged.
"""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from engine import images
from engine.images import Animation, Fitted, Picture
from engine.images.comparison import LONG_SIDE
from engine.images.sheet import MOST_CELL
from engine.painting import timelapse
from engine.painting.preprocess import MIDDLE, SAME_SHAPE
from engine.protocol import MAX_FRAMES, PRESETS, ImageFormat, PresetFacts, Rendition, Wish

MOVING_SIDE = 512  # of a comparison that moves
STUDY_SIDE = 384  # of a study on a sheet


def fulfils(about: Rendition, size: int, wish: Wish) -> bool:
    """Whether a file of so many bytes is already as it is wished for."""
    is_small = wish.max_bytes is None or size <= wish.max_bytes
    is_narrow = wish.max_side is None or max(about.width, about.height) <= wish.max_side
    return is_small and is_narrow and (wish.preset is None or _is_good_for(about, size, PRESETS[wish.preset]))


def fitted(file: Path, wish: Wish, content: Path | None = None) -> Fitted:
    """A painting's result, or a snapshot of it, as it is wished for; it is cut where its `content` is best cut.

    A photo tells better than a painting where its subject is, as strokes are everywhere.
    """
    data = file.read_bytes()
    text, whole = images.read_text(data), _decoded(data)
    painted = _narrowed(whole, wish)
    if wish.preset is not None:
        facts = PRESETS[wish.preset]
        at = _place_of_cut(painted, content, facts) if facts.cropped else MIDDLE
        return _smaller(_for_purpose(painted, facts, at, wish.max_bytes, text))
    made = _fit(painted, wish.max_bytes, text)
    return made if painted is whole else _smaller(made)


def film(snapshots: Sequence[Path], wish: Wish) -> Fitted:
    """A painting's time-lapse as it is wished for."""
    text = images.read_text(snapshots[-1].read_bytes())
    whole = timelapse.film_of(_still(file.read_bytes()) for file in snapshots)
    return _fit(_narrowed(whole, wish), wish.max_bytes, text)


def comparison(content: Path, result: Path, wish: Wish) -> Fitted:
    """What was painted and what came of it, in one picture, which moves if they do."""
    data = result.read_bytes()
    before, after = _decoded(content.read_bytes()), _decoded(data)
    side = LONG_SIDE if len(after.frames) == 1 else MOVING_SIDE
    after = after.each(lambda frame: images.shrink(frame, side))
    befores = (
        before.frames if len(before.frames) == len(after.frames) else before.frames[:1] * len(after.frames)
    )
    frames = (images.compare(*pair) for pair in zip(befores, after.frames, strict=True))
    both = _narrowed(replace(after, frames=tuple(frames)), wish)
    return _fit(both, wish.max_bytes, images.read_text(data))


def sheet(snapshots: Sequence[Path], wish: Wish) -> Fitted:
    """All snapshots with their numbers, as one picture."""
    stills = [_still(file.read_bytes(), MOST_CELL) for file in snapshots]
    return _fit(_narrowed(Animation.still(images.contact_sheet(stills)), wish), wish.max_bytes, None)


def results_sheet(results: Sequence[Path | None], wish: Wish) -> Fitted:
    """Several results with their numbers, as one picture; None, or a file that has gone meanwhile, is an empty place."""
    stills = [_thumbnail(file) for file in results]
    return _fit(_narrowed(Animation.still(images.contact_sheet(stills)), wish), wish.max_bytes, None)


def collage(pictures: Sequence[Picture | None], wish: Wish) -> Fitted:
    """Pictures with their numbers, as one picture; None is an empty place."""
    return _fit(_narrowed(Animation.still(images.contact_sheet(pictures)), wish), wish.max_bytes, None)


def studies_sheet(studies: Sequence[tuple[Path | Picture, str]], first: int, wish: Wish) -> Fitted:
    """Styles with their titles, numbered from `first`, as one picture: squares of them, as they are textures."""
    tiles = [_square(study, STUDY_SIDE) for study, _ in studies]
    sheet = images.contact_sheet(tiles, [title for _, title in studies], first)
    return _fit(_narrowed(Animation.still(sheet), wish), wish.max_bytes, None)


def study(file: Path, wish: Wish) -> Fitted:
    """A bundled study as it is wished for; for a purpose, a square of it."""
    if wish.preset is None:
        return _fit(_narrowed(_decoded(file.read_bytes()), wish), wish.max_bytes, None)
    facts = PRESETS[wish.preset]
    tile = _square(file, min(facts.width, facts.height))
    return images.fit_png(tile, min(facts.max_bytes, wish.max_bytes or facts.max_bytes))


def redrawn(image: Picture, wish: Wish) -> Fitted:
    """A picture that somebody has sent, as one of ours."""
    return _fit(_narrowed(Animation.still(image), wish), wish.max_bytes, None)


def _square(study: Path | Picture, side: int) -> Picture:
    picture = study if isinstance(study, Picture) else _still(study.read_bytes())
    return images.crop(picture, side, side, MIDDLE)


def _thumbnail(file: Path | None) -> Picture | None:
    if file is None:
        return None
    with suppress(FileNotFoundError):
        return _still(file.read_bytes(), MOST_CELL)
    return None


def _fit(painted: Animation, max_bytes: int | None, text: str | None) -> Fitted:
    if len(painted.frames) > 1:
        return images.fit_animation(painted, ImageFormat.WEBP, max_bytes, text=text)
    return images.fit_still(painted.frames[0], max_bytes, text=text)


def _for_purpose(
    painted: Animation, facts: PresetFacts, at: float, max_bytes: int | None, text: str | None
) -> Fitted:
    most = min(facts.max_bytes, max_bytes or facts.max_bytes)
    shaped = painted.each(lambda frame: _shaped(frame, facts, at))
    if len(shaped.frames) > 1:
        return images.fit_animation(shaped, facts.moving, most, text=text)
    return images.fit_png(shaped.frames[0], most, text=text)


def _place_of_cut(painted: Animation, content: Path | None, facts: PresetFacts) -> float:
    shown = painted.frames[0]
    if content is not None:
        photo = _still(content.read_bytes())
        shown = photo if _is_alike(photo, shown) else shown
    return images.best_cut(shown, facts.width, facts.height)


def _is_alike(one: Picture, other: Picture) -> bool:
    """Whether two pictures are of one shape, as far as rounding to pixels lets them."""
    return abs(math.log(one.width * other.height / (one.height * other.width))) < SAME_SHAPE


def _shaped(frame: Picture, facts: PresetFacts, at: float) -> Picture:
    if facts.cropped:
        return images.crop(frame, facts.width, facts.height, at)
    inside = images.contain(frame, facts.width, facts.height, may_grow=facts.padded)
    return images.pad(inside, facts.width, facts.height) if facts.padded else inside


def _is_good_for(about: Rendition, size: int, facts: PresetFacts) -> bool:
    fills = (about.width, about.height) == (facts.width, facts.height)
    is_inside = about.width <= facts.width and about.height <= facts.height
    return (
        size <= facts.max_bytes
        and about.format is (facts.moving if about.moves else ImageFormat.PNG)
        and (fills if facts.cropped or facts.padded else is_inside)
    )


def _narrowed(painted: Animation, wish: Wish) -> Animation:
    side = wish.max_side
    first = painted.frames[0]
    if side is None or max(first.width, first.height) <= side:
        return painted
    return painted.each(lambda frame: images.contain(frame, side, side))


def _smaller(made: Fitted) -> Fitted:
    """The same, said to be another picture than the whole."""
    return replace(made, about=made.about.model_copy(update={"is_full_size": False}))


def _decoded(data: bytes) -> Animation:
    """A file of ours, whether it moves or not."""
    moving = images.decode_animation(data, "painting", most=MAX_FRAMES, max_bytes=None)
    return moving or Animation.still(images.decode(data, "painting", max_bytes=None))


def _still(data: bytes, long_side: int | None = None) -> Picture:
    return images.decode(data, "snapshot", long_side=long_side, max_bytes=None)
