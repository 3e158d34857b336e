"""What was set of a picture, in a few words."""

from collections.abc import Iterator

from engine.protocol import KNOBS, Colours, Preset, PresetFacts, RecipeName, Settings, Start

_CHOICE_LIMIT = 100  # characters
RECIPES = {
    RecipeName.DRAFT: "a quick look",
    RecipeName.STANDARD: "the usual",
    RecipeName.FINE: "slow, but the best",
    RecipeName.TUTORIAL: "the 2018 classic",
}

COLOURS = {
    Colours.PAINTED: "the style's colours",
    Colours.KEPT: "the picture's own colours",
    Colours.MATCHED: "the style's, made to suit the picture",
}


def preset_choice(preset: Preset, facts: PresetFacts) -> str:
    """What a preset makes of a picture."""
    return f"{preset}: {facts.width} × {facts.height} px, up to {facts.max_bytes // 2**10} KB"


def recipe_choice(recipe: RecipeName, seconds: float | None) -> str:
    """A recipe among the choices of an option, and how long a photo usually takes with it, if that is known."""
    how_long = f", {duration(seconds)}" if seconds is not None else ""
    return f"{recipe}: {RECIPES[recipe]}{how_long}"[:_CHOICE_LIMIT]


def duration(seconds: float) -> str:
    """How long something takes, as people say it: no more exactly than it can be known."""
    minutes = round(seconds / 60)
    if seconds < 45:
        return f"about {max(5 * round(seconds / 5), 5)} seconds"
    if minutes < 45:
        return "about a minute" if minutes <= 1 else f"about {minutes} minutes"
    hours = round(seconds / 3600)
    return "about an hour" if hours <= 1 else f"about {hours} hours"


def size_choice(size: int) -> str:
    """A size among the choices of an option."""
    return f"{size} px"


def particulars(settings: Settings) -> Iterator[str]:
    """What was set besides recipe, strength, size and seed."""
    if settings.colours is not Colours.PAINTED:
        yield f"colours {settings.colours}"
    if settings.style_scale != KNOBS["style_scale"].default:
        yield f"strokes × {settings.style_scale:g}"
    if settings.preset is not None:
        yield f"as {settings.preset}"
    if settings.start is not Start.CONTENT:
        yield "from an earlier result" if settings.start is Start.PREVIOUS else "from noise"
