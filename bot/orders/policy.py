"""Who may do what, and with whose picture: the one question that every way in asks before it does anything.

Rule: asked before a byte is fetched or a message written, for commands, menus, reactions and buttons alike. It alone
knows settings, permissions, consent, blocks, age restrictions, switches, cooldowns and caps; it reads memory and the bot's own
database, and asks neither Discord nor the engine.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import discord

from bot.errors import BotError, BotErrorCode
from bot.orders import permissions
from bot.orders.pictures import UNKNOWN_AUTHOR
from bot.orders.venue import Actor, Exhibit, Venue
from bot.place import Place
from bot.storage import tickets
from bot.storage.consents import EVERYWHERE, Answer
from bot.storage.counted import KEPT_SECONDS
from bot.storage.members import NOBODY
from bot.storage.settings import ChannelSettings, Consent, Exempt, ServerSettings, Work
from bot.storage.store import Store
from bot.storage.tickets import Ticket, TicketState
from engine.protocol import Owner

DAY_SECONDS = KEPT_SECONDS
Sheet = str | int  # a ticket's id, or a message that may show one


class Action(StrEnum):
    """What somebody wants to do."""

    PAINT = "paint"  # by a command, a menu, a mention: a picture or a result, painted
    REACT = "react"  # the same by an emoji of the palette
    POST = "post"  # something that is painted already, where all see it
    LOOK = "look"  # at something that is painted already, in private
    SEND = "send"  # the same to them directly, where no channel is
    EXPRESS = "express"  # put it into the server as an emoji or a sticker
    OFFER = "offer"  # a picture as a style of the server
    CURATE = "curate"  # decide on these
    TAKE_OUT = "take_out"  # one of these, of what the server offers
    SET_UP = "set_up"  # change the settings of a server
    VOTE = "vote"  # for one of two pictures, or for a style
    MODERATE = "moderate"  # keep a member from having anything painted


_PAINTING = (Action.PAINT, Action.REACT)
_PUBLIC = (*_PAINTING, Action.POST)  # what the bot writes where all see it
_SHOWING = (*_PUBLIC, Action.EXPRESS)  # what shows others a picture that is somebody's
_DECIDING = (Action.CURATE, Action.TAKE_OUT)
_OF_SERVERS = (Action.OFFER, Action.VOTE, *_DECIDING)
_ASKABLE = (BotErrorCode.CONSENT_NEEDED, BotErrorCode.AUTHOR_UNKNOWN)  # what a word of the author's mends
_ALWAYS = (Action.SET_UP, Action.MODERATE)  # not for those who are blocked to lose
_WHILE_OFF = (*_ALWAYS, Action.TAKE_OUT)


@dataclass(frozen=True)
class Waiting:
    """How many paintings are waited for: by a member in one group, and by all in a group (its name).

    `arriving` and `arriving_in` count those of them that have only just been asked for, and may not be stored yet.
    """

    of: Callable[[Owner], int]
    of_group: Callable[[str], int]
    arriving: Callable[[Owner], int]
    arriving_in: Callable[[str], int]


@dataclass(frozen=True)
class House:
    """What the bot's owner has closed, everywhere."""

    paused: bool = False
    blocked_users: Collection[int] = ()
    blocked_servers: Collection[int] = ()
    personal_open: int = 2  # pictures of one member at once, outside of servers
    personal_daily: int = 0  # and in 24 hours; 0: no limit


