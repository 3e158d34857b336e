"""What a member does in the page: each act is one call of simcord's actors, with Discord's own checks.

An act is a JSON object whose "do" names it; files come beside it, by the name of their field. The answer is a
JSON object as well: empty, or with a modal to fill, with choices, or with a sentence about what went wrong.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from simcord._modal import _submit_modal
from simcord.actors import (
    MemberActor,
    _autocomplete,
    _component_click,
    _component_select,
    _dispatch_actor_interaction,
    _resolve_visible_command,
    _slash,
    _visible_message,
)
from simcord.backend import serializers
from simcord.backend.errors import BackendError, OptionError, SetupError
from simcord.backend.models import Channel
from simcord.builders import ChannelHandle, GuildHandle, RoleHandle, UserHandle
from simcord.enums import SELECT_TYPES, AppCommandType, ComponentType, InteractionType, OptionType
from simcord.interactions import parse_option_input, walk_to_subcommand
from simcord.results import InteractionResult, ResponseMessage

from demo.cdn import MAX_UPLOAD_BYTES
from demo.world import World

File = tuple[str, bytes]
Answer = dict[str, Any]

REFUSED = {
    10003: "This channel is gone.",
    10008: "This message is gone.",
    50001: "You cannot see this channel.",
    50006: "There is nothing to send yet.",
    50013: "You do not have the permission to do this here.",
}
THREAD_NAME = 100  # characters
SILENT = "{bot} did not answer in time. Please try again."
TOO_LARGE = f"Your file is too large: up to {MAX_UPLOAD_BYTES // 2**20} MB are allowed here."
ENTITIES = (OptionType.USER, OptionType.CHANNEL, OptionType.ROLE, OptionType.MENTIONABLE)


class Acts:
    """The acts of all members; modals are kept until they are filled."""

    def __init__(self, world: World, guild: GuildHandle) -> None:
        self._world, self._guild = world, guild
        self._modals: dict[str, InteractionResult] = {}

    async def perform(
        self, viewer_id: int, act: Mapping[str, Any], files: Mapping[str, Sequence[File]]
    ) -> Answer:
        """Do it, and say what came of it; what Discord would refuse is an answer with an "error"."""
        if any(len(data) > MAX_UPLOAD_BYTES for given in files.values() for _, data in given):
            return {"error": TOO_LARGE}
        channel = self._world.backend.channels.get(int(act["channel"]))
        if channel is None:
            return {"error": REFUSED[10003]}
        member = Member(self._world, self._guild, viewer_id, channel)
        doing = member.acts().get(str(act["do"]))
        try:
            if act["do"] == "submit":
                return self._told(await member.submit(self._modals[act["modal"]], act, files))
            return {} if doing is None else self._told(await doing(act, files))
        except BackendError as error:
            return {"error": REFUSED.get(error.code, f"{error.message}.")}
        except OptionError as error:
            return {"error": f"{error}.", "field": error.option}
        except SetupError as error:
            return {"error": f"{error}."}

    def _told(self, result: InteractionResult | Answer | None) -> Answer:
        """What an interaction was answered with, as far as it is not in a channel."""
        if not isinstance(result, InteractionResult):
            return result or {}
        if not result.acknowledged:
            return {"error": SILENT.format(bot=self._world.backend.bot_user.name)}
        if result.modal is None:
            return {}
        key = str(result._interaction.id)
        self._modals[key] = result
        return {"modal": {**result.modal, "key": key}}


class Member:
    """One of the members in one of the channels, the direct messages of the bot included."""

    def __init__(self, world: World, guild: GuildHandle, user_id: int, channel: Channel) -> None:
        self._world, self._guild = world, guild
        user = UserHandle(world, world.backend.get_user(user_id))
        self._private = channel.guild_id is None
        self._actor: Any = user if self._private else MemberActor(world, guild, user)
        self._channel = ChannelHandle(world, None if self._private else guild, channel)

    def acts(self) -> dict[str, Callable[[Any, Any], Awaitable[InteractionResult | Answer | None]]]:
        """By name."""
        return {
            "send": self.send,
            "post": self.post,
            "react": self.react,
            "delete": self.delete,
            "forward": self.forward,
            "press": self.press,
            "choose": self.choose,
            "slash": self.slash,
            "complete": self.complete,
            "message app": self.message_app,
            "member app": self.member_app,
        }

    async def send(self, act: Mapping[str, Any], files: Mapping[str, Sequence[File]]) -> None:
        """Post words and pictures, perhaps in reply to a message."""
        reply = self._message(act["reply"]) if act.get("reply") else None
        given = files.get("pictures", ())
        if not self._private:
            await self._actor.send(self._channel, act["text"], reply_to=reply, attachments=given)
            return
        stored = self._world.backend.store_attachments(self._channel.id, given)
        reference = {"channel_id": str(self._channel.id), "message_id": act["reply"]} if reply else None
        await self._actor.send_dm(act["text"], attachments=stored, reference=reference)

    async def post(self, act: Mapping[str, Any], files: Mapping[str, Sequence[File]]) -> Answer:
        """Begin a post of a forum: a thread with a name, and its first message."""
        backend, guild_id = self._world.backend, self._guild.id
        backend.require_permissions(guild_id, self._actor.id, self._channel.id, "send_messages")
        if not (given := files.get("pictures", ())) and not act["text"]:
            raise SetupError("There is nothing to post yet")
        name = act["name"].strip() or act["text"].strip() or "A picture"
        thread = backend.create_thread(self._channel.id, name[:THREAD_NAME], self._actor.id, broadcast=False)
        backend.announce_thread_create(thread)
        stored = backend.store_attachments(thread.id, given)
        backend.create_message(thread.id, self._actor.id, act["text"], attachments=stored)
        return {"thread": str(thread.id)}

    async def react(self, act: Mapping[str, Any], _: object) -> None:
        """Add or take back a reaction."""
        await self._actor.set_reaction(self._message(act["message"]), act["emoji"], reacted=act["on"])

    async def delete(self, act: Mapping[str, Any], _: object) -> None:
        """Delete a message."""
        await self._actor.delete(self._message(act["message"]))

    async def forward(self, act: Mapping[str, Any], _: object) -> None:
        """Forward a message to another channel."""
        target = self._world.backend.get_channel(int(act["to"]))
        await self._actor.forward(
            self._message(act["message"]), ChannelHandle(self._world, self._guild, target)
        )

    async def press(self, act: Mapping[str, Any], _: object) -> InteractionResult:
        """Press a button."""
        message = self._message(act["message"])
        return await _component_click(self._actor, message, label=None, custom_id=act["control"])

    async def choose(self, act: Mapping[str, Any], _: object) -> InteractionResult:
        """Choose in a select menu."""
        message = self._message(act["message"])
        values = [self._chosen(act["type"], value) for value in act["values"]]
        return await _component_select(self._actor, message, values, custom_id=act["control"])

    async def slash(self, act: Mapping[str, Any], files: Mapping[str, Sequence[File]]) -> InteractionResult:
        """Use a slash command."""
        name = act["name"]
        options = {key: self._option(name, key, value) for key, value in act["options"].items()}
        return await _slash(self._actor, self._channel, name, options | _single(files))

    async def complete(self, act: Mapping[str, Any], _: object) -> Answer:
        """Ask the bot for choices while an option is typed; what the other options hold so far goes along."""
        name, filled = act["name"], {}
        for key, value in act["options"].items():
            try:
                filled[key] = self._option(name, key, value)
            except OptionError:
                continue
        choices = await _autocomplete(self._actor, self._channel, name, act["option"], act["text"], filled)
        return {"choices": choices}

    async def message_app(self, act: Mapping[str, Any], _: object) -> InteractionResult:
        """Use a command of a message's menu."""
        stored = _visible_message(self._actor, self._message(act["message"]))
        found = {act["message"]: dict(serializers.message_payload(self._world.backend, stored))}
        return await self._app(act["name"], AppCommandType.MESSAGE, act["message"], {"messages": found})

    async def member_app(self, act: Mapping[str, Any], _: object) -> InteractionResult:
        """Use a command of a member's menu."""
        backend, user_id = self._world.backend, int(act["member"])
        found: dict[str, Any] = {
            "users": {act["member"]: dict(serializers.user_payload(backend.get_user(user_id)))}
        }
        guild = backend.get_guild(self._guild.id)
        if not self._private and user_id in guild.members:
            member = serializers.member_payload(backend, guild, guild.members[user_id], with_user=False)
            found["members"] = {act["member"]: dict(member)}
        return await self._app(act["name"], AppCommandType.USER, act["member"], found)

    async def submit(
        self, shown: InteractionResult, act: Mapping[str, Any], files: Mapping[str, Sequence[File]]
    ) -> InteractionResult:
        """Send off a modal."""
        values = {key: self._answered(given) for key, given in act["values"].items()}
        return await _submit_modal(self._actor, shown, {**values, **{k: list(v) for k, v in files.items()}})

    async def _app(
        self, name: str, kind: AppCommandType, target: str, resolved: dict[str, Any]
    ) -> InteractionResult:
        root = _resolve_visible_command(self._actor, self._channel.id, name, kind)
        data = {
            "id": root["id"],
            "name": name,
            "type": int(kind),
            "target_id": target,
            "resolved": resolved,
        }
        return await _dispatch_actor_interaction(
            self._actor, InteractionType.APPLICATION_COMMAND, self._channel, data
        )

    def _message(self, message_id: str) -> ResponseMessage:
        """A message of the channel. Raises BackendError."""
        return ResponseMessage(
            self._world, self._world.backend.get_message(self._channel.id, int(message_id))
        )

    def _option(self, command: str, name: str, value: Any) -> Any:
        """An option of a slash command as simcord takes it. Raises OptionError."""
        root, *path = command.split()
        found = _resolve_visible_command(self._actor, self._channel.id, root, AppCommandType.CHAT_INPUT)
        leaf, _ = walk_to_subcommand(found, path)
        for option in leaf.get("options", ()):
            if option["name"] == name:
                if option["type"] in ENTITIES:
                    return self._entity(value)
                return parse_option_input(command, option, value)
        raise OptionError("option-unknown", name, f"There is no option {name}")

    def _answered(self, given: Any) -> Any:
        """The value of one field of a modal: {"type": of the component, "values": [...]}, or as it is."""
        if isinstance(given, Mapping):
            return [self._chosen(given["type"], value) for value in given["values"]]
        return given

    def _chosen(self, component: int, value: str) -> Any:
        is_entity = component in SELECT_TYPES and component != ComponentType.STRING_SELECT
        return self._entity(value) if is_entity else value

    def _entity(self, snowflake: str) -> Any:
        """A member, role or channel by its id. Raises SetupError."""
        backend, number = self._world.backend, int(snowflake)
        guild = backend.get_guild(self._guild.id)
        if number in guild.roles:
            return RoleHandle(self._world, self._guild, guild.roles[number])
        if number in backend.channels:
            return ChannelHandle(self._world, self._guild, backend.channels[number])
        if number not in backend.users:
            raise SetupError("It is no longer there")
        user = UserHandle(self._world, backend.users[number])
        return user if self._private else MemberActor(self._world, self._guild, user)


def _single(files: Mapping[str, Sequence[File]]) -> dict[str, File]:
    """One file for each option."""
    return {name: given[0] for name, given in files.items() if given}
