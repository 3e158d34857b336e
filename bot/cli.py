"""The command line: `python -m bot` starts the Discord side of Atelier; `backup DESTINATION` keeps a copy of its data;
`healthcheck`; `doctor` tells what is amiss.

Rule: whatever keeps it from starting is one sentence on standard error, never a traceback, and an exit code that
says whether starting it again can help.
"""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten

import aiohttp
import discord
import structlog

from bot import log
from bot.app import Atelier, redirect
from bot.config import DISCORD_TOKEN, ENGINE_TOKEN, BotConfig, Secrets, read_config, read_secrets
from bot.errors import BotErrorCode, CannotStart, is_permanent
from bot.heartbeat import is_beating
from bot.storage.backup import back_up
from bot.words import help as words
from bot.words.errors import sentence
from engine.protocol import keep_private

# The first is that of wrong arguments too, the second "try again later" in sysexits.h.
PERMANENT, TEMPORARY = 2, 75
STOPPED = 128 + signal.SIGTERM  # as shells say it; Docker starts such a container again with the machine
# Close codes of the gateway after which a new session cannot go better: token, shards, version, intents.
_REFUSED_TOKEN, _REFUSED_SESSION = 4004, (4010, 4011, 4012, 4013, 4014)

events = structlog.get_logger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bot until it is told to stop, or do what a command says; the exit code."""
    options = parser().parse_args(arguments)
    keep_private()
    try:
        return _run(options)
    except CannotStart as error:
        print(sentence(error), file=sys.stderr)  # noqa: T201 - the answer to whoever started the process
        if not is_permanent(error):
            return TEMPORARY
        return 0 if options.docker else PERMANENT
    except KeyboardInterrupt:
        return 0
    except asyncio.CancelledError:
        return STOPPED if options.docker else 0


def _run(options: argparse.Namespace) -> int:
    config, retired = read_config(options.config, options.engine_url, options.shard_ids)
    match options.command:
        case "healthcheck":
            return 0 if is_beating(config.own_dir) else 1
        case "backup":
            asyncio.run(
                back_up(config.data_dir.resolve(), config.database_url, options.destination.absolute())
            )
        case "doctor":
            return asyncio.run(_examine(config))
        case _:
            secrets = read_secrets()
            log.set_up(secrets.discord_token, secrets.engine_token or "")
            if retired:
                events.warning(
                    "set with /setup now, and not read here", settings=retired, file=str(options.config)
                )
            discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nothing here speaks
            asyncio.run(_until_stopped(config, secrets))
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    top = argparse.ArgumentParser(
        prog="python -m bot", description=words.PROGRAM(), epilog=words.EXIT_CODES()
    )
    top.add_argument("--config", type=Path, help=words.CONFIG())
    top.add_argument("--engine-url", help=words.ENGINE_URL())
    top.add_argument("--shard-ids", type=shards, metavar="N,N-N", help=words.SHARD_IDS())
    top.add_argument("--docker", action="store_true", help=words.DOCKER())
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    backup = commands.add_parser("backup", help=words.BACKUP(), description=words.BACKUP())
    backup.add_argument("destination", type=Path, help=words.DESTINATION())
    healthcheck = commands.add_parser(
        "healthcheck", help=words.HEALTHCHECK(), description=words.HEALTHCHECK()
    )
    doctor = commands.add_parser("doctor", help=words.DOCTOR(), description=words.DOCTOR())
    for command in (backup, healthcheck, doctor):
        command.add_argument("--config", type=Path, help=words.CONFIG(), default=argparse.SUPPRESS)
    return top


def shards(text: str) -> list[int]:
    """The numbers in "0,2" or "0-3". Raises ValueError."""
    spans = (each.partition("-") for each in text.split(","))
    return [n for first, _, last in spans for n in range(int(first), int(last or first) + 1)]


async def _examine(config: BotConfig) -> int:
    """Print what a doctor finds; 1 if something is amiss."""
    from bot import doctor  # not needed by who runs the bot
    from bot.doctor.patient import Patient

    are_well = True
    async with aiohttp.ClientSession() as session:
        patient = Patient(config, session, *_shown_tokens())
        async for finding in doctor.findings(patient):
            are_well = are_well and finding.is_well
            print(f"{'ok  ' if finding.is_well else 'LOOK'} {finding.line}")  # noqa: T201 - the answer
    return 0 if are_well else 1


def _shown_tokens() -> tuple[str, str | None, str | None]:
    """Where Discord's API is, the bot's token and the engine's, as far as they are set. Raises CannotStart."""
    try:
        secrets = read_secrets()
    except CannotStart as error:
        if error.code is not BotErrorCode.NO_TOKEN:
            raise
        return "https://discord.com", None, os.environ.get(ENGINE_TOKEN, "").strip() or None
    return secrets.discord_api or "https://discord.com", secrets.discord_token, secrets.engine_token


async def _until_stopped(config: BotConfig, secrets: Secrets) -> None:
    serving = asyncio.create_task(_serve(config, secrets), name="bot")
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    await serving


async def _serve(config: BotConfig, secrets: Secrets) -> None:
    if secrets.discord_api is not None:
        redirect(secrets.discord_api)
    try:
        async with Atelier(config, secrets.engine_token) as bot:
            await bot.start(secrets.discord_token)
            if bot.lost is not None:
                raise bot.lost
    except discord.LoginFailure as error:
        raise CannotStart(BotErrorCode.LOGIN_REFUSED, variable=DISCORD_TOKEN) from error
    except discord.PrivilegedIntentsRequired as error:
        raise CannotStart(BotErrorCode.INTENT_REFUSED) from error
    except discord.ConnectionClosed as error:
        raise closed_for(error) from error
    except (discord.HTTPException, discord.RateLimited) as error:
        raise CannotStart(BotErrorCode.TURNED_AWAY, reason=shorten(str(error), 200)) from error
    except aiohttp.ClientConnectionError as error:
        raise CannotStart(BotErrorCode.DISCORD_UNREACHABLE, reason=error) from error


def closed_for(error: discord.ConnectionClosed) -> CannotStart:
    """What it means that the gateway has closed the session."""
    if error.code == _REFUSED_TOKEN:
        return CannotStart(BotErrorCode.LOGIN_REFUSED, variable=DISCORD_TOKEN)
    reason = shorten(str(error), 200)
    if error.code in _REFUSED_SESSION:
        return CannotStart(BotErrorCode.SESSION_REFUSED, reason=reason)
    return CannotStart(BotErrorCode.TURNED_AWAY, reason=reason)
