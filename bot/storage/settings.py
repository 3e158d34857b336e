"""What servers have set, and who changed it when: rows that commands change, each change with an undo.

Rule: a setting is declared once, here, with its default; a row holds only what differs from it, so that a better
default reaches every server that has not chosen otherwise. Read for every message and reaction, so all rows are
kept in memory too; written before the memory changes.
"""

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import discord
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    Integer,
    Table,
    Text,
    delete,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.languages import Language, in_force, language_of
from bot.storage.database import metadata
from bot.storage.ledger import Entry, Ledger, What
from bot.storage.others import Ids, News, Others
from engine.protocol import CrashPoint, reach

log = structlog.get_logger(__name__)


PALETTE_LIMIT = 20  # different emojis that Discord allows under a message
FAVOURITES = 3  # that the bot puts there itself: each is a request for every picture


class Consent(StrEnum):
    """Whose pictures may be painted by whoever asks; one's own always."""

    OWN = "own"  # nobody else's
    ASK = "ask"  # others' once their author has said yes
    OPEN = "open"  # others' unless their author has said no


class Output(StrEnum):
    """Where a result that a reaction or a menu asked for is posted."""

    THREAD = "thread"  # under the picture, so that the channel stays clean
    CHANNEL = "channel"  # beneath the picture
    RESULTS = "results"  # in the results channel


class OnDelete(StrEnum):
    """What becomes of results when their source is deleted."""

    KEEP = "keep"
    TAKE = "take"  # results go along


class OnGone(StrEnum):
    """What becomes of an entry in the gallery when its picture is deleted."""

    REMOVE = "remove"  # it goes along
    KEEP = "keep"  # and its stars go on counting
    FREEZE = "freeze"  # it stays as it is


class Zone(StrEnum):
    """The time zones that a server can choose from: one for each way in which clocks go, by IANA's names."""

    HONOLULU = "Pacific/Honolulu"
    ANCHORAGE = "America/Anchorage"
    LOS_ANGELES = "America/Los_Angeles"
    PHOENIX = "America/Phoenix"
    DENVER = "America/Denver"
    CHICAGO = "America/Chicago"
    NEW_YORK = "America/New_York"
    HALIFAX = "America/Halifax"
    SAO_PAULO = "America/Sao_Paulo"
    UTC = "UTC"
    LONDON = "Europe/London"
    LAGOS = "Africa/Lagos"
    BERLIN = "Europe/Berlin"
    ATHENS = "Europe/Athens"
    JOHANNESBURG = "Africa/Johannesburg"
    ISTANBUL = "Europe/Istanbul"
    DUBAI = "Asia/Dubai"
    KARACHI = "Asia/Karachi"
    KOLKATA = "Asia/Kolkata"
    BANGKOK = "Asia/Bangkok"
    SHANGHAI = "Asia/Shanghai"
    TOKYO = "Asia/Tokyo"
    ADELAIDE = "Australia/Adelaide"
    SYDNEY = "Australia/Sydney"
    AUCKLAND = "Pacific/Auckland"


WEEK_HOURS = 7 * 24


class Exempt(StrEnum):
    """Who is held to no limit."""

    NOBODY = "nobody"
    MODERATORS = "moderators"  # whoever may manage messages


class Work(StrEnum):
    """Whether anything is painted in a server."""

    ON = "on"
    FINISH = "finish"  # off, once what is being painted is finished
    STOP = "stop"  # off at once


class LanguageChoice(StrEnum):
    """In which language the bot speaks to all in a server; to a member alone it speaks theirs."""

    AUTOMATIC = "auto"  # the one that Discord speaks there, if we do
    ENGLISH = Language.ENGLISH.value
    GERMAN = Language.GERMAN.value


class ServerSettings(BaseModel):
    """What a server has chosen."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    consent: Consent = Consent.ASK
    on_delete: OnDelete = OnDelete.TAKE
    starters: tuple[int, ...] = ()  # the roles whose members may start paintings; empty: everybody
    open_per_member: int = Field(default=3, ge=1, le=50)  # paintings that a member may wait for at once
    cooldown_seconds: int = Field(default=0, ge=0, le=3600)  # between two paintings of a member
    results_id: int | None = None  # the results channel
    gallery_id: int | None = None  # the gallery, for what members have starred; none: there is none
    star: str = Field(
        default="⭐", min_length=1, max_length=64
    )  # an emoji, or a custom one as Discord writes it
    stars_needed: int = Field(default=3, ge=1, le=100)  # for a picture to come into the gallery
    stars_kept: int = Field(default=2, ge=0, le=100)  # with fewer its entry goes again; 0: it stays
    self_stars: bool = False  # those of whose picture it is, or who asked for it, count too
    star_account_days: int = Field(default=7, ge=0, le=365)  # that whoever gives one has had their account
    star_member_days: int = Field(default=0, ge=0, le=365)  # or has been a member
    stars_newest_days: int = Field(default=30, ge=0, le=365)  # that a picture may be old; 0: however old
    on_gone: OnGone = OnGone.REMOVE
    week_channel_id: int | None = None  # where there is a style of the week; none: there is none
    # When it is announced, and when its collage is posted: hours since Monday began.
    week_begins: int = Field(default=12, ge=0, lt=WEEK_HOURS)
    week_ends: int = Field(default=6 * 24 + 18, ge=0, lt=WEEK_HOURS)
    week_zone: Zone = Zone.UTC
    daily_per_member: int = Field(default=0, ge=0, le=1000)  # paintings in any 24 hours; 0: no limit
    open_per_server: int = Field(default=0, ge=0, le=500)  # that members wait for together; 0: no limit
    daily_per_server: int = Field(default=0, ge=0, le=10_000)  # in any 24 hours, of all members; 0: no limit
    exempt: Exempt = Exempt.NOBODY  # from all of these limits
    audit_id: int | None = None  # the channel in which moderators read what was done
    work: Work = Work.ON
    curators: tuple[int, ...] = ()  # roles that decide on the museum, besides those who manage messages
    style_votes: int = Field(
        default=0, ge=0, le=100
    )  # of members that make an offered picture a style; 0: none do
    style_vote_days: int = Field(default=3, ge=1, le=14)
    language: LanguageChoice = LanguageChoice.AUTOMATIC


class ChannelSettings(BaseModel):
    """What was chosen for a channel, and holds in its threads."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    is_art: bool = False  # pictures get a palette, and reactions count
    seeds_palette: bool = True  # the bot reacts first, so that members need only tap
    palette: tuple[str, ...] = Field(default=(), max_length=PALETTE_LIMIT)  # by name; empty: all
    favourites: tuple[str, ...] = Field(default=(), max_length=FAVOURITES)  # empty: those that are used most
    output: Output = Output.THREAD
    starters: tuple[int, ...] | None = None  # instead of the server's
    stars_needed: int | None = Field(
        default=None, ge=0, le=100
    )  # instead of the server's; 0: none comes from here
    own_gallery_id: int | None = None  # instead of the server's

    def offers(self, style: str) -> bool:
        """Whether a style may be tapped under a picture."""
        return not self.palette or style in self.palette


@dataclass(frozen=True)
class Change:
    """One change of the settings of a server, or of one of its channels."""

    id: int
    act_id: int  # of the first of those that were made at once
    server_id: int
    channel_id: int | None
    member_id: int
    at: float  # seconds since 1970
    before: dict[str, Any]  # what differed from the defaults
    after: dict[str, Any]

    @property
    def touched(self) -> list[str]:
        """The settings that were changed, by name."""
        names = sorted(self.before.keys() | self.after.keys())
        return [name for name in names if self.before.get(name) != self.after.get(name)]


servers = Table(
    "servers",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("settings", Text, nullable=False),
    Column("greeted_at", Float),  # when the bot said hello there
    Column("removed_at", Float),  # when the bot was sent away
)
channels = Table(
    "channels",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("settings", Text, nullable=False),
)
changes = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("act_id", Integer, nullable=False),
    Column("server_id", BigInteger, nullable=False, index=True),
    Column("channel_id", BigInteger),
    Column("member_id", BigInteger, nullable=False),
    Column("at", Float, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)

