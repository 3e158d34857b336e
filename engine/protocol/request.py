"""Towards the engine: what shall be painted, for whom, and how a picture is to be sent."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.protocol import limits, settings
from engine.protocol.message import Float, Int, Message


class Owner(Message):
    """Whose job it is; the queue is shared fairly by group, then by user. Opaque strings to the engine."""

    group: str = Field(max_length=40)
    user: str = Field(max_length=40)


Weight = Annotated[Float, Field(gt=0, le=100)]  # of a style in a mixture


class StyleChoice(Message):
    """One style: a bundled one by `name`, or an image sent along as multipart `part` "style-1"..."style-n"."""

    name: str | None = Field(default=None, max_length=64)
    part: str | None = Field(default=None, pattern=r"^style-[1-9]$")
    weight: Weight = 1.0
    mask: str | None = Field(default=None, pattern=r"^mask-[1-9]$")  # white is here, black is elsewhere

    @model_validator(mode="after")
    def _one_source(self) -> "StyleChoice":
        if (self.name is None) == (self.part is None):
            raise ValueError("a style has either a name or a part")
        return self


def _number(knob: settings.Knob[Any]) -> Any:  # pydantic.Field is typed as Any
    return Field(default=knob.default, ge=knob.minimum, le=knob.maximum)


class Settings(Message):
    """The settings of a job; their bounds and defaults stand in `engine.protocol.settings`."""

    recipe: settings.RecipeName = settings.RECIPE.default
    size: Int | None = _number(settings.SIZE)
    strength: Int = _number(settings.STRENGTH)
    seed: Int = _number(settings.SEED)
    budget: Float | None = _number(settings.BUDGET)
    evaluations: Int | None = _number(settings.EVALUATIONS)
    colours: settings.Colours = settings.COLOURS.default
    style_scale: Float = _number(settings.STYLE_SCALE)
    start: settings.Start = settings.START.default
    preset: settings.Preset | None = settings.PRESET.default


class JobRequest(Settings):
    """All that decides how the picture will look, besides the images themselves."""

    owner: Owner
    styles: tuple[StyleChoice, ...] = Field(min_length=1, max_length=limits.MAX_STYLES)


class Wish(BaseModel):
    """How a picture is to be sent: the query of its address, where numbers are text.

    max_bytes: it is made to fit; max_side: pixels of its longer side at most; preset: what it is to be good for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_bytes: int | None = Field(default=None, ge=limits.MIN_RENDITION_BYTES, le=2**40)
    max_side: int | None = Field(default=None, ge=limits.MIN_SIDE, le=limits.MAX_SIDE)
    preset: settings.Preset | None = None
