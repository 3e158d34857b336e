"""How a member's picture becomes a style of a server: it is proposed, its author says yes, and the server does.

Rule: what is proposed, agreed to or decided is stored before anybody hears of it, and goes on from there after a restart.
Nothing of the picture is kept before both have said yes; then the engine makes a picture of ours of it, which holds nothing
but pixels, and refuses what it would not paint with.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from weakref import WeakValueDictionary

import discord
import structlog
from sqlalchemy.exc import DBAPIError

from bot.engine_client import EngineClient
from bot.errors import BotError, BotErrorCode, DiscordTrouble, EngineUnreachable, is_passing, short
from bot.languages import speaking
from bot.museum.labels import checked_emoji, checked_name, credit_of
from bot.orders import attachments
from bot.orders.pictures import UNKNOWN_AUTHOR, Kind, SourcePicture
from bot.orders.policy import Action, Policy
from bot.orders.sources import identities
from bot.orders.venue import Actor, Venue, channel_in, is_nsfw
from bot.place import Place
from bot.storage.consents import Answer
from bot.storage.images import Images
from bot.storage.ledger import Entry, What
from bot.storage.members import NOBODY
from bot.storage.museum import (
    ALIVE,
    DIGEST,
    ENDED,
    IMAGE,
    KEY_START,
    THUMBNAIL,
    UNSURE,
    WAITING,
    WORDING,
    ServerStyle,
    State,
)
from bot.storage.store import Store
from bot.styles.catalogue import Catalogue
from bot.styles.search import plain_emoji
from bot.tickets.deletion import Deletion
from bot.tickets.posting import find, ids_of
from bot.words import museum as words
from bot.words.palette import MORE
from engine.protocol import MAX_TILE_BYTES, CrashPoint, Refusal, StyleCard, reach

log = structlog.get_logger(__name__)

OPEN_QUESTIONS = 3  # to one author in one server, and of one member who does not decide on styles
ANSWER_DAYS, DECIDE_DAYS = timedelta(days=3), timedelta(days=14)  # after which a proposal is void
IMAGE_SIDE, IMAGE_BYTES = 1024, 2**21  # as much as the engine looks at; two dozen of them are sent at once
THUMBNAIL_SIDE = 384
REQUESTS, PAUSE_SECONDS = 50, 2.0  # to look for pictures with, at once, and then for each further one


@dataclass(frozen=True)
class Proposal:
    """A picture that somebody would like to be a style where they are, by a name and perhaps an emoji."""

    actor: Actor
    venue: Venue
    picture: SourcePicture
    name: str = ""
    emoji: str = ""


class Acquisitions:
    """What is on its way into the museums; `buttons` makes those beneath our message about a style."""

    def __init__(
        self,
        client: discord.Client,
        store: Store,
        policy: Policy,
        catalogue: Catalogue,
        images: Images,
        engine: EngineClient,
        deletion: Deletion,
        limit: int,
        buttons: Callable[[ServerStyle, int], discord.ui.View],
    ) -> None:
        self._client, self._store, self._policy, self._catalogue = client, store, policy, catalogue
        self._images, self._engine, self._deletion = images, engine, deletion
        self.limit, self._buttons = limit, buttons
        self._resuming: asyncio.Task[None] | None = None
        self._acquiring: set[str] = set()
        self._showings: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by style
        self._namings: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()  # by server
        self._is_closing = False

    async def close(self) -> None:
        """Leave the rest to the next process."""
        self._is_closing = True
        if self._resuming is not None:
            self._resuming.cancel()
            await asyncio.gather(self._resuming, return_exceptions=True)

    # --- proposed -----------------------------------------------------------------------------------------

    async def require(self, proposal: Proposal) -> None:
        """See that a picture can be proposed here, by whoever does.

        Raises BotError: what the policy does, NOT_FOR_MUSEUM, AUTHOR_UNKNOWN, HIDDEN_PICTURE, NOT_A_CURATOR, AUTHOR_SAYS_NO,
        ASKED_ENOUGH, OFFERED_ENOUGH, STYLE_THERE, STYLE_DECLINED, MUSEUM_FULL.
        """
        actor, venue, picture = proposal.actor, proposal.venue, proposal.picture
        await self._policy.require(actor, venue, Action.OFFER)
        if picture.author_id == UNKNOWN_AUTHOR:
            raise BotError(BotErrorCode.AUTHOR_UNKNOWN)
        if picture.kind is not Kind.FILE or picture.author_id is None or picture.message_id is None:
            raise BotError(BotErrorCode.NOT_FOR_MUSEUM)
        if picture.spoiler:
            raise BotError(BotErrorCode.HIDDEN_PICTURE)
        await self._require_author(actor, venue, picture.author_id)
        for each in self._store.museum.of_messages([picture.message_id]):
            if each.identity == picture.identity and each.state in ALIVE:
                raise BotError(BotErrorCode.STYLE_THERE)
            is_declined = each.identity == picture.identity and each.state is State.DECLINED
            if is_declined and actor.id != picture.author_id:
                raise BotError(BotErrorCode.STYLE_DECLINED)
        if len(self._store.museum.of_server(venue.place.server_id, *ALIVE)) >= self.limit:
            raise BotError(BotErrorCode.MUSEUM_FULL, limit=self.limit)

    async def _require_author(self, actor: Actor, venue: Venue, author_id: int) -> None:
        """See that somebody may propose this author's picture, one's own or another's. Raises BotError."""
        if author_id == actor.id:
            waiting = self._store.museum.of_server(venue.place.server_id, *WAITING)
            if sum(each.author_id == author_id for each in waiting) >= OPEN_QUESTIONS:
                raise BotError(BotErrorCode.OFFERED_ENOUGH)
            return
        if not (self._policy.is_curator(actor, venue) or self._policy.settings(venue)[0].style_votes):
            raise BotError(BotErrorCode.NOT_A_CURATOR)
        if await self._store.consents.answer(author_id, venue.place.server_id or 0) is Answer.NEVER:
            raise BotError(BotErrorCode.AUTHOR_SAYS_NO)
        asked = self._store.museum.of_server(venue.place.server_id, State.ASKED)
        is_curator = self._policy.is_curator(actor, venue)
        if not is_curator and sum(each.proposer_id == actor.id for each in asked) >= OPEN_QUESTIONS:
            raise BotError(BotErrorCode.OFFERED_ENOUGH)
        if sum(each.author_id == author_id for each in asked) >= OPEN_QUESTIONS:
            raise BotError(BotErrorCode.ASKED_ENOUGH, author=author_id)

    async def propose(self, proposal: Proposal) -> ServerStyle:
        """Keep a proposal, and ask its author, unless that is whoever proposes it: they are asked in answer.

        Raises BotError, as `require`, and AUTHOR_GONE and what a name or an emoji is refused for; and what Discord does.
        """
        await self.require(proposal)
        actor, venue, picture = proposal.actor, proposal.venue, proposal.picture
        author_id, server_id = picture.author_id or 0, venue.place.server_id or 0
        author = await self._author(server_id, picture.channel_id or 0, author_id)
        async with self.naming(server_id):
            await self.require(proposal)  # of two at once, only one can be
            style = await self._keep(proposal, author)
        reach(CrashPoint.BOT_STYLE_PROPOSED)
        if actor.id != author_id:
            try:
                style = await self.show(style)
            except DiscordTrouble as error:
                if not is_passing(error):
                    await self._store.museum.forget(style.id)
                    raise
                log.info("author of a style not asked yet", style=style.id, error=short(error))
        return style

    def naming(self, server_id: int) -> asyncio.Lock:
        """Held while a name and an emoji are looked at and kept, so that no two styles of a server get the same."""
        return self._namings.setdefault(server_id, asyncio.Lock())

    async def _keep(self, proposal: Proposal, author: discord.Member) -> ServerStyle:
        """Keep a proposal. Raises BotError for what a name or an emoji is refused for."""
        actor, venue, picture = proposal.actor, proposal.venue, proposal.picture
        author_id, server_id = author.id, venue.place.server_id or 0
        with speaking(self._store.settings.language(Place(server_id).server(self._client))):
            nobody = words.OF_NOBODY()  # which is kept, and read by all
        style = ServerStyle(
            id=f"{KEY_START}{token_hex(8)}",
            server_id=server_id,
            channel_id=picture.channel_id or 0,
            message_id=picture.message_id or 0,
            identity=picture.identity,
            author_id=author_id,
            proposer_id=actor.id,
            name=self.free_name(server_id, proposal.name),
            credit=credit_of(author.display_name) or nobody,
            emoji=self.free_emoji(server_id, proposal.emoji),
            nsfw=picture.nsfw,
            state=State.ASKED,
            at=_now(),
            approved=self._policy.is_curator(actor, venue),
        )
        await self._store.museum.add(style)
        return style

    async def _author(self, server_id: int, channel_id: int, author_id: int) -> discord.Member:
        channel = channel_in(self._client, server_id, channel_id)
        if channel is None:
            raise BotError(BotErrorCode.NOT_FOR_MUSEUM)
        try:
            author = await channel.guild.fetch_member(author_id)
        except discord.NotFound as error:
            raise BotError(BotErrorCode.AUTHOR_GONE, author=author_id) from error
        if author.bot or not channel.permissions_for(author).view_channel:
            raise BotError(BotErrorCode.AUTHOR_GONE, author=author_id)
        return author

    def free_name(self, server_id: int, typed: str, but: str = "") -> str:
        """A name that no other style has, of those that there are in a server. Raises BotError."""
        return checked_name(typed, [each for each in self._taken(server_id) if each.name != but])

    def free_emoji(self, server_id: int, typed: str, but: str = "") -> str:
        """An emoji that stands for no other style there, and is no star. Raises BotError."""
        taken = [each.emoji for each in self._taken(server_id) if each.name != but]
        return checked_emoji(typed, [*taken, self._store.settings.server(server_id).star])

    def is_palettes(self, server_id: int, emoji: str) -> bool:
        """Whether an emoji stands for a style there, or for all of them: who taps it has a picture painted."""
        meant = [MORE, *(each.emoji for each in self._taken(server_id))]
        return plain_emoji(emoji) in map(plain_emoji, meant)

    def _taken(self, server_id: int) -> list[StyleCard]:
        own = self._store.museum.of_server(server_id, *ALIVE)
        return [*self._catalogue.styles(), *(each.card for each in own)]

    # --- answered -----------------------------------------------------------------------------------------

    async def answer(self, actor: Actor, venue: Venue, style_id: str, yes: bool) -> ServerStyle | None:
        """Take an author's answer; the style as it stands then, None after a no, which needs nothing else.

        Raises BotError as the policy does, STYLE_OVER, NOT_THE_AUTHOR; and Refusal, BotError for a picture that cannot be one.
        """
        style = self._waiting(style_id, State.ASKED)
        if actor.id != style.author_id:
            raise BotError(BotErrorCode.NOT_THE_AUTHOR, author=style.author_id)
        if not yes:
            await self._deletion.end_styles([style], State.DECLINED)
            return None
        await self._policy.require(actor, venue, Action.OFFER)
        votes = self._store.settings.server(style.server_id)
        until = (
            _now() + votes.style_vote_days * 24 * 3600.0 if votes.style_votes and not style.approved else None
        )
        said = {"state": State.OFFERED, "wording": WORDING, "consented_at": _now(), "until": until}
        told = self._told(style, What.STYLE_ADDED, style.proposer_id) if style.approved else ()
        kept = await self._store.museum.save(style, State.ASKED, told=told, **said)
        reach(CrashPoint.BOT_STYLE_CONSENTED)
        return await self._go_on(kept)

    async def decide(self, actor: Actor, venue: Venue, style_id: str, yes: bool) -> ServerStyle | None:
        """Take a moderator's word on what is offered. Raises BotError as the policy does, STYLE_OVER; and as `answer`."""
        await self._policy.require(actor, venue, Action.CURATE if yes else Action.TAKE_OUT)
        style = self._waiting(style_id, State.OFFERED, venue.place.server_id)
        if not yes:
            await self._deletion.end_styles([style], State.DECLINED)
            return None
        return await self._approve(style, What.STYLE_ADDED, actor.id)

    async def vote(self, actor: Actor, venue: Venue, style_id: str) -> tuple[ServerStyle, bool]:
        """Count a member's vote, or take it back: the style, and whether it counts. Raises BotError as the policy
        does, OWN_VOTE, STYLE_OVER.
        """
        await self._policy.require(actor, venue, Action.VOTE)
        style = self._waiting(style_id, State.OFFERED, venue.place.server_id)
        if style.until is None or style.until <= _now():
            raise BotError(BotErrorCode.STYLE_OVER)
        if actor.id == style.author_id:
            raise BotError(BotErrorCode.OWN_VOTE)
        await self._store.museum.vote(style.id, actor.id, _now())
        reach(CrashPoint.BOT_STYLE_VOTED)
        if await self._is_voted(style):
            return await self._approve(style, What.STYLE_VOTED, NOBODY), True
        return await self.show(style), actor.id in await self._voters(style)

    async def _is_voted(self, style: ServerStyle) -> bool:
        """Whether enough members would like a style that can be voted for."""
        needed = self._store.settings.server(style.server_id).style_votes
        return bool(needed) and style.until is not None and len(await self._voters(style)) >= needed

    async def _voters(self, style: ServerStyle) -> list[int]:
        """Whose votes count: nobody's who is blocked by now."""
        blocked = self._store.blocks.blocked(style.server_id)
        return [each for each in await self._store.museum.voters(style.id) if each not in blocked]

    def _waiting(self, style_id: str, state: State, server_id: int | None = None) -> ServerStyle:
        style = self._store.museum.find(style_id)
        is_decided = style is None or style.state is not state or (state is State.OFFERED and style.approved)
        if style is None or is_decided or server_id not in (None, style.server_id):
            raise BotError(BotErrorCode.STYLE_OVER)
        return style

    async def _approve(self, style: ServerStyle, what: What, by_id: int) -> ServerStyle:
        told = self._told(style, what, by_id)
        return await self._go_on(
            await self._store.museum.save(style, State.OFFERED, told=told, approved=True)
        )

    def _told(self, style: ServerStyle, what: What, by_id: int) -> list[Entry]:
        """What moderators are told of a style that the server says yes to."""
        return self._store.entries(style.server_id, what, by_id, _now(), style.author_id, style=style.name)

    async def _go_on(self, style: ServerStyle | None) -> ServerStyle:
        """What follows from what is kept. Raises BotError STYLE_OVER: it has ended meanwhile; and as `answer`."""
        if style is None:
            raise BotError(BotErrorCode.STYLE_OVER)
        if style.approved:
            try:
                style = await self._acquire(style)
            except EngineUnreachable as error:  # `resume` and `sweep` go on with it
                log.info("style not added yet", style=style.id, error=short(error))
        try:
            return await self.show(style)
        except DiscordTrouble as error:
            log.info("style not told of", style=style.id, error=short(error))
            return style

    async def _acquire(self, style: ServerStyle) -> ServerStyle:
        """Bring the picture in, and have it on show. Raises as `answer`, and EngineUnreachable."""
        if style.id in self._acquiring:
            return style
        self._acquiring.add(style.id)
        try:
            digest = await self._bring(style)
        except (EngineUnreachable, *DiscordTrouble) as error:
            if is_passing(error):
                raise EngineUnreachable(short(error)) from error
            await self._deletion.end_styles([style], State.REMOVED)
            raise BotError(BotErrorCode.NOT_FETCHED, image="style") from error
        except (Refusal, BotError):
            await self._deletion.end_styles([style], State.REMOVED)
            raise
        finally:
            self._acquiring.discard(style.id)
        shown = await self._store.museum.save(style, State.OFFERED, state=State.SHOWN, sha256=digest)
        if shown is None:  # its author has taken it back in between
            await self._images.drop(style.id)
            raise BotError(BotErrorCode.STYLE_OVER)
        reach(CrashPoint.BOT_STYLE_SHOWN)
        return shown

    async def _bring(self, style: ServerStyle) -> str:
        """Fetch and keep the picture; its digest. Raises what Discord and the engine do, and BotError NOT_FETCHED."""
        channel = self._client.get_partial_messageable(style.channel_id, guild_id=style.server_id)
        message = await channel.fetch_message(style.message_id)
        found = (SourcePicture.of_attachment(each) for each in message.attachments)
        picture = next((each for each in found if each.identity == style.identity), None)
        if picture is None:
            raise BotError(BotErrorCode.NOT_FETCHED, image="style")
        attachments.check(picture, "style")
        sent = await attachments.download(self._client, picture.url, "style")
        image = (await self._engine.redrawn(sent, IMAGE_SIDE, IMAGE_BYTES)).data
        thumbnail = (await self._engine.redrawn(image, THUMBNAIL_SIDE, MAX_TILE_BYTES)).data
        digest = hashlib.sha256(image).hexdigest()
        await self._images.put(style.id, DIGEST, digest.encode())
        await self._images.put(style.id, IMAGE, image)
        await self._images.put(style.id, THUMBNAIL, thumbnail)
        reach(CrashPoint.BOT_STYLE_PICTURE_KEPT)
        return digest

    # --- told ---------------------------------------------------------------------------------------------

    async def show(self, style: ServerStyle) -> ServerStyle:
        """Have our message in the picture's channel say how a style stands. Raises what Discord does.

        One after the other: whoever answers may be quicker than Discord, which has not said yet which message it is.
        """
        async with self._showings.setdefault(style.id, asyncio.Lock()):
            newest = self._store.museum.find(style.id)
            return style if newest is None or newest.state not in ALIVE else await self._show(newest)

    async def _show(self, style: ServerStyle) -> ServerStyle:
        votes = len(await self._voters(style)) if style.until is not None else 0
        needed = self._store.settings.server(style.server_id).style_votes
        with speaking(self._store.settings.language(Place(style.server_id).server(self._client))):
            text, view = words.message(style, votes, needed), self._buttons(style, votes)
        channel = self._client.get_partial_messageable(style.channel_id, guild_id=style.server_id)
        if style.question_id == UNSURE:
            found = await self._find(style)
            style = await self._store.museum.save(style, *ALIVE, question_id=found) or style
        if style.question_id:
            nobody = discord.AllowedMentions.none()
            there = channel.get_partial_message(style.question_id)
            await there.edit(content=text, view=view, allowed_mentions=nobody)
            return style
        if await self._store.museum.save(style, *ALIVE, question_id=UNSURE) is None:
            return style
        try:
            message_id = await self._post(style, text, view)
        except DiscordTrouble as error:
            if not is_passing(error):  # then it may be there all the same, and is looked for
                await self._store.museum.save(style, *ALIVE, question_id=None)
            raise
        reach(CrashPoint.BOT_STYLE_ASKED)
        noted = await self._store.museum.save(style, *ALIVE, question_id=message_id)
        if noted is None:
            await self._deletion.delete_message(style.server_id, style.channel_id, message_id)
        return noted or style

    async def _post(self, style: ServerStyle, text: str, view: discord.ui.View) -> int:
        """Post our message about a style beneath its picture. Raises what Discord does."""
        channel = self._client.get_partial_messageable(style.channel_id, guild_id=style.server_id)
        only_them = discord.AllowedMentions.none()
        if style.state is State.ASKED:
            only_them = discord.AllowedMentions(users=[discord.Object(style.author_id)])
        beneath = discord.MessageReference(
            message_id=style.message_id, channel_id=style.channel_id, fail_if_not_exists=False
        )
        message = await channel.send(
            text,
            view=view,
            nonce=style.id,
            reference=beneath,
            mention_author=False,
            allowed_mentions=only_them,
        )
        return message.id

    async def _find(self, style: ServerStyle) -> int | None:
        """Our message about a style, if a former process has posted one. Raises what a later try may mend."""
        channel = self._client.get_partial_messageable(style.channel_id, guild_id=style.server_id)
        mine = re.compile(rf"museum:\w+:{style.id}\b")
        with suppress(discord.NotFound, discord.Forbidden):
            return await find(self._client, channel, lambda message: bool(mine.search(ids_of(message))))
        return None

    async def refresh(self, style_id: str) -> None:
        """Have our message about a style say how it stands, which a former process did not live to do."""
        style = self._store.museum.find(style_id)
        if style is not None and style.state in ALIVE and style.question_id:
            with suppress(*DiscordTrouble):
                await self.show(style)

    async def question_gone(self, *message_ids: int) -> None:
        """Our messages were deleted: whoever is asked there is asked no more; what is on show stays."""
        for style in self._store.museum.in_states(*ALIVE):
            if style.question_id in message_ids:
                changed = await self._store.museum.save(style, *ALIVE, question_id=None)
                if changed is not None and changed.state in WAITING and not changed.approved:
                    await self._deletion.end_styles([changed], State.REMOVED)

    # --- gone on with -------------------------------------------------------------------------------------

    def resume(self) -> None:
        """Go on with what a former process has begun, now that the channels are known."""
        if not self._is_closing and (self._resuming is None or self._resuming.done()):
            self._resuming = asyncio.create_task(self._resume(), name="styles of servers")

    async def _resume(self) -> None:
        await self.sweep()
        try:
            await self.look_for_pictures(self._store.museum.in_states(*ALIVE))
        except (DBAPIError, *DiscordTrouble) as error:  # each is looked for once a day
            log.warning("pictures of styles not looked for", error=short(error))

    async def sweep(self) -> None:
        """Ask, add and show what could not be, and let go of what nobody has answered."""
        try:
            await self._let_go()
            await self.restrict()
            for style in self._store.museum.in_states(*ALIVE):
                if not self._policy.is_quiet(style.server_id):
                    await self._take_up(style)
            await self._tidy()
            hour = discord.utils.utcnow().hour
            await self.look_for_authors(hour)
            alive = self._store.museum.in_states(*ALIVE)
            await self.look_for_pictures([each for each in alive if _hour_of(each.author_id) == hour])
        except (DBAPIError, *DiscordTrouble) as error:  # the next sweep does
            log.warning("styles not looked at", error=short(error))

    async def restrict(self) -> None:
        """A style from where there is an age restriction by now is one for such channels from then on."""
        for style in self._store.museum.in_states(*ALIVE):
            where = channel_in(self._client, style.server_id, style.channel_id)
            if is_nsfw(where) and not style.nsfw:
                await self._store.museum.save(style, *ALIVE, nsfw=True)

    async def _let_go(self) -> None:
        now, late = _now(), list[ServerStyle]()
        for style in self._store.museum.in_states(*WAITING):
            patience = ANSWER_DAYS if style.state is State.ASKED else DECIDE_DAYS
            until = style.until if style.until is not None else style.at + patience.total_seconds()
            late += [style] if until <= now and not style.approved else []
        asked = [each for each in self._store.museum.in_states(State.ASKED) if each.approved]
        late += [each for each in asked if each.at + ANSWER_DAYS.total_seconds() <= now]
        await self._deletion.end_styles(late, State.REMOVED)

    async def _take_up(self, style: ServerStyle) -> None:
        is_own = style.state is State.ASKED and style.author_id == style.proposer_id
        is_to_tell = style.question_id is None and style.state is not State.SHOWN and not is_own
        try:
            if style.state is State.OFFERED and style.approved:
                await self._go_on(style)
            elif style.state is State.OFFERED and await self._is_voted(style):
                await self._approve(style, What.STYLE_VOTED, NOBODY)
            elif is_to_tell or style.question_id == UNSURE:
                await self.show(style)
        except (BotError, Refusal, *DiscordTrouble) as error:  # one that is hindered holds up no other
            log.info("style not taken up", style=style.id, error=short(error))

    async def _tidy(self) -> None:
        """Forget pictures of which there is no style, as of a database that is older than they are; and messages."""
        if self._store.shards.have_first:
            there = await self._images.owners()
            await self._store.museum.load()  # a style is kept before its picture is, by whichever process
            for style_id in set(there) - self._store.museum.are_on_offer():
                await self._images.drop(style_id)
        for style in self._store.museum.in_states(*ENDED):
            if style.question_id == UNSURE:  # it ended before its message was noted
                found = await self._find(style)
                if found is not None:
                    await self._deletion.delete_message(style.server_id, style.channel_id, found)
                await self._store.museum.save(style, *ENDED, question_id=None)

    async def look_for_authors(self, hour: int) -> None:
        """Whoever has left takes their styles along; Discord tells of it only who asks, so each is asked for once a day,
        at an hour (0 to 23) of their own. Raises what Discord does.
        """
        shown = self._store.museum.in_states(*ALIVE)
        authors = {(each.server_id, each.author_id) for each in shown}
        for server_id, author_id in authors:
            guild = self._client.get_guild(server_id)
            if guild is None or guild.unavailable or _hour_of(author_id) != hour:
                continue
            try:
                await guild.fetch_member(author_id)
            except discord.NotFound:
                await self._deletion.member_gone(server_id, author_id)

    async def look_for_pictures(self, styles: Sequence[ServerStyle]) -> None:
        """A picture that was deleted while the bot was away takes its style along; a request each, and few at once.

        Raises what Discord does.
        """
        for n, style in enumerate(styles):
            if n >= REQUESTS:
                await asyncio.sleep(PAUSE_SECONDS)
            channel = channel_in(self._client, style.server_id, style.channel_id)
            if channel is None or channel.guild.unavailable:
                continue
            try:
                message = await channel.fetch_message(style.message_id)
            except discord.NotFound:
                await self._deletion.messages_gone([style.message_id])
            except discord.Forbidden:  # which tells nothing of the picture
                continue
            else:
                if self._client.intents.message_content:
                    await self._deletion.message_edited(style.message_id, identities(message))


def _hour_of(author_id: int) -> int:
    """At which hour of the day is looked for an author and what is theirs."""
    return (author_id >> 22) % 24


def _now() -> float:
    return discord.utils.utcnow().timestamp()
