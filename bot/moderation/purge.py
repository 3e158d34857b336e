"""Deletes what one member had painted in a server, or what was painted of their pictures, once a moderator has seen how much.

Their duels go along, of which a message of ours shows their picture; what they have offered as styles, if the moderator wants.

Rule: counted again when it is confirmed, and gone from the store in one transaction, with what is told of it; the messages
go as fast as Discord lets them, over restarts too. Whoever is purged keeps what they have in other servers.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

import discord
import structlog

from bot.answers import settle
from bot.errors import DiscordTrouble, short
from bot.storage import tickets
from bot.storage.duels import Duel, DuelState
from bot.storage.ledger import Entry, What
from bot.storage.museum import ALIVE, WAITING, ServerStyle, State
from bot.storage.posts import Posted, Role
from bot.storage.store import Store
from bot.storage.tickets import Known
from bot.tickets.deletion import Deletion
from bot.tickets.eraser import Eraser
from bot.words import purge as words
from bot.words.purge import Purged

log = structlog.get_logger(__name__)

TOLD_SECONDS = 3.0  # between two edits of how far it is
WATCHED_SECONDS = 600.0  # for which that is told: an interaction's token lives a quarter of an hour
_ERASED = (Role.PROGRESS, Role.NOTICE)  # which show no result


class Which(StrEnum):
    """Which results."""

    BOTH = "both"
    ASKED = "asked"  # those that the member asked for
    MADE = "made"  # those of their pictures


@dataclass(frozen=True)
class Target:
    """What is to go: of which member, of which results, asked for since when (seconds since 1970)."""

    member_id: int
    which: Which
    since: int
    styles: bool = False  # theirs too, of the server's museum


@dataclass(frozen=True)
class _Found:
    tickets: Sequence[Known]  # of the server
    posts: Sequence[Posted]  # that show them
    loose: Sequence[Posted]  # in the server, of tickets that are not its own
    duels: Sequence[Duel]
    styles: Sequence[ServerStyle]

    def count(self) -> Purged:
        """What whoever is asked is told; styles are none of it unless they are wanted too."""
        shown = [post for post in (*self.posts, *self.loose) if post.role not in _ERASED]
        return Purged(
            results=len({post.ticket_id for post in shown}),
            channels=len({post.channel_id for post in shown}),
            waiting=sum(ticket.is_unfinished for ticket in self.tickets),
            duels=len(self.duels),
        )


class Purge:
    """What moderators sweep with."""

    def __init__(self, store: Store, deletion: Deletion, eraser: Eraser) -> None:
        self._store, self._deletion, self._eraser = store, deletion, eraser

    async def count(self, server_id: int, target: Target) -> tuple[Purged, Sequence[ServerStyle]]:
        """How much would go, and the styles that could."""
        found = await self._find(server_id, target)
        return found.count(), found.styles

    async def sweep(self, interaction: discord.Interaction, server_id: int, target: Target) -> None:
        """Delete it for a moderator whose click is acknowledged, and tell them how far it is."""
        found = await self._find(server_id, target)
        count, by_id = found.count(), interaction.user.id
        doomed = {post.message_id for post in (*found.posts, *found.loose)}
        doomed |= {message_id for duel in found.duels for message_id in duel.shown}
        told = self._told(server_id, interaction, target, count)
        with self._eraser.watching(doomed) as progress:
            ids = [ticket.id for ticket in found.tickets]
            asker_id = target.member_id if target.which is not Which.MADE else None
            await self._deletion.purge(server_id, ids, found.loose, found.duels, told, asker_id)
            if target.styles:
                await self._deletion.end_styles(found.styles, State.REMOVED, by_id=by_id)
                count = replace(count, styles=len(found.styles))
            log.info("purged", server=server_id, tickets=len(ids), messages=len(doomed), by=by_id)
            await interaction.edit_original_response(content=words.underway(len(doomed), 0), view=None)
            await settle(interaction, self._store.owed)  # what is left goes by itself, whoever erases it
            last = asyncio.get_running_loop().time()
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCHED_SECONDS):
                    while progress.left:
                        await progress.changed()
                        if progress.left and asyncio.get_running_loop().time() >= last + TOLD_SECONDS:
                            last = asyncio.get_running_loop().time()
                            await _tell(
                                interaction, words.underway(len(doomed), len(doomed) - len(progress.left))
                            )
            await _tell(interaction, words.done(count, len(progress.left)))

    def _told(
        self, server_id: int, interaction: discord.Interaction, target: Target, count: Purged
    ) -> list[Entry]:
        """What the other moderators are told, of styles apart."""
        facts = asdict(count)
        if not any(facts.values()):
            return []
        by_id, at = interaction.user.id, interaction.created_at.timestamp()
        return self._store.entries(server_id, What.PURGED, by_id, at, target.member_id, **facts)

    async def _find(self, server_id: int, target: Target) -> _Found:
        of, posts = tickets.table.c, self._store.posts
        theirs = {
            Which.ASKED: of.user_id == target.member_id,
            Which.MADE: of.author_id == target.member_id,
            Which.BOTH: (of.user_id == target.member_id) | (of.author_id == target.member_id),
        }[target.which]
        known = await self._store.tickets.known(theirs, of.created_at >= target.since)
        shown = await posts.of_tickets([ticket.id for ticket in known])
        here = {ticket.id for ticket in known if ticket.server_id == server_id}
        left = {post.ticket_id for post in shown}
        return _Found(
            tickets=[each for each in known if each.id in here and (each.is_unfinished or each.id in left)],
            posts=[post for post in shown if post.ticket_id in here],
            loose=[post for post in shown if post.ticket_id not in here and post.server_id == server_id],
            duels=await self._duels(server_id, target),
            styles=self._styles(server_id, target),
        )

    async def _duels(self, server_id: int, target: Target) -> list[Duel]:
        """Those in which a picture of theirs is still shown."""
        member_id = target.member_id
        found = await self._store.duels.of_member(member_id, server_id)
        theirs = [each for each in found if each.at >= target.since and each.shown]
        if target.which is Which.ASKED:
            return [each for each in theirs if each.challenger_id == member_id]
        return [
            each for each in theirs if each.challenger_id == member_id or each.state is not DuelState.ASKED
        ]

    def _styles(self, server_id: int, target: Target) -> list[ServerStyle]:
        """Those of their pictures, and those that they have proposed and nobody has decided on."""
        here = self._store.museum.of_server(server_id, *ALIVE)
        of_theirs, proposed = target.which is not Which.ASKED, target.which is not Which.MADE
        return [
            each
            for each in here
            if each.at >= target.since
            and (
                (of_theirs and each.author_id == target.member_id)
                or (proposed and each.proposer_id == target.member_id and each.state in WAITING)
            )
        ]


async def _tell(interaction: discord.Interaction, text: str) -> None:
    try:
        await interaction.edit_original_response(content=text, view=None)
    except DiscordTrouble as error:  # as once the answer was dismissed
        log.info("purge not told", interaction=interaction.id, error=short(error))
