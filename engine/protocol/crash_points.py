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

    UPLOAD_ARRIVED = "engine: upload arrived"
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
    DELETED_FILES_REMOVED = "engine: deleted files removed"
    DELETED = "engine: deleted"
    TIMELAPSE_WRITTEN = "engine: time-lapse written"
    DRAINED = "engine: drained"
    FLOW_STORED = "engine: flow stored"
    RESERVE_LENT = "engine: reserve lent"
    ORPHAN_ASIDE = "engine: orphan moved aside"
    BACKUP_DATABASE = "engine: database copied for a backup"
    BACKUP_COPIED = "backup: copied, not in its place yet"
    IMAGES_RESTORED = "restore: images in their place, the database not yet"
    DATABASE_ASIDE = "engine: damaged database moved aside, its images not yet"

    CHECKPOINT_BEGUN = "worker: checkpoint begun"
    CHECKPOINT_WRITTEN = "worker: checkpoint written"
    TILE_KEPT = "worker: tile of an audition kept"
    RESULT_FILE_WRITTEN = "worker: a file of the result written"
    RESULT_WRITTEN = "worker: result written"
    WORKER_READY = "worker: ready"
    WORK_TAKEN = "worker: work taken"
    RESULT_TO_TELL = "worker: result to tell"
    RESULT_TOLD = "worker: result told"

    BATCH_HANDED_OVER = "ray: batch handed over to a booth"
    BATCH_BEGUN = "ray: batch begun in a booth"
    CHECKPOINT_OFFERED = "ray: checkpoint offered by a booth"
    CHECKPOINT_BROUGHT = "ray: checkpoint brought from a booth"
    RESULT_BROUGHT = "ray: result brought from a booth"
    BOOTH_FOUND = "ray: booth found by the driver"

    BOT_ACCEPTED = "bot: order accepted"
    BOT_TICKET_STORED = "bot: ticket stored"
    BOT_ACKNOWLEDGED = "bot: order acknowledged"
    BOT_TAKEN_TOLD = "bot: told in private that it is taken"
    BOT_IMAGES_FETCHED = "bot: images fetched"
    BOT_SUBMITTED = "bot: job submitted"
    BOT_JOB_STORED = "bot: job stored"
    BOT_THREAD_OPENED = "bot: thread opened"
    BOT_TICKET_SHOWN = "bot: ticket shown"
    BOT_TICKET_MOVED = "bot: ticket shown in direct messages, its token being over soon"
    BOT_MESSAGE_STORED = "bot: message stored"
    BOT_STOP_STORED = "bot: stop stored"
    BOT_RESULT_FETCHED = "bot: result fetched"
    BOT_DELIVERING = "bot: delivery begun"
    BOT_RESULT_OFFERED = "bot: result offered"
    BOT_RESULT_WANTED = "bot: offered result wanted"
    BOT_UNDELIVERABLE = "bot: told that nobody takes the result"
    BOT_RESULT_POSTED = "bot: result posted"
    BOT_TICKET_REMOVED = "bot: ticket removed"
    BOT_RESULT_STORED = "bot: result stored"
    BOT_MESSAGE_NOTED = "bot: message noted"
    BOT_RESULT_NOTED = "bot: result noted"
    BOT_SNAPSHOT_BEGUN = "bot: snapshot begun"
    BOT_COPY_POSTED = "bot: posted once more"
    BOT_COPY_NOTED = "bot: posted once more and noted"
    BOT_EXPRESSION_ADDED = "bot: picture put into the server"
    BOT_MEMBER_FORGOTTEN = "bot: pictures of a member forgotten, what they said not yet"
    BOT_DELETED = "bot: deleted, not erased yet"
    BOT_ERASED = "bot: erased, still noted"
    BOT_CLOSING = "bot: reason told"
    BOT_REFUSAL_TOLD = "bot: refusal told"
    BOT_CLOSED = "bot: ticket closed"
    BOT_SETTINGS_STORED = "bot: settings stored"
    BOT_QUESTION_STORED = "bot: question to an author stored"
    BOT_QUESTION_SHOWN = "bot: question to an author shown"
    BOT_QUESTION_NOTED = "bot: question to an author noted"
    BOT_CONSENT_STORED = "bot: an author's answer stored"
    BOT_CONSENT_SAID = "bot: an author's answer said"
    BOT_AGREED_TAKEN = "bot: agreed picture taken in"
    BOT_ENTRY_BEGUN = "bot: entry in the gallery begun"
    BOT_ENTRY_POSTED = "bot: entry in the gallery posted"
    BOT_ENTRY_HUNG = "bot: entry in the gallery noted, and not yet as a post of its result"
    BOT_ENTRY_NOTED = "bot: entry in the gallery noted"
    BOT_ENTRY_REMOVED = "bot: entry in the gallery removed, not erased yet"
    BOT_STAR_STORED = "bot: star stored"
    BOT_STYLE_PROPOSED = "bot: style of a server proposed"
    BOT_STYLE_ASKED = "bot: asked about a style of a server"
    BOT_STYLE_CONSENTED = "bot: author's yes to a style stored"
    BOT_STYLE_PICTURE_KEPT = "bot: picture of a style kept, the style not shown yet"
    BOT_STYLE_SHOWN = "bot: style of a server shown"
    BOT_STYLE_VOTED = "bot: vote for a style stored"
    BOT_STYLE_ENDED = "bot: style of a server ended, not erased yet"
    BOT_MARK_STORED = "bot: mark stored"
    BOT_AUDIT_BEGUN = "bot: lines for moderators chosen, not posted"
    BOT_AUDIT_POSTED = "bot: lines for moderators posted, still noted"
    BOT_HELLO_STORED = "bot: hello stored"
    BOT_HELLO_SAID = "bot: hello said"
    BOT_COMMANDS_PUBLISHED = "bot: commands published"
    BOT_TIMER_RUNG = "bot: done what was due, still noted"
    BOT_WEEK_BEGUN = "bot: style of the week stored"
    BOT_WEEK_ANNOUNCED = "bot: style of the week announced"
    BOT_WEEK_OPENED = "bot: style of the week noted as announced, the next one not set yet"
    BOT_WEEK_ENDING = "bot: collage drawn"
    BOT_COLLAGE_POSTED = "bot: collage posted"
    BOT_COLLAGE_NOTED = "bot: collage noted"
    BOT_COLLAGE_TALKED = "bot: thread of a collage opened"
    BOT_DUEL_STORED = "bot: challenge stored"
    BOT_DUEL_SHOWN = "bot: challenge shown"
    BOT_DUEL_ACCEPTED = "bot: challenge accepted, not painted yet"
    BOT_DUEL_PAINTED = "bot: pictures of a duel to be posted"
    BOT_DUEL_POSTED = "bot: pictures of a duel posted"
    BOT_DUEL_COUNTED = "bot: votes counted"
    BOT_DUEL_TOLD = "bot: result of a duel told"


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
