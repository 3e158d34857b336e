"""A bot that answers every interaction as it is told to, for tests of the page alone: no process and no engine."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from simcord.backend.models import Message
from simcord.builders import ChannelHandle
from simcord.http import router

from demo.standin import StandIn

DEFER_UPDATE = 6


class ScriptedBot:
    """`answers` are callbacks by the name of a command or the custom_id of what was used; `heard` is what came."""

    def __init__(self, discord: StandIn, commands: Sequence[dict[str, Any]]) -> None:
        self._world, self._backend = discord.world, discord.world.backend
        self._backend.register_commands(None, list(commands))
        self._backend.subscribers.append(self._listen)
        self.answers: dict[str, dict[str, Any]] = {}
        self.heard: list[Mapping[str, Any]] = []

    def _listen(self, event: str, payload: Mapping[str, Any]) -> None:
        if event == "INTERACTION_CREATE":
            asyncio.get_running_loop().call_soon(self._answer, payload)

    def _answer(self, payload: Mapping[str, Any]) -> None:
        data = payload["data"]
        body = self.answers.get(data.get("custom_id") or data["name"], {"type": DEFER_UPDATE})
        if payload["type"] == 4:
            typed = next(option for option in data["options"] if option.get("focused"))["value"]
            body = {"type": 8, "data": {"choices": [{"name": f"{typed}, painted", "value": "painted"}]}}
        router.dispatch(
            self._backend,
            "POST",
            f"/interactions/{payload['id']}/{payload['token']}/callback",
            json=body,
            params={},
            files=[],
            reason=None,
            message_content_access=True,
        )
        self.heard.append(payload)
        self._world.touch()

    def post(
        self, channel: ChannelHandle, content: str = "", *files: tuple[str, bytes], **fields: Any
    ) -> Message:
        """Write a message."""
        stored = self._backend.store_attachments(channel.id, files)
        return self._backend.create_message(
            channel.id, self._backend.bot_user.id, content, attachments=stored, **fields
        )

    def edit(self, message: Message, *files: tuple[str, bytes], **fields: Any) -> None:
        """Edit a message; files take the place of those it had."""
        if files:
            fields["attachments"] = self._backend.store_attachments(message.channel_id, files)
        self._backend.edit_message(message.channel_id, message.id, fields)

    async def hears(self, count: int = 1) -> Mapping[str, Any]:
        """The data of the latest interaction, once there were so many."""
        await self._world.until(lambda: len(self.heard) >= count, 10.0)
        data: Mapping[str, Any] = self.heard[-1]["data"]
        return data
