"""A WebP that does not move, without the two copies that libwebp keeps of it for the next frame."""

from PIL.WebPImagePlugin import WebPImageFile


class WebpImage(WebPImageFile):
    """A plugin of Pillow's, whose still pictures are loaded once."""

    def _get_next(self) -> tuple[bytes, int, int]:
        frame = super()._get_next()
        if self.n_frames == 1:
            del self._decoder
        return frame
