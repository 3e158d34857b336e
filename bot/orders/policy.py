"""Who may do what, and with whose picture: the one question that every way in asks before it does anything.

Rule: asked before a byte is fetched or a message written, for commands, menus, reactions and buttons alike. It alone
knows settings, permissions, consent, blocks, age restrictions, cooldowns and caps; it reads memory and the bot's own
database, and asks neither Discord nor the engine.
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from bot.errors import BotError, BotErrorCode
from bot.orders import permissions
from bot.orders.pictures import UNKNOWN_AUTHOR
from bot.orders.venue import Actor, Venue
from bot.storage.consents import Answer
from bot.storage.settings import ChannelSettings, Consent, ServerSettings
from bot.storage.store import Store


class Action(StrEnum):
    """What somebody wants to do."""

    PAINT = "paint"  # by a command, a menu, a mention: a picture or a result, painted
    REACT = "react"  # the same by an emoji of the palette
    POST = "post"  # something that is painted already, where all see it
    LOOK = "look"  # at something that is painted already, in private
    STOP = "stop"  # a painting that is under way
    DELETE = "delete"  # a result
    EXPRESS = "express"  # put it into the server as an emoji or a sticker
    SET_UP = "set_up"  # change the settings of a server


_PAINTING = (Action.PAINT, Action.REACT)
_PUBLIC = (*_PAINTING, Action.POST)


class Policy:
    """Says yes by returning, and no by raising BotError with the code and its facts.

    `open_of` tells how many paintings a member waits for.
    """

    def __init__(self, store: Store, open_of: Callable[[int], int]) -> None:
        self._store, self._open_of = store, open_of
        self._painted_at: dict[tuple[int, int], float] = {}  # by server and member, the loop's time

    async def require(
        self, actor: Actor, venue: Venue, action: Action, author_id: int | None = None, nsfw: bool = False
    ) -> None:
        """Whether `actor` may do this here, with a picture of `author_id` that is perhaps age-restricted.

        Raises BotError. CONSENT_NEEDED if all that is missing is the author's word.
        """
        if action in _PUBLIC and venue.permissions is not None:
            permissions.require(venue.permissions, venue.is_thread)
        if venue.place.server_id is not None:
            self._require_here(actor, venue, action)
        if action in _PUBLIC and nsfw and not venue.is_nsfw:
            raise BotError(BotErrorCode.AGE_RESTRICTED)
        if action in _PUBLIC and author_id is not None:
            await self._require_consent(actor, venue, author_id)

    def require_owner(
        self, actor: Actor, *owners: int | None, refusal: BotErrorCode = BotErrorCode.NOT_YOURS
    ) -> None:
        """Whether somebody may stop or delete what is these members': they may, and moderators. Raises BotError."""
        if actor.id not in owners and not actor.permissions.manage_messages:
            raise BotError(refusal)

    def settings(self, venue: Venue) -> tuple[ServerSettings, ChannelSettings]:
        """What holds in a place; in a direct message the defaults do."""
        server, channel = venue.place.server_id, venue.settings_id
        known = self._store.settings
        return (
            known.server(server) if server is not None else ServerSettings(consent=Consent.OPEN),
            known.channel(channel) if channel is not None else ChannelSettings(),
        )

    def painted(self, member_id: int, server_id: int | None) -> None:
        """A painting of a member was taken, from which the next one's cooldown counts."""
        if server_id is not None and self._store.settings.server(server_id).cooldown_seconds:
            self._painted_at[server_id, member_id] = asyncio.get_running_loop().time()

    def _require_here(self, actor: Actor, venue: Venue, action: Action) -> None:
        server_id = venue.place.server_id
        if server_id is not None and self._store.blocks.is_blocked(server_id, actor.id):
            raise BotError(BotErrorCode.BLOCKED)
        _require_permissions(actor, venue, action)
        server, channel = self.settings(venue)
        if action is Action.REACT and not channel.is_art:
            raise BotError(BotErrorCode.NOT_SET_UP)
        if action in _PAINTING:
            starters = server.starters if channel.starters is None else channel.starters
            if starters and not actor.roles & set(starters) and not actor.permissions.manage_guild:
                raise BotError(BotErrorCode.NOT_A_STARTER, roles=list(starters))
            self._require_pace(actor, server, server_id or 0)

    def _require_pace(self, actor: Actor, server: ServerSettings, server_id: int) -> None:
        if (waiting := self._open_of(actor.id)) >= server.open_per_member:
            raise BotError(BotErrorCode.TOO_MANY_OPEN, waiting=waiting)
        last = self._painted_at.get((server_id, actor.id))
        if last is not None:
            left = last + server.cooldown_seconds - asyncio.get_running_loop().time()
            if left > 0:
                raise BotError(BotErrorCode.COOLING_DOWN, seconds=left)
            del self._painted_at[server_id, actor.id]

    async def _require_consent(self, actor: Actor, venue: Venue, author_id: int) -> None:
        if author_id == actor.id:
            return
        server_id = venue.place.server_id
        answer = await self._store.consents.answer(author_id, server_id or 0)
        if answer is Answer.NEVER:
            raise BotError(BotErrorCode.AUTHOR_SAYS_NO)
        rule = self.settings(venue)[0].consent
        if rule is Consent.OWN:
            raise BotError(BotErrorCode.ONLY_OWN_PICTURES)
        if rule is Consent.ASK and author_id == UNKNOWN_AUTHOR:
            raise BotError(BotErrorCode.AUTHOR_UNKNOWN)
        if rule is Consent.ASK and answer is not Answer.ALWAYS:
            raise BotError(BotErrorCode.CONSENT_NEEDED, author=author_id)


def _require_permissions(actor: Actor, venue: Venue, action: Action) -> None:
    """What a member must be allowed to do by themselves for the bot to do it for them."""
    given = actor.permissions
    match action:
        case Action.PAINT | Action.REACT | Action.POST:
            writes = given.send_messages_in_threads if venue.is_thread else given.send_messages
            lacking = [] if writes else ["send_messages"]
            lacking += [] if given.attach_files else ["attach_files"]
        case Action.EXPRESS:
            lacking = [] if given.create_expressions else ["create_expressions"]
        case Action.SET_UP:
            lacking = [] if given.manage_guild else ["manage_guild"]
        case _:
            lacking = []
    if lacking:
        raise BotError(BotErrorCode.MAY_NOT, permissions=lacking)
