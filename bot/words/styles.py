"""Styles and pictures by the names that a member reads."""

from collections.abc import Callable, Sequence

from bot.storage.members import NOBODY
from bot.storage.museum import ServerStyleCard
from bot.storage.tickets import BundledStyle, Ticket
from bot.words.catalogue import and_list, say
from bot.words.paintings import artist_of, title_of, year_of
from engine.protocol import StyleCard


def quoted(name: str) -> str:
    """A name as the language quotes it."""
    return say("styles-quoted", name=name)


def style_name(style: StyleCard | BundledStyle) -> str:
    """A style that has a name; of one of the server's its author is mentioned, which rings for nobody."""
    if (author_id := _author(style)) is None:
        return plain_name(style)
    if author_id == NOBODY:
        return say("styles-of-somebody", title=style.title)
    return say("styles-of-member", title=style.title, author=f"<@{author_id}>")


def plain_name(style: StyleCard | BundledStyle) -> str:
    """The same where nothing is formatted and nobody can be mentioned."""
    if not style.artist:  # who wants to be named no more, or is of a former version's ticket
        return quoted(title_of(style))
    if not style.year:
        return say("styles-undated", title=title_of(style), artist=artist_of(style))
    return say("styles-name", title=title_of(style), artist=artist_of(style), year=year_of(style))


def _author(style: StyleCard | BundledStyle) -> int | None:
    return style.author_id if isinstance(style, ServerStyleCard | BundledStyle) else None


_Namer = Callable[[StyleCard | BundledStyle], str]


def style_line(
    styles: Sequence[BundledStyle | None], name: _Namer = style_name, attached: str = "styles-attached"
) -> str:
    """The styles of a ticket; None is an attached image, which is called as the sentence `attached` has it."""
    names = [name(style) for style in styles if style is not None]
    images = len(styles) - len(names)
    return and_list([*names, say(attached, count=images)] if images else names)


def styles_of(ticket: Ticket, name: _Namer = style_name) -> str:
    """The styles of a ticket; of those that are tried out, how many."""
    count = len(ticket.styles)
    if ticket.request.audition and count > 1:
        return say("styles-several", count=count)
    return style_line(ticket.styles, name)


def in_style(ticket: Ticket, name: _Namer = style_name) -> str:
    """How a ticket is painted."""
    count = len(ticket.styles)
    if ticket.request.audition and count > 1:
        return say("styles-in-several", count=count)
    return say("styles-in", styles=style_line(ticket.styles, name, "styles-of-attached"))


def plainly_in_style(ticket: Ticket) -> str:
    """The same for alternative texts, titles and menus."""
    return in_style(ticket, plain_name)


def subject(ticket: Ticket) -> str:
    """What a ticket's picture shows, in its sender's words if there are any."""
    return ticket.description or say("styles-subject")
