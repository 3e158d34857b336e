"""Keep members from having pictures painted in a server, and delete what they had: `/block`, `/unblock`, `/blocked` and
`/purge member`, for moderators."""

from datetime import timedelta

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import answering, reply, working
from bot.buttons.block import change_block
from bot.buttons.purge import purge_buttons
from bot.errors import BotError, BotErrorCode
from bot.moderation.purge import Target, Which
from bot.orders.policy import Action
from bot.orders.venue import Venue, actor_of
from bot.storage.interactions import Manner
from bot.studio import Studio
from bot.words import moderation as words
from bot.words import purge as purge_words
from bot.words.catalogue import localised

_DAY = "day"
_SINCE = {
    "hour": timedelta(hours=1),
    _DAY: timedelta(days=1),
    "week": timedelta(weeks=1),
    "ever": None,
}


class Moderation(commands.Cog):
    """The commands of moderators; all answers are private."""

    purge = app_commands.Group(
        name="purge",
        description=purge_words.GROUP.localised(),
        guild_only=True,
        default_permissions=discord.Permissions(manage_messages=True),
    )

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """The channels are known: tell moderators what a former process could not."""
        self._studio.auditor.resume()

    @app_commands.command(description=words.BLOCK.localised())
    @app_commands.describe(member=words.MEMBER_OPTION.localised())
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

    @app_commands.command(description=words.UNBLOCK.localised())
    @app_commands.describe(member=words.MEMBER_OPTION.localised())
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def unblock(self, interaction: discord.Interaction, member: discord.User) -> None:
        """Let somebody in again."""
        async with answering(interaction):
            await self._require(interaction)
            text, view = await change_block(self._studio, interaction, member.id, block=False)
            await reply(interaction, text, view)
            await self._studio.galleries.member_changed(interaction.guild_id or 0, member.id)

    @app_commands.command(description=words.BLOCKED.localised())
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    async def blocked(self, interaction: discord.Interaction) -> None:
        """List them."""
        async with answering(interaction):
            await self._require(interaction)
            await reply(
                interaction, words.blocked(self._studio.store.blocks.blocked(interaction.guild_id or 0))
            )

    @purge.command(name="member", description=purge_words.MEMBER.localised())
    @app_commands.describe(**localised(purge_words.OPTIONS))
    @app_commands.choices(
        results=[
            app_commands.Choice(name=text.localised(), value=which)
            for which, text in purge_words.WHICH.items()
        ],
        since=[
            app_commands.Choice(name=text.localised(), value=since)
            for since, text in purge_words.SINCE.items()
        ],
    )
    async def purge_member(
        self,
        interaction: discord.Interaction,
        member: discord.User,
        results: str = Which.BOTH.value,
        since: str = _DAY,
    ) -> None:
        """Say how much it is, and ask."""
        async with working(interaction, self._studio.store.owed, Manner.THINKING):
            await self._require(interaction)
            back = _SINCE[since]
            at = int((interaction.created_at - back).timestamp()) if back is not None else 0
            target = Target(member.id, Which(results), at)
            count, styles = await self._studio.purge.count(interaction.guild_id or 0, target)
            text = purge_words.question(member.id, target.which, at, count, styles)
            view = purge_buttons(target, count.is_any, bool(styles))
            await interaction.edit_original_response(content=text, view=view)

    async def _require(self, interaction: discord.Interaction) -> None:
        await self._studio.policy.require(actor_of(interaction), Venue.of(interaction), Action.MODERATE)
