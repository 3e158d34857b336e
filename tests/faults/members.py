"""What members do in a server, in all ways there are, and what they have asked for, to be held against what there is.

Rule: a member remembers only what a person would: what was asked, whether Discord said that it was taken, what was said to
be deleted. What is in the channels in the end is looked at, and never how it came to be there.
"""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from simcord.actors import MemberActor
from simcord.backend.errors import BackendError, SetupError
from simcord.backend.models import Message
from simcord.builders import ChannelHandle
from simcord.components import walk_components
from simcord.results import InteractionResult, ResponseMessage

from bot.refusals import LATER, NO
from bot.storage.settings import Consent
from bot.words import consent as consent_words
from bot.words import museum as museum_words
from bot.words.audition import CHOOSE
from bot.words.deletion import DELETED
from bot.words.errors import sentence
from bot.words.help import ACCEPTED
from bot.words.palette import MORE
from bot.words.setup import HELLO, Page
from bot.words.ticket import developing
from demo.standin import StandIn
from engine.protocol import ErrorCode, Refusal
from tests.bot.world import png
from tests.faults.duels import Duels
from tests.faults.moderators import Moderators
from tests.faults.stars import Stars
from tests.faults.tally import Tally

REFUSED = Refusal(ErrorCode.OUT_OF_MEMORY)  # what the engine says no with, and how that is told
REFUSAL = sentence(REFUSED)
EMOJI = "🌊"
OPEN_AT_ONCE = 20  # or a member is refused for waiting for too many
CROWD = 4  # who react at once
_ASKING = {"slash", "menu", "react", "again", "forget", "crowd", "try out", "choose"}
LOOKS = ("Time-lapse", "Before / after", "How was this painted?", "As an avatar", "Send me a copy")
_TICKET = re.compile(r"[0-9a-f]{20}")
_VOTE, _STYLE = re.compile(r"museum:vote:(own_[0-9a-f]+)"), re.compile(r"museum:back:(own_[0-9a-f]+)")
_DEVELOPING = re.compile(re.escape(developing("/URL")).replace("/URL", r"\S*/(\d+)"))
_QUESTION = re.compile(r"consent:always:(\d+)")


@dataclass
class Order:
    """Something that a member has asked for; `is_final` tells what has come of it from the bot's other messages."""

    is_final: Callable[[Message], bool]
    asked: InteractionResult | None  # None: a reaction, which nobody acknowledges
    is_command: bool = False  # answered in place of "thinking…"
    picture: int | None = None  # the message that it is made from
    cut_short: bool = False  # whether somebody has ended it, heard or not, so that it need not come
    is_agreed: bool = False  # whether its author was told that they have said yes


