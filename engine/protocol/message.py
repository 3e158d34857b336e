"""What every message on the wire is made of: its base, and numbers that are numbers."""

from typing import Annotated

from pydantic import AllowInfNan, BaseModel, ConfigDict, Field, Strict

# Numbers are JSON numbers: no text that looks like one, no truth value, and nothing infinite.
Int = Annotated[int, Strict()]
Float = Annotated[float, Strict(), AllowInfNan(False)]
Bool = Annotated[bool, Strict()]


class Message(BaseModel):
    """Base of everything on the wire."""

    # What somebody has sent does not get into a log by a traceback.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Pixels = Annotated[Int, Field(ge=1, le=2**16)]  # of a side
Evaluations = Annotated[Int, Field(ge=0, le=10**9)]
