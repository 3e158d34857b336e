"""`python -m bot` as a process: what it says when it cannot start."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

STATUS = Path("/proc/self/status")


def run_bot(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("DISCORD", "ATELIER"))}
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, env=clean | environment, capture_output=True, text=True, timeout=60)


def test_a_missing_token_is_one_sentence() -> None:
    done = run_bot()
    assert done.returncode == 2
    assert done.stderr == "The bot's token is missing: set the environment variable DISCORD_TOKEN.\n"


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
        == f"There is no backup in {tmp_path}/monday: there is no bot.sqlite3 in {tmp_path}/bot.\n"
    )


def test_a_discord_that_turns_the_bot_away_is_one_sentence() -> None:
    with HTTPServer(("127.0.0.1", 0), Forbidding) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        origin = f"http://127.0.0.1:{server.server_port}"
        done = run_bot(DISCORD_TOKEN="x", ATELIER_DISCORD_API=origin)  # noqa: S106 - no token of anything
        server.shutdown()
        thread.join()
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Discord turns the bot away: 403 Forbidden")
    assert "Traceback" not in done.stderr


class Forbidding(BaseHTTPRequestHandler):
    """Answers everything with 403."""

    def do_GET(self) -> None:
        self.send_error(403)

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
