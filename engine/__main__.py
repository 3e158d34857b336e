"""The command line: `python -m engine stylize | study | styles | serve`.

It reads files and shows progress, and leaves everything else to the studio and the server. Nothing heavy is
imported before a command needs it, so that `--help` answers at once. A refusal, and a file that cannot be read
or written, is one sentence and exit 2.
"""

import json
import os
import re
import resource
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from engine.protocol import (
    KNOBS,
    MAX_STYLES,
    ErrorCode,
    ImageFormat,
    JobRequest,
    Knob,
    Level,
    Owner,
    Plan,
    RecipeName,
    Refusal,
    StyleChoice,
)

if TYPE_CHECKING:
    from engine.images import Picture
    from engine.studio import Step, Studio

app = typer.Typer(
    help="Atelier's engine: paint a picture in the style of another.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(stderr=True)
FORMATS = {
    ".png": ImageFormat.PNG,
    ".jpg": ImageFormat.JPEG,
    ".jpeg": ImageFormat.JPEG,
    ".webp": ImageFormat.WEBP,
}
FRAME_SECONDS = 1.0
MARGIN = 16  # pixels cut off each side of a study


def option(knob: Knob[Any]) -> Any:  # typer.Option is typed as Any
    """The command line option of a knob."""
    return typer.Option(help=knob.help, min=knob.minimum, max=knob.maximum)


@app.command()
def stylize(
    content: Annotated[
        Path,
        typer.Argument(
            metavar="CONTENT", help="The picture to paint.", exists=True, dir_okay=False, show_default=False
        ),
    ],
    styles: Annotated[
        list[str],
        typer.Argument(
            metavar="STYLE",
            help="An image file or a bundled style's name, each with @WEIGHT if several are mixed.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "-o", "--out", help="Where to write: .png, .jpg or .webp.", dir_okay=False, writable=True
        ),
    ],
    recipe: Annotated[RecipeName, option(KNOBS["recipe"])] = KNOBS["recipe"].default,
    size: Annotated[int | None, option(KNOBS["size"])] = KNOBS["size"].default,
    strength: Annotated[int, option(KNOBS["strength"])] = KNOBS["strength"].default,
    budget: Annotated[float | None, option(KNOBS["budget"])] = KNOBS["budget"].default,
    seed: Annotated[int, option(KNOBS["seed"])] = KNOBS["seed"].default,
    evaluations: Annotated[int | None, option(KNOBS["evaluations"])] = KNOBS["evaluations"].default,
    frames: Annotated[
        Path | None,
        typer.Option(help="A folder for the frames, one a second.", file_okay=False, writable=True),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file for the plan, the losses, times and memory.", dir_okay=False, writable=True
        ),
    ] = None,
    weights: Annotated[
        str, typer.Option(help='VGG-19 weights: "packaged", "imagenet" or a Keras file.')
    ] = "packaged",
) -> None:
    """Paint CONTENT in the style of STYLE, or of several mixed."""
    from engine import images

    image_format = output_format(out)
    if report is not None:
        check_folder(report, "--report")
    picture = read(content, "picture")
    if len(styles) > MAX_STYLES:
        raise Refusal(ErrorCode.TOO_MANY_STYLES, limit=MAX_STYLES)
    choices = [read_style(style, f"style-{n}") for n, style in enumerate(styles, 1)]
    request = JobRequest(
        owner=Owner(guild="", user=""),
        styles=tuple(choice for _, _, choice in choices),
        recipe=recipe,
        size=size,
        strength=strength,
        seed=seed,
        budget=budget,
        evaluations=evaluations,
    )
    from engine.nst import planning

    studio = open_studio(weights)
    with patience("Measuring this machine's speed"):
        speed = studio.warm_up()
    plan = planning.make_plan(request, picture.width, picture.height, speed)
    mix = [(style, choice.weight) for _, style, choice in choices]
    steps = studio.paint(picture, mix, plan, strength=strength, seed=seed)
    step, seconds, counts, stopped = watch(steps, plan.levels, frames)
    card = {
        "styles": [{"name": name, "weight": choice.weight} for name, _, choice in choices],
        "strength": strength,
        "seed": seed,
        "plan": plan.model_dump(mode="json"),
    }
    result = step.picture()
    out.write_bytes(images.encode(result, image_format, recipe=json.dumps(card)))
    if report is not None:
        report.write_text(
            json.dumps(card | figures(plan, step, seconds, counts, stopped=stopped), indent=2) + "\n"
        )
    early = ", stopped early" if stopped else ""
    size_and_time = f"{result.width} x {result.height} pixels in {sum(seconds):.1f} s{early}"
    console.print(f"{out}: {size_and_time}", markup=False)


