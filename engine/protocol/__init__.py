"""The wire between bot and engine: the only package that both import.

It imports nothing of ours and no heavy library, so that the bot can load it without TensorFlow. Everything
the two sides must agree on is declared here once: `settings` (what can be set, its bounds and help), `limits`
(what an image may be), `errors` and `notes` (what can be said, as codes), `facts` (what goes with a code, and how a
sentence spells it), `routes` (what goes over HTTP), with its messages in `request`, `views`, `operation` and `events`, `plan` and
`provenance` (how a picture is, and was, painted), `crash_points` (where a test can end either), `censor` (what neither
says in its log), `request_ids` (by what the logs of both know what was asked), `private_files` (whose the files of either
are), `imported` (in what neither looks for garbage). Rule: no sentence for a member stands here but the settings' help.
"""

from engine.protocol.censor import Censor
from engine.protocol.config_file import CONFIG_TABLES, astray
from engine.protocol.crash_points import CrashPoint, reach
from engine.protocol.errors import BUSY_SECONDS, ERRORS, ErrorCode, Refusal
from engine.protocol.events import (
    Cancelled,
    Event,
    EventEnvelope,
    Failed,
    Finished,
    Preview,
    Queued,
    Started,
    parse_event,
)
from engine.protocol.facts import IMAGES, Fact, image_names, image_of, shown, spell
from engine.protocol.imported import staying
from engine.protocol.limits import (
    FORMAT_NAMES,
    IMAGE_FORMATS,
    MAX_ANIMATED_PIXELS,
    MAX_ANIMATED_SIDE,
    MAX_ANIMATION_BYTES,
    MAX_AUDITION,
    MAX_BODY_BYTES,
    MAX_COLLAGE,
    MAX_FRAME_PIXELS,
    MAX_FRAMES,
    MAX_HEAVY_PIXELS,
    MAX_IMAGE_BYTES,
    MAX_LEVELS,
    MAX_PAINTED_FRAMES,
    MAX_PARTS,
    MAX_PIXELS,
    MAX_RATIO,
    MAX_RESULT_BYTES,
    MAX_SHEET,
    MAX_SHEET_BYTES,
    MAX_SIDE,
    MAX_SNAPSHOTS,
    MAX_STYLES,
    MAX_TILE_BYTES,
    MAX_TIMELAPSE_BYTES,
    MEDIA_TYPES,
    MIN_LEVEL_SIDE,
    MIN_RENDITION_BYTES,
    MIN_SIDE,
    PRESETS,
    ImageFormat,
    PresetFacts,
    is_strip,
    least_side,
    most_bytes,
    sniff,
)
from engine.protocol.notes import NOTES, Note, NoteCode
from engine.protocol.operation import (
    Condition,
    Flow,
    FlowView,
    History,
    OpenJob,
    Overview,
    PastJob,
    Sample,
    Severity,
    Told,
    WorkerState,
    WorkerView,
)
from engine.protocol.plan import Audition, Level, Plan, Precision
from engine.protocol.private_files import keep_private, make_private, nearest, outlook
from engine.protocol.provenance import Arithmetic, Provenance
from engine.protocol.request import (
    TOO_MANY_STYLES,
    JobRequest,
    Owner,
    Settings,
    SheetTile,
    StyleChoice,
    StyleSheet,
    Tile,
    Wish,
)
from engine.protocol.request_ids import (
    REQUEST_HEADER,
    asked_as,
    new_request_id,
    request_id,
    sound_request_id,
)
from engine.protocol.routes import GROUP_HEADER, RENDITION_HEADER, USER_HEADER
from engine.protocol.settings import KNOBS, Colours, Knob, Preset, RecipeName, Start
from engine.protocol.views import (
    Backup,
    ErrorBody,
    JobState,
    JobView,
    Likeness,
    Outcome,
    PaintedOutcome,
    Places,
    Problem,
    QueueView,
    RecipeLimits,
    Rendition,
    StyleCard,
    StyleCredit,
    StyleList,
)
