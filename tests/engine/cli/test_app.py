"""`python -m engine`, as somebody types it, on a small picture.

As a process of its own: what paints first, and what paints the same again. All else is asked for in this one, which has
everything loaded: TensorFlow takes a new process longer than such a painting.
"""

import functools
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import images
from engine.cli.app import main
from engine.cli.arguments import hash_of
from engine.painting import loop_cache
from engine.protocol import KNOBS, ImageFormat, Level, Plan, Provenance, RecipeName, Settings, Start
from engine.styles import catalogue
from tests.engine.network import forgotten, loaded_once
from tests.speeds import own_speeds, share_measured

pytestmark = [pytest.mark.integration, pytest.mark.network]

CAT = "demo/photos/chelsea.png"
COFFEE = "demo/photos/coffee.png"
ODDITIES = Path(__file__).parents[1] / "painting" / "oddities"
__all__ = ["forgotten", "loaded_once"]


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder for caches of all calls: never the user's own, but with what other tests have measured."""
    folder = tmp_path_factory.mktemp("cache")
    own_speeds(folder / "atelier")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module", autouse=True)
def compiled_once(loaded_once: None) -> Iterator[None]:
    """What one call in this process has compiled is there for the next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop_cache, "whole_level", functools.cache(loop_cache.whole_level))
        yield


def engine(*arguments: str | int | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "engine", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def told(*arguments: str | int | Path) -> subprocess.CompletedProcess[str]:
    """The same without a process."""
    command, out, err = ["engine", *map(str, arguments)], StringIO(), StringIO()
    status: object = None
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", command)
        patch.setenv("COLUMNS", "80")
        try:
            main()
        except SystemExit as end:
            status = end.code
    assert isinstance(status, int)
    return subprocess.CompletedProcess(command, status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A folder with a picture that the command line has painted, its frames and its report."""
    folder = tmp_path_factory.mktemp("painted")
    run = engine(
        "stylize", CAT, "great_wave@2", COFFEE + "@0.5", "-o", folder / "out.png", "--size", 96, "--recipe",
        "draft", "--evaluations", 3, "--seed", 5, "--strength", 70, "--colours", "kept", "--style-scale", "0.5",
        "--frames", folder / "frames", "--report", folder / "report.json", "--timelapse", folder / "story.webp",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "TensorFlow" not in run.stderr
    assert "oneDNN" not in run.stderr
    assert "% of the style reached" in run.stderr
    share_measured(cache / "atelier")
    return folder


def test_stylize_writes_the_picture_its_frames_and_a_report(painted: Path) -> None:
    with Image.open(painted / "out.png") as image:
        assert image.size == (96, 64)
    (frame, *_) = (painted / "frames").glob("*.jpg")
    with Image.open(frame) as image:
        assert image.size == (96, 64)
    with Image.open(painted / "story.webp") as story:
        assert story.size == (96, 64)
    said = json.loads((painted / "report.json").read_text())
    assert said["styles"][0] == "great_wave"
    assert said["weights"] == [2.0, 0.5]
    assert said["plan"]["levels"] == [{"width": 96, "height": 64, "evaluations": 3}]
    assert said["evaluations_done"] == 3
    assert said["evaluations_per_level"] == [3]
    assert said["full_size_equivalent_evaluations"] == 3
    assert {"total", "content", *(f"block{block}_conv1" for block in range(1, 5))} <= set(said["losses"])
    assert len(said["seconds_per_level"]) == 1
    assert 100 < said["peak_memory_mb"] < 2500
    assert set(said["likeness"]) == {"style_reached", "content_kept"}
    provenance = images.read_provenance((painted / "out.png").read_bytes())
    assert (provenance.settings.seed, provenance.settings.strength, provenance.settings.style_scale) == (
        5,
        70,
        0.5,
    )
    assert provenance.plan.model_dump(mode="json") == said["plan"]


def test_styles_are_tried_out_on_a_sheet(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    run = told("audition", CAT, "great_wave", COFFEE, "-o", sheet, "--recipe", "draft")
    assert run.returncode == 0, run.stderr
    assert "2 styles in" in run.stderr
    with Image.open(sheet) as image:
        assert image.format == "PNG"
        assert min(image.size) > 256


def test_recipe_tells_how_a_picture_was_painted(painted: Path) -> None:
    run = told("recipe", painted / "out.png")
    assert run.returncode == 0
    for words in (
        "great_wave, weight 2",
        "network      sha256:",
        "strength     70",
        "colours      kept",
        "96 x 64",
    ):
        assert words in run.stdout
    run = told("recipe", painted / "out.png", "--json")
    assert Provenance.model_validate_json(run.stdout) == images.read_provenance(
        (painted / "out.png").read_bytes()
    )


def test_again_paints_the_same_picture(painted: Path) -> None:
    out = painted / "again.png"
    run = engine("again", painted / "out.png", CAT, COFFEE, "-o", out)
    assert run.returncode == 0, run.stderr
    assert "look different" not in run.stderr
    with Image.open(painted / "out.png") as first, Image.open(out) as second:
        assert first.tobytes() == second.tobytes()
    assert images.read_provenance(out.read_bytes()) == images.read_provenance(
        (painted / "out.png").read_bytes()
    )


def test_again_with_other_files_says_that_it_will_look_different(painted: Path) -> None:
    files = (painted / "out.png", COFFEE, CAT)
    run = told("again", *files, "-o", painted / "x.jpg", "--mask", "2=README.md")  # which goes no further
    assert run.stderr.count("so it will look different") == 2
    assert "Traceback" not in run.stderr
    assert "style 2 of" in run.stderr
    run = told("again", *files, CAT, "-o", painted / "x.jpg")
    said = " ".join(run.stderr.replace("│", " ").split())
    assert "a style image that is not bundled, so name its file: 2 are named" in said


def result_of(out: Path, **facts: Any) -> Path:
    """A result that says of itself that it was painted so, by another version."""
    painted: dict[str, Any] = {
        "engine": "0.0.1",
        "content": hash_of(Path(CAT)),
        "styles": ("great_wave",),
        "weights": (1.0,),
        "settings": Settings(),
        "plan": Plan(
            recipe=RecipeName.DRAFT, levels=(Level(width=96, height=64, evaluations=3),), seconds=2.0
        ),
        "evaluations_done": 3,
    }
    provenance = Provenance(**painted | facts)
    rgb = np.zeros((64, 96, 3), np.uint8)
    out.write_bytes(images.encode(images.Picture(rgb), ImageFormat.PNG, text=provenance.model_dump_json()))
    return out


@pytest.fixture
def masked(tmp_path: Path) -> Path:
    """A result that was painted with a mask, going on from an earlier one."""
    white = tmp_path / "white.png"
    white.write_bytes(images.encode_mask(np.full((64, 64), 255, np.uint8)))
    return result_of(
        tmp_path / "masked.png",
        masks=(hash_of(white),),
        previous=hash_of(Path(CAT)),
        settings=Settings(start=Start.PREVIOUS),
    )


@pytest.mark.parametrize(
    ("options", "sentences"),
    [
        ((), ["was painted by version 0.0.1", "style 1 of", "has a mask: give it as 1=FILE"]),
        (("--mask", "1=white.png"), ["went on from an earlier result: give that"]),
        (
            ("--mask", f"1={COFFEE}", "--previous", COFFEE, "--weights", "README.md"),
            ["The mask of style 1 is not that of", "The earlier result is not the one that", "not readable"],
        ),
    ],
)
def test_again_asks_for_the_mask_and_the_earlier_result(
    masked: Path, options: tuple[str, ...], sentences: list[str]
) -> None:
    options = tuple(option.replace("white.png", str(masked.with_name("white.png"))) for option in options)
    run = told("again", masked, CAT, "-o", masked.with_name("x.png"), *options)
    assert run.returncode == 2
    said = " ".join(run.stderr.replace("│", " ").split())
    assert all(sentence in said for sentence in sentences), said
    printed = told("recipe", masked).stdout
    assert "where sha256:" in printed
    assert "previous     sha256:" in printed


def test_a_style_that_left_the_catalogue_is_still_named(tmp_path: Path) -> None:
    image = result_of(tmp_path / "old.png", styles=("rococo",))
    run = told("recipe", image)
    assert run.returncode == 0
    assert "rococo, weight 1" in run.stdout
    run = told("again", image, CAT, "-o", tmp_path / "x.png")
    assert run.returncode == 2
    assert " ".join(run.stderr.split()) == "There is no style called “rococo” here."


def test_styles_lists_the_catalogue() -> None:
    run = told("styles")
    assert run.returncode == 0
    for card in catalogue.cards():
        assert card.name in run.stdout
        assert card.title.split()[-1] in run.stdout


def test_styles_tells_why_each_may_be_bundled() -> None:
    run = told("styles", "--credits")
    assert run.returncode == 0
    named = dict(line.split(": ", 1) for line in run.stdout.splitlines())
    assert list(named) == [card.name for card in catalogue.cards()]
    assert "Vincent van Gogh (died 1890)" in named["starry_night"]
    assert named["starry_night"].endswith("Museum of Modern Art, New York")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("stylize", CAT, "no_such_style", "-o", "x.png"), "There is no style called “no_such_style” here."),
        (("stylize", "README.md", "great_wave", "-o", "x.png"), "not an image that can be read"),
        (("stylize", "missing.png", "great_wave", "-o", "x.png"), "does not exist"),
        (("stylize", CAT, "great_wave", "-o", "x.bmp"), "must end in"),
        (("stylize", CAT, "great_wave", "-o", "nowhere/x.png"), "does not exist"),
        (("stylize", CAT, "great_wave", "-o", "x.png", "--size", "5"), "greater than or equal to 64"),
        (
            ("stylize", CAT, "great_wave", "-o", "x.png", "--weights", "README.md"),
            "README.md is not readable",
        ),
        (("stylize", CAT, "great_wave@0", "-o", "x.png"), "weight"),
        (("stylize", CAT, "great_wave@200", "-o", "x.png"), "weight"),
        (("stylize", CAT, "great_wave@²", "-o", "x.png"), "There is no style called “great_wave@²” here."),
        (("stylize", CAT, "great_wave", "-o", "x.png", "--report", "nowhere/x.json"), "does not exist"),
        (("stylize", CAT, "great_wave", "-o", "x.png", "--frames", "README.md"), "is a file"),
        (("stylize", "/proc/self/mem", "great_wave", "-o", "x.png"), "Input/output error"),
        (("stylize", CAT, *["great_wave"] * 5, "-o", "x.png"), "At most 4 styles"),
        (("stylize", CAT, "great_wave", "-o", "x.png", "--mask", "2=README.md"), "the number of a style"),
        (
            ("stylize", CAT, "great_wave", "-o", "x.png", "--mask", "1=README.md"),
            "README.md: The mask is not an image",
        ),
        (("stylize", "README.md", "great_wave", "-o", "x.png"), "README.md: The picture is not an image"),
        (("stylize", CAT, "README.md", "-o", "x.png"), "README.md: The style image is not an image"),
        (("study", "README.md", "-o", "x.png"), "README.md: The painting is not an image"),
        (("stylize", CAT, "great_wave", "-o", "x.png", "--start", "previous"), "belong together"),
        (("stylize", CAT, "great_wave", "-o", "x.png", "--timelapse", "x.png"), "must end in .webp, .gif"),
        (("stylize", CAT, "great_wave", "-o", "x.png", "--checkpoint", "nowhere/x"), "does not exist"),
        (("recipe", CAT), f"{CAT}: This picture does not say how it was made"),
        (("again", CAT, CAT, "-o", "x.png"), "does not say how it was made"),
    ],
)
def test_a_mistake_gets_a_sentence_and_no_traceback(arguments: tuple[str, ...], sentence: str) -> None:
    run = told(*arguments)
    assert run.returncode == 2
    assert sentence in " ".join(run.stderr.replace("│", " ").split())
    assert "Traceback" not in run.stderr


