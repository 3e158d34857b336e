"""The bot's memory, in one database that outlives the process: one attribute for each group of tables."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import BotErrorCode, CannotStart
from bot.storage import database as databases
from bot.storage import postgresql
from bot.storage.blocks import Blocks
from bot.storage.consents import Consents
from bot.storage.counted import Counts
from bot.storage.database import Health, is_postgresql, open_database
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
from bot.storage.migrations import newest
from bot.storage.museum import Museum
from bot.storage.others import News, Others
from bot.storage.posts import Posts
from bot.storage.reactions import Reactions
from bot.storage.restrictions import Restrictions
from bot.storage.retention import Retention
from bot.storage.settings import Settings
from bot.storage.shards import ALL, Shards
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
    shards: Shards  # of this process
    others: Others  # that have the other shards
    session: postgresql.Session | None  # by which they know each other, in PostgreSQL

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
async def open_store(url: str, shards: Shards = ALL, personal_open: int = 0) -> AsyncIterator[Store]:
    """The store at an SQLAlchemy URL, brought to the newest schema, as a process with some shards has it.

    `personal_open`: pictures that a member may wait for at once outside of servers, in all processes; 0: that is not looked at.
    Raises CannotStart.
    """
    async with AsyncExitStack() as stack:
        others = Others(is_alone=shards.are_all)
        session = await _session(stack, url, shards, others) if is_postgresql(url) else None
        database, health = await stack.enter_async_context(open_database(url))
        ledger = Ledger(database, shards)
        stars = Stars(database, ledger)
        store = Store(
            Tickets(database, ledger, shards, others, personal_open),
            Reactions(database),
            Snapshots(database, shards),
            OwedAnswers(database, shards),
            Posts(database),
            Drafts(database, shards),
            Settings(database, ledger, others),
            Consents(database, shards),
            Blocks(database, ledger, others),
            Deletions(database, ledger, others),
            Erasures(database, shards),
            Members(database, others),
            Retention(database),
            Marks(database, shards),
            stars,
            Gallery(database, stars),
            Timers(database, shards),
            Weeks(database, ledger),
            Duels(database),
            Exhibits(database),
            Restrictions(database),
            ledger,
            Museum(database, ledger, shards, others),
            Counts(database),
            health,
            database,
            shards,
            others,
            session,
        )
        others.hear(News.SETTINGS, store.settings.heard)
        others.hear(News.BLOCKS, store.blocks.heard)
        others.hear(News.MUSEUM, store.museum.heard)
        await store.settings.load()
        await store.blocks.load()
        await store.weeks.load()
        await store.duels.load()
        await store.museum.load()
        if session is not None:
            await session.works_with(int(newest()))
            session.watch()
        try:
            yield store
        finally:
            for each in (store.tickets, store.reactions, store.posts):
                await each.idle()


async def _session(stack: AsyncExitStack, url: str, shards: Shards, others: Others) -> postgresql.Session:
    """The session of this process among those of others. Raises CannotStart."""
    try:
        shown = databases.shown(url)
        session = await stack.enter_async_context(postgresql.session(url, shards, others))
        if await session.others_than(int(newest())):
            raise CannotStart(BotErrorCode.DATABASE_IN_USE, database=shown)
    except (ArgumentError, ImportError) as error:
        raise databases.bad_url(url, error) from error
    except (DBAPIError, OSError) as error:
        raise databases.not_opened(shown, error) from error
    return session
