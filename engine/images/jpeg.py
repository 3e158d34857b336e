"""A JPEG whose end mark is missing, which every viewer shows in full, told from one that was cut off."""

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import ImageChops
from PIL.JpegImagePlugin import JpegImageFile

if TYPE_CHECKING:
    from PIL._imaging import PixelAccess

_START_OF_SCAN, _END = b"\xff\xda", b"\xff\xd9"
_NOISE = np.random.default_rng(0).integers(0, 255, 256, np.uint8).tobytes()  # holds no marker
_BAND_ROWS = 256


class JpegImage(JpegImageFile):
    """A plugin of Pillow's, for which a missing end mark is no damage."""

    def _open(self) -> None:
        assert isinstance(self.fp, BytesIO)  # noqa: S101 - for the type checker
        data = self.fp.getvalue()
        super()._open()
        has_end = data.rfind(_END) > data.rfind(_START_OF_SCAN)
        self._endless = None if has_end else data.rstrip(b"\xff")  # the first half of an end mark

    def load(self) -> "PixelAccess | None":
        """Decode. Raises OSError if something of the picture is missing."""
        if not self.tile or self._endless is None:
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
