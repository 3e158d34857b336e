"""What a member should know although the picture is painted: a stable code, and the facts of the case.

A refusal turns a request down; a note goes along with the result. Whoever shows one makes the sentence.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, model_validator

from engine.protocol.facts import Fact, StrictFact, strangers_facts


class NoteCode(StrEnum):
    """Stable names; never renamed, only added to."""

    FLAT_STYLE = "flat_style"
    MASK_RESIZED = "mask_resized"
    SMALLER_FOR_MEMORY = "smaller_for_memory"
    SHRUNK_FOR_MEMORY = "shrunk_for_memory"  # only when it came to be painted, and once
    FRAMES_THINNED = "frames_thinned"
    FIRST_FRAME = "first_frame"
    SMALLER_FOR_FRAMES = "smaller_for_frames"
    OVER_BYTES = "over_bytes"
    PAINTED_AFRESH = "painted_afresh"  # what was to be finished from a tile that cannot be gone on from


# The names of each note's facts; pixels of a long side, or bytes.
NOTES: dict[NoteCode, frozenset[str]] = {
    NoteCode.FLAT_STYLE: frozenset({"image"}),
    NoteCode.MASK_RESIZED: frozenset({"image", "width", "height"}),
    NoteCode.SMALLER_FOR_MEMORY: frozenset({"wanted", "size"}),
    NoteCode.SHRUNK_FOR_MEMORY: frozenset({"wanted", "size"}),
    NoteCode.FRAMES_THINNED: frozenset({"frames", "painted"}),
    NoteCode.FIRST_FRAME: frozenset({"frames"}),
    NoteCode.SMALLER_FOR_FRAMES: frozenset({"limit"}),
    NoteCode.OVER_BYTES: frozenset({"size", "preset", "limit"}),
    NoteCode.PAINTED_AFRESH: frozenset(),
}


class Note(BaseModel):
    """A note on the wire. Raises ValidationError if the facts are not those of the code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: NoteCode
    facts: dict[str, StrictFact] = {}

    @model_validator(mode="after")
    def _its_facts(self) -> "Note":
        if self.facts.keys() != NOTES[self.code]:
            raise ValueError(f"{self.code} has the facts {sorted(NOTES[self.code])}")
        for name in strangers_facts(self.facts):
            raise ValueError(f"the fact {name} is something else")
        return self

    def __hash__(self) -> int:
        """By code: equal notes are said once."""
        return hash(self.code)

    @classmethod
    def of(cls, code: NoteCode, **facts: Fact) -> "Note":
        """A note with these facts."""
        return cls(code=code, facts=facts)
