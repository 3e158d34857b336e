"""The WebSocket half of the stand-in: Discord's gateway, with sessions that can be resumed.

A session is what one IDENTIFY began: its shard and the intents, which decide what its bot gets to see, and every event sent
so far, so that RESUME replays what was missed while the line was down. simcord decides what an intent lets through. A server
is told of to its shard alone, and what belongs to no server to the first.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
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
_OF_GUILDS = ("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE")
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


@dataclass(frozen=True)
class Shard:
    """One of `count` shards, as a client identifies with it."""

    id: int = 0
    count: int = 1

    def has(self, guild_id: int | None) -> bool:
        """Whether a server's events come by it; None: those of no server."""
        return self.id == ((guild_id >> 22) % self.count if guild_id is not None else 0)


class Session:
    """One IDENTIFY and all that was sent since; `events[n]` has the sequence number n + 1."""

    def __init__(self, backend: Backend, intents: discord.Intents, world: World, shard: Shard) -> None:
        self._world, self.shard = world, shard
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.parsers = _Parsers(self.write)
        self.events: list[str] = []
        self.grown = asyncio.Event()
        self.filter = FakeGateway(backend, self)
        self.members = FakeWebSocket(backend, self.filter)

    def hear(self, event: str, payload: Mapping[str, Any]) -> None:
        """Something has happened, which the bot is told of by this shard if it is anything to it."""
        if (
            self.shard.has(_guild_of(event, payload))
            and (told := self._world.installs.told(event, payload)) is not None
        ):
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


def _guild_of(event: str, payload: Mapping[str, Any]) -> int | None:
    named = payload.get("id") if event in _OF_GUILDS else payload.get("guild_id")
    return int(named) if named is not None else None


class Gateway:
    """The bot's lines to the world, one a shard; `connected` while a bot listens on as many as there are.

    `shards`: how many are recommended to whoever asks.
    """

    def __init__(self, world: World, url: str) -> None:
        self._world = world
        self._backend = world.backend
        self.url = url
        self.shards = 1
        self._sessions: dict[int, Session] = {}  # by shard
        self._sockets: dict[int, web.WebSocketResponse] = {}
        self.resumes = 0

    @property
    def connected(self) -> bool:
        """Whether each shard has somebody who listens."""
        counts = {session.shard.count for session in self._sessions.values()}
        return len(counts) == 1 and len(self._sockets) == counts.pop()

    @property
    def listening(self) -> set[int]:
        """The shards that somebody listens to."""
        return {*self._sockets}

    @property
    def reads_content(self) -> bool:
        """Whether the bot asked for the message content intent."""
        return any(session.intents.message_content for session in self._sessions.values())

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until either side closes it."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await _send(socket, HELLO, {"heartbeat_interval": HEARTBEAT_MS})
        sender: asyncio.Task[None] | None = None
        session: Session | None = None
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                frame = json.loads(message.data)
                try:
                    begun = await self._receive(socket, session, frame["op"], frame["d"])
                except ConnectionResetError:  # the bot has gone before it was answered
                    break
                if begun is not None:
                    session, start = begun
                    sender = asyncio.create_task(_deliver(socket, session, start), name="gateway sender")
                    self._sockets[session.shard.id] = socket
                    self._world.touch()
        finally:
            if sender is not None:
                sender.cancel()
                with suppress(asyncio.CancelledError):
                    await sender
            if request.transport is not None:  # aiohttp leaves it open if the other side says nothing more
                request.transport.close()
            if session is not None and self._sockets.get(session.shard.id) is socket:
                del self._sockets[session.shard.id]
                self._world.touch()
        return socket

    async def drop(self) -> None:
        """Cut the lines, as a network would; the bot is expected to resume."""
        for socket in [*self._sockets.values()]:
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def _receive(
        self, socket: web.WebSocketResponse, session: Session | None, op: int, data: Any
    ) -> tuple[Session, int] | None:
        """Answer one frame; the session that it began or resumed, and the index of the first event to deliver."""
        if op == HEARTBEAT:
            await asyncio.sleep(LATENCY_SECONDS)
            await _send(socket, ACK, None)
        elif op == IDENTIFY:
            shard = Shard(*data.get("shard", ()))
            return self._identify(discord.Intents._from_value(data["intents"]), shard), 0
        elif op == RESUME:
            for known in self._sessions.values():
                if known.id == data["session_id"]:
                    self.resumes += 1
                    known.write("RESUMED", {})
                    return known, int(data["seq"])
            await _send(socket, INVALID_SESSION, False)
        elif op == REQUEST_MEMBERS and session is not None:
            await session.members.request_chunks(
                int(data["guild_id"]),
                data.get("query"),
                limit=data["limit"],
                user_ids=data.get("user_ids"),
                nonce=data.get("nonce"),
            )
        return None

    def _identify(self, intents: discord.Intents, shard: Shard) -> Session:
        """Begin a session, in place of those that it cannot be beside: the world has one bot, with one number of shards."""
        for each in [*self._sessions.values()]:
            if each.shard.count != shard.count or each.shard.id == shard.id:
                self._backend.subscribers.remove(each.hear)
                del self._sessions[each.shard.id]
        session = self._sessions[shard.id] = Session(self._backend, intents, self._world, shard)
        is_foreign = self._world.installs.is_foreign
        guilds = [guild for guild in self._backend.guilds if shard.has(guild) and not is_foreign(guild)]
        session.write(
            "READY",
            {
                "v": 10,
                "user": serializers.user_payload(self._backend.bot_user),
                "guilds": [{"id": str(guild), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "shard": [shard.id, shard.count],
                "application": {"id": str(self._backend.application_id), "flags": 0},
            },
        )
        for guild in self._backend.guilds.values():
            session.hear("GUILD_CREATE", serializers.guild_create_payload(self._backend, guild))
        self._backend.subscribers.append(session.hear)
        return session


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
