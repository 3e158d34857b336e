"""Where attachments live, with the facts about them that Discord states and bots rely on.

simcord guesses the content type from the name and knows no dimensions; here both are read from the bytes.
"""

import io
import mimetypes
import re
from typing import Any

from PIL import Image, UnidentifiedImageError
from simcord.backend.cdn import CdnStore

MAX_UPLOAD_BYTES = 10 * 2**20  # per file, in a server without boosts
STILL_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1")  # of pictures in the same container


def image_facts(data: bytes) -> dict[str, Any]:
    """Content type, width and height if the bytes are an image, the type alone if an MP4, else nothing."""
    if data[4:8] == b"ftyp" and data[8:12] not in STILL_BRANDS:
        return {"content_type": "video/mp4"}
    try:
        with Image.open(io.BytesIO(data)) as image:
            return {
                "content_type": image.get_format_mimetype(),
                "width": image.width,
                "height": image.height,
            }
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return {}


class Cdn(CdnStore):
    """Attachments by address; `base` is the address under which the server hands them out."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def store_attachment(
        self, attachment_id: int, channel_id: int, filename: str, data: bytes, description: str | None
    ) -> dict[str, Any]:
        """Keep the bytes and return the attachment as Discord describes it."""
        name = re.sub(r"[^\w.\-]", "_", filename)  # Discord does the same
        url = f"{self.base}/attachments/{channel_id}/{attachment_id}/{name}"
        self._blobs[url] = data
        return {
            "id": str(attachment_id),
            "filename": name,
            "description": description,
            "size": len(data),
            "url": url,
            "proxy_url": url,
            "content_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
            **image_facts(data),
        }
