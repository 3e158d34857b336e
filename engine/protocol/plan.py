"""How a job is painted: its levels, their evaluations and its numbers, decided once and replayed exactly."""

from enum import StrEnum

from pydantic import Field

from engine.protocol import settings
from engine.protocol.limits import MAX_AUDITION
from engine.protocol.message import Evaluations, Float, Int, Message, Pixels
from engine.protocol.notes import Note


class Level(Message):
    """One pyramid level of a plan: its size in pixels and how many evaluations it may take."""

    width: Pixels
    height: Pixels
    evaluations: Evaluations


class Precision(StrEnum):
    """In what numbers the network is evaluated; losses and the optimiser are always float32.

    TENSORFLOAT32 is float32 whose products a GPU rounds to 10 bits before it multiplies them; a processor does not.
    """

    FLOAT32 = "float32"
    TENSORFLOAT32 = "tensorfloat32"
    BFLOAT16 = "bfloat16"

    @property
    def numbers(self) -> str:
        """What tensors hold, as TensorFlow calls it."""
        return "float32" if self is Precision.TENSORFLOAT32 else self.value


class Audition(Message):
    """Of a plan whose levels are painted once for each tile.

    finished: the plan of the whole picture in any one of the styles, of whose levels these are the first.
    """

    tiles: Int = Field(ge=1, le=MAX_AUDITION)
    finished: "Plan"


class Plan(Message):
    """How a job will be painted: decided once, stored with it, replayed exactly with the same seed."""

    recipe: settings.RecipeName
    levels: tuple[Level, ...] = Field(min_length=1)
    seconds: Float = Field(ge=0)  # estimated from the engine's measured speed
    width: Pixels | None = None  # of the result; without it, those of the last level
    height: Pixels | None = None
    precision: Precision = Precision.FLOAT32
    # Of an animation; each after the first starts from the one before, at the last level.
    frames: Int = Field(default=1, ge=1)
    frame_evaluations: Evaluations = 0  # for each of these
    notes: tuple[Note, ...] = ()
    audition: Audition | None = None  # width and height are a tile's then, and seconds those of all

    @property
    def tile(self) -> "Plan":
        """How one tile of an audition is painted."""
        tiles = self.audition.tiles if self.audition else 1
        return self.model_copy(update={"audition": None, "seconds": self.seconds / tiles, "notes": ()})

    @property
    def result_size(self) -> tuple[int, int]:
        """(width, height) of the result."""
        last = self.levels[-1]
        return self.width or last.width, self.height or last.height

    @property
    def evaluations(self) -> int:
        """Of all levels and frames, and of all tiles of an audition."""
        first = sum(level.evaluations for level in self.levels)
        tiles = self.audition.tiles if self.audition else 1
        return tiles * first + (self.frames - 1) * self.frame_evaluations

    @property
    def batch_key(self) -> tuple[object, ...]:
        """Plans that share it can be painted in one batch, if `engine.planning.batching` says so of the jobs."""
        return self.recipe, self.levels, self.precision, self.frames