class Policy:
    """Says yes by returning, and no by raising BotError with the code and its facts."""

    def __init__(self, store: Store, waiting: Waiting, house: House = House()) -> None:
        self._store, self._waiting, self._house = store, waiting, house

    async def require(
        self,
        actor: Actor,
        venue: Venue,
        action: Action,
        author_id: int | None = None,
        nsfw: bool = False,
        root_id: str | None = None,
        sheet: Sheet | None = None,
    ) -> None:
        """Whether `actor` may do this here, with a picture of `author_id` that is perhaps age-restricted.

        `root_id` is the first ticket of its line, if it was painted: what holds where that was asked for holds too. What is
        chosen first from one's own `sheet` is part of it: no limit but that on what is open keeps it from being finished.

        Raises BotError. CONSENT_NEEDED if all that is missing is the author's word. Whoever hands in a painting
        does so at once, without waiting for anything in between, or several at once would be more than are let.
        """
        self._require_open_house(actor, venue, action)
        if action in (*_PUBLIC, Action.OFFER) and venue.permissions is not None:
            permissions.require(venue.permissions, venue.is_thread, venue.is_locked)
        self._require_here(actor, venue, action)
        await self.require_picture(actor, venue, action, author_id, nsfw, root_id, sheet)
        if action in _PAINTING:
            await self._require_pace(actor, venue, sheet)
        elif action is Action.VOTE:
            self._require_age(actor, venue)

    async def require_picture(
        self,
        actor: Actor,
        venue: Venue,
        action: Action,
        author_id: int | None,
        nsfw: bool,
        root_id: str | None = None,
        sheet: Sheet | None = None,
    ) -> None:
        """The part of the question that is about the picture, for whoever has asked the rest before. Raises BotError."""
        if nsfw and not (_is_for_adults(venue, action) or await self._is_from_here(venue, action, root_id)):
            raise BotError(BotErrorCode.AGE_RESTRICTED)
        if action in _SHOWING and author_id is not None and author_id != actor.id:
            root = await self._store.tickets.find(root_id) if root_id is not None else None
            servers = {venue.place.server_id} | ({root.place.server_id} if root is not None else set())
            try:
                await self._require_consent(servers, action, author_id)
            except BotError as error:  # a yes to a sheet is one to what is chosen from it
                if error.code is BotErrorCode.CONSENT_NEEDED and await self._is_agreed(actor, sheet):
                    return
                if error.code in _ASKABLE and venue.place.is_personal:
                    raise BotError(BotErrorCode.NOBODY_TO_ASK) from error
                raise

    async def _is_from_here(self, venue: Venue, action: Action, root_id: str | None) -> bool:
        """Whether what is held to be age-restricted is so because it is from where it is wanted, of which nobody tells."""
        if venue.is_nsfw or not venue.may_be_nsfw or action not in (*_PAINTING, Action.LOOK):
            return False
        root = await self._store.tickets.find(root_id) if root_id is not None else None
        place = root.place if root is not None else venue.place
        return place.is_by_token and place.server_id == venue.place.server_id

    async def may_exhibit(
        self, venue: Venue, member_id: int, author_id: int | None, nsfw: bool, root_id: str
    ) -> bool:
        """Whether a member's result may be shown here among others' by itself: nobody has asked for just that.

        So nothing that is age-restricted ever is, and of others' pictures only those whose author has said yes to all.
        """
        server_id = venue.place.server_id
        if nsfw or server_id is None or member_id in self._house.blocked_users:
            return False
        if self._store.blocks.is_blocked(server_id, member_id):
            return False
        if await self._store.gallery.refused_by((member_id, author_id), server_id):
            return False
        actor = Actor(member_id, discord.Permissions.none())
        try:
            await self.require_picture(actor, venue, Action.POST, author_id, nsfw, root_id)
        except BotError:
            return False
        if author_id is None or author_id == member_id:
            return True
        return await self._store.consents.answer(author_id, server_id) is Answer.ALWAYS

    def require_owner(
        self, actor: Actor, *owners: int | None, refusal: BotErrorCode = BotErrorCode.NOT_YOURS
    ) -> None:
        """Whether somebody may stop or delete what is these members': they may, and moderators. Raises BotError."""
        if actor.id not in owners and not actor.permissions.manage_messages:
            raise BotError(refusal)

    def moderates(self, actor: Actor) -> bool:
        """Whether somebody may delete others' messages in all of a server."""
        return _of_server(actor).manage_messages

    async def require_exhibited(self, picture: Exhibit) -> None:
        """Whether a picture may be shown in the gallery of its server. Raises BotError."""
        server_id, whose = picture.server_id, (picture.author_id, picture.asker_id)
        if picture.is_restricted:
            raise BotError(BotErrorCode.AGE_RESTRICTED)
        if not picture.is_for_all:
            raise BotError(BotErrorCode.NOT_FOR_ALL)
        if any(self._store.settings.channel(each).stars_needed == 0 for each in picture.settings_ids):
            raise BotError(BotErrorCode.NOT_SET_UP)
        barred = self._house.blocked_users
        if any(each in barred or self._store.blocks.is_blocked(server_id, each or 0) for each in whose):
            raise BotError(BotErrorCode.BLOCKED)
        if picture.asker_id is None and picture.author_id in (None, UNKNOWN_AUTHOR):
            raise BotError(BotErrorCode.AUTHOR_UNKNOWN)
        if await self._store.gallery.refused_by(whose, server_id):
            raise BotError(BotErrorCode.NOT_IN_GALLERY)
        if picture.asker_id is not None and picture.author_id not in (None, picture.asker_id):
            await self._require_consent({server_id}, Action.POST, picture.author_id or UNKNOWN_AUTHOR)

    def counted_as(self, member_id: int, place: Place) -> int | None:
        """As whose a picture goes on counting of which nothing else is kept.

        NOBODY's where only how many there are counts; None where nothing does.
        """
        server = self._of_server(place.server_id)
        is_personal = place.is_personal and self._house.personal_daily
        if is_personal or server.daily_per_member or server.cooldown_seconds:
            return member_id
        return NOBODY if server.daily_per_server else None

    def is_curator(self, actor: Actor, venue: Venue) -> bool:
        """Whether somebody decides what is in the museum of a server."""
        roles = self.settings(venue)[0].curators
        return may_moderate(_of_server(actor)) or bool(actor.roles & set(roles))

    def settings(self, venue: Venue) -> tuple[ServerSettings, ChannelSettings]:
        """What holds in a place; outside of the bot's servers the defaults do."""
        server, known = venue.place.server_id, self._store.settings
        return self._of_server(server), known.channel(venue.settings_id)

    def is_seen(self, venue: Venue, nsfw: bool) -> bool:
        """Whether a picture may be looked at in a place, for what it shows."""
        return not nsfw or venue.is_nsfw or venue.may_be_nsfw

    def is_quiet(self, server_id: int) -> bool:
        """Whether nothing is done in a server that nobody has asked for in words."""
        is_off = self._of_server(server_id).work is not Work.ON
        return is_off or self._house.paused or server_id in self._house.blocked_servers

    def goes_on(self, server_id: int, *member_ids: int) -> bool:
        """Whether what these members have agreed to goes on by itself in a server: it works, and nobody of them is blocked."""
        if self.is_quiet(server_id):
            return False
        barred, blocks = self._house.blocked_users, self._store.blocks
        return not any(each in barred or blocks.is_blocked(server_id, each) for each in member_ids)

    def _of_server(self, server_id: int | None) -> ServerSettings:
        if server_id is None:
            return ServerSettings()
        return self._store.settings.server(server_id)

    def _require_here(self, actor: Actor, venue: Venue, action: Action) -> None:
        server_id = venue.place.server_id
        if server_id is None:
            if action in _OF_SERVERS:
                raise BotError(BotErrorCode.SERVER_ONLY)
            return
        if action not in _ALWAYS and self._store.blocks.is_blocked(server_id, actor.id):
            raise BotError(BotErrorCode.BLOCKED)
        # What is done to a whole server is not for those who may do it in a channel of their own.
        given = _of_server(actor) if action in _ALWAYS else actor.permissions
        if lacking := _lacking(given, venue, action):
            raise BotError(BotErrorCode.MAY_NOT, permissions=lacking)
        server, channel = self.settings(venue)
        if action in _DECIDING and not self.is_curator(actor, venue):
            raise BotError(BotErrorCode.NOT_A_CURATOR)
        if action is Action.REACT and not channel.is_art:
            raise BotError(BotErrorCode.NOT_SET_UP)
        starters = server.starters if channel.starters is None else channel.starters
        if action in _PAINTING and starters and not _is_starter(actor, starters):
            raise BotError(BotErrorCode.NOT_A_STARTER, roles=list(starters))

    def _require_open_house(self, actor: Actor, venue: Venue, action: Action) -> None:
        server_id = venue.place.server_id
        if actor.id in self._house.blocked_users:
            raise BotError(BotErrorCode.BARRED)
        if server_id in self._house.blocked_servers:
            raise BotError(BotErrorCode.SERVER_BARRED)
        if action in _WHILE_OFF:
            return
        if self._house.paused:
            raise BotError(BotErrorCode.PAUSED)
        if self._of_server(server_id).work is not Work.ON:
            raise BotError(BotErrorCode.SWITCHED_OFF)

    def _require_age(self, actor: Actor, venue: Venue) -> None:
        """Whether a vote counts as a star would: there are accounts that are made for it."""
        server, now = self.settings(venue)[0], discord.utils.utcnow().timestamp()
        created = discord.utils.snowflake_time(actor.id).timestamp()
        joined = actor.joined_at if actor.joined_at is not None else created
        old_enough = max(
            created + server.star_account_days * DAY_SECONDS, joined + server.star_member_days * DAY_SECONDS
        )
        if now < old_enough:
            raise BotError(BotErrorCode.TOO_NEW, at=math.ceil(old_enough))

    async def _require_pace(self, actor: Actor, venue: Venue, sheet: Sheet | None) -> None:
        server_id = venue.place.server_id
        owner = Owner(group=venue.place.group(actor.id), user=str(actor.id))
        if venue.place.is_personal:
            await self._require_personal(owner, actor, sheet)
        server = self.settings(venue)[0]
        if server_id is None or (server.exempt is Exempt.MODERATORS and may_moderate(_of_server(actor))):
            return
        has_limits = server.cooldown_seconds or server.daily_per_member or server.daily_per_server
        if has_limits and await self._first_choice(actor, sheet) is None:
            await self._require_time(server, server_id, owner, actor.id)
        if (waiting := self._waiting.of(owner)) >= server.open_per_member:
            raise BotError(BotErrorCode.TOO_MANY_OPEN, waiting=waiting)
        if (
            server.open_per_server
            and (waiting := self._waiting.of_group(owner.group)) >= server.open_per_server
        ):
            raise BotError(BotErrorCode.SERVER_TOO_MANY_OPEN, waiting=waiting)

    async def _require_personal(self, owner: Owner, actor: Actor, sheet: Sheet | None) -> None:
        """Whether a member may have one more outside of servers, as the bot's owner limits it."""
        limit, now = self._house.personal_daily, discord.utils.utcnow().timestamp()
        if limit and await self._first_choice(actor, sheet) is None:
            mine = await self._store.tickets.asked_at(None, actor.id, now - DAY_SECONDS, limit)
            if at := _full_until(mine, self._waiting.arriving(owner), limit, now):
                raise BotError(BotErrorCode.PERSONAL_DAY_FULL, limit=limit, at=at)
        if (waiting := self._waiting.of(owner)) >= self._house.personal_open:
            raise BotError(BotErrorCode.TOO_MANY_OPEN, waiting=waiting)

    async def _require_time(
        self, server: ServerSettings, server_id: int, owner: Owner, actor_id: int
    ) -> None:
        """Whether there may be one more by now. What was read is looked at without waiting for anything in between."""
        now, tickets = discord.utils.utcnow().timestamp(), self._store.tickets
        since = now - DAY_SECONDS
        last = await tickets.newest_of(actor_id, server_id) if server.cooldown_seconds else None
        mine, all_of_them = [
            await tickets.asked_at(server_id, whose, since, limit) if limit else []
            for whose, limit in ((actor_id, server.daily_per_member), (None, server.daily_per_server))
        ]
        arriving = self._waiting.arriving(owner)
        last = now if arriving else last
        if last is not None and (left := last + server.cooldown_seconds - now) > 0:
            raise BotError(BotErrorCode.COOLING_DOWN, seconds=left)
        if at := _full_until(mine, arriving, server.daily_per_member, now):
            raise BotError(BotErrorCode.MEMBER_DAY_FULL, limit=server.daily_per_member, at=at)
        arriving = self._waiting.arriving_in(owner.group)
        if at := _full_until(all_of_them, arriving, server.daily_per_server, now):
            raise BotError(BotErrorCode.SERVER_DAY_FULL, limit=server.daily_per_server, at=at)

    async def _first_choice(self, actor: Actor, sheet: Sheet | None) -> Ticket | None:
        """A member's own sheet from which they have chosen nothing yet."""
        if isinstance(sheet, int):
            post = await self._store.posts.find(sheet)
            sheet = post.ticket_id if post is not None else None
        ticket = await self._store.tickets.find(sheet) if sheet is not None else None
        if ticket is None or not ticket.request.audition or ticket.user_id != actor.id:
            return None
        of = tickets.table.c
        theirs = (of.parent_id == ticket.id, of.user_id == actor.id, of.state != TicketState.CLOSED)
        return None if await self._store.tickets.known(*theirs) else ticket

    async def _is_agreed(self, actor: Actor, sheet: Sheet | None) -> bool:
        """Whether the author has said yes to the very sheet that a member chooses from for the first time."""
        ticket = await self._first_choice(actor, sheet)
        return ticket is not None and ticket.agreed

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


