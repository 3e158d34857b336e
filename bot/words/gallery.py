"""What stands in the gallery, what its buttons say, and who is on top."""

from collections.abc import Sequence
from enum import StrEnum

import discord

from bot.place import Place
from bot.storage.consents import EVERYWHERE
from bot.storage.members import NOBODY
from bot.storage.stars import Piece
from bot.storage.tickets import Ticket
from bot.words.catalogue import Phrase, say
from bot.words.post import MESSAGE_LIMIT, Picture, capitalised, shortened
from bot.words.styles import in_style, plainly_in_style

SEE = Phrase("gallery-see")
OUT, BACK = Phrase("gallery-out"), Phrase("gallery-back")
NEVER_HERE, NEVER = Phrase("gallery-never-here"), Phrase("gallery-never")
ALLOW, PUT_BACK = Phrase("gallery-allow"), Phrase("gallery-put-back")
PRIVACY = Phrase("gallery-privacy")
TOP = Phrase("gallery-top")
TOP_OPTIONS = {"time": Phrase("gallery-time-option")}
NO_GALLERY = Phrase("gallery-no-gallery")
_STYLE_LIMIT = 80  # characters of a line of the list
_TITLE_LIMIT, _NAME_LIMIT = 100, 32  # characters of a post's title, and of a member's name in it


class Since(StrEnum):
    """Of which time the pictures with the most stars are."""

    WEEK = "week"
    MONTH = "month"
    EVER = "ever"


TIMES = {
    Since.WEEK: Phrase("gallery-week"),
    Since.MONTH: Phrase("gallery-month"),
    Since.EVER: Phrase("gallery-ever"),
}
DAYS = {Since.WEEK: 7, Since.MONTH: 30, Since.EVER: None}
_TOP_OF = {
    Since.WEEK: Phrase("gallery-top-week"),
    Since.MONTH: Phrase("gallery-top-month"),
    Since.EVER: Phrase("gallery-top-ever"),
}


def entry(piece: Piece, ticket: Ticket | None, count: int, star: str) -> str:
    """What stands with a picture in the gallery: how many stars it has, where it was posted, whose it is, its style."""
    return f"{star} **{count}** · <#{piece.channel_id}>\n{capitalised(_credit(piece, ticket))}."


def title(ticket: Ticket | None, name: str | None) -> str:
    """What an entry is called where each is a post of its own: its style and whose it is, without mentions."""
    name = shortened(name or say("gallery-member"), _NAME_LIMIT)
    if ticket is None:
        return capitalised(say("gallery-picture", author=name))
    style = shortened(capitalised(plainly_in_style(ticket)), _TITLE_LIMIT - len(name) - 3)
    return say("gallery-title", style=style, name=name)


def _credit(piece: Piece, ticket: Ticket | None) -> str:
    author, asker = _who(piece.author_id), _who(piece.asker_id)
    if piece.asker_id is None:
        return say("gallery-picture", author=author)
    is_others = piece.author_id not in (None, NOBODY, piece.asker_id)
    credit = (
        say("gallery-painted-of", asker=asker, author=author)
        if is_others
        else say("gallery-painted", asker=asker)
    )
    return say("gallery-styled", credit=credit, style=in_style(ticket)) if ticket is not None else credit


def _who(member_id: int | None) -> str:
    return f"<@{member_id}>" if member_id not in (None, NOBODY) else say("gallery-member")


def taken_out(is_moderator: bool) -> str:
    """A picture is in the gallery no more."""
    return say("gallery-taken-out" if is_moderator else "gallery-taken-out-own")


def refusals(server_ids: set[int], server_id: int | None) -> str:
    """Whether a member's pictures may be shown."""
    if EVERYWHERE in server_ids:
        return say("gallery-not-shown-anywhere")
    if server_id is not None and server_id in server_ids:
        return say("gallery-not-shown-here")
    return say("gallery-shown")


def top(found: Sequence[tuple[Piece, int, Ticket | None]], since: Since, star: str) -> str:
    """The pictures with the most stars, numbered as on their sheet."""
    if not found:
        return say("gallery-no-top", star=star)
    lines = [f"**{_TOP_OF[since]()}**"]
    for number, (piece, count, ticket) in enumerate(found, 1):
        url = Place(piece.server_id, piece.channel_id).link(piece.message_id) or ""
        credit = shortened(_credit(piece, ticket), 2 * _STYLE_LIMIT)
        line = say("gallery-line", number=number, star=star, count=count, credit=credit, url=url)
        if len("\n".join((*lines, line))) <= MESSAGE_LIMIT:
            lines.append(line)
    return "\n".join(lines)


def sheet(found: Sequence[tuple[Piece, int, Ticket | None]], data: bytes) -> Picture:
    """They as one picture."""
    own = say("gallery-picture", author=say("gallery-member"))
    named = ", ".join(
        say("gallery-sheet-one", number=number, style=in_style(ticket) if ticket is not None else own)
        for number, (_, _, ticket) in enumerate(found, 1)
    )
    return Picture(data, "top", say("gallery-sheet", named=named), spoiler=False)


def choice(since: Since) -> discord.app_commands.Choice[str]:
    """A time among the choices of `/top`."""
    return discord.app_commands.Choice(name=TIMES[since].localised(), value=since)
