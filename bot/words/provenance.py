"""How a picture was painted, in plain words, and the `/stylize` that paints it again.

Rule: nothing is claimed to come again that does not; what the options cannot say is said beside them.
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.words.settings import particulars
from bot.words.styles import style_name
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
    lines = [
        f"Painted by Atelier {provenance.engine} in the style of {_styles(provenance, named)}.",
        f"- recipe **{settings.recipe}**, strength {settings.strength}, {width} × {height} px, seed {settings.seed}",
        *(f"- {each}" for each in particulars(settings)),
        f"- {provenance.evaluations_done} steps of painting",
        *_came_out(likeness),
        f"To make it again:\n```\n{_command(provenance, own)}\n```",
        *(f"-# {line}" for line in _not_repeated(provenance, own)),
    ]
    return "\n".join(lines)


def _came_out(likeness: Likeness | None) -> Iterator[str]:
    if likeness is not None:
        yield f"- {likeness.style_reached}% of the way to the style"
        kept = f"{likeness.content_kept}%" if likeness.content_kept else "hardly any"
        yield f"- {kept} of the picture's shapes kept"


def _styles(provenance: Provenance, named: dict[str, StyleCard]) -> str:
    share = sum(provenance.weights)
    texts = []
    for style, weight in zip(provenance.styles, provenance.weights, strict=True):
        known = style_name(named[style]) if style in named else f"“{style}”"
        text = "a style image" if style.startswith(FILE) and style not in named else known
        texts.append(f"{text} ({weight / share:.0%})" if len(provenance.styles) > 1 else text)
    return " and ".join(texts)


def _command(provenance: Provenance, own: Mapping[str, StyleCard]) -> str:
    settings = provenance.settings
    options = ["content:(the picture)"]
    options += [f"style:{own[style].title if style in own else style}" for style in _named(provenance, own)]
    options += [
        f"{option}:(the style image)"
        for option, _ in zip(_IMAGE_OPTIONS, _images(provenance, own), strict=False)
    ]
    if any(provenance.masks):
        options.append("mask:(the mask)")
    for name in _REPEATED:
        value = getattr(settings, name)
        if value != KNOBS[name].default:
            options.append(f"{name}:{value:g}" if isinstance(value, float) else f"{name}:{value}")
    if settings.preset is None:
        options.append(f"size:{settings.size or max(provenance.plan.result_size)}")
    return f"/stylize {' '.join(options)}"


def _not_repeated(provenance: Provenance, own: Mapping[str, StyleCard]) -> Iterator[str]:
    """What keeps the command from painting the same picture, one sentence each."""
    settings = provenance.settings
    if settings.start is Start.PREVIOUS:
        yield "It went on from an earlier result, so this only comes close: press the same button under that one instead."
    elif settings.start is Start.NOISE:
        yield "It began with noise, which `/stylize` never does, so this only comes close."
    if provenance.evaluations_done < provenance.plan.evaluations:
        yield "It is from before the painting was finished, and the command paints it to the end."
    if settings.budget is not None or settings.evaluations is not None:
        yield "Its time was limited in a way that `/stylize` does not offer."
    too_many = len(_named(provenance, own)) > 1 or len(_images(provenance, own)) > len(_IMAGE_OPTIONS)
    if too_many or len(set(provenance.weights)) > 1 or _is_masked_otherwise(provenance, own):
        yield "Its styles were mixed in a way that `/stylize` does not offer."


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
