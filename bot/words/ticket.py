"""A picture that a member waits for: how it stands, and that it ended without a picture."""

from datetime import datetime, timedelta

import discord

from bot.engine_client import Update, Waiting
from bot.errors import BotErrorCode
from bot.storage.tickets import StopRequest, Ticket
from bot.words.post import Picture, Post
from bot.words.settings import order_particulars
from bot.words.styles import style_line, subject
from engine.protocol import Preview, Queued, Started

_BAR = 12

CANCEL = "Cancel"
FINISH = "Stop, keep this"
CANCELLED = "Stopped: nothing was kept."
WITHDRAWN = "The picture that this was made from is gone, so I stopped: nothing was kept."
DELETED = "This picture was deleted."
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
        style = style_line(ticket.styles)
        alt = f"{subject(ticket)}, being painted in the style of {style}: {update.progress:.0%} done"
        picture = Picture(preview, f"frame-{update.n}", alt, ticket.spoiler)
    return Post(f"{_heading(ticket)}\n{_standing(ticket, update, now)}", picture)


def closed_ticket(ticket: Ticket, why: str) -> Post:
    """A ticket that ended without a picture, and why."""
    return Post(f"{_heading(ticket)}\n{why}")


def finished_ticket(url: str) -> Post:
    """What remains of a ticket's message that could not be deleted."""
    return Post(f"Finished: {url}")


def _heading(ticket: Ticket) -> str:
    request = ticket.request
    parts = [str(request.recipe), f"strength {request.strength}"]
    if request.size is not None:
        parts.append(f"{request.size} px")
    settings = " · ".join([*parts, *order_particulars(request)])
    return f"**In the style of {style_line(ticket.styles)}**\n-# {settings} · for <@{ticket.user_id}>"


def _standing(ticket: Ticket, update: Update | None, now: datetime) -> str:
    match update:
        case Queued():
            return f"Number {update.position} in the queue, ready {_when(update.eta_seconds, now)}."
        case Started():
            return f"Painting has begun, ready {_when(update.eta_seconds, now)}."
        case Preview():
            done = round(_BAR * update.progress)
            bar = "▰" * done + "▱" * (_BAR - done)
            return f"{bar} {update.progress:.0%}, ready {_when(update.eta_seconds, now)}."
        case Waiting() if ticket.stop_request is not StopRequest.NONE:
            return "This is stopped as soon as the painting engine can be told."
        case Waiting(why):
            return WAITING[why]
        case _:
            return "Taken: your picture is on its way to the painting engine."


def _when(seconds: float, now: datetime) -> str:
    return discord.utils.format_dt(now + timedelta(seconds=seconds), "R")
