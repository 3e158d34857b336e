"""The bot as a whole: opens everything it works with, in order, and closes it in reverse.

Rule: the one place that knows all parts. Nothing here decides anything about pictures.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import discord
import structlog
import yarl
from discord import app_commands
from discord.ext.commands import when_mentioned

from bot import answers, metrics
from bot.alarms import Alarms, Clock
from bot.buttons import ITEMS, is_known, views
from bot.buttons.consent import consent_buttons
from bot.buttons.deletion import confirmation
from bot.buttons.duel import ballot_buttons, challenge_buttons
from bot.buttons.exhibition import exhibited_style, exhibition_page
from bot.buttons.gallery import entry_buttons
from bot.buttons.museum import MUSEUM_VIEWS, style_buttons
from bot.buttons.privacy import privacy_buttons
from bot.buttons.week import announcement_buttons, own_buttons
from bot.cogs import cogs
from bot.cogs.consent import Consent
from bot.cogs.deletion import Deletion as DeletionEvents
from bot.cogs.emojis import Emojis
from bot.cogs.gallery import Gallery
from bot.cogs.missed import Missed
from bot.cogs.museum import Museum
from bot.cogs.reach import BY_SERVERS, IN_SERVERS
from bot.cogs.reactions import Reactions
from bot.cogs.tidy import Tidy
from bot.cogs.week import Week
from bot.config import BotConfig
from bot.consent.agreed import AgreedPictures
from bot.consent.inquiries import Inquiries
from bot.duels.challenges import Challenges
from bot.duels.ring import Ring
from bot.engine_client import ExternalWait, open_engine, plain_wait
from bot.errors import BotError, BotErrorCode, CannotStart
from bot.gallery.exhibits import Exhibits
from bot.gallery.galleries import Galleries
from bot.gallery.keeper import Keeper
from bot.gallery.looks import Looks
from bot.gallery.wall import DiscordWall
from bot.intake import Intake
from bot.languages import language_of, speaking
from bot.links.server import serving_links
from bot.moderation.auditor import Auditor
from bot.moderation.purge import Purge
from bot.museum.acquisitions import Acquisitions
from bot.museum.collection import Collection
from bot.orders.admission import Admission
from bot.orders.authors import Authors
from bot.orders.policy import House, Policy, Waiting
from bot.orders.proxies import Proxies
from bot.orders.sources import Sources
from bot.orders.venue import settings_id
from bot.refusals import Refusals
from bot.results.actions import ResultActions
from bot.results.album import Album
from bot.results.copies import Copies
from bot.results.expressions import Expressions
from bot.results.provenance import ProvenanceReader
from bot.results.removal import Removal
from bot.storage.backup import DATABASE, OURS, Backup
from bot.storage.bucket import BucketImages, BucketKept, open_bucket, require
from bot.storage.database import sqlite_url
from bot.storage.images import Images, Kept
from bot.storage.inbox import Inbox
from bot.storage.others import Ids, News
from bot.storage.shards import Shards
from bot.storage.shelf import Shelf
from bot.storage.store import Store, open_store
from bot.storage.tickets import Ticket
from bot.studio import Studio, StudioClient
from bot.styles.catalogue import Catalogue
from bot.styles.emojis import StudyEmojis
from bot.styles.exhibition import Exhibition
from bot.styles.palette import Palettes
from bot.tickets.deletion import Deletion
from bot.tickets.desk import Desk
from bot.tickets.eraser import Eraser
from bot.tickets.fetcher import Fetcher
from bot.tickets.outlet import Threads
from bot.tickets.services import Services
from bot.week.collage import Collages
from bot.week.entries import Entries
from bot.week.own import OwnEntries
from bot.week.sheets import Sheets
from bot.week.weekly import Weekly
from bot.words import help as words
from bot.words.commands import CommandTranslator
from engine.protocol import asked_as, make_private, new_request_id

log = structlog.get_logger(__name__)


class Tree(app_commands.CommandTree[StudioClient]):
    """The commands, with one place for what goes wrong in them."""

    async def on_error(
        self, interaction: discord.Interaction[StudioClient], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer the member, to whom nothing is owed then."""
        await answers.answer(interaction, error)
        await answers.settle(interaction, interaction.client.studio.store.owed)


