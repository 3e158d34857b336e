"""The style of the week: `/week show` for everybody, `/week style` and `/week end` for who manages the server."""

import asyncio

import discord
import structlog
from discord import app_commands
from discord.ext import commands, tasks
from sqlalchemy.exc import DBAPIError

from bot.answers import working
from bot.cogs.reach import NEEDS
from bot.errors import short
from bot.orders.policy import Action
from bot.orders.venue import Venue, actor_of, is_nsfw
from bot.storage.interactions import Manner
from bot.studio import Studio
from bot.words import week as words
from bot.words.catalogue import localised
from bot.words.help import style_choice

log = structlog.get_logger(__name__)

_CHOICES, _NAME = 25, 100


class Week(commands.Cog):
    """What can be asked of a week, and what keeps its timers."""

    week = app_commands.Group(name="week", description=words.GROUP.localised(), guild_only=True)

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def cog_load(self) -> None:
        """Look at the clock now and then, which may be set."""
        self._settle.start()

    async def cog_unload(self) -> None:
        """Look no more."""
        looking = self._settle.get_task()
        self._settle.cancel()
        if looking is not None:
            await asyncio.gather(looking, return_exceptions=True)
        await self._studio.alarms.close()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """The channels are known: do what is due."""
        await self._look()
        self._studio.alarms.start()
        for guild in self._studio.weekly.client.guilds:
            if any(is_nsfw(channel) for channel in guild.channels):  # since the bot was away
                await self._restrict(guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """There may be an age restriction now."""
        if is_nsfw(after) and not is_nsfw(before):
            await self._restrict(after.guild.id)

    async def _restrict(self, server_id: int) -> None:
        try:
            await self._studio.weekly.collages.restrict(server_id)
        except DBAPIError as error:
            log.warning("collages not restricted", server=server_id, error=short(error))

    @tasks.loop(hours=1)
    async def _settle(self) -> None:
        await self._look()

    async def _look(self) -> None:
        try:
            await self._studio.weekly.settle_all()
        except DBAPIError as error:
            log.warning("weeks not looked at", error=short(error))

    @week.command(description=words.SHOW.localised())
    async def show(self, interaction: discord.Interaction) -> None:
        """Only the asker sees it."""
        await self._studio.own_entries.show(interaction, None, Manner.THINKING)

    @week.command(description=words.STYLE.localised(), extras={NEEDS: "manage_guild"})
    @app_commands.describe(**localised(words.STYLE_OPTIONS))
    async def style(
        self,
        interaction: discord.Interaction,
        style: app_commands.Range[str, 1, _NAME] | None = None,
        now: bool = False,
    ) -> None:
        """Plan the next week, or begin it."""
        async with working(interaction, self._studio.store.owed, Manner.THINKING):
            server_id = await self._managed(interaction)
            chosen = self._studio.weekly.offer(server_id).named(style) if style else None
            if now:
                url = await self._studio.weekly.begin_now(server_id, chosen, interaction.user.id)
                text = words.announced(url)
            else:
                begins = await self._studio.weekly.plan(server_id, chosen, interaction.user.id)
                text = words.planned(chosen, begins)
            await interaction.edit_original_response(content=text)

    @week.command(description=words.END.localised(), extras={NEEDS: "manage_guild"})
    async def end(self, interaction: discord.Interaction) -> None:
        """Post the collage before its time."""
        async with working(interaction, self._studio.store.owed, Manner.THINKING):
            server_id = await self._managed(interaction)
            ending = await self._studio.weekly.end_now(server_id, interaction.user.id)
            if ending.url is not None:
                text = words.collage_posted(ending.url)
            else:
                text = words.NOBODY_LEFT() if ending.is_over else words.NOBODY_YET()
            await interaction.edit_original_response(content=text)

    @style.autocomplete("style")
    async def _complete_style(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Whatever may be meant, the best first."""
        found = self._studio.weekly.offer(interaction.guild_id or 0).matching(typed)[:_CHOICES]
        return [app_commands.Choice(name=style_choice(style), value=style.name) for style in found]

    async def _managed(self, interaction: discord.Interaction) -> int:
        """The server of whoever asks, who manages it. Raises BotError MAY_NOT."""
        policy = self._studio.policy
        await policy.require(actor_of(interaction), Venue.of(interaction), Action.SET_UP)
        return interaction.guild_id or 0
