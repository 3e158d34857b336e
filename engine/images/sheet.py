"""A contact sheet: pictures in rows, each with its number, to choose one of them by its number.

Pure: pictures in, a picture out.
"""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from engine.images.types import Picture, of_image, to_image

LONG_SIDE = 1600  # of a sheet
MANY, LONGER_SIDE = 100, 2400  # of one with more pictures, each of which is to be recognised
MOST_CELL = 512  # pixels of a picture's long side
_SHAPE = 1.5  # width to height that a sheet comes near to: what a chat shows largest
_GAP = 8
_MARK = 0.2  # of a picture's short side: how high its number is
_LEAST_MARK, _MOST_MARK = 14, 56
_GREY = (49, 51, 56)  # what a dark chat has behind it
_EMPTY = (*_GREY, 255)
_DARK, _LIGHT = (0, 0, 0, 190), (255, 255, 255, 255)
_CAPTION = 0.1  # of a picture's width: how high its title is below it
_LEAST_CAPTION = 16
_TEXT = (219, 222, 225)  # what a dark chat writes with


def contact_sheet(
    pictures: Sequence[Picture | None],
    titles: Sequence[str] = (),
    first: int = 1,
    *,
    shape: tuple[int, int] | None = None,
) -> Picture:
    """All of them (one or more), numbered from `first`, on dark grey; of one that is missing, its number alone.

    titles: what stands below each, on one line, cut where it is too long; without any there are none. Those of several
    shapes are put into squares. shape: the (width, height) that all have, for when none is there yet.
    """
    shapes = {(picture.width, picture.height) for picture in pictures if picture is not None}
    shapes |= {shape} if shape else set()
    is_of_one = len(shapes) == 1
    common = shapes.pop() if is_of_one else (MOST_CELL, MOST_CELL)
    columns = _columns(len(pictures), common[0] / common[1])
    rows = math.ceil(len(pictures) / columns)
    side = LONG_SIDE if len(pictures) <= MANY else LONGER_SIDE
    room = (
        (side - _GAP * (columns - 1)) / columns / common[0],
        (side - _GAP * (rows - 1)) / rows / common[1],
        MOST_CELL / max(common),
    )
    width, height = (max(round(side * min(room)), 1) for side in common)
    caption = max(round(_CAPTION * width), _LEAST_CAPTION) if titles else 0
    across, down = width + _GAP, height + caption + _GAP
    sheet = Image.new("RGB", (columns * across - _GAP, rows * down - _GAP), _GREY)
    for index, picture in enumerate(pictures):
        cell = _cell(picture, width, height, is_of_one)
        _mark(cell, first + index)
        corner = (index % columns) * across, (index // columns) * down
        sheet.paste(cell, corner, cell)
        if titles:
            _write_below(sheet, titles[index], (corner[0], corner[1] + height), width, caption)
    return of_image(sheet)


def _write_below(sheet: Image.Image, title: str, corner: tuple[int, int], width: int, height: int) -> None:
    """Write a title into the middle of a strip, as much of it as there is room for."""
    font = ImageFont.load_default(0.62 * height)
    text = title
    while text and font.getlength(text) > width:
        text = text.removesuffix("…")[:-1].rstrip() + "…" if len(text) > 2 else ""
    middle = corner[0] + width / 2, corner[1] + height / 2
    ImageDraw.Draw(sheet).text(middle, text, font=font, fill=_TEXT, anchor="mm")


def _cell(picture: Picture | None, width: int, height: int, fills: bool) -> Image.Image:
    """A picture in the middle of so many pixels, as large as they let it be, or of all of them if it fills them."""
    cell = Image.new("RGBA", (width, height), _EMPTY)
    if picture is None:
        return cell
    if fills:
        return to_image(picture).convert("RGBA").resize((width, height), Image.Resampling.LANCZOS)
    scale = min(width / picture.width, height / picture.height)
    across, down = max(round(picture.width * scale), 1), max(round(picture.height * scale), 1)
    shown = to_image(picture).convert("RGBA").resize((across, down), Image.Resampling.LANCZOS)
    cell.paste(shown, ((width - shown.width) // 2, (height - shown.height) // 2), shown)
    return cell


def _columns(count: int, ratio: float) -> int:
    """How many pictures of this ratio of width to height go into a row."""

    def strangeness(columns: int) -> float:
        rows = math.ceil(count / columns)
        empty = columns * rows - count
        return abs(math.log(columns * ratio / rows / _SHAPE)) + empty / count

    return min(range(1, count + 1), key=strangeness)


def _mark(cell: Image.Image, number: int) -> None:
    """Write the number into the upper left corner."""
    size = min(max(_MARK * min(cell.size), _LEAST_MARK), _MOST_MARK)
    font = ImageFont.load_default(size)
    text = str(number)
    draw = ImageDraw.Draw(cell, "RGBA")
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    margin = size * 0.3
    box = (0, 0, right - left + 2 * margin, bottom - top + 2 * margin)
    draw.rounded_rectangle(box, margin, fill=_DARK, corners=(False, False, True, False))
    draw.text((margin - left, margin - top), text, font=font, fill=_LIGHT)
