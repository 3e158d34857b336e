"""A finished picture: the picture itself, how it was painted, and what can be pressed at it."""

import re
from collections.abc import Iterator

from bot.engine_client import Rendered
from bot.errors import Hindrance
from bot.storage.members import NOBODY
from bot.storage.tickets import Ticket
from bot.words import audition
from bot.words.errors import note_sentence
from bot.words.lineage import Lineage
from bot.words.lineage import line as lineage_line
from bot.words.post import Picture, Post, shortened
from bot.words.styles import in_style, plainly_in_style, subject
from engine.protocol import Finished

_FINISHED_FILE = re.compile(r"(?:atelier|moment-\d+)-([0-9a-f]{20})\.\w+$")

MORE_STYLE = "More style"
LESS_STYLE = "Less style"
AGAIN = "Again"
OTHER_STYLE = "Other style"
MORE = "More…"
LARGER = "Larger"
KEEP_COLOURS = "Keep my colours"
TIMELAPSE = "Time-lapse"
COMPARISON = "Before / after"
MOMENTS = "Earlier moment"
HOW = "How was this painted?"
COPY = "Send me a copy"
SHOW_IT = "Show it"
INTERRUPTED = "Your picture is ready, but I was interrupted just as I posted it. If you do not see it here, press the button."
POST_IT = "Post it here"
EMOJI = "As an emoji"
STICKER = "As a sticker"
AVATAR = "As an avatar"
BANNER = "As a banner"
SET_ICON = "Make it this server’s icon"
SET_BANNER = "Make it this server’s banner"
STYLE_MENU = "Another style"
PANEL = "What else I can do with this picture; only you see this."
PICK_STYLE = "Which painting shall it look like instead?"
PICK_FROM_SHEET = (
    "These are earlier moments of this picture. Pick one that you like better, and I post it here:"
)
NO_OTHER_STYLE = "I do not have the list of other paintings yet: please try again in a minute."
COPY_SENT = "I have sent you a copy in a direct message."
PICK_MOMENT = "A moment that you like better"
HINDRANCES = {
    Hindrance.LOCKED: "The thread is locked, so I could not post your picture there.",
    Hindrance.TOO_LARGE: "Discord says that your picture is too large for that channel.",
    Hindrance.EXPLICIT: "Discord’s filter for explicit content did not let me post your picture there.",
    Hindrance.BLOCKED_WORDS: "This server’s AutoMod did not let me post your picture there.",
    Hindrance.NOT_ALLOWED: "I may no longer post pictures where you asked for this one.",
    Hindrance.GONE: "The channel where you asked for this picture is gone.",
    Hindrance.CLOSED: "Your direct messages are closed to me.",
    Hindrance.AGE_RESTRICTED: (
        "Your picture is age-restricted, and the channel where you asked for it is not any more, so I do not post it there."
    ),
    Hindrance.REFUSED: "Discord did not take your picture where you asked for it.",
}

_TITLE_LIMIT = 100  # of a thread's name


def result(
    ticket: Ticket,
    finished: Finished,
    rendered: Rendered,
    lineage: Lineage,
    hindrance: Hindrance | None = None,
) -> Post:
    """The finished picture, for its owner; with a `hindrance` it is not where it was asked for."""
    lines = [
        HINDRANCES[hindrance] if hindrance is not None else "",
        f"<@{ticket.user_id}>, here it is{_how(ticket, finished)}.",
        "" if rendered.about.is_full_size else _smaller(rendered, finished),
        *(
            note_sentence(each, {image.part: image.name for image in ticket.images})
            for each in finished.notes
        ),
        *_to_choose(ticket, finished.moments, hindrance),
        lineage_line(lineage),
    ]
    return Post("\n".join(line for line in lines if line), picture(ticket, rendered.data, finished.moments))


def again(ticket: Ticket, rendered: Rendered, lineage: Lineage, moments: int = 0) -> Post:
    """A result that is shown once more; it rings for nobody. `moments` are those that are kept, or a sheet's pictures."""
    text = f"<@{ticket.user_id}>’s picture {in_style(ticket)}."
    lines = [text, *_to_choose(ticket, moments), lineage_line(lineage)]
    return Post("\n".join(line for line in lines if line), picture(ticket, rendered.data, moments))


def _to_choose(ticket: Ticket, tiles: int, hindrance: Hindrance | None = None) -> Iterator[str]:
    """What a sheet shows, and what to do with it."""
    if not ticket.request.audition:
        return
    has_menu = hindrance in (None, Hindrance.TOO_LARGE)
    yield audition.CHOOSE if has_menu else audition.no_menu(ticket)
    yield audition.legend(ticket, tiles)


def picture(ticket: Ticket, data: bytes, tiles: int = 0) -> Picture:
    """The file of a result; `tiles` are those of a sheet."""
    alt = f"{subject(ticket)}, painted {plainly_in_style(ticket)}"
    if ticket.request.audition:
        alt = f"{alt}. {audition.alt(ticket, tiles)}"
    return Picture(data, result_stem(ticket), alt, ticket.spoiler)


