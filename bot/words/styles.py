"""Styles and pictures by the names that a member reads."""

from collections.abc import Sequence

from bot.storage.tickets import BundledStyle, Ticket
from engine.protocol import StyleCard


def style_name(style: StyleCard | BundledStyle) -> str:
    """A bundled style."""
    if not style.artist:  # of a former version's ticket whose sentence could not be read back
        return f"“{style.title}”"
    return f"“{style.title}” by {style.artist}, {style.year}"


def style_line(styles: Sequence[BundledStyle | None]) -> str:
    """The styles of a ticket; None is an attached image."""
    names = [style_name(style) for style in styles if style is not None]
    match len(styles) - len(names):
        case 0:
            return " and ".join(names)
        case 1:
            return " and ".join([*names, "the attached style image"])
        case n:
            return " and ".join([*names, f"the {n} attached style images"])


def styles_of(ticket: Ticket) -> str:
    """The styles of a ticket; of those that are tried out, how many."""
    count = len(ticket.styles)
    if ticket.request.audition and count > 1:
        return f"{count} styles"
    return style_line(ticket.styles)


def in_style(ticket: Ticket) -> str:
    """How a ticket is painted."""
    is_several = ticket.request.audition and len(ticket.styles) > 1
    return f"in {styles_of(ticket)}" if is_several else f"in the style of {styles_of(ticket)}"


def subject(ticket: Ticket) -> str:
    """What a ticket's picture shows, in its sender's words if there are any."""
    return ticket.description or "A member's picture"
