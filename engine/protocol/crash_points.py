"""Places in the source at which a test can end the process, as a power cut would.

Every promise that nothing is lost is about what is on the disk between two statements. Rule: a point is named here,
stands at one place in the source, and costs nothing unless ATELIER_CRASH_AT names it.
"""

import os
import signal
from enum import StrEnum

CRASH_VARIABLE = "ATELIER_CRASH_AT"  # the name of a point
ONCE_VARIABLE = "ATELIER_CRASH_ONCE"  # path of a file that does not exist yet: only who creates it is ended


class CrashPoint(StrEnum):
    """What has just been done, and by whom."""

    JOB_FILES_WRITTEN = "engine: job files written"
    JOB_STORED = "engine: job stored"
    JOB_CLAIMED = "engine: job claimed"
    JOB_PUT_BACK = "engine: job put back"
    RESULT_ADOPTED = "engine: result adopted"
    RESULT_STORED = "engine: result stored"
    FAILURE_STORED = "engine: failure stored"
    CANCEL_STORED = "engine: cancel stored"
    SURPLUS_REMOVED = "engine: surplus removed"
    FOLDER_SET_ASIDE = "engine: folder set aside"
    EXPIRED_FILES_REMOVED = "engine: expired files removed"
    EXPIRED = "engine: expired"
    TIMELAPSE_WRITTEN = "engine: time-lapse written"
    DRAINED = "engine: drained"
    RESERVE_LENT = "engine: reserve lent"

    CHECKPOINT_BEGUN = "worker: checkpoint begun"
    CHECKPOINT_WRITTEN = "worker: checkpoint written"
    RESULT_FILE_WRITTEN = "worker: a file of the result written"
    RESULT_WRITTEN = "worker: result written"


_chosen = os.environ.get(CRASH_VARIABLE)


def reach(point: CrashPoint) -> None:
    """End this process with SIGKILL if it was told to end here."""
    if _chosen != point:
        return
    if once := os.environ.get(ONCE_VARIABLE):
        try:
            os.close(os.open(once, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
