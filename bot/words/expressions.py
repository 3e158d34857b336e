"""A picture as an emoji or a sticker of a server."""

from bot.storage.tickets import Ticket
from bot.words.catalogue import Phrase, say
from bot.words.post import Picture, Post, capitalised, shortened
from bot.words.styles import plainly_in_style, subject
from engine.protocol import Preset

NAME = Phrase("expressions-name")
NAME_LABEL = Phrase("expressions-name-label")
NAME_LIMIT = 30  # what both take
TITLES = {
    Preset.EMOJI: Phrase("expressions-title-emoji"),
    Preset.STICKER: Phrase("expressions-title-sticker"),
}
HINTS = {Preset.EMOJI: Phrase("expressions-hint-emoji"), Preset.STICKER: Phrase("expressions-hint-sticker")}
CUT = {Preset.AVATAR: Phrase("expressions-cut-avatar"), Preset.BANNER: Phrase("expressions-cut-banner")}
SET = Phrase("expressions-set")


def cut(ticket: Ticket, preset: Preset, data: bytes) -> Post:
    """A picture cut for an avatar or a banner."""
    alt = say("result-alt", subject=subject(ticket), how=plainly_in_style(ticket))
    return Post(CUT[preset](), Picture(data, f"{preset}-{ticket.id}", alt, ticket.spoiler))


def emoji_added(emoji: str, name: str) -> str:
    """An emoji is there."""
    return say("expressions-emoji-added", emoji=emoji, name=name)


def sticker_added(name: str) -> str:
    """A sticker is there."""
    return say("expressions-sticker-added", name=name)


def sticker_description(ticket: Ticket) -> str:
    """What a sticker is said to show."""
    return shortened(capitalised(plainly_in_style(ticket)), 100)


def reason(member_id: str) -> str:
    """What the server's audit log says."""
    return say("expressions-reason", member=member_id)
