"""`/queue`: who waits for which picture, and how it stands; for whoever asks alone.

Rule: of others' pictures, only those of this channel are named: the others may be where whoever asks cannot look.
"""

import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import reply
from bot.cogs.reach import everywhere
from bot.place import Place
from bot.storage.tickets import Ticket
from bot.studio import Studio
from bot.tickets.desk import Open
from bot.words import album as words
from bot.words.ticket import standing

_SHOWN = 10  # of others'


class Queue(commands.Cog):
    """What is under way."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @app_commands.command(description=words.QUEUE.localised())
    @everywhere
    async def queue(self, interaction: discord.Interaction) -> None:
        """Tell how things stand."""
        open_ = await self._studio.desk.queue(Place.of(interaction).home_id, interaction.user.id)
        mine = [each for each in open_ if each.ticket.user_id == interaction.user.id]
        others = [each for each in open_ if each not in mine and _is_here(each.ticket, interaction)]
        shown = others[:_SHOWN]
        text = words.queue(_told(mine), _told(shown), len(open_) - len(mine) - len(shown))
        await reply(interaction, text)


def _is_here(ticket: Ticket, interaction: discord.Interaction) -> bool:
    return interaction.channel_id in (ticket.place.channel_id, ticket.output_id)


def _told(open_: list[Open]) -> list[tuple[Ticket, str]]:
    now = discord.utils.utcnow()
    return [(each.ticket, standing(each.ticket, each.update, now, once=True)) for each in open_]
