"""What was set of a picture, in a few words."""

from collections.abc import Iterator

from discord.app_commands import locale_str

from bot.words.catalogue import Phrase, say
from engine.protocol import KNOBS, Colours, Preset, PresetFacts, RecipeName, Settings, Start

_CHOICE_LIMIT = 100  # characters
RECIPES = {
    RecipeName.DRAFT: Phrase("settings-recipe-draft"),
    RecipeName.STANDARD: Phrase("settings-recipe-standard"),
    RecipeName.FINE: Phrase("settings-recipe-fine"),
    RecipeName.TUTORIAL: Phrase("settings-recipe-tutorial"),
}

COLOURS = {
    Colours.PAINTED: Phrase("settings-colours-painted"),
    Colours.KEPT: Phrase("settings-colours-kept"),
    Colours.MATCHED: Phrase("settings-colours-matched"),
}


def preset_choice(preset: Preset, facts: PresetFacts) -> locale_str:
    """What a preset makes of a picture."""
    return Phrase("settings-preset").localised(
        preset=preset,
        width=facts.width,
        height=facts.height,
        kilobytes=facts.max_bytes // 2**10,
    )


def recipe_choice(recipe: RecipeName, seconds: float | None) -> str:
    """A recipe among the choices of an option, and how long a photo usually takes with it, if that is known."""
    what = RECIPES[recipe]()
    if seconds is None:
        return say("settings-recipe", recipe=recipe, what=what)[:_CHOICE_LIMIT]
    return say("settings-recipe-timed", recipe=recipe, what=what, time=duration(seconds))[:_CHOICE_LIMIT]


def duration(seconds: float) -> str:
    """How long something takes, as people say it: no more exactly than it can be known."""
    minutes = round(seconds / 60)
    if seconds < 45:
        return say("settings-seconds", count=max(5 * round(seconds / 5), 5))
    if minutes < 45:
        return say("settings-minutes", count=max(minutes, 1))
    return say("settings-hours", count=max(round(seconds / 3600), 1))


def size_choice(size: int) -> str:
    """A size among the choices of an option."""
    return say("settings-size", size=size)


def particulars(settings: Settings) -> Iterator[str]:
    """What was set besides recipe, strength, size and seed."""
    if settings.colours is not Colours.PAINTED:
        yield say("settings-with-colours", colours=settings.colours)
    if settings.style_scale != KNOBS["style_scale"].default:
        yield say("settings-with-strokes", scale=settings.style_scale)
    if settings.preset is not None:
        yield say("settings-as-preset", preset=settings.preset)
    if settings.start is Start.PREVIOUS:
        yield say("settings-from-earlier")
    elif settings.start is not Start.CONTENT:
        yield say("settings-from-noise")
