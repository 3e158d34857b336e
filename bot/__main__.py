"""`python -m bot`: start the Discord side of Atelier.

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
from bot.errors import BadConfig, BotError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bot until it is told to stop; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="The Discord bot of Atelier.")
    parser.add_argument("--config", type=Path, help="a TOML file with a [bot] table; left out, the defaults")
    options = parser.parse_args(arguments)
    try:
        config, secrets = read_config(options.config), read_secrets()
        log.set_up()
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nothing here speaks
        asyncio.run(_until_stopped(config, secrets))
    except BotError as error:
        print(error.sentence, file=sys.stderr)  # noqa: T201 - the answer to whoever started the process
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0
    return 0


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
        raise BadConfig(f"Discord does not accept the token in {DISCORD_TOKEN}.") from error
    except discord.PrivilegedIntentsRequired as error:
        raise BadConfig(
            "Discord does not grant the Message Content intent: switch it on in the developer portal, "
            "or set message_content = false."
        ) from error
    except (discord.HTTPException, discord.RateLimited, discord.ConnectionClosed) as error:
        raise BadConfig(f"Discord turns the bot away: {shorten(str(error), 200)}.") from error
    except aiohttp.ClientConnectionError as error:
        raise BadConfig(f"Discord cannot be reached: {error}.") from error


if __name__ == "__main__":
    sys.exit(main())
