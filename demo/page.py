"""The page in the browser: simcord's Preview of the channel, kept live while a bot in another process works.

Preview shows a state that is published on request, which suits a test that stands still. Here it is published
whenever something happens, and a click on a state that is half a second old still counts.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import web
from simcord.backend.errors import SetupError
from simcord.preview import Preview
from simcord.preview._server import PreviewServer

from demo.standin import StandIn

PUBLISH_SECONDS = 0.4  # at most so often; the browser asks twice a second
STYLE = Path(__file__).with_name("page.css")
WORDS = (
    ("<title>SimCord Preview</title>", '<title>Atelier demo</title><link rel="icon" href="data:,">'),
    ('aria-hidden="true">S<', 'aria-hidden="true">A<'),
    (
        "<strong>SimCord</strong><small>Preview</small>",
        "<strong>Atelier</strong><small>demo, by SimCord</small>",
    ),
)


class PageError(Exception):
    """The page cannot be served; the text is one sentence."""


class _Server(PreviewServer):
    """Preview's server, whose page shows a channel and not a workbench."""

    async def _index(self, request: web.Request) -> web.Response:
        response: web.Response = await super()._index(request)
        text = response.text or ""
        for theirs, ours in WORDS:
            text = text.replace(theirs, ours)
        response.text = text.replace("</head>", f"<style>{STYLE.read_text(encoding='utf-8')}</style></head>")
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace("style-src", "style-src 'unsafe-inline'")
        return response


class _Page(Preview):
    """A Preview of the studio that takes actions on a state that has just been replaced."""

    def __init__(self, discord: StandIn, port: int) -> None:
        super().__init__(
            discord.world,
            discord.studio,
            (discord.alice, discord.bob),
            layout="channel",
            display="responsive",
            width=960,
            height=720,
            locale="en-US",
            timezone="UTC",
            presentation_time=None,
            assets=None,
            port=port,
        )
        self._server = _Server(self, port)

    async def _action(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        # What an action refers to is looked up anyway; only its age would be refused.
        current = {**body, "published_revision": self._get_page(context_id).revision}
        return await super()._action(context_id, current)

    def follow(self) -> None:
        """Have every open page scroll to what is newest, once for each new message."""
        messages = self.env.backend.messages[self.channel.id].values()
        for page in self._pages.values():
            seen = (message.id for message in messages if message.visible_to(page.viewer.id))
            page.target_id = max(seen, default=None)


@asynccontextmanager
async def page(discord: StandIn, port: int = 0) -> AsyncIterator[str]:
    """Serve the page on 127.0.0.1 for as long as the context lasts; gives its address. Raises PageError."""
    preview = _Page(discord, port)
    async with AsyncExitStack() as opened:
        try:
            await opened.enter_async_context(preview)
        except SetupError as error:
            raise PageError(f"The page cannot have port {port}: choose another one.") from error
        keeper = asyncio.create_task(_keep_live(discord, preview), name="page refresh")
        try:
            yield preview.url
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper


async def _keep_live(discord: StandIn, preview: _Page) -> None:
    transcript = discord.world.backend.transcript
    while True:
        shown = len(transcript)
        preview.follow()
        await preview.refresh()
        await asyncio.sleep(PUBLISH_SECONDS)
        while len(transcript) == shown:
            await discord.world.happening()
