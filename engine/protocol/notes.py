"""What a member should know although the picture is painted: a stable code and one finished sentence.

A refusal turns a request down; a note goes along with the result.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class NoteCode(StrEnum):
    """Stable names; never renamed, only added to."""

    FLAT_STYLE = "flat_style"
    MASK_RESIZED = "mask_resized"
    SMALLER_FOR_MEMORY = "smaller_for_memory"
    FRAMES_THINNED = "frames_thinned"
    SMALLER_FOR_FRAMES = "smaller_for_frames"
    OVER_BYTES = "over_bytes"


NOTES: dict[NoteCode, str] = {
    NoteCode.FLAT_STYLE: "The style image has hardly any colour or structure, so there is little style to take.",
    NoteCode.MASK_RESIZED: "The mask had another shape than the picture ({width} x {height}) and was resized to it.",
    NoteCode.SMALLER_FOR_MEMORY: (
        "The engine has not enough memory for {wanted} pixels, so it is painted at {size}."
    ),
    NoteCode.FRAMES_THINNED: "The animation has {frames} frames, of which {painted} are painted.",
    NoteCode.SMALLER_FOR_FRAMES: "An animation is painted at {limit} pixels at most, and so is this one.",
    NoteCode.OVER_BYTES: "It could not be made smaller than {size} KB, and {preset} may have {limit} KB.",
}


class Note(BaseModel):
    """A note on the wire; `Note.of` words it, and a fact that the sentence needs raises KeyError if missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: NoteCode
    message: str

    @classmethod
    def of(cls, code: NoteCode, **facts: object) -> "Note":
        """Word a note."""
        return cls(code=code, message=NOTES[code].format_map(facts))
