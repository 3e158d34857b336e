"""The one place that turns an exception into a reply.

Rule: an expected error is its sentence; an unexpected one goes to the log with its traceback, and the member
reads a short apology. What the engine says for operators only goes to the log too, since no sentence has it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import structlog
from discord import app_commands

from bot.errors import BotError, DiscordTrouble
from bot.words.errors import APOLOGY, sentence
from engine.protocol import Problem, Refusal

log = structlog.get_logger(__name__)

QUIET_SECONDS = 60.0  # between the same answer to the same member in a channel that all read
_FOR_OPERATORS = {"detail", "why"}  # facts that hold English of the engine's, and nothing that a member sent


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
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, Refusal):
        log_refusal(cause, **facts)
    expected = sentence_for(error)
    if expected is None:
        log.error("request failed", exc_info=error, **facts)
    return expected or APOLOGY


def log_refusal(refusal: Refusal | Problem, **facts: object) -> None:
    """Log, with `facts`, what the engine says to operators; without any there is nothing to log."""
    if _FOR_OPERATORS & refusal.facts.keys():
        log.warning("engine refused", code=refusal.code, facts=refusal.facts, **facts)


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


class Repetitions:
    """Which answers were given in channels within QUIET_SECONDS, so that nobody reads one over and over."""

    def __init__(self) -> None:
        self._given_at: dict[tuple[int, int, str], float] = {}  # by channel, member and text

    def is_new(self, channel_id: int, member_id: int, text: str) -> bool:
        """Whether the member has not read this very text here a moment ago; from now on, they have."""
        now, key = asyncio.get_running_loop().time(), (channel_id, member_id, text)
        self._given_at = {answer: at for answer, at in self._given_at.items() if now < at + QUIET_SECONDS}
        is_new = key not in self._given_at
        self._given_at.setdefault(key, now)
        return is_new
