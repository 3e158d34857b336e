"""Keep members from having pictures painted in a server: `/block`, `/unblock` and `/blocked`, for moderators."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import answering, reply
from bot.buttons.block import change_block
from bot.errors import BotError, BotErrorCode
from bot.orders.policy import Action
from bot.orders.venue import Venue, actor_of
from bot.studio import Studio
from bot.words import moderation as words


class Moderation(commands.Cog):
    """The commands of moderators; all answers are private."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @app_commands.command(description=words.BLOCK)
    @app_commands.describe(member=words.MEMBER_OPTION)
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def block(self, interaction: discord.Interaction, member: discord.User) -> None:
        """Block somebody, who may have left; not who could undo it."""
        async with answering(interaction):
            await self._require(interaction)
            manages = isinstance(member, discord.Member) and member.guild_permissions.manage_guild
            if member.bot or manages or member.id == interaction.user.id:
                raise BotError(BotErrorCode.CANNOT_BE_BLOCKED)
            text, view = await change_block(self._studio, interaction, member.id, block=True)
            await reply(interaction, text, view)
            await self._studio.inquiries.blocked(interaction.guild_id or 0)
            await self._studio.galleries.member_changed(interaction.guild_id or 0, member.id)

    @app_commands.command(description=words.UNBLOCK)
    @app_commands.describe(member=words.MEMBER_OPTION)
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def unblock(self, interaction: discord.Interaction, member: discord.User) -> None:
        """Let somebody in again."""
        async with answering(interaction):
            await self._require(interaction)
            text, view = await change_block(self._studio, interaction, member.id, block=False)
            await reply(interaction, text, view)
            await self._studio.galleries.member_changed(interaction.guild_id or 0, member.id)

    @app_commands.command(description=words.BLOCKED)
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def blocked(self, interaction: discord.Interaction) -> None:
        """List them."""
        async with answering(interaction):
            await self._require(interaction)
            await reply(
                interaction, words.blocked(self._studio.store.blocks.blocked(interaction.guild_id or 0))
            )

    async def _require(self, interaction: discord.Interaction) -> None:
        await self._studio.policy.require(actor_of(interaction), Venue.of(interaction), Action.MODERATE)
