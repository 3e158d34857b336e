"""How a picture was painted, in plain words, and the `/stylize` that paints it again.

Rule: nothing is claimed to come again that does not; what the options cannot say is said beside them.
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.words.catalogue import and_list, say
from bot.words.commands import command_name, option_name
from bot.words.settings import particulars
from bot.words.styles import quoted, style_name
from engine.protocol import KNOBS, Likeness, Provenance, Start, StyleCard

FILE = "sha256:"
_REPEATED = ("strength", "recipe", "colours", "style_scale", "preset", "seed")  # besides the size
_IMAGE_OPTIONS = ("style_image", "second_image")


def answer(
    provenance: Provenance,
    catalogue: Sequence[StyleCard],
    likeness: Likeness | None = None,
    own: Mapping[str, StyleCard] = {},
) -> str:
    """The answer to how a picture was painted: what it says of itself.

    `own` are the server's styles among its images, by what it calls these.
    """
    named = {style.name: style for style in catalogue} | dict(own)
    settings, (width, height) = provenance.settings, provenance.plan.result_size
    told = say(
        "provenance-settings",
        recipe=settings.recipe,
        strength=settings.strength,
        width=width,
        height=height,
        seed=settings.seed,
    )
    steps = say("provenance-steps", count=provenance.evaluations_done)
    lines = [
        say("provenance-painted", version=provenance.engine, styles=_styles(provenance, named)),
        *(f"- {each}" for each in (told, *particulars(settings), steps, *_came_out(likeness))),
        f"{say('provenance-again')}\n```\n{_command(provenance, own)}\n```",
        *(f"-# {line}" for line in _not_repeated(provenance, own)),
    ]
    return "\n".join(lines)


def _came_out(likeness: Likeness | None) -> Iterator[str]:
    if likeness is not None:
        yield say("provenance-style-reached", percent=likeness.style_reached)
        kept = likeness.content_kept
        yield say("provenance-content-kept", percent=kept) if kept else say("provenance-content-lost")


def _styles(provenance: Provenance, named: dict[str, StyleCard]) -> str:
    share = sum(provenance.weights)
    texts = []
    for style, weight in zip(provenance.styles, provenance.weights, strict=True):
        known = style_name(named[style]) if style in named else quoted(style)
        text = say("provenance-image") if style.startswith(FILE) and style not in named else known
        percent = f"{100 * weight / share:.0f}"
        is_one = len(provenance.styles) == 1
        texts.append(text if is_one else say("provenance-share", style=text, percent=percent))
    return and_list(texts)


def _command(provenance: Provenance, own: Mapping[str, StyleCard]) -> str:
    settings = provenance.settings
    options = [("content", f"({say('provenance-the-picture')})")]
    options += [("style", own[style].title if style in own else style) for style in _named(provenance, own)]
    image = f"({say('provenance-the-style-image')})"
    options += [(option, image) for option, _ in zip(_IMAGE_OPTIONS, _images(provenance, own), strict=False)]
    if any(provenance.masks):
        options.append(("mask", f"({say('provenance-the-mask')})"))
    for name in _REPEATED:
        value = getattr(settings, name)
        if value != KNOBS[name].default:
            options.append((name, f"{value:g}" if isinstance(value, float) else f"{value}"))
    if settings.preset is None:
        options.append(("size", f"{settings.size or max(provenance.plan.result_size)}"))
    named = (f"{option_name(name)}:{value}" for name, value in options)
    return f"/{command_name('stylize')} {' '.join(named)}"


def _not_repeated(provenance: Provenance, own: Mapping[str, StyleCard]) -> Iterator[str]:
    """What keeps the command from painting the same picture, one sentence each."""
    settings = provenance.settings
    if settings.start is Start.PREVIOUS:
        yield say("provenance-went-on")
    elif settings.start is Start.NOISE:
        yield say("provenance-from-noise")
    if provenance.evaluations_done < provenance.plan.evaluations:
        yield say("provenance-unfinished")
    if settings.budget is not None or settings.evaluations is not None:
        yield say("provenance-limited")
    too_many = len(_named(provenance, own)) > 1 or len(_images(provenance, own)) > len(_IMAGE_OPTIONS)
    if too_many or len(set(provenance.weights)) > 1 or _is_masked_otherwise(provenance, own):
        yield say("provenance-mixed")


def _is_masked_otherwise(provenance: Provenance, own: Mapping[str, StyleCard]) -> bool:
    """Whether any but the first style of the command has a mask."""
    first = [*_named(provenance, own), *_images(provenance, own)][0]
    masked = [
        style for style, mask in zip(provenance.styles, provenance.masks, strict=False) if mask is not None
    ]
    return bool(masked) and masked != [first]


def _named(provenance: Provenance, own: Mapping[str, StyleCard]) -> list[str]:
    """Its styles that can be named."""
    return [style for style in provenance.styles if style in own or not style.startswith(FILE)]


def _images(provenance: Provenance, own: Mapping[str, StyleCard]) -> list[str]:
    return [style for style in provenance.styles if style not in _named(provenance, own)]