def _how(ticket: Ticket, finished: Finished) -> str:
    """What is painted in which style, after "here it is"."""
    early = ", stopped early," if finished.stopped_early else ""
    is_known = ticket.author_id not in (None, NOBODY, ticket.user_id)
    whose = f": <@{ticket.author_id}>’s picture" if is_known else ""
    return f"{whose}{early} {in_style(ticket)}"


def _smaller(rendered: Rendered, finished: Finished) -> str:
    width, height = rendered.about.width, rendered.about.height
    return (
        f"It was painted at {finished.width} × {finished.height} pixels, which is too large for Discord here, "
        f"so this one is smaller ({width} × {height})."
    )


def undelivered(hindrance: Hindrance | None, ticket: Ticket) -> str:
    """Why a finished picture was posted nowhere, and how it is had all the same."""
    why = HINDRANCES[hindrance or Hindrance.REFUSED]
    where = "in any age-restricted channel" if ticket.nsfw else "wherever you ask me"
    return f"{why} Your picture is kept: `/show picture:{ticket.id}` brings it to you, {where}."


def in_results(ticket: Ticket, url: str) -> Post:
    """What stands where a picture was asked for, once it is in the results channel."""
    return Post(f"<@{ticket.user_id}>, your picture {in_style(ticket)} is here: {url}")


def post_title(ticket: Ticket) -> str:
    """What a post in a forum of results is called."""
    title = f"{subject(ticket)}, {plainly_in_style(ticket)}"
    return shortened(title, _TITLE_LIMIT)


def thread_name(author: str, description: str | None) -> str:
    """What the thread under a picture is called."""
    return shortened(f"{description}, by {author}" if description else f"{author}’s picture", _TITLE_LIMIT)


def result_stem(ticket: Ticket) -> str:
    """What the file of a ticket's result is called, and no other file."""
    return f"atelier-{ticket.id}"


def snapshot_stem(ticket_id: str, n: int) -> str:
    """What the file of a snapshot is called, and no other file."""
    return f"moment-{n}-{ticket_id}"


def ticket_of(filename: str) -> str | None:
    """The id of the ticket whose finished picture, or a moment of it, a file of ours is; None if it is none."""
    found = _FINISHED_FILE.search(filename)
    return found[1] if found is not None else None


def timelapse(ticket: Ticket, data: bytes) -> Post:
    """How a picture was painted, as an animation."""
    alt = f"{subject(ticket)}, while it is painted {plainly_in_style(ticket)}"
    text = f"How <@{ticket.user_id}>’s picture {in_style(ticket)} was painted."
    return Post(text, Picture(data, f"time-lapse-{ticket.id}", alt, ticket.spoiler))


def comparison(ticket: Ticket, data: bytes) -> Post:
    """A picture beside what came of it."""
    alt = f"{subject(ticket)}, as it was, and painted {plainly_in_style(ticket)}"
    text = f"<@{ticket.user_id}>’s picture before and after, {in_style(ticket)}."
    return Post(text, Picture(data, f"before-after-{ticket.id}", alt, ticket.spoiler))


def moments(ticket: Ticket, data: bytes) -> Post:
    """All moments of a painting on one sheet, numbered."""
    alt = f"{subject(ticket)}, at several moments of its painting, numbered"
    return Post(PICK_FROM_SHEET, Picture(data, f"moments-{ticket.id}", alt, ticket.spoiler))


def snapshot(ticket: Ticket, n: int, data: bytes, picker_id: int) -> Post:
    """Snapshot `n` of a painting as a picture of its own, for the painting's owner."""
    text = f"<@{ticket.user_id}>, this is an earlier moment of your picture {in_style(ticket)}."
    picked = f"\n-# picked by <@{picker_id}>" if picker_id != ticket.user_id else ""
    alt = f"{subject(ticket)}, at an earlier moment of its painting {plainly_in_style(ticket)}"
    return Post(f"{text}{picked}", Picture(data, snapshot_stem(ticket.id, n), alt, ticket.spoiler))


def copy(ticket: Ticket, data: bytes) -> Post:
    """A copy for whoever wants one."""
    return Post(f"Here is your copy, {in_style(ticket)}.", picture(ticket, data))


def copy_here(post: Post) -> Post:
    """The same where it could not be sent directly."""
    return Post(f"Your direct messages are closed to me, so here it is.\n{post.text}", post.picture)


def posted(url: str) -> str:
    """Where something was posted."""
    return f"Posted: {url}"


def snapshot_there(url: str) -> str:
    """Where a snapshot of a painting is shown."""
    return f"That moment is here: {url}"


def snapshot_label(n: int) -> str:
    """A snapshot in the menu, by its number on the sheet."""
    return f"Number {n}"
