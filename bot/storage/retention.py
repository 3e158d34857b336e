"""How long rows stay that nobody deletes, and which places they name.

Rule: of a finished picture a row stays that tells whose it is and where, for as long as the picture is in Discord: or
nobody could delete it any more. All else goes after a while: what was said of it, where it came from, what came of nothing.
"""

from datetime import UTC, datetime
from typing import Any

import discord
from sqlalchemy import delete, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import (
    blocks,
    consents,
    duels,
    erasures,
    exhibits,
    gallery,
    interactions,
    ledger,
    museum,
    posts,
    reactions,
    restrictions,
    settings,
    snapshots,
    stars,
    tickets,
    weeks,
)
from bot.storage.tickets import TicketState

_OVER = (TicketState.CLOSED, TicketState.DELETED)
_FORGOTTEN = {"description": None, "sources": "[]", "images": "[]", "message_id": None, "job_id": None}


class Retention:
    """What goes by its age, and where rows belong."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database

    async def forget(self, before: float, now: float) -> None:
        """Forget what is older than `before`, and what is of no use `now`, both in seconds since 1970."""
        of = tickets.table.c
        is_old = of.created_at < before
        over = select(of.id).where(is_old, of.state.in_(_OVER))
        picture_before = discord.utils.time_snowflake(datetime.fromtimestamp(max(before, 0.0), UTC))
        async with self._database.begin() as connection:
            for table in (posts.table, snapshots.table, interactions.table, exhibits.table):
                await connection.execute(delete(table).where(table.c.ticket_id.in_(over)))
            await connection.execute(delete(tickets.table).where(is_old, of.state.in_(_OVER)))
            delivered = is_old & (of.state == TicketState.DELIVERED)
            await connection.execute(update(tickets.table).where(delivered).values(_FORGOTTEN))
            given = reactions.table.c
            await connection.execute(delete(reactions.table).where(given.message_id < picture_before))
            # Only looked at by a restarted bot, and that not any more.
            useless = given.refused & (given.message_id < reactions.seen_since(now))
            await connection.execute(delete(reactions.table).where(useless))
            hung = select(gallery.table.c.piece_id)
            past = (
                stars.pieces.c.id.not_in(hung) & (stars.pieces.c.at < before) & stars.pieces.c.out.is_(None)
            )
            of_past = stars.table.c.piece_id.in_(select(stars.pieces.c.id).where(past))
            await connection.execute(delete(stars.table).where(of_past))
            await connection.execute(delete(stars.pieces).where(past))
            # What shows a picture is known for as long as it does.
            week, duel = weeks.table.c, duels.table.c
            gone_by = (week.ends < before, week.collage_id.is_(None))
            await connection.execute(delete(weeks.table).where(*gone_by))
            there = select(week.id)
            await connection.execute(delete(weeks.entries).where(weeks.entries.c.week_id.not_in(there)))
            is_over = or_(duel.sheet_message_id.is_(None), duel.first_ticket.is_(None))
            await connection.execute(delete(duels.table).where(duel.at < before, is_over))
            there = select(duel.id)
            await connection.execute(delete(duels.votes).where(duels.votes.c.duel_id.not_in(there)))
            styles = museum.table.c
            is_over = styles.state.not_in(museum.ALIVE) & (styles.at < before)
            is_late = styles.withdrawn_at.is_(None) | (styles.withdrawn_at < before)
            await connection.execute(delete(museum.table).where(is_over, is_late))
            for dated in (settings.changes, consents.asked, erasures.table):
                await connection.execute(delete(dated).where(dated.c.at < before))

    async def overwrite(self) -> None:
        """Have nothing of what was deleted on the disk: it may still stand in SQLite's write-ahead log."""
        if self._database.dialect.name != "sqlite":
            return
        async with self._database.connect() as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection  # past SQLAlchemy, which would begin a transaction
            await driver.execute_fetchall("pragma wal_checkpoint(truncate)")

    async def servers(self) -> set[int]:
        """The servers of which anything is kept."""
        columns = (
            settings.servers.c.id,
            settings.channels.c.server_id,
            settings.changes.c.server_id,
            tickets.table.c.server_id,
            posts.table.c.server_id,
            consents.answers.c.server_id,
            consents.asked.c.server_id,
            blocks.table.c.server_id,
            stars.pieces.c.server_id,
            gallery.table.c.server_id,
            gallery.refusals.c.server_id,
            weeks.table.c.server_id,
            duels.table.c.server_id,
            ledger.table.c.server_id,
            restrictions.table.c.server_id,
            museum.table.c.server_id,
        )
        async with self._database.connect() as connection:
            found = await connection.scalars(union(*(select(column) for column in columns)))
            return {server for server in found if server not in (None, consents.EVERYWHERE)}

    async def never_greeted(self) -> set[int]:
        """The servers that pictures were painted for, and that the bot has never said hello to."""
        greeted = select(settings.servers.c.id).where(settings.servers.c.greeted_at.is_not(None))
        server = tickets.table.c.server_id
        query = select(server).distinct().where(server.is_not(None), server.not_in(greeted))
        async with self._database.connect() as connection:
            return {int(each) for each in await connection.scalars(query)}

    async def channels(self, server_id: int) -> set[int]:
        """The channels and threads of a server of which anything is kept."""
        columns = (
            (settings.channels.c.id, settings.channels),
            (tickets.table.c.channel_id, tickets.table),
            (tickets.table.c.output_id, tickets.table),
            (tickets.table.c.source_channel_id, tickets.table),
            (posts.table.c.channel_id, posts.table),
            (consents.asked.c.channel_id, consents.asked),
            (stars.pieces.c.channel_id, stars.pieces),
            (gallery.table.c.channel_id, gallery.table),
            (weeks.table.c.channel_id, weeks.table),
            (duels.table.c.channel_id, duels.table),
            (museum.table.c.channel_id, museum.table),
            (restrictions.table.c.channel_id, restrictions.table),
        )
        there = (select(column).where(table.c.server_id == server_id) for column, table in columns)
        async with self._database.connect() as connection:
            return {channel for channel in await connection.scalars(union(*there)) if channel is not None}
