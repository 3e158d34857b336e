"""Everything that a member reads: sentences, alt texts and the files that go with them.

Rule: words live here and in the errors, never on data; no function here speaks to Discord.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import discord

from bot.progress import EngineAway, Update
from bot.store import Ticket, Wish
from engine.protocol import (
    IMAGE_FORMATS,
    KNOBS,
    MAX_IMAGE_BYTES,
    Finished,
    Frame,
    Queued,
    Started,
    StyleCard,
    sniff,
)

_ALT_LIMIT = 1024
_MESSAGE_LIMIT = 2000
_BAR = 12

CANCELLED = "Stopped: nothing was kept."
PICK_STYLE = "Which painting shall it look like?"
PICK_OVER = "You took your time: open the menu again to pick a style."
NO_STYLES = "The painting engine has told me of no styles yet: please try again in a minute."
ACCEPTED = "Taken: watch it develop in the channel."
DELIVERED_PRIVATELY = "I could not post this in the channel where you asked for it, so here it is."


@dataclass(frozen=True)
class Picture:
    """An image to be posted."""

    data: bytes
    stem: str
    alt: str
    spoiler: bool

    def file(self) -> discord.File:
        """A new file to send; every attempt needs its own."""
        kind = sniff(self.data[:32])
        name = f"{self.stem}.{kind.value.lower() if kind else 'bin'}"
        alt = self.alt[:_ALT_LIMIT]
        return discord.File(io.BytesIO(self.data), name, description=alt, spoiler=self.spoiler)


@dataclass(frozen=True)
class Post:
    """What a message shows."""

    text: str
    picture: Picture | None = None


# --- of a request -----------------------------------------------------------------------------------------


def style_line(styles: Sequence[StyleCard | discord.Attachment]) -> str:
    """The styles as a member reads them."""
    return " and ".join(_style_name(style) for style in styles)


def _style_name(style: StyleCard | discord.Attachment) -> str:
    if isinstance(style, StyleCard):
        return f"“{style.title}” by {style.artist}, {style.year}"
    return "the attached style image"


def subject(content: discord.Attachment) -> str:
    """What the picture shows, in its sender's words if there are any."""
    return content.description or "A member's picture"


# --- of a ticket ------------------------------------------------------------------------------------------


def ticket(ticket: Ticket, update: Update | None, now: datetime, frame: bytes | None = None) -> Post:
    """A ticket as it stands, with the frame that belongs to a Frame update."""
    picture = None
    if isinstance(update, Frame) and frame is not None:
        alt = f"{ticket.subject}, being painted in the style of {ticket.style}: {update.progress:.0%} done"
        picture = Picture(frame, f"frame-{update.n}", alt, ticket.spoiler)
    text = f"**In the style of {ticket.style}**\n{_settings(ticket)}\n{_standing(ticket, update, now)}"
    return Post(text, picture)


def _settings(ticket: Ticket) -> str:
    request = ticket.request
    size = f" · {request.size} px" if request.size else ""
    return f"-# {request.recipe} · strength {request.strength}{size} · for <@{ticket.user_id}>"


def _standing(ticket: Ticket, update: Update | None, now: datetime) -> str:
    match update:
        case Queued():
            return f"Number {update.position} in the queue, ready {_moment(update.eta_seconds, now)}."
        case Started():
            return f"Painting has begun, ready {_moment(update.eta_seconds, now)}."
        case Frame():
            done = round(_BAR * update.progress)
            bar = "▰" * done + "▱" * (_BAR - done)
            return f"{bar} {update.progress:.0%}, ready {_moment(update.eta_seconds, now)}."
        case EngineAway() if ticket.wish is not Wish.NONE:
            return (
                "The painting engine cannot be reached at the moment: this is stopped as soon as it is back."
            )
        case EngineAway():
            return "The painting engine cannot be reached at the moment: your picture waits here until it is back."
        case _:
            return "Taken: your picture is on its way to the painting engine."


def _moment(seconds: float, now: datetime) -> str:
    return discord.utils.format_dt(now + timedelta(seconds=seconds), "R")


def closed(ticket: Ticket, sentence: str) -> Post:
    """A ticket that ended without a picture, and why."""
    return Post(f"**In the style of {ticket.style}**\n{_settings(ticket)}\n{sentence}")


def result(ticket: Ticket, finished: Finished, data: bytes, note: str = "") -> Post:
    """The finished picture, for its owner; `note` is an extra line."""
    request = ticket.request
    parts = [
        str(request.recipe),
        f"{finished.width} × {finished.height} px",
        f"strength {request.strength}",
        f"seed {request.seed}",
        f"{finished.seconds:.0f} s",
    ]
    if finished.stopped_early:
        parts.append("stopped early")
    lines = [
        f"<@{ticket.user_id}>, here it is in the style of {ticket.style}.",
        note,
        f"-# {' · '.join(parts)}",
    ]
    alt = f"{ticket.subject}, painted in the style of {ticket.style}"
    picture = Picture(data, f"atelier-{ticket.id}", alt, ticket.spoiler)
    return Post("\n".join(line for line in lines if line), picture)


def only_a_preview(size: int, limit: int) -> str:
    """Why the full picture is not posted; both in bytes."""
    return f"The full picture has {_mega(size)} and this server takes {_mega(limit)}, so this is its last preview."


def too_large(size: int, limit: int) -> str:
    """Why nothing is posted; both in bytes."""
    return f"The picture has {_mega(size)} and this server takes {_mega(limit)}: please try a smaller size."


def _mega(size: int) -> str:
    return f"{ceil(10 * size / 2**20) / 10:g} MB"  # rounded up: never "10, and this server takes 10"


def moved_on(url: str) -> Post:
    """What remains of a ticket message that could not be deleted."""
    return Post(f"Finished: {url}")


# --- of the bot -------------------------------------------------------------------------------------------


def catalogue(styles: Sequence[StyleCard]) -> str:
    """The bundled styles, one a line, as many as fit."""
    lines = [f"{style.emoji} **{style.title}**, {style.artist}, {style.year}" for style in styles]
    text = "Pick one in `/stylize`, or react with its emoji to a picture in an art channel:"
    for line in lines:
        if len(text) + len(line) >= _MESSAGE_LIMIT:
            break
        text = f"{text}\n{line}"
    return text


def guide() -> str:
    """How to use the bot."""
    knobs = "\n".join(f"- `{name}`: {KNOBS[name].help}" for name in ("recipe", "size", "strength"))
    limit = MAX_IMAGE_BYTES // 2**20
    return (
        "I paint your pictures in the style of other pictures.\n"
        "- `/stylize` takes a picture and a style: one of the paintings, or an image of your own.\n"
        "- On a message with a picture: Apps, then *Stylize this image*.\n"
        "- In an art channel: react to a picture with the emoji of a painting; `/styles` lists them.\n"
        f"A picture may be a {IMAGE_FORMATS} of up to {limit} MB. You watch it develop, can stop it at any "
        f"time, and are told when it is finished. What you can set:\n{knobs}"
    )
