"""What Discord says of a picture, the check of it, and its bytes.

Rule: size, dimensions and type are checked before anything is stored or downloaded, the bytes are sniffed after;
the limits are the protocol's.
"""

import asyncio

import discord

from bot.errors import BotError, BotErrorCode, is_passing
from bot.orders.pictures import SourcePicture
from engine.protocol import (
    MAX_PIXELS,
    MAX_RATIO,
    ErrorCode,
    Refusal,
    is_strip,
    least_side,
    most_bytes,
    sniff,
)

DOWNLOAD_SECONDS = 60.0
_HEAD = 32  # bytes that sniff wants


def first_picture(message: discord.Message) -> SourcePicture | None:
    """The first attachment of a message that says it is an image, as its author's."""
    found = (SourcePicture.of_attachment(each, message.author.id, message.id) for each in message.attachments)
    return next((picture for picture in found if picture.says_image), None)


def check(picture: SourcePicture, which: str) -> None:
    """Refuse by the facts that Discord gives; which: one of `protocol.IMAGES`. Raises Refusal."""
    kind = picture.content_type or ""
    if kind and not kind.startswith(("image/", "application/octet-stream")):
        raise Refusal(ErrorCode.NOT_AN_IMAGE, image=which)
    if picture.size is not None and picture.size > (limit := most_bytes(which)):
        raise Refusal(ErrorCode.TOO_MANY_BYTES, image=which, size=picture.size, limit=limit)
    if picture.width and picture.height:
        _check_dimensions(picture.width, picture.height, which)


def _check_dimensions(width: int, height: int, which: str) -> None:
    if width * height > MAX_PIXELS:
        raise Refusal(ErrorCode.TOO_MANY_PIXELS, image=which, width=width, height=height, limit=MAX_PIXELS)
    if min(width, height) < (limit := least_side(which)):
        raise Refusal(ErrorCode.TOO_SMALL, image=which, width=width, height=height, limit=limit)
    if is_strip(width, height):
        raise Refusal(ErrorCode.TOO_NARROW, image=which, width=width, height=height, limit=MAX_RATIO)


async def download(client: discord.Client, url: str, which: str) -> bytes:
    """The bytes of a checked attachment at Discord's address of it.

    Raises BotError NOT_FETCHED if Discord no longer has it, Refusal if it is no image of ours, and what a later
    try may mend as it is.
    """
    try:
        async with asyncio.timeout(DOWNLOAD_SECONDS):
            data = await client.http.get_from_cdn(url)
    except discord.HTTPException as error:
        if is_passing(error):
            raise
        raise BotError(BotErrorCode.NOT_FETCHED, image=which) from error
    if sniff(data[:_HEAD]) is None:
        raise Refusal(ErrorCode.NOT_AN_IMAGE, image=which)
    return data
