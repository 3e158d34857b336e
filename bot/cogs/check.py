"""`/check`: what is amiss in a server, and how to mend it; and the same for the owner, in the log at every start."""

import asyncio
from typing import Any

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.answers import working
from bot.cogs.reach import NEEDS
from bot.errors import BotErrorCode, DiscordTrouble, EngineUnreachable, short
from bot.orders.checks import Inspection
from bot.orders.permissions import invitation_link, server_of
from bot.storage.interactions import Manner
from bot.studio import Studio, StudioClient
from bot.words import check as words
from engine.protocol import Refusal

log = structlog.get_logger(__name__)

ASK_SECONDS = 5.0
PAINTING = "stylize"


class Check(commands.Cog):
    """What is looked at is `bot.orders.checks`."""

    def __init__(self, studio: Studio, client: StudioClient) -> None:
        self._studio, self._client = studio, client

    @app_commands.command(description=words.CHECK.localised())
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.default_permissions(manage_messages=True)
    async def check(self, interaction: discord.Interaction) -> None:
        """Only the asker sees the report."""
        async with working(interaction, self._studio.store.owed, Manner.THINKING):
            guild, engine = server_of(interaction), await self._engine()
            is_narrowed = await self._is_narrowed(guild)
            inspection = Inspection(
                guild=guild,
                store=self._studio.store,
                styles=self._studio.catalogue.offer_in(guild.id, nsfw=True).styles,
                engine=engine,
                sees_content=self._client.intents.message_content,
                is_paused=self._studio.config.paused,
                is_narrowed=is_narrowed,
            )
            who = words.who_may(commands_by_permission(self._client.tree))
            text = words.report(list(inspection.findings()), inspection.sees_content, who)
            await interaction.edit_original_response(content=text)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A session has begun: say in the log how things stand."""
        engine, guilds = await self._engine(), self._client.guilds
        art = {guild.id: self._studio.store.settings.art_channels(guild.id) for guild in guilds}
        log.info(
            "ready",
            user=str(self._client.user),
            servers=len(guilds),
            servers_set_up=sum(bool(channels) for channels in art.values()),
            art_channels=sum(map(len, art.values())),
            art_channels_gone=sum(
                guild.get_channel(channel) is None
                for guild in guilds
                for channel in art[guild.id]
                if not guild.unavailable
            ),
            engine="reached" if engine is None else engine.value,
            engine_token="wrong"
            if engine is BotErrorCode.ENGINE_LOCKED
            else "right"
            if engine is None
            else "unknown",
            message_content=self._client.intents.message_content,
        )
        if not guilds and self._client.application_id is not None:
            log.info("invite it to a server", link=invitation_link(self._client.application_id))

    async def _is_narrowed(self, guild: discord.Guild) -> bool:
        """Whether Discord's settings keep some members, or channels, from the command that all other ways are like."""
        try:
            commands = await self._client.tree.fetch_commands()
        except DiscordTrouble as error:
            log.info("commands not looked at", server=guild.id, error=short(error))
            return False
        painting = next((each for each in commands if each.name == PAINTING), None)
        if painting is None:
            return False
        try:
            given = await painting.fetch_permissions(guild)
        except DiscordTrouble:  # as where nothing is set
            return False
        return any(not each.permission for each in given.permissions)

    async def _engine(self) -> BotErrorCode | None:
        """Why the engine does not answer, None if it does."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await self._studio.engine.require_well()
        except EngineUnreachable as error:
            return error.code
        except (Refusal, TimeoutError):
            return BotErrorCode.ENGINE_UNREACHABLE
        return None


def commands_by_permission(tree: app_commands.CommandTree[Any]) -> dict[str | None, list[str]]:
    """The names of all commands, by the permission that a member needs unless a server has it otherwise; None: none."""
    found: dict[str | None, list[str]] = {}
    for command in tree.get_commands(type=discord.AppCommandType.chat_input):
        needed = command.default_permissions
        flags = [name for name, is_given in needed if is_given] if needed is not None else []
        found.setdefault(flags[0] if flags else None, []).append(command.name)
        for part in command.walk_commands() if isinstance(command, app_commands.Group) else ():
            if (flag := part.extras.get(NEEDS)) is not None:
                found.setdefault(flag, []).append(part.qualified_name)
    return found
