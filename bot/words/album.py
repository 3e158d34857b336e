"""A member's pictures, and who waits for which."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import discord

from bot.storage.tickets import Ticket
from bot.words.catalogue import Phrase, say
from bot.words.post import Picture, shortened
from bot.words.styles import plain_name, plainly_in_style, styles_of, subject

NEWER, OLDER = Phrase("album-newer"), Phrase("album-older")
BRING_BACK = Phrase("album-bring-back")
SHOW = Phrase("album-show")
SHOW_OPTIONS = {"picture": Phrase("album-show-picture"), "post": Phrase("album-show-post")}
HISTORY = Phrase("album-history")
QUEUE = Phrase("album-queue")
_OPTION_LIMIT = 100  # characters
_STYLE_LIMIT = 80  # characters of a line of the list, of which a page has to fit into a message
NO_HISTORY = Phrase("album-no-history")
NO_MORE_HISTORY = Phrase("album-no-more-history")
NOBODY_WAITS = Phrase("album-nobody-waits")


def history(shown: Sequence[tuple[Ticket, str | None]], page: int) -> str:
    """A page of a member's pictures with the addresses of their results, numbered as on their `sheet`."""
    if not shown:
        return NO_MORE_HISTORY() if page else NO_HISTORY()
    lines = [say("album-pictures")]
    for number, (ticket, link) in enumerate(shown, 1):
        when = discord.utils.format_dt(datetime.fromtimestamp(ticket.created_at).astimezone(), "R")
        where = f" · [{say('album-see')}]({link})" if link is not None else ""
        style = shortened(styles_of(ticket, plain_name), _STYLE_LIMIT)
        lines.append(f"{number}. {style}, {when}{where} · `{ticket.id}`")
    return "\n".join(lines)


def sheet(tickets: Sequence[Ticket], page: int, data: bytes) -> Picture:
    """A page of a member's pictures as one, numbered."""
    named = ", ".join(f"{number}: {_named(ticket)}" for number, ticket in enumerate(tickets, 1))
    spoiler = any(ticket.spoiler for ticket in tickets)
    return Picture(data, f"history-{page + 1}", say("album-sheet", named=named), spoiler)


def choice(ticket: Ticket, number: int) -> discord.SelectOption:
    """A picture in the menu of a page, by its number on the sheet."""
    named = shortened(_named(ticket), _OPTION_LIMIT)
    return discord.SelectOption(label=say("album-number", number=number), value=ticket.id, description=named)


def _named(ticket: Ticket) -> str:
    return f"{subject(ticket)}, {plainly_in_style(ticket)}"


def queue(mine: Sequence[tuple[Ticket, str]], others: Sequence[tuple[Ticket, str]], elsewhere: int) -> str:
    """Who waits for which picture here, each with how it stands."""
    if not (mine or others or elsewhere):
        return NOBODY_WAITS()
    return "\n".join(_queue(mine, others, elsewhere))


def _queue(
    mine: Sequence[tuple[Ticket, str]], others: Sequence[tuple[Ticket, str]], elsewhere: int
) -> Iterator[str]:
    if mine:
        yield f"**{say('album-yours')}**"
        yield from (f"- {styles_of(ticket)}: {standing}" for ticket, standing in mine)
    if others:
        yield f"**{say('album-others')}**"
        yield from (f"- <@{ticket.user_id}>, {styles_of(ticket)}: {standing}" for ticket, standing in others)
    if elsewhere:
        yield say("album-elsewhere", count=elsewhere)
    yield f"-# {say('album-turns')}"