@app.command()
def study(
    painting: Annotated[
        Path,
        typer.Argument(
            metavar="PAINTING",
            help="The painting to learn from.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "-o", "--out", help="Where to write: .jpg, .png or .webp.", dir_okay=False, writable=True
        ),
    ],
    size: Annotated[int, typer.Option(help="Long side in pixels.", min=96, max=1024)] = 608,
    evaluations: Annotated[int, typer.Option(help="Evaluations at the full size.", min=1)] = 80,
    seed: Annotated[int, option(KNOBS["seed"])] = KNOBS["seed"].default,
    quality: Annotated[int, typer.Option(help="Of the JPEG or WebP.", min=1, max=100)] = 88,
) -> None:
    """Synthesise a style study: a texture with a painting's style and none of its content."""
    from engine import catalogue, images
    from engine.nst import planning

    image_format = output_format(out)
    picture = read(painting, "painting")
    studio = open_studio("packaged")
    canvas = size + 2 * MARGIN
    levels = [
        Level(width=w, height=h, evaluations=evaluations)
        for w, h in (planning.fit(picture.width, picture.height, canvas // k, grid=8) for k in (4, 2, 1))
    ]
    step, *_ = watch(studio.study(picture, levels, seed=seed), levels, None)
    # The network pads its input with zeros, and a strip along the border is painted to look well beside them.
    inner = step.picture().rgb[MARGIN:-MARGIN, MARGIN:-MARGIN]
    out.write_bytes(images.encode(images.Picture(inner, None), image_format, quality=quality))
    colours = catalogue.main_colours(images.decode(out.read_bytes(), "study"))
    console.print(
        f"{out}: {out.stat().st_size // 1024} KB, style loss {step.losses['total'] / 1e3:.4f}, colours {colours}",
        markup=False,
    )


@app.command()
def styles() -> None:
    """List the bundled styles."""
    from engine import catalogue

    table = Table("", "name", "title", "artist", "year", box=None)
    for card in catalogue.cards():
        table.add_row(card.emoji, card.name, card.title, card.artist, card.year)
    Console().print(table)


@app.command()
def serve(
    config: Annotated[
        Path | None, typer.Option(help="A TOML file with a table named engine; left out, the defaults.")
    ] = None,
) -> None:
    """Run the engine: the queue and its workers behind HTTP."""
    from engine import server
    from engine.config import ConfigError, load

    try:
        settings = load(config)
    except ConfigError as error:
        sys.exit(str(error))
    server.serve(settings)


def read(path: Path, what: str) -> "Picture":
    """The picture in a file. Raises Refusal."""
    from engine import images

    return images.decode(path.read_bytes(), what)


def read_style(text: str, part: str) -> "tuple[str, Picture, StyleChoice]":
    """NAME or FILE, with @WEIGHT or without, as (name, picture, choice). Raises Refusal."""
    from engine import catalogue

    weighted = re.fullmatch(r"(.+)@(\d+\.?\d*|\.\d+)", text, re.ASCII)
    name, number = weighted.groups() if weighted else (text, "1")
    path = Path(name)
    if not path.is_file():
        path = catalogue.image_path(name)
    try:
        choice = StyleChoice(part=part, weight=float(number))
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise typer.BadParameter(f"the weight of {name}: {reason}", param_hint="STYLE") from error
    return Path(name).name, read(path, "style image"), choice


def output_format(out: Path) -> ImageFormat:
    """What a file name's ending asks for. Raises typer.BadParameter."""
    if out.suffix.lower() not in FORMATS:
        raise typer.BadParameter(f"{out} must end in {', '.join(FORMATS)}", param_hint="--out")
    check_folder(out, "--out")
    return FORMATS[out.suffix.lower()]


def check_folder(path: Path, option: str) -> None:
    """Find out before the work whether its outcome can be written. Raises typer.BadParameter."""
    folder = path.absolute().parent
    if not folder.is_dir():
        raise typer.BadParameter(f"the folder of {path} does not exist", param_hint=option)
    if not path.exists() and not os.access(folder, os.W_OK):
        raise typer.BadParameter(f"the folder of {path} cannot be written to", param_hint=option)


@contextmanager
def patience(text: str) -> Iterator[None]:
    """Say what is being waited for, while it lasts."""
    with console.status(text):
        yield


def open_studio(weights: str) -> "Studio":
    """The network, loaded. Raises typer.BadParameter naming an unreadable weights file."""
    with patience("Loading the network"):
        from engine.studio import Studio, WeightsError

        try:
            return Studio(weights)
        except WeightsError as error:
            raise typer.BadParameter(str(error), param_hint="--weights") from error


def watch(
    steps: "Generator[Step, None, None]", levels: Sequence[Level], frames: Path | None
) -> "tuple[Step, list[float], list[int], bool]":
    """Follow the steps with a progress bar; Ctrl-C ends it early.

    Returns the last step, the seconds and the evaluations of each level, and whether it was ended early.
    """
    from engine import images

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[loss]}"),
        TimeRemainingColumn(),
    )
    seconds, counts = [0.0] * len(levels), [0] * len(levels)
    step: Step | None = None
    stopped = False
    if frames is not None:
        frames.mkdir(parents=True, exist_ok=True)
    with Progress(*columns, console=console) as progress, closing(steps):
        task = progress.add_task("preparing", total=1.0, loss="")
        before = shown = time.perf_counter()
        try:
            for step in steps:
                now = time.perf_counter()
                seconds[step.level] += now - before
                counts[step.level] += 1
                progress.update(
                    task,
                    completed=step.progress,
                    description=f"{step.width} x {step.height}, evaluation {step.evaluation}/{step.evaluations}",
                    loss=f"loss {step.losses['total']:.2f}",
                )
                if frames is not None and (now - shown >= FRAME_SECONDS or step.evaluation == 1):
                    path = frames / f"{step.evaluation:04}.jpg"
                    path.write_bytes(images.encode(step.picture(), ImageFormat.JPEG))
                    shown = time.perf_counter()
                before = time.perf_counter()
        except KeyboardInterrupt:
            stopped = True
    if step is None:
        raise typer.Abort
    return step, seconds, counts, stopped


def figures(
    plan: Plan, step: "Step", seconds: list[float], counts: list[int], *, stopped: bool
) -> dict[str, Any]:
    """What the report says besides the recipe: what was done, times, losses, memory."""
    from engine.nst import planning

    pairs = zip(plan.levels, counts, strict=True)
    done = [level.model_copy(update={"evaluations": count}) for level, count in pairs]
    return {
        "stopped_early": stopped,
        "evaluations_done": step.evaluation,
        "evaluations_per_level": counts,
        "full_size_equivalent_evaluations": round(planning.equivalent_evaluations(done), 2),
        "seconds_per_level": [round(value, 3) for value in seconds],
        "losses": step.losses,
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    """Run the command line; a refusal, or a file's trouble, is one sentence and exit 2."""
    try:
        app()
    except Refusal as refusal:
        reason = refusal.sentence
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    else:
        return
    console.print(reason, style="red", markup=False)
    sys.exit(2)


if __name__ == "__main__":
    main()
