"""Every way to say no, as it crosses the wire: a stable code, the facts of the case, and an HTTP status.

Both sides raise `Refusal`. Rule: no sentence is made here; whoever shows a refusal has a table of its own
(`engine.words`, `bot.words.errors`).
"""

from dataclasses import dataclass
from enum import StrEnum

from engine.protocol.facts import Fact


class ErrorCode(StrEnum):
    """Stable names; never renamed, only added to."""

    NOT_AN_IMAGE = "not_an_image"
    BROKEN_IMAGE = "broken_image"
    UNUSUAL_KIND = "unusual_kind"  # sound, and of a kind of its format that is not read
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_FRAMES = "too_many_frames"
    HEAVY_FORMAT = "heavy_format"  # too many pixels of a kind of file that takes longer than others
    SLOW_IMAGE = "slow_image"
    HUGE_IMAGE = "huge_image"
    TOO_SMALL = "too_small"
    TOO_NARROW = "too_narrow"
    BLACK_MASK = "black_mask"
    CLEAR_STYLE = "clear_style"
    NO_STYLE = "no_style"
    TOO_MANY_STYLES = "too_many_styles"
    UNKNOWN_STYLE = "unknown_style"
    BAD_REQUEST = "bad_request"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    TAKES_TOO_LONG = "takes_too_long"
    AUDITION_TOO_LONG = "audition_too_long"
    RECIPE_TOO_SLOW = "recipe_too_slow"
    ENGINE_TOO_SLOW = "engine_too_slow"
    BAD_TOKEN = "bad_token"  # noqa: S105 - the name of an error, not a secret
    NOT_FOUND = "not_found"
    KEY_REUSED = "key_reused"
    QUEUE_FULL = "queue_full"
    USER_QUEUE_FULL = "user_queue_full"
    GROUP_QUEUE_FULL = "group_queue_full"
    STORAGE_FULL = "storage_full"
    STORAGE_DAMAGED = "storage_damaged"
    NOT_READY = "not_ready"
    BUSY = "busy"
    DRAINING = "draining"  # no new job is taken in, as its operator wants it
    NOT_PAINTED_YET = "not_painted_yet"
    CONTENT_GONE = "content_gone"  # what a finished job was painted from
    NO_RECIPE = "no_recipe"
    BAD_RECIPE = "bad_recipe"
    WORKER_LOST = "worker_lost"
    IMAGES_GONE = "images_gone"  # those of a job, from where they were kept
    OUT_OF_MEMORY = "out_of_memory"
    BAD_WEIGHTS = "bad_weights"
    INTERNAL = "internal"


@dataclass(frozen=True)
class ErrorKind:
    """What an error is on the wire: its HTTP status, and the names of its facts."""

    status: int
    facts: frozenset[str]

    @classmethod
    def of(cls, status: int, *facts: str) -> "ErrorKind":
        """A kind with these facts."""
        return cls(status, frozenset(facts))


