"""Deleting what one member had painted: what a moderator reads before, while and after."""

from dataclasses import dataclass

GROUP = "Delete many results at once."
MEMBER = "Delete what a member had painted in this server; I show you how much it is first."
OPTIONS = {
    "member": "The member, who may have left.",
    "results": "Which results; both kinds unless you choose.",
    "since": "How far back; a day unless you choose.",
}
WHICH = {
    "both": "those they asked for and those of their pictures",
    "asked": "those they asked for",
    "made": "those of their pictures",
}
SINCE = {"hour": "the last hour", "day": "the last day", "week": "the last week", "ever": "everything"}
CONFIRM, KEEP = "Delete them", "Keep them"
KEPT = "Nothing was deleted."


@dataclass(frozen=True)
class Purged:
    """How much goes: results, in how many channels, and pictures that are not finished."""

    results: int
    channels: int
    waiting: int


def question(member_id: int, which: str, since: int, count: Purged) -> str:
    """What would go."""
    when = f" since <t:{since}:f>" if since else ""
    if not (count.results or count.waiting):
        return f"There is nothing to delete: I find no results of <@{member_id}>{when} ({WHICH[which]})."
    return (
        f"This deletes {_counted(count)} of <@{member_id}>{when} ({WHICH[which]}), with all copies, for good. They are "
        "not told."
    )


def underway(all_of_them: int, gone: int) -> str:
    """How far it is, in messages."""
    return f"🧹 Deleting… {gone} of {_number(all_of_them, 'message')} gone."


def done(count: Purged, left: int) -> str:
    """What is gone."""
    later = f" Discord is slow: the last {_number(left, 'message')} will go by and by." if left else ""
    return f"🧹 Deleted: {_counted(count)}.{later}"


def in_audit(results: int, channels: int, waiting: int) -> str:
    """The same, for the other moderators."""
    return f"{_counted(Purged(results, channels, waiting))} deleted."


def _counted(count: Purged) -> str:
    parts = []
    if count.results or not count.waiting:
        parts.append(f"{_number(count.results, 'result')} in {_number(count.channels, 'channel')}")
    if count.waiting:
        parts.append(f"{_number(count.waiting, 'picture')} not finished yet")
    return " and ".join(parts)


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
