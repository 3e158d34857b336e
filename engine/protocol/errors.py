"""Every way to say no: a stable code, one finished sentence fit for a member, and an HTTP status.

Both sides raise `Refusal`; the engine sends it as `ErrorBody`, the bot shows its sentence as it is.
"""

import math
from enum import StrEnum


class ErrorCode(StrEnum):
    """Stable names; never renamed, only added to."""

    NOT_AN_IMAGE = "not_an_image"
    BROKEN_IMAGE = "broken_image"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_FRAMES = "too_many_frames"
    TOO_SMALL = "too_small"
    NO_STYLE = "no_style"
    TOO_MANY_STYLES = "too_many_styles"
    UNKNOWN_STYLE = "unknown_style"
    BAD_REQUEST = "bad_request"
    BAD_TOKEN = "bad_token"  # noqa: S105 - the name of an error, not a secret
    NOT_FOUND = "not_found"
    KEY_REUSED = "key_reused"
    QUEUE_FULL = "queue_full"
    USER_QUEUE_FULL = "user_queue_full"
    GUILD_QUEUE_FULL = "guild_queue_full"
    STORAGE_FULL = "storage_full"
    NOT_READY = "not_ready"
    NOT_PAINTED_YET = "not_painted_yet"
    NO_RECIPE = "no_recipe"
    WORKER_LOST = "worker_lost"
    OUT_OF_MEMORY = "out_of_memory"
    BAD_WEIGHTS = "bad_weights"
    INTERNAL = "internal"


# code: (HTTP status, sentence). `{what}` names the image ("picture", "style image", "mask" or "earlier result"),
# or the "request" with all of them.
SENTENCES: dict[ErrorCode, tuple[int, str]] = {
    ErrorCode.NOT_AN_IMAGE: (415, "The {what} is not an image I can read: send {formats}."),
    ErrorCode.BROKEN_IMAGE: (
        422,
        "The {what} is damaged and cannot be decoded: please save it again and resend.",
    ),
    ErrorCode.TOO_MANY_BYTES: (413, "The {what} is {size} MB large, and the limit is {limit} MB."),
    ErrorCode.TOO_MANY_PIXELS: (
        413,
        "The {what} has {width} x {height} pixels, and the limit is {limit} megapixels: please scale it down.",
    ),
    ErrorCode.TOO_MANY_FRAMES: (
        413,
        "The {what} is an animation of {frames} frames, and the limit is {limit}.",
    ),
    ErrorCode.TOO_SMALL: (
        422,
        "The {what} has {width} x {height} pixels, and each side needs at least {limit}.",
    ),
    ErrorCode.NO_STYLE: (422, "Choose a style: attach a style image or pick one of the paintings."),
    ErrorCode.TOO_MANY_STYLES: (422, "At most {limit} styles can be mixed in one picture."),
    ErrorCode.UNKNOWN_STYLE: (422, "There is no style called “{name}” here."),
    ErrorCode.BAD_REQUEST: (400, "The request is not valid: {detail}."),
    ErrorCode.BAD_TOKEN: (
        401,
        "The engine does not accept this bot's token: its owner needs to check the configuration.",
    ),
    ErrorCode.NOT_FOUND: (404, "There is nothing by that name here (any more)."),
    ErrorCode.KEY_REUSED: (409, "This request was already sent with other contents."),
    ErrorCode.QUEUE_FULL: (
        429,
        "The queue is full with {waiting} in it: please try again in about {minutes} min.",
    ),
    ErrorCode.USER_QUEUE_FULL: (
        429,
        "You already have {waiting} in the queue: please wait for one of your pictures to finish.",
    ),
    ErrorCode.GUILD_QUEUE_FULL: (
        429,
        "This server already has {waiting} in the queue: please wait for one of its pictures to finish.",
    ),
    ErrorCode.STORAGE_FULL: (
        507,
        "The engine's disk is full, so no new pictures can be taken at the moment.",
    ),
    ErrorCode.NOT_READY: (503, "The engine is still starting: please try again in a moment."),
    ErrorCode.NOT_PAINTED_YET: (409, "This picture is not painted yet."),
    ErrorCode.NO_RECIPE: (
        422,
        "This picture does not say how it was made: it was not painted here, or something has removed its recipe.",
    ),
    ErrorCode.WORKER_LOST: (
        500,
        "The painting failed {attempts} times, so it was given up: please try another picture or size.",
    ),
    ErrorCode.OUT_OF_MEMORY: (
        500,
        "The picture needs more memory than the engine has: please try a smaller size.",
    ),
    ErrorCode.BAD_WEIGHTS: (
        500,
        "The weights file {path} is not readable as VGG-19 without its classifier, in Keras' .h5 format: {why}.",
    ),
    ErrorCode.INTERNAL: (500, "Something went wrong in the engine; the details are in its log."),
}


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A request that is turned down, with the sentence that its sender may read.

    `Refusal(ErrorCode.TOO_SMALL, what="picture", width=8, height=8, limit=32)`; a fact that the sentence
    needs and that is not given raises KeyError at once, where the mistake is.
    """

    def __init__(self, code: ErrorCode, **facts: object) -> None:
        status, template = SENTENCES[code]
        self.code = code
        self.status = status
        self.sentence = template.format_map(facts)
        super().__init__(self.sentence)

    @classmethod
    def too_many_bytes(cls, what: str, size: int, limit: int) -> "Refusal":
        """What is `size` bytes large, and may have `limit`: rounded up, so never "20.0, and the limit is 20"."""
        megabytes = math.ceil(10 * size / 2**20) / 10
        return cls(ErrorCode.TOO_MANY_BYTES, what=what, size=megabytes, limit=limit // 2**20)

    @classmethod
    def from_wire(cls, code: ErrorCode, sentence: str) -> "Refusal":
        """Rebuild a refusal that the engine has already put into words."""
        refusal = cls.__new__(cls)
        Exception.__init__(refusal, sentence)
        refusal.code, refusal.sentence, refusal.status = code, sentence, SENTENCES[code][0]
        return refusal
