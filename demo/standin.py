"""The Discord stand-in: one server on 127.0.0.1 with the API, the gateway and the CDN of one small world.

The unmodified bot process connects with ATELIER_DISCORD_API set to `origin` and any token.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import discord
from aiohttp import web
from simcord.actors import MemberActor
from simcord.backend.models.channel import Overwrite
from simcord.builders import ChannelHandle, GuildHandle
from simcord.enums import OverwriteType
from simcord.results import InteractionResult, ResponseMessage

from bot.buttons.setup import PAGE_OF
from bot.buttons.setup.panel import EVERYWHERE
from bot.words import setup as words
from bot.words.setup import Page
from demo.api import MAX_REQUEST_BYTES, Api
from demo.gateway import Gateway
from demo.world import World

SECONDS = 20.0  # for the bot to answer; only a failure takes so long
_CHANNEL_MENUS = {
    "results_id": "setup:results",
    "audit_id": "setup:audit",
    "week_channel_id": "setup:week",
    "gallery_id": "setup:gallery_channel",
}


@dataclass
class StandIn:
    """A running stand-in: the guild "Atelier demo" with the channel #studio, its owner and two members."""

    origin: str
    world: World
    api: Api
    gateway: Gateway
    guild: GuildHandle
    studio: ChannelHandle
    mia: MemberActor  # the owner
    alice: MemberActor
    bob: MemberActor

    async def ready(self, seconds: float) -> None:
        """Wait until a bot is connected and its commands can be used. Raises TimeoutError."""
        backend = self.world.backend
        await self.world.until(lambda: self.gateway.connected and any(backend.commands.values()), seconds)

    async def set_up(
        self,
        results: ChannelHandle | None = None,
        audit: ChannelHandle | None = None,
        week: ChannelHandle | None = None,
        **choices: str,
    ) -> None:
        """Let the owner make #studio an art channel with `/setup`, and choose more by its menus. Raises TimeoutError."""
        panel = _shown(await self.mia.slash(self.studio, "setup"))
        await self._says(panel, words.TITLES[Page.CHANNELS]())
        await self.mia.select(panel, [self.studio], custom_id="setup:channels")
        await self._says(panel, f"<#{self.studio.id}>")  # or the next page is overtaken by this one
        channels = {"results_id": results, "audit_id": audit, "week_channel_id": week}
        await self._choose(
            panel, {name: each for name, each in channels.items() if each is not None}, choices
        )

    def open_log(self) -> ChannelHandle:
        """A channel that only the owner and the bot see."""
        hidden = discord.PermissionOverwrite(view_channel=False)
        log = self.guild.create_text_channel("mod-log", overwrites={self.guild.default_role: hidden})
        allowed = discord.Permissions(view_channel=True, send_messages=True).value
        bot = self.world.backend.bot_user.id
        self.world.backend.set_overwrite(log.id, Overwrite(bot, OverwriteType.MEMBER, allowed, 0))
        return log

    async def choose(self, channels: Mapping[str, ChannelHandle], **choices: str) -> None:
        """Let the owner choose channels and more by the menus of `/setup`, once it was set up. Raises TimeoutError."""
        panel = _shown(await self.mia.slash(self.studio, "setup"))
        await self._says(panel, f"{words.TITLES[Page.ALL]()}**")
        await self._choose(panel, channels, choices)

    async def _choose(
        self, panel: ResponseMessage, channels: Mapping[str, ChannelHandle], choices: Mapping[str, str]
    ) -> None:
        for name, channel in channels.items():
            menu = _CHANNEL_MENUS[name]
            await self._turn_to(panel, name)
            await self.world.until(partial(_has, panel, menu), SECONDS)
            await self.mia.select(panel, [channel], custom_id=menu)
            await self._says(panel, f"<#{channel.id}>")
        for name, value in choices.items():
            await self._turn_to(panel, name)
            await self.mia.select(panel, [value], custom_id=f"setup:set:{name}:{EVERYWHERE}")
            chosen = words.value_of(name, int(value) if value.isdecimal() else value)
            await self._says(panel, f"{words.NAMES[name]()}: {chosen}")

    async def _turn_to(self, panel: ResponseMessage, name: str) -> None:
        """Have the page of a setting shown."""
        every = f"setup:page:{Page.ALL}:{EVERYWHERE}"
        if _has(panel, every):  # which the page itself has not
            await self.mia.click(panel, custom_id=every)
        await self._says(panel, f"{words.TITLES[Page.ALL]()}**")
        await self.mia.select(panel, [PAGE_OF[name]], custom_id="setup:jump")
        await self._says(panel, f"{words.TITLES[PAGE_OF[name]]()}**")

    async def _says(self, message: ResponseMessage, text: str) -> None:
        await self.world.until(lambda: text in message.content, SECONDS)


def _has(message: ResponseMessage, custom_id: str) -> bool:
    return custom_id in str(message.components)


def _shown(answer: InteractionResult) -> ResponseMessage:
    """What an interaction was answered with, which is edited."""
    if answer.response is None:
        raise TimeoutError("no answer within three seconds")
    return answer.response


@asynccontextmanager
async def stand_in(port: int = 0) -> AsyncIterator[StandIn]:
    """Serve a fresh world for as long as the context lasts; port 0 takes any free one."""
    listener = socket.create_server(("127.0.0.1", port))
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    world = World(f"http://{address}")
    gateway = Gateway(world, f"ws://{address}/gw")
    api = Api(world, gateway)
    app = web.Application(client_max_size=MAX_REQUEST_BYTES)
    app.add_routes([web.get("/gw", gateway.handle), web.get("/gw/", gateway.handle), *api.routes()])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    await world.start()
    try:
        yield _furnish(f"http://{address}", world, api, gateway)
    finally:
        await world.shutdown()
        await gateway.drop()
        await asyncio.sleep(
            0.01
        )  # whoever has connected while the loop stood still is accepted, and then closed
        await runner.cleanup()


def _furnish(origin: str, world: World, api: Api, gateway: Gateway) -> StandIn:
    owner = world.create_user("mia", global_name="Mia")
    guild = world.create_guild("Atelier demo", owner=owner)
    studio = guild.create_text_channel("studio", topic="Type /stylize, or tap a painting below a picture")
    alice = guild.add_member(world.create_user("alice", global_name="Alice"))
    bob = guild.add_member(world.create_user("bob", global_name="Bob"))
    mia = MemberActor(world, guild, owner)
    _enlarge(guild, world)
    return StandIn(origin, world, api, gateway, guild, studio, mia, alice, bob)


def _enlarge(guild: GuildHandle, world: World) -> None:
    """What makes it a server: more channels to choose from, roles, and a moderator."""
    guild.create_text_channel("gallery", topic="The finished ones")
    guild.create_text_channel("talk", topic="About everything else")
    guild.create_forum_channel("showcase")
    guild.create_role("Artist")
    powers = discord.Permissions(manage_messages=True, manage_threads=True, moderate_members=True)
    moderator = guild.create_role("Moderator", permissions=powers)
    guild.add_member(world.create_user("noor", global_name="Noor"), roles=[moderator])
