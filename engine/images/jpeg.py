"""A JPEG whose end mark is missing, which every viewer shows in full, told from one that was cut off; and one of a kind
that no viewer shows, told from one that is damaged.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import ImageChops
from PIL.JpegImagePlugin import JpegImageFile

from engine.images.plugins import DAMAGE, UnusualKindError

if TYPE_CHECKING:
    from PIL._imaging import PixelAccess

_START_OF_SCAN, _END = b"\xff\xda", b"\xff\xd9"
_NOISE = np.random.default_rng(0).integers(0, 255, 256, np.uint8).tobytes()  # holds no marker
_BAND_ROWS = 256
# Of ITU-T T.81, table B.1: how the frames begin of baseline, extended and progressive JPEGs, and of all others.
_USUAL_FRAMES = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)
_UNUSUAL_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF)


class JpegImage(JpegImageFile):
    """A plugin of Pillow's, for which a missing end mark is no damage."""

    def _open(self) -> None:
        assert isinstance(self.fp, BytesIO)  # noqa: S101 - for the type checker
        data = self.fp.getvalue()
        with _kind_told(data):
            super()._open()
        has_end = data.rfind(_END) > data.rfind(_START_OF_SCAN)
        self._endless = None if has_end else data.rstrip(b"\xff")  # the first half of an end mark

    def load(self) -> "PixelAccess | None":
        """Decode. Raises OSError if something of the picture is missing, and UnusualKindError."""
        if not self.tile:
            return super().load()
        if self._endless is None:
            assert isinstance(self.fp, BytesIO)  # noqa: S101 - for the type checker
            with _kind_told(self.fp.getvalue()):
                return super().load()
        # libjpeg takes what follows for more of the picture as long as any is missing, and else throws it away.
        other = JpegImageFile(BytesIO(self._endless + _NOISE + _END), "")
        other.load()
        self.fp = BytesIO(self._endless + _END)
        pixels = super().load()
        for top in range(0, self.height, _BAND_ROWS):
            band = (0, top, self.width, min(top + _BAND_ROWS, self.height))
            if ImageChops.difference(self.crop(band), other.crop(band)).getbbox():
                raise OSError("image file is truncated")
        return pixels


@contextmanager
def _kind_told(data: bytes) -> Iterator[None]:
    """Turn what is wrong with a file of a kind that is not read into UnusualKindError."""
    try:
        yield
    except DAMAGE as error:
        if _is_unusual(data):
            raise UnusualKindError from error
        raise


def _is_unusual(data: bytes) -> bool:
    """Whether the first frame is lossless, hierarchical, or of other than 8 bits."""
    place = 2
    while place + 5 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker in _USUAL_FRAMES:
            return data[place + 4] == 12  # all else that it says is damage
        if marker in _UNUSUAL_FRAMES:
            return True
        place += 1 if marker == 0xFF else 2 + int.from_bytes(data[place + 2 : place + 4])
    return False
