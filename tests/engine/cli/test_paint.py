"""Paintings ordered at the command line, by a session that only counts: what is shown to it, and what is written."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
import typer
from PIL import Image

from engine import images
from engine.cli import paint as cli_paint
from engine.cli.app import app
from engine.cli.arguments import StyleFile, hash_of, mask_files, style_file
from engine.cli.options import Outputs
from engine.cli.paint import Request
from engine.images import Animation, Picture
from engine.painting import preprocess
from engine.painting.machine import MachineCache
from engine.planning.cost_model import Speed
from engine.planning.measuring import Measured
from engine.protocol import (
    PRESETS,
    ImageFormat,
    JobRequest,
    Level,
    NoteCode,
    Owner,
    Plan,
    Precision,
    Preset,
    PresetFacts,
    Refusal,
    Settings,
    Start,
    StyleChoice,
)
from engine.service import intake
from engine.service.dispatcher import Dispatcher
from engine.service.job import settings_of
from engine.service.metrics import Metrics
from engine.storage.files import JobFiles
from engine.workers.ipc import Run
from tests.engine.counting import CountingSession
from tests.engine.sent import arrived

if TYPE_CHECKING:
    from engine.painting.session import Session
    from engine.service.jobs import Jobs

LEVELS = (Level(width=48, height=32, evaluations=6), Level(width=96, height=64, evaluations=4))


def plan_of(settings: Settings, width: int = 96, height: int = 64, frames: int = 1) -> Plan:
    return Plan(
        recipe=settings.recipe,
        levels=LEVELS,
        seconds=1,
        width=width,
        height=height,
        frames=frames,
        frame_evaluations=3 if frames > 1 else 0,
    )


def request_of(content: Path, *styles: StyleFile, previous: Path | None = None, **knobs: object) -> Request:
    chosen = styles or (style_file("great_wave"),)
    return Request(content, chosen, previous, Settings.model_validate(knobs))


def paint(
    request: Request, outputs: Outputs, plan: Plan | None = None, interrupted_at: int | None = None
) -> CountingSession:
    inputs = cli_paint.decode(request, moving=outputs.out.suffix in (".gif", ".webp"))
    session = CountingSession(interrupted_at)
    made = plan or plan_of(request.settings, frames=len(inputs.content.frames))
    cli_paint.paint(cast("Session", session), request, inputs, made, outputs)
    return session


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    rgb = np.random.default_rng(0).integers(0, 256, (80, 120, 3), np.uint8)
    return save(tmp_path / "photo.png", rgb)


@pytest.fixture
def moving(tmp_path: Path) -> Path:
    frames = tuple(Picture(np.full((40, 60, 3), 40 * n, np.uint8)) for n in range(1, 5))
    path = tmp_path / "moving.gif"
    path.write_bytes(images.encode_animation(Animation(frames, (80, 90, 100, 110)), ImageFormat.GIF))
    return path


def save(path: Path, array: np.ndarray) -> Path:
    Image.fromarray(array).save(path)
    return path


def brightness(path: Path) -> int:
    with Image.open(path) as image:
        return int(np.rint(np.asarray(image.convert("L")).mean()))


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "gif"])
def test_the_end_is_written_with_its_recipe_in_every_format(tmp_path: Path, photo: Path, ending: str) -> None:
    out = tmp_path / f"out.{ending}"
    request = request_of(photo, style_file("great_wave@2"), style_file(f"{photo}@0.5"), strength=70)
    paint(request, Outputs(out))
    assert brightness(out) == pytest.approx(100, abs=2)
    provenance = images.read_provenance(out.read_bytes())
    assert provenance.content == provenance.styles[1] == hash_of(photo)
    assert (provenance.styles[0], provenance.weights) == ("great_wave", (2.0, 0.5))
    assert (provenance.settings, provenance.plan, provenance.evaluations_done) == (
        request.settings,
        plan_of(request.settings),
        10,
    )


def test_the_report_says_what_was_done_and_what_came_of_it(tmp_path: Path, photo: Path) -> None:
    report = tmp_path / "report.json"
    flat = save(tmp_path / "flat.png", np.full((50, 50, 3), 99, np.uint8))
    paint(request_of(photo, style_file(str(flat))), Outputs(tmp_path / "out.png", report=report))
    said = json.loads(report.read_text())
    assert said["evaluations_done"] == 10
    assert said["evaluations_per_level"] == [6, 4]
    assert said["full_size_equivalent_evaluations"] == 5.5
    assert said["losses"] == {"total": 10.0}
    assert said["likeness"] == {"style_reached": 70, "content_kept": 60}
    assert [note["code"] for note in said["notes"]] == [NoteCode.FLAT_STYLE]
    assert said["stopped_early"] is False


def test_frames_and_the_time_lapse_show_how_it_was_painted(tmp_path: Path, photo: Path) -> None:
    frames, story = tmp_path / "frames", tmp_path / "story.gif"
    paint(request_of(photo), Outputs(tmp_path / "out.png", frames=frames, timelapse=story))
    assert brightness(frames / "0001.jpg") == pytest.approx(10, abs=2)
    animation = images.decode_animation(story.read_bytes(), "time-lapse", most=100)
    assert animation is not None
    shades = [int(frame.rgb.mean()) for frame in animation.frames]
    assert shades == sorted(shades)
    assert shades[0] == pytest.approx(10, abs=3)
    assert shades[-1] == pytest.approx(100, abs=3)


@pytest.mark.parametrize("ending", ["webp", "gif"])
def test_an_animation_is_painted_frame_by_frame_and_keeps_its_pace(
    tmp_path: Path, moving: Path, ending: str
) -> None:
    out, report = tmp_path / f"out.{ending}", tmp_path / "report.json"
    session = paint(request_of(moving), Outputs(out, report=report))
    assert [frame.rgb.mean().round(-1) for frame in (session.scene.content, *session.scene.frames)] == [
        40, 80, 120, 160,
    ]  # fmt: skip
    painted = images.decode_animation(out.read_bytes(), "content", most=100)
    assert painted is not None
    assert painted.milliseconds == (80, 90, 100, 110)
    assert [int(frame.rgb.mean()) for frame in painted.frames] == pytest.approx([100, 130, 160, 190], abs=3)
    assert json.loads(report.read_text())["evaluations_per_level"] == [6, 4 + 9]


def test_a_still_ending_takes_the_first_frame(tmp_path: Path, moving: Path) -> None:
    out = tmp_path / "out.png"
    session = paint(request_of(moving), Outputs(out))
    assert session.scene.frames == ()
    assert brightness(out) == 100


def test_that_only_the_first_frame_is_painted_is_said(tmp_path: Path, photo: Path, moving: Path) -> None:
    for content, codes in ((moving, [NoteCode.FIRST_FRAME]), (photo, [])):
        inputs = cli_paint.decode(request_of(content), moving=False)
        plan = preprocess.make_plan(Settings(), inputs.content, Speed(0.01, 1.0), None)
        assert [note.code for note in plan.notes] == codes


@pytest.mark.parametrize("option", ["out", "timelapse", "report", "checkpoint"])
def test_nothing_is_written_over_what_it_is_painted_from(tmp_path: Path, option: str) -> None:
    given = tmp_path / "given.webp"
    Image.new("RGB", (64, 64)).save(given)
    link = tmp_path / "link.webp"
    link.symlink_to(given)
    outputs = writing(tmp_path, option, link)
    with pytest.raises(typer.BadParameter, match="--overwrite") as refused:
        outputs.check([given])
    assert refused.value.param_hint == f"--{option}"
    replace(outputs, overwrite=True).check([given])


def writing(folder: Path, option: str, path: Path) -> Outputs:
    """Outputs of which one is this."""
    paths: dict[str, Any] = {"out": folder / "out.png", option: path}
    return Outputs(**paths)


def test_pictures_of_the_progress_are_not_written_over_it_either(tmp_path: Path) -> None:
    frame, other = save(tmp_path / "0001.jpg", np.zeros((64, 64, 3), np.uint8)), tmp_path / "cat.jpg"
    other.write_bytes(frame.read_bytes())
    Outputs(tmp_path / "out.png", frames=tmp_path).check([other])
    with pytest.raises(typer.BadParameter, match="--overwrite"):
        Outputs(tmp_path / "out.png", frames=tmp_path).check([other, frame])


def test_again_and_a_study_do_not_write_over_their_files(tmp_path: Path, photo: Path) -> None:
    out = tmp_path / "out.png"
    paint(request_of(photo), Outputs(out))
    before = out.read_bytes()
    for typed in (("again", out, photo, "-o", out), ("study", out, "-o", out)):
        with pytest.raises(typer.BadParameter, match="--overwrite"):
            app(list(map(str, typed)), standalone_mode=False)
    assert out.read_bytes() == before


@pytest.mark.parametrize("option", ["out", "timelapse", "report", "checkpoint"])
def test_what_cannot_be_written_is_found_out_before_the_work(tmp_path: Path, option: str) -> None:
    (tmp_path / "folder.webp").mkdir()
    for name in (f"{'x' * 251}.webp", "folder.webp", "missing/x.webp", "/proc/x.webp"):
        with pytest.raises(typer.BadParameter) as refused:
            writing(tmp_path, option, tmp_path / name).check([])
        assert refused.value.param_hint == f"--{option}"
    assert [path.name for path in tmp_path.iterdir()] == ["folder.webp"]


def test_a_report_may_go_into_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/null")):
        Outputs(tmp_path / "out.png", report=path).check([])


def test_a_checkpoint_needs_room_for_the_name_of_its_recipe(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match="too long"):
        Outputs(tmp_path / "out.png", checkpoint=tmp_path / ("x" * 251)).check([])


def test_a_folder_for_the_progress_that_cannot_be_made_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match="cannot be written"):
        Outputs(tmp_path / "out.png", frames=Path("/proc/frames")).check([])


def test_what_is_there_stays_as_it_is_until_it_is_painted(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text("earlier")
    Outputs(tmp_path / "out.png", report=report).check([])
    assert report.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [report]


def test_a_sticker_is_padded_and_an_avatar_is_cropped_with_its_mask(tmp_path: Path, photo: Path) -> None:
    out = tmp_path / "out.png"
    sticker = request_of(photo, preset="sticker")
    paint(sticker, Outputs(out), plan_of(sticker.settings, 320, 213))
    with Image.open(out) as image:
        assert image.size == (320, 320)
        assert image.getchannel("A").getbbox() == (0, 53, 320, 266)
    left = np.zeros((80, 120), np.uint8)
    left[:, :60] = 255
    half = save(tmp_path / "half.png", left)
    style = style_file("great_wave")
    avatar = request_of(photo, StyleFile(style.path, style.source, mask=half), preset="avatar")
    session = paint(avatar, Outputs(out), plan_of(avatar.settings, 512, 512))
    assert session.scene.content.rgb.shape == (80, 80, 3)
    mask = session.scene.styles[0].mask
    assert mask is not None
    assert mask.shape == (80, 80)
    assert mask[:, :30].min() == 255
    assert mask[:, 50:].max() == 0


def test_a_mask_of_another_shape_is_said(tmp_path: Path, photo: Path) -> None:
    mask = save(tmp_path / "mask.png", np.full((10, 10), 255, np.uint8))
    style = style_file("great_wave")
    report = tmp_path / "report.json"
    paint(
        request_of(photo, StyleFile(style.path, style.source, mask=mask)),
        Outputs(tmp_path / "out.png", report=report),
    )
    (note,) = json.loads(report.read_text())["notes"]
    assert note["code"] == NoteCode.MASK_RESIZED
    assert note["facts"] == {"image": "mask", "width": 120, "height": 80}


def test_a_mask_that_is_black_is_refused_at_once(tmp_path: Path, photo: Path) -> None:
    mask = save(tmp_path / "mask.png", np.zeros((80, 120), np.uint8))
    style = style_file("great_wave")
    with pytest.raises(Refusal, match="black_mask"):
        cli_paint.decode(request_of(photo, StyleFile(style.path, style.source, mask=mask)), moving=False)


def test_which_of_several_images_is_wrong_is_said(tmp_path: Path, photo: Path) -> None:
    """As the service says it."""
    nothing, black = tmp_path / "nothing.png", save(tmp_path / "black.png", np.zeros((80, 120), np.uint8))
    nothing.write_bytes(b"nothing")
    good, bad, bundled = style_file(str(photo)), style_file(str(nothing)), style_file("great_wave")
    masked = replace(bundled, mask=photo)
    for styles, image in (
        ([good, bad], "style-2"),
        ([bundled, bad], "style"),
        ([masked, replace(bundled, mask=nothing)], "mask-2"),
        ([masked, replace(bundled, mask=black)], "mask-2"),
        ([bundled, replace(bundled, mask=black)], "mask"),
    ):
        with pytest.raises(Refusal) as refusal:
            cli_paint.decode(request_of(photo, *styles), moving=False)
        assert refusal.value.facts["image"] == image


def test_what_does_not_fit_its_purpose_is_said(
    tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRESETS, Preset.EMOJI, PresetFacts(128, 128, 50, ImageFormat.WEBP))
    request, report = request_of(photo, preset="emoji"), tmp_path / "report.json"
    paint(request, Outputs(tmp_path / "out.png", report=report), plan_of(request.settings, 128, 85))
    (note,) = json.loads(report.read_text())["notes"]
    assert note["code"] == NoteCode.OVER_BYTES


def test_an_earlier_result_is_shown_to_the_studio(tmp_path: Path, photo: Path) -> None:
    earlier = save(tmp_path / "earlier.png", np.full((64, 96, 3), 77, np.uint8))
    out = tmp_path / "out.png"
    session = paint(request_of(photo, previous=earlier, start="previous"), Outputs(out))
    assert images.read_provenance(out.read_bytes()).previous == hash_of(earlier)
    assert session.scene.previous is not None
    assert session.scene.previous.rgb.mean() == 77
    for request in (request_of(photo, start="previous"), request_of(photo, previous=earlier, start="noise")):
        with pytest.raises(typer.BadParameter, match="belong together"):
            cli_paint.decode(request, moving=False)


def test_going_on_from_a_sticker_its_margin_is_cut_off(tmp_path: Path, photo: Path) -> None:
    padded = images.pad(Picture(np.full((213, 320, 3), 77, np.uint8)), 320, 320)
    earlier = tmp_path / "sticker.png"
    earlier.write_bytes(images.encode(padded, ImageFormat.PNG))
    request = request_of(photo, previous=earlier, start="previous")
    previous = paint(request, Outputs(tmp_path / "out.png")).scene.previous
    assert previous is not None
    assert previous.rgb.shape == (64, 96, 3)
    assert previous.rgb.min() > 70


def textured(width: int, height: int, seed: int, *, alpha: bool = False) -> Picture:
    """Not noise: what is scaled twice must differ from what is scaled once."""
    numbers = np.random.default_rng(seed).integers(0, 256, (height // 6, width // 6, 4), np.uint8)
    image = Image.fromarray(numbers, "RGBA").resize((width, height), Image.Resampling.BICUBIC)
    rgba = np.asarray(image)
    return Picture(rgba[..., :3], rgba[..., 3] if alpha else None)


@pytest.mark.parametrize(
    ("knobs", "moves"),
    [
        ({"size": 105}, False),
        ({"size": 96, "style_scale": 2.0, "colours": "matched"}, False),
        ({"preset": "avatar"}, False),
        ({"size": 64}, True),
    ],
)
async def test_a_run_is_what_a_worker_gets(tmp_path: Path, knobs: dict[str, Any], moves: bool) -> None:
    """So that a member's result can be painted again at the command line, bit for bit."""
    frames = tuple(textured(600, 402, seed, alpha=not moves) for seed in range(3 if moves else 1))
    animation = Animation(frames, (50,) * len(frames))
    sent = {
        "content": images.encode_animation(animation, ImageFormat.PNG)
        if moves
        else images.encode(frames[0], ImageFormat.PNG),
        "style-1": images.encode(textured(900, 600, 7), ImageFormat.PNG),
        "mask-1": images.encode(textured(1200, 804, 8), ImageFormat.PNG),
        "previous": images.encode(textured(300, 300, 9), ImageFormat.PNG),
    }
    styles = (StyleChoice(part="style-1", mask="mask-1"), StyleChoice(name="great_wave", weight=2.0))
    wish = JobRequest(owner=Owner(group="a", user="b"), styles=styles, **knobs, start=Start.PREVIOUS)
    record, files = await intake.prepare(arrived(wish, sent), "key", Speed(0.01, 1.0))
    job_files = JobFiles(tmp_path / "data")
    job_files.write(record.id, files)
    theirs = Dispatcher([], cast("Jobs", None), job_files, Metrics())._run_of(record)

    for name, data in sent.items():
        (tmp_path / name).write_bytes(data)
    own = StyleFile(tmp_path / "style-1", hash_of(tmp_path / "style-1"), mask=tmp_path / "mask-1")
    bundled = style_file("great_wave@2")
    request = request_of(
        tmp_path / "content",
        own,
        bundled,
        previous=tmp_path / "previous",
        **dict(settings_of(record.request)),
    )
    folder = tmp_path / "prepared"
    folder.mkdir()
    ours, notes = cli_paint.prepare(request, cli_paint.decode(request, moving=moves), record.plan, folder)

    assert ours.provenance == theirs.provenance
    assert set(notes) <= set(record.plan.notes)
    for path, other in zip(files_of(theirs), files_of(ours), strict=True):
        assert path.read_bytes() == other.read_bytes()


