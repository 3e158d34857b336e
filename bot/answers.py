"""The one place that acknowledges interactions, and turns an exception into a reply.

Rule: whoever is told "thinking…" is answered, by the process after this one if need be. Discord's own answer may
be lost, and what it then says to the repeated call, that it knows already, is a success. An expected error is its
sentence; an unexpected one goes to the log with its traceback, and the member reads a short apology. What the engine
says for operators only goes to the log too, since no sentence has it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import discord
import structlog
from discord import app_commands
from sqlalchemy.exc import DBAPIError

from bot.errors import BotError, BotErrorCode, DiscordTrouble, ImagesAway, is_disk_full, is_passing, short
from bot.languages import language_of
from bot.storage.interactions import Manner, OwedAnswer, OwedAnswers
from bot.words.errors import APOLOGY, ASIDE, sentence
from engine.protocol import Problem, Refusal

log = structlog.get_logger(__name__)

QUIET_SECONDS = 60.0  # between two such answers in a channel that all read
_ALREADY_ACKNOWLEDGED, _UNKNOWN_INTERACTION = 40060, 10062
_MANNER = "manner"  # in the extras of an interaction that is acknowledged
_FOR_OPERATORS = {"detail", "why"}  # facts that hold English of the engine's, and nothing that a member sent


def sentence_for(error: BaseException) -> str | None:
    """The sentence of an expected error, or None for one that nobody foresaw."""
    cause = _cause(error)
    if isinstance(cause, Refusal | BotError):
        return sentence(cause)
    if isinstance(cause, ImagesAway):
        return sentence(BotError(BotErrorCode.IMAGES_AWAY))
    return sentence(BotError(BotErrorCode.DISK_FULL)) if is_disk_full(cause) else None


def explain(error: BaseException, **facts: object) -> str:
    """What the member reads; an error that nobody foresaw goes to the log with `facts`."""
    cause = _cause(error)
    if isinstance(cause, Refusal | BotError):
        log.info("refused", code=cause.code, **facts)
    if isinstance(cause, Refusal):
        log_refusal(cause, **facts)
    expected = sentence_for(error)
    if expected is None:
        log.error("request failed", exc_info=error, **facts)
    return expected or APOLOGY()


def _cause(error: BaseException) -> BaseException:
    """What went wrong in a command, without discord.py's wrapping."""
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error


def log_refusal(refusal: Refusal | Problem, **facts: object) -> None:
    """Log, with `facts`, what the engine says to operators; without any there is nothing to log."""
    if _FOR_OPERATORS & refusal.facts.keys():
        log.warning("engine refused", code=refusal.code, facts=refusal.facts, **facts)


async def acknowledge(interaction: discord.Interaction[Any], manner: Manner) -> None:
    """Tell Discord that this will be answered, once; THINKING is seen by whoever asks alone, so that a no is too.

    Where nothing is heard of it, it counts as done: whoever answers will see. Raises discord.HTTPException if
    Discord does not want to know, as after three seconds.
    """
    if is_acknowledged(interaction):
        return
    is_private, thinking = manner is Manner.THINKING, manner is not Manner.CLICK
    for trouble in ("once more", "taken for done"):
        try:
            await interaction.response.defer(ephemeral=is_private, thinking=thinking)
        except discord.HTTPException as error:
            if error.code != _ALREADY_ACKNOWLEDGED and not is_passing(error):
                raise
        except (aiohttp.ClientError, OSError) as error:
            log.warning(
                "not acknowledged", interaction=interaction.id, error=type(error).__name__, so=trouble
            )
            continue
        break
    note_acknowledged(interaction, manner)


def is_acknowledged(interaction: discord.Interaction[Any]) -> bool:
    """Whether Discord has been told of an answer."""
    return _MANNER in interaction.extras


def acknowledged(interaction: discord.Interaction[Any]) -> Manner | None:
    """How an interaction was acknowledged, None if it was not."""
    manner: Manner | None = interaction.extras.get(_MANNER)
    return manner


def note_acknowledged(interaction: discord.Interaction[Any], manner: Manner) -> None:
    """Remember how an interaction is acknowledged, which discord.py does only if it has heard so."""
    interaction.extras[_MANNER] = manner


