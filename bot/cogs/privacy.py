"""See and delete what is kept about oneself: `/privacy show` and `/privacy delete`.

Rule: open to everybody everywhere, also to who is blocked; only they see the answer, and nothing goes before a second press.
"""

import io

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import reply, working
from bot.buttons.gallery import gallery_consent
from bot.cogs.reach import everywhere
from bot.storage import tickets
from bot.storage.consents import Answer
from bot.storage.interactions import Manner
from bot.storage.wishes import Wishes
from bot.studio import Studio
from bot.words import gallery as gallery_words
from bot.words import privacy as words


class Privacy(commands.Cog):
    """The commands about one's data."""

    privacy = everywhere(app_commands.Group(name="privacy", description=words.GROUP.localised()))

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @privacy.command(description=words.SHOW.localised())
    async def show(self, interaction: discord.Interaction) -> None:
        """Only the asker sees it."""
        async with working(interaction, self._studio.store.owed, Manner.THINKING):
            kept = await self._studio.store.members.kept(interaction.user.id)
            ids = [row["id"] for row in kept.rows.get(tickets.table.name, ())]
            text = words.summary(kept, await self._images(ids))
            files = [discord.File(io.BytesIO(words.document(kept)), words.FILE())] if kept.rows else []
            await interaction.edit_original_response(content=text, attachments=files)

    @privacy.command(description=words.DELETE.localised())
    async def delete(self, interaction: discord.Interaction) -> None:
        """Ask what shall go."""
        said = await self._studio.store.consents.answers(interaction.user.id)
        wishes = Wishes(keeps_no=True if Answer.NEVER in said.values() else None)
        await reply(interaction, words.question(wishes), self._studio.ask_privacy(wishes))

    @privacy.command(description=gallery_words.PRIVACY.localised())
    async def gallery(self, interaction: discord.Interaction) -> None:
        """Say whether one's pictures may be shown in galleries."""
        text, view = await gallery_consent(self._studio, interaction.user.id, interaction.guild_id)
        await reply(interaction, text, view)

    async def _images(self, ids: list[str]) -> int:
        """Of how many tickets there are images."""
        inbox, shelf = self._studio.inbox, self._studio.shelf
        return sum([await inbox.has(each) or await shelf.has(each) for each in ids])
