"""What a lost attempt means for its job: pure functions.

Rule: a job is given up for what it did, never for what happened to it. Only a worker that died of this job alone
counts, and only if the attempt got no further than those before. What happens to a job without its fault is bounded
as well, far higher, so that none is tried for ever.
"""

from engine.storage.jobs import JobRecord

MAX_ATTEMPTS = (
    3  # deaths in a row of a worker that had nothing but this job, none of them further than the others
)
MAX_INTERRUPTIONS = (
    100  # losses in a row that prove nothing: whoever kills that often gets no picture painted
)


def after_loss(record: JobRecord, evaluation: int, *, to_blame: bool) -> dict[str, int]:
    """What of the record is changed by the loss of an attempt that has reached this evaluation."""
    further = got_further(record, evaluation)
    before = record.but(**further)
    if to_blame:
        return further | {"lost": before.lost + 1}
    return further | {"interrupted": before.interrupted + 1}


def got_further(record: JobRecord, evaluation: int) -> dict[str, int]:
    """What of the record is changed by an attempt that has reached this evaluation, if none did before."""
    if evaluation <= record.reached:
        return {}
    return {"reached": evaluation, "lost": 0, "interrupted": 0}


def is_given_up(record: JobRecord) -> bool:
    """Whether another attempt would be one too many."""
    return record.lost >= MAX_ATTEMPTS or record.interrupted >= MAX_INTERRUPTIONS
