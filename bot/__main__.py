"""`python -m bot`: start the Discord side of Atelier; `python -m bot backup DESTINATION`: keep a copy of its data.

Rule: whatever keeps it from starting is one sentence on standard error and exit code 2, never a traceback.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten

import aiohttp
import discord

from bot import log
from bot.app import Atelier, redirect
from bot.config import DISCORD_TOKEN, BotConfig, Secrets, read_config, read_secrets
from bot.errors import BotErrorCode, CannotStart
from bot.storage.backup import back_up
from bot.words import help as words
from bot.words.errors import sentence
from engine.protocol import keep_private


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bot until it is told to stop, or make a backup; the exit code."""
    options = _parser().parse_args(arguments)
    keep_private()
    try:
        config = read_config(options.config)
        if options.command == "backup":
            asyncio.run(
                back_up(config.data_dir.resolve(), config.database_url, options.destination.absolute())
            )
            return 0
        secrets = read_secrets()
        log.set_up(secrets.discord_token, secrets.engine_token or "")
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nothing here speaks
        asyncio.run(_until_stopped(config, secrets))
    except CannotStart as error:
        print(sentence(error), file=sys.stderr)  # noqa: T201 - the answer to whoever started the process
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=words.PROGRAM)
    parser.add_argument("--config", type=Path, help=words.CONFIG)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    backup = commands.add_parser("backup", help=words.BACKUP, description=words.BACKUP)
    backup.add_argument("destination", type=Path, help=words.DESTINATION)
    backup.add_argument("--config", type=Path, help=words.CONFIG, default=argparse.SUPPRESS)
    return parser


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
    except discord.LoginFailure as error:
        raise CannotStart(BotErrorCode.LOGIN_REFUSED, variable=DISCORD_TOKEN) from error
    except discord.PrivilegedIntentsRequired as error:
        raise CannotStart(BotErrorCode.INTENT_REFUSED) from error
    except (discord.HTTPException, discord.RateLimited, discord.ConnectionClosed) as error:
        raise CannotStart(BotErrorCode.TURNED_AWAY, reason=shorten(str(error), 200)) from error
    except aiohttp.ClientConnectionError as error:
        raise CannotStart(BotErrorCode.DISCORD_UNREACHABLE, reason=error) from error


if __name__ == "__main__":
    sys.exit(main())
