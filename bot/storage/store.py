"""The bot's memory, in one database that outlives the process: one attribute for each group of tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.blocks import Blocks
from bot.storage.consents import Consents
from bot.storage.database import Health, open_database
from bot.storage.deletions import Deletions
from bot.storage.drafts import Drafts
from bot.storage.erasures import Erasures
from bot.storage.gallery import Gallery
from bot.storage.interactions import OwedAnswers
from bot.storage.marks import Marks
from bot.storage.members import Members
from bot.storage.posts import Posts
from bot.storage.reactions import Reactions
from bot.storage.retention import Retention
from bot.storage.settings import Settings
from bot.storage.snapshots import Snapshots
from bot.storage.stars import Stars
from bot.storage.tickets import Tickets


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
    health: Health
    database: AsyncEngine


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """The store at an SQLAlchemy URL, brought to the newest schema. Raises CannotStart."""
    async with open_database(url) as (database, health):
        stars = Stars(database)
        store = Store(
            Tickets(database),
            Reactions(database),
            Snapshots(database),
            OwedAnswers(database),
            Posts(database),
            Drafts(database),
            Settings(database),
            Consents(database),
            Blocks(database),
            Deletions(database),
            Erasures(database),
            Members(database),
            Retention(database),
            Marks(database),
            stars,
            Gallery(database, stars),
            health,
            database,
        )
        await store.settings.load()
        await store.blocks.load()
        yield store
