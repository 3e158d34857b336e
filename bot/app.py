"""The bot as a whole: opens everything it works with, in order, and closes it in reverse.

Rule: the one place that knows all parts. Nothing here decides anything about pictures.
"""

from contextlib import AsyncExitStack

import discord
import structlog
import yarl
from discord import app_commands
from discord.ext import commands

from bot import errors
from bot.cogs import COGS
from bot.config import BotConfig
from bot.engine_client import EngineClient, Park, just_wait, open_engine
from bot.results.actions import Results
from bot.results.buttons import ITEMS
from bot.storage.inbox import Inbox
from bot.storage.shelf import Shelf
from bot.storage.store import Store, open_store, sqlite_url
from bot.styles.catalogue import Catalogue
from bot.tickets.buttons import StopButton
from bot.tickets.desk import Desk
from bot.tickets.follower import Tools

log = structlog.get_logger(__name__)


class Tree(app_commands.CommandTree["Atelier"]):
    """The commands, with one place for what goes wrong in them."""

    async def on_error(
        self, interaction: discord.Interaction["Atelier"], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer the member."""
        await errors.answer(interaction, error)


class Atelier(commands.AutoShardedBot):
    """The Discord client; `park` tells whoever drives the event loop of waits for the engine."""

    config: BotConfig
    catalogue: Catalogue
    desk: Desk
    engine: EngineClient
    results: Results
    shelf: Shelf
    store: Store

    def __init__(
        self,
        config: BotConfig,
        engine_token: str | None = None,
        park: Park = just_wait,
        shard_count: int | None = None,
    ) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True)
        intents.message_content = config.message_content
        super().__init__(
            commands.when_mentioned,
            help_command=None,
            intents=intents,
            tree_cls=Tree,
            shard_count=shard_count,
            allowed_mentions=discord.AllowedMentions.none(),
            activity=discord.CustomActivity("/stylize paints your picture"),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            max_ratelimit_timeout=60.0,
        )
        self.config = config
        self._engine_token, self._park = engine_token, park
        self._stack = AsyncExitStack()

    async def setup_hook(self) -> None:
        """Open the store and the engine, take up the unfinished tickets, publish the commands."""
        enter = self._stack.enter_async_context
        data = self.config.data_dir.resolve()
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise errors.BadConfig(f"The directory {data} cannot be made: {error.strerror}.") from error
        self.store = await enter(open_store(self.config.database_url or sqlite_url(data / "bot.sqlite3")))
        self.engine = await enter(open_engine(self.config.engine_url, self._engine_token, self._park))
        self.catalogue = Catalogue(self.engine, data / "catalogue.json")
        await self.catalogue.load()
        keep_bytes, keep_seconds = self.config.keep_megabytes * 2**20, self.config.keep_hours * 3600
        self.shelf = Shelf(data / "kept", keep_bytes, keep_seconds)
        inbox = Inbox(data / "inbox")
        self.desk = Desk(Tools(self, self.store, inbox, self.shelf, self.engine, self._park))
        self._stack.push_async_callback(self.desk.close)
        self.results = Results(self.store, self.engine, self.desk)
        for cog in COGS:
            await self.add_cog(cog(self))
        self.add_dynamic_items(StopButton, *ITEMS)
        await self.tree.sync()
        await self.desk.resume()

    async def close(self) -> None:
        """Leave every ticket to the next process, then disconnect."""
        await self._stack.aclose()
        await super().close()

    async def on_message(self, message: discord.Message, /) -> None:
        """The cogs listen themselves; there are no commands by text."""


def redirect(origin: str) -> None:
    """Let discord.py speak to a stand-in on this machine, given as "http://127.0.0.1:PORT"."""
    discord.http.Route.BASE = f"{origin}/api/v10"
    gateway = yarl.URL(origin).with_scheme("ws") / "gw"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway
