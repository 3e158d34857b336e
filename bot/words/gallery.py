"""What stands in the gallery, what its buttons say, and who is on top."""

from collections.abc import Sequence
from enum import StrEnum

import discord

from bot.place import Place
from bot.storage.consents import EVERYWHERE
from bot.storage.members import NOBODY
from bot.storage.stars import Piece
from bot.storage.tickets import Ticket
from bot.words.post import MESSAGE_LIMIT, Picture, capitalised, shortened
from bot.words.styles import in_style

SEE = "See where it was posted"
OUT = "Take it out"
BACK = "Put it back"
NEVER_HERE = "Never show mine here"
NEVER = "Never show mine anywhere"
ALLOW = "Show mine again"
PUT_BACK = "It may be in the gallery again: it comes back as soon as it has enough stars."
PRIVACY = "Whether your pictures may be shown in galleries; only you see it."
TOP = "The pictures with the most stars here; only you see the list."
TOP_OPTIONS = {"time": "Of which time? The last month unless you choose."}
NO_TOP = "No picture has any stars yet: react to one with {star} and it is the first."
NO_GALLERY = (
    "This server has no gallery, so I count no stars here. Whoever manages it can choose one with `/setup`."
)
_STYLE_LIMIT = 80  # characters of a line of the list
_NOT_SHOWN = "I show no picture of yours in {where}, and none that was made from one."
_SHOWN = "Pictures that get enough stars are shown in a server's gallery, with your name. Yours may be."


class Since(StrEnum):
    """Of which time the pictures with the most stars are."""

    WEEK = "week"
    MONTH = "month"
    EVER = "ever"


TIMES = {Since.WEEK: "the last week", Since.MONTH: "the last month", Since.EVER: "ever since"}
DAYS = {Since.WEEK: 7, Since.MONTH: 30, Since.EVER: None}
_TOP_OF = {
    Since.WEEK: "**Most stars in the last week**",
    Since.MONTH: "**Most stars in the last month**",
    Since.EVER: "**Most stars ever**",
}


def entry(piece: Piece, ticket: Ticket | None, count: int, star: str) -> str:
    """What stands with a picture in the gallery: how many stars it has, where it was posted, whose it is, its style."""
    return f"{star} **{count}** · <#{piece.channel_id}>\n{capitalised(_credit(piece, ticket))}."


def _credit(piece: Piece, ticket: Ticket | None) -> str:
    if piece.asker_id is None:
        return f"a picture by {_who(piece.author_id)}"
    is_others = piece.author_id not in (None, NOBODY, piece.asker_id)
    whose = f" from {_who(piece.author_id)}’s picture" if is_others else ""
    style = f", {in_style(ticket)}" if ticket is not None else ""
    return f"painted for {_who(piece.asker_id)}{whose}{style}"


def _who(member_id: int | None) -> str:
    return f"<@{member_id}>" if member_id not in (None, NOBODY) else "a member"


def taken_out(is_moderator: bool) -> str:
    """A picture is in the gallery no more."""
    more = "" if is_moderator else " You can also tell me never to show yours."
    return f"It is out of the gallery, and does not come back by itself.{more}"


def refusals(server_ids: set[int], server_id: int | None) -> str:
    """Whether a member's pictures may be shown."""
    if EVERYWHERE in server_ids:
        return _NOT_SHOWN.format(where="any gallery")
    if server_id is not None and server_id in server_ids:
        return _NOT_SHOWN.format(where="this server's gallery")
    return _SHOWN


def top(found: Sequence[tuple[Piece, int, Ticket | None]], since: Since, star: str) -> str:
    """The pictures with the most stars, numbered as on their sheet."""
    if not found:
        return NO_TOP.format(star=star)
    lines = [_TOP_OF[since]]
    for number, (piece, count, ticket) in enumerate(found, 1):
        link = Place(piece.server_id, piece.channel_id).link(piece.message_id)
        line = f"{number}. {star} {count} · {shortened(_credit(piece, ticket), 2 * _STYLE_LIMIT)} · [see it]({link})"
        if len("\n".join((*lines, line))) <= MESSAGE_LIMIT:
            lines.append(line)
    return "\n".join(lines)


def sheet(found: Sequence[tuple[Piece, int, Ticket | None]], data: bytes) -> Picture:
    """Those of them that were painted here, as one picture."""
    named = ", ".join(
        f"{number}: {in_style(ticket)}"
        for number, (_, _, ticket) in enumerate(found, 1)
        if ticket is not None
    )
    return Picture(data, "top", f"The pictures with the most stars, numbered. {named}", spoiler=False)


def choice(since: Since) -> discord.app_commands.Choice[str]:
    """A time among the choices of `/top`."""
    return discord.app_commands.Choice(name=TIMES[since], value=since)
