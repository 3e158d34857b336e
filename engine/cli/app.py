"""The command line: `python -m engine stylize | again | recipe | study | styles | serve`.

It says what can be asked for, and leaves the files to `engine.cli.arguments`, the painting to `engine.cli.paint` and
the rest to the studio and the server. Nothing heavy is imported before a command needs it, so that `--help`
answers at once. A refusal, and a file that cannot be read or written, is one sentence and exit 2.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from engine.cli.arguments import (
    FORMATS,
    HASHED,
    MOVING,
    STILL,
    StyleFile,
    check_folder,
    format_of,
    hash_of,
    mask_files,
    style_file,
)
from engine.cli.terminal import follow, print_line
from engine.protocol import (
    KNOBS,
    MAX_STYLES,
    Colours,
    ErrorCode,
    Knob,
    Level,
    Preset,
    RecipeCard,
    RecipeName,
    Refusal,
    Settings,
    Start,
)
from engine.words import sentence

if TYPE_CHECKING:
    from engine.cli.paint import Outputs

app = typer.Typer(
    help="Atelier's engine: paint a picture in the style of another.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
MARGIN = 16  # pixels cut off each side of a study


def option(knob: Knob[Any]) -> Any:  # typer.Option is typed as Any
    """The command line option of a knob."""
    return typer.Option(
        f"--{knob.name.replace('_', '-')}", help=knob.help, min=knob.minimum, max=knob.maximum
    )


def argument(name: str, help_text: str) -> Any:  # typer.Argument is typed as Any
    """The file that an argument names; it has to be there."""
    return typer.Argument(metavar=name, help=help_text, exists=True, dir_okay=False, show_default=False)


def written(help_text: str, *names: str) -> Any:  # typer.Option is typed as Any
    """The file that an option names, to be written."""
    return typer.Option(*names, help=help_text, dir_okay=False, writable=True)


Out = Annotated[Path, written(f"Where to write: {', '.join(FORMATS)}.", "-o", "--out")]
Masks = Annotated[
    list[str],
    typer.Option(
        "--mask", metavar="N=FILE", help="Style N goes where FILE is white; once for each style that has one."
    ),
]
Previous = Annotated[
    Path | None,
    typer.Option(help="An earlier result to go on from.", exists=True, dir_okay=False),
]
Weights = Annotated[str, typer.Option(help='VGG-19 weights: "packaged", "imagenet" or a Keras file.')]


@app.command()
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
    out: Out,
    recipe: Annotated[RecipeName, option(KNOBS["recipe"])] = KNOBS["recipe"].default,
    size: Annotated[int | None, option(KNOBS["size"])] = KNOBS["size"].default,
    strength: Annotated[int, option(KNOBS["strength"])] = KNOBS["strength"].default,
    budget: Annotated[float | None, option(KNOBS["budget"])] = KNOBS["budget"].default,
    seed: Annotated[int, option(KNOBS["seed"])] = KNOBS["seed"].default,
    evaluations: Annotated[int | None, option(KNOBS["evaluations"])] = KNOBS["evaluations"].default,
    colours: Annotated[Colours, option(KNOBS["colours"])] = KNOBS["colours"].default,
    style_scale: Annotated[float, option(KNOBS["style_scale"])] = KNOBS["style_scale"].default,
    start: Annotated[Start, option(KNOBS["start"])] = KNOBS["start"].default,
    preset: Annotated[Preset | None, option(KNOBS["preset"])] = KNOBS["preset"].default,
    mask: Masks = [],  # noqa: B006 - typer only reads it
    previous: Previous = None,
    frames: Annotated[
        Path | None,
        typer.Option(help="A folder for the frames, one a second.", file_okay=False, writable=True),
    ] = None,
    timelapse: Annotated[
        Path | None, written(f"How it was painted, as an animation: {', '.join(MOVING)}.")
    ] = None,
    report: Annotated[Path | None, written("A JSON file for the plan, the losses, times and memory.")] = None,
    checkpoint: Annotated[
        Path | None,
        written(
            "A file to go on from after Ctrl-C or a crash, by the same command; removed when all is painted."
        ),
    ] = None,
    weights: Weights = "packaged",
    remeasure: Annotated[
        bool, typer.Option("--remeasure", help="Measure this machine's speed anew, and remember it.")
    ] = False,
) -> None:
    """Paint CONTENT in the style of STYLE, or of several mixed."""
    from engine.cli import paint
    from engine.painting import preprocess
    from engine.planning import memory

    outputs = paint.Outputs(out, report, frames, timelapse, checkpoint)
    moving = check(outputs)
    if len(styles) > MAX_STYLES:
        raise Refusal(ErrorCode.TOO_MANY_STYLES, limit=MAX_STYLES)
    settings = Settings(
        recipe=recipe,
        size=size,
        strength=strength,
        seed=seed,
        budget=budget,
        evaluations=evaluations,
        colours=colours,
        style_scale=style_scale,
        start=Start.PREVIOUS if previous and start is Start.CONTENT else start,
        preset=preset,
    )
    request = paint.Request(
        content, masked([style_file(style) for style in styles], mask), previous, settings
    )
    inputs = paint.decode(request, moving=moving)
    if timelapse is not None and len(inputs.content.frames) > 1:
        raise typer.BadParameter("an animation has none: it moves itself", param_hint="--timelapse")
    plan = paint.begun_plan(request, checkpoint)
    studio, cache = paint.open_studio(weights, plan.precision if plan else None)
    if plan is None:
        speed = paint.speed_of(studio, cache, anew=remeasure)
        plan = preprocess.make_plan(settings, inputs.content, speed, memory.available_bytes())
    paint.paint(studio, request, inputs, plan, outputs, weights=weights)


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
) -> None:
    """Paint IMAGE again as it was painted, from the same files: the same picture."""
    from engine import images
    from engine.cli import paint

    card = images.read_card(image.read_bytes())
    outputs = paint.Outputs(out)
    moving = check(outputs)
    if card.plan.frames > 1 and not moving:
        raise typer.BadParameter(f"{image} moves: {out} must end in {', '.join(MOVING)}", param_hint="--out")
    files = masked(styles_of(card, styles or []), mask)
    request = paint.Request(content, files, previous, card.settings)
    for warning in differences(card, request.card(card.plan), image):
        print_line(warning, "yellow")
    inputs = paint.decode(request, moving=card.plan.frames > 1)
    studio, _ = paint.open_studio(weights, card.plan.precision)
    paint.paint(
        studio, request, inputs, card.plan, outputs, weights=weights, max_evaluations=card.evaluations_done
    )


@app.command()
def recipe(
    image: Annotated[Path, argument("IMAGE", "A result of this engine.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with all that is known.")] = False,
) -> None:
    """Tell how IMAGE was painted."""
    from engine import images

    card = images.read_card(image.read_bytes())
    typer.echo(card.model_dump_json(indent=2) if as_json else "\n".join(lines_of(card)))


@app.command()
def study(
    painting: Annotated[Path, argument("PAINTING", "The painting to learn from.")],
    out: Annotated[Path, written(f"Where to write: {', '.join(STILL)}.", "-o", "--out")],
    size: Annotated[int, typer.Option(help="Long side in pixels.", min=96, max=1024)] = 608,
    evaluations: Annotated[int, typer.Option(help="Evaluations at the full size.", min=1)] = 80,
    seed: Annotated[int, option(KNOBS["seed"])] = KNOBS["seed"].default,
    quality: Annotated[int, typer.Option(help="Of the JPEG or WebP.", min=1, max=100)] = 88,
) -> None:
    """Synthesise a style study: a texture with a painting's style and none of its content."""
    from engine import images
    from engine.cli import paint
    from engine.planning import planner
    from engine.styles import catalogue

    image_format = format_of(out, "--out", STILL)
    picture = images.decode(painting.read_bytes(), "painting")
    studio, _ = paint.open_studio("packaged")
    canvas = size + 2 * MARGIN
    levels = [
        Level(width=w, height=h, evaluations=evaluations)
        for w, h in (planner.fit(picture.width, picture.height, canvas // k, grid=8) for k in (4, 2, 1))
    ]
    step = follow(studio.study(picture, levels, seed=seed), levels)
    # The network pads its input with zeros, and a strip along the border is painted to look well beside them.
    inner = step.picture().rgb[MARGIN:-MARGIN, MARGIN:-MARGIN]
    out.write_bytes(images.encode(images.Picture(inner, None), image_format, quality=quality))
    colours = catalogue.main_colours(images.decode(out.read_bytes(), "study"))
    print_line(
        f"{out}: {out.stat().st_size // 1024} KB, style loss {step.losses['total'] / 1e3:.4f}, colours {colours}"
    )


@app.command()
def styles() -> None:
    """List the bundled styles."""
    from engine.styles import catalogue

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
    from engine.service import app as service
    from engine.service.config import ConfigError, load

    try:
        settings = load(config)
    except ConfigError as error:
        sys.exit(str(error))
    service.serve(settings)


def check(outputs: "Outputs") -> bool:
    """Find out before the work whether its outcome can be written, and whether it may move.

    Raises typer.BadParameter.
    """
    format_of(outputs.out, "--out", FORMATS)
    if outputs.timelapse is not None:
        format_of(outputs.timelapse, "--timelapse", MOVING)
    if outputs.report is not None:
        check_folder(outputs.report, "--report")
    if outputs.checkpoint is not None:
        check_folder(outputs.checkpoint, "--checkpoint")
    return outputs.out.suffix.lower() in MOVING


def masked(styles: Sequence[StyleFile], masks: Sequence[str]) -> list[StyleFile]:
    """The styles, each with its mask. Raises typer.BadParameter."""
    files = mask_files(masks, len(styles))
    return [replace(style, mask=files.get(index)) for index, style in enumerate(styles)]


def styles_of(card: RecipeCard, given: Sequence[Path]) -> list[StyleFile]:
    """A recipe's styles: the bundled ones, and for the others the files that are given, in their order.

    Raises Refusal UNKNOWN_STYLE, and typer.BadParameter if there are more or fewer than the recipe has.
    """
    from engine.styles import catalogue

    wanted = sum(name.startswith(HASHED) for name in card.styles)
    if len(given) != wanted:
        raise typer.BadParameter(
            f"the recipe has {wanted} style images of its own, and {len(given)} are given", param_hint="STYLE"
        )
    files = iter(given)
    return [
        StyleFile(path := next(files), hash_of(path), weight)
        if name.startswith(HASHED)
        else StyleFile(catalogue.image_path(name), name, weight)
        for name, weight in zip(card.styles, card.weights, strict=True)
    ]


def differences(card: RecipeCard, now: RecipeCard, image: Path) -> Iterator[str]:
    """Sentences on what keeps an order from giving the picture that IMAGE is, whose recipe is `card`.

    Raises typer.BadParameter for a mask or an earlier result that is missing or too many.
    """
    if now.engine != card.engine:
        yield f"{image} was painted by version {card.engine}, and this is {now.engine}: it may look different."
    if now.content != card.content:
        yield f"The picture is not the one that {image} was painted from, so it will look different."
    nothing = (None,) * len(card.styles)
    kinds = zip(card.styles, now.styles, card.masks or nothing, now.masks or nothing, strict=True)
    for number, (style, given, mask, given_mask) in enumerate(kinds, 1):
        if given != style:
            yield f"Style {number} is not the one that {image} was painted with, so it will look different."
        if mask and not given_mask:
            reason = f"style {number} of {image} has a mask: give it as {number}=FILE"
            raise typer.BadParameter(reason, param_hint="--mask")
        if given_mask and not mask:
            raise typer.BadParameter(f"style {number} of {image} has none", param_hint="--mask")
        if given_mask != mask:
            yield f"The mask of style {number} is not that of {image}, so it will look different."
    if card.settings.start is Start.PREVIOUS and now.previous is None:
        raise typer.BadParameter(
            f"{image} went on from an earlier result: give that", param_hint="--previous"
        )
    if card.settings.start is not Start.PREVIOUS and now.previous is not None:
        raise typer.BadParameter(f"{image} did not go on from an earlier result", param_hint="--previous")
    if now.previous != card.previous:
        yield f"The earlier result is not the one that {image} went on from, so it will look different."


def lines_of(card: RecipeCard) -> list[str]:
    """A recipe as somebody may want to read it."""
    plan, masks = card.plan, card.masks or (None,) * len(card.styles)
    width, height = plan.result_size
    rows = [
        ("engine", card.engine),
        ("picture", card.content),
        *(
            ("style", f"{name}, weight {weight:g}" + (f", where {mask} is white" if mask else ""))
            for name, weight, mask in zip(card.styles, card.weights, masks, strict=True)
        ),
        *([("previous", card.previous)] if card.previous else []),
        *((knob, str(value)) for knob, value in card.settings if value is not None),
        *(
            ("level", f"{level.width} x {level.height}, {level.evaluations} evaluations")
            for level in plan.levels
        ),
    ]
    if plan.frames > 1:
        rows.append(
            ("frames", f"{plan.frames}, {plan.frame_evaluations} evaluations for each after the first")
        )
    rows += [
        ("result", f"{width} x {height} pixels, painted in {plan.precision}"),
        ("done", f"{card.evaluations_done} evaluations"),
    ]
    return [f"{name:<12} {value}" for name, value in rows]


def main() -> None:
    """Run the command line; a refusal, or a file's trouble, is one sentence and exit 2."""
    try:
        app()
    except Refusal as refusal:
        reason = sentence(refusal)
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    else:
        return
    print_line(reason, "red")
    sys.exit(2)
