"""What crosses between the engine, its driver and the booths.

A frame is two lengths of four bytes, a head of JSON that is decoded strictly, and bytes that belong to it. Rule: the driver
passes on what it does not read, and nobody of ours unpickles. What is fetched is in pieces, so that nobody holds more than one.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from engine.workers.ipc import Batch, Equipment, Idle, Progress, Ready, RunReport, Stop, WorkerMessage
from engine.workers.subprocess import GROWN_BYTES, PROGRAM
from engine.workers.vigil import Patience

LOCAL = "local"  # in place of an address: a cluster of this machine alone
LENGTH_BYTES = 4
MAX_HEAD_BYTES = 2**20
# By way of Ray's object store, at some 100 MB/s on one machine; smaller ones cost as much each.
PIECE_BYTES = 2**20
MAX_PIECE_BYTES = 2 * PIECE_BYTES


class Message(BaseModel):
    """Base of everything that is said here and nowhere else."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Post(Message):
    """One worker in a cluster, as it is wanted: a booth with another one is replaced.

    program, patience, grown_bytes: of its `LocalWorker`. num_cpus, num_gpus, resources: what Ray is to keep for it.
    """

    version: str
    equipment: Equipment
    program: str = PROGRAM
    patience: Patience = Patience()
    grown_bytes: int = GROWN_BYTES
    num_cpus: float = 1.0
    num_gpus: int = 0
    resources: Mapping[str, float] = {}


# --- from the engine to a booth, which answers each -------------------------------------------------------


class Hello(Message):
    """The engine is still there."""

    type: Literal["hello"] = "hello"


class Put(Message):
    """The bytes are the next of a file of this name; it is there after the last."""

    type: Literal["put"] = "put"
    name: str
    is_last: bool


class Fetch(Message):
    """Give the bytes of this file from here on, PIECE_BYTES at most: less are its last."""

    type: Literal["fetch"] = "fetch"
    name: str
    offset: int = Field(ge=0)


class Fetched(Message):
    """This checkpoint is not needed any more; a newer one may be offered."""

    type: Literal["fetched"] = "fetched"
    name: str


class Clear(Message):
    """The batch is over, and its files are not needed any more."""

    type: Literal["clear"] = "clear"


class Leave(Message):
    """End the painter, which may leave checkpoints: they are offered before it is lost."""

    type: Literal["leave"] = "leave"


Demand = Annotated[Batch | Stop | Hello | Put | Fetch | Fetched | Clear | Leave, Field(discriminator="type")]
DEMANDS: TypeAdapter[Demand] = TypeAdapter(Demand)


# --- from a booth to the engine ---------------------------------------------------------------------------


class Here(Message):
    """The booth is there, whatever its painter is at. machine: what its machine is called."""

    type: Literal["here"] = "here"
    machine: str
    painter: int | None


class Kept(Message):
    """There is a checkpoint under this name; `of` is what the batch calls it."""

    type: Literal["kept"] = "kept"
    of: str
    name: str


class Lost(Message):
    """The painter is lost, as `WorkerLost` says."""

    type: Literal["lost"] = "lost"
    why: str
    of_its_work: bool


Word = Ready | RunReport | Idle | Here | Kept | Lost
WORDS: TypeAdapter[Word] = TypeAdapter(Annotated[Word, Field(discriminator="type")])


def kind(word: Word) -> tuple[object, ...]:
    """What is the same of two words if the later one makes the earlier one old."""
    match word:
        case RunReport():
            return RunReport, word.number, type(word.report)
        case Kept():
            return Kept, word.of
        case _:
            return (type(word),)


# --- between the engine and its driver --------------------------------------------------------------------


class DriverSettings(Message):
    """What a driver is started with.

    address: of the cluster, or "local". namespace: in which the booths are. holder: which engine it is for. num_cpus: what a
    cluster of this machine alone is to have.
    """

    address: str
    namespace: str
    holder: str
    num_cpus: float


class Hire(Message):
    """Find the booth of this number, or make it, and pass on what it says under this lease.

    fresh: whether a painter that is there already is to be replaced.
    """

    type: Literal["hire"] = "hire"
    worker: int
    lease: str
    fresh: bool
    post: Post


class Ask(Message):
    """The bytes are a demand, as long as the head says, and what belongs to it, for the booth under this lease."""

    type: Literal["ask"] = "ask"
    worker: int
    lease: str
    call: int
    demand_bytes: int = Field(ge=0)


class Dismiss(Message):
    """End the booth."""

    type: Literal["dismiss"] = "dismiss"
    worker: int
    lease: str
    call: int


Errand = Annotated[Hire | Ask | Dismiss, Field(discriminator="type")]
ERRANDS: TypeAdapter[Errand] = TypeAdapter(Errand)


class Up(Message):
    """The driver has its cluster; said again as a sign of life."""

    type: Literal["up"] = "up"


class NoCluster(Message):
    """The driver has found none, and ends; why: in a sentence of Ray's."""

    type: Literal["no cluster"] = "no cluster"
    why: str


class Said(Message):
    """The bytes are a word of the booth under this lease."""

    type: Literal["said"] = "said"
    worker: int
    lease: str


class Gone(Message):
    """The booth under this lease cannot be heard any more."""

    type: Literal["gone"] = "gone"
    worker: int
    lease: str
    why: str


class Answered(Message):
    """The bytes are the answer to a call."""

    type: Literal["answered"] = "answered"
    call: int


class Unanswered(Message):
    """A call has failed."""

    type: Literal["unanswered"] = "unanswered"
    call: int
    why: str


News = Annotated[Up | NoCluster | Said | Gone | Answered | Unanswered, Field(discriminator="type")]
NEWS: TypeAdapter[News] = TypeAdapter(News)


class Frame(NamedTuple):
    """A head as JSON and what belongs to it."""

    head: bytes
    data: bytes

    def packed(self) -> bytes:
        """As it crosses the pipe."""
        lengths = len(self.head).to_bytes(LENGTH_BYTES) + len(self.data).to_bytes(LENGTH_BYTES)
        return lengths + self.head + self.data


def frame(head: Message, data: bytes = b"") -> bytes:
    """A message as it crosses the pipe."""
    return Frame(head.model_dump_json().encode(), data).packed()


def dump(message: Message | WorkerMessage) -> bytes:
    """A demand or a word as JSON."""
    return message.model_dump_json().encode()


def packed_word(word: Word) -> bytes:
    """A word as a booth says it, with a preview as it is: one of 90 KB goes inline with Ray, which ends at 100 KiB."""
    preview = b""
    if isinstance(word, RunReport) and isinstance(word.report, Progress):
        preview, word = word.report.preview, _with_preview(word, word.report, b"")
    head = dump(word)
    return len(head).to_bytes(LENGTH_BYTES) + head + preview


def read_word(data: bytes) -> Word:
    """What was said. Raises ValueError."""
    end = LENGTH_BYTES + int.from_bytes(data[:LENGTH_BYTES])
    word = WORDS.validate_json(data[LENGTH_BYTES:end])
    if isinstance(word, RunReport) and isinstance(word.report, Progress):
        return _with_preview(word, word.report, data[end:])
    return word


def _with_preview(word: RunReport, progress: Progress, preview: bytes) -> RunReport:
    return word.model_copy(update={"report": progress.model_copy(update={"preview": preview})})
