"""A picture as an emoji or a sticker of a server."""

from bot.storage.tickets import Ticket
from bot.words.post import Picture, Post, capitalised, shortened
from bot.words.styles import plainly_in_style, subject
from engine.protocol import Preset

NAME = "painting"
NAME_LABEL = "Name"
NAME_LIMIT = 30  # what both take
TITLES = {Preset.EMOJI: "A new emoji for this server", Preset.STICKER: "A new sticker for this server"}
HINTS = {
    Preset.EMOJI: "Only letters, digits and underscores.",
    Preset.STICKER: "Members find it by this name.",
}
CUT = {
    Preset.AVATAR: "Cut for an avatar: save it, then set it in your profile.",
    Preset.BANNER: "Cut for a banner: save it, then set it in your profile.",
}
SET = "Done: this server shows that picture now."


def cut(ticket: Ticket, preset: Preset, data: bytes) -> Post:
    """A picture cut for an avatar or a banner."""
    alt = f"{subject(ticket)}, painted {plainly_in_style(ticket)}"
    return Post(CUT[preset], Picture(data, f"{preset}-{ticket.id}", alt, ticket.spoiler))


def emoji_added(emoji: str, name: str) -> str:
    """An emoji is there."""
    return f"Added {emoji}: everybody here can use it as `:{name}:`."


def sticker_added(name: str) -> str:
    """A sticker is there."""
    return f"Added the sticker “{name}”: everybody here can use it."


def sticker_description(ticket: Ticket) -> str:
    """What a sticker is said to show."""
    return shortened(capitalised(plainly_in_style(ticket)), 100)


def reason(member_id: str) -> str:
    """What the server's audit log says."""
    return f"asked for by the member {member_id}"