@dataclass
class Members:
    """Alice, Bob and others, what they have asked for, and what they were told is gone."""

    discord: StandIn
    dice: random.Random
    consent: Consent = Consent.OPEN
    painted: Callable[[int], Collection[str]] = (
        lambda seed: ()
    )  # the tickets that the engine has had with a seed
    orders: list[Order] = field(default_factory=list)
    watched: list[InteractionResult] = field(default_factory=list)  # asked for something else than a picture
    moderators: Moderators | None = None
    _people: dict[int, MemberActor] = field(default_factory=dict)
    _gone_on_from: set[int] = field(default_factory=set)
    _deletions: dict[str, ResponseMessage] = field(default_factory=dict)  # the question to each, by ticket
    _removed: set[str] = field(default_factory=set)  # tickets whose result a moderator has deleted by hand
    _taken_back: set[str] = field(default_factory=set)  # styles that nobody may see any more
    _forgotten: set[int] = field(default_factory=set)  # members of whom nothing may be seen any more
    _elsewhere: tuple[MemberActor, ChannelHandle] | None = None  # where the bot is not
    _marked: set[int | None] = field(default_factory=set)  # pictures that the bot was seen to say no to
    _diary: list[str] = field(default_factory=list)  # for whoever looks for what went wrong

    def __post_init__(self) -> None:
        self.duels = Duels(self.discord, self._newcomer)
        self.stars = Stars(self.discord, self.dice, self._picture)
        self.discord.world.backend.subscribers.append(self._see)

    def _see(self, event: str, payload: Any) -> None:
        """Write down what goes, by whomever."""
        if "DELETE" in event:
            self.note(event, payload)

    def note(self, what: str, *about: object) -> None:
        """Write down that something is being done."""
        now = datetime.now(UTC).time().isoformat("milliseconds")
        self._diary.append(" ".join(map(str, (now, what, *about))))

    def write_diary(self, path: Path) -> None:
        """What was done and when, a line each, and what the bot has in the channels in the end."""
        shown = [
            f"{each.id} in {each.channel_id}, {each.reference}: {each.content!r}" for each in self.messages
        ]
        path.write_text("\n".join([*self._diary, *shown]), encoding="utf-8")

    async def live(self, seconds: float, ways: tuple[str, ...] = ()) -> None:
        """Ask for so long."""
        every: dict[str, Callable[[], Awaitable[object]]] = {
            "slash": self._slash,
            "menu": self._menu,
            "react": self.react,
            "again": self._again,
            "stop": self._stop,
            "watch": self._watch,
            "look": self._look,
            "show": self._show,
            "expression": self._express,
            "set up": self._set_up,
            "crowd": self._crowd,
            "try out": self._try_out,
            "choose": self._choose,
            "bring": self.bring,
            "challenge": self.duels.challenge,
            "accept": self.duels.accept,
            "vote": self.duels.vote,
            "star": self.stars.star,
            "unstar": self.stars.unstar,
            "week": self._begin_week,
            "collage": self._end_week,
            "delete": self._delete,
            "remove": self.remove,
            "withdraw": self._withdraw,
            "forget": self._forget,
            "answer": self.answer,
            "propose": self._propose,
            "decide": self._decide,
            "take back": self._take_back,
        }
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    way = self.dice.choice(ways or tuple(every))
                    if way in _ASKING and len(self.waiting) >= OPEN_AT_ONCE:
                        way = "answer"
                    self.note(way)
                    with suppress(SetupError, BackendError):  # what was to be clicked is gone
                        await every[way]()
                    await asyncio.sleep(self.dice.random() * 0.1)

    async def finish(self) -> None:
        """Answer all that the bot asks, for as long as it does."""
        while True:
            with suppress(SetupError, BackendError):
                await self.answer()
            with suppress(SetupError, BackendError):
                await self.bring()
            await asyncio.sleep(0.1)

    # --- asking for pictures ------------------------------------------------------------------------------

    async def _slash(self, who: MemberActor | None = None, place: ChannelHandle | None = None) -> Order:
        seed, place = len(self.orders) + 1, place or self.discord.studio
        order = Order(lambda found: _ticket(found) in self.painted(seed), None, True)
        order.asked = await (who or self.discord.alice).slash(
            place, "stylize", content=("cat.png", png()), style="great_wave", seed=seed
        )
        self.orders.append(order)
        return order

    async def ask_elsewhere(self) -> None:
        """Ask where the bot is not, with an app of one's own."""
        if self._elsewhere is None:
            friends = self.discord.world.create_guild("Friends")
            alice = friends.add_member(self.discord.alice.user)
            self._elsewhere = alice, self.discord.world.installs.channel("lounge", friends)
        await self._slash(*self._elsewhere)

    async def _menu(self) -> None:
        alice, picture = self.discord.alice, await self._picture()
        menu = await alice.context_menu(self.discord.studio, "Stylize this image", picture)
        self.watched.append(menu)
        if menu.response is not None:
            picked = await alice.select(menu.response, ["great_wave"])
            self.orders.append(Order(_answers(picture.id), picked, picture=picture.id))

    async def react(self) -> None:
        """React to a new picture, whether or not the bot is there."""
        picture = await self._picture()
        self.note("reacts to", picture.id)
        self.orders.append(Order(_answers(picture.id), None, picture=picture.id))
        await self.discord.alice.react(picture, EMOJI)

    async def _again(self) -> None:
        result = next((each for each in reversed(self.results) if each.id not in self._gone_on_from), None)
        if result is not None:
            self._gone_on_from.add(result.id)
            clicked = await self.discord.bob.click(self._handle(result), label="Again")
            self.orders.append(Order(_answers(result.id), clicked, picture=result.id))

    async def _crowd(self) -> None:
        """React to more pictures at once than threads are opened for."""
        await asyncio.gather(*(self.react() for _ in range(CROWD)))

    async def _try_out(self) -> None:
        """Ask for a sheet of all styles, by the last emoji of the palette."""
        picture = await self._picture()
        self.note("tries out", picture.id)
        self.orders.append(Order(_answers(picture.id), None, picture=picture.id))
        await self.discord.alice.react(picture, MORE)

    async def _choose(self) -> None:
        """Have one of a sheet finished."""
        sheet = next((each for each in reversed(self.sheets) if each.id not in self._gone_on_from), None)
        if sheet is None:
            await self._try_out()
            return
        self._gone_on_from.add(sheet.id)
        picked = await self.discord.bob.select(self._handle(sheet), ["1"], custom_id=f"tile:{_ticket(sheet)}")
        self.orders.append(Order(_answers(sheet.id), picked, picture=sheet.id))

    async def _picture(self) -> ResponseMessage:
        """A new picture; of somebody new where authors are asked, as one is asked only so often."""
        who = self.discord.bob if self.consent is not Consent.ASK else self._newcomer("author")
        sent = await who.send(self.discord.studio, "a cat", attachments=[("cat.png", png())])
        return self._handle(self.discord.world.backend.get_message(self.discord.studio.id, sent.id))

    def _newcomer(self, what: str) -> MemberActor:
        name = f"{what}{len(self._people)}"
        member = self.discord.guild.add_member(self.discord.world.create_user(name, global_name=name))
        self._people[member.id] = member
        return member

    # --- saying something of them -------------------------------------------------------------------------

    async def answer(self) -> None:
        """Answer a question to an author, one way or the other."""
        if not self.questions:
            return
        question = self.dice.choice(self.questions)
        [picture] = _QUESTION.findall(str(question.components))
        label = self.dice.choice((consent_words.ALWAYS, consent_words.ONCE, consent_words.NO))
        about = [order for order in self.orders if order.picture == int(picture)]
        if label == consent_words.NO:
            for order in about:
                order.cut_short = True
        pressed = await self._owner(question).click(self._handle(question), label=label())
        if pressed.acknowledged and label != consent_words.NO:
            for order in about:
                order.is_agreed = True

    async def bring(self) -> None:
        """Press what brings a picture that the bot was interrupted with, though somebody may have deleted it."""
        for message in self._pressable("Show it"):
            self._removed.difference_update(_TICKET.findall(str(message.components)))
            await self._owner(message).click(self._handle(message), label="Show it")

    async def _stop(self) -> None:
        if not self.tickets:
            return
        ticket = self.tickets[-1]
        # Any of those that are open.
        self._cut_short(lambda order: not any(map(order.is_final, self.results)))
        await self._owner(ticket).click(self._handle(ticket), label="Cancel")

    # --- looking at results -------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Look at a film, then pick one of its moments."""
        shown = await self._more("Time-lapse", "Earlier moment")
        if shown is not None:
            self.watched.append(await self.discord.alice.select(shown, ["2"]))

    async def _look(self) -> None:
        """Look at something else, and post it where that can be."""
        shown = await self._more(self.dice.choice(LOOKS))
        if shown is not None:
            self.watched.append(await self.discord.alice.click(shown, label="Post it here"))

    async def _show(self) -> None:
        if self.results:
            picture = str(self.dice.choice(self.results).id)
            shown = await self.discord.alice.slash(self.discord.studio, "show", picture=picture, post=True)
            self.watched.append(shown)

    async def _express(self) -> None:
        """Make a picture an emoji of the server."""
        panel = await self._more()
        if panel is not None:
            form = await self.discord.mia.click(panel, label="As an emoji")
            if form.modal is not None:
                self.watched.append(
                    await self.discord.mia.submit_modal(form, {"name": f"wave{len(self.watched)}"})
                )

    async def _more(self, *labels: str) -> ResponseMessage | None:
        """What is behind these buttons of a result, one after the other."""
        if not self.results:
            return None
        shown = self._handle(self.results[-1])
        who = self.discord.alice if labels else self.discord.mia
        for label in ("More…", *labels):
            seen = await self._pressed(await who.click(shown, label=label))
            if seen is None:
                return None
            shown = seen
        return shown

    async def _pressed(self, answer: InteractionResult) -> ResponseMessage | None:
        """An answer once it has something to press, or None if it does not come in a while."""
        self.watched.append(answer)
        with suppress(TimeoutError):
            await self.discord.world.until(lambda: answer.response and answer.response.components, 0.5)
        return answer.response if answer.response is not None and answer.response.components else None

    # --- setting up ---------------------------------------------------------------------------------------

    async def _set_up(self) -> None:
        """Let the owner change a limit, and put it back now and then."""
        mia, studio = self.discord.mia, self.discord.studio
        opened = await mia.slash(studio, "setup")
        self.watched.append(opened)
        if (panel := opened.response) is None:
            return
        steps = (
            ("setup:jump", Page.LIMITS.value),
            ("setup:set:open_per_member:0", self.dice.choice(("20", "50"))),
        )
        for custom_id, value in steps:
            with suppress(TimeoutError):
                await self.discord.world.until(partial(_has, panel, custom_id), 0.5)
            self.watched.append(await mia.select(panel, [value], custom_id=custom_id))

    async def _begin_week(self) -> None:
        if self.moderators is not None:
            await self.moderators.begin()

    async def _end_week(self) -> None:
        if self.moderators is not None:
            await self.moderators.end()

    def invite(self) -> None:
        """Let another server have the bot, while it is away."""
        guild = self.discord.world.create_guild("Another", owner=self.discord.mia.user)
        guild.create_text_channel("talk")

    # --- deleting -----------------------------------------------------------------------------------------

    async def _delete(self) -> None:
        """Delete a result by its button."""
        result = next((each for each in reversed(self.results) if _ticket(each) not in self._deletions), None)
        if result is None:
            return
        who = self._owner(result)
        question = await who.click(self._handle(result), label="Delete")
        if question.response is None or not question.response.components:
            return
        self._cut_short(lambda order: order.is_final(result))
        self._deletions[_ticket(result)] = question.response
        confirmed = await who.click(question.response, label="Yes, delete it")
        self.note("deletes", _ticket(result), result.id, confirmed.acknowledged)

    async def remove(self) -> None:
        """Let a moderator delete the message of a result, whether or not the bot is there."""
        channels, server_id = self.discord.world.backend.channels, self.discord.guild.id
        there = [each for each in self.results if channels[each.channel_id].guild_id == server_id]
        if there:
            result = there[-1]
            self._cut_short(lambda order: order.is_final(result))
            self._removed.add(_ticket(result))
            self.note("removed", _ticket(result), result.id)
            await self.discord.mia.delete(self._handle(result))

    async def _withdraw(self) -> None:
        """Delete a picture that something is made from."""
        pictures = [order.picture for order in self.orders if order.picture is not None]
        there = self.discord.world.backend.messages[self.discord.studio.id]
        found = next((there[each] for each in reversed(pictures) if each in there), None)
        if found is None or found.author_id == self.discord.world.backend.bot_user.id:
            return
        self._cut_short(lambda order: order.picture == found.id)
        await self.discord.mia.delete(self._handle(found))

    async def _forget(self) -> None:
        """Let a guest ask for a picture, and have all that is kept of them deleted."""
        guest, studio = self._newcomer("guest"), self.discord.studio
        order = await self._slash(guest)
        await asyncio.sleep(self.dice.random())
        question = await guest.slash(studio, "privacy delete")
        if question.response is None:
            return
        question = await guest.click(question.response, label="Delete my results too")
        if question.response is None:
            return
        order.cut_short = True
        confirmed = await guest.click(question.response, label="Delete my data")
        if confirmed.acknowledged:
            self._forgotten.add(guest.id)

    def _cut_short(self, is_it: Callable[[Order], bool]) -> None:
        for order in self.orders:
            order.cut_short = order.cut_short or is_it(order)

    # --- styles of their own ------------------------------------------------------------------------------

    async def _propose(self) -> None:
        """Let somebody new offer a picture of theirs as a style, and say yes."""
        painter, studio = self._newcomer("painter"), self.discord.studio
        sent = await painter.send(studio, "a harbour", attachments=[("harbour.png", png())])
        picture = self._handle(self.discord.world.backend.get_message(studio.id, sent.id))
        form = await painter.context_menu(studio, museum_words.MENU(), picture)
        if form.modal is not None:
            name = {"name": f"Harbour {len(self._people)}", "emoji": ""}
            question = await self._pressed(await painter.submit_modal(form, name))
            if question is not None:
                self.watched.append(await painter.click(question, label=museum_words.YES()))

    async def _decide(self) -> None:
        """Vote for a style, or let a moderator add it."""
        offered = self._pressable(museum_words.ADD_IT())
        if offered and self.dice.random() < 0.5:
            where = self._handle(offered[-1])
            self.watched.append(await self.discord.mia.click(where, label=museum_words.ADD_IT()))
        elif offered:
            [vote] = _VOTE.findall(str(offered[-1].components)) or [""]
            where = self._handle(offered[-1])
            self.watched.append(await self.discord.alice.click(where, custom_id=f"museum:vote:{vote}"))

    async def _take_back(self) -> None:
        """Let an author take a style back."""
        for shown in self._pressable(museum_words.TAKE_BACK())[-1:]:
            [style] = set(_STYLE.findall(str(shown.components)))
            author = self._owner(shown)
            question = await author.click(self._handle(shown), label=museum_words.TAKE_BACK())
            if question.response is not None:
                done = await author.click(question.response, label=museum_words.KEEP_RESULTS())
                if done.acknowledged:
                    self._taken_back.add(style)

    # --- what there is ------------------------------------------------------------------------------------

    def _handle(self, message: Message) -> ResponseMessage:
        return ResponseMessage(self.discord.world, message)

    def _owner(self, message: Message) -> MemberActor:
        """Whose picture it is: the first of those whom a message of the bot's names."""
        known = {each.id: each for each in (self.discord.alice, self.discord.bob)} | self._people
        named = (known.get(int(each)) for each in re.findall(r"<@(\d+)>", message.content))
        return next(filter(None, named), self.discord.mia)

    @property
    def _deleted(self) -> set[str]:
        """The tickets of which nothing may be seen any more, as somebody was told so."""
        return {ticket for ticket, asked in self._deletions.items() if asked.content == DELETED()}

    @property
    def messages(self) -> list[Message]:
        """What the bot has in the server's channels and threads for all to see, oldest first."""
        backend = self.discord.world.backend
        found = (message for channel in backend.messages.values() for message in channel.values())
        ours = (each for each in found if each.author_id == backend.bot_user.id and not each.is_ephemeral)
        return sorted(ours, key=lambda message: message.id)

    @property
    def results(self) -> list[Message]:
        """The finished pictures."""
        return [message for message in self.messages if "here it is" in message.content]

    @property
    def sheets(self) -> list[Message]:
        """The sheets of small pictures to choose from, of those."""
        return [message for message in self.results if CHOOSE() in message.content]

    @property
    def tickets(self) -> list[Message]:
        """The open tickets."""
        return self._pressable("Cancel")

    @property
    def questions(self) -> list[Message]:
        """Those to authors that wait for an answer."""
        return self._pressable(consent_words.ALWAYS())

    @property
    def thinking(self) -> list[int]:
        """The interactions of whose acknowledgement nothing has come yet."""
        return [each.id for each in self.discord.world.backend.interactions.values() if each.loading]

    def _pressable(self, label: str) -> list[Message]:
        return [
            message
            for message in self.messages
            if any(item.get("label") == label for item in walk_components(message.components))
        ]

    @property
    def waiting(self) -> list[Order]:
        """What has to come to a picture, or a sentence instead, and has not yet."""
        asked = [order for order in self.orders if order.asked is None or order.is_agreed]
        return [order for order in asked if not self._is_answered(order)]

    def is_settled(self) -> bool:
        """Whether nobody waits for anything."""
        return not (self.tickets or self.questions or self.thinking or self.waiting)

    def audit(self, tally: Tally) -> None:
        """Hold what was asked for against what there is, and say what is amiss to whoever runs the harness."""
        stuck = [*self.tickets, *self.questions, *self.thinking]
        left, twice = list(self._left_of_deleted()), list(self._said_twice())
        tally.stuck += len(stuck)
        tally.orphaned += len(left)
        tally.doubled += len(twice)
        _tell(stuck=stuck, left=left, twice=twice)
        again = self.duels.twice()
        tally.doubled += len(again)
        _tell(again=again, **self.stars.audit(tally))
        if self.moderators is not None:
            _tell(**self.moderators.audit(tally))
        for order in self.orders:
            finals = [message for message in self.results if order.is_final(message)]
            tally.doubled += max(0, len(finals) - 1)
            _tell(doubled=finals[1:])
            if order.asked is None or order.asked.acknowledged:
                tally.acknowledged += 1
                is_lost = not self._is_answered(order)
                tally.lost += is_lost
                _tell(lost=[order] if is_lost else [])

    def _left_of_deleted(self) -> Iterator[Message]:
        """What is still there, or again, although somebody has deleted it."""
        deleted = self._deleted
        for message in self.messages:
            ticket, whose = _ticket(message), re.search(r"<@(\d+)>", message.content)
            is_result = "here it is" in message.content
            is_of_forgotten = whose is not None and int(whose[1]) in self._forgotten
            is_taken_back = self._taken_back & set(_STYLE.findall(str(message.components)))
            is_removed = is_result and ticket in self._removed
            if is_taken_back or ticket in deleted or is_removed or is_of_forgotten:
                yield message

    def _said_twice(self) -> Iterator[Message]:
        """Questions and hellos besides the first."""
        said: set[object] = set()
        for message in self.messages:
            picture = (message.reference or {}).get("message_id")
            what = None
            if message.content == HELLO():
                what = message.channel_id
            elif message.content.startswith("<@") and " says yes" in message.content:
                what = picture
            if what in said:
                yield message
            said |= {what} - {None}

    def _is_marked(self, picture: int | None) -> bool:
        """Whether the bot has said no to a reaction by one of its own, which it takes back when its time is over."""
        backend = self.discord.world.backend
        message = backend.messages[self.discord.studio.id].get(picture or 0)
        marks = [message.reaction_for(sign) for sign in (NO, LATER)] if message is not None else []
        if any(mark is not None and backend.bot_user.id in mark.user_ids for mark in marks):
            self._marked.add(picture)
        return picture in self._marked

    def _is_answered(self, order: Order) -> bool:
        """Whether there is a picture, or a sentence instead."""
        if order.cut_short or any(order.is_final(message) for message in self.results):
            return True
        refusals = [message for message in self.messages if REFUSAL in message.content]
        if any(order.is_final(message) for message in refusals):
            return True
        if self._is_marked(order.picture):
            return True
        if order.asked is None or order.is_agreed:
            return False
        said = list(order.asked.followups)
        answer = order.asked.response
        if answer is not None and (order.is_command or _is_sentence(answer)):
            said.append(answer)
        final = (each for each in said if each.content and "Cancel" not in str(each.components))
        return any(self._is_the_end(each.content) for each in final)

    def _is_the_end(self, text: str) -> bool:
        """Whether what somebody was told in private is all that comes, or only says where it is to be seen."""
        led = _DEVELOPING.fullmatch(text)
        if led is None:
            return text != ACCEPTED()
        return any(each.id == int(led[1]) and REFUSAL in each.content for each in self.messages)


def _answers(message_id: int) -> Callable[[Message], bool]:
    """Whether a message of the bot's is about another: beneath it, in the thread under it, or elsewhere with its link."""

    def is_it(found: Message) -> bool:
        if found.reference is not None:
            return found.reference.get("message_id") == str(message_id)
        return found.channel_id == message_id or f"/{message_id})" in found.content

    return is_it


def _is_sentence(answer: ResponseMessage) -> bool:
    """Whether somebody is told something in private at once, as a click that is refused is; a form has what can be pressed."""
    return answer.ephemeral and not answer.components


def _has(message: ResponseMessage, custom_id: str) -> bool:
    return custom_id in str(message.components)


def _ticket(message: Message) -> str:
    """The id of the ticket that a message of the bot's shows something of, or nothing."""
    names = " ".join(str(each.get("filename", "")) for each in message.attachments)
    found = _TICKET.search(names)
    return found[0] if found is not None else ""


def _tell(**amiss: Sequence[object]) -> None:
    for what, found in amiss.items():
        for each in found:
            print(f"{what}: {each}")  # noqa: T201 - for whoever runs the harness
