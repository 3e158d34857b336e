"""Draws contents and styles of kinds that no free photo at hand shows: `python -m bench.drawings`.

Leaves them in bench/pictures, where they are committed, so that all judge the same ones. Flat shapes, gradients and
noise from fixed seeds; nothing is traced from another picture.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bench.scenes import VARIOUS

WIDTH, HEIGHT = 384, 256
SCALE = 2  # drawn larger, so that edges come out smooth
Colour = tuple[int, int, int]


class Canvas:
    """A picture to draw on, in pixels of the result."""

    def __init__(self, top: Colour, bottom: Colour) -> None:
        rows = np.linspace(0, 1, HEIGHT * SCALE)[:, None, None]
        shades = np.array(top) * (1 - rows) + np.array(bottom) * rows
        pixels = np.broadcast_to(shades, (HEIGHT * SCALE, WIDTH * SCALE, 3))
        self.image = Image.fromarray(np.rint(pixels).astype(np.uint8))
        self._pen = ImageDraw.Draw(self.image)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A rectangle."""
        self._pen.rectangle([SCALE * each for each in (x, y, x + width, y + height)], fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour, squash: float = 1.0) -> None:
        """An ellipse around (x, y), `squash` times as high as wide."""
        box = (x - radius, y - radius * squash, x + radius, y + radius * squash)
        self._pen.ellipse([SCALE * each for each in box], fill=colour)

    def shape(self, points: list[tuple[float, float]], colour: Colour) -> None:
        """A polygon."""
        self._pen.polygon([(SCALE * x, SCALE * y) for x, y in points], fill=colour)

    def line(self, points: list[tuple[float, float]], colour: Colour, width: float) -> None:
        """A path."""
        self._pen.line([(SCALE * x, SCALE * y) for x, y in points], fill=colour, width=round(SCALE * width))

    def glow(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Light that fades with the distance."""
        rows, columns = np.ogrid[: HEIGHT * SCALE, : WIDTH * SCALE]
        distance = np.hypot(rows - SCALE * y, columns - SCALE * x) / (SCALE * radius)
        light = np.exp(-(distance**2))[..., None] * np.array(colour)
        self._replace(np.asarray(self.image) + light)

    def finished(self, noise: float = 0.0) -> Image.Image:
        """At the size of the result, with a sensor's noise of that deviation."""
        small = np.asarray(self.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX), np.float64)
        grain = np.random.default_rng(0).normal(0, 1, small.shape) * noise
        return Image.fromarray(np.clip(np.rint(small + grain), 0, 255).astype(np.uint8))

    def _replace(self, pixels: NDArray[np.floating]) -> None:
        self.image = Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
        self._pen = ImageDraw.Draw(self.image)


def landscape() -> Image.Image:
    """Mountains behind a lake, with trees."""
    canvas = Canvas((110, 160, 215), (235, 225, 205))
    canvas.glow(300, 60, 30, (120, 100, 40))
    random = np.random.default_rng(1)
    for base, height, colour in (
        (150, 80, (120, 130, 160)),
        (175, 55, (80, 100, 110)),
        (195, 25, (60, 85, 60)),
    ):
        steps = np.linspace(0, WIDTH, 25)
        ridge = base - height * np.abs(np.sin(steps / 57 + base)) - random.uniform(0, 8, steps.size)
        canvas.shape(
            [*zip(steps.tolist(), ridge.tolist(), strict=True), (WIDTH, HEIGHT), (0, HEIGHT)], colour
        )
    canvas.shape([(0, 205), (WIDTH, 198), (WIDTH, 256), (0, 256)], (95, 140, 170))
    for x in (30, 55, 90, 340, 365):
        tall = 50 + x % 20
        canvas.box(x - 2, 215, 4, 15, (80, 55, 40))
        canvas.shape([(x - 14, 218), (x, 218 - tall), (x + 14, 218)], (35, 70, 45))
    return canvas.finished(3)


def building() -> Image.Image:
    """A brick house front with windows and a door."""
    canvas = Canvas((150, 190, 230), (225, 230, 235))
    canvas.box(0, 225, WIDTH, 31, (120, 118, 112))
    canvas.box(60, 60, 264, 166, (165, 85, 65))
    canvas.shape([(48, 62), (192, 12), (336, 62)], (95, 60, 55))
    for row in range(60, 225, 8):
        canvas.line([(60, row), (324, row)], (185, 120, 100), 0.8)
    for x in (82, 142, 222, 282):
        for y in (78, 148):
            canvas.box(x, y, 30, 42, (235, 230, 215))
            canvas.box(x + 3, y + 3, 24, 36, (60, 80, 105))
            canvas.line([(x + 15, y), (x + 15, y + 42)], (235, 230, 215), 2)
    canvas.box(178, 160, 30, 66, (40, 75, 60))
    canvas.disc(202, 195, 2, (220, 190, 90))
    return canvas.finished(3)


