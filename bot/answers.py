"""The one place that turns an exception into a reply.

Rule: an expected error is its sentence; an unexpected one goes to the log with its traceback, and the member
reads a short apology.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import structlog
from discord import app_commands

from bot.errors import BotError, DiscordTrouble
from bot.words.errors import APOLOGY, sentence
from engine.protocol import Refusal

log = structlog.get_logger(__name__)


def sentence_for(error: BaseException) -> str | None:
    """The sentence of an expected error, or None for one that nobody foresaw."""
    match error:
        case app_commands.CommandInvokeError():
            return sentence_for(error.original)
        case Refusal() | BotError():
            return sentence(error)
        case _:
            return None


def explain(error: BaseException, **facts: object) -> str:
    """What the member reads; an error that nobody foresaw goes to the log with `facts`."""
    expected = sentence_for(error)
    if expected is None:
        log.error("request failed", exc_info=error, **facts)
    return expected or APOLOGY


@asynccontextmanager
async def answering(interaction: discord.Interaction) -> AsyncIterator[None]:
    """Answer whatever goes wrong inside; for items whose errors discord.py hands to nobody."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the boundary of an interaction; `explain` logs
        await answer(interaction, error)


async def answer(interaction: discord.Interaction, error: BaseException) -> None:
    """Tell the member what became of their command or click; privately, unless "thinking" is public already."""
    try:
        await _say(interaction, explain(error, interaction=interaction.id))
    except DiscordTrouble as failure:
        log.warning("answer not delivered", interaction=interaction.id, error=str(failure))


async def _say(interaction: discord.Interaction, text: str) -> None:
    if not interaction.response.is_done():
        await interaction.response.send_message(text, ephemeral=True)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        await interaction.edit_original_response(content=text)
    else:
        await interaction.followup.send(text, ephemeral=True)
