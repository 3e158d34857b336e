"""Takes back what `/block` or `/unblock` has done: for whoever moderates."""

import re
from typing import Any

import discord

from bot.answers import answering
from bot.orders.policy import Action
from bot.orders.venue import Venue, actor_of
from bot.storage.ledger import What
from bot.studio import Studio, studio_of
from bot.words import moderation as words


class BlockButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"blocks:(?P<act>block|unblock):(?P<member>[0-9]+)",
):
    """Undo: block a member again, or let them in again."""

    def __init__(self, member_id: int, block: bool) -> None:
        act = "block" if block else "unblock"
        super().__init__(discord.ui.Button(label=words.UNDO(), custom_id=f"blocks:{act}:{member_id}"))
        self._member_id, self._block = member_id, block

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "BlockButton":
        """The button of a message, perhaps of a former process."""
        return cls(int(match["member"]), match["act"] == "block")

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do so, and offer the way back."""
        async with answering(interaction):
            studio = studio_of(interaction)
            await studio.policy.require(actor_of(interaction), Venue.of(interaction), Action.MODERATE)
            text, view = await change_block(studio, interaction, self._member_id, self._block)
            await interaction.response.edit_message(content=text, view=view)
            await studio.inquiries.blocked(interaction.guild_id or 0)
            await studio.galleries.member_changed(interaction.guild_id or 0, self._member_id)


async def change_block(
    studio: Studio, interaction: discord.Interaction, member_id: int, block: bool
) -> tuple[str, discord.ui.View | None]:
    """Block or unblock a member of a server; what to say, and the way back if anything was changed."""
    server_id, blocks = interaction.guild_id or 0, studio.store.blocks
    what, by_id, now = What.BLOCKED if block else What.UNBLOCKED, interaction.user.id, discord.utils.utcnow()
    told = studio.store.entries(server_id, what, by_id, now.timestamp(), member_id)
    if block:
        is_new = await blocks.block(server_id, member_id, by_id, now.timestamp(), told)
        text = words.is_blocked(member_id, is_new)
    else:
        is_new = await blocks.unblock(server_id, member_id, told)
        text = words.is_unblocked(member_id, is_new)
    if not is_new:
        return text, None
    return text, discord.ui.View(timeout=None).add_item(BlockButton(member_id, not block))
