"""What goes when something goes: a picture, a result, a channel, a server, a member.

Rule: the store hears of it first, in one transaction, with all that is still to be erased elsewhere; then whoever follows
a ticket ends, and the eraser begins. Cut off anywhere, the next process goes on, and nothing that was deleted comes back.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

import discord
import structlog
from sqlalchemy import or_

from bot.alarms import Alarms
from bot.errors import DiscordTrouble, short
from bot.orders.pictures import Kind as PictureKind
from bot.place import Place
from bot.storage import deletions, tickets
from bot.storage.consents import Question
from bot.storage.counted import KEPT_SECONDS, Counted
from bot.storage.drafts import Draft, snapshot_nonce
from bot.storage.duels import UNDERWAY, Duel, DuelState, End
from bot.storage.erasures import Erasure, Kind
from bot.storage.ledger import Entry, What
from bot.storage.members import NOBODY
from bot.storage.museum import ALIVE, ServerStyle, State
from bot.storage.posts import Posted, Role, erasure_of
from bot.storage.settings import OnDelete, ServerSettings
from bot.storage.stars import Cleared, Out, Piece, pieces
from bot.storage.store import Store
from bot.storage.tickets import UNFINISHED, Known, StopRequest, TicketState
from bot.storage.wishes import Wishes
from bot.tickets.delivery import posted
from bot.tickets.desk import Desk
from bot.tickets.drafts import Look, look_for
from bot.tickets.eraser import Eraser
from engine.protocol import CrashPoint, reach

log = structlog.get_logger(__name__)

_CHANNELS = ("results_id", "gallery_id", "audit_id", "week_channel_id")  # settings that name one
_KEPT_POSTS = frozenset({Kind.IMAGES, Kind.JOB})  # what goes of a ticket whose other messages stay


class Deletion:
    """All ways in which what the bot has made, or was given, goes."""

    def __init__(
        self,
        client: discord.Client,
        store: Store,
        desk: Desk,
        eraser: Eraser,
        alarms: Alarms,
        stars_changed: Callable[[int, Collection[str]], None],
        counted_as: Callable[[int, Place], int | None],
    ) -> None:
        self._client, self._store, self._desk, self._eraser = client, store, desk, eraser
        self._alarms = alarms
        self._stars_changed = stars_changed  # told of a server and its pictures
        self._counted_as = counted_as  # as whose something of a member's goes on counting

    def resume(self) -> None:
        """Go on with what a former process had begun to erase."""
        self._eraser.wake()

    async def note(self, post: Posted) -> bool:
        """A message of ours shows something of a ticket; False if that was deleted meanwhile: then both go."""
        if await self._store.posts.add(post):
            return True
        self._eraser.wake()
        return False

    async def find_drafts(self) -> bool:
        """Note what a former process has posted and not noted; what belongs to a deleted ticket is erased then.

        False if Discord does not let all of it be looked for yet. Raises DBAPIError.
        """
        later: set[str] = set()
        for draft in await self._store.drafts.left():
            if draft.role is Role.RESULT and await self._store.tickets.state(draft.ticket_id) in UNFINISHED:
                continue  # whoever follows the ticket looks for it
            try:
                look = await look_for(self._client, draft)
            except DiscordTrouble as error:
                log.warning("draft looked for later", ticket=draft.ticket_id, error=short(error))
                later.add(draft.nonce)
            else:
                await self._found(draft, look)
        busy = later | self._store.drafts.underway
        for ticket_id, n in await self._store.snapshots.begun():
            if snapshot_nonce(ticket_id, n) not in busy:
                await self._store.snapshots.forget(ticket_id, n)
        return not later

    async def _found(self, draft: Draft, look: Look) -> None:
        for message in look.messages:
            is_noted = await self._store.posts.find(message.id) is not None
            is_noted = is_noted or await self.note(posted(message, draft.ticket_id, draft.role))
            if is_noted and draft.snapshot is not None:
                await self._store.snapshots.add(draft.ticket_id, draft.snapshot, message.id)
        await self._store.drafts.done(draft.nonce)

    # --- messages -----------------------------------------------------------------------------------------

    async def messages_gone(self, message_ids: Collection[int]) -> None:
        """Messages were deleted, by whomever: pictures, results or others."""
        ours = await self._store.posts.gone(*message_ids)
        await self._starred_gone(message_ids)
        await self._desk.messages_deleted(message_ids)
        await self._store.weeks.messages_gone(message_ids)
        await self._duels_gone(await self._store.duels.of_messages(message_ids), set(message_ids))
        await self._results_gone([post.ticket_id for post in ours if post.role is Role.RESULT])
        if ours:  # cut off before, whoever looks for them next finds them gone
            await self._store.posts.forget(*(post.message_id for post in ours))
        await self._pictures_gone(set(message_ids) - {post.message_id for post in ours})

    async def _starred_gone(self, message_ids: Collection[int]) -> None:
        """What was starred was deleted, or showed stars: the server has chosen what becomes of the entries."""
        message_ids = await self._store.gallery.touched(message_ids)
        if not message_ids:
            return
        await self._pieces_gone(await self._store.stars.of(pieces.c.message_id.in_(message_ids)))
        known: dict[str, Piece | None] = {}
        for message_id in message_ids:
            found = await self._store.gallery.entry_deleted(message_id, Out.MODERATOR)
            if found is None and (found := await self._store.stars.starred(message_id)) is not None:
                piece = await self._store.stars.find(found)
                if piece is None or piece.message_id != message_id:  # or its stars stay with its entry
                    await self._store.stars.change(Cleared(message_id))
                known |= {found: piece}
        self._told(piece for piece in known.values() if piece is not None)

    async def _pieces_gone(self, gone: Collection[Piece]) -> None:
        now = _now()
        for piece in gone:
            choice = self._store.settings.server(piece.server_id).on_gone
            await self._store.gallery.pictures_gone([piece.id], choice, now)
        if gone:
            self._told(gone)
            self._begin_erasing()

    def _told(self, changed: Iterable[Piece]) -> None:
        for piece in changed:
            self._stars_changed(piece.server_id, [piece.id])

    async def delete(self, ticket_id: str, told: Collection[Entry] = ()) -> None:
        """Delete a result with all copies of it, its moments, and what the engine keeps.

        `told`: what moderators are to be told of that.
        """
        await self._store.deletions.erase([ticket_id], _now(), told=told)
        self._desk.dismiss([ticket_id])
        self._begin_erasing()

    async def purge(
        self,
        server_id: int,
        ids: Collection[str],
        loose: Collection[Posted],
        duels: Collection[Duel],
        told: Collection[Entry],
        asker_id: int | None,
    ) -> None:
        """Delete many tickets of a server with all that shows them, `loose` messages of others, and what shows duels.

        `told`: what moderators are to be told of that; `asker_id`: whose questions to authors are void.
        """
        await self._store.deletions.erase(ids, _now(), told=told)
        self._desk.dismiss(ids)
        await self._copies_gone(loose)
        await self._store.erasures.add(*(erasure for duel in duels for erasure in _of_duel(duel)))
        await self._duels_gone(duels)
        if asker_id is not None:
            whose = {"server_id": server_id, "asker_id": asker_id}
            await self._store.consents.close(
                *(each.id for each in await self._store.consents.agreed(**whose))
            )
            await self._void(await self._store.consents.open_questions(**whose))
        self._begin_erasing()

    async def delete_copies(self, posts: Collection[Posted]) -> None:
        """Delete some of the messages that show a result, which stays elsewhere."""
        await self._copies_gone(posts)
        self._begin_erasing()

    async def _copies_gone(self, posts: Collection[Posted]) -> None:
        await self._store.erasures.add(*(erasure_of(post, _now()) for post in posts))
        await self._store.posts.gone(*(post.message_id for post in posts))

    async def delete_message(self, server_id: int | None, channel_id: int, message_id: int) -> None:
        """Delete a message of ours of which nothing is known any more."""
        message = Erasure(Kind.MESSAGE, "", _now(), channel_id, message_id, server_id=server_id)
        await self._store.erasures.add(message)
        self._begin_erasing()

    async def _duels_gone(self, duels: Collection[Duel], gone: Collection[int] = ()) -> None:
        """Something of duels was deleted: messages, or all that belongs to one of the two members."""
        for duel in duels:
            if duel.source_id in gone:  # the picture of whoever has accepted, which both results are made of
                await self._line_gone(await self._store.tickets.line_of(duel.tickets))
            found: Duel | None = duel
            while found is not None and not await self._is_left(found, gone):
                found = await self._store.duels.find(duel.id)  # it has gone on meanwhile
        if duels:
            self._alarms.wake()

    async def _is_left(self, duel: Duel, gone: Collection[int]) -> bool:
        """Let a duel end, and know nothing of messages that are gone; False if it does not stand like that any more."""
        names = ("message_id", "source_id", "sheet_message_id")
        left: dict[str, Any] = {
            name: None if getattr(duel, name) in gone else getattr(duel, name) for name in names
        }
        is_over = duel.state in (DuelState.OVER, DuelState.ENDED)
        end: dict[str, Any] = {} if is_over else {"state": DuelState.ENDED, "end": End.TAKEN_BACK}
        changed = replace(duel, **left, **end)
        return await self._store.duels.save(changed, *names, "state", "end", due=_now(), was=duel.state)

    async def _results_gone(self, ids: Collection[str]) -> None:
        """The messages of results were deleted: copies of them stay, and nothing more comes of them."""
        if ids:
            await self._store.deletions.erase(ids, _now(), _KEPT_POSTS)
            self._desk.dismiss(ids)
            self._begin_erasing()

    async def _pictures_gone(self, message_ids: Collection[int]) -> None:
        """The messages of pictures were deleted, of which there may be results, and questions to their authors."""
        line = await self._store.tickets.line(message_ids)
        await self.end_styles(self._store.museum.of_messages(message_ids), State.TAKEN_BACK)
        await self._void(await self._store.consents.of_pictures(message_ids))
        await self._store.reactions.forget_pictures(*message_ids)
        await self._line_gone(line)

    async def message_edited(self, message_id: int, left: Collection[str]) -> None:
        """A message was edited, and has these pictures left: one that was taken out of it is as good as deleted."""
        starred = await self._store.stars.of(pieces.c.message_id == message_id, pieces.c.picture.is_not(None))
        await self._pieces_gone([piece for piece in starred if piece.picture not in left])
        of = tickets.table.c
        made = await self._store.tickets.known(of.source_message_id == message_id, of.parent_id.is_(None))
        gone = [each.id for each in made if await self._is_taken_out(each.id, left)]
        styles = self._store.museum.of_messages([message_id])
        await self.end_styles([each for each in styles if each.identity not in left], State.TAKEN_BACK)
        await self._line_gone(await self._store.tickets.line_of(gone) if gone else [])

    async def _is_taken_out(self, ticket_id: str, left: Collection[str]) -> bool:
        """Whether a ticket's picture was a file of a message that has only these left; previews come and go."""
        ticket = await self._store.tickets.find(ticket_id)
        images = ticket.images if ticket is not None else ()
        content = next((image for image in images if image.part == "content"), None)
        return content is not None and content.kind == PictureKind.FILE and content.identity not in left

    async def end_styles(
        self,
        styles: Collection[ServerStyle],
        state: State,
        *,
        results: bool = False,
        by_id: int | None = None,
    ) -> None:
        """Let styles of servers be on offer no more; with `results`, delete what was painted in them too.

        `by_id`: who wants that, if it is not for what has become of their pictures or authors.
        """
        alive = [each for each in styles if each.state in ALIVE]
        if not alive:
            return
        told = self._told_of_styles(alive, state, by_id)
        ended = await self._store.museum.end(alive, state, _now(), results=results, told=told)
        self._desk.withdraw(ended, StopRequest.STYLE_GONE)
        if results:
            known = await self._store.tickets.known(tickets.table.c.id.in_(ended))
            self._desk.dismiss([each.id for each in known if each.state == TicketState.DELETED])
        self._begin_erasing()

    def _told_of_styles(
        self, styles: Collection[ServerStyle], state: State, by_id: int | None
    ) -> list[Entry]:
        """What moderators are told of styles that were on offer, and are no more."""
        what = What.STYLE_REMOVED if state is State.REMOVED else What.STYLE_BACK
        entries = self._store.entries
        return [
            told
            for each in styles
            if each.state is State.SHOWN or (each.state is State.OFFERED and each.approved)
            for told in (
                entries(each.server_id, what, by_id, _now(), each.author_id, style=each.name)
                if by_id is not None
                else entries(each.server_id, What.STYLE_ENDED, NOBODY, _now(), style=each.name)
            )
        ]

    async def _line_gone(self, line: Collection[Known]) -> None:
        if not line:
            return
        await self._withdraw([each.id for each in line if each.is_open])
        done = [each for each in line if not each.is_open]
        taken = [each.id for each in done if self._takes_results(each)]
        await self._store.deletions.erase(taken, _now())
        kept = [each.id for each in done if each.id not in taken]
        await self._store.deletions.drop(kept, _now(), Kind.IMAGES)
        self._desk.dismiss(taken)
        self._begin_erasing()

    def _takes_results(self, ticket: Known) -> bool:
        known = self._store.settings
        server = known.server(ticket.server_id) if ticket.server_id is not None else ServerSettings()
        return server.on_delete is OnDelete.TAKE

    async def _withdraw(self, ids: Collection[str]) -> None:
        await self._store.deletions.withdraw(ids, _now())
        self._desk.withdraw(ids)

    async def _void(self, questions: Collection[Question]) -> None:
        """Nobody needs to answer these any more."""
        if not questions:
            return
        await self._store.consents.close(*(question.id for question in questions))
        await self._store.erasures.add(
            *(
                Erasure(
                    Kind.MESSAGE,
                    "",
                    _now(),
                    question.channel_id,
                    question.question_id,
                    server_id=question.server_id,
                )
                for question in questions
                if question.question_id is not None
            )
        )
        self._begin_erasing()

    # --- places and members -------------------------------------------------------------------------------

    async def channel_gone(self, channel_id: int, server_id: int) -> None:
        """A channel or a thread was deleted, and with it all messages in it."""
        entry = await self._store.gallery.by_message(channel_id)
        if entry is not None and isinstance(self._client.get_channel(entry.channel_id), discord.ForumChannel):
            await self.messages_gone([channel_id])  # a post of a forum has the id of its message
        there = await self._store.posts.in_channel(channel_id)
        messages = [post.message_id for post in there]
        await self._store.posts.gone(*messages)
        await self._store.posts.forget(*messages)
        asked_here = tickets.table.c.channel_id == channel_id
        wanted_here = tickets.table.c.output_id == channel_id
        known = await self._store.tickets.known(asked_here | wanted_here)
        known += [each for each in await self._of_posts(there) if each not in known]
        left = await self._store.posts.having([each.id for each in known])
        gone = {each.id for each in known if each.is_unfinished or each.id not in left}
        await self._purge(gone)
        # Of a picture that was in the channel, results elsewhere stay, and nothing new is made.
        staying = [each.id for each in known if each.id not in gone and each.channel_id == channel_id]
        of_there = await self._store.tickets.known(tickets.table.c.source_channel_id == channel_id)
        await self._withdraw([each.id for each in of_there if each.is_open])
        staying += [each.id for each in of_there if not each.is_open]
        await self._store.deletions.drop(staying, _now(), Kind.IMAGES)
        self._begin_erasing()
        there_too = [each for each in self._store.museum.in_states(*ALIVE) if each.channel_id == channel_id]
        await self.end_styles(there_too, State.TAKEN_BACK)
        asked = await self._store.consents.open_questions(channel_id=channel_id)
        asked += await self._store.consents.agreed(channel_id=channel_id)
        await self._store.consents.close(*(question.id for question in asked))
        starred_there = or_(pieces.c.channel_id == channel_id, pieces.c.settings_id == channel_id)
        await self._pieces_gone(await self._store.stars.of(starred_there))
        await self._store.gallery.channel_gone(channel_id)
        await self._store.weeks.forget_channel(channel_id)
        await self._store.duels.forget_channel(channel_id)
        await self._store.settings.forget_channel(channel_id)
        await self._store.restrictions.forget_channel(channel_id)
        await self._unset(server_id, channel_id)

    async def _unset(self, server_id: int, channel_id: int) -> None:
        """A channel that is gone is nothing any more for its server."""
        server = self._store.settings.server(server_id)
        unset = {name: None for name in _CHANNELS if getattr(server, name) == channel_id}
        changes: dict[int | None, dict[str, None]] = {None: unset} if unset else {}
        own = self._store.settings.own_galleries(server_id)
        changes |= {
            each: {"own_gallery_id": None} for each, gallery_id in own.items() if gallery_id == channel_id
        }
        if changes:
            by = self._client.user.id if self._client.user is not None else NOBODY
            await self._store.settings.change(server_id, by, discord.utils.utcnow(), changes)

    async def server_gone(self, server_id: int) -> None:
        """The bot was sent away from a server, or the server is no more."""
        known = await self._store.tickets.known(tickets.table.c.server_id == server_id)
        await self._purge([each.id for each in known], messages=False)
        await self._store.posts.forget_server(server_id)
        styles = self._store.museum.of_server(server_id, *State)
        await self.end_styles(styles, State.REMOVED)
        await self._store.museum.forget(*(each.id for each in styles))
        await self._store.consents.forget_server(server_id)
        await self._store.blocks.forget_server(server_id)
        await self._store.marks.forget_server(server_id)
        await self._store.gallery.forget_server(server_id)
        await self._store.stars.forget_server(server_id)
        await self._store.ledger.forget_server(server_id)
        await self._store.counts.forget_server(server_id)
        await self._store.timers.forget_server(server_id)
        await self._store.weeks.forget_server(server_id)
        await self._store.duels.forget_server(server_id)
        await self._store.exhibits.forget_server(server_id)
        await self._store.restrictions.forget_server(server_id)
        await self._store.settings.forget_server(server_id)

    async def member_gone(self, server_id: int, member_id: int) -> None:
        """A member has left a server: nothing more is painted for them there, and no picture of theirs is kept."""
        here, of = tickets.table.c.server_id == server_id, tickets.table.c
        known = await self._store.tickets.known(here, of.user_id == member_id)
        await self._purge([each.id for each in known if each.is_open])
        done = [each.id for each in known if not each.is_open]
        await self._store.deletions.drop(done, _now(), Kind.IMAGES, Kind.JOB)
        theirs = await self._store.tickets.known(here, of.author_id == member_id, of.user_id != member_id)
        await self._store.deletions.drop(
            [each.id for each in theirs if not each.is_open], _now(), Kind.IMAGES
        )
        of_member = self._store.museum.of_author(member_id, *ALIVE)
        left = [each for each in of_member if each.server_id == server_id]
        await self.end_styles(left, State.TAKEN_BACK)
        consents = self._store.consents
        for whose in ("author_id", "asker_id"):
            await self._void(await consents.open_questions(server_id=server_id, **{whose: member_id}))
        await consents.forget_left(member_id, server_id)
        self._stars_changed(server_id, await self._store.stars.forget_left(member_id, server_id))
        await self._store.weeks.leave(server_id, member_id)
        theirs_here = await self._store.duels.of_member(member_id, server_id)
        await self._duels_gone([each for each in theirs_here if each.state in UNDERWAY])
        self._begin_erasing()

    async def forget_member(self, member_id: int, wishes: Wishes) -> bool:
        """Delete what is kept about a member, and as they wish what was posted; whether limits go on counting some of it."""
        of, now = tickets.table.c, _now()
        known = await self._store.tickets.known(of.user_id == member_id)
        others = await self._store.tickets.known(of.author_id == member_id, of.user_id != member_id)
        theirs = await self._store.consents.open_questions(author_id=member_id)
        await self._void(theirs + await self._store.consents.open_questions(asker_id=member_id))
        await self._withdraw([each.id for each in others if each.is_open])
        styles = self._store.museum.of_author(member_id, *State)
        await self.end_styles(styles, State.TAKEN_BACK, results=wishes.takes_pictures)
        done = [each.id for each in others if not each.is_open]
        if wishes.takes_pictures:
            await self._store.deletions.erase(done, now)
            self._desk.dismiss(done)
        else:
            await self._store.deletions.drop(done, now, Kind.IMAGES)
        kinds = deletions.ALL if wishes.takes_results else _KEPT_POSTS
        counting = await self._counting(member_id, now)
        for ids, which in (
            ([each.id for each in known if each.is_unfinished], deletions.ALL),
            ([each.id for each in known if not each.is_unfinished], kinds),
        ):
            still = [counting[each] for each in ids if each in counting]
            await self._store.deletions.purge(ids, now, which, with_reactions=False, counting=still)
            self._desk.dismiss(ids)
        # Their own pictures are in galleries only because they were theirs.
        own = await self._store.stars.of(pieces.c.author_id == member_id, pieces.c.ticket_id.is_(None))
        await self._store.gallery.forget([piece.id for piece in own], now)
        await self._forget_duels(member_id, wishes, now)
        reach(CrashPoint.BOT_MEMBER_FORGOTTEN)
        await self._store.members.forget(member_id, wishes.keeps_no is True, now)
        await self._store.museum.load()
        self._begin_erasing()
        return bool(counting)

    async def _counting(self, member_id: int, now: float) -> dict[str, Counted]:
        """What limits go on counting of a member's tickets, by their ids."""
        found = {}
        for ticket_id, place, at in await self._store.tickets.counting(member_id, now - KEPT_SECONDS):
            if (whose := self._counted_as(member_id, place)) is not None:
                found[ticket_id] = Counted(whose, place.server_id, place.is_personal, at)
        return found

    async def _forget_duels(self, member_id: int, wishes: Wishes, now: float) -> None:
        """Nothing is left of a member's duels but, if they want, the results of the others."""
        for duel in await self._store.duels.of_member(member_id):
            if wishes.takes_pictures or duel.state in UNDERWAY:
                await self._store.deletions.erase(duel.tickets, now)
                self._desk.dismiss(duel.tickets)
            await self._store.erasures.add(*_of_duel(duel))

    async def _of_posts(self, posts: Collection[Posted]) -> list[Known]:
        ids = {post.ticket_id for post in posts}
        return await self._store.tickets.known(tickets.table.c.id.in_(ids))

    async def _purge(self, ids: Collection[str], messages: bool = True) -> None:
        kinds = deletions.ALL if messages else _KEPT_POSTS
        await self._store.deletions.purge(ids, _now(), kinds)
        self._desk.dismiss(ids)
        self._begin_erasing()

    def _begin_erasing(self) -> None:
        reach(CrashPoint.BOT_DELETED)
        self._eraser.wake()
        self._alarms.wake()  # what shows it among others is drawn anew


def _of_duel(duel: Duel) -> list[Erasure]:
    """What is to go of a duel of which nothing is to be seen."""
    return [
        Erasure(Kind.MESSAGE, "", _now(), duel.channel_id, each, server_id=duel.server_id)
        for each in duel.shown
    ]


def _now() -> float:
    return discord.utils.utcnow().timestamp()