def files_of(run: Run) -> list[Path]:
    styles = [file for style in run.styles for file in (style.image, style.mask)]
    return [Path(file) for file in (run.content, run.previous, *styles) if file is not None]


def test_ctrl_c_keeps_the_picture_and_a_checkpoint_that_the_same_command_goes_on_from(
    tmp_path: Path, photo: Path
) -> None:
    out, checkpoint, report = tmp_path / "out.png", tmp_path / "half.npz", tmp_path / "report.json"
    outputs = Outputs(out, report=report, timelapse=tmp_path / "story.webp", checkpoint=checkpoint)
    request = request_of(photo, seed=3)
    assert cli_paint.begun_plan(request, checkpoint) is None
    paint(request, outputs, interrupted_at=7)
    assert brightness(out) == 70
    assert images.read_provenance(out.read_bytes()).evaluations_done == 7
    assert json.loads(report.read_text())["stopped_early"] is True

    assert cli_paint.begun_plan(request_of(photo, seed=4), checkpoint) is None
    plan = cli_paint.begun_plan(request, checkpoint)
    assert plan == plan_of(request.settings)
    assert paint(request, outputs, plan).evaluated == [8, 9, 10]
    assert brightness(out) == 100
    assert json.loads(report.read_text())["evaluations_per_level"] == [0, 3]
    story = images.decode_animation((tmp_path / "story.webp").read_bytes(), "time-lapse", most=100)
    assert story is not None
    assert story.frames[0].rgb.mean() < 20  # from before the interruption
    assert sorted(path.name for path in tmp_path.iterdir() if "half" in path.name) == []


