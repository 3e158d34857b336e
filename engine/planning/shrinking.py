"""A plan made smaller after all, because the device that is to paint it has less memory than it was made for.

Rule: once for each job, and said with its result: what does not fit then is given up, so that nobody waits for a picture that
becomes a stamp step by step.
"""

from collections.abc import Sequence

from engine.planning.abilities import needed_by
from engine.planning.cost_model import Speed
from engine.planning.planner import make_plan
from engine.protocol import Note, NoteCode, Plan, Settings


def is_shrunk(plan: Plan) -> bool:
    """Whether it was made smaller before."""
    return any(note.code is NoteCode.SHRUNK_FOR_MEMORY for note in plan.notes)


def shrunk(plan: Plan, settings: Settings, speed: Speed, memory: int) -> Plan | None:
    """The same picture at the largest size that needs so many bytes at most; None if there is none smaller, or was before.

    An audition's tiles are as small as pictures get.
    """
    if plan.audition is not None or is_shrunk(plan):
        return None
    wanted = max(plan.result_size)
    as_planned = settings.model_copy(update={} if settings.preset else {"size": wanted})
    smaller = make_plan(as_planned, *plan.result_size, speed, frames=plan.frames, memory=memory)
    if needed_by(smaller) >= needed_by(plan):
        return None
    return smaller.model_copy(
        update={"precision": plan.precision, "notes": _notes(plan, smaller.notes, wanted)}
    )


def _notes(plan: Plan, made: Sequence[Note], wanted: int) -> tuple[Note, ...]:
    """What was said of the plan before, but that its size is another one now."""
    sizes = [note for note in (*plan.notes, *made) if note.code is NoteCode.SMALLER_FOR_MEMORY]
    wanted = max(wanted, *(int(note.facts["wanted"]) for note in sizes))
    size = sizes[-1].facts["size"]
    others = tuple(note for note in plan.notes if note not in sizes)
    return (Note.of(NoteCode.SHRUNK_FOR_MEMORY, wanted=wanted, size=size), *others)
