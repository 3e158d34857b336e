"""Towards the engine: what shall be painted, for whom, and how a picture is to be sent."""

import base64
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from engine.protocol import limits, settings
from engine.protocol.message import Bool, Float, Int, Message

TOO_MANY_STYLES = "too_many_styles"  # the type of that error of a request; its limit goes with it


class Owner(Message):
    """Whose job it is; the queue is shared fairly by group, then by user. Opaque strings to the engine."""

    group: str = Field(max_length=40)
    user: str = Field(max_length=40)


Weight = Annotated[Float, Field(gt=0, le=100)]  # of a style in a mixture


class StyleChoice(Message):
    """One style: a bundled one by `name`, or an image sent along as multipart `part` "style-1"..."style-n"."""

    name: str | None = Field(default=None, max_length=64)
    part: str | None = Field(default=None, pattern=r"^style-([1-9]|1[0-9]|2[0-4])$")
    weight: Weight = 1.0
    mask: str | None = Field(default=None, pattern=r"^mask-[1-4]$")  # white is here, black is elsewhere

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


class Tile(Message):
    """One picture of an audition: its job, and its number on the sheet, counted from 1."""

    job: str = Field(pattern=r"^[0-9a-f]{32}$")
    number: Int = Field(ge=1, le=limits.MAX_AUDITION)


class JobRequest(Settings):
    """All that decides how the picture will look, besides the images themselves.

    audition: the styles are tried out one by one, small, on one sheet, and not mixed. tile: one of an audition, which
    this is to be finished from, in its one style and with its settings.
    """

    owner: Owner
    styles: tuple[StyleChoice, ...] = Field(min_length=1)
    audition: Bool = False
    tile: Tile | None = None

    @property
    def most_styles(self) -> int:
        """How many there may be."""
        return limits.MAX_AUDITION if self.audition else limits.MAX_STYLES

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if len(self.styles) > self.most_styles:
            raise PydanticCustomError(TOO_MANY_STYLES, "there are too many", {"limit": self.most_styles})
        if self.audition and self.tile:
            raise ValueError("an audition is not finished from a tile")
        if self.audition and any(style.mask for style in self.styles):
            raise ValueError("an audition has no masks: each style is tried out on the whole picture")
        if self.audition and (self.preset is not None or self.start is settings.Start.PREVIOUS):
            raise ValueError("an audition is for no purpose and goes on from no earlier result")
        if self.audition and self.recipe is settings.RecipeName.TUTORIAL:
            raise ValueError("an audition needs a recipe that begins small, which tutorial does not")
        if self.tile and len(self.styles) > 1:
            raise ValueError("a tile is finished in its one style")
        return self


class SheetTile(Message):
    """A style on a sheet: a bundled one by `name`, or an `image` that is sent along, in base64, each with its `title`.

    Without one, a bundled style is called as the catalogue has it.
    """

    name: str | None = Field(default=None, max_length=64)
    title: str = Field(default="", max_length=100)
    image: str | None = Field(default=None, max_length=limits.MAX_TILE_BYTES * 3 // 2)

    @model_validator(mode="after")
    def _one_source(self) -> "SheetTile":
        if (self.name is None) == (self.image is None):
            raise ValueError("a tile has either a name or an image")
        _ = self.data  # raises ValueError if it is no base64
        return self

    @property
    def data(self) -> bytes:
        """The image's bytes."""
        return base64.b64decode(self.image or "", validate=True)


class StyleSheet(Message):
    """Styles that are to be drawn on one sheet, with their titles, numbered from `first`."""

    first: Int = Field(default=1, ge=1, le=9999)
    tiles: tuple[SheetTile, ...] = Field(min_length=1, max_length=limits.MAX_SHEET)


class Wish(BaseModel):
    """How a picture is to be sent: the query of its address, where numbers are text.

    max_bytes: it is made to fit; max_side: pixels of its longer side at most; preset: what it is to be good for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_bytes: int | None = Field(default=None, ge=limits.MIN_RENDITION_BYTES, le=2**40)
    max_side: int | None = Field(default=None, ge=limits.MIN_SIDE, le=limits.MAX_SIDE)
    preset: settings.Preset | None = None