_CHANGES_KEPT = 100  # of a server, the newest


class Settings:
    """The settings of all servers and channels."""

    def __init__(self, database: AsyncEngine, ledger: Ledger, others: Others) -> None:
        self._database, self._ledger, self._others = database, ledger, others
        self._servers: dict[int, dict[str, Any]] = {}
        self._channels: dict[int, tuple[int, dict[str, Any]]] = {}  # with the server's id
        self._changing = asyncio.Lock()  # or of two changes at once the later would undo the other

    async def load(self) -> None:
        """Read all rows; one that cannot be read counts as not set, and is said."""
        async with self._database.connect() as connection:
            await self._load(connection, true(), true())

    async def heard(self, ids: Ids | None) -> None:
        """Another process has changed what these servers have set (None: any)."""
        of_servers = (
            (true(), true()) if ids is None else (servers.c.id.in_(ids), channels.c.server_id.in_(ids))
        )
        async with self._database.connect() as connection:
            for server_id in [*self._servers] if ids is None else ids:
                self._forget(int(server_id))
            await self._load(connection, *of_servers)

    async def _load(
        self, connection: AsyncConnection, of_servers: ColumnElement[bool], of_channels: ColumnElement[bool]
    ) -> None:
        for row in await connection.execute(select(servers.c.id, servers.c.settings).where(of_servers)):
            self._servers[row.id] = _read(row.settings, ServerSettings, server=row.id)
        for row in await connection.execute(select(channels).where(of_channels)):
            known = _read(row.settings, ChannelSettings, channel=row.id)
            self._channels[row.id] = (row.server_id, known)

    def _forget(self, server_id: int) -> None:
        self._servers.pop(server_id, None)
        self._channels = {
            channel: known for channel, known in self._channels.items() if known[0] != server_id
        }

    def server(self, server_id: int) -> ServerSettings:
        """What a server has chosen."""
        return ServerSettings(**self._servers.get(server_id, {}))

    def language(self, server: discord.Guild | None, otherwise: Language | None = None) -> Language:
        """In which language all in a server are spoken to; where there is none, `otherwise` or as now."""
        if server is None:
            return otherwise if otherwise is not None else in_force()
        chosen = self.server(server.id).language
        is_chosen = chosen is not LanguageChoice.AUTOMATIC
        return Language(chosen.value) if is_chosen else language_of(server.preferred_locale)

    def channel(self, channel_id: int | None) -> ChannelSettings:
        """What was chosen for a channel, of a thread for its parent; the defaults where there is none (None)."""
        known = self._channels.get(channel_id) if channel_id is not None else None
        return ChannelSettings(**(known[1] if known is not None else {}))

    def gallery_of(self, server_id: int, channel_id: int | None) -> int | None:
        """The gallery that pictures of a channel come into: its own or the server's; None if there is none."""
        own = self.channel(channel_id).own_gallery_id
        return own if own is not None else self.server(server_id).gallery_id

    def galleries(self, server_id: int) -> set[int]:
        """All galleries of a server."""
        theirs = {self.server(server_id).gallery_id, *(own for own in self.own_galleries(server_id).values())}
        return {each for each in theirs if each is not None}

    def own_galleries(self, server_id: int) -> dict[int, int]:
        """The channels of a server that have a gallery of their own, with which that is."""
        found = (
            (each, self.channel(each)) for each, (server, _) in self._channels.items() if server == server_id
        )
        return {each: own for each, settings in found if (own := settings.own_gallery_id) is not None}

    def art_channels(self, server_id: int) -> list[int]:
        """The channels of a server in which reactions count."""
        return [
            channel
            for channel, (server, values) in self._channels.items()
            if server == server_id and ChannelSettings(**values).is_art
        ]

    def switched_off(self) -> list[int]:
        """The servers in which nothing is painted for now."""
        return [server for server in self._servers if self.server(server).work is not Work.ON]

    async def change(
        self,
        server_id: int,
        member_id: int,
        now: datetime,
        values: Mapping[int | None, Mapping[str, Any]],
    ) -> list[Change]:
        """Set some settings of a server (None) and of its channels (their ids), all or none of them.

        The changes that were made, which are undone together; none if all was so. Raises pydantic.ValidationError.
        """
        async with self._changing:
            wanted = {
                channel_id: _changed(
                    ServerSettings if channel_id is None else ChannelSettings,
                    self._known(server_id, channel_id),
                    given,
                )
                for channel_id, given in values.items()
            }
            return await self._change(server_id, member_id, now, wanted)

    async def history(self, server_id: int, limit: int = _CHANGES_KEPT) -> list[Change]:
        """The newest changes of a server's settings, the newest first."""
        query = select(changes).filter_by(server_id=server_id).order_by(changes.c.id.desc()).limit(limit)
        async with self._database.connect() as connection:
            return [_change(row) for row in (await connection.execute(query)).mappings()]

    async def act(self, act_id: int, server_id: int) -> list[Change]:
        """What was changed at once."""
        query = select(changes).filter_by(act_id=act_id, server_id=server_id)
        async with self._database.connect() as connection:
            return [_change(row) for row in (await connection.execute(query)).mappings()]

    async def undo(self, act_id: int, server_id: int, member_id: int, now: datetime) -> list[Change]:
        """Put back what was changed at once, and leave later changes of other settings alone.

        The changes that this makes; none if all is so already, or nothing is known of it any more.
        """
        async with self._changing:
            done = await self.act(act_id, server_id)
            wanted = {
                change.channel_id: _undone(change, self._known(server_id, change.channel_id))
                for change in done
            }
            return await self._change(server_id, member_id, now, wanted)

    async def greeted(self, server_id: int, now: datetime) -> bool:
        """Note that the bot says hello to a server; False if it has done so before."""
        async with self._database.begin() as connection:
            row = (await connection.execute(select(servers).filter_by(id=server_id))).first()
            if row is not None and row.greeted_at is not None and row.removed_at is None:
                return False
            await self._ensure_server(connection, server_id)
            values = {"greeted_at": now.timestamp(), "removed_at": None}
            await connection.execute(update(servers).where(servers.c.id == server_id).values(values))
        self._servers.setdefault(server_id, {})
        return True

    async def absent(self, server_id: int, now: float) -> float:
        """Note that a server is not there; since when, in seconds since 1970."""
        async with self._database.begin() as connection:
            await self._ensure_server(connection, server_id)
            row = (await connection.execute(select(servers).filter_by(id=server_id))).one()
            if row.removed_at is not None:
                return float(row.removed_at)
            gone = update(servers).where(servers.c.id == server_id).values(removed_at=now)
            await connection.execute(gone)
        return now

    async def present(self, server_ids: Collection[int]) -> None:
        """Servers are there, again or still."""
        back = servers.c.id.in_(server_ids) & servers.c.removed_at.is_not(None)
        async with self._database.begin() as connection:
            await connection.execute(update(servers).where(back).values(removed_at=None))

    async def forget_server(self, server_id: int) -> None:
        """Remove whatever a server has set, with who set it."""
        async with self._database.begin() as connection:
            await connection.execute(delete(servers).filter_by(id=server_id))
            await connection.execute(delete(channels).filter_by(server_id=server_id))
            await connection.execute(delete(changes).filter_by(server_id=server_id))
            await self._others.tell(connection, News.SETTINGS, [server_id])
        self._forget(server_id)

    async def forget_channel(self, channel_id: int) -> None:
        """Remove whatever was set for a channel that is gone."""
        known = self._channels.get(channel_id)
        async with self._database.begin() as connection:
            await connection.execute(delete(channels).filter_by(id=channel_id))
            await connection.execute(delete(changes).filter_by(channel_id=channel_id))
            if known is not None:
                await self._others.tell(connection, News.SETTINGS, [known[0]])
        self._channels.pop(channel_id, None)

    def _known(self, server_id: int, channel_id: int | None) -> dict[str, Any]:
        """What differs from the defaults."""
        if channel_id is None:
            return self._servers.get(server_id, {})
        return self._channels.get(channel_id, (server_id, {}))[1]

    async def _change(
        self,
        server_id: int,
        member_id: int,
        now: datetime,
        wanted: Mapping[int | None, dict[str, Any]],
    ) -> list[Change]:
        """Let these be all that differs from the defaults."""
        made: list[Change] = []
        async with self._database.begin() as connection:
            await self._ensure_server(connection, server_id)
            for channel_id, after in wanted.items():
                before = self._known(server_id, channel_id)
                if before == after:
                    continue
                await self._write(connection, server_id, channel_id, after)
                act_id = made[0].id if made else 0
                change = Change(0, act_id, server_id, channel_id, member_id, now.timestamp(), before, after)
                made.append(await _note(connection, change))
            await self._ledger.write(connection, self._told(made))
            await self._others.tell(connection, News.SETTINGS, [server_id])
            await _forget_oldest(connection, server_id)
        reach(CrashPoint.BOT_SETTINGS_STORED)
        self._servers.setdefault(server_id, {})
        for change in made:
            if change.channel_id is None:
                self._servers[server_id] = change.after
            else:
                self._channels[change.channel_id] = (server_id, change.after)
        return made

    def _told(self, made: list[Change]) -> list[Entry]:
        """What moderators are told of changes: also where they are told nothing from now on."""
        if not made:
            return []
        first = made[0]
        known = [
            self._known(first.server_id, None),
            *(each.after for each in made if each.channel_id is None),
        ]
        audits = dict.fromkeys(values["audit_id"] for values in known if values.get("audit_id"))
        return [
            Entry(first.server_id, each, What.CHANGED, first.member_id, first.at, facts={"act": first.act_id})
            for each in audits
        ]

    async def _write(
        self, connection: AsyncConnection, server_id: int, channel_id: int | None, after: dict[str, Any]
    ) -> None:
        text = json.dumps(after)
        if channel_id is None:
            await connection.execute(update(servers).where(servers.c.id == server_id).values(settings=text))
        else:
            await connection.execute(delete(channels).filter_by(id=channel_id))
            values = {"id": channel_id, "server_id": server_id, "settings": text}
            await connection.execute(insert(channels).values(values))

    async def _ensure_server(self, connection: AsyncConnection, server_id: int) -> None:
        if (await connection.execute(select(servers.c.id).filter_by(id=server_id))).first() is None:
            await connection.execute(insert(servers).values(id=server_id, settings="{}"))