def _full_until(asked_at: Sequence[float], arriving: int, limit: int, now: float) -> int | None:
    """When there is room for one more, if there is none: `asked_at` are the newest of a day, the newest first."""
    if not limit or len(asked_at) + arriving < limit:
        return None
    still_counted = limit - arriving  # the oldest of so many has to be a day old
    return math.ceil((asked_at[still_counted - 1] if still_counted > 0 else now) + DAY_SECONDS)


def _of_server(actor: Actor) -> discord.Permissions:
    """What somebody may do in a whole server, as far as that is known: in a channel of their own it may be more."""
    return actor.of_server if actor.of_server is not None else actor.permissions


def may_moderate(given: discord.Permissions) -> bool:
    """Whether somebody who may do this moderates."""
    return given.manage_messages or given.manage_guild


def _is_for_adults(venue: Venue, action: Action) -> bool:
    """Whether what is done is seen in a place with an age restriction and nowhere else, or is not seen at all.

    What is in a server's own emojis is seen in all of its channels.
    """
    match action:
        case Action.SET_UP | Action.MODERATE:
            return True
        case Action.EXPRESS | Action.SEND:
            return False
        case _:
            return venue.is_nsfw


def _is_starter(actor: Actor, starters: tuple[int, ...]) -> bool:
    return bool(actor.roles & set(starters)) or actor.permissions.manage_guild


def _lacking(given: discord.Permissions, venue: Venue, action: Action) -> list[str]:
    """What a member must be allowed to do by themselves for the bot to do it for them, and is not."""
    match action:
        case Action.PAINT | Action.REACT | Action.POST if not venue.is_private:
            return permissions.lacking_to_post(given, venue.is_thread, venue.is_locked)
        case Action.EXPRESS if not given.create_expressions:
            return ["create_expressions"]
        case Action.SET_UP if not given.manage_guild:
            return ["manage_guild"]
        case Action.MODERATE if not may_moderate(given):
            return ["manage_messages"]
        case _:
            return []
