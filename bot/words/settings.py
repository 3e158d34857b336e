"""What was set of a picture, in a few words."""

from collections.abc import Iterator

from engine.protocol import KNOBS, Colours, Preset, PresetFacts, Settings, Start

COLOURS = {
    Colours.PAINTED: "the style's colours",
    Colours.KEPT: "the picture's own colours",
    Colours.MATCHED: "the style's, made to suit the picture",
}


def preset_choice(preset: Preset, facts: PresetFacts) -> str:
    """What a preset makes of a picture."""
    return f"{preset}: {facts.width} × {facts.height} px, up to {facts.max_bytes // 2**10} KB"


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