def wall_clock() -> float:
    """Seconds since 1970."""
    return discord.utils.utcnow().timestamp()


class Atelier(StudioClient):
    """The Discord client; `external_wait` tells whoever drives the event loop of waits for the engine.

    `clock` is what timers go by.
    """

    def __init__(
        self,
        config: BotConfig,
        engine_token: str | None = None,
        external_wait: ExternalWait = plain_wait,
        shard_count: int | None = None,
        clock: Clock = wall_clock,
    ) -> None:
        shard_count = shard_count or config.shard_count or None
        shard_ids: dict[str, Any] = {"shard_ids": list(config.shard_ids)} if config.shard_ids else {}
        intents = discord.Intents(
            guilds=True, guild_messages=True, dm_messages=True, guild_reactions=True, moderation=True
        )
        intents.message_content = config.message_content
        super().__init__(
            when_mentioned,
            help_command=None,
            intents=intents,
            tree_cls=Tree,
            allowed_contexts=IN_SERVERS,
            allowed_installs=BY_SERVERS,
            shard_count=shard_count,
            **shard_ids,
            allowed_mentions=discord.AllowedMentions.none(),
            activity=discord.CustomActivity(words.ACTIVITY()),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            max_ratelimit_timeout=60.0,
            http_trace=metrics.discord_trace(),
        )
        self._config, self._engine_token, self._external_wait = config, engine_token, external_wait
        self._clock = clock
        self._shards = Shards(config.shard_ids or tuple(range(shard_count or 1)), config.shard_count)
        self.lost: CannotStart | None = None  # its shards, to another process
        self._closing: asyncio.Task[None] | None = None
        self.session = f"session:{secrets.token_hex(8)}"
        self._stack = AsyncExitStack()
        # Whatever an interaction leads to (a command, an item, a form, an autocompletion) is a task that is begun in here.
        parsers = self._connection.parsers
        parsers["INTERACTION_CREATE"] = in_their_language(parsers["INTERACTION_CREATE"])
        for event in ("INTERACTION_CREATE", "MESSAGE_CREATE", "MESSAGE_REACTION_ADD"):
            parsers[event] = with_an_id(parsers[event])

    async def setup_hook(self) -> None:
        """Open the store and the engine, and take up the unfinished tickets."""
        await self.tree.set_translator(CommandTranslator())
        self.studio = await self._open_studio()
        for cog in cogs(self.studio, self):
            await self.add_cog(cog)
        self.add_dynamic_items(*ITEMS)
        await self.studio.desk.resume()
        self.studio.deletion.resume()

    async def _open_studio(self) -> Studio:
        config, enter = self._config, self._stack.enter_async_context
        data, own = config.data_dir.resolve(), config.own_dir.resolve()
        try:
            data.mkdir(parents=True, exist_ok=True)
            own.mkdir(exist_ok=True)
        except OSError as error:
            raise CannotStart(BotErrorCode.DIRECTORY_NOT_MADE, path=data, reason=error.strerror) from error
        if failed := await asyncio.to_thread(make_private, data, OURS):
            log.warning("files of other accounts", files=[str(path) for path in failed])
        url = config.database_url or sqlite_url(data / DATABASE)
        store = await enter(open_store(url, self._shards, config.personal_open))
        if store.session is not None:
            store.session.on_lost = self._lose
        if not config.database_url:
            await enter(Backup(store.database, data).offered())
        engine = await enter(open_engine(config.engine_url, self._engine_token, self._external_wait))
        await enter(metrics.serving_metrics(config.own_metrics, self._latencies))
        links = await enter(
            serving_links(config.links, data, store, engine, is_served=self._shards.have_first)
        )
        catalogue = Catalogue(engine, store.museum, own / "catalogue.json", self._external_wait)
        shown = views(links.is_on, partial(self._has_more, catalogue, store))
        self._stack.push_async_callback(catalogue.close)
        await catalogue.open()
        inbox, shelf, museum = await _images(config, data, own)
        fetcher = Fetcher(self, inbox, shelf, engine)
        eraser = Eraser(self, store, inbox, shelf, museum, engine, self._external_wait)
        self._stack.push_async_callback(eraser.close)
        admission, authors = Admission(engine), Authors()
        desk = Desk(
            Services(
                client=self,
                store=store,
                inbox=inbox,
                shelf=shelf,
                museum=museum,
                fetcher=fetcher,
                engine=engine,
                eraser=eraser,
                admission=admission,
                threads=Threads(self, authors),
                views=shown,
                external_wait=self._external_wait,
            )
        )
        self._stack.push_async_callback(desk.close)
        metrics.TICKETS_OPEN.set_function(lambda: desk.followed)
        sources = Sources(self, store, Proxies(), authors)
        exhibits = Exhibits(self, store, sources)
        alarms = Alarms(store.timers, self._clock, self._external_wait, self._is_away)
        self._stack.push_async_callback(alarms.close)
        policy = Policy(
            store,
            Waiting(desk.open_of, desk.open_of_group, admission.wanted_by, admission.wanted_in),
            House(
                config.paused,
                frozenset(config.blocked_users),
                frozenset(config.blocked_servers),
                config.personal_open,
                config.personal_daily,
            ),
        )
        wall = DiscordWall(self, store, policy, exhibits, entry_buttons)
        keeper = Keeper(store, wall, eraser, self._external_wait)
        self._stack.push_async_callback(keeper.close)
        deletion = Deletion(self, store, desk, eraser, alarms, keeper.wake, policy.counted_as)
        galleries, refusals = Galleries(self, store, policy, exhibits, keeper), Refusals(self, store)
        agreed = AgreedPictures(self, store, policy, admission, desk, refusals)
        inquiries = Inquiries(self, store, policy, desk, agreed, consent_buttons)
        self._stack.push_async_callback(inquiries.close)
        auditor = Auditor(self, store, catalogue.styles, self._external_wait)
        self._stack.push_async_callback(auditor.close)
        results = ResultActions(store, engine, policy, inquiries, deletion, shown, catalogue)
        entries, sheets = Entries(store, policy), Sheets(self, engine, deletion, data)
        collages = Collages(self, store, catalogue, entries, sheets, alarms)
        weekly = Weekly(
            self, store, catalogue, entries, collages, engine, alarms, of_announcement=announcement_buttons
        )
        Ring(self, store, policy, desk, admission, sheets, alarms, ballot_buttons)  # which the alarms know
        acquisitions = Acquisitions(
            self, store, policy, catalogue, museum, engine, deletion, config.museum_styles, style_buttons
        )
        self._stack.push_async_callback(acquisitions.close)

        async def take_up(_: Ids | None) -> None:
            """Something that waits for this process was perhaps left by another one."""
            eraser.wake()
            alarms.wake()
            auditor.wake()
            if self.is_ready():
                agreed.paint()

        async def look_for_styles(_: Ids | None) -> None:
            await desk.styles_changed()

        store.others.hear(News.TICKETS, desk.look_again)
        store.others.hear(News.MUSEUM, look_for_styles)
        store.others.hear(News.OWED, take_up)
        return Studio(
            config=config,
            store=store,
            inbox=inbox,
            shelf=shelf,
            engine=engine,
            catalogue=catalogue,
            palettes=Palettes(store.posts, catalogue),
            emojis=StudyEmojis(self, engine, catalogue, may_make=self._shards.have_first),
            exhibition=Exhibition(catalogue, engine, museum, store.owed, exhibition_page, exhibited_style),
            policy=policy,
            admission=admission,
            sources=sources,
            intake=Intake(store, policy, catalogue, inquiries, self.session),
            desk=desk,
            refusals=refusals,
            inquiries=inquiries,
            deletion=deletion,
            acquisitions=acquisitions,
            collection=Collection(self, store, policy, museum, engine, deletion, acquisitions, MUSEUM_VIEWS),
            results=results,
            expressions=Expressions(results.pictures, shown),
            provenance=ProvenanceReader(results.pictures, engine, catalogue),
            album=Album(results.pictures, shown),
            copies=Copies(results.pictures, links),
            removal=Removal(store, policy, deletion, confirmation),
            galleries=galleries,
            looks=Looks(self, store, galleries, deletion),
            auditor=auditor,
            purge=Purge(store, deletion, eraser),
            ask_privacy=privacy_buttons,
            alarms=alarms,
            weekly=weekly,
            challenges=Challenges(self, store, policy, sources, authors, alarms, challenge_buttons),
            own_entries=OwnEntries(store, policy, entries, weekly, own_buttons),
            sheets=sheets,
        )

    def _lose(self, error: CannotStart) -> None:
        """Another process has this one's shards by now: end, so that nothing is done twice."""
        self.lost = error
        self._closing = asyncio.create_task(self.close(), name="close")

    def _latencies(self) -> dict[int, float]:
        """Seconds between heartbeat and answer, by shard."""
        return dict(self.latencies)

    def _is_away(self, server_id: int) -> bool:
        """Whether Discord has said that a server is not to be reached for now: then nothing is known of its channels."""
        guild = self.get_guild(server_id)
        return guild is not None and guild.unavailable

    async def close(self) -> None:
        """Leave every ticket to the next process, then disconnect."""
        # Those that work by themselves, with what is closed now.
        for cog in (DeletionEvents, Emojis, Gallery, Missed, Reactions, Consent, Museum, Tidy, Week):
            await self.remove_cog(cog.__cog_name__)
        await self._stack.aclose()
        await super().close()

    def _has_more(self, catalogue: Catalogue, store: Store, sheet: Ticket) -> bool:
        """Whether there are styles on offer that a sheet had no room for, where it was asked for."""
        settings = store.settings.channel(settings_id(self.get_channel(sheet.place.channel_id or 0)))
        offer = catalogue.offer_in(sheet.place.server_id, nsfw=sheet.nsfw)
        return bool(offer.further(settings, [each.name for each in sheet.styles if each is not None]))

    async def on_interaction(self, interaction: discord.Interaction, /) -> None:
        """Answer who presses what nobody knows any more: Discord would say that something has failed."""
        if interaction.type is not discord.InteractionType.component or interaction.data is None:
            return
        custom_id = str(interaction.data.get("custom_id", ""))
        if not (is_known(custom_id) or custom_id.startswith(self.session)):
            await answers.answer(interaction, BotError(BotErrorCode.FORGOTTEN))

    async def on_message(self, message: discord.Message, /) -> None:
        """The cogs listen themselves; there are no commands by text."""


