"""Ten styles tried out on one photo: `python -m bench.audition [--small] [--out FOLDER]`.

Opens a warm session as a worker has one, holds an audition of ten bundled styles on the committed photo of a cat, and
finishes one of its tiles and the same picture from the start by the same plan. Leaves audition.txt and audition.jpg, the sheet:
seconds and processor seconds to the first tile and to the sheet, evaluations, and the largest difference between the two
finished pictures, in grey levels. Goals: first tile within 5 s, the sheet within 45 s on 2 cores, no difference at all.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.report import arguments, folder, leave, met
from engine import images
from engine.cli import paint
from engine.cli.arguments import style_file
from engine.cli.audition import auditioned, checkpoints_of
from engine.images import Picture
from engine.painting import preprocess
from engine.painting.session import Session
from engine.planning.auditions import plan_audition
from engine.protocol import RecipeName, Settings
from engine.storage.files import result_file
from engine.styles import catalogue
from engine.workers import runner
from engine.workers.audition import Orders, hold
from engine.workers.checkpoints import Checkpoints, digest_of
from engine.workers.ipc import Audition, Progress, Result, Run

PHOTO = Path(__file__).parents[1] / "demo" / "photos" / "chelsea.png"
STYLES = 10
GOAL_FIRST, GOAL_SHEET = 5.0, 45.0
CHOSEN = 3  # the tile that is finished


def measure(session: Session, held: Audition) -> tuple[list[str], bool, bytes]:
    """Hold the audition; lines of figures, whether they are as they should be, and the sheet."""
    begun, used, load = time.monotonic(), time.process_time(), os.getloadavg()[0]
    first = None
    for report in hold(
        session, held, checkpoints_of(session, held.tiles), Orders(lambda: None, lambda: False)
    ):
        each = held.plan.tile.evaluations
        if isinstance(report, Progress) and first is None and report.evaluation >= each:
            first = time.monotonic() - begun, time.process_time() - used
        if isinstance(report, Result):
            result = report
    seconds, processor = time.monotonic() - begun, time.process_time() - used
    first = first or (seconds, processor)
    sheet = (Path(held.outbox) / result_file(result.format)).read_bytes()
    levels = ", ".join(f"{level.evaluations} at {level.width} x {level.height}" for level in held.plan.levels)
    lines = [
        f"tiles: {result.moments} of {levels}; {result.evaluation} evaluations in all; planned {held.plan.seconds:.1f} s",
        f"first tile after {first[0]:.1f} s ({first[1]:.1f} s of processors)   goal {GOAL_FIRST:g} s",
        f"sheet after {seconds:.1f} s ({processor:.1f} s of processors)   goal {GOAL_SHEET:g} s",
        f"load of the machine when it began: {load:.1f} on {os.cpu_count()} cores",
        f"sheet: {result.width} x {result.height} pixels, {len(sheet) // 1024} KB",
    ]
    return lines, first[0] <= GOAL_FIRST and seconds <= GOAL_SHEET, sheet


def finished(session: Session, run: Run, checkpoint: Path | None) -> tuple[Picture, Result]:
    """The picture as a worker paints it, from a checkpoint if there is one."""
    kept = Checkpoints(checkpoint, digest_of(run, session.network_digest), 3600.0)
    reports = runner.paint(session, run, kept, stop=lambda: None, is_over=lambda: False, previews=None)
    (result,) = (report for report in reports if isinstance(report, Result))
    file = Path(run.outbox) / result_file(result.format)
    return images.decode(file.read_bytes(), "painting", max_bytes=None), result


def compare(session: Session, tile: Run, where: Path) -> tuple[str, bool]:
    """Finish a tile, and paint the same from the start."""
    pictures: list[Picture] = []
    for name in ("continued", "anew"):
        run = tile.model_copy(update={"outbox": str(where / name), "checkpoint": None})
        checkpoint = None
        if name == "continued" and tile.checkpoint:
            checkpoint = where / "checkpoint.npz"
            shutil.copyfile(tile.checkpoint, checkpoint)
        pictures.append(finished(session, run, checkpoint)[0])
    one, other = (picture.rgb.astype(int) for picture in pictures)
    difference = int(np.abs(one - other).max())
    size = f"{pictures[0].width} x {pictures[0].height}"
    line = f"{size} pixels in {tile.plan.precision}, finished from its tile and from the start: largest difference {difference}"
    return line, difference == 0


def main() -> None:
    """Measure, and leave the figures."""
    args = arguments(__doc__ or "", "the recipe draft at 192 pixels").parse_args()
    settings = Settings(recipe=RecipeName.DRAFT, size=192) if args.small else Settings()
    names = [card.name for card in catalogue.cards()][:STYLES]
    request = paint.Request(PHOTO, [style_file(name) for name in names], None, settings)
    inputs = paint.decode(request, moving=False)
    session, cache = paint.open_session("packaged")
    speed = cache.measured(session).speed
    plan = preprocess.make_plan(settings, inputs.content, speed, None)
    with tempfile.TemporaryDirectory() as scratch:
        held = auditioned(request, inputs, plan_audition(plan, len(names), speed), Path(scratch))
        lines, is_quick, sheet = measure(session, held)
        line, is_same = compare(session, held.tiles[CHOSEN - 1], Path(scratch))
    lines = [
        f"chelsea in {', '.join(names)}; {settings.recipe}, {speed.per_megapixel:.2f} s a megapixel",
        *lines,
        line,
    ]
    lines.append(f"goals: {met(is_quick)} (seconds), {met(is_same)} (the same picture)")
    (folder(args) / "audition.jpg").write_bytes(sheet)
    leave("\n".join(lines), folder(args) / "audition.txt")


if __name__ == "__main__":
    main()
