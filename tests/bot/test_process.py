"""`python -m bot` as a process: what it says when it cannot start."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp import ClientWebSocketResponse
from discord import ConnectionClosed

from bot.cli import PERMANENT, STOPPED, TEMPORARY, closed_for, main
from bot.errors import is_permanent
from bot.heartbeat import HEARTBEAT, SILENCE_SECONDS, beat

pytestmark = pytest.mark.integration

STATUS = Path("/proc/self/status")


def run_bot(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("DISCORD", "ATELIER"))}
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, env=clean | environment, capture_output=True, text=True, timeout=60)


def test_a_missing_token_is_one_sentence() -> None:
    done = run_bot()
    assert done.returncode == 2
    assert done.stderr == "The bot’s token is missing: set the environment variable DISCORD_TOKEN.\n"


def test_a_bad_config_is_one_sentence(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[bot]\ncolour = 1", encoding="utf-8")
    done = run_bot("--config", str(config), DISCORD_TOKEN="x")  # noqa: S106 - no token of anything
    assert done.returncode == 2
    assert done.stderr == f"The configuration {config} is not valid: [bot] has no setting called 'colour'.\n"


def test_a_backup_of_nothing_is_one_sentence_and_needs_no_token(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[bot]\ndata_dir = "{tmp_path}/bot"', encoding="utf-8")
    done = run_bot("backup", str(tmp_path / "monday"), "--config", str(config))
    assert done.returncode == 2
    assert (
        done.stderr
        == f"No backup was made in {tmp_path}/monday: there is no bot.sqlite3 in {tmp_path}/bot.\n"
    )


@pytest.fixture
def discord() -> Iterator[HTTPServer]:
    """Answers everything with `status`, as Discord's edge may."""
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def run_on(
    discord: HTTPServer, status: int, folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    Answering.status = status
    config = folder / "config.toml"
    config.write_text(f'[bot]\ndata_dir = "{folder}/bot"', encoding="utf-8")
    origin = f"http://127.0.0.1:{discord.server_port}"
    given = ("--config", str(config), *arguments)
    return run_bot(*given, DISCORD_TOKEN="x", ATELIER_DISCORD_API=origin)  # noqa: S106 - no token of anything


def test_a_discord_that_turns_the_bot_away_is_one_sentence(discord: HTTPServer, tmp_path: Path) -> None:
    done = run_on(discord, 403, tmp_path)
    assert done.returncode == TEMPORARY
    assert done.stderr.splitlines()[-1].startswith("Discord turns the bot away: 403 Forbidden")
    assert "Traceback" not in done.stderr


def test_an_old_configuration_starts_with_one_warning(discord: HTTPServer, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    text = f'[bot]\ndata_dir = "{tmp_path}/bot"\nart_channels = ["art"]\nseed_palette = true'
    config.write_text(text, encoding="utf-8")
    origin = f"http://127.0.0.1:{discord.server_port}"
    done = run_bot("--config", str(config), DISCORD_TOKEN="x", ATELIER_DISCORD_API=origin)  # noqa: S106
    [warning] = [json.loads(line) for line in done.stderr.splitlines() if "/setup" in line]
    assert (warning["level"], warning["settings"]) == ("warning", ["art_channels", "seed_palette"])
    assert "Discord" in done.stderr.splitlines()[-1], "it went on to Discord"


@pytest.mark.parametrize(
    ("status", "arguments", "code"),
    [(401, (), PERMANENT), (401, ("--docker",), 0), (403, ("--docker",), TEMPORARY)],
)
def test_docker_starts_it_again_unless_that_cannot_help(
    discord: HTTPServer, tmp_path: Path, status: int, arguments: tuple[str, ...], code: int
) -> None:
    assert run_on(discord, status, tmp_path, *arguments).returncode == code


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--docker",), STOPPED)])
def test_what_is_told_to_stop_says_so(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[bot]\ndata_dir = "{tmp_path}/bot"', encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "bot", "--config", str(config), *arguments]
        environment = os.environ | {"DISCORD_TOKEN": "x", "ATELIER_DISCORD_API": origin}
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as bot:
            line, _ = silent.accept()
            bot.terminate()
            assert bot.wait(timeout=60) == code
            line.close()


@pytest.mark.parametrize(
    ("code", "permanent"),
    [(4004, True), (4012, True), (4013, True), (4014, True), (4000, False), (1006, False)],
)
def test_a_session_that_the_gateway_refuses_for_good_is_not_begun_again(code: int, permanent: bool) -> None:
    line = SimpleNamespace(close_code=code)
    closed = ConnectionClosed(cast("ClientWebSocketResponse", line), shard_id=0)
    assert is_permanent(closed_for(closed)) is permanent


def test_a_healthcheck_asks_for_a_sign_of_life(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[bot]\ndata_dir = "{tmp_path}"', encoding="utf-8")
    assert main(["healthcheck", "--config", str(config)]) == 1
    beat(tmp_path)
    assert main(["healthcheck", "--config", str(config)]) == 0
    long_ago = time.time() - SILENCE_SECONDS - 1
    os.utime(tmp_path / HEARTBEAT, (long_ago, long_ago))
    assert main(["healthcheck", "--config", str(config)]) == 1


class Answering(BaseHTTPRequestHandler):
    """Answers everything with `status`."""

    status = 403

    def do_GET(self) -> None:
        self.send_error(self.status)

    def log_message(self, *_: object) -> None:
        """Not on standard error."""


def test_the_whole_bot_leaves_most_of_its_memory_for_pictures() -> None:
    code = (
        "import bot.__main__, bot.app, bot.config, pathlib, sys\n"
        "bot.app.Atelier(bot.config.BotConfig())\n"
        "print(pathlib.Path(sys.argv[1]).read_text())"
    )
    command = [sys.executable, "-c", code, str(STATUS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak = next(line for line in done.stdout.splitlines() if line.startswith("VmHWM"))
    assert int(peak.split()[1]) < 120 * 1024  # kB, of the 150 MB that the process may take
