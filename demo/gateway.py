"""The WebSocket half of the stand-in: Discord's gateway, with sessions that can be resumed.

A session is what one IDENTIFY began: the intents that decide what its bot gets to see, and every event sent so
far, so that RESUME replays what was missed while the line was down. simcord decides what an intent lets through.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import discord
from aiohttp import WSCloseCode, WSMsgType, web
from simcord.backend import Backend, serializers
from simcord.gateway import FakeGateway, FakeWebSocket

from demo.cdn import MAX_UPLOAD_BYTES
from demo.world import World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, REQUEST_MEMBERS, INVALID_SESSION, HELLO, ACK = 0, 1, 2, 6, 8, 9, 10, 11
HEARTBEAT_MS = 41250
LATENCY_SECONDS = (
    0.02  # an answer faster than any network's is taken by discord.py for one to an older heartbeat
)


class _Parsers:
    """What simcord takes for a client's table of event parsers: every event is written down instead."""

    def __init__(self, write: Callable[[str, Mapping[str, Any]], None]) -> None:
        self._write = write

    def __getitem__(self, event: str) -> Callable[[Mapping[str, Any]], None]:
        return partial(self._write, event)

    get = __getitem__


class Session:
    """One IDENTIFY and all that was sent since; `events[n]` has the sequence number n + 1."""

    def __init__(self, backend: Backend, intents: discord.Intents, world: World) -> None:
        self._world = world
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.parsers = _Parsers(self.write)
        self.events: list[str] = []
        self.grown = asyncio.Event()
        self.filter = FakeGateway(backend, self)
        self.members = FakeWebSocket(backend, self.filter)

    def hear(self, event: str, payload: Mapping[str, Any]) -> None:
        """Something has happened, which the bot is told of if it is anything to it."""
        if (told := self._world.installs.told(event, payload)) is not None:
            self.filter.feed(event, told)

    def write(self, event: str, payload: Mapping[str, Any]) -> None:
        """Add an event, in the state the world has now."""
        if event == "INTERACTION_CREATE":
            user = payload.get("user") or payload["member"]["user"]
            locale = self._world.locale(int(user["id"]))
            payload = {**payload, "attachment_size_limit": MAX_UPLOAD_BYTES, "locale": locale}
        frame = {"op": DISPATCH, "t": event, "s": len(self.events) + 1, "d": payload}
        self.events.append(json.dumps(frame, default=str))
        self.grown.set()


class Gateway:
    """The bot's line to the world; `connected` is set while a bot is identified and listening."""

    def __init__(self, world: World, url: str) -> None:
        self._world = world
        self._backend = world.backend
        self.url = url
        self._socket: web.WebSocketResponse | None = None
        self.session: Session | None = None
        self.connected = False
        self.resumes = 0

    @property
    def reads_content(self) -> bool:
        """Whether the bot asked for the message content intent."""
        return self.session is not None and self.session.intents.message_content

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until either side closes it."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await _send(socket, HELLO, {"heartbeat_interval": HEARTBEAT_MS})
        sender: asyncio.Task[None] | None = None
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                frame = json.loads(message.data)
                try:
                    start = await self._receive(socket, frame["op"], frame["d"])
                except ConnectionResetError:  # the bot has gone before it was answered
                    break
                if start is not None and self.session is not None:
                    sender = asyncio.create_task(_deliver(socket, self.session, start), name="gateway sender")
                    self._socket = socket
                    self.connected = True
                    self._world.touch()
        finally:
            if sender is not None:
                sender.cancel()
                with suppress(asyncio.CancelledError):
                    await sender
            if request.transport is not None:  # aiohttp leaves it open if the other side says nothing more
                request.transport.close()
            if self._socket is socket:
                self.connected = False
                self._world.touch()
        return socket

    async def drop(self) -> None:
        """Cut the line, as a network would; the bot is expected to resume."""
        if self._socket is not None:
            await self._socket.close(code=WSCloseCode.GOING_AWAY)

    async def _receive(self, socket: web.WebSocketResponse, op: int, data: Any) -> int | None:
        """Answer one frame; the index of the first event to deliver if it began or resumed a session."""
        if op == HEARTBEAT:
            await asyncio.sleep(LATENCY_SECONDS)
            await _send(socket, ACK, None)
        elif op == IDENTIFY:
            self._identify(discord.Intents._from_value(data["intents"]))
            return 0
        elif op == RESUME:
            if self.session is not None and self.session.id == data["session_id"]:
                self.resumes += 1
                self.session.write("RESUMED", {})
                return int(data["seq"])
            await _send(socket, INVALID_SESSION, False)
        elif op == REQUEST_MEMBERS and self.session is not None:
            await self.session.members.request_chunks(
                int(data["guild_id"]),
                data.get("query"),
                limit=data["limit"],
                user_ids=data.get("user_ids"),
                nonce=data.get("nonce"),
            )
        return None

    def _identify(self, intents: discord.Intents) -> None:
        """Begin a session, in place of the one there was: the world has one bot."""
        if self.session is not None:
            self._backend.subscribers.remove(self.session.hear)
        self.session = session = Session(self._backend, intents, self._world)
        guilds = [guild for guild in self._backend.guilds if not self._world.installs.is_foreign(guild)]
        session.write(
            "READY",
            {
                "v": 10,
                "user": serializers.user_payload(self._backend.bot_user),
                "guilds": [{"id": str(guild), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "shard": [0, 1],
                "application": {"id": str(self._backend.application_id), "flags": 0},
            },
        )
        for guild in self._backend.guilds.values():
            session.hear("GUILD_CREATE", serializers.guild_create_payload(self._backend, guild))
        self._backend.subscribers.append(session.hear)


async def _send(socket: web.WebSocketResponse, op: int, data: Any) -> None:
    await socket.send_json({"op": op, "d": data, "s": None, "t": None})


async def _deliver(socket: web.WebSocketResponse, session: Session, start: int) -> None:
    """Send the session's events from `start` on, for as long as the line holds."""
    sent = start
    with suppress(ConnectionError):
        while True:
            session.grown.clear()
            for event in session.events[sent:]:
                await socket.send_str(event)
                sent += 1
            if sent == len(session.events):
                await session.grown.wait()
