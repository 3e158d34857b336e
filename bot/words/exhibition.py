"""What `/styles` shows: the paintings as pictures, a page at a time, and one of them large."""

from collections.abc import Sequence

import discord

from bot.storage.museum import ServerStyleCard
from bot.words.post import Picture, shortened
from engine.protocol import StyleCard

NEXT, PREVIOUS, BACK = "Next", "Back", "All paintings"
LOOK_AT = "See one large"
PAINT_WITH = "Paint with this one"
_OPTION_LIMIT = 100  # characters
OF_MEMBER = "A member’s picture, with their consent, which they can take back at any time."
_UNVERIFIED = "not verified"


def page(styles: Sequence[StyleCard], first: int, number: int, of: int) -> str:
    """A page of the paintings, one a line, numbered from `first` as on its picture."""
    which = f" (page {number} of {of})" if of > 1 else ""
    head = f"The paintings that you can choose a style from{which}:"
    lines = [
        f"{n}. {style.emoji} **{style.title}**{_credited(style)}" for n, style in enumerate(styles, first)
    ]
    return "\n".join((head, *lines))


def sheet(styles: Sequence[StyleCard], first: int, data: bytes) -> Picture:
    """The same as one picture."""
    named = ", ".join(f"{n}: {style.title} by {style.artist}" for n, style in enumerate(styles, first))
    return Picture(data, f"paintings-{first}", f"Paintings, numbered. {named}", spoiler=False)


def look_choice(style: StyleCard, number: int, emoji: str) -> discord.SelectOption:
    """A painting in the menu beneath, by its number and an emoji."""
    return discord.SelectOption(
        label=shortened(f"{number}. {style.title}", _OPTION_LIMIT),
        value=style.name,
        description=shortened(style.artist, _OPTION_LIMIT) or None,
        emoji=emoji,
    )


def one(style: StyleCard) -> str:
    """A painting by itself: whose it is, and why it is here for all to use."""
    if isinstance(style, ServerStyleCard):
        return f"{style.emoji} **{style.title}**\nby <@{style.author_id}>\n-# {OF_MEMBER}"
    lines = [f"{style.emoji} **{style.title}**", f"{style.artist}, {style.year}"]
    credit = style.credit
    if credit is not None:
        died = credit.died.removeprefix("by ")
        when = f"had died by {died}" if credit.died.startswith("by ") else f"died in {died}"
        lines.append(f"-# In the public domain: the artist {when}. What you see is a study made from it.")
        if not credit.collection.startswith(_UNVERIFIED):
            lines.append(f"-# The original: {credit.collection}.")
    return "\n".join(lines)


def _credited(style: StyleCard) -> str:
    if isinstance(style, ServerStyleCard):
        return f", by <@{style.author_id}>"
    return f", {style.artist}, {style.year}"


def study(style: StyleCard, data: bytes) -> Picture:
    """The study, large."""
    return Picture(
        data,
        style.name,
        f"{'The picture' if isinstance(style, ServerStyleCard) else 'A study of'} {style.title} by {style.artist}",
        spoiler=False,
    )
