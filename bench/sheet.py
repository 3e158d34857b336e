"""Pictures side by side, to judge by eye what `bench.measures` judges by figures."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from engine.images import Picture, resize

HEADING = 16  # pixels


def sheet(pictures: Sequence[Sequence[Picture]], headings: Sequence[str]) -> Image.Image:
    """A row a pair, a column a method, all cells of one size (the smallest; others are cut in the middle)."""
    width = min(row[0].width for row in pictures)
    height = min(round(row[0].height * width / row[0].width) for row in pictures)
    rows = [np.concatenate([_cell(each, width, height) for each in row], axis=1) for row in pictures]
    board = Image.new("RGB", (width * len(headings), HEADING + height * len(rows)), "white")
    board.paste(Image.fromarray(np.concatenate(rows)), (0, HEADING))
    pen = ImageDraw.Draw(board)
    for column, heading in enumerate(headings):
        pen.text((column * width + 4, 2), heading, fill="black")
    return board


def _cell(picture: Picture, width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Scaled to cover width x height, and cut to it around the middle."""
    scale = max(width / picture.width, height / picture.height)
    scaled = resize(
        picture, max(width, round(picture.width * scale)), max(height, round(picture.height * scale))
    )
    left, top = (scaled.width - width) // 2, (scaled.height - height) // 2
    return scaled.rgb[top : top + height, left : left + width]
