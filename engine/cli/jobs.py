"""What a running engine has to do and has done: its jobs as an operator reads them, and one to be cancelled."""

from collections.abc import Iterator, Sequence

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from engine.cli.running import NotRunningError, RefusedError, RunningEngine
from engine.protocol import JobState, JobView, OpenJob, Overview, PastJob

_SHORT = 8  # characters of an id that are shown; so many, or the whole, are enough to name one
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def overview(engine: RunningEngine) -> Overview:
    """How the engine stands. Raises NotRunningError and RefusedError."""
    try:
        return Overview.model_validate_json(engine.ask("/v1/overview"))
    except ValidationError as error:
        raise NotRunningError(f"What answers at {engine.url} is no engine of this version.") from error


def show(found: Overview) -> None:
    """Print it as a table, for people."""
    for told in found.conditions:
        typer.echo(f"{told.severity.value}: {told.message}")
    table = Table("job", "state", "member", "group", "style", "picture", "age", "", box=None)
    jobs: list[OpenJob | PastJob] = [*found.running, *found.waiting, *_by_end(found)]
    for job in jobs:
        table.add_row(*_row(job, found.now))
    Console(width=None if Console().is_terminal else 160).print(table)
    more = found.queued - len(found.waiting)
    if more > 0:
        typer.echo(f"and {more} more that wait")


def cancel(engine: RunningEngine, name: str) -> JobView:
    """Cancel the one job whose id is, or begins with, `name`. Raises NotRunningError and RefusedError."""
    found = overview(engine)
    matching = [job.id for job in (*found.running, *found.waiting) if job.id.startswith(name)]
    if len(matching) > 1:
        raise RefusedError(
            f"There are {len(matching)} open jobs that begin with {name}: give more of its id."
        )
    job = matching[0] if matching else name
    return JobView.model_validate_json(engine.ask(f"/v1/jobs/{job}/cancel", "POST"))


def _by_end(found: Overview) -> Sequence[PastJob]:
    return sorted((*found.finished, *found.failed), key=lambda job: job.ended, reverse=True)


def _row(job: OpenJob | PastJob, now: float) -> Iterator[str]:
    yield job.id[:_SHORT]
    yield job.state.value
    yield job.owner.user
    yield job.owner.group if job.owner.group != job.owner.user else ""
    yield " + ".join(job.styles)
    yield f"{job.recipe.value} {job.width} x {job.height}"
    yield spelt(now - job.created)
    yield _outlook(job, now)


def _outlook(job: OpenJob | PastJob, now: float) -> str:
    if isinstance(job, PastJob):
        ended = f"{spelt(now - job.ended)} ago"
        return f"{ended}: {job.error.code.value}" if job.error else ended
    left = "paused" if job.eta_seconds is None else f"done in about {spelt(job.eta_seconds)}"
    if job.state is JobState.RUNNING:
        return f"{round(job.progress * 100)} %, {left}"
    return f"place {job.position}, {left}"


def spelt(seconds: float) -> str:
    """A duration in its largest unit."""
    whole = max(round(seconds), 0)
    size, unit = next((each for each in _UNITS if whole >= 2 * each[0]), _UNITS[-1])
    return f"{whole // size} {unit}"
