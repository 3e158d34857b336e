"""Styles as the engine draws them on a sheet: its own by their names, those of a server by their pictures, sent along."""

import base64

from bot.storage.images import Images
from bot.storage.museum import THUMBNAIL, ServerStyleCard
from bot.words.paintings import title_of
from engine.protocol import SheetTile, StyleCard


async def tile_of(style: StyleCard, images: Images) -> SheetTile:
    """One style of a sheet. Raises FileNotFoundError: it has just been taken back."""
    if not isinstance(style, ServerStyleCard):
        called = title_of(style)
        return SheetTile(name=style.name, title="" if called == style.title else called)
    data = await images.read(style.name, THUMBNAIL)
    return SheetTile(title=style.title, image=base64.b64encode(data).decode())
