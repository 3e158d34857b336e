"""What `/styles` shows: the paintings as pictures, a page at a time, and one of them large."""

from collections.abc import Iterator, Sequence

import discord

from bot.storage.museum import ServerStyleCard
from bot.words.catalogue import Phrase, say
from bot.words.paintings import artist_of, collection_of, title_of, year_of
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
        by, year = artist_of(style), year_of(style)
        if isinstance(style, ServerStyleCard):
            member = f"<@{style.author_id}>"
            yield say("exhibition-own-line", n=n, emoji=style.emoji, title=title_of(style), member=member)
        else:
            yield say("exhibition-line", n=n, emoji=style.emoji, title=title_of(style), artist=by, year=year)


def sheet(styles: Sequence[StyleCard], first: int, data: bytes) -> Picture:
    """The same as one picture."""
    named = ", ".join(
        say("exhibition-numbered", n=n, title=title_of(style), artist=artist_of(style))
        for n, style in enumerate(styles, first)
    )
    return Picture(data, f"paintings-{first}", say("exhibition-sheet", named=named), spoiler=False)


def look_choice(style: StyleCard, number: int, emoji: str) -> discord.SelectOption:
    """A painting in the menu beneath, by its number and an emoji."""
    return discord.SelectOption(
        label=shortened(f"{number}. {title_of(style)}", _OPTION_LIMIT),
        value=style.name,
        description=shortened(artist_of(style), _OPTION_LIMIT) or None,
        emoji=emoji,
    )


def one(style: StyleCard) -> str:
    """A painting by itself: whose it is, and why it is here for all to use."""
    if isinstance(style, ServerStyleCard):
        by = say("exhibition-by", member=f"<@{style.author_id}>")
        return f"{style.emoji} **{title_of(style)}**\n{by}\n-# {say('exhibition-of-member')}"
    lines = [f"{style.emoji} **{title_of(style)}**", f"{artist_of(style)}, {year_of(style)}"]
    credit = style.credit
    if credit is not None:
        died = credit.died.removeprefix("by ")
        is_known = died == credit.died
        lines.append(f"-# {say('exhibition-died' if is_known else 'exhibition-had-died', died=died)}")
        if not credit.collection.startswith(_UNVERIFIED):
            where = collection_of(style, credit.collection)
            lines.append(f"-# {say('exhibition-original', collection=where)}")
    return "\n".join(lines)


def study(style: StyleCard, data: bytes) -> Picture:
    """The study, large."""
    is_own = isinstance(style, ServerStyleCard)
    alt = say(
        "exhibition-picture" if is_own else "exhibition-study", title=title_of(style), artist=artist_of(style)
    )
    return Picture(data, style.name, alt, spoiler=False)
