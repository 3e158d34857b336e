"""Everything that a member reads: sentences, alt texts and the files that go with them.

Rule: words live here and in the errors, never on data; no function here speaks to Discord.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import discord

from bot.engine_client import EngineAway, Update
from bot.storage.tickets import Ticket, Wish
from bot.words.errors import note_sentence
from engine.protocol import (
    IMAGE_FORMATS,
    KNOBS,
    MAX_IMAGE_BYTES,
    Colours,
    Finished,
    Frame,
    JobRequest,
    Likeness,
    Preset,
    PresetFacts,
    Queued,
    Settings,
    Start,
    Started,
    StyleCard,
    sniff,
)

_ALT_LIMIT = 1024
_MESSAGE_LIMIT = 2000
_BAR = 12
_EXPLAINED = ("recipe", "size", "strength", "colours", "style_scale", "preset")

CANCELLED = "Stopped: nothing was kept."
PICK_STYLE = "Which painting shall it look like?"
PICK_OVER = "You took your time: open the menu again to pick a style."
NO_STYLES = "The painting engine has told me of no styles yet: please try again in a minute."
ACCEPTED = "Taken: watch it develop in the channel."
COLOURS = {
    Colours.PAINTED: "the style's colours",
    Colours.KEPT: "the picture's own colours",
    Colours.MATCHED: "the style, recoloured to the picture",
}
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

    def files(self) -> list[discord.File]:
        """New files to send with it."""
        return [self.picture.file()] if self.picture is not None else []


# --- of a request -----------------------------------------------------------------------------------------


def preset_choice(preset: Preset, facts: PresetFacts) -> str:
    """What a preset makes of a picture."""
    return f"{preset}: {facts.width} × {facts.height} px, up to {facts.max_bytes // 2**10} KB"


def style_line(styles: Sequence[StyleCard | discord.Attachment]) -> str:
    """The styles as a member reads them."""
    cards = [style_name(style) for style in styles if isinstance(style, StyleCard)]
    match len(styles) - len(cards):
        case 0:
            return " and ".join(cards)
        case 1:
            return " and ".join([*cards, "the attached style image"])
        case n:
            return " and ".join([*cards, f"the {n} attached style images"])


def style_name(style: StyleCard) -> str:
    """A bundled style as a member reads it."""
    return f"“{style.title}” by {style.artist}, {style.year}"


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
    parts = [str(request.recipe), f"strength {request.strength}"]
    if request.size is not None:
        parts.append(f"{request.size} px")
    return f"-# {' · '.join([*parts, *_wishes(request)])} · for <@{ticket.user_id}>"


def _wishes(request: JobRequest) -> Iterator[str]:
    yield from wishes(request)
    if any(style.mask for style in request.styles):
        yield "masked"


def wishes(settings: Settings) -> Iterator[str]:
    """What was set besides recipe, strength, size and seed."""
    if settings.colours is not Colours.PAINTED:
        yield f"colours {settings.colours}"
    if settings.style_scale != KNOBS["style_scale"].default:
        yield f"strokes × {settings.style_scale:g}"
    if settings.preset is not None:
        yield f"as {settings.preset}"
    if settings.start is not Start.CONTENT:
        yield "from an earlier result" if settings.start is Start.PREVIOUS else "from noise"


def _standing(ticket: Ticket, update: Update | None, now: datetime) -> str:
    match update:
        case Queued():
            return f"Number {update.position} in the queue, ready {_when(update.eta_seconds, now)}."
        case Started():
            return f"Painting has begun, ready {_when(update.eta_seconds, now)}."
        case Frame():
            done = round(_BAR * update.progress)
            bar = "▰" * done + "▱" * (_BAR - done)
            return f"{bar} {update.progress:.0%}, ready {_when(update.eta_seconds, now)}."
        case EngineAway() if ticket.wish is not Wish.NONE:
            return (
                "The painting engine cannot be reached at the moment: this is stopped as soon as it is back."
            )
        case EngineAway():
            return "The painting engine cannot be reached at the moment: your picture waits here until it is back."
        case _:
            return "Taken: your picture is on its way to the painting engine."


def _when(seconds: float, now: datetime) -> str:
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
        *_wishes(request),
        f"seed {request.seed}",
        f"{finished.seconds:.0f} s",
    ]
    if finished.stopped_early:
        parts.append("stopped early")
    lines = [
        f"<@{ticket.user_id}>, here it is in the style of {ticket.style}.",
        note,
        _likeness(finished.likeness),
        *(note_sentence(note) for note in finished.notes),
        f"-# {' · '.join(parts)}",
    ]
    alt = f"{ticket.subject}, painted in the style of {ticket.style}"
    picture = Picture(data, result_stem(ticket), alt, ticket.spoiler)
    return Post("\n".join(line for line in lines if line), picture)


def result_stem(ticket: Ticket) -> str:
    """What the file of a ticket's result is called, and no other file."""
    return f"atelier-{ticket.id}"


def _likeness(likeness: Likeness | None) -> str:
    if likeness is None:
        return ""
    return f"{likeness.style_reached}% of the style reached, {likeness.content_kept}% of the picture kept."


def timelapse(ticket: Ticket, data: bytes) -> Post:
    """How a picture was painted, as an animation."""
    alt = f"{ticket.subject}, while it is painted in the style of {ticket.style}"
    text = "How it was painted. Pick a moment that you like better, and I post it in the channel:"
    return Post(text, Picture(data, f"time-lapse-{ticket.id}", alt, ticket.spoiler))


def moment(ticket: Ticket, n: int, percent: int, data: bytes, picker_id: int) -> Post:
    """Moment `n` of a painting as a picture of its own, for the painting's owner."""
    text = (
        f"<@{ticket.user_id}>, this is your picture {percent}% of the way through its painting, "
        f"in the style of {ticket.style}."
    )
    picked = f"\n-# picked by <@{picker_id}>" if picker_id != ticket.user_id else ""
    alt = f"{ticket.subject}, {percent}% painted in the style of {ticket.style}"
    return Post(f"{text}{picked}", Picture(data, f"moment-{n}-{ticket.id}", alt, ticket.spoiler))


def moment_there(url: str) -> str:
    """Where a moment of a painting is shown."""
    return f"That moment is in the channel: {url}"


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
    knobs = "\n".join(f"- `{name}`: {KNOBS[name].help}" for name in _EXPLAINED)
    limit = MAX_IMAGE_BYTES // 2**20
    return (
        "I paint your pictures in the style of other pictures.\n"
        "- `/stylize` takes a picture and a style: one of the paintings, or an image of your own.\n"
        "- On a message with a picture: Apps, then *Stylize this image*.\n"
        "- In an art channel: react to a picture with the emoji of a painting; `/styles` lists them.\n"
        "- Under a result: *More style*, *Less style* and *Again* paint it anew, for whoever presses them; "
        "*Time-lapse* shows how it was painted, and any moment of that can be taken.\n"
        "- On a result: Apps, then *How was this painted?* tells its settings.\n"
        f"A picture may be a {IMAGE_FORMATS} of up to {limit} MB; an animation stays one. You watch it "
        f"develop, can stop it at any time, and are told when it is finished. What you can set:\n{knobs}"
    )
