"""An audition at the command line: several styles tried out on one picture, on a sheet with their numbers."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine import images
from engine.cli.arguments import FORMATS
from engine.cli.paint import JOB, Inputs, Request, prepare
from engine.cli.terminal import print_line
from engine.protocol import Plan
from engine.storage.files import result_file, tile_file
from engine.workers.audition import Orders, hold
from engine.workers.checkpoints import Checkpoints, digest_of
from engine.workers.ipc import CHECKPOINT_SECONDS, Audition, Progress, Result, Run

if TYPE_CHECKING:
    from engine.painting.session import Session


def auditioned(request: Request, inputs: Inputs, plan: Plan, folder: Path) -> Audition:
    """What a worker would get, with its files in `folder`, by the plan of an audition."""
    finished = plan if plan.audition is None else plan.audition.finished
    tiles: list[Run] = []
    for index, (style, picture) in enumerate(zip(request.styles, inputs.styles, strict=True)):
        own = folder / f"{index + 1:02}"
        own.mkdir()
        one = replace(request, styles=[style])
        run, _ = prepare(one, replace(inputs, styles=(picture,), masks=(None,)), finished, own)
        tiles.append(run.model_copy(update={"checkpoint": str(folder / tile_file(index + 1))}))
    return Audition(job=JOB, attempt=1, plan=plan, outbox=str(folder / "outbox"), tiles=tuple(tiles))


def checkpoints_of(session: "Session", tiles: Sequence[Run]) -> list[Checkpoints]:
    """Where each is kept."""
    return [
        Checkpoints(Path(tile.checkpoint or ""), digest_of(tile, session.network_digest), CHECKPOINT_SECONDS)
        for tile in tiles
    ]


def audition(session: "Session", request: Request, inputs: Inputs, plan: Plan, out: Path) -> None:
    """Try the styles out, and write the sheet."""
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        held = auditioned(request, inputs, plan, Path(folder))
        checkpoints = checkpoints_of(session, held.tiles)
        for report in hold(session, held, checkpoints, Orders(lambda: None, lambda: False)):
            match report:
                case Progress():
                    print_line(f"{report.progress:.0%}")
                case Result():
                    sheet = Path(held.outbox) / result_file(report.format)
                    picture = images.decode(sheet.read_bytes(), "painting", max_bytes=None)
                    out.write_bytes(images.encode(picture, FORMATS[out.suffix.lower()]))
                    print_line(f"{out}: {report.moments} styles in {report.seconds:.1f} s")
