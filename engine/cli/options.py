"""The commands' arguments and options, each declared once: the settings' from the protocol, the files' here.

Nothing heavy is imported, so that `--help` answers at once.
"""

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from engine.cli.arguments import FORMATS, MOVING, check_kept, format_of, prove_folder, prove_writable
from engine.protocol import KNOBS, Knob, Settings

FRAME = re.compile(r"\d{4,}\.jpg")  # what `frame_name` makes


def option(knob: Knob[Any], *default: Any) -> Any:  # typer.Option is typed as Any
    """The command line option of a knob, with a default where its annotation is not `Annotated`."""
    return typer.Option(
        *default, f"--{knob.name.replace('_', '-')}", help=knob.help, min=knob.minimum, max=knob.maximum
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
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Write the result even over a file that it is painted from.")
]
Weights = Annotated[str, typer.Option(help='VGG-19 weights: "packaged", "imagenet" or a Keras file.')]


@dataclasses.dataclass(frozen=True)
class Outputs:
    """Where things are written to; all but `out` may be left out."""

    out: Out
    frames: Annotated[
        Path | None,
        typer.Option(
            help="A folder for pictures of the progress, one a second.", file_okay=False, writable=True
        ),
    ] = None
    timelapse: Annotated[
        Path | None, written(f"How it was painted, as an animation: {', '.join(MOVING)}.")
    ] = None
    report: Annotated[Path | None, written("A JSON file for the plan, the losses, times and memory.")] = None
    checkpoint: Annotated[
        Path | None,
        written(
            "A file to go on from after Ctrl-C or a crash, by the same command; removed when all is painted."
        ),
    ] = None

    overwrite: Overwrite = False

    def check(self, inputs: Sequence[Path]) -> None:
        """Find out before the work whether its outcome can be written, and that `inputs` are not lost by it.

        Raises typer.BadParameter.
        """
        format_of(self.out, "--out", FORMATS)
        if self.timelapse is not None:
            format_of(self.timelapse, "--timelapse", MOVING)
        for option, path in self._files():
            prove_writable(path, option)
            if not self.overwrite:
                check_kept(path, option, inputs)
        if self.frames is not None:
            prove_folder(self.frames, "--frames")
            if not self.overwrite:
                frames = (given for given in inputs if FRAME.fullmatch(given.name))
                for given in frames:
                    check_kept(self.frames / given.name, "--frames", [given])

    def _files(self) -> Iterator[tuple[str, Path]]:
        """All files to be written, but the frames, each with its option."""
        yield "--out", self.out
        if self.timelapse is not None:
            yield "--timelapse", self.timelapse
        if self.report is not None:
            yield "--report", self.report
        if self.checkpoint is not None:
            yield "--checkpoint", self.checkpoint
            yield "--checkpoint", recipe_beside(self.checkpoint)

    @property
    def may_move(self) -> bool:
        """Whether the result can be an animation."""
        return self.out.suffix.lower() in MOVING


def frame_name(evaluation: int) -> str:
    """What the picture after so many evaluations is called, in the folder for them."""
    return f"{evaluation:04}.jpg"


def recipe_beside(checkpoint: Path) -> Path:
    """Where the provenance, and with it the plan, of an unfinished painting is."""
    return checkpoint.with_name(checkpoint.name + ".recipe")


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command with one option for each field of its parameters that are `Settings` or `Outputs`.

    Typer makes its options from a command's signature, which has to name each of them.
    """
    signature = inspect.signature(command)
    groups = {
        name: list(_FIELDS[parameter.annotation]())
        for name, parameter in signature.parameters.items()
        if parameter.annotation in _FIELDS
    }

    @functools.wraps(command)
    def flat(**given: Any) -> None:  # what Typer has parsed
        for name, fields in groups.items():
            values = {field.name: given.pop(field.name) for field in fields}
            given[name] = signature.parameters[name].annotation(**values)
        command(**given)

    parameters = [
        one.replace(kind=Parameter.KEYWORD_ONLY)
        for name, parameter in signature.parameters.items()
        for one in groups.get(name, [parameter])
    ]
    flat.__dict__["__signature__"] = signature.replace(parameters=parameters)
    return flat


def _settings() -> Iterator[Parameter]:
    hints = get_type_hints(
        Settings
    )  # bare: that the wire takes numbers strictly is none of a shell's words' business
    for name, field in Settings.model_fields.items():
        default = option(KNOBS[name], field.default)
        yield Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hints[name])


def _outputs() -> Iterator[Parameter]:
    hints = get_type_hints(Outputs, include_extras=True)
    for field in dataclasses.fields(Outputs):
        default = Parameter.empty if field.default is dataclasses.MISSING else field.default
        yield Parameter(field.name, Parameter.KEYWORD_ONLY, default=default, annotation=hints[field.name])


_FIELDS: dict[Any, Callable[[], Iterator[Parameter]]] = {Settings: _settings, Outputs: _outputs}