async def _images(config: BotConfig, data: Path, own: Path) -> tuple[Images, Kept, Images]:
    """Where the images of unfinished and of delivered tickets are, and of servers' styles. Raises CannotStart."""
    bounds = config.keep_megabytes * 2**20, config.keep_hours * 3600
    if not config.images:
        orphans = data / "orphans"
        return Inbox(data / "inbox", orphans), Shelf(data / "kept", *bounds), Inbox(data / "museum", orphans)
    store = open_bucket(config.images)
    await require(store)
    inbox, museum = (BucketImages(store, room, "orphans", own) for room in ("inbox", "museum"))
    return inbox, BucketKept(store, "kept", *bounds), museum


def in_their_language(parse: Callable[[Any], None]) -> Callable[[Any], None]:
    """A parser of interactions that has whoever makes one spoken to in their language."""

    def parse_spoken(data: Any) -> None:
        locale = discord.enums.try_enum(discord.Locale, data.get("locale", ""))
        with speaking(language_of(locale)):
            parse(data)

    return parse_spoken


def with_an_id(parse: Callable[[Any], None]) -> Callable[[Any], None]:
    """A parser of what members do that has all lines of the log which come of it name an id of its own."""

    def parse_named(data: Any) -> None:
        with asked_as(new_request_id()):
            parse(data)

    return parse_named


def redirect(origin: str) -> None:
    """Let discord.py speak to a stand-in on this machine, given as "http://127.0.0.1:PORT"."""
    discord.http.Route.BASE = f"{origin}/api/v10"
    gateway = yarl.URL(origin).with_scheme("ws") / "gw"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway
