"""Styles and pictures by the names that a member reads."""

from collections.abc import Callable, Sequence

from bot.storage.members import NOBODY
from bot.storage.museum import ServerStyleCard
from bot.storage.tickets import BundledStyle, Ticket
from engine.protocol import StyleCard


def style_name(style: StyleCard | BundledStyle) -> str:
    """A style that has a name; of one of the server's its author is mentioned, which rings for nobody."""
    if (author_id := _author(style)) is not None:
        return f"*{style.title}*" + (f" by <@{author_id}>" if author_id != NOBODY else "")
    return plain_name(style)


def plain_name(style: StyleCard | BundledStyle) -> str:
    """The same where nothing is formatted and nobody can be mentioned."""
    if not style.artist:  # who wants to be named no more, or is of a former version's ticket
        return f"“{style.title}”"
    return f"“{style.title}” by {style.artist}" + (f", {style.year}" if style.year else "")


def _author(style: StyleCard | BundledStyle) -> int | None:
    return style.author_id if isinstance(style, ServerStyleCard | BundledStyle) else None


_Namer = Callable[[StyleCard | BundledStyle], str]


def style_line(styles: Sequence[BundledStyle | None], name: _Namer = style_name) -> str:
    """The styles of a ticket; None is an attached image."""
    names = [name(style) for style in styles if style is not None]
    match len(styles) - len(names):
        case 0:
            return " and ".join(names)
        case 1:
            return " and ".join([*names, "the attached style image"])
        case n:
            return " and ".join([*names, f"the {n} attached style images"])


def styles_of(ticket: Ticket, name: _Namer = style_name) -> str:
    """The styles of a ticket; of those that are tried out, how many."""
    count = len(ticket.styles)
    if ticket.request.audition and count > 1:
        return f"{count} styles"
    return style_line(ticket.styles, name)


def in_style(ticket: Ticket, name: _Namer = style_name) -> str:
    """How a ticket is painted."""
    is_several = ticket.request.audition and len(ticket.styles) > 1
    styles = styles_of(ticket, name)
    return f"in {styles}" if is_several else f"in the style of {styles}"


def plainly_in_style(ticket: Ticket) -> str:
    """The same for alternative texts, titles and menus."""
    return in_style(ticket, plain_name)


def subject(ticket: Ticket) -> str:
    """What a ticket's picture shows, in its sender's words if there are any."""
    return ticket.description or "A member's picture"
