"""How a finished picture was painted, read from the picture itself as the engine keeps it.

Rule: the answer is what the picture says of itself; what came out of it, in percent, is what the engine says.
"""

import discord

from bot.answers import working
from bot.engine_client import EngineClient
from bot.errors import BotError, BotErrorCode, DiscordTrouble, EngineUnreachable
from bot.orders import attachments
from bot.orders.budget import ByteBudget
from bot.orders.pictures import SourcePicture
from bot.orders.policy import Action
from bot.place import Place
from bot.results.pictures import FinishedPictures
from bot.storage.interactions import Manner
from bot.styles.catalogue import Catalogue
from bot.words import audition
from bot.words import provenance as words
from engine.protocol import Likeness, Refusal, most_bytes


class ProvenanceReader:
    """What tells how pictures were painted."""

    def __init__(self, pictures: FinishedPictures, engine: EngineClient, catalogue: Catalogue) -> None:
        self._pictures, self._engine, self._catalogue = pictures, engine, catalogue
        self._budget = ByteBudget()

    async def show(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Answer, privately, with how a ticket's picture was painted."""
        await self._pictures.require(interaction, Action.LOOK)
        async with working(interaction, self._pictures.store.owed, Manner.THINKING):
            _, job = await self._pictures.painted(interaction, ticket_id, Action.LOOK)
            async with self._pictures.turn(interaction.user.id):
                data = (await self._engine.result(job)).data
                await self._tell(interaction, data, await self._likeness(job))

    async def show_picture(
        self, interaction: discord.Interaction, picture: SourcePicture, message_id: int
    ) -> None:
        """Answer, privately, with how the picture of a message was painted, whoever has posted it."""
        await self._pictures.require(interaction, Action.LOOK)
        attachments.check(picture, "previous")
        size = most_bytes("previous") if picture.size is None else picture.size
        async with (
            working(interaction, self._pictures.store.owed, Manner.THINKING),
            self._budget.hold(size, Place.of(interaction).group(interaction.user.id)),
        ):
            post = await self._pictures.store.posts.find(message_id)
            ticket = await self._pictures.store.tickets.find(post.ticket_id) if post is not None else None
            if ticket is not None and ticket.request.audition:
                await interaction.edit_original_response(content=audition.no_recipe(ticket))
                return
            data = await _bytes(interaction.client, picture)
            likeness = await self._likeness(ticket.job_id) if ticket and ticket.job_id else None
            await self._tell(interaction, data, likeness)

    async def _tell(self, interaction: discord.Interaction, data: bytes, likeness: Likeness | None) -> None:
        provenance = await self._engine.provenance(data)
        museum, server_id = self._pictures.store.museum, interaction.guild_id
        found = {
            each: museum.by_picture(server_id, each.removeprefix(words.FILE)) for each in provenance.styles
        }
        own = {each: style.card for each, style in found.items() if style is not None}
        text = words.answer(provenance, self._catalogue.styles(), likeness, own)
        await interaction.edit_original_response(content=text)

    async def _likeness(self, job: str) -> Likeness | None:
        try:
            return (await self._engine.job(job)).likeness
        except (Refusal, EngineUnreachable):  # then nothing is said of it
            return None


async def _bytes(client: discord.Client, picture: SourcePicture) -> bytes:
    try:
        return await attachments.download(client, picture.url, "previous")
    except DiscordTrouble as error:
        raise BotError(BotErrorCode.NOT_FETCHED, image="previous") from error