async def _note(connection: AsyncConnection, change: Change) -> Change:
    """Keep who has made a change; the change, with its id."""
    row = {
        "act_id": change.act_id,
        "server_id": change.server_id,
        "channel_id": change.channel_id,
        "member_id": change.member_id,
        "at": change.at,
        "before": json.dumps(change.before),
        "after": json.dumps(change.after),
    }
    done = await connection.execute(insert(changes).values(row))
    [change_id] = done.inserted_primary_key or (0,)
    act_id = change.act_id or change_id
    if not change.act_id:
        first = update(changes).where(changes.c.id == change_id)
        await connection.execute(first.values(act_id=change_id))
    return replace(change, id=change_id, act_id=act_id)


async def _forget_oldest(connection: AsyncConnection, server_id: int) -> None:
    newest_first = select(changes.c.id).filter_by(server_id=server_id).order_by(changes.c.id.desc())
    await connection.execute(delete(changes).where(changes.c.id.in_(newest_first.offset(_CHANGES_KEPT))))


def _undone(change: Change, now_set: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the defaults once a change is put back."""
    kept = {name: value for name, value in now_set.items() if name not in change.touched}
    return kept | {name: value for name, value in change.before.items() if name in change.touched}


def _changed(model: type[BaseModel], before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the defaults once `values` are set."""
    return model.model_validate({**before, **values}).model_dump(mode="json", exclude_defaults=True)


def _read(text: str, model: type[BaseModel], **where: int) -> dict[str, Any]:
    try:
        return model.model_validate_json(text).model_dump(mode="json", exclude_defaults=True)
    except ValidationError:
        log.error("settings not readable", **where)
        return {}


def _change(row: Any) -> Change:
    return Change(**{**row, "before": json.loads(row["before"]), "after": json.loads(row["after"])})
