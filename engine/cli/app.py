"""The command line: `python -m engine stylize | audition | again | recipe | study | styles | serve | jobs | backup | restore | doctor`.

It says what can be asked for, and leaves the options to `engine.cli.options`, the files to
`engine.cli.arguments`, the painting to `engine.cli.paint`, what is told of a result to `engine.cli.recipes`
and the rest to the session and the service. Nothing heavy is imported before a command needs it, so that
`--help` answers at once. Rule: a refusal, and a file that cannot be read or written, is one sentence and
exit 2.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli import recipes
from engine.cli.arguments import (
    MOVING,
    STILL,
    FileRefusal,
    StyleFile,
    check_kept,
    format_of,
    mask_files,
    prove_writable,
    reading,
    style_file,
)
from engine.cli.options import (
    Masks,
    Out,
    Outputs,
    Overwrite,
    Previous,
    Weights,
    argument,
    grouped,
    option,
    written,
)
from engine.cli.terminal import follow, print_line, waiting_for
from engine.protocol import (
    KNOBS,
    MAX_AUDITION,
    MAX_STYLES,
    ErrorCode,
    Level,
    RecipeName,
    Refusal,
    Settings,
    Start,
    staying,
)
from engine.protocol.settings import RECIPE, SEED
from engine.words import sentence

if TYPE_CHECKING:
    from engine.service.config import EngineConfig

app = typer.Typer(
    help="Atelier's engine: paint a picture in the style of another.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Config = Annotated[
    Path | None, typer.Option(help="A TOML file with a table named engine; left out, the defaults.")
]
MARGIN = 16  # pixels cut off each side of a study


@app.command()
def audition(
    content: Annotated[Path, argument("CONTENT", "The picture to try them out on.")],
    styles: Annotated[
        list[str],
        typer.Argument(
            metavar="STYLE",
            help="An image file or a bundled style's name; left out, all bundled ones.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - typer only reads it
    *,
    out: Annotated[Path, written(f"Where to write the sheet: {', '.join(STILL)}.", "-o", "--out")],
    recipe: Annotated[RecipeName, option(RECIPE)] = RECIPE.default,
    seed: Annotated[int, option(SEED)] = SEED.default,
) -> None:
    """Try out each STYLE on CONTENT: all of them small, on one sheet with their numbers."""
    from engine.cli import audition as auditions
    from engine.cli import paint
    from engine.painting import preprocess
    from engine.planning.auditions import plan_audition
    from engine.styles import catalogue

    format_of(out, "--out", STILL)
    prove_writable(out, "--out")
    files = [style_file(style) for style in styles or [card.name for card in catalogue.cards()]]
    if len(files) > MAX_AUDITION:
        raise Refusal(ErrorCode.TOO_MANY_STYLES, limit=MAX_AUDITION)
    request = paint.Request(content, files, None, Settings(recipe=recipe, seed=seed))
    check_kept(out, "--out", request.files)
    inputs = paint.decode(request, moving=False)
    session, cache = paint.open_session("packaged")
    measured = cache.measured(session, waiting=waiting_for("Measuring this machine's speed"))
    speed = measured.speed
    plan = preprocess.make_plan(request.settings, inputs.content, speed, paint.room(measured))
    auditions.audition(session, request, inputs, plan_audition(plan, len(files), speed), out)


@app.command()
@grouped
def stylize(
    content: Annotated[Path, argument("CONTENT", "The picture or animation to paint.")],
    styles: Annotated[
        list[str],
        typer.Argument(
            metavar="STYLE",
            help="An image file or a bundled style's name, each with @WEIGHT if several are mixed.",
            show_default=False,
        ),
    ],
    settings: Settings,
    outputs: Outputs,
    mask: Masks = [],  # noqa: B006 - typer only reads it
    previous: Previous = None,
    weights: Weights = "packaged",
    remeasure: Annotated[
        bool, typer.Option("--remeasure", help="Measure this machine's speed anew, and remember it.")
    ] = False,
) -> None:
    """Paint CONTENT in the style of STYLE, or of several mixed."""
    from engine.cli import paint
    from engine.painting import preprocess

    if len(styles) > MAX_STYLES:
        raise Refusal(ErrorCode.TOO_MANY_STYLES, limit=MAX_STYLES)
    if previous and settings.start is Start.CONTENT:
        settings = settings.model_copy(update={"start": Start.PREVIOUS})
    files = _masked([style_file(style) for style in styles], mask)
    request = paint.Request(content, files, previous, settings)
    outputs.check(request.files)
    inputs = paint.decode(request, moving=outputs.may_move)
    if outputs.timelapse is not None and len(inputs.content.frames) > 1:
        raise typer.BadParameter("an animation has none: it moves itself", param_hint="--timelapse")
    plan = paint.begun_plan(request, outputs.checkpoint)
    if plan is not None and remeasure:
        reason = f"{outputs.checkpoint} goes on by the plan that it was begun with, whatever the speed"
        raise typer.BadParameter(reason, param_hint="--remeasure")
    session, cache = paint.open_session(weights, plan.precision if plan else None)
    if plan is None:
        waiting = waiting_for("Measuring this machine's speed")
        measured = cache.measured(session, anew=remeasure, waiting=waiting)
        plan = preprocess.make_plan(settings, inputs.content, measured.speed, paint.room(measured))
    paint.paint(session, request, inputs, plan, outputs)


@app.command()
def again(
    image: Annotated[Path, argument("IMAGE", "A result of this engine.")],
    content: Annotated[Path, argument("CONTENT", "The picture that it was painted from.")],
    out: Out,
    styles: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="STYLE",
            help="The style images that are not bundled ones, in their order.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    mask: Masks = [],  # noqa: B006 - typer only reads it
    previous: Previous = None,
    weights: Weights = "packaged",
    overwrite: Overwrite = False,
) -> None:
    """Paint IMAGE again as it was painted, from the same files: the same picture."""
    from engine import images
    from engine.cli import paint

    with reading(image) as data:
        provenance = images.read_provenance(data)
    outputs = Outputs(out, overwrite=overwrite)
    if provenance.plan.frames > 1 and not outputs.may_move:
        raise typer.BadParameter(f"{image} moves: {out} must end in {', '.join(MOVING)}", param_hint="--out")
    files = _masked(recipes.styles_of(provenance, styles or []), mask)
    request = paint.Request(content, files, previous, provenance.settings)
    outputs.check([image, *request.files])
    now = request.provenance(provenance.plan)
    for warning in recipes.differences(provenance, now, image):
        print_line(warning, "yellow")
    recipes.check_parts(provenance, now, image)
    inputs = paint.decode(request, moving=provenance.plan.frames > 1)
    paint.check_memory(provenance.plan)
    repeats = provenance.arithmetic is not None and provenance.arithmetic.deterministic
    session, _ = paint.open_session(weights, provenance.plan.precision, deterministic=repeats)
    if provenance.network not in (None, session.network_digest):
        print_line(f"{image} was painted with other weights: it will look different.", "yellow")
    if sentence_of := recipes.rounding(provenance, session.arithmetic, image):
        print_line(sentence_of, "yellow")
    most = provenance.evaluations_done
    paint.paint(session, request, inputs, provenance.plan, outputs, max_evaluations=most)


@app.command()
def recipe(
    image: Annotated[Path, argument("IMAGE", "A result of this engine.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with all that is known.")] = False,
) -> None:
    """Tell how IMAGE was painted."""
    from engine import images

    with reading(image) as data:
        provenance = images.read_provenance(data)
    typer.echo(provenance.model_dump_json(indent=2) if as_json else "\n".join(recipes.lines_of(provenance)))


@app.command()
def study(
    painting: Annotated[Path, argument("PAINTING", "The painting to learn from.")],
    out: Annotated[Path, written(f"Where to write: {', '.join(STILL)}.", "-o", "--out")],
    size: Annotated[int, typer.Option(help="Long side in pixels.", min=96, max=1024)] = 608,
    evaluations: Annotated[int, typer.Option(help="Evaluations at the full size.", min=1)] = 80,
    seed: Annotated[int, option(KNOBS["seed"])] = KNOBS["seed"].default,
    quality: Annotated[int, typer.Option(help="Of the JPEG or WebP.", min=1, max=100)] = 88,
    overwrite: Overwrite = False,
) -> None:
    """Synthesise a style study: a picture from noise that has a painting's style and little of what it shows."""
    from engine import images
    from engine.cli import paint
    from engine.planning import planner

    image_format = format_of(out, "--out", STILL)
    prove_writable(out, "--out")
    if not overwrite:
        check_kept(out, "--out", [painting])
    with reading(painting) as data:
        picture = images.decode(data, "painting")
    session, _ = paint.open_session("packaged")
    side = size + 2 * MARGIN
    levels = [
        Level(width=w, height=h, evaluations=evaluations)
        for w, h in (planner.fit(picture.width, picture.height, side // k, grid=8) for k in (4, 2, 1))
    ]
    step = follow(session.study(picture, levels, seed=seed), levels)
    # The network pads its input with zeros, and a strip along the border is painted to look well beside them.
    inner = step.picture().rgb[MARGIN:-MARGIN, MARGIN:-MARGIN]
    out.write_bytes(images.encode(images.Picture(inner, None), image_format, quality=quality))
    colours = images.main_colours(images.decode(out.read_bytes(), "study"))
    print_line(
        f"{out}: {out.stat().st_size // 1024} KB, style loss {step.losses['total'] / 1e3:.4f}, colours {colours}"
    )


@app.command()
def styles(
    with_credits: Annotated[
        bool,
        typer.Option("--credits", help="Tell why each may be bundled: the artist's death, the collection."),
    ] = False,
) -> None:
    """List the bundled styles."""
    from engine.styles import catalogue

    if with_credits:
        for card in catalogue.cards():
            if (credit := card.credit) is not None:
                whose = f"{card.artist} (died {credit.died}), {card.title}, {card.year}"
                typer.echo(f"{card.name}: {whose}; {credit.collection}")
        return
    table = Table("", "name", "title", "artist", "year", box=None)
    for card in catalogue.cards():
        table.add_row(card.emoji, card.name, card.title, card.artist, card.year)
    Console().print(table)


@app.command()
def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="Where to listen, whatever the file says.")] = None,
    port: Annotated[int | None, typer.Option(help="On which port, whatever the file says.")] = None,
) -> None:
    """Run the engine: the queue and its workers behind HTTP."""
    with staying():
        from engine.service import app as service

    given = {"host": host, "port": port}
    service.serve(_settings(config, **{name: value for name, value in given.items() if value is not None}))


