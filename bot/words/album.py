"""A member's pictures, and who waits for which."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import discord

from bot.storage.tickets import Ticket
from bot.words.styles import style_line

NEWER, OLDER = "Newer", "Older"
SHOW = "Show again a picture that was painted here."
SHOW_OPTIONS = {
    "picture": "The link of a message of mine, or what `/history` calls it.",
    "post": "For all to see; left out, only you see it.",
}
HISTORY = "Your pictures, the newest first; only you see the list."
QUEUE = "What is being painted here, and where yours are; only you see it."
NO_HISTORY = "You have no pictures here yet: `/stylize` paints the first one."
NO_MORE_HISTORY = "There are no older pictures of yours here."
NOBODY_WAITS = "Nobody waits for a picture here: yours would be next."


def history(shown: Sequence[tuple[Ticket, str | None]], page: int) -> str:
    """A page of a member's pictures with the addresses of their results."""
    if not shown:
        return NO_MORE_HISTORY if page else NO_HISTORY
    lines = ["Your pictures here; `/show` brings one of them back:"]
    for ticket, link in shown:
        when = discord.utils.format_dt(datetime.fromtimestamp(ticket.created_at).astimezone(), "R")
        where = f" · [where it is]({link})" if link is not None else ""
        lines.append(f"- {style_line(ticket.styles)}, {when}{where} · `{ticket.id}`")
    return "\n".join(lines)


def queue(mine: Sequence[tuple[Ticket, str]], others: Sequence[tuple[Ticket, str]], elsewhere: int) -> str:
    """Who waits for which picture here, each with how it stands."""
    if not (mine or others or elsewhere):
        return NOBODY_WAITS
    return "\n".join(_queue(mine, others, elsewhere))


def _queue(
    mine: Sequence[tuple[Ticket, str]], others: Sequence[tuple[Ticket, str]], elsewhere: int
) -> Iterator[str]:
    if mine:
        yield "**Yours**"
        yield from (f"- {style_line(ticket.styles)}: {standing}" for ticket, standing in mine)
    if others:
        yield "**Others’ in this channel**"
        yield from (
            f"- <@{ticket.user_id}>, {style_line(ticket.styles)}: {standing}" for ticket, standing in others
        )
    if elsewhere:
        yield f"And {elsewhere} elsewhere in this server."
    yield "-# The pictures of all servers take turns, and within a server its members do."
