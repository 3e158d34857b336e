"""What a member sees, as one flat table of JSON values: in Discord's own shapes, so that the page shows what Discord would.

Rule: the table holds nothing that this member may not see. Whoever sends it need only compare two tables to
know what has changed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from simcord.backend import serializers
from simcord.backend.access import channel_accessible
from simcord.backend.models import Channel, Message
from simcord.enums import AppCommandType, ChannelType, MessageType

from demo.world import World
from engine.styles.catalogue import cards

TINTS = 6  # that the style sheet has, for who has no picture
HIDDEN_CHANNELS = (ChannelType.CATEGORY, ChannelType.VOICE, ChannelType.STAGE_VOICE)


@dataclass(frozen=True)
class View:
    """The server and its channels, as one of the members sees them; of each open channel the `last` messages."""

    world: World
    guild_id: int
    viewer_id: int
    open: Sequence[int]
    last: int

    def table(self) -> dict[str, Any]:
        """Everything that the page shows, by the names that `page.js` knows."""
        guild = self.world.backend.get_guild(self.guild_id)
        table: dict[str, Any] = {
            "server": {"id": str(guild.id), "name": guild.name},
            "people": [
                {**self._person(user_id), "tint": n % TINTS} for n, user_id in enumerate(guild.members)
            ],
            "roles": [serializers.role_payload(role) for role in guild.roles.values()],
            "styles": [{"emoji": card.emoji, "title": card.title, "artist": card.artist} for card in cards()],
            "channels": [self._channel(channel) for channel in self._channels()],
        }
        for channel_id in self.open:
            if channel_accessible(self.world.backend, channel_id, self.viewer_id):
                table |= self._inside(self.world.backend.get_channel(channel_id))
        return table

    def _person(self, user_id: int) -> dict[str, Any]:
        guild, user = self.world.backend.get_guild(self.guild_id), self.world.backend.get_user(user_id)
        member = guild.members[user_id]
        roles = [guild.roles[role].name for role in member.role_ids if role != guild.id]
        return {
            "id": str(user_id),
            "handle": user.name,
            "name": member.nick or user.global_name or user.name,
            "bot": user.bot,
            "locale": self.world.locale(user_id),
            "role": "Owner" if user_id == guild.owner_id else ", ".join(roles),
        }

    def _channels(self) -> Iterator[Channel]:
        """Those that the member can see, each followed by its threads; last the direct messages of the bot."""
        backend = self.world.backend
        guild = backend.get_guild(self.guild_id)
        threads = [backend.channels[thread] for thread in guild.thread_ids if thread in backend.channels]
        for channel in sorted((backend.channels[found] for found in guild.channel_ids), key=_position):
            if channel.type not in HIDDEN_CHANNELS:
                yield from (found for found in (channel, *_below(channel, threads)) if self._sees(found))
        yield backend.get_dm_channel(self.viewer_id)

    def _sees(self, channel: Channel) -> bool:
        return channel_accessible(self.world.backend, channel.id, self.viewer_id)

    def _channel(self, channel: Channel) -> dict[str, Any]:
        messages = self._messages(channel)
        return {
            "id": str(channel.id),
            "type": int(channel.type),
            "name": channel.name or self.world.backend.bot_user.name,
            "topic": channel.topic,
            "parent": str(channel.parent_id) if channel.is_thread else None,
            "archived": bool(channel.thread_metadata and channel.thread_metadata.archived),
            "last": str(messages[-1].id) if messages else None,
        }

    def _inside(self, channel: Channel) -> dict[str, Any]:
        """An open channel: its messages, and what the member can do there."""
        messages = self._messages(channel)
        shown = messages[-self.last :]
        starter = self._starter(channel)
        if starter is not None:
            shown = [starter, *(message for message in shown if message.id != starter.id)]
        commands = {
            str(int(kind)): [
                _called(command, self.world.locale(self.viewer_id))
                for command in self.world.backend.visible_commands(
                    user_id=self.viewer_id, channel_id=channel.id, type=kind
                )
            ]
            for kind in AppCommandType
        }
        return {
            f"in:{channel.id}": {
                "order": [str(message.id) for message in shown],
                "earlier": len(messages) > self.last,
                "may": self._may(channel),
            },
            f"commands:{channel.id}": commands,
            **{f"message:{message.id}": self._message(message) for message in shown},
        }

    def _may(self, channel: Channel) -> dict[str, bool]:
        if channel.guild_id is None:
            return {"send": True, "attach": True, "react": True, "manage": False}
        granted = discord.Permissions(
            self.world.backend.compute_permissions(channel.guild_id, self.viewer_id, channel.id)
        )
        sends = granted.send_messages_in_threads if channel.is_thread else granted.send_messages
        return {
            "send": sends,
            "attach": granted.attach_files,
            "react": granted.add_reactions,
            "manage": granted.manage_messages,
        }

    def _messages(self, channel: Channel) -> list[Message]:
        """What the member can see, oldest first; that a thread was opened is said below the message that it belongs to."""
        return [
            message
            for message in self.world.backend.messages[channel.id].values()
            if message.visible_to(self.viewer_id) and not self._opens_below(message)
        ]

    def _opens_below(self, message: Message) -> bool:
        metadata = message.system_metadata
        return (
            message.type == MessageType.THREAD_CREATED
            and metadata is not None
            and metadata.referenced_message_id is not None
        )

    def _starter(self, channel: Channel) -> Message | None:
        """The message that a thread hangs below, if it is still there."""
        if channel.parent_id is None or not channel.is_thread:
            return None
        return self.world.backend.messages.get(channel.parent_id, {}).get(channel.id)

    def _message(self, message: Message) -> dict[str, Any]:
        payload = dict(serializers.message_payload(self.world.backend, message, for_user=self.viewer_id))
        payload["components"] = [_spelt(component) for component in message.components]
        metadata = message.system_metadata
        below = metadata.channel_id if metadata is not None and metadata.channel_id else message.id
        thread = self.world.backend.channels.get(below)
        if thread is not None and thread.is_thread and self._sees(thread):
            payload["thread"] = self._thread(thread)
        return payload

    def _thread(self, thread: Channel) -> dict[str, Any]:
        messages = self._messages(thread)
        pictures = [picture for message in messages for picture in _pictures(message.attachments)]
        return {
            "id": str(thread.id),
            "name": thread.name,
            "count": len(messages),
            "pictures": pictures[-4:],
        }


def _position(channel: Channel) -> tuple[int, int]:
    return channel.position, channel.id


def _below(channel: Channel, threads: Iterable[Channel]) -> list[Channel]:
    return [thread for thread in threads if thread.parent_id == channel.id]


def _spelt(component: Mapping[str, Any]) -> dict[str, Any]:
    """A component with the ids of what is chosen in it as text, as Discord has them: a browser's numbers are too short."""
    spelt = dict(component)
    if "default_values" in component:
        spelt["default_values"] = [{**each, "id": str(each["id"])} for each in component["default_values"]]
    if "components" in component:
        spelt["components"] = [_spelt(each) for each in component["components"]]
    return spelt


def _called(part: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """A command, an option or a choice, with what it is called in a language as its "label"."""
    called = {**part, "label": part.get("name_localizations", {}).get(locale, part["name"])}
    if (described := part.get("description_localizations", {}).get(locale)) is not None:
        called["description"] = described
    for parts in {"options", "choices"} & part.keys():
        called[parts] = [_called(each, locale) for each in part[parts]]
    return called


def _pictures(attachments: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"url": found["url"], "alt": found.get("description") or found["filename"]}
        for found in attachments
        if found["content_type"].startswith("image/") and not found["filename"].startswith("SPOILER_")
    ]
