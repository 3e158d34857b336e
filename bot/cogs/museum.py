"""A server's own styles: "Offer as a style" on a message, `/museum add` and `/museum show`; their buttons are `bot.buttons.museum`."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.answers import working
from bot.buttons.museum import question_of_own
from bot.cogs.options import NAMED_LENGTH
from bot.cogs.reach import WHERE_IT_IS
from bot.errors import BotError, BotErrorCode
from bot.museum.acquisitions import Proposal
from bot.museum.form import StyleForm
from bot.orders.pictures import SourcePicture
from bot.orders.policy import Action
from bot.orders.venue import Venue, actor_of, is_nsfw
from bot.storage.interactions import Manner
from bot.studio import Studio
from bot.words import museum as words
from bot.words.catalogue import localised


class Museum(commands.Cog):
    """Proposes, shows, and goes on with what waits."""

    museum = app_commands.Group(
        name="museum", description=words.GROUP.localised(), allowed_contexts=WHERE_IT_IS
    )

    def __init__(self, studio: Studio, tree: app_commands.CommandTree[Any]) -> None:
        self._studio, self._tree = studio, tree
        self._menu = app_commands.ContextMenu(name=words.MENU.localised(), callback=self._offer)
        self._menu.guild_only = True

    async def cog_load(self) -> None:
        """Cogs do not carry context menus by themselves; and begin to look at what waits."""
        self._tree.add_command(self._menu)
        self._sweep.start()

    async def cog_unload(self) -> None:
        """Take the menu along, and look no more."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)
        looking = self._sweep.get_task()
        self._sweep.cancel()
        if looking is not None:
            await asyncio.gather(looking, return_exceptions=True)

    @museum.command(description=words.SHOW.localised())
    async def show(self, interaction: discord.Interaction) -> None:
        """Only the asker sees them."""
        async with working(interaction, self._studio.store.owed, Manner.THINKING):
            await self._studio.collection.show(interaction)

    @museum.command(description=words.ADD.localised())
    @app_commands.describe(**localised(words.ADD_OPTIONS))
    async def add(
        self,
        interaction: discord.Interaction,
        picture: app_commands.Range[str, 1, NAMED_LENGTH],
        name: app_commands.Range[str, 1, 64],
        emoji: app_commands.Range[str, 1, 64] | None = None,
    ) -> None:
        """Propose the picture of a message that is named."""
        async with working(interaction, self._studio.store.owed, Manner.THINKING):
            await self._studio.policy.require(actor_of(interaction), Venue.of(interaction), Action.OFFER)
            found = await self._studio.sources.named(interaction, picture)
            await self._propose(found, interaction, 0, name, emoji or "")

    async def _offer(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Ask what the style shall be called, once it is clear that it may be proposed."""
        if message.message_snapshots:  # whose it is, its original tells, which is to be offered itself
            raise BotError(BotErrorCode.NOT_FOR_MUSEUM)
        actor, venue = actor_of(interaction), Venue.of(interaction)
        await self._studio.policy.require(actor, venue, Action.OFFER)
        pictures = await self._studio.sources.of_message(message)
        await self._studio.acquisitions.require(Proposal(actor, venue, pictures[0]))
        given = partial(self._propose, pictures)
        form = StyleForm(words.TITLE(), self._studio.store.owed, given, pictures)
        await interaction.response.send_modal(form)

    async def _propose(
        self,
        pictures: Sequence[SourcePicture],
        interaction: discord.Interaction,
        which: int,
        name: str,
        emoji: str,
    ) -> None:
        proposal = Proposal(actor_of(interaction), Venue.of(interaction), pictures[which], name, emoji)
        style = await self._studio.acquisitions.propose(proposal)
        if style.author_id == interaction.user.id:
            text, view = words.question_of_own(style), question_of_own(style)
            await interaction.edit_original_response(content=text, view=view)
        else:
            await interaction.edit_original_response(content=words.asked(style))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """The channels are known: go on with what a former process has begun."""
        self._studio.acquisitions.resume()

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """One message is gone."""
        await self._studio.acquisitions.question_gone(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """The channel was swept."""
        await self._studio.acquisitions.question_gone(*payload.message_ids)

    @commands.Cog.listener()
    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """There may be an age restriction now."""
        if is_nsfw(after) and not is_nsfw(before):
            await self._studio.acquisitions.restrict()

    @tasks.loop(hours=1)
    async def _sweep(self) -> None:
        if self._sweep.current_loop:  # the first is that of `on_ready`
            await self._studio.acquisitions.sweep()