def group() -> Image.Image:
    """Three people side by side."""
    canvas = Canvas((205, 215, 200), (150, 165, 140))
    people = ((95, 205, 150, 120, 60, 40), (192, 235, 190, 160, 170, 60), (290, 160, 110, 85, 30, 25))
    coats = ((180, 50, 60), (50, 80, 150), (225, 170, 60))
    for (x, red, green, blue, hair, dark), coat in zip(people, coats, strict=True):
        skin, lock = (red, green, blue), (hair, hair // 2 + dark // 2, dark)
        canvas.disc(x, 250, 62, coat, 1.5)
        canvas.box(x - 12, 130, 24, 32, skin)
        canvas.disc(x, 92, 42, lock, 1.1)
        canvas.disc(x, 102, 34, skin, 1.25)
        canvas.shape([(x - 34, 88), (x, 58), (x + 34, 88), (x, 76)], lock)
        for side in (-1, 1):
            canvas.disc(x + 13 * side, 98, 6, (250, 250, 248), 0.6)
            canvas.disc(x + 13 * side, 98, 3, (50, 40, 35))
            canvas.line([(x + 7 * side, 87), (x + 20 * side, 88)], lock, 2)
        canvas.line([(x, 100), (x - 3, 115), (x + 2, 116)], (red - 40, green - 40, blue - 40), 1.5)
        canvas.disc(x, 126, 10, (170, 70, 75), 0.35)
    return canvas.finished(2)


def screenshot() -> Image.Image:
    """A window with a list, lines of text and a chart."""
    canvas = Canvas((245, 246, 248), (245, 246, 248))
    canvas.box(0, 0, WIDTH, 22, (52, 58, 70))
    for index, colour in enumerate(((235, 95, 85), (240, 190, 75), (95, 190, 95))):
        canvas.disc(14 + 14 * index, 11, 4, colour)
    canvas.box(0, 22, 90, HEIGHT - 22, (228, 231, 237))
    random = np.random.default_rng(2)
    for row in range(10):
        canvas.box(10, 36 + 20 * row, int(random.integers(35, 70)), 5, (120, 128, 142))
    canvas.box(0, 70, 90, 16, (88, 101, 242))
    for row in range(9):
        x = 104
        while x < 240 - row * 4:
            word = int(random.integers(8, 26))
            canvas.box(x, 40 + 12 * row, word, 4, (70, 75, 85))
            x += word + 5
    for index, height in enumerate((25, 48, 36, 70, 58, 90)):
        canvas.box(
            262 + 19 * index, 240 - height, 13, height, (88, 101, 242) if index % 2 else (87, 190, 160)
        )
    canvas.box(104, 165, 140, 75, (255, 255, 255))
    canvas.line([(110, 230), (140, 205), (170, 215), (205, 180), (238, 172)], (235, 95, 85), 2)
    return canvas.finished()


def night() -> Image.Image:
    """A street at night: few lights, and a sensor's noise."""
    canvas = Canvas((8, 10, 24), (22, 20, 30))
    canvas.disc(320, 40, 14, (215, 215, 200))
    random = np.random.default_rng(3)
    for left, top, width in ((0, 90, 70), (75, 60, 80), (160, 110, 60), (225, 80, 70), (300, 100, 84)):
        canvas.box(left, top, width, HEIGHT - top, (14, 14, 20))
        for x in range(left + 8, left + width - 10, 16):
            for y in range(top + 10, 200, 20):
                if random.uniform() < 0.4:
                    canvas.box(x, y, 8, 10, (205, 165, 85))
    canvas.shape([(0, 256), (150, 215), (234, 215), (WIDTH, 256)], (30, 30, 36))
    for x in (60, 250):
        canvas.line([(x, 235), (x, 150)], (45, 45, 50), 3)
        canvas.glow(x, 150, 34, (170, 120, 50))
        canvas.disc(x, 150, 4, (255, 240, 200))
    return canvas.finished(9)


def pencil() -> Image.Image:
    """Hatching on paper, denser where it is darker."""
    canvas = Canvas((240, 238, 230), (234, 231, 222))
    random = np.random.default_rng(4)
    for _ in range(2600):
        x, y = random.uniform(0, WIDTH), random.uniform(0, HEIGHT)
        dark = 0.5 + 0.5 * np.sin(x / 43) * np.cos(y / 37)
        if random.uniform() > dark:
            continue
        angle = 0.7 + (1.5 if dark > 0.75 and random.uniform() < 0.4 else 0) + random.normal(0, 0.08)
        length = random.uniform(6, 22)
        end = (float(x + length * np.cos(angle)), float(y - length * np.sin(angle)))
        shade = int(random.integers(60, 130))
        canvas.line([(float(x), float(y)), end], (shade, shade, shade + 4), 0.8)
    return canvas.finished(4)


def emoji() -> Image.Image:
    """A face on nothing: what is transparent is magenta, which nobody sees."""
    side = 128
    large = Image.new("RGB", (4 * side, 4 * side), (255, 0, 255))
    mask = Image.new("L", large.size, 0)
    pen, cut = ImageDraw.Draw(large), ImageDraw.Draw(mask)
    cut.ellipse((16, 16, 496, 496), fill=255)
    pen.ellipse((8, 8, 504, 504), fill=(225, 160, 40))
    pen.ellipse((40, 32, 472, 464), fill=(255, 205, 75))
    for x in (170, 342):
        pen.ellipse((x - 32, 150, x + 32, 250), fill=(95, 60, 30))
    pen.chord((130, 230, 382, 430), 10, 170, fill=(120, 50, 40))
    pen.chord((180, 330, 332, 430), 190, 350, fill=(235, 110, 110))
    small = large.resize((side, side), Image.Resampling.BOX)
    small.putalpha(mask.resize((side, side), Image.Resampling.BOX))  # together they would lose what is hidden
    return small


PHOTOS = (landscape, building, group, screenshot, night)
STYLES = (pencil, emoji)


def draw(folder: Path) -> None:
    """All of them, as PNG."""
    for kind, drawers in (("photos", PHOTOS), ("styles", STYLES)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for drawer in drawers:
            drawer().save(folder / kind / f"{drawer.__name__}.png", optimize=True)


if __name__ == "__main__":
    draw(VARIOUS)
