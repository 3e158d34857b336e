"""Who has installed the bot, which simcord does not say: servers that it is not in, where members have it for themselves.

Rule: of such a server the bot hears nothing but the interactions, and can do nothing there but answer them; of a group
conversation it does not even hear that it is a server's, as simcord has none.
"""

from collections.abc import Mapping
from typing import Any

import discord
from simcord.builders import ChannelHandle, GuildHandle, UserHandle
from simcord.env import Env

GROUP = 3  # the type of a group conversation
_BY_SERVER, _BY_USER = "0", "1"  # in `authorizing_integration_owners`
_PRIVATE_CHANNEL = 2  # in `context`
_GUILD_EVENTS = ("GUILD_CREATE", "GUILD_UPDATE")


class Installs:
    """The servers of a world that the bot is not in."""

    def __init__(self, env: Env) -> None:
        self._env = env
        self._foreign: set[int] = set()
        self._groups: set[int] = set()  # those of them whose channels are told as group conversations
        self._restricted: set[int] = set()  # channels with an age restriction, of which simcord knows nothing
        self._threads: set[int] = set()  # those that are told as threads, of whose channels nothing is told
        self.used_by_members: set[int] = set()  # those that it is in, but members use it as their own

    def channel(
        self,
        name: str,
        guild: GuildHandle,
        *,
        is_group: bool = False,
        nsfw: bool = False,
        is_thread: bool = False,
    ) -> ChannelHandle:
        """A channel of a server from which the bot is gone from now on."""
        backend = self._env.backend
        nobody = discord.PermissionOverwrite(view_channel=False)
        bot = UserHandle(self._env, backend.bot_user)
        channel = guild.create_text_channel(name, overwrites={bot: nobody})
        if nsfw:
            self._restricted.add(channel.id)
        if is_thread:
            self._threads.add(channel.id)
        if guild.id not in self._foreign:
            backend.emit("GUILD_DELETE", {"id": str(guild.id)})
            self._foreign.add(guild.id)
        if is_group:
            self._groups.add(guild.id)
        return channel

    def is_foreign(self, guild_id: int) -> bool:
        """Whether the bot is not in a server."""
        return guild_id in self._foreign

    def told(self, event: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """An event as the bot hears of it; None if it does not."""
        named = payload.get("id") if event in _GUILD_EVENTS else payload.get("guild_id")
        guild_id = int(named) if named is not None else None
        if event != "INTERACTION_CREATE":
            return None if guild_id in self._foreign else payload
        user_id = (payload.get("user") or payload["member"]["user"])["id"]
        if guild_id is None:  # a direct message with the bot, whoever has installed it
            return {**payload, "authorizing_integration_owners": {_BY_USER: user_id}}
        if guild_id not in self._foreign | self.used_by_members:
            return {**payload, "authorizing_integration_owners": {_BY_SERVER: str(guild_id)}}
        by_user = {**payload, "authorizing_integration_owners": {_BY_USER: user_id}}
        if guild_id in self._groups:
            return self._in_group(by_user)
        return {
            **by_user,
            "channel": self._channel(payload),
            "guild": {"id": str(guild_id), "locale": "en-US", "features": []},
        }

    def _channel(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """A channel of a server as Discord tells of it where the bot is not."""
        channel, channel_id = payload["channel"], int(payload["channel_id"])
        if channel_id not in self._threads:
            return {**channel, "nsfw": channel_id in self._restricted}
        return {
            "id": channel["id"],
            "guild_id": payload["guild_id"],
            "type": discord.ChannelType.public_thread.value,
            "name": channel["name"],
            "permissions": channel.get("permissions", "0"),
            "parent_id": str(channel_id + 1),
            "owner_id": payload["member"]["user"]["id"],
            "message_count": 1,
            "member_count": 1,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": "2026-01-01T00:00:00+00:00",
                "locked": False,
            },
        }

    def _in_group(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        told = {
            name: value
            for name, value in payload.items()
            if name not in ("guild_id", "guild_locale", "member")
        }
        channel = {"id": payload["channel_id"], "type": GROUP, "recipients": [payload["member"]["user"]]}
        return {**told, "user": payload["member"]["user"], "channel": channel, "context": _PRIVATE_CHANNEL}