@app.command()
def jobs(
    config: Config = None,
    url: Annotated[
        str | None,
        typer.Option(help="Where the engine listens, if its data directory is not on this machine."),
    ] = None,
    cancel: Annotated[
        str | None, typer.Option(metavar="JOB", help="Cancel this one, by its id or how that begins.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with all that is known.")] = False,
) -> None:
    """List the jobs of a running engine: those that are open, and what came of the latest."""
    from engine.cli import jobs as listing
    from engine.cli.running import NotRunningError, RefusedError, running

    settings = _settings(config)
    try:
        engine = running(settings.data_dir, settings.token, url)
        if cancel is not None:
            view = listing.cancel(engine, cancel)
            typer.echo(view.model_dump_json(indent=2) if as_json else f"{view.id} is {view.state.value}.")
            return
        found = listing.overview(engine)
    except NotRunningError as error:
        sys.exit(str(error))
    except RefusedError as error:
        sys.exit(str(error) or "The engine refuses that.")
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        listing.show(found)


@app.command()
def backup(
    destination: Annotated[
        Path, typer.Argument(help="A folder that is not there yet.", file_okay=False, show_default=False)
    ],
    config: Config = None,
) -> None:
    """Copy all that the engine keeps, whether it runs or not."""
    from engine.cli import backup as backups

    settings = _settings(config)
    _or_exit(lambda: backups.take(settings.data_dir, settings.token, destination))


