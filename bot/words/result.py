"""A finished picture: the picture itself, how it was painted, and what can be pressed at it."""

import re
from collections.abc import Iterator

from bot.engine_client import Rendered
from bot.errors import Hindrance
from bot.storage.members import NOBODY
from bot.storage.tickets import Ticket
from bot.words import audition
from bot.words.catalogue import Phrase, say
from bot.words.errors import note_sentence
from bot.words.lineage import Lineage
from bot.words.lineage import line as lineage_line
from bot.words.post import Picture, Post, shortened
from bot.words.styles import in_style, plainly_in_style, subject
from engine.protocol import Finished

_FINISHED_FILE = re.compile(r"(?:atelier|moment-\d+)-([0-9a-f]{20})\.\w+$")

MORE_STYLE = Phrase("result-more-style")
LESS_STYLE = Phrase("result-less-style")
AGAIN = Phrase("result-again")
OTHER_STYLE = Phrase("result-other-style")
MORE = Phrase("result-more")
LARGER = Phrase("result-larger")
KEEP_COLOURS = Phrase("result-keep-colours")
TIMELAPSE = Phrase("result-timelapse")
COMPARISON = Phrase("result-comparison")
MOMENTS = Phrase("result-moments")
HOW = Phrase("result-how")
COPY = Phrase("result-copy")
SHOW_IT = Phrase("result-show-it")
INTERRUPTED = Phrase("result-interrupted")
POST_IT = Phrase("result-post-it")
EMOJI = Phrase("result-emoji")
STICKER = Phrase("result-sticker")
AVATAR = Phrase("result-avatar")
BANNER = Phrase("result-banner")
SET_ICON = Phrase("result-set-icon")
SET_BANNER = Phrase("result-set-banner")
STYLE_MENU = Phrase("result-style-menu")
PANEL = Phrase("result-panel")
PICK_STYLE = Phrase("result-pick-style")
PICK_FROM_SHEET = Phrase("result-pick-from-sheet")
NO_OTHER_STYLE = Phrase("result-no-other-style")
COPY_SENT = Phrase("result-copy-sent")
PICK_MOMENT = Phrase("result-pick-moment")
HINDRANCES = {
    Hindrance.LOCKED: Phrase("result-locked"),
    Hindrance.TOO_LARGE: Phrase("result-too-large"),
    Hindrance.EXPLICIT: Phrase("result-explicit"),
    Hindrance.BLOCKED_WORDS: Phrase("result-blocked-words"),
    Hindrance.NOT_ALLOWED: Phrase("result-not-allowed"),
    Hindrance.GONE: Phrase("result-gone"),
    Hindrance.CLOSED: Phrase("result-closed"),
    Hindrance.TOO_LATE: Phrase("result-too-late"),
    Hindrance.AGE_RESTRICTED: Phrase("result-age-restricted"),
    Hindrance.REFUSED: Phrase("result-refused"),
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
        HINDRANCES[hindrance]() if hindrance is not None else "",
        _here_it_is(ticket, finished),
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
    text = say("result-once-more", **_of(ticket))
    lines = [text, *_to_choose(ticket, moments), lineage_line(lineage)]
    return Post("\n".join(line for line in lines if line), picture(ticket, rendered.data, moments))


def _to_choose(ticket: Ticket, tiles: int, hindrance: Hindrance | None = None) -> Iterator[str]:
    """What a sheet shows, and what to do with it."""
    if not ticket.request.audition:
        return
    has_menu = hindrance in (None, Hindrance.TOO_LARGE)
    yield audition.CHOOSE() if has_menu else audition.no_menu(ticket)
    yield audition.legend(ticket, tiles)


def picture(ticket: Ticket, data: bytes, tiles: int = 0) -> Picture:
    """The file of a result; `tiles` are those of a sheet."""
    alt = say("result-alt", **_alt_of(ticket))
    if ticket.request.audition:
        alt = say("result-alt-sheet", numbered=audition.alt(ticket, tiles), **_alt_of(ticket))
    return Picture(data, result_stem(ticket), alt, ticket.spoiler)


def _of(ticket: Ticket) -> dict[str, str]:
    """What most sentences say of a ticket: whose it is, and how it is painted."""
    return {"member": f"<@{ticket.user_id}>", "how": in_style(ticket)}


def _alt_of(ticket: Ticket) -> dict[str, str]:
    """What those say who cannot see it: what it shows, and how it is painted."""
    return {"subject": subject(ticket), "how": plainly_in_style(ticket)}


def _here_it_is(ticket: Ticket, finished: Finished) -> str:
    is_anothers = ticket.author_id not in (None, NOBODY, ticket.user_id)
    return say(
        "result-here",
        whose="another" if is_anothers else "theirs",
        early="stopped" if finished.stopped_early else "no",
        author=f"<@{ticket.author_id}>",
        **_of(ticket),
    )


def _smaller(rendered: Rendered, finished: Finished) -> str:
    return say(
        "result-smaller",
        width=finished.width,
        height=finished.height,
        shown_width=rendered.about.width,
        shown_height=rendered.about.height,
    )


def undelivered(hindrance: Hindrance | None, ticket: Ticket) -> str:
    """Why a finished picture was posted nowhere, and how it is had all the same."""
    why = HINDRANCES[hindrance or Hindrance.REFUSED]
    kept = say("result-kept-restricted" if ticket.nsfw else "result-kept", ticket=ticket.id)
    return f"{why()} {kept}"


def in_results(ticket: Ticket, url: str) -> Post:
    """What stands where a picture was asked for, once it is in the results channel."""
    return Post(say("result-in-results", url=url, **_of(ticket)))


def post_title(ticket: Ticket) -> str:
    """What a post in a forum of results is called."""
    return shortened(say("result-post-title", **_alt_of(ticket)), _TITLE_LIMIT)


def thread_name(author: str, description: str | None) -> str:
    """What the thread under a picture is called."""
    if description:
        return shortened(say("result-thread-described", description=description, author=author), _TITLE_LIMIT)
    return shortened(say("result-thread", author=author), _TITLE_LIMIT)


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
    alt, text = say("result-timelapse-alt", **_alt_of(ticket)), say("result-timelapse-text", **_of(ticket))
    return Post(text, Picture(data, f"time-lapse-{ticket.id}", alt, ticket.spoiler))


def comparison(ticket: Ticket, data: bytes) -> Post:
    """A picture beside what came of it."""
    alt, text = say("result-comparison-alt", **_alt_of(ticket)), say("result-comparison-text", **_of(ticket))
    return Post(text, Picture(data, f"before-after-{ticket.id}", alt, ticket.spoiler))


def moments(ticket: Ticket, data: bytes) -> Post:
    """All moments of a painting on one sheet, numbered."""
    alt = say("result-moments-alt", **_alt_of(ticket))
    return Post(PICK_FROM_SHEET(), Picture(data, f"moments-{ticket.id}", alt, ticket.spoiler))


def snapshot(ticket: Ticket, n: int, data: bytes, picker_id: int) -> Post:
    """Snapshot `n` of a painting as a picture of its own, for the painting's owner."""
    lines = [say("result-moment", **_of(ticket))]
    if picker_id != ticket.user_id:
        lines.append(say("result-moment-picked", picker=f"<@{picker_id}>"))
    alt = say("result-moment-alt", **_alt_of(ticket))
    return Post("\n".join(lines), Picture(data, snapshot_stem(ticket.id, n), alt, ticket.spoiler))


def copy(ticket: Ticket, data: bytes) -> Post:
    """A copy for whoever wants one."""
    return Post(say("result-copy-text", **_of(ticket)), picture(ticket, data))


def copy_here(post: Post) -> Post:
    """The same where it could not be sent directly."""
    return Post(f"{say('result-copy-here')}\n{post.text}", post.picture)


def posted(url: str) -> str:
    """Where something was posted."""
    return say("result-posted", url=url)


def snapshot_there(url: str) -> str:
    """Where a snapshot of a painting is shown."""
    return say("result-moment-there", url=url)


def snapshot_label(n: int) -> str:
    """A snapshot in the menu, by its number on the sheet."""
    return say("result-number", number=n)
