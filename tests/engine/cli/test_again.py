"""A stranger's recipe: it is painted as it says, or turned down in one sentence, and never ends in a traceback."""

import json
import sys
from collections.abc import Iterator, Sequence
from copy import deepcopy
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import images
from engine.cli import app, paint, recipes
from engine.cli.arguments import hash_of
from engine.images import Picture
from engine.protocol import (
    Arithmetic,
    ErrorCode,
    ImageFormat,
    Level,
    Note,
    NoteCode,
    Plan,
    Preset,
    Provenance,
    RecipeName,
    Settings,
    Start,
)
from engine.words import ERROR_SENTENCES
from tests.engine.counting import CountingSession

BAD = ERROR_SENTENCES[ErrorCode.BAD_RECIPE]


@pytest.fixture(autouse=True)
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network is loaded."""

    def open_session(weights: str, precision: object = None, **_: bool) -> tuple[CountingSession, None]:
        del weights, precision
        return CountingSession(), None

    monkeypatch.setattr(paint, "open_session", open_session)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    rgb = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    path.write_bytes(images.encode(Picture(rgb), ImageFormat.PNG))
    return path


def card(photo: Path, **changes: Any) -> Provenance:
    wish = Settings(recipe=RecipeName.DRAFT, size=96)
    plan = Plan(
        recipe=RecipeName.DRAFT,
        levels=(Level(width=48, height=32, evaluations=2), Level(width=96, height=64, evaluations=2)),
        seconds=2.0,
        width=96,
        height=64,
    )
    facts: dict[str, Any] = {
        "engine": version("atelier"),
        "content": hash_of(photo),
        "styles": ("great_wave",),
        "weights": (1.0,),
        "network": CountingSession.network_digest,
        "arithmetic": CountingSession.arithmetic,
        "settings": wish,
        "plan": plan,
        "evaluations_done": 4,
    }
    return Provenance(**facts | changes)


def again(monkeypatch: pytest.MonkeyPatch, text: str, photo: Path, *options: str) -> int:
    """Run the command on a picture with this recipe; its exit code."""
    image, out = photo.with_name("image.png"), photo.with_name("out.webp")
    grey = Picture(np.full((64, 96, 3), 128, np.uint8))
    image.write_bytes(images.encode(grey, ImageFormat.PNG, text=text))
    monkeypatch.setattr(sys, "argv", ["engine", "again", *map(str, (image, photo, "-o", out)), *options])
    try:
        app.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_what_is_painted_again_tells_the_same(
    monkeypatch: pytest.MonkeyPatch, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = card(photo)
    assert again(monkeypatch, wanted.model_dump_json(), photo) == 0
    assert images.read_provenance(photo.with_name("out.webp").read_bytes()) == wanted
    assert "look different" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"network": "sha256:other"}, "was painted with other weights: it will look different."),
        ({"engine": "0.0.1"}, "was painted by version 0.0.1, and this is"),
        ({"network": None, "arithmetic": None}, None),
    ],
)
def test_other_weights_and_another_version_are_said(
    monkeypatch: pytest.MonkeyPatch,
    photo: Path,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    sentence: str | None,
) -> None:
    assert again(monkeypatch, card(photo, **changes).model_dump_json(), photo) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert ("look different" in said) is (sentence is not None)
    assert (sentence or "") in said


@pytest.mark.parametrize(
    ("there", "here", "sentence"),
    [
        (None, Arithmetic(gpu=True), None),
        (Arithmetic(), Arithmetic(deterministic=True), None),
        (Arithmetic(gpu=True, deterministic=True), Arithmetic(gpu=True, deterministic=True), None),
        (Arithmetic(gpu=True), Arithmetic(), "was painted on a GPU, and this is a processor"),
        (Arithmetic(), Arithmetic(gpu=True), "was painted on a processor, and this is a GPU"),
        (Arithmetic(gpu=True), Arithmetic(gpu=True), "a GPU that was not asked to repeat itself"),
        (Arithmetic(gpu=True), Arithmetic(gpu=True, deterministic=True), "not asked to repeat itself"),
    ],
)
def test_what_a_gpu_adds_in_another_order_each_time_is_said(
    photo: Path, there: Arithmetic | None, here: Arithmetic, sentence: str | None
) -> None:
    said = recipes.rounding(card(photo, arithmetic=there), here, photo)
    assert (said is None) is (sentence is None)
    assert (sentence or "") in (said or "")


def test_a_plan_that_needs_more_memory_than_there_is_is_refused(
    monkeypatch: pytest.MonkeyPatch, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paint, "available_bytes", lambda: 2**20)
    assert again(monkeypatch, card(photo).model_dump_json(), photo) == 2
    assert "more memory than there is" in " ".join(capsys.readouterr().err.split())


ODD: list[Any] = [
    None, True, False, -1, 0, 1, 2, 16, 17, 48, 49, 64, 100, 128, 4097, 65536, 2**63, 10**30, 0.5, 1e300, "", "64", "x",
    "@everyone", "\x1b[2J", "[/bold]", "great_wave", "rococo", "sha256:1", "mask-1", *RecipeName, *Preset, *Start, [], {},
    [1], {"x": 1}, [{"width": 64, "height": 64, "evaluations": 2}] * 2,
    [{"width": 65536, "height": 65536, "evaluations": 0}],
    [Note.of(NoteCode.MASK_RESIZED, image="style", width=3, height=4).model_dump(mode="json")],
    [{"code": "over_bytes", "facts": {"size": "many", "preset": "[/bold]", "limit": {}}}],
]  # fmt: skip


def parts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to each part of a recipe, and to one that is not there."""
    if path:
        yield path
    if isinstance(value, dict):
        yield (*path, "unknown")
        for name, part in value.items():
            yield from parts(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from parts(part, (*path, number))


def put(value: Any, path: Sequence[str | int], odd: Any) -> None:
    """Change a part, if an earlier change has not removed what it is in."""
    *way, last = path
    for step in way:
        value = value[step]
    value[last] = deepcopy(odd)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_whatever_a_recipe_says_there_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, photo: Path, capsys: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    recipe = json.loads(card(photo).model_dump_json())
    ways = sorted(parts(recipe), key=repr)
    for _ in range(data.draw(st.integers(1, 3))):
        try:
            put(recipe, data.draw(st.sampled_from(ways)), data.draw(st.sampled_from(ODD)))
        except (KeyError, IndexError, TypeError):
            continue
    code = again(monkeypatch, json.dumps(recipe), photo)
    said = capsys.readouterr().err
    assert code in (0, 2), said
    assert "Traceback" not in said
    if code == 2:
        assert len(" ".join(said.split())) < 1000
    else:
        images.read_provenance(photo.with_name("out.webp").read_bytes())


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_no_recipe(
    monkeypatch: pytest.MonkeyPatch, photo: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert again(monkeypatch, text, photo) == 2
    assert " ".join(capsys.readouterr().err.split()).endswith(BAD)
