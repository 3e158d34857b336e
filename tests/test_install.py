"""The images' install commands, run as the Dockerfile has them, on just the files that it copies.

No Docker engine is needed: what is proven is that the commands install all that the process needs, and that
the bot comes without TensorFlow.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from bot.cli import parser
from bot.config import read_config
from bot.orders.permissions import INVITED, invitation
from bot.words.errors import PERMISSIONS
from demo.processes import BOT_SECONDS, Crew, running
from demo.standin import stand_in
from engine.service.config import EngineConfig

ROOT = Path(__file__).parents[1]
GPU_CONSTRAINTS = ROOT / "constraints-gpu.txt"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "config.example.toml"
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
    """Run the target's install command in a new environment; its interpreter.

    By the pip that there is, on this environment: one of its own takes as long to be made as all that is installed. What
    is imported is compiled then, the rest never.
    """
    source, environment = folder / "src", folder / "venv"
    source.mkdir()
    copy_context(source)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    (command,) = re.findall(r"^RUN pip (install .+)$", stage(target), re.MULTILINE)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, *shlex.split(command), "--no-compile"],
        check=True,
        cwd=source,
        stdout=subprocess.DEVNULL,
    )
    return python


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
    assert stage("engine-gpu").replace("engine-gpu", "engine").replace("-gpu.txt", ".txt") == stage("engine")


def test_the_whole_cuda_side_is_pinned_to_versions_that_tensorflow_takes() -> None:
    """A cuDNN before 9.24 fails in XLA's convolutions on every GPU, though TensorFlow would take it."""
    lines = GPU_CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if "==" in line]
    versions = {pin.name: next(iter(pin.specifier)).version for pin in pins}
    assert list(versions) == sorted(versions)
    assert "-c constraints.txt" in lines
    asked = [Requirement(text) for text in requires("tensorflow_cpu") or []]  # its extra is that of the other
    cuda = {each.name: each.specifier for each in asked if each.marker and "and-cuda" in str(each.marker)}
    assert versions.keys() == {"tensorflow", *cuda}
    for name, specifier in cuda.items():
        assert versions[name] in specifier, name
    assert versions["nvidia-cudnn-cu12"] in SpecifierSet(">=9.24,<10")
    assert versions["tensorflow"] == version("tensorflow_cpu")


@pytest.mark.slow
def test_pip_finds_all_that_a_gpu_needs() -> None:
    """Resolved and not installed: three gigabytes."""
    options = ["--dry-run", "--ignore-installed", "--quiet", "--use-feature=fast-deps", "--report", "-"]
    wanted = ["--constraint", str(GPU_CONSTRAINTS), "tensorflow[and-cuda]>=2.21,<2.22"]
    ran = run(Path(sys.executable), "-m", "pip", "install", *options, *wanted)
    if "No matching distribution found for tensorflow" in ran.stderr or "Connection" in ran.stderr:
        pytest.skip("no index that has TensorFlow can be reached")
    assert ran.returncode == 0, ran.stderr
    found = {
        each["metadata"]["name"]: each["metadata"]["version"] for each in json.loads(ran.stdout)["install"]
    }
    lines = GPU_CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    for pin in (line for line in lines if "==" in line):
        name, _, pinned = pin.partition("==")
        assert found[name] == pinned


def test_compose_builds_targets_that_exist_with_settings_that_exist() -> None:
    for target in re.findall(r"target: (?:\$\{\w+:-)?([a-z-]+)\}?$", COMPOSE, re.MULTILINE):
        assert stage(target)
    for command in commands():
        assert command[0] == "python", command
    engine, bot = (
        command for command in commands() if "--config" in command and "healthcheck" not in command
    )
    options = parser().parse_args([*bot[3:]])
    config, _ = read_config(EXAMPLE, options.engine_url)
    assert options.docker, "or a wrong token is tried until Discord takes it away"
    assert config.engine_url == f"http://engine:{EngineConfig().port}"
    assert engine[3:] == ["serve", "--config", "config.toml", "--host", "0.0.0.0", "--port", "8787"]  # noqa: S104


def test_compose_gives_both_the_config_file_of_the_readme() -> None:
    assert re.findall(r"^configs:\n  atelier:\n    file: (\S+)$", COMPOSE, re.MULTILINE) == ["./config.toml"]
    assert len(re.findall(r"source: atelier\n        target: /srv/config.toml$", COMPOSE, re.MULTILINE)) == 2
    assert "cp config.example.toml config.toml" in README


def test_compose_watches_over_both_and_limits_their_logs() -> None:
    assert len(re.findall(r"^    healthcheck:$", COMPOSE, re.MULTILINE)) == 2
    assert len(re.findall(r"^    logging: \*logging$", COMPOSE, re.MULTILINE)) == 2
    assert re.search(r"max-size: .*\n *max-file: ", COMPOSE)
    policies = re.findall(r"^    restart: (\S+)$", COMPOSE, re.MULTILINE)
    assert sorted(policies) == ["on-failure", "unless-stopped"], (
        "the bot's exit codes are made for on-failure"
    )


def commands() -> list[list[str]]:
    """The command lines of compose.yaml."""
    lists = re.findall(r"^ +(?:command|test): (\[.*\])$", COMPOSE, re.MULTILINE)
    return [[word for word in json.loads(each) if word != "CMD"] for each in lists]


def test_the_invitation_of_the_readme_asks_for_what_is_needed_and_for_no_more() -> None:
    (number,) = re.findall(r"&permissions=(\d+)", README)
    assert int(number) == invitation().value
    named = re.search(r"The permissions are ([^.]+)\.", README)
    assert named is not None
    told = re.split(r",\s+|\s+and\s+", " ".join(named[1].split()))
    assert sorted(told) == sorted(PERMISSIONS[flag]() for flag in INVITED)
