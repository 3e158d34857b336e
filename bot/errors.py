"""Every way in which the bot says no, and the one place that turns an exception into a reply.

    Refusal (engine.protocol)   the engine's or the door's answer; `words.errors` has its sentence
    BotError                    the bot's own answers, each with a finished sentence
      BadConfig                   the process cannot start
      DatabaseInUse               another bot process holds the database
      MissingPermissions          the bot may not do here what the job needs
      NoPicture                   the message has no picture
      NotFetched                  Discord does not hand out an attachment
      NotYours                    somebody else's ticket
      TicketOver                  the ticket is finished, so there is nothing to stop
      AlreadyUnderway             the same picture is being painted for the same member
      StillFetching               the same member waits for another moment or time-lapse
      PictureGone                 the images of a finished picture are no longer kept
      PaintingGone                nor are the moments of its painting
      EngineUnreachable           the engine does not answer

Rule: an expected error is its sentence; an unexpected one goes to the log with its traceback, and the member
reads a short apology.
"""

# ruff: noqa: N818 - these are answers, not faults, and named for what they say

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.words.errors import IMAGE_NAMES, sentence
from engine.protocol import Refusal

log = structlog.get_logger(__name__)

# What Discord or the way to it may do at any time.
DiscordTrouble = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)

APOLOGY = "Something went wrong on my side; it has been noted. Please try again."


class BotError(Exception):
    """An answer of the bot's own, with the sentence that a member may read."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


class BadConfig(BotError):
    """The process cannot start with these settings."""


class DatabaseInUse(BotError):
    """Another process holds the database."""

    def __init__(self, place: str) -> None:
        super().__init__(f"The database {place} is in use by another bot process.")


class MissingPermissions(BotError):
    """The bot lacks permissions in a channel; the sentence lists them all."""

    def __init__(self, missing: Sequence[str]) -> None:
        names = [f"“{name}”" for name in missing]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        noun = "permission" if len(names) == 1 else "permissions"
        super().__init__(f"I cannot paint in this channel: I need the {noun} {listed} here.")


class NoPicture(BotError):
    """A message without a picture was to be painted."""

    def __init__(self) -> None:
        super().__init__("That message has no picture attached that I could paint.")


class NotFetched(BotError):
    """An attachment could not be downloaded; which: one of `protocol.IMAGES`."""

    def __init__(self, which: str) -> None:
        super().__init__(f"The {IMAGE_NAMES[which]} could not be fetched from Discord: please send it again.")


class NotYours(BotError):
    """A button of somebody else's ticket was pressed."""

    def __init__(self) -> None:
        super().__init__("Only the member who asked for this picture, or a moderator, can stop it.")


class TicketOver(BotError):
    """A button of a ticket that is no longer open was pressed."""

    def __init__(self) -> None:
        super().__init__("This picture is already finished, so there is nothing to stop.")


class AlreadyUnderway(BotError):
    """A second click while the first is being painted."""

    def __init__(self) -> None:
        super().__init__("That very picture is already being painted for you.")


class StillFetching(BotError):
    """A moment or time-lapse was asked for by a member who waits for one."""

    def __init__(self) -> None:
        super().__init__("What you asked for before is still on its way: please try again in a moment.")


class PictureGone(BotError):
    """A picture was to be painted anew whose images are no longer kept."""

    def __init__(self) -> None:
        super().__init__("I no longer have the picture that this was painted from: please send it again.")


class PaintingGone(BotError):
    """The engine no longer keeps the moments of a painting."""

    def __init__(self) -> None:
        super().__init__("I no longer have the moments of this painting: they are kept for some days only.")


class EngineUnreachable(BotError):
    """The engine does not answer, or is still starting; trying again later is right."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__("The painting engine cannot be reached at the moment: please try again in a minute.")


def sentence_for(error: BaseException) -> str | None:
    """The sentence of an expected error, or None for one that nobody foresaw."""
    match error:
        case app_commands.CommandInvokeError():
            return sentence_for(error.original)
        case Refusal():
            return sentence(error)
        case BotError():
            return error.sentence
        case _:
            return None


def is_passing(error: Exception) -> bool:
    """Whether the same thing may well succeed a little later."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status == 429
    return isinstance(error, (EngineUnreachable, *DiscordTrouble))


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


async def _say(interaction: discord.Interaction, sentence: str) -> None:
    if not interaction.response.is_done():
        await interaction.response.send_message(sentence, ephemeral=True)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        await interaction.edit_original_response(content=sentence)
    else:
        await interaction.followup.send(sentence, ephemeral=True)
