"""A picture that a member waits for: how it stands, and that it ended without a picture."""

from datetime import datetime, timedelta

import discord

from bot.engine_client import Late, Update, Waiting
from bot.errors import BotErrorCode
from bot.storage.tickets import StopRequest, Ticket
from bot.words import audition
from bot.words.catalogue import Phrase, say
from bot.words.post import Picture, Post, capitalised
from bot.words.styles import in_style, plainly_in_style, styles_of, subject
from engine.protocol import Preview, Queued, Started

_BAR = 12
LEAST_PROMISE = 10.0  # seconds

CANCEL = Phrase("ticket-cancel")
FINISH = Phrase("ticket-finish")
CANCELLED = Phrase("ticket-cancelled")
WITHDRAWN = Phrase("ticket-withdrawn")
STYLE_GONE, ONE_STYLE_GONE = Phrase("ticket-style-gone"), Phrase("ticket-one-style-gone")
STOPPED = {
    StopRequest.WITHDRAWN: WITHDRAWN,
    StopRequest.STYLE_GONE: STYLE_GONE,
    StopRequest.SWITCHED_OFF: Phrase("ticket-switched-off"),
}
DELETED = Phrase("ticket-deleted")
WAITING = {
    BotErrorCode.ENGINE_UNREACHABLE: Phrase("ticket-waiting-engine-unreachable"),
    BotErrorCode.ENGINE_BUSY: Phrase("ticket-waiting-engine-busy"),
    BotErrorCode.ENGINE_FULL: Phrase("ticket-waiting-engine-full"),
    BotErrorCode.ENGINE_LOCKED: Phrase("ticket-waiting-engine-locked"),
    BotErrorCode.DISCORD_AWAY: Phrase("ticket-waiting-discord-away"),
    BotErrorCode.DISK_FULL: Phrase("ticket-waiting-disk-full"),
    BotErrorCode.IMAGES_AWAY: Phrase("ticket-waiting-images-away"),
}


def stopped(ticket: Ticket) -> str:
    """Why it ends without a picture, if somebody has stopped it."""
    if ticket.stop_request is StopRequest.STYLE_GONE and len(ticket.styles) > 1:
        return ONE_STYLE_GONE()
    return STOPPED.get(ticket.stop_request, CANCELLED)()


def open_ticket(ticket: Ticket, update: Update | None, now: datetime, preview: bytes | None = None) -> Post:
    """A ticket as it stands, with the preview that belongs to a Preview update."""
    picture = None
    if isinstance(update, Preview) and preview is not None:
        percent = _percent(update)
        alt = say("ticket-preview", subject=subject(ticket), how=plainly_in_style(ticket), percent=percent)
        picture = Picture(preview, f"frame-{update.n}", alt, ticket.spoiler)
    lines = [_heading(ticket), standing(ticket, update, now)]
    if picture is not None and isinstance(update, Preview) and audition.tiles_of(ticket, update):
        lines.append(audition.CHOOSE_EARLY())
    return Post("\n".join(lines), picture)


def closed_ticket(ticket: Ticket, why: str) -> Post:
    """A ticket that ended without a picture, and why."""
    return Post(f"{_heading(ticket)}\n{why}")


LATE, LATE_RESTRICTED = Phrase("ticket-late-closed"), Phrase("ticket-late-restricted")


def late_ticket(ticket: Ticket, why: Phrase) -> Post:
    """A picture that is not finished while it can still be shown, and how it is had all the same."""
    return closed_ticket(ticket, why(ticket=ticket.id))


def moved_ticket(ticket: Ticket, url: str) -> Post:
    """A picture that goes on in direct messages."""
    return closed_ticket(ticket, say("ticket-moved", url=url))


def developing(url: str) -> str:
    """Where a picture can be watched that was asked for elsewhere."""
    return say("ticket-developing", url=url)


def finished_ticket(url: str) -> Post:
    """What remains of a ticket's message that could not be deleted."""
    return Post(say("ticket-finished", url=url))


def _heading(ticket: Ticket) -> str:
    return say("ticket-heading", how=capitalised(in_style(ticket)), member=f"<@{ticket.user_id}>")


def standing(ticket: Ticket, update: Update | None, now: datetime, *, once: bool = False) -> str:
    """How a picture stands that somebody waits for; what is said `once` has a time that stays true."""
    when = _at if once else _when
    match update:
        case Queued():
            before = max(update.position - 1, 0)
            if update.eta_seconds is None:
                return say("ticket-paused", before=before)
            return say("ticket-queued", before=before, when=when(update.eta_seconds, now))
        case Started():
            return say("ticket-started", when=when(update.eta_seconds, now))
        case Preview():
            return _done(ticket, update, when(update.eta_seconds, now))
        case Late() if update.eta_seconds is not None:
            return say("ticket-late", when=when(update.eta_seconds, now))
        case Late():
            return say("ticket-late-still")
        case Waiting() if ticket.stop_request is not StopRequest.NONE:
            return say("ticket-stopping")
        case Waiting(why):
            return WAITING[why]()
    return say("ticket-on-its-way")


def _done(ticket: Ticket, preview: Preview, when: str) -> str:
    done = round(_BAR * preview.progress)
    bar = "▰" * done + "▱" * (_BAR - done)
    if ticket.request.audition and len(ticket.styles) > 1:
        tiles = audition.tiles_of(ticket, preview)
        return say("ticket-tiles", bar=bar, done=tiles, styles=styles_of(ticket), when=when)
    return say("ticket-percent", bar=bar, percent=_percent(preview), when=when)


def _percent(preview: Preview) -> str:
    return f"{100 * preview.progress:.0f}"


def promised(seconds: float) -> float:
    """The seconds that are promised: nobody believes one, and fetching and posting take some too."""
    return max(seconds, LEAST_PROMISE)


def _when(seconds: float, now: datetime) -> str:
    return discord.utils.format_dt(now + timedelta(seconds=promised(seconds)), "R")


def _at(seconds: float, now: datetime) -> str:
    """The time of day: "in 7 seconds" would soon be "a minute ago" in a message that nobody edits."""
    time = discord.utils.format_dt(now + timedelta(seconds=promised(seconds)), "t")
    return say("ticket-at", time=time)
