"""The bot's memory, in one database that outlives the process: one attribute for each group of tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.blocks import Blocks
from bot.storage.consents import Consents
from bot.storage.counted import Counts
from bot.storage.database import Health, open_database
from bot.storage.deletions import Deletions
from bot.storage.drafts import Drafts
from bot.storage.duels import Duels
from bot.storage.erasures import Erasures
from bot.storage.exhibits import Exhibits
from bot.storage.gallery import Gallery
from bot.storage.interactions import OwedAnswers
from bot.storage.ledger import Entry, Ledger, What
from bot.storage.marks import Marks
from bot.storage.members import Members
from bot.storage.museum import Museum
from bot.storage.posts import Posts
from bot.storage.reactions import Reactions
from bot.storage.restrictions import Restrictions
from bot.storage.retention import Retention
from bot.storage.settings import Settings
from bot.storage.snapshots import Snapshots
from bot.storage.stars import Stars
from bot.storage.tickets import Tickets
from bot.storage.timers import Timers
from bot.storage.weeks import Weeks


@dataclass(frozen=True)
class Store:
    """All that is kept in the database."""

    tickets: Tickets
    reactions: Reactions
    snapshots: Snapshots
    owed: OwedAnswers
    posts: Posts
    drafts: Drafts
    settings: Settings
    consents: Consents
    blocks: Blocks
    deletions: Deletions
    erasures: Erasures
    members: Members
    retention: Retention
    marks: Marks
    stars: Stars
    gallery: Gallery
    timers: Timers
    weeks: Weeks
    duels: Duels
    exhibits: Exhibits
    restrictions: Restrictions
    ledger: Ledger
    museum: Museum
    counts: Counts
    health: Health
    database: AsyncEngine

    def entries(
        self,
        server_id: int | None,
        what: What,
        by_id: int,
        at: float,
        member_id: int | None = None,
        **facts: object,
    ) -> list[Entry]:
        """What a server's moderators are to be told of something that is done; nothing if they want to be told nothing."""
        audit_id = self.settings.server(server_id).audit_id if server_id is not None else None
        if server_id is None or audit_id is None:
            return []
        return [Entry(server_id, audit_id, what, by_id, at, member_id, facts)]


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """The store at an SQLAlchemy URL, brought to the newest schema. Raises CannotStart."""
    async with open_database(url) as (database, health):
        ledger = Ledger(database)
        stars = Stars(database, ledger)
        store = Store(
            Tickets(database, ledger),
            Reactions(database),
            Snapshots(database),
            OwedAnswers(database),
            Posts(database),
            Drafts(database),
            Settings(database, ledger),
            Consents(database),
            Blocks(database, ledger),
            Deletions(database, ledger),
            Erasures(database),
            Members(database),
            Retention(database),
            Marks(database),
            stars,
            Gallery(database, stars),
            Timers(database),
            Weeks(database, ledger),
            Duels(database),
            Exhibits(database),
            Restrictions(database),
            ledger,
            Museum(database, ledger),
            Counts(database),
            health,
            database,
        )
        await store.settings.load()
        await store.blocks.load()
        await store.weeks.load()
        await store.duels.load()
        await store.museum.load()
        try:
            yield store
        finally:
            for each in (store.tickets, store.reactions, store.posts):
                await each.idle()
