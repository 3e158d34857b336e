"""Who may do what, and with whose picture: the one question that every way in asks before it does anything.

Rule: asked before a byte is fetched or a message written, for commands, menus, reactions and buttons alike. It alone
knows settings, permissions, consent, blocks, age restrictions, cooldowns and caps; it reads memory and the bot's own
database, and asks neither Discord nor the engine.
"""

from collections.abc import Callable, Collection
from enum import StrEnum

import discord

from bot.errors import BotError, BotErrorCode
from bot.orders import permissions
from bot.orders.pictures import UNKNOWN_AUTHOR
from bot.orders.venue import Actor, Exhibit, Venue
from bot.storage.consents import EVERYWHERE, Answer
from bot.storage.settings import ChannelSettings, Consent, ServerSettings
from bot.storage.store import Store
from engine.protocol import Owner


class Action(StrEnum):
    """What somebody wants to do."""

    PAINT = "paint"  # by a command, a menu, a mention: a picture or a result, painted
    REACT = "react"  # the same by an emoji of the palette
    POST = "post"  # something that is painted already, where all see it
    LOOK = "look"  # at something that is painted already, in private
    EXPRESS = "express"  # put it into the server as an emoji or a sticker
    SET_UP = "set_up"  # change the settings of a server
    MODERATE = "moderate"  # keep a member from having anything painted


_PAINTING = (Action.PAINT, Action.REACT)
_PUBLIC = (*_PAINTING, Action.POST)  # what the bot writes where all see it
_SHOWING = (*_PUBLIC, Action.EXPRESS)  # what shows others a picture that is somebody's
_ALWAYS = (Action.SET_UP, Action.MODERATE)  # not for those who are blocked to lose


class Policy:
    """Says yes by returning, and no by raising BotError with the code and its facts.

    `open_of` tells how many paintings a member waits for in one group, and `arriving` how many of these have only
    just been asked for and are not stored yet.
    """

    def __init__(
        self, store: Store, open_of: Callable[[Owner], int], arriving: Callable[[Owner], int]
    ) -> None:
        self._store, self._open_of, self._arriving = store, open_of, arriving

    async def require(
        self,
        actor: Actor,
        venue: Venue,
        action: Action,
        author_id: int | None = None,
        nsfw: bool = False,
        root_id: str | None = None,
    ) -> None:
        """Whether `actor` may do this here, with a picture of `author_id` that is perhaps age-restricted.

        `root_id` is the first ticket of its line, if it was painted: what holds where that was asked for holds too.

        Raises BotError. CONSENT_NEEDED if all that is missing is the author's word. Whoever hands in a painting
        does so at once, without waiting for anything in between, or several at once would be more than are let.
        """
        if action in _PUBLIC and venue.permissions is not None:
            permissions.require(venue.permissions, venue.is_thread, venue.is_locked)
        self._require_here(actor, venue, action)
        await self.require_picture(actor, venue, action, author_id, nsfw, root_id)
        if action in _PAINTING:
            await self._require_pace(actor, venue)

    async def require_picture(
        self,
        actor: Actor,
        venue: Venue,
        action: Action,
        author_id: int | None,
        nsfw: bool,
        root_id: str | None = None,
    ) -> None:
        """The part of the question that is about the picture, for whoever has asked the rest before. Raises BotError."""
        # What is in a server's own emojis is seen in all of its channels.
        if nsfw and action in _SHOWING and (action is Action.EXPRESS or not venue.is_nsfw):
            raise BotError(BotErrorCode.AGE_RESTRICTED)
        if action in _SHOWING and author_id is not None and author_id != actor.id:
            root = await self._store.tickets.find(root_id) if root_id is not None else None
            servers = {venue.place.server_id} | ({root.place.server_id} if root is not None else set())
            await self._require_consent(servers, action, author_id)

    def require_owner(
        self, actor: Actor, *owners: int | None, refusal: BotErrorCode = BotErrorCode.NOT_YOURS
    ) -> None:
        """Whether somebody may stop or delete what is these members': they may, and moderators. Raises BotError."""
        if actor.id not in owners and not actor.permissions.manage_messages:
            raise BotError(refusal)

    async def require_exhibited(self, picture: Exhibit) -> None:
        """Whether a picture may be shown in the gallery of its server. Raises BotError."""
        server_id, whose = picture.server_id, (picture.author_id, picture.asker_id)
        if picture.is_restricted:
            raise BotError(BotErrorCode.AGE_RESTRICTED)
        if not picture.is_for_all:
            raise BotError(BotErrorCode.NOT_FOR_ALL)
        if self._store.settings.channel(picture.settings_id).stars_needed == 0:
            raise BotError(BotErrorCode.NOT_SET_UP)
        if any(each is not None and self._store.blocks.is_blocked(server_id, each) for each in whose):
            raise BotError(BotErrorCode.BLOCKED)
        if picture.asker_id is None and picture.author_id in (None, UNKNOWN_AUTHOR):
            raise BotError(BotErrorCode.AUTHOR_UNKNOWN)
        if await self._store.gallery.refused_by(whose, server_id):
            raise BotError(BotErrorCode.NOT_IN_GALLERY)
        if picture.asker_id is not None and picture.author_id not in (None, picture.asker_id):
            await self._require_consent({server_id}, Action.POST, picture.author_id or UNKNOWN_AUTHOR)

    def settings(self, venue: Venue) -> tuple[ServerSettings, ChannelSettings]:
        """What holds in a place; in a direct message the defaults do."""
        server, known = venue.place.server_id, self._store.settings
        return self._of_server(server), known.channel(venue.settings_id)

    def _of_server(self, server_id: int | None) -> ServerSettings:
        if server_id is None:
            return ServerSettings(consent=Consent.OPEN)
        return self._store.settings.server(server_id)

    def _require_here(self, actor: Actor, venue: Venue, action: Action) -> None:
        server_id = venue.place.server_id
        if server_id is None:
            return
        if action not in _ALWAYS and self._store.blocks.is_blocked(server_id, actor.id):
            raise BotError(BotErrorCode.BLOCKED)
        if lacking := _lacking(actor.permissions, venue, action):
            raise BotError(BotErrorCode.MAY_NOT, permissions=lacking)
        server, channel = self.settings(venue)
        if action is Action.REACT and not channel.is_art:
            raise BotError(BotErrorCode.NOT_SET_UP)
        starters = server.starters if channel.starters is None else channel.starters
        if action in _PAINTING and starters and not _is_starter(actor, starters):
            raise BotError(BotErrorCode.NOT_A_STARTER, roles=list(starters))

    async def _require_pace(self, actor: Actor, venue: Venue) -> None:
        if venue.place.server_id is None:  # the engine's own caps hold
            return
        server = self.settings(venue)[0]
        owner = Owner(group=venue.place.group(actor.id), user=str(actor.id))
        if server.cooldown_seconds:
            last = await self._store.tickets.newest_of(actor.id, venue.place.server_id)
            now = discord.utils.utcnow().timestamp()
            since = now if self._arriving(owner) else last
            if since is not None and (left := since + server.cooldown_seconds - now) > 0:
                raise BotError(BotErrorCode.COOLING_DOWN, seconds=left)
        if (waiting := self._open_of(owner)) >= server.open_per_member:
            raise BotError(BotErrorCode.TOO_MANY_OPEN, waiting=waiting)

    async def _require_consent(
        self, server_ids: Collection[int | None], action: Action, author_id: int
    ) -> None:
        said = [
            (self._of_server(each).consent, await self._store.consents.answer(author_id, each or EVERYWHERE))
            for each in server_ids
        ]
        if any(answer is Answer.NEVER for _, answer in said):
            raise BotError(BotErrorCode.AUTHOR_SAYS_NO)
        rules = {rule for rule, _ in said}
        if Consent.OWN in rules:
            raise BotError(BotErrorCode.ONLY_OWN_PICTURES)
        if action not in _PAINTING:  # what is painted already was painted with the author's word
            return
        if Consent.ASK in rules and author_id == UNKNOWN_AUTHOR:
            raise BotError(BotErrorCode.AUTHOR_UNKNOWN)
        if any(answer is Answer.ASK or (answer is None and rule is Consent.ASK) for rule, answer in said):
            raise BotError(BotErrorCode.CONSENT_NEEDED, author=author_id)


def _is_starter(actor: Actor, starters: tuple[int, ...]) -> bool:
    return bool(actor.roles & set(starters)) or actor.permissions.manage_guild


def _lacking(given: discord.Permissions, venue: Venue, action: Action) -> list[str]:
    """What a member must be allowed to do by themselves for the bot to do it for them, and is not."""
    match action:
        case Action.PAINT | Action.REACT | Action.POST:
            return permissions.lacking_to_post(given, venue.is_thread, venue.is_locked)
        case Action.EXPRESS if not given.create_expressions:
            return ["create_expressions"]
        case Action.SET_UP if not given.manage_guild:
            return ["manage_guild"]
        case Action.MODERATE if not (given.manage_messages or given.manage_guild):
            return ["manage_messages"]
        case _:
            return []
