"""How a result was painted, from the text inside: told to a reader, compared with what is given, and turned into files again."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from engine.cli.arguments import HASHED, StyleFile, hash_of
from engine.protocol import Arithmetic, Provenance, Start
from engine.styles import catalogue


def lines_of(provenance: Provenance) -> list[str]:
    """It as somebody may want to read it."""
    return [f"{name:<12} {value}" for name, value in (*_sources(provenance), *_work(provenance))]


def _asks_for(wanted: int, given: int) -> str:
    """Which style images have to be named."""
    named = "none is named" if not given else "1 is named" if given == 1 else f"{given} are named"
    match wanted:
        case 0:
            return f"it was painted in bundled styles only, so name no style image: {named}"
        case 1:
            return f"it was painted with a style image that is not bundled, so name its file: {named}"
        case _:
            return (
                f"it was painted with {wanted} style images that are not bundled, so name their files, "
                f"in the order in which they were used: {named}"
            )


def styles_of(provenance: Provenance, given: Sequence[Path]) -> list[StyleFile]:
    """The styles: the bundled ones, and for the others the files that are given, in their order.

    Raises Refusal UNKNOWN_STYLE, and typer.BadParameter if there are more or fewer than there were.
    """
    wanted = sum(name.startswith(HASHED) for name in provenance.styles)
    if len(given) != wanted:
        raise typer.BadParameter(_asks_for(wanted, len(given)), param_hint="STYLE")
    files = iter(given)
    return [
        StyleFile(path := next(files), hash_of(path), weight)
        if name.startswith(HASHED)
        else StyleFile(catalogue.image_path(name), name, weight)
        for name, weight in zip(provenance.styles, provenance.weights, strict=True)
    ]


def differences(provenance: Provenance, now: Provenance, image: Path) -> Iterator[str]:
    """Sentences on what keeps a painting by `now` from being IMAGE, whose own is `provenance`."""
    if now.engine != provenance.engine:
        yield f"{image} was painted by version {provenance.engine}, and this is {now.engine}: it may look different."
    pairs = [(f"The picture is not the one that {image} was painted from", provenance.content, now.content)]
    for number, (style, given) in enumerate(zip(provenance.styles, now.styles, strict=True), 1):
        pairs.append((f"Style {number} is not the one that {image} was painted with", style, given))
    for number, (mask, given_mask) in enumerate(_masks(provenance, now), 1):
        if mask and given_mask:
            pairs.append((f"The mask of style {number} is not that of {image}", mask, given_mask))
    if provenance.previous and now.previous:
        sentence = f"The earlier result is not the one that {image} went on from"
        pairs.append((sentence, provenance.previous, now.previous))
    for sentence, source, given in pairs:
        if given != source:
            yield f"{sentence}, so it will look different."


def rounding(provenance: Provenance, here: Arithmetic, image: Path) -> str | None:
    """A sentence on what makes the last bits differ from those of IMAGE, if painted `here`; older ones tell nothing."""
    there = provenance.arithmetic
    if there is None or not (there.gpu or here.gpu):
        return None
    if there.gpu != here.gpu:
        devices = "a GPU, and this is a processor" if there.gpu else "a processor, and this is a GPU"
        return f"{image} was painted on {devices}: it will look nearly the same, not exactly."
    if there.deterministic and here.deterministic:
        return None
    return f"{image} was painted on a GPU that was not asked to repeat itself: it will look nearly the same, not exactly."


def check_parts(provenance: Provenance, now: Provenance, image: Path) -> None:
    """Raise typer.BadParameter for a mask or an earlier result that is missing or too many."""
    for number, (mask, given) in enumerate(_masks(provenance, now), 1):
        if mask and not given:
            reason = f"style {number} of {image} has a mask: give it as {number}=FILE"
            raise typer.BadParameter(reason, param_hint="--mask")
        if given and not mask:
            raise typer.BadParameter(f"style {number} of {image} has none", param_hint="--mask")
    goes_on = provenance.settings.start is Start.PREVIOUS
    if goes_on and now.previous is None:
        reason = f"{image} went on from an earlier result: give that"
        raise typer.BadParameter(reason, param_hint="--previous")
    if now.previous is not None and not goes_on:
        raise typer.BadParameter(f"{image} did not go on from an earlier result", param_hint="--previous")


def _masks(*provenances: Provenance) -> Iterator[tuple[str | None, ...]]:
    """The masks of each style, one of each provenance."""
    return zip(
        *(provenance.masks or (None,) * len(provenance.styles) for provenance in provenances), strict=True
    )


def _sources(provenance: Provenance) -> Iterator[tuple[str, str]]:
    yield "engine", provenance.engine
    yield "picture", provenance.content
    for name, weight, (mask,) in zip(provenance.styles, provenance.weights, _masks(provenance), strict=True):
        yield "style", f"{name}, weight {weight:g}" + (f", where {mask} is white" if mask else "")
    if provenance.previous:
        yield "previous", provenance.previous
    if provenance.network:
        yield "network", provenance.network
    if (arithmetic := provenance.arithmetic) is not None and arithmetic.gpu:
        yield "device", "a GPU that repeats itself" if arithmetic.deterministic else "a GPU"


def _work(provenance: Provenance) -> Iterator[tuple[str, str]]:
    plan = provenance.plan
    for knob, value in provenance.settings:
        if value is not None:
            yield knob, str(value)
    for level in plan.levels:
        yield "level", f"{level.width} x {level.height}, {level.evaluations} evaluations"
    if plan.frames > 1:
        yield "frames", f"{plan.frames}, {plan.frame_evaluations} evaluations for each after the first"
    width, height = plan.result_size
    yield "result", f"{width} x {height} pixels, painted in {plan.precision}"
    yield "done", f"{provenance.evaluations_done} evaluations"
