"""How a duel goes on by itself: painted, voted about, counted and told.

Rule: its timer rings until it has ended. Each step is stored before Discord hears of it and looked for before it is done
again; what is seen of its pictures at that moment decides, whatever was heard before.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace

import discord
import structlog

from bot.alarms import Alarms, Later
from bot.consent.wishes import Agreed
from bot.errors import BotError, is_passing, short
from bot.languages import speaking
from bot.orders.admission import Admission
from bot.orders.pictures import SourcePicture
from bot.orders.policy import Policy
from bot.orders.request import StyleRequest
from bot.orders.venue import is_nsfw
from bot.place import Place
from bot.refusals import is_passing_refusal
from bot.storage.duels import UNDERWAY, Duel, DuelState, End
from bot.storage.exhibits import Exhibit
from bot.storage.posts import Role
from bot.storage.settings import Output
from bot.storage.store import Store
from bot.storage.tickets import StopRequest, Ticket, TicketState
from bot.storage.timers import Timer, TimerKind
from bot.tickets.desk import Desk
from bot.tickets.posting import NOBODY, find, ids_of, send
from bot.week.sheets import Sheets, Wanted
from bot.words import duel as words
from bot.words.post import Post
from engine.protocol import CrashPoint, Owner, Refusal, reach

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 24 * 3600.0  # to accept a challenge
LOOK_SECONDS = 10.0  # between two looks at what is being painted
RETRY_SECONDS = 60.0  # for a place in the queue


@dataclass
class Ring:
    """Where duels take place; `of_ballot` makes what can be pressed to vote, by the duel's id."""

    client: discord.Client
    store: Store
    policy: Policy
    desk: Desk
    admission: Admission
    sheets: Sheets
    alarms: Alarms
    of_ballot: Callable[[str], discord.ui.View]

    def __post_init__(self) -> None:
        self.alarms.handlers[TimerKind.DUEL] = self._on_timer

    async def end(self, duel: Duel, end: End) -> None:
        """It ends without a winner, which is shown soon."""
        ended = replace(duel, state=DuelState.ENDED, end=end)
        await self.store.duels.save(ended, "state", "end", due=self.alarms.clock(), was=duel.state)
        self.alarms.wake()

    async def _on_timer(self, timer: Timer, is_stale: bool) -> None:
        before: DuelState | None = None
        while (duel := await self.store.duels.find(timer.about)) is not None and duel.state is not before:
            before = duel.state
            try:
                await self._go_on(duel, is_stale)
            except (discord.Forbidden, discord.NotFound) as error:
                if not is_stale:  # which whoever gives permissions may mend, for a day
                    raise Later(short(error), RETRY_SECONDS) from error
                log.warning("duel cannot go on", duel=duel.id, state=duel.state)
                await self._give_up(duel)

    async def _give_up(self, duel: Duel) -> None:
        """Discord does not let it go on where it is: end it, or whoever has challenged has one for ever."""
        if duel.state in UNDERWAY:
            await self.end(duel, End.CANCELLED)
        elif duel.state is DuelState.OVER:
            await self.store.duels.save(replace(duel, told=True), "told")

    async def _go_on(self, duel: Duel, is_stale: bool) -> None:
        match duel.state:
            case DuelState.ASKED:
                await self._expect(duel)
            case DuelState.ACCEPTED:
                await self._hand_in(duel)
            case DuelState.PAINTING:
                await self._look(duel)
            case DuelState.VOTING:
                await self._vote(duel)
            case DuelState.OVER:
                await self._tell(duel, is_stale)
            case DuelState.ENDED:
                await self._show_end(duel)

    async def _expect(self, duel: Duel) -> None:
        """Nobody has answered a challenge; one that is not noted is looked for, and forgotten if nobody can see it."""
        if duel.message_id is not None:
            return await self.end(duel, End.NO_ANSWER)
        message_id = await find(self.client, self._channel(duel), lambda message: duel.id in ids_of(message))
        if message_id is None:
            return await self.store.duels.forget(duel.id)
        shown, ends = replace(duel, message_id=message_id), duel.at + ANSWER_SECONDS
        await self.store.duels.save(shown, "message_id", due=ends, was=duel.state)
        return None

    # --- painting -----------------------------------------------------------------------------------------

    async def _hand_in(self, duel: Duel) -> None:
        """Have both pictures painted, each for whose it is."""
        if not self.policy.goes_on(duel.server_id, *duel.members):
            return await self.end(duel, End.CANCELLED)
        channel = self._channel(duel)
        try:
            message = await channel.fetch_message(duel.message_id or 0)
        except discord.NotFound:
            return await self.end(duel, End.CANCELLED)
        given = [self._given(duel, message, number) for number in (1, 2)]
        first, second = given
        if first is None or second is None:
            return await self.end(duel, End.CANCELLED)
        pairs = ((duel.first_ticket, first, second), (duel.second_ticket, second, first))
        try:
            for ticket_id, content, style in pairs:
                if ticket_id is not None and await self.store.tickets.state(ticket_id) is None:
                    await self._accept(duel, ticket_id, content, style)
        except (BotError, Refusal) as error:
            if not (is_passing_refusal(error) or is_passing(error)):
                return await self.end(duel, End.NOT_PAINTED)
            log.info("duel waits", duel=duel.id, error=str(error))
            return await self._look_again(duel, RETRY_SECONDS)
        with self._speaking(duel):
            text = words.painting(duel)
        await message.edit(content=text, view=None, allowed_mentions=NOBODY)
        painting = replace(duel, state=DuelState.PAINTING)
        due = self.alarms.clock() + LOOK_SECONDS
        await self.store.duels.save(painting, "state", due=due, was=duel.state)
        return None

    async def _look_again(self, duel: Duel, seconds: float) -> None:
        """Go on with it as it is, later."""
        await self.store.duels.save(duel, "state", due=self.alarms.clock() + seconds, was=duel.state)

    async def _accept(self, duel: Duel, ticket_id: str, content: SourcePicture, style: SourcePicture) -> None:
        author = content.author_id or 0
        request = StyleRequest(
            place=Place(duel.server_id, duel.channel_id),
            user_id=author,
            content=content,
            styles=(style,),
            settings={},
            source_message_id=duel.message_id,
            output=Output.THREAD,
        )
        with self.admission.hold(Owner(group=str(duel.server_id), user=str(author))) as hold:
            await self.admission.grant(hold)
            await self.desk.accept(Agreed(request, ticket_id), hold=hold)

    def _given(self, duel: Duel, message: discord.Message, number: int) -> SourcePicture | None:
        """One of the two pictures, as it stands in the challenge."""
        stem = words.picture_stem(duel, number)
        found = next((each for each in message.attachments if stem in each.filename), None)
        if found is None:
            return None
        member = duel.members[number - 1]
        picture = SourcePicture.of_attachment(
            found, member, message.id, is_nsfw(self.client.get_channel(duel.channel_id))
        )
        return replace(picture, channel_id=duel.channel_id, description=None)

    async def _look(self, duel: Duel) -> None:
        """See how far both are, and begin the vote once they are there."""
        states = [await self.store.tickets.state(each) for each in duel.tickets]
        if TicketState.CLOSED in states:
            await self.end(duel, End.NOT_PAINTED)
        elif None in states or TicketState.DELETED in states or len(states) < 2:
            await self.end(duel, End.TAKEN_BACK)
        elif any(state != TicketState.DELIVERED for state in states):
            await self._look_again(duel, LOOK_SECONDS)
        elif self.policy.goes_on(duel.server_id, *duel.members):
            await self._open_vote(duel)
        else:  # nobody could vote
            await self.end(duel, End.CANCELLED)

    # --- voting -------------------------------------------------------------------------------------------

    async def _open_vote(self, duel: Duel) -> None:
        exhibits = [
            Exhibit(duel.id, number, ticket, duel.server_id, TimerKind.DUEL)
            for number, ticket in enumerate(duel.tickets, 1)
        ]
        await self.store.exhibits.hang(duel.id, exhibits)
        ends = self.alarms.clock() + duel.seconds
        opened = replace(duel, state=DuelState.VOTING, ends=ends)
        await self.store.duels.save(opened, "state", "ends", due=self.alarms.clock(), was=duel.state)
        reach(CrashPoint.BOT_DUEL_PAINTED)

    async def _vote(self, duel: Duel) -> None:
        """Show what is voted about, once; then count, when it is time."""
        if duel.sheet_message_id is None:
            await self._show_ballot(duel)
            found = await self.store.duels.find(duel.id)
            if found is None or found.state is not DuelState.VOTING:
                return None
            duel = found
        ends = duel.ends or 0.0
        if is_open := self.alarms.clock() < ends:
            await self.store.duels.save(duel, "state", due=ends, was=duel.state)
        # What is deleted from here on rings anew, and at once.
        if len(await self.store.exhibits.on(duel.id)) < 2:
            return await self.end(duel, End.TAKEN_BACK)
        if is_open or duel.sheet_message_id is None:
            return None
        # As late as the vote ended, so that the result is told only if it is still news.
        await self.store.duels.close_vote(duel, self.store.blocks.blocked(duel.server_id), ends + 1)
        reach(CrashPoint.BOT_DUEL_COUNTED)
        return None

    async def _show_ballot(self, duel: Duel) -> None:
        channel, message_id = self._channel(duel), await self._ballot(duel)
        if message_id is None:
            wanted, tickets = await self._wanted(duel)
            limit = Place(duel.server_id, duel.channel_id).upload_limit(self.client)
            drawn = await self.sheets.draw(wanted, 2, limit)
            if drawn is None or len(drawn[1]) < 2:
                return await self.end(duel, End.TAKEN_BACK)
            spoiler = any(ticket.spoiler for ticket in tickets)
            duel = replace(duel, ends=self.alarms.clock() + duel.seconds)  # however long it took until here
            if not await self.store.duels.save(duel, "ends", was=duel.state):
                return None
            with self._speaking(duel):
                post = Post(words.ballot(duel), words.sheet(duel, drawn[0].data, spoiler))
                view = self.of_ballot(duel.id)
            message_id = (await send(channel, f"{duel.id}v", post, view)).id
            reach(CrashPoint.BOT_DUEL_POSTED)
        shown = replace(duel, sheet_message_id=message_id)
        if not await self.store.duels.save(shown, "sheet_message_id"):  # one of the two wants it forgotten
            await self._delete_ballot(shown)
        return None

    async def _ballot(self, duel: Duel) -> int | None:
        """Where can be voted, though it is perhaps not noted. Raises what Discord does."""
        if duel.sheet_message_id is not None:
            return duel.sheet_message_id
        return await find(self.client, self._channel(duel), lambda message: duel.id in _votes(message))

    async def _wanted(self, duel: Duel) -> tuple[dict[int, Wanted], list[Ticket]]:
        """Both results and the messages that show them."""
        wanted: dict[int, Wanted] = {}
        tickets: list[Ticket] = []
        for number, ticket_id in enumerate(duel.tickets, 1):
            ticket = await self.store.tickets.find(ticket_id)
            posts = await self.store.posts.of_ticket(ticket_id)
            post = next((each for each in posts if each.role is Role.RESULT), None)
            if ticket is not None and post is not None:
                wanted[number] = Wanted(ticket, post)
                tickets.append(ticket)
        return wanted, tickets

    # --- the end ------------------------------------------------------------------------------------------

    async def _tell(self, duel: Duel, is_stale: bool) -> None:
        """Say who has won, where it was voted and beneath; over a day late only where it was voted."""
        if (
            len(await self.store.exhibits.on(duel.id)) < 2
        ):  # after the end the numbers stay, and the pictures go
            await self._take_down(duel)
        elif duel.told:
            return
        elif duel.sheet_message_id is not None:
            await self._tell_at(duel, duel.sheet_message_id, is_stale)
        await self.store.duels.save(replace(duel, told=True), "told")

    async def _tell_at(self, duel: Duel, ballot_id: int, is_stale: bool) -> None:
        channel = self._channel(duel)
        with self._speaking(duel):
            text = words.result(duel)
        with suppress(discord.NotFound):
            if (
                not is_stale
                and await find(self.client, channel, lambda message: _answers(message, duel)) is None
            ):
                reference = discord.MessageReference(
                    message_id=ballot_id, channel_id=channel.id, fail_if_not_exists=False
                )
                await send(channel, f"{duel.id}e", Post(text), reference=reference)
            reach(CrashPoint.BOT_DUEL_TOLD)
            ballot = channel.get_partial_message(ballot_id)
            await ballot.edit(content=text, view=None, allowed_mentions=NOBODY)

    async def _show_end(self, duel: Duel) -> None:
        """Say why there is no winner, and show nothing of the pictures any more."""
        for ticket_id in duel.tickets:
            with suppress(BotError):
                await self.desk.stop(ticket_id, StopRequest.CANCEL, _nothing)
        channel = self._channel(duel)
        with self._speaking(duel):
            text = words.ended(duel)
        message_id = duel.message_id
        if message_id is None:
            message_id = await find(self.client, channel, lambda message: duel.id in ids_of(message))
        if message_id is not None:
            with suppress(discord.NotFound, discord.Forbidden):
                await channel.get_partial_message(message_id).edit(
                    content=text,
                    view=None,
                    attachments=[],
                    allowed_mentions=NOBODY,
                )
        await self._take_down(duel)

    async def _take_down(self, duel: Duel) -> None:
        """Delete what shows both results."""
        ballot_id = await self._ballot(duel) if duel.ends is not None else None
        if ballot_id is not None:
            await self._delete_ballot(replace(duel, sheet_message_id=ballot_id))
            await self.store.duels.save(replace(duel, sheet_message_id=None), "sheet_message_id")
        await self.store.exhibits.hang(duel.id, [])

    async def _delete_ballot(self, duel: Duel) -> None:
        message = self._channel(duel).get_partial_message(duel.sheet_message_id or 0)
        with suppress(discord.NotFound, discord.Forbidden):
            await message.delete()

    def _speaking(self, duel: Duel) -> AbstractContextManager[None]:
        """Say everything as all read it who vote."""
        return speaking(self.store.settings.language(Place(duel.server_id).server(self.client)))

    def _channel(self, duel: Duel) -> discord.PartialMessageable:
        return self.client.get_partial_messageable(duel.channel_id, guild_id=duel.server_id)


async def _nothing() -> None:
    """Nobody waits for an answer."""


def _votes(message: discord.Message) -> str:
    return ids_of(message) if "duel:vote:" in ids_of(message) else ""


def _answers(message: discord.Message, duel: Duel) -> bool:
    reference = message.reference
    return reference is not None and reference.message_id == duel.sheet_message_id
