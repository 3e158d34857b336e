"""A picture that a member waits for: how it stands, and that it ended without a picture."""

from datetime import datetime, timedelta

import discord

from bot.engine_client import Late, Update, Waiting
from bot.errors import BotErrorCode
from bot.storage.tickets import StopRequest, Ticket
from bot.words import audition
from bot.words.post import Picture, Post, capitalised
from bot.words.styles import in_style, plainly_in_style, styles_of, subject
from engine.protocol import Preview, Queued, Started

_BAR = 12
LEAST_PROMISE = 10.0  # seconds

CANCEL = "Cancel"
FINISH = "Stop, keep this"
CANCELLED = "Stopped: nothing was kept."
DELETED = "This picture was deleted."
WITHDRAWN = "The picture that this was made from is gone, so I stopped: nothing was kept."
STYLE_GONE = "Its style is no longer in this server’s museum, so I stopped: nothing was kept. Please choose another one."
STOPPED = {
    StopRequest.WITHDRAWN: WITHDRAWN,
    StopRequest.STYLE_GONE: STYLE_GONE,
    StopRequest.SWITCHED_OFF: "I was switched off in this server, so I stopped: nothing was kept.",
}
WAITING = {
    BotErrorCode.ENGINE_UNREACHABLE: (
        "The painting engine cannot be reached at the moment: your picture waits here until it is back."
    ),
    BotErrorCode.ENGINE_BUSY: (
        "The painting engine has a lot to do: your picture waits here, and I keep asking."
    ),
    BotErrorCode.ENGINE_FULL: (
        "The disk of the painting engine is full at the moment: your picture waits here until there is room."
    ),
    BotErrorCode.ENGINE_LOCKED: (
        "The painting engine is not available at the moment: your picture waits here until it is."
    ),
    BotErrorCode.DISCORD_AWAY: ("Discord does not give me your picture at the moment: I keep asking for it."),
    BotErrorCode.DISK_FULL: "My disk is full at the moment: your picture waits here until there is room.",
}


def open_ticket(ticket: Ticket, update: Update | None, now: datetime, preview: bytes | None = None) -> Post:
    """A ticket as it stands, with the preview that belongs to a Preview update."""
    picture = None
    if isinstance(update, Preview) and preview is not None:
        alt = f"{subject(ticket)}, being painted {plainly_in_style(ticket)}: {update.progress:.0%} done"
        picture = Picture(preview, f"frame-{update.n}", alt, ticket.spoiler)
    lines = [_heading(ticket), standing(ticket, update, now)]
    if picture is not None and isinstance(update, Preview) and audition.tiles_of(ticket, update):
        lines.append(audition.CHOOSE_EARLY)
    return Post("\n".join(lines), picture)


def closed_ticket(ticket: Ticket, why: str) -> Post:
    """A ticket that ended without a picture, and why."""
    return Post(f"{_heading(ticket)}\n{why}")


def developing(url: str) -> str:
    """Where a picture can be watched that was asked for elsewhere."""
    return f"On its way: watch it develop here: {url}"


def finished_ticket(url: str) -> Post:
    """What remains of a ticket's message that could not be deleted."""
    return Post(f"Finished: {url}")


def _heading(ticket: Ticket) -> str:
    return f"**{capitalised(in_style(ticket))}**, for <@{ticket.user_id}>"


def standing(ticket: Ticket, update: Update | None, now: datetime, *, once: bool = False) -> str:
    """How a picture stands that somebody waits for; what is said `once` has a time that stays true."""
    when = _at if once else _when
    match update:
        case Queued():
            return f"{_position(update.position)}, ready {when(update.eta_seconds, now)}."
        case Started():
            return f"Painting has begun, ready {when(update.eta_seconds, now)}."
        case Preview():
            done = round(_BAR * update.progress)
            bar = "▰" * done + "▱" * (_BAR - done)
            return f"{bar} {_done(ticket, update)}, ready {when(update.eta_seconds, now)}."
        case Late():
            known = f"ready {when(update.eta_seconds, now)}" if update.eta_seconds is not None else None
            return f"This takes longer than I thought: {known or 'I am still at it'}."
        case Waiting() if ticket.stop_request is not StopRequest.NONE:
            return "I stop this as soon as the painting engine can be reached."
        case Waiting(why):
            return WAITING[why]
    return "Your picture is on its way to the painting engine."


def _done(ticket: Ticket, preview: Preview) -> str:
    if ticket.request.audition and len(ticket.styles) > 1:
        return f"{audition.tiles_of(ticket, preview)} of {styles_of(ticket)}"
    return f"{preview.progress:.0%}"


def _position(position: int) -> str:
    """A place in the queue, as one says it."""
    before = position - 1
    if before < 1:
        return "Next in the queue"
    return f"In the queue, with {before} {'picture' if before == 1 else 'pictures'} before it"


def promised(seconds: float) -> float:
    """The seconds that are promised: nobody believes one, and fetching and posting take some too."""
    return max(seconds, LEAST_PROMISE)


def _when(seconds: float, now: datetime) -> str:
    return discord.utils.format_dt(now + timedelta(seconds=promised(seconds)), "R")


def _at(seconds: float, now: datetime) -> str:
    """The time of day: "in 7 seconds" would soon be "a minute ago" in a message that nobody edits."""
    return f"at about {discord.utils.format_dt(now + timedelta(seconds=promised(seconds)), 't')}"
