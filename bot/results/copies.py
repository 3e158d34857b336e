"""A finished picture to take home: a copy by direct message, and the whole file where no message takes it.

Rule: both go to whoever asks and to nobody else; whoever may look at a picture may have it, until it is deleted.
"""

import discord

from bot.answers import working
from bot.errors import DiscordTrouble
from bot.links.signing import Links
from bot.orders.policy import Action
from bot.results.pictures import FinishedPictures, show
from bot.storage.interactions import Manner
from bot.storage.tickets import Ticket
from bot.words import links as link_words
from bot.words import result as words
from bot.words.post import Post


class Copies:
    """What hands out pictures."""

    def __init__(self, pictures: FinishedPictures, links: Links) -> None:
        self._pictures, self._links = pictures, links

    async def send(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Send the picture to whoever asks, directly; into the private answer where that is closed."""
        await self._pictures.require(interaction, Action.LOOK)
        async with working(interaction, self._pictures.store.owed, Manner.THINKING):
            ticket, job = await self._pictures.painted(interaction, ticket_id, Action.SEND)
            async with self._pictures.turn(interaction.user.id):
                limit = discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
                rendered = await self._pictures.engine.result(job, max_bytes=limit)
                post, view = words.copy(ticket, rendered.data), None
                if self._links.is_on and not rendered.about.is_original:
                    text, view = await self._link(ticket, job)
                    post = Post(f"{post.text}\n{text}", post.picture)
                try:
                    await self._pictures.send(interaction, ticket, post, view)
                except DiscordTrouble:
                    await show(interaction, words.copy_here(post), view)
                else:
                    await interaction.edit_original_response(content=words.COPY_SENT)

    async def show_link(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Answer, privately, with a link to the file as it was painted."""
        await self._pictures.require(interaction, Action.LOOK)
        async with working(interaction, self._pictures.store.owed, Manner.THINKING):
            ticket, job = await self._pictures.painted(interaction, ticket_id, Action.LOOK)
            await self._pictures.require_there(interaction.client, ticket)
            if not self._links.is_on:  # any more
                await interaction.edit_original_response(content=link_words.NO_LINKS)
                return
            async with self._pictures.turn(interaction.user.id):
                text, view = await self._link(ticket, job)
            await interaction.edit_original_response(content=text, view=view)

    async def _link(self, ticket: Ticket, job: str) -> tuple[str, discord.ui.View]:
        """A link to a ticket's picture, as a button: Discord fetches nothing of what that leads to."""
        about, size = await self._pictures.engine.about_original(job)
        link = self._links.link(ticket.id, discord.utils.utcnow().timestamp())
        view = discord.ui.View().add_item(discord.ui.Button(label=link_words.OPEN, url=link.url))
        return link_words.full_size(about, size, link.until), view