def test_a_style_without_anything_to_be_seen_is_refused(tmp_path: Path) -> None:
    clear = tmp_path / "clear.png"
    rgb = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    clear.write_bytes(images.encode(images.Picture(rgb, np.zeros((64, 64), np.uint8)), ImageFormat.PNG))
    run = told("stylize", CAT, clear, "-o", tmp_path / "x.png", "--weights", "README.md")
    assert run.returncode == 2
    assert "The style image is transparent all over" in run.stderr


def test_what_was_measured_is_kept_for_the_next_call_of_an_animation_with_a_transparent_frame(
    painted: Path, cache: Path, tmp_path: Path
) -> None:
    assert list(cache.glob("atelier/styles/*.statistics"))
    measured = {path: path.read_text() for path in cache.glob("atelier/*/speed-auto.json")}
    assert measured
    for path, text in measured.items():
        slow = json.loads(text)
        slow["measured"]["speed"] |= {"overhead": 1000.0, "knots": []}
        path.write_text(json.dumps(slow))
    out, report = tmp_path / "x.webp", tmp_path / "x.json"
    options = ("--size", 64, "--recipe", "draft", "--evaluations", 1, "--budget", 3600, "--report", report)
    run = told("stylize", ODDITIES / "f1_mixed.webp", "great_wave", "-o", out, *options)
    for path, text in measured.items():
        path.write_text(text)
    assert run.returncode == 0, run.stderr
    with Image.open(out) as image:
        assert getattr(image, "n_frames", 1) == 2
    assert json.loads(report.read_text())["plan"]["seconds"] > 1000


def test_help_loads_neither_arrays_nor_images_nor_the_service() -> None:
    check = "import sys, engine.cli.app; sys.exit(bool({'numpy', 'PIL', 'sqlalchemy', 'aiohttp'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_help_names_every_knob_with_its_help() -> None:
    said = " ".join(told("stylize", "--help").stdout.replace("│", " ").split())
    for knob in KNOBS.values():
        assert f"--{knob.name.replace('_', '-')}" in said
        assert knob.help.split()[0] in said
