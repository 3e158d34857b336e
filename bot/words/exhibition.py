"""What `/styles` shows: the paintings as pictures, a page at a time, and one of them large."""

from collections.abc import Iterator, Sequence

import discord

from bot.storage.museum import ServerStyleCard
from bot.words.catalogue import Phrase, say
from bot.words.post import Picture, shortened
from engine.protocol import StyleCard

NEXT, PREVIOUS = Phrase("exhibition-next"), Phrase("exhibition-previous")
BACK = Phrase("exhibition-back")
LOOK_AT = Phrase("exhibition-look-at")
PAINT_WITH = Phrase("exhibition-paint-with")
_OPTION_LIMIT = 100  # characters
_UNVERIFIED = "not verified"


def page(styles: Sequence[StyleCard], first: int, number: int, of: int) -> str:
    """A page of the paintings, one a line, numbered from `first` as on its picture."""
    return "\n".join((say("exhibition-page", number=number, of=of), *_lines(styles, first)))


def _lines(styles: Sequence[StyleCard], first: int) -> Iterator[str]:
    for n, style in enumerate(styles, first):
        by, year = style.artist, style.year
        if isinstance(style, ServerStyleCard):
            member = f"<@{style.author_id}>"
            yield say("exhibition-own-line", n=n, emoji=style.emoji, title=style.title, member=member)
        else:
            yield say("exhibition-line", n=n, emoji=style.emoji, title=style.title, artist=by, year=year)


def sheet(styles: Sequence[StyleCard], first: int, data: bytes) -> Picture:
    """The same as one picture."""
    named = ", ".join(
        say("exhibition-numbered", n=n, title=style.title, artist=style.artist)
        for n, style in enumerate(styles, first)
    )
    return Picture(data, f"paintings-{first}", say("exhibition-sheet", named=named), spoiler=False)


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
        by = say("exhibition-by", member=f"<@{style.author_id}>")
        return f"{style.emoji} **{style.title}**\n{by}\n-# {say('exhibition-of-member')}"
    lines = [f"{style.emoji} **{style.title}**", f"{style.artist}, {style.year}"]
    credit = style.credit
    if credit is not None:
        died = credit.died.removeprefix("by ")
        is_known = died == credit.died
        lines.append(f"-# {say('exhibition-died' if is_known else 'exhibition-had-died', died=died)}")
        if not credit.collection.startswith(_UNVERIFIED):
            lines.append(f"-# {say('exhibition-original', collection=credit.collection)}")
    return "\n".join(lines)


def study(style: StyleCard, data: bytes) -> Picture:
    """The study, large."""
    is_own = isinstance(style, ServerStyleCard)
    alt = say("exhibition-picture" if is_own else "exhibition-study", title=style.title, artist=style.artist)
    return Picture(data, style.name, alt, spoiler=False)