@app.command()
def restore(
    source: Annotated[
        Path, typer.Argument(help="A backup.", exists=True, file_okay=False, show_default=False)
    ],
    config: Config = None,
) -> None:
    """Put a backup into the data directory, where nothing is kept yet; then start the engine."""
    from engine.cli import backup as backups

    settings = _settings(config)
    _or_exit(lambda: backups.bring_back(source, settings.data_dir))


def _settings(config: Path | None, **instead: str | int) -> "EngineConfig":
    from engine.service.config import ConfigError, load

    try:
        return load(config, instead=instead)
    except ConfigError as error:
        sys.exit(str(error))


def _or_exit(act: Callable[[], None]) -> None:
    from engine.storage.backup import BackupError

    try:
        act()
    except BackupError as error:
        sys.exit(str(error))


@app.command()
def doctor(
    config: Annotated[
        Path | None, typer.Option(help="A TOML file with a table named engine; left out, the defaults.")
    ] = None,
) -> None:
    """Tell what is amiss on this machine: devices, memory, disk, permissions, the decoder's confinement."""
    from engine.cli.doctor import findings
    from engine.cli.doctor.patient import Cluster, Patient
    from engine.devices.facts import gather

    settings = _settings(config)
    is_well = True
    ray = settings.ray
    cluster = Cluster(ray.address, ray.workers, ray.needs) if settings.workers == "ray" else None
    for finding in findings(Patient(settings.data_dir, settings.devices, gather(), cluster)):
        typer.echo(f"{'ok  ' if finding.is_well else 'LOOK'} {finding.line}")
        is_well = is_well and finding.is_well
    sys.exit(0 if is_well else 1)


def _masked(styles: list[StyleFile], masks: list[str]) -> list[StyleFile]:
    """The styles, each with its mask. Raises typer.BadParameter."""
    files = mask_files(masks, len(styles))
    return [replace(style, mask=files.get(index)) for index, style in enumerate(styles)]


def main() -> None:
    """Run the command line; a refusal, or a file's trouble, is one sentence and exit 2."""
    try:
        app()
    except FileRefusal as refusal:
        reason = f"{refusal.path}: {sentence(refusal)}"
    except Refusal as refusal:
        reason = sentence(refusal)
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    else:
        return
    print_line(reason, "red")
    sys.exit(2)
