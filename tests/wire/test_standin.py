"""The stand-in keeps Discord's rules where a bot would fall over them."""

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest
from simcord.builders import ChannelHandle, UserHandle

from demo.cdn import MAX_UPLOAD_BYTES
from demo.standin import StandIn, stand_in
from tests.wire.conftest import photo


@pytest.fixture
async def alone() -> AsyncIterator[StandIn]:
    """A Discord without a bot."""
    async with stand_in() as running:
        yield running


async def post(
    alone: StandIn, channel: ChannelHandle, body: dict[str, Any], *files: tuple[str, bytes]
) -> tuple[int, dict[str, Any]]:
    """Send a message as the bot would; status and answer."""
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    attachments = [{"id": n, "description": f"picture {n}"} for n, _ in enumerate(files)]
    form.add_field("payload_json", json.dumps({**body, "attachments": attachments}))
    for n, (name, data) in enumerate(files):
        form.add_field(f"files[{n}]", io.BytesIO(data), filename=name)
    url = f"{alone.origin}/api/v10/channels/{channel.id}/messages"
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as response:
        assert response.headers["Content-Type"] == "application/json"
        answer: dict[str, Any] = await response.json()
        return response.status, answer


async def test_attachments_are_described_and_served(alone: StandIn) -> None:
    _, data = photo("chelsea.png")
    _, message = await post(alone, alone.studio, {}, ("my cat.jpg", data))
    (attachment,) = message["attachments"]
    assert attachment["filename"] == "my_cat.jpg"
    assert (attachment["width"], attachment["height"]) == (451, 300)
    assert attachment["content_type"] == "image/png", "what it is, not what it is called"
    assert (attachment["size"], attachment["description"]) == (len(data), "picture 0")
    async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as response:
        assert response.content_type == "image/png"
        assert await response.read() == data


async def test_the_same_nonce_is_the_same_message(alone: StandIn) -> None:
    body = {"content": "once", "nonce": "7", "enforce_nonce": True}
    (_, first), (_, second) = await post(alone, alone.studio, body), await post(alone, alone.studio, body)
    _, other = await post(alone, alone.studio, {**body, "nonce": "8"})
    assert first["id"] == second["id"] != other["id"]


async def test_an_upload_over_the_limit_is_refused(alone: StandIn) -> None:
    status, answer = await post(alone, alone.studio, {}, ("large.bin", bytes(MAX_UPLOAD_BYTES + 1)))
    assert (status, answer["code"]) == (413, 40005)


async def test_files_and_embeds_need_their_permissions(alone: StandIn) -> None:
    bot = UserHandle(alone.world, alone.world.backend.bot_user)
    denied = discord.PermissionOverwrite(attach_files=False, embed_links=False)
    channel = alone.guild.create_text_channel("words-only", overwrites={bot: denied})
    for body, files in (({}, [photo("coffee.png")]), ({"embeds": [{"title": "x"}]}, [])):
        status, answer = await post(alone, channel, body, *files)
        assert (status, answer["code"]) == (403, 50013)
    assert (await post(alone, channel, {"content": "words"}))[0] == 200