async def reply(
    interaction: discord.Interaction[Any], text: str, view: discord.ui.View | None = None
) -> None:
    """Answer privately, at once, which acknowledges too. Raises what Discord does."""
    try:
        await interaction.response.send_message(text, ephemeral=True, view=view or discord.utils.MISSING)
    except discord.HTTPException as error:
        if error.code != _ALREADY_ACKNOWLEDGED:
            raise


def owed(interaction: discord.Interaction[Any], manner: Manner, ticket_id: str | None = None) -> OwedAnswer:
    """What is kept of an interaction until it is answered."""
    language, token = language_of(interaction.locale), interaction.token
    manner = acknowledged(interaction) or manner
    return OwedAnswer(interaction.id, interaction.application_id, token, manner, ticket_id, language)


@asynccontextmanager
async def answering(
    interaction: discord.Interaction[Any], answers: OwedAnswers | None = None
) -> AsyncIterator[None]:
    """Answer whatever goes wrong inside; for items whose errors discord.py hands to nobody.

    With `answers`, what was owed to this interaction is settled by that.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the boundary of an interaction; `explain` logs
        await answer(interaction, error)
        if answers is not None:
            await settle(interaction, answers)


@asynccontextmanager
async def working(
    interaction: discord.Interaction[Any], answers: OwedAnswers, manner: Manner
) -> AsyncIterator[None]:
    """Acknowledge, privately, and do what takes a while inside, which ends with an answer, or with what is wrong.

    Cut off in between, the next process finds that an answer is owed. A ticket that was made inside owes it from then on.
    """
    async with answering(interaction, answers):
        await answers.add(owed(interaction, manner))
        await acknowledge(interaction, manner)
        yield
        await settle(interaction, answers, but_tickets=True)


async def settle(
    interaction: discord.Interaction[Any], answers: OwedAnswers, but_tickets: bool = False
) -> None:
    """An interaction is answered, unless a ticket will; Discord's trouble is no reason to forget that."""
    try:
        await answers.settle(interaction.id, but_tickets)
    except DBAPIError as error:  # it is forgotten when its token is too old
        log.warning("interaction not forgotten", interaction=interaction.id, error=short(error))


async def answer(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the member, and nobody else, what became of their command or click."""
    cause = _cause(error)
    if isinstance(cause, discord.NotFound) and cause.code == _UNKNOWN_INTERACTION:
        log.warning("too late for Discord", interaction=interaction.id)
        return
    try:
        await tell(interaction, explain(error, interaction=interaction.id))
    except DiscordTrouble as failure:
        log.warning("answer not delivered", interaction=interaction.id, error=short(failure))


async def tell(interaction: discord.Interaction[Any], text: str) -> None:
    """Say something in answer to an interaction, however it was acknowledged. Raises what Discord does."""
    match interaction.extras.get(_MANNER):
        case Manner.THINKING:
            await interaction.edit_original_response(content=text)
        case Manner.OPEN:
            await aside(interaction, content=text)
        case Manner.CLICK:
            await interaction.followup.send(text, ephemeral=True)
        case _ if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True)
        case _:
            await reply(interaction, text)


async def aside(interaction: discord.Interaction[Any], **fields: Any) -> discord.Message:
    """Say something to whoever asks alone, in place of a "thinking…" that all see. Raises what Discord does."""
    # Until it is edited, the first follow-up takes its place, and is seen by all. It may be gone since a former try.
    with suppress(discord.NotFound):
        await interaction.edit_original_response(content=ASIDE(), attachments=[], view=None)
    message = await interaction.followup.send(ephemeral=True, wait=True, **fields)
    with suppress(discord.NotFound):
        await interaction.delete_original_response()
    return message


class Quiet:
    """In which channels something was said within QUIET_SECONDS, so that nobody is told over and over, nor many at once."""

    def __init__(self) -> None:
        self._said_at: dict[int, float] = {}  # by channel

    def is_new(self, channel_id: int) -> bool:
        """Whether nothing was said there a moment ago; from now on, something was."""
        now = asyncio.get_running_loop().time()
        self._said_at = {channel: at for channel, at in self._said_at.items() if now < at + QUIET_SECONDS}
        is_new = channel_id not in self._said_at
        self._said_at.setdefault(channel_id, now)
        return is_new


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
