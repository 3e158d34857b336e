"""What Discord says of a picture, the check of it, and its bytes.

Rule: size, dimensions and type are checked before anything is stored or downloaded, the bytes are sniffed after;
the limits are the protocol's. Nothing is ever fetched but from Discord's own addresses: a link of a member's would
have the bot ask whatever is in reach of its machine.
"""

import asyncio
from urllib.parse import urlsplit

import discord

from bot.errors import BotError, BotErrorCode, is_passing
from bot.orders.pictures import SourcePicture
from engine.protocol import (
    MAX_PIXELS,
    MAX_RATIO,
    MEDIA_TYPES,
    ErrorCode,
    Refusal,
    is_strip,
    least_side,
    most_bytes,
    sniff,
)

DOWNLOAD_SECONDS = 60.0
HOSTS = ("discordapp.com", "discordapp.net", "discord.com")  # with whatever is below them
_HEAD = 32  # bytes that sniff wants
_ANY_FILE = "application/octet-stream"  # what is said of a file of which nothing is known


def first_picture(message: discord.Message) -> SourcePicture | None:
    """The first attachment of a message that can be read, as its author's."""
    found = (SourcePicture.of_attachment(each, message.author.id, message.id) for each in message.attachments)
    return next((picture for picture in found if picture.is_readable), None)


def check(picture: SourcePicture, which: str) -> None:
    """Refuse by the facts that Discord gives; which: one of `protocol.IMAGES`. Raises Refusal."""
    if picture.media_type not in (None, _ANY_FILE, *MEDIA_TYPES):
        raise Refusal(ErrorCode.NOT_AN_IMAGE, image=which)
    if picture.size is not None:
        _check_bytes(picture.size, which)
    if picture.width and picture.height:
        _check_dimensions(picture.width, picture.height, which)


def _check_bytes(size: int, which: str) -> None:
    if size > (limit := most_bytes(which)):
        raise Refusal(ErrorCode.TOO_MANY_BYTES, image=which, size=size, limit=limit)


def _check_dimensions(width: int, height: int, which: str) -> None:
    if width * height > MAX_PIXELS:
        raise Refusal(ErrorCode.TOO_MANY_PIXELS, image=which, width=width, height=height, limit=MAX_PIXELS)
    if min(width, height) < (limit := least_side(which)):
        raise Refusal(ErrorCode.TOO_SMALL, image=which, width=width, height=height, limit=limit)
    if is_strip(width, height):
        raise Refusal(ErrorCode.TOO_NARROW, image=which, width=width, height=height, limit=MAX_RATIO)


def is_discords(url: str) -> bool:
    """Whether an address is one of Discord's, or of the stand-in that is spoken to instead."""
    parts, api = urlsplit(url), urlsplit(discord.http.Route.BASE)
    if (parts.scheme, parts.netloc) == (api.scheme, api.netloc):
        return True
    host = parts.hostname or ""
    return parts.scheme == "https" and any(host == own or host.endswith(f".{own}") for own in HOSTS)


async def download(client: discord.Client, url: str, which: str) -> bytes:
    """The bytes of a checked picture at Discord's address of it.

    Raises BotError NOT_FETCHED if Discord no longer has it, Refusal if it is no image of ours or too large, and what
    a later try may mend as it is.
    """
    if not is_discords(url):
        raise BotError(BotErrorCode.NOT_FETCHED, image=which)
    try:
        async with asyncio.timeout(DOWNLOAD_SECONDS):
            data = await client.http.get_from_cdn(url)
    except discord.HTTPException as error:
        if is_passing(error):
            raise
        raise BotError(BotErrorCode.NOT_FETCHED, image=which) from error
    _check_bytes(len(data), which)
    if sniff(data[:_HEAD]) is None:
        raise Refusal(ErrorCode.NOT_AN_IMAGE, image=which)
    return data
