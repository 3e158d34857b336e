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


def subject(ticket: Ticket) -> str:
    """What a ticket's picture shows, in its sender's words if there are any."""
    return ticket.description or "A member's picture"
