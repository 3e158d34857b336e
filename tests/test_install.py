"""The images' install commands, run as the Dockerfile has them, on just the files that it copies.

No Docker engine is needed: what is proven is that the commands install all that the process needs, and that
the bot comes without TensorFlow.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.config import BotConfig
from demo.processes import BOT_SECONDS, Crew, running
from demo.standin import stand_in
from engine.service.config import EngineConfig

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")


def stage(target: str) -> str:
    """The lines of one target of the Dockerfile."""
    found = re.search(rf"^FROM \S+ AS {target}$(.*?)(?=^FROM |\Z)", DOCKERFILE, re.DOTALL | re.MULTILINE)
    assert found is not None, target
    return found[1].strip()


def copy_context(folder: Path) -> None:
    """What the Dockerfile copies, and nothing else."""
    for line in re.findall(r"^COPY (.+)$", stage("base"), re.MULTILINE):
        *sources, _ = line.split()
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, folder / source)


def install(target: str, folder: Path) -> Path:
    """Run the target's install command in a new environment; its interpreter."""
    source, environment = folder / "src", folder / "venv"
    source.mkdir()
    copy_context(source)
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    (command,) = re.findall(r"^RUN (pip install .+)$", stage(target), re.MULTILINE)
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        shlex.split(command.replace("pip", str(environment / "bin" / "pip"), 1)),
        check=True,
        cwd=source,
        env={**os.environ, "PATH": path},
        stdout=subprocess.DEVNULL,
    )
    return environment / "bin" / "python"


def run(python: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [python, *arguments], capture_output=True, text=True, cwd=python.parent, check=False
    )


@pytest.mark.integration
async def test_the_bot_installs_without_tensorflow_and_connects(tmp_path: Path) -> None:
    python = install("bot", tmp_path)
    assert run(python, "-m", "bot", "--help").returncode == 0
    for absent in ("tensorflow", "numpy", "PIL"):
        assert "ModuleNotFoundError" in run(python, "-c", f"import {absent}").stderr
    crew = Crew.assemble(tmp_path / "data", python)
    async with stand_in() as discord:
        with running(crew.bot(discord.origin)) as bot:
            await discord.ready(BOT_SECONDS)
            bot.check()


@pytest.mark.slow
@pytest.mark.integration
async def test_the_engine_installs_and_gets_ready(tmp_path: Path) -> None:
    python = install("engine", tmp_path)
    crew = Crew.assemble(tmp_path / "data", python)
    with running(crew.engine()) as engine:
        await crew.engine_ready(engine)


def test_the_gpu_engine_installs_the_same_way() -> None:
    assert stage("engine-gpu").replace("engine-gpu", "engine") == stage("engine")


def test_compose_builds_targets_that_exist_with_settings_that_exist() -> None:
    for target in re.findall(r"target: (?:\$\{\w+:-)?([a-z-]+)\}?$", COMPOSE, re.MULTILINE):
        assert stage(target)
    (content,) = re.findall(r"content: \|\n((?:      .*\n|\n)+)", COMPOSE)
    settings = tomllib.loads(content)
    assert EngineConfig(**settings["engine"]).host == "0.0.0.0"  # noqa: S104 - of a container
    assert str(EngineConfig().port) in BotConfig(**settings["bot"]).engine_url