# `image` is one of `facts.IMAGES`; sizes and limits are in bytes or pixels, and beside `seconds` in these; `recipe` and
# `other` are of `settings.RecipeName`, `size` and `styles` (how many) beside them what would be allowed; `detail` is English for developers,
# of what no member can send.
ERRORS: dict[ErrorCode, ErrorKind] = {
    ErrorCode.NOT_AN_IMAGE: ErrorKind.of(415, "image"),
    ErrorCode.BROKEN_IMAGE: ErrorKind.of(422, "image"),
    ErrorCode.UNUSUAL_KIND: ErrorKind.of(415, "image"),
    ErrorCode.TOO_MANY_BYTES: ErrorKind.of(413, "image", "size", "limit"),
    ErrorCode.TOO_MANY_PIXELS: ErrorKind.of(413, "image", "width", "height", "limit"),
    ErrorCode.TOO_MANY_FRAMES: ErrorKind.of(413, "image", "frames", "limit"),
    ErrorCode.HEAVY_FORMAT: ErrorKind.of(413, "image", "width", "height", "limit"),
    ErrorCode.SLOW_IMAGE: ErrorKind.of(422, "image", "seconds"),
    ErrorCode.HUGE_IMAGE: ErrorKind.of(422, "image", "limit"),
    ErrorCode.TOO_SMALL: ErrorKind.of(422, "image", "width", "height", "limit"),
    ErrorCode.TOO_NARROW: ErrorKind.of(422, "image", "width", "height", "limit"),
    ErrorCode.BLACK_MASK: ErrorKind.of(422, "image"),
    ErrorCode.CLEAR_STYLE: ErrorKind.of(422, "image"),
    ErrorCode.NO_STYLE: ErrorKind.of(422),
    ErrorCode.TOO_MANY_STYLES: ErrorKind.of(422, "limit"),
    ErrorCode.UNKNOWN_STYLE: ErrorKind.of(422, "name"),
    ErrorCode.BAD_REQUEST: ErrorKind.of(400, "detail"),
    ErrorCode.TOO_SLOW: ErrorKind.of(400, "seconds"),
    ErrorCode.TOO_LARGE: ErrorKind.of(422, "recipe", "wanted", "size"),
    ErrorCode.TAKES_TOO_LONG: ErrorKind.of(422, "recipe", "seconds", "limit", "size"),
    ErrorCode.AUDITION_TOO_LONG: ErrorKind.of(422, "seconds", "limit", "styles"),
    ErrorCode.RECIPE_TOO_SLOW: ErrorKind.of(422, "recipe", "seconds", "limit", "other"),
    ErrorCode.ENGINE_TOO_SLOW: ErrorKind.of(422, "recipe", "seconds", "limit"),
    ErrorCode.BAD_TOKEN: ErrorKind.of(401),
    ErrorCode.NOT_FOUND: ErrorKind.of(404),
    ErrorCode.KEY_REUSED: ErrorKind.of(409),
    ErrorCode.QUEUE_FULL: ErrorKind.of(429, "waiting", "minutes"),
    ErrorCode.USER_QUEUE_FULL: ErrorKind.of(429, "waiting"),
    ErrorCode.GROUP_QUEUE_FULL: ErrorKind.of(429, "waiting"),
    ErrorCode.STORAGE_FULL: ErrorKind.of(507),
    ErrorCode.STORAGE_DAMAGED: ErrorKind.of(503),
    ErrorCode.NOT_READY: ErrorKind.of(503),
    ErrorCode.BUSY: ErrorKind.of(503, "seconds"),
    ErrorCode.DRAINING: ErrorKind.of(503),
    ErrorCode.NOT_PAINTED_YET: ErrorKind.of(409),
    ErrorCode.CONTENT_GONE: ErrorKind.of(410),
    ErrorCode.NO_RECIPE: ErrorKind.of(422),
    ErrorCode.BAD_RECIPE: ErrorKind.of(422),
    ErrorCode.WORKER_LOST: ErrorKind.of(500, "attempts"),
    ErrorCode.IMAGES_GONE: ErrorKind.of(500),
    ErrorCode.OUT_OF_MEMORY: ErrorKind.of(500),
    ErrorCode.BAD_WEIGHTS: ErrorKind.of(500, "path", "why"),
    ErrorCode.INTERNAL: ErrorKind.of(500),
}


BUSY_SECONDS = 5  # that a refusal BUSY says, whoever is busy


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A request that is turned down: `Refusal(ErrorCode.TOO_SMALL, image="content", width=8, height=8, limit=32)`.

    Raises TypeError at once, where the mistake is, if the facts are not those of the code.
    """

    def __init__(self, code: ErrorCode, **facts: Fact) -> None:
        if facts.keys() != ERRORS[code].facts:
            raise TypeError(f"{code} has the facts {sorted(ERRORS[code].facts)}, not {sorted(facts)}")
        self.code = code
        self.facts = facts
        super().__init__(f"{code}: {facts}" if facts else str(code))

    @property
    def status(self) -> int:
        """Of the HTTP answer."""
        return ERRORS[self.code].status
