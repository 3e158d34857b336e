"""The collage that ends a week: everybody's picture on one, with their names, and a thread to talk in.

Rule: whose results are on it is stored before it is posted, and each step is looked for before it is done again. When one of
them is deleted, it is drawn without it: the others keep their numbers.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Literal

import discord
import structlog

from bot.alarms import Alarms, Later
from bot.errors import is_passing
from bot.languages import speaking
from bot.orders.venue import is_restricted
from bot.place import Place
from bot.storage.exhibits import Exhibit
from bot.storage.ledger import Entry
from bot.storage.store import Store
from bot.storage.tickets import BundledStyle, Ticket
from bot.storage.timers import Timer, TimerKind
from bot.storage.weeks import Week, WeekState
from bot.styles.catalogue import Catalogue
from bot.tickets.posting import NOBODY, files_of, find, send
from bot.week.entries import Entries
from bot.week.sheets import Sheets, Wanted
from bot.words import week as words
from bot.words.post import Picture, Post
from engine.protocol import MAX_COLLAGE, CrashPoint, StyleCard, reach

log = structlog.get_logger(__name__)

_HAS_THREAD = 160004
_NAMES = re.compile(r"\*\*\d+\*\* ")  # begins a text of names, in every language
_NAMED = 20  # messages after a collage, or first in its thread, that are looked through for such texts
_LATER_SECONDS = 60.0
_STAYING_SECONDS = 300.0  # to ask who is still a member
_THREAD_MINUTES: Literal[10080] = 10080  # a week, after which a thread in which nobody writes is put away


@dataclass
class Collages:
    """Those of all weeks."""

    client: discord.Client
    store: Store
    catalogue: Catalogue
    entries: Entries
    sheets: Sheets
    alarms: Alarms

    def __post_init__(self) -> None:
        self.alarms.handlers[TimerKind.COLLAGE] = self._on_timer

    async def _on_timer(self, timer: Timer, is_stale: bool) -> None:
        week = await self.store.weeks.find(timer.about)
        if week is None:
            return
        try:
            await self._redraw(week)
        except (Later, discord.Forbidden) as error:
            if not is_stale:
                raise Later(str(error), _LATER_SECONDS) from error
            log.warning("collage not drawn anew", server=week.server_id, week=week.id)

    async def end(self, week: Week, channel: discord.TextChannel, told: Collection[Entry] = ()) -> Week:
        """Post the collage of a week, and the thread to talk in; of nobody's pictures there is none.

        `told`: what moderators are to be told of that.
        """
        with speaking(self.store.settings.language(channel.guild)):
            return await self._end(week, channel, told)

    async def _end(self, week: Week, channel: discord.TextChannel, told: Collection[Entry]) -> Week:
        if week.state is WeekState.ENDING and week.collage_id is None:
            stem = f"collage-{week.id}"
            found = await find(self.client, channel, lambda message: stem in files_of(message))
            week = replace(week, collage_id=found)
        if week.collage_id is None:
            week = await self._post_collage(week, channel)
        if week.collage_id is not None:
            await self.store.weeks.save(week, "collage_id")
            reach(CrashPoint.BOT_COLLAGE_NOTED)
            await self._talk(week, channel)
        week = replace(week, state=WeekState.OVER)
        await self.store.weeks.save(week, "state", told=told)
        return week

    async def _post_collage(self, week: Week, channel: discord.TextChannel) -> Week:
        shown = (await self._staying(await self.entries.of(week, channel), channel.guild))[:MAX_COLLAGE]
        if not shown:
            return week
        exhibits = [_exhibit(week, number, ticket) for number, ticket in enumerate(shown, 1)]
        await self.store.exhibits.hang(week.id, exhibits)
        week = replace(week, state=WeekState.ENDING, channel_id=channel.id)
        await self.store.weeks.save(week, "state", "channel_id")
        reach(CrashPoint.BOT_WEEK_ENDING)
        drawn = await self._draw(week, channel, compact=True)
        kept = await self.store.weeks.find(week.id)
        if drawn is None or kept is None or kept.state is WeekState.WITHDRAWN:
            return week
        message = await send(channel, f"{week.id}c", Post(drawn[0][0], drawn[1]))
        reach(CrashPoint.BOT_COLLAGE_POSTED)
        return replace(week, collage_id=message.id)

    async def _staying(self, tickets: Sequence[Ticket], guild: discord.Guild) -> list[Ticket]:
        """Those of who has not left, as far as Discord says so soon. Raises what Discord does.

        It tells the bot of nobody who leaves, who would be named all the same.
        """
        gone: set[str] = set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_STAYING_SECONDS):
                for ticket in tickets:
                    try:
                        await guild.fetch_member(ticket.user_id)
                    except discord.NotFound:
                        await self.sheets.deletion.member_gone(guild.id, ticket.user_id)
                        gone.add(ticket.id)
        return [ticket for ticket in tickets if ticket.id not in gone]

    async def _draw(
        self, week: Week, channel: discord.TextChannel, *, compact: bool = False
    ) -> tuple[list[str], Picture] | None:
        """The collage of what is left of its exhibits, with the texts that belong to it; None if nothing is.

        compact: what is gone leaves no empty place, as nobody has seen it yet.
        """
        wanted: dict[int, Wanted] = {}
        for exhibit in await self.store.exhibits.on(week.id):
            ticket = await self.store.tickets.find(exhibit.ticket_id)
            post = await self.entries.result_of(ticket) if ticket is not None else None
            if ticket is not None and post is not None:
                wanted[exhibit.number] = Wanted(ticket, post)
        places = max(wanted, default=0)
        limit = Place(week.server_id, channel.id).upload_limit(self.client)
        drawn = await self.sheets.draw(wanted, places, limit) if wanted else None
        if drawn is None:
            return None
        rendered, on_it = drawn
        if compact and len(on_it) < places:
            kept = [wanted[number].ticket for number in sorted(on_it)]
            again = [_exhibit(week, n, ticket) for n, ticket in enumerate(kept, 1)]
            await self.store.exhibits.hang(week.id, again)
            return await self._draw(week, channel)
        tickets = {number: wanted[number].ticket for number in sorted(on_it)}
        style = self._style(week, tickets)
        texts = words.credits_of(style, tickets, places)
        return texts, words.collage(style, week.id, rendered.data, tickets)

    async def _talk(self, week: Week, channel: discord.TextChannel) -> None:
        """Open the thread to talk in, with those names that had no room. Raises what a later try may mend."""
        if week.collage_id is None:
            return
        name = words.thread_name(self.catalogue.known(week.style))
        try:
            await self.client.http.start_thread_with_message(
                channel.id, week.collage_id, name=name, auto_archive_duration=_THREAD_MINUTES
            )
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            if error.code != _HAS_THREAD:
                log.warning("collage without a thread", server=week.server_id, code=error.code)
        reach(CrashPoint.BOT_COLLAGE_TALKED)
        if texts := (await self._texts(week))[1:]:
            await self._name(week, channel, texts)

    async def _texts(self, week: Week) -> list[str]:
        """Who is on a collage, of what is left of its exhibits."""
        exhibits = await self.store.exhibits.on(week.id)
        found = {each.number: await self.store.tickets.find(each.ticket_id) for each in exhibits}
        tickets: dict[int, Ticket] = {number: each for number, each in found.items() if each is not None}
        return words.credits_of(self._style(week, tickets), tickets, max(tickets, default=0))

    def _style(self, week: Week, tickets: Mapping[int, Ticket]) -> StyleCard | BundledStyle:
        """That of a week; of one of which nothing is known any more, as what was painted in it tells it."""
        style = self.catalogue.known(week.style)
        called = (each.styles[0] for each in tickets.values() if style.title == week.style)
        return next((each for each in called if each is not None), style)

    async def _name(self, week: Week, channel: discord.TextChannel, texts: Sequence[str]) -> None:
        """Let these texts stand in the thread or, without one, after the collage; what is there already stays."""
        thread = await self._thread(week)
        there = [each async for each in self._named(thread)] if thread is not None else []
        there += [each async for each in self._named(channel, week.collage_id)]
        if [each.content for each in there] == [*texts]:
            return
        async with _opened(thread):
            for number, text in enumerate(texts):
                if number >= len(there):
                    await self._say(week, thread or channel, number, text)
                elif there[number].content != text:
                    with suppress(discord.NotFound):
                        await there[number].edit(content=text, allowed_mentions=NOBODY)
            for message in there[len(texts) :]:
                with suppress(discord.NotFound):
                    await message.delete()

    async def _thread(self, week: Week) -> discord.Thread | None:
        """The one of a collage, if there is one."""
        with suppress(discord.NotFound, discord.Forbidden):
            found = await self.client.fetch_channel(week.collage_id or 0)
            return found if isinstance(found, discord.Thread) else None
        return None

    async def _named(
        self, place: discord.Thread | discord.TextChannel, collage_id: int | None = None
    ) -> AsyncIterator[discord.Message]:
        """The texts of names in a thread, or in a channel after a collage."""
        after = discord.Object(collage_id) if collage_id is not None else None
        async for message in place.history(limit=_NAMED, after=after, oldest_first=True):
            beneath = message.reference.message_id if message.reference is not None else None
            is_ours = message.author == self.client.user and beneath == collage_id
            if is_ours and _NAMES.match(message.content):
                yield message

    async def _say(
        self, week: Week, place: discord.Thread | discord.TextChannel, number: int, text: str
    ) -> None:
        reference = discord.utils.MISSING
        if isinstance(place, discord.TextChannel):
            reference = discord.MessageReference(
                message_id=week.collage_id or 0, channel_id=place.id, fail_if_not_exists=False
            )
        await send(place, f"{week.id}{number}", Post(text), reference=reference)

    async def restrict(self, server_id: int) -> None:
        """There is an age restriction in a channel of a server now: nothing from there is on a collage any more."""
        found = await self.store.exhibits.of_server(server_id, TimerKind.COLLAGE)
        tickets = {each: await self.store.tickets.find(each.ticket_id) for each in found}
        hidden = [
            each
            for each, ticket in tickets.items()
            if ticket is not None and is_restricted(self.client, ticket)
        ]
        await self.store.exhibits.take_down(hidden, self.alarms.clock())
        self.alarms.wake()

    async def consent_changed(self, member_id: int) -> None:
        """A member has said something else to what is shown of theirs: what may not be any more leaves the collages."""
        hidden = []
        for each in await self.store.exhibits.of_member(member_id, TimerKind.COLLAGE):
            ticket = await self.store.tickets.find(each.ticket_id)
            if ticket is not None and not await self.entries.may_be_shown(ticket, each.server_id):
                hidden.append(each)
        if hidden:
            await self.store.exhibits.take_down(hidden, self.alarms.clock())
            self.alarms.wake()

    async def _redraw(self, week: Week) -> None:
        """Something on a collage was deleted: show it without, or nothing if that was all. Raises what may be mended."""
        if week.collage_id is None:
            if week.state is WeekState.ENDING:
                raise Later("it is about to be posted", _LATER_SECONDS)
            return
        guild = self.client.get_guild(week.server_id)
        channel = guild.get_channel(week.channel_id) if guild is not None else None
        if not isinstance(channel, discord.TextChannel):
            raise Later("its channel is not seen", _LATER_SECONDS)
        message = channel.get_partial_message(week.collage_id)
        with speaking(self.store.settings.language(guild)):
            drawn = await self._draw(week, channel)
        texts, picture = drawn if drawn is not None else ([], None)
        try:
            if picture is not None:
                await message.edit(content=texts[0], attachments=[picture.file()], allowed_mentions=NOBODY)
        except discord.NotFound:  # with whatever it showed
            picture = None
        await self._name(week, channel, texts[1:] if picture is not None else [])
        if picture is None:
            with suppress(discord.NotFound):
                await message.delete()
            await self.store.exhibits.hang(week.id, [])


@asynccontextmanager
async def _opened(thread: discord.Thread | None) -> AsyncIterator[None]:
    """Have a thread that was put away open for a while, as nothing in it can be changed otherwise."""
    was_away = thread is not None and thread.archived
    if thread is not None and was_away:
        await thread.edit(archived=False)
    try:
        yield
    finally:
        if thread is not None and was_away:
            await thread.edit(archived=True)


def _exhibit(week: Week, number: int, ticket: Ticket) -> Exhibit:
    return Exhibit(week.id, number, ticket.id, week.server_id, TimerKind.COLLAGE)
