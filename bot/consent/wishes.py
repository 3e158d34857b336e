"""What somebody wants painted, kept until its author has said yes: an order as text, and made fresh again.

Rule: an order is kept whole, by its fields, so that one more field needs nothing here. What Discord signs for a day only
is asked for anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

import discord
from pydantic import TypeAdapter, ValidationError

from bot.orders.audition import Audition, Finishing
from bot.orders.pictures import SourcePicture
from bot.orders.remake import Remake
from bot.orders.request import Order, StyleRequest
from bot.orders.restyle import Restyle
from bot.storage.reactions import Reaction
from bot.storage.tickets import Ticket

Wish = StyleRequest | Remake | Restyle | Audition | Finishing
_KINDS: dict[str, type[Wish]] = {
    "request": StyleRequest,
    "remake": Remake,
    "restyle": Restyle,
    "audition": Audition,
    "finishing": Finishing,
}
_ADAPTERS: dict[str, TypeAdapter[Wish]] = {kind: TypeAdapter(each) for kind, each in _KINDS.items()}


def to_text(order: Wish) -> str:
    """An order, to be stored."""
    kind = next(kind for kind, each in _KINDS.items() if isinstance(order, each))
    return f"{kind}:{_ADAPTERS[kind].dump_json(order).decode()}"


def from_text(text: str) -> Wish | None:
    """The order that was stored; None if it cannot be read, or no longer taken."""
    kind, _, data = text.partition(":")
    try:
        return _ADAPTERS[kind].validate_json(data)
    except (KeyError, ValidationError):
        return None


def reaction_of(order: Wish) -> Reaction | None:
    """The reaction that asks for an order, if one does."""
    return order.ticket(discord.utils.utcnow()).reaction if order.by_reaction else None


def sheet_of(order: Wish) -> str | None:
    """The ticket of the sheet from which an order is chosen, if it is."""
    return order.of.id if isinstance(order, Finishing) else None


def refreshed(order: Wish, message: discord.Message) -> Wish:
    """The same order with the addresses that Discord gives now for the pictures of a message."""
    shown = [*message.attachments, *(each for part in message.message_snapshots for each in part.attachments)]
    now = {_path(attachment.url): attachment.url for attachment in shown}

    def fresh(picture: SourcePicture) -> SourcePicture:
        return replace(picture, url=now.get(_path(picture.url), picture.url))

    match order:
        case Remake():
            return replace(order, result=fresh(order.result) if order.result is not None else None)
        case Restyle() | Audition() | Finishing():  # of images that are kept here
            return order
        case _:
            return replace(order, content=fresh(order.content))


def _path(url: str) -> str:
    return urlsplit(url).path


@dataclass(frozen=True)
class Agreed:
    """An order whose author has said yes; its ticket has the id of the question, so there is one at most."""

    order: Order
    id: str

    @property
    def by_reaction(self) -> bool:
        """Whether it counts once for each member, message and style."""
        return self.order.by_reaction

    def ticket(self, now: datetime) -> Ticket:
        """The ticket for it."""
        return replace(self.order.ticket(now), id=self.id, agreed=True)
