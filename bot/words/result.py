"""A finished picture: the picture itself, how it was painted, and what can be pressed at it."""

from math import ceil

from bot.place import Place
from bot.storage.tickets import Ticket
from bot.words.errors import note_sentence
from bot.words.post import Picture, Post
from bot.words.settings import order_particulars
from bot.words.styles import style_line, subject
from engine.protocol import Finished, Likeness

MORE_STYLE = "More style"
LESS_STYLE = "Less style"
AGAIN = "Again"
TIMELAPSE = "Time-lapse"
PICK_MOMENT = "A moment that you like better"


def result(ticket: Ticket, finished: Finished, data: bytes, note: str = "") -> Post:
    """The finished picture, for its owner; `note` is an extra line."""
    request, style = ticket.request, style_line(ticket.styles)
    parts = [
        str(request.recipe),
        f"{finished.width} × {finished.height} px",
        f"strength {request.strength}",
        *order_particulars(request),
        f"seed {request.seed}",
        f"{finished.seconds:.0f} s",
    ]
    if finished.stopped_early:
        parts.append("stopped early")
    lines = [
        f"<@{ticket.user_id}>, here it is in the style of {style}.",
        note,
        _likeness(finished.likeness),
        *(
            note_sentence(each, {image.part: image.name for image in ticket.images})
            for each in finished.notes
        ),
        f"-# {' · '.join(parts)}",
    ]
    alt = f"{subject(ticket)}, painted in the style of {style}"
    picture = Picture(data, result_stem(ticket), alt, ticket.spoiler)
    return Post("\n".join(line for line in lines if line), picture)


def result_stem(ticket: Ticket) -> str:
    """What the file of a ticket's result is called, and no other file."""
    return f"atelier-{ticket.id}"


def snapshot_stem(ticket: Ticket, n: int) -> str:
    """What the file of a snapshot is called, and no other file."""
    return f"moment-{n}-{ticket.id}"


def delivered_privately(post: Post) -> Post:
    """A result in a direct message instead of its channel."""
    return Post(
        f"I could not post this in the channel where you asked for it, so here it is.\n{post.text}",
        post.picture,
    )


def only_a_preview(size: int, limit: int, place: Place) -> str:
    """Why the full picture is not posted; both in bytes."""
    return f"The full picture has {_mega(size)} and {_takes(place, limit)}, so this is its last preview."


def too_large(size: int, limit: int, place: Place) -> str:
    """Why nothing is posted; both in bytes."""
    return f"The picture has {_mega(size)} and {_takes(place, limit)}: please try a smaller size."


def timelapse(ticket: Ticket, data: bytes) -> Post:
    """How a picture was painted, as an animation."""
    alt = f"{subject(ticket)}, while it is painted in the style of {style_line(ticket.styles)}"
    text = "How it was painted. Pick a moment that you like better, and I post it in the channel:"
    return Post(text, Picture(data, f"time-lapse-{ticket.id}", alt, ticket.spoiler))


def snapshot(ticket: Ticket, n: int, percent: int, data: bytes, picker_id: int) -> Post:
    """Snapshot `n` of a painting as a picture of its own, for the painting's owner."""
    style = style_line(ticket.styles)
    text = (
        f"<@{ticket.user_id}>, this is your picture {percent}% of the way through its painting, "
        f"in the style of {style}."
    )
    picked = f"\n-# picked by <@{picker_id}>" if picker_id != ticket.user_id else ""
    alt = f"{subject(ticket)}, {percent}% painted in the style of {style}"
    return Post(f"{text}{picked}", Picture(data, snapshot_stem(ticket, n), alt, ticket.spoiler))


def snapshot_there(url: str) -> str:
    """Where a snapshot of a painting is shown."""
    return f"That moment is in the channel: {url}"


def snapshot_label(percent: int) -> str:
    """A snapshot in the menu."""
    return f"{percent}%"


def _likeness(likeness: Likeness | None) -> str:
    if likeness is None:
        return ""
    return f"{likeness.style_reached}% of the style reached, {likeness.content_kept}% of the picture kept."


def _takes(place: Place, limit: int) -> str:
    where = "this server" if place.server_id is not None else "a direct message"
    return f"{where} takes {_mega(limit)}"


def _mega(size: int) -> str:
    return f"{ceil(10 * size / 2**20) / 10:g} MB"  # rounded up: never "10, and this server takes 10"
