"""A member's pictures, and who waits for which."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import discord

from bot.storage.tickets import Ticket
from bot.words.post import Picture, shortened
from bot.words.styles import in_style, styles_of, subject

NEWER, OLDER = "Newer", "Older"
BRING_BACK = "Bring one back"
SHOW = "Bring back a picture that was painted here."
SHOW_OPTIONS = {
    "picture": "A link to my message with it, or its code from `/history`.",
    "post": "Post it here for all to see; otherwise only you see it.",
}
HISTORY = "Your pictures, newest first; only you see the list."
QUEUE = "Which pictures are waiting here, and when yours are ready; only you see it."
_OPTION_LIMIT = 100  # characters
_STYLE_LIMIT = 80  # characters of a line of the list, of which a page has to fit into a message
NO_HISTORY = "You have no pictures here yet: `/stylize` in a server paints your first one."
NO_MORE_HISTORY = "You have no older pictures here."
NOBODY_WAITS = "Nobody is waiting for a picture here: yours would be next."


def history(shown: Sequence[tuple[Ticket, str | None]], page: int) -> str:
    """A page of a member's pictures with the addresses of their results, numbered as on their `sheet`."""
    if not shown:
        return NO_MORE_HISTORY if page else NO_HISTORY
    lines = ["Your pictures here:"]
    for number, (ticket, link) in enumerate(shown, 1):
        when = discord.utils.format_dt(datetime.fromtimestamp(ticket.created_at).astimezone(), "R")
        where = f" · [see it]({link})" if link is not None else ""
        style = shortened(styles_of(ticket), _STYLE_LIMIT)
        lines.append(f"{number}. {style}, {when}{where} · `{ticket.id}`")
    return "\n".join(lines)


def sheet(tickets: Sequence[Ticket], page: int, data: bytes) -> Picture:
    """A page of a member's pictures as one, numbered."""
    named = ", ".join(f"{number}: {_named(ticket)}" for number, ticket in enumerate(tickets, 1))
    spoiler = any(ticket.spoiler for ticket in tickets)
    return Picture(data, f"history-{page + 1}", f"Your pictures, numbered. {named}", spoiler)


def choice(ticket: Ticket, number: int) -> discord.SelectOption:
    """A picture in the menu of a page, by its number on the sheet."""
    named = shortened(_named(ticket), _OPTION_LIMIT)
    return discord.SelectOption(label=f"Number {number}", value=ticket.id, description=named)


def _named(ticket: Ticket) -> str:
    return f"{subject(ticket)}, {in_style(ticket)}"


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
        yield from (f"- {styles_of(ticket)}: {standing}" for ticket, standing in mine)
    if others:
        yield "**Others’ in this channel**"
        yield from (f"- <@{ticket.user_id}>, {styles_of(ticket)}: {standing}" for ticket, standing in others)
    if elsewhere:
        yield f"And {elsewhere} more in other channels of this server."
    yield "-# Servers take turns, and so do the members of a server."
