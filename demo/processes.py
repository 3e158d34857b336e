"""The two processes of Atelier, started as a server owner would start them, each with its own data and log.

Rule: a child that is started is stopped, and one that stops by itself is reported in one sentence that names
its log. Children do not get the terminal's Ctrl-C: whoever started them stops them in order.
"""

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp

ENGINE_SECONDS = 180.0  # to load and measure the network, on a slow disk
BOT_SECONDS = 60.0
STOP_SECONDS = 20.0

CONFIG = """\
[engine]
port = {port}
data_dir = "{folder}/engine"

[bot]
engine_url = "http://127.0.0.1:{port}"
data_dir = "{folder}/bot"
study_emojis = false
"""


class ChildError(Exception):
    """A process did not do what it was started for; the text is one sentence."""


@dataclass
class Child:
    """A process that can be started, killed and started again; its output is appended to `log`."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """The process's id. Raises ChildError if it was not started."""
        if self._process is None:
            raise ChildError(f"The {self.name} was not started.")
        return self._process.pid

    def start(self) -> None:
        """Start it, in a process group of its own."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own modules
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Ask it to stop and wait until it has; kill it if it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill it at once, with all that it has started."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def check(self) -> None:
        """Raises ChildError if it is no longer running."""
        if self._process is None or (code := self._process.poll()) is not None:
            raise ChildError(f"The {self.name} stopped with exit code {code}; its log is {self.log}.")


@dataclass(frozen=True)
class Crew:
    """How to start engine and bot so that they know each other; all they write is in `folder`."""

    folder: Path
    port: int
    python: Path
    token: str = field(repr=False)

    @classmethod
    def assemble(cls, folder: Path, python: Path = Path(sys.executable)) -> "Crew":
        """Write their configuration, with a free port for the engine and a token of their own."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
        return cls(folder.absolute(), port, python, secrets.token_urlsafe(16))._write_config()

    def beside(self, folder: Path) -> "Crew":
        """A crew with the same engine, whose bot remembers nothing of this one's."""
        return replace(self, folder=folder.absolute())._write_config()

    def write_config(self, **settings: object) -> Path:
        """Write their configuration, and more settings of the bot; where it is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = CONFIG.format(port=self.port, folder=self.folder.as_posix())
        text += "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
        self._config.write_text(text, encoding="utf-8")
        return self._config

    def _write_config(self) -> "Crew":
        self.write_config()
        return self

    @property
    def _config(self) -> Path:
        return self.folder / "atelier.toml"

    def engine(self, program: str = "engine") -> Child:
        """The engine's process, of the engine or of another program that takes its commands."""
        return self._child("engine", ("-m", program, "serve", "--config", str(self._config)), {})

    def bot(self, discord_api: str) -> Child:
        """The bot's process, connected to a stand-in."""
        arguments = ("-m", "bot", "--config", str(self._config))
        return self._child(
            "bot", arguments, {"ATELIER_DISCORD_API": discord_api, "DISCORD_TOKEN": "of-no-account"}
        )

    def _child(self, name: str, arguments: tuple[str, ...], environment: Mapping[str, str]) -> Child:
        secret = {"ATELIER_ENGINE_TOKEN": self.token}
        command = (str(self.python), *arguments)
        return Child(name, command, {**environment, **secret}, self.folder / f"{name}.log")

    async def engine_ready(self, engine: Child) -> None:
        """Wait until the engine takes jobs. Raises ChildError if it stops before or takes too long."""
        url = f"http://127.0.0.1:{self.port}/readyz"
        deadline = time.monotonic() + ENGINE_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5.0)) as session:
            while not await _is_ok(session, url):
                engine.check()
                if time.monotonic() > deadline:
                    raise ChildError(
                        f"The engine was not ready after {ENGINE_SECONDS:.0f} s; its log is {engine.log}."
                    )
                await asyncio.sleep(0.2)


@contextmanager
def running(child: Child) -> Iterator[Child]:
    """The child, started, and stopped at the end."""
    child.start()
    try:
        yield child
    finally:
        child.stop()


async def _is_ok(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == 200
    except (aiohttp.ClientConnectionError, TimeoutError):
        return False