def test_a_plan_that_is_taken_up_is_not_measured_for(tmp_path: Path, photo: Path) -> None:
    out, checkpoint = tmp_path / "out.png", tmp_path / "half.npz"
    paint(request_of(photo, seed=3), Outputs(out, checkpoint=checkpoint), interrupted_at=7)
    typed = [
        "stylize",
        photo,
        "great_wave",
        "-o",
        out,
        "--seed",
        3,
        "--checkpoint",
        checkpoint,
        "--remeasure",
    ]
    with pytest.raises(typer.BadParameter, match="the plan that it was begun with"):
        app(list(map(str, typed)), standalone_mode=False)


class MeasuredSession(CountingSession):
    """Slower each time that it is measured."""

    measured = 0

    def warm_up(self) -> Measured:
        self.measured += 1
        return Measured(Speed(1000.0 * self.measured, 0.1, Precision.FLOAT32))

    def assume(self, speed: Speed) -> None:
        assert speed.overhead == 1000 * self.measured


def test_it_is_measured_once_and_anew_when_asked_to(
    tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, cache = MeasuredSession(), MachineCache(tmp_path / "cache", "machine")
    monkeypatch.setattr(cli_paint, "open_session", lambda *_: (session, cache))
    report = tmp_path / "x.json"
    typed = ["stylize", photo, "great_wave", "-o", tmp_path / "x.png", "--report", report]
    typed += ["--size", 64, "--recipe", "draft", "--evaluations", 1, "--budget", 3600]
    for more, measured in (([], 1), ([], 1), (["--remeasure"], 2)):
        assert app(list(map(str, typed + more)), standalone_mode=False) is None
        assert session.measured == measured
        seconds = json.loads(report.read_text())["plan"]["seconds"]
        assert 1000 * measured < seconds < 1000 * (measured + 1)


def test_a_damaged_checkpoint_begins_anew(tmp_path: Path, photo: Path) -> None:
    checkpoint = tmp_path / "half.npz"
    checkpoint.write_bytes(b"nothing of use")
    session = paint(request_of(photo), Outputs(tmp_path / "out.png", checkpoint=checkpoint))
    assert session.evaluated == list(range(1, 11))


def test_it_can_end_after_as_many_evaluations_as_an_earlier_painting_had(tmp_path: Path, photo: Path) -> None:
    request, out = request_of(photo), tmp_path / "out.png"
    inputs = cli_paint.decode(request, moving=False)
    session = cast("Session", CountingSession())
    cli_paint.paint(
        session,
        request,
        inputs,
        plan_of(request.settings),
        Outputs(out),
        max_evaluations=5,
    )
    assert brightness(out) == 50


def test_masks_are_given_by_the_number_of_their_style(tmp_path: Path) -> None:
    one = save(tmp_path / "one=1.png", np.zeros((8, 8), np.uint8))
    assert mask_files([f"2={one}"], 2) == {1: one}
    for texts in ([f"3={one}"], [f"0={one}"], [str(one)], ["1"], ["1=missing.png"], [f"1={one}", f"1={one}"]):
        with pytest.raises(typer.BadParameter):
            mask_files(texts, 2)
