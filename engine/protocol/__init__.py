"""The wire between bot and engine: the only package that both import.

It imports nothing of ours and no heavy library, so that the bot can load it without TensorFlow. Everything
the two sides must agree on is declared here once: `knobs` (what can be set, its bounds and help), `limits`
(what an image may be), `refusals` (every error code and its sentence), `messages` (what goes over HTTP).
"""

from engine.protocol.knobs import KNOBS, Knob, RecipeName
from engine.protocol.limits import (
    IMAGE_FORMATS,
    MAX_BODY_BYTES,
    MAX_FRAMES,
    MAX_IMAGE_BYTES,
    MAX_PIXELS,
    MAX_STYLES,
    MIN_SIDE,
    ImageFormat,
    sniff,
)
from engine.protocol.messages import (
    Cancelled,
    ErrorBody,
    Event,
    EventEnvelope,
    Failed,
    Finished,
    Frame,
    JobRequest,
    JobState,
    JobView,
    Level,
    Owner,
    Plan,
    Queued,
    Started,
    StyleCard,
    StyleChoice,
    StyleList,
    parse_event,
)
from engine.protocol.refusals import SENTENCES, ErrorCode, Refusal

__all__ = [
    "IMAGE_FORMATS",
    "KNOBS",
    "MAX_BODY_BYTES",
    "MAX_FRAMES",
    "MAX_IMAGE_BYTES",
    "MAX_PIXELS",
    "MAX_STYLES",
    "MIN_SIDE",
    "SENTENCES",
    "Cancelled",
    "ErrorBody",
    "ErrorCode",
    "Event",
    "EventEnvelope",
    "Failed",
    "Finished",
    "Frame",
    "ImageFormat",
    "JobRequest",
    "JobState",
    "JobView",
    "Knob",
    "Level",
    "Owner",
    "Plan",
    "Queued",
    "RecipeName",
    "Refusal",
    "Started",
    "StyleCard",
    "StyleChoice",
    "StyleList",
    "parse_event",
    "sniff",
]
