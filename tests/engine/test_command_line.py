"""`python -m engine`, as somebody types it: each a real process on a small picture."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from engine import catalogue, images
from engine.protocol import KNOBS

CAT = "demo/photos/chelsea.png"


def engine(*arguments: str | int | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "engine", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_stylize_writes_the_picture_its_frames_and_a_report(tmp_path: Path) -> None:
    out, frames, report = tmp_path / "out.png", tmp_path / "frames", tmp_path / "report.json"
    run = engine(
        "stylize", CAT, "great_wave@2", "demo/photos/coffee.png@0.5", "-o", out, "--size", 96, "--recipe",
        "draft", "--evaluations", 3, "--seed", 5, "--strength", 70, "--frames", frames, "--report", report,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "TensorFlow" not in run.stderr
    assert "oneDNN" not in run.stderr
    with Image.open(out) as image:
        assert image.size == (96, 64)
    assert (frames / "0001.jpg").exists()
    said = json.loads(report.read_text())
    assert said["styles"] == [
        {"name": "great_wave", "weight": 2.0},
        {"name": "coffee.png", "weight": 0.5},
    ]
    assert said["plan"]["levels"] == [{"width": 96, "height": 64, "evaluations": 3}]
    assert said["evaluations_done"] == 3
    assert said["evaluations_per_level"] == [3]
    assert said["full_size_equivalent_evaluations"] == 3
    assert set(said["losses"]) == {"total", "content", *(f"block{block}_conv1" for block in range(1, 6))}
    assert len(said["seconds_per_level"]) == 1
    assert 100 < said["peak_memory_mb"] < 2500
    recipe = json.loads(images.read_recipe(out.read_bytes()) or "")
    assert (recipe["seed"], recipe["strength"], recipe["plan"]) == (5, 70, said["plan"])


def test_styles_lists_the_catalogue() -> None:
    run = engine("styles")
    assert run.returncode == 0
    for card in catalogue.cards():
        assert card.name in run.stdout
        assert card.title.split()[-1] in run.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("stylize", CAT, "no_such_style", "-o", "x.png"), "There is no style called “no_such_style” here."),
        (("stylize", "README.md", "great_wave", "-o", "x.png"), "not an image I can read"),
        (("stylize", "missing.png", "great_wave", "-o", "x.png"), "does not exist"),
        (("stylize", CAT, "great_wave", "-o", "x.bmp"), "must end in"),
        (("stylize", CAT, "great_wave", "-o", "nowhere/x.png"), "does not exist"),
        (("stylize", CAT, "great_wave", "-o", "x.png", "--size", "5"), "greater than or equal to 64"),
        (("stylize", CAT, "great_wave", "-o", "x.png", "--weights", "README.md"), "README.md: not readable"),
        (("stylize", CAT, "great_wave@0", "-o", "x.png"), "weight"),
        (("stylize", CAT, "great_wave@200", "-o", "x.png"), "weight"),
        (("stylize", CAT, "great_wave@²", "-o", "x.png"), "There is no style called “great_wave@²” here."),
        (("stylize", CAT, "great_wave", "-o", "x.png", "--report", "nowhere/x.json"), "does not exist"),
        (("stylize", CAT, "great_wave", "-o", "x.png", "--frames", "README.md"), "is a file"),
        (("stylize", "/proc/self/mem", "great_wave", "-o", "x.png"), "Input/output error"),
        (("stylize", CAT, *["great_wave"] * 5, "-o", "x.png"), "At most 4 styles"),
    ],
)
def test_a_mistake_gets_a_sentence_and_no_traceback(arguments: tuple[str, ...], sentence: str) -> None:
    run = engine(*arguments)
    assert run.returncode == 2
    assert sentence in " ".join(run.stderr.replace("│", " ").split())
    assert "Traceback" not in run.stderr


def test_help_names_every_knob_with_its_help() -> None:
    said = " ".join(engine("stylize", "--help").stdout.replace("│", " ").split())
    for knob in KNOBS.values():
        assert f"--{knob.name}" in said
        assert knob.help.split()[0] in said
