"""The questions to authors: asked in one small message a picture, and answered by them alone.

Rule: a question is stored before it is shown, and a yes before it is said; so both are taken up by the next process. What
is agreed to is painted by `bot.consent.agreed`.
There is one open message a picture, to which further members are added by an edit, and a few an author and day.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from enum import StrEnum
from typing import Any
from weakref import WeakValueDictionary

import discord
import structlog
from sqlalchemy.exc import DBAPIError

from bot import answers
from bot.consent import agreed
from bot.consent.agreed import AgreedPictures
from bot.consent.wishes import Wish, from_text, reaction_of, sheet_of, to_text
from bot.errors import BotError, BotErrorCode, DiscordTrouble, is_passing, short
from bot.languages import speaking
from bot.orders.pictures import Kind
from bot.orders.policy import Action, Policy
from bot.orders.request import StyleRequest
from bot.orders.venue import Actor, Channel, Venue, channel_in, is_restricted
from bot.place import Place
from bot.storage.consents import Answer, Question
from bot.storage.interactions import Manner
from bot.storage.reactions import Reaction
from bot.storage.settings import Work
from bot.storage.store import Store
from bot.storage.tickets import new_id
from bot.tickets.asked import Asked
from bot.tickets.desk import Desk
from bot.tickets.posting import find, ids_of
from bot.words import consent as words
from bot.words.catalogue import Phrase
from engine.protocol import CrashPoint, reach

log = structlog.get_logger(__name__)

OPEN_QUESTIONS = 3  # messages to one author that wait for an answer
DAY_QUESTIONS = 6  # messages to one author in a day, as far as this process knows
ASKERS = 25  # wishes for one picture
_DAY = timedelta(days=1)


class Say(StrEnum):
    """What an author can answer."""

    ALWAYS = "always"
    ONCE = "once"
    NO = "no"


_SAID = {Say.ALWAYS: words.SAID_ALWAYS, Say.ONCE: words.SAID_ONCE, Say.NO: words.SAID_NO}
_REMEMBERED = {Say.ALWAYS: Answer.ALWAYS, Say.NO: Answer.NEVER}


class Inquiries:
    """All questions that are open.

    `buttons` makes the buttons of the question about a picture, which is given by its message's id.
    """

    def __init__(
        self,
        client: discord.Client,
        store: Store,
        policy: Policy,
        desk: Desk,
        agreed_pictures: AgreedPictures,
        buttons: Callable[[int], discord.ui.View],
    ) -> None:
        self._client, self._store, self._policy, self._desk = client, store, policy, desk
        self._agreed, self._buttons = agreed_pictures, buttons
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()  # by picture
        self._texts: dict[int, str] = {}  # of the messages that this process has shown, by their ids
        self._asked_at: defaultdict[int, list[float]] = defaultdict(list)  # by author
        self._resuming: asyncio.Task[None] | None = None
        self._is_closing = False

    async def close(self) -> None:
        """Leave what is asked and agreed to, and not painted yet, to the next process."""
        self._is_closing = True
        if self._resuming is not None:
            self._resuming.cancel()
            await asyncio.gather(self._resuming, return_exceptions=True)
        await self._agreed.close()

    def resume(self) -> None:
        """Go on with what a former process has begun, now that the channels are known."""
        if not self._is_closing and (self._resuming is None or self._resuming.done()):
            self._resuming = asyncio.create_task(self._resume(), name="questions of a former process")

    async def _resume(self) -> None:
        try:
            for server_id in self._store.settings.switched_off():
                await self.switched_off(server_id)
            await self._take_up()
        except (DBAPIError, *DiscordTrouble) as error:  # the next sweep does
            log.warning("questions not taken up", error=short(error))

    async def _take_up(self) -> None:
        """Ask what was stored and not shown, and paint what was agreed to and not painted."""
        asked = await self._store.consents.open_questions()
        for author in {each.author_id for each in asked}:
            await self._settle(author)
        for picture in {each.message_id for each in asked if each.question_id is None}:
            async with self._turn(picture):
                with suppress(*DiscordTrouble):
                    await self._note(picture)
                    await self._show(picture)
        agreed_to = await self._store.consents.agreed()
        self._agreed.paint()
        for each in agreed_to:  # which may have been kept and not said
            said = await self._store.consents.answer(each.author_id, each.server_id)
            await self._edit(each, words.SAID_ALWAYS if said is Answer.ALWAYS else words.SAID_ONCE)

    # --- asking -------------------------------------------------------------------------------------------

    async def take(self, actor: Actor, venue: Venue, order: Wish, asked: Asked | None = None) -> str | None:
        """Have an order painted, or ask its author first; None, or what whoever has clicked is to be told then.

        In place of "thinking…" that is told already. Raises BotError, Refusal: it is not taken.
        """
        ticket = order.ticket(discord.utils.utcnow())
        self._store.museum.require(ticket)
        try:
            nsfw = is_restricted(self._client, ticket)
            await self._policy.require(
                actor, venue, Action.PAINT, ticket.author_id, nsfw, ticket.root_id, sheet_of(order)
            )
        except BotError as error:
            if error.code is not BotErrorCode.CONSENT_NEEDED or ticket.author_id is None:
                raise
        else:
            await self._desk.accept(order, asked)
            return None
        if asked is not None and not answers.is_acknowledged(asked.interaction):
            await self._store.owed.add(answers.owed(asked.interaction, asked.manner))
            await asked.acknowledge()
        await self.ask(order, ticket.author_id)
        text = words.ASKED(author=f"<@{ticket.author_id}>")
        if asked is not None:
            if asked.manner is Manner.THINKING:
                await answers.tell(asked.interaction, text)
            await answers.settle(asked.interaction, self._store.owed)
        return text

    async def ask(self, order: Wish, author_id: int) -> None:
        """Ask an author for an order; the same wish is asked once.

        Raises BotError: CONSENT_NEEDED where the bot cannot ask, AUTHOR_GONE, ASKED_ENOUGH; and what Discord does.
        """
        place, asker, picture = order.place, order.user_id, _picture(order) or author_id
        channel = channel_in(self._client, place.server_id, place.channel_id)
        if channel is None or place.server_id is None:
            raise BotError(BotErrorCode.CONSENT_NEEDED, author=author_id)
        async with self._turn(picture):
            if await self._is_taken(order, picture):
                return
            there = await self._store.consents.open_questions(message_id=picture)
            await self._require_may_ask(channel, author_id, there)
            question = Question(
                id=new_id(),
                server_id=place.server_id,
                channel_id=channel.id,
                author_id=author_id,
                asker_id=asker,
                message_id=picture,
                question_id=there[0].question_id if there else None,
                order=to_text(order),
                at=discord.utils.utcnow().timestamp(),
            )
            await self._store.consents.ask(question)
            reach(CrashPoint.BOT_QUESTION_STORED)
            try:
                if there and question.question_id is None:  # of a former process, which may have asked
                    await self._note(picture)
                await self._show(picture)
            except DiscordTrouble as error:
                if is_passing(error):  # `resume` and `sweep` ask it again
                    log.warning("author not asked yet", picture=picture, error=short(error))
                    return
                await self._store.consents.close(question.id)
                raise BotError(BotErrorCode.CONSENT_NEEDED, author=author_id) from error

    async def _is_taken(self, order: Wish, picture: int) -> bool:
        """Whether the same wish waits for its author or for its turn to be painted, or has just been painted."""
        consents, reaction = self._store.consents, reaction_of(order)
        # In the order in which a wish passes through them, so that none is overlooked in between.
        for waiting in (consents.open_questions, consents.agreed):
            for each in await waiting(message_id=picture):
                if each.asker_id == order.user_id and _styles([each]) == _titles(order):
                    return True
        return reaction is not None and await self._store.reactions.has_counted(reaction)

    async def _require_may_ask(self, channel: Channel, author_id: int, there: Sequence[Question]) -> None:
        if len(there) >= ASKERS:
            raise BotError(BotErrorCode.ASKED_ENOUGH, author=author_id)
        if there:
            return
        now = discord.utils.utcnow()
        since = (now - _DAY).timestamp()
        waiting = await self._store.consents.open_questions(author_id=author_id)
        asked = self._asked_at[author_id] = [at for at in self._asked_at[author_id] if at > since]
        open_pictures = {each.message_id for each in waiting if each.at > since}
        if len(open_pictures) >= OPEN_QUESTIONS or len(asked) >= DAY_QUESTIONS:
            raise BotError(BotErrorCode.ASKED_ENOUGH, author=author_id)
        try:
            author = await channel.guild.fetch_member(author_id)
        except discord.NotFound as error:
            raise BotError(BotErrorCode.AUTHOR_GONE, author=author_id) from error
        if author.bot or not channel.permissions_for(author).view_channel:
            raise BotError(BotErrorCode.AUTHOR_GONE, author=author_id)
        asked.append(now.timestamp())

    async def _note(self, picture: int) -> None:
        """Note the question about a picture if it was posted and is not noted. Raises what a later try may mend."""
        waiting = await self._store.consents.open_questions(message_id=picture)
        if not waiting:
            return
        channel_id, server_id = waiting[0].channel_id, waiting[0].server_id
        channel = self._client.get_partial_messageable(channel_id, guild_id=server_id)
        mine = f"consent:always:{picture}"
        with suppress(discord.NotFound, discord.Forbidden):
            found = await find(self._client, channel, lambda message: mine in ids_of(message).split())
            if found is not None:
                await self._store.consents.shown(picture, found)

    async def _show(self, picture: int) -> None:
        """Have the question about a picture say who wants what, or go if nobody does. Raises what Discord does."""
        waiting = await self._store.consents.open_questions(message_id=picture)
        if waiting:
            with self._speaking(waiting[0].server_id):
                await self._show_to(picture, waiting)

    async def _show_to(self, picture: int, waiting: Sequence[Question]) -> None:
        first = waiting[0]
        is_beneath = _is_beneath(first)
        text = words.question(
            first.author_id,
            [each.asker_id for each in waiting],
            _styles(waiting),
            _called(first, is_beneath=is_beneath),
        )
        known = next((each.question_id for each in waiting if each.question_id is not None), None)
        channel = self._client.get_partial_messageable(first.channel_id, guild_id=first.server_id)
        only_them = discord.AllowedMentions(users=[discord.Object(first.author_id)])
        if known is None:
            shown: dict[str, Any] = {"view": self._buttons(picture), "allowed_mentions": only_them}
            if is_beneath:
                shown["mention_author"] = False
                shown["reference"] = discord.MessageReference(
                    message_id=picture, channel_id=first.channel_id, fail_if_not_exists=False
                )
            # Another nonce than that of the result, whose ticket has this id: Discord would not post that.
            message = await channel.send(text, nonce=f"{first.id}q", **shown)
            reach(CrashPoint.BOT_QUESTION_SHOWN)
            known = message.id
        elif self._texts.get(known) != text:
            await channel.get_partial_message(known).edit(content=text, allowed_mentions=only_them)
        self._texts[known] = text
        if any(each.question_id is None for each in waiting):
            await self._store.consents.shown(picture, known)
            reach(CrashPoint.BOT_QUESTION_NOTED)

    # --- answers ------------------------------------------------------------------------------------------

    async def answer(self, interaction: discord.Interaction, picture: int, say: Say) -> None:
        """Take an author's answer by a button. Raises BotError: NOT_THE_AUTHOR."""
        async with self._turn(picture):
            asked = await self._store.consents.open_questions(message_id=picture)
            if not asked:
                with self._speaking(interaction.guild_id):
                    over = words.OVER()
                await interaction.response.edit_message(content=over, view=None)
                return
            author, server = asked[0].author_id, asked[0].server_id
            if interaction.user.id != author:
                raise BotError(BotErrorCode.NOT_THE_AUTHOR, author=author)
            if (answer := _REMEMBERED.get(say)) is not None:
                await self.keep(author, server, answer)
            elif say is Say.ONCE:
                await self._store.consents.agree(*(each.id for each in asked))
            reach(CrashPoint.BOT_CONSENT_STORED)
            nobody = discord.AllowedMentions.none()
            with self._speaking(server):
                text = _SAID[say](author=f"<@{author}>")
            try:
                await interaction.response.edit_message(content=text, view=None, allowed_mentions=nobody)
            except DiscordTrouble as error:  # as after three seconds: it is kept, so it holds
                log.info("answer not heard of", interaction=interaction.id, error=short(error))
                await self._edit(asked[0], _SAID[say])
            reach(CrashPoint.BOT_CONSENT_SAID)
            # In the same turn: whoever takes up what is open would not know the answered message, and ask anew.
            await self._settle(author, shown={each.question_id for each in asked})
        self._agreed.paint()

    async def kept(self, author_id: int) -> None:
        """An author has said something by themselves, which answers what they were asked."""
        await self._settle(author_id)
        self._agreed.paint()

    async def keep(self, author_id: int, server_id: int, answer: Answer | None) -> None:
        """Keep what an author says for a server or EVERYWHERE; `kept` is to be called once they have heard so."""
        now = discord.utils.utcnow().timestamp()
        await self._store.consents.remember(author_id, server_id, answer, now)

    async def _settle(self, author_id: int, shown: Iterable[int | None] = ()) -> None:
        """Answer all open questions of an author that what they have said answers; `shown`: which say so already."""
        waiting = await self._store.consents.open_questions(author_id=author_id)
        for each in waiting:
            said = await self._store.consents.answer(author_id, each.server_id)
            if said is Answer.ALWAYS:
                await self._store.consents.agree(each.id)
            elif said is Answer.NEVER:
                await self._declined(each)
            else:
                continue
            if each.question_id is not None and each.question_id not in shown:
                await self._edit(each, words.SAID_ALWAYS if said is Answer.ALWAYS else words.SAID_NO)

    async def _declined(self, question: Question) -> None:
        order = from_text(question.order)
        reaction = reaction_of(order) if order is not None else None
        if reaction is not None:
            await self._store.reactions.refuse(reaction)  # or it would be asked again after a restart
        await self._store.consents.close(question.id)

    # --- what makes a question void -----------------------------------------------------------------------

    async def withdraw(self, reaction: Reaction) -> None:
        """A reaction is taken back, and with it what it has asked for."""
        about = {"message_id": reaction.message_id, "asker_id": reaction.user_id}
        for each in await self._store.consents.open_questions(**about):
            order = from_text(each.order)
            if order is None or reaction_of(order) == reaction:
                await self._drop([each])

    async def reactions_to(self, message_id: int) -> list[Reaction]:
        """The reactions to a picture that have their author asked."""
        asked = await self._store.consents.open_questions(message_id=message_id)
        orders = [order for each in asked if (order := from_text(each.order)) is not None]
        return [reaction for order in orders if (reaction := reaction_of(order)) is not None]

    async def question_deleted(self, *message_ids: int) -> None:
        """Questions are gone, and so nobody is asked; those about pictures that are gone are `Deletion`'s."""
        for message_id in message_ids:
            self._texts.pop(message_id, None)
            about = await self._store.consents.open_questions(question_id=message_id)
            await self._store.consents.close(*(each.id for each in about))

    async def blocked(self, server_id: int) -> None:
        """What those who are blocked in a server have asked for there is not to be painted."""
        for member_id in self._store.blocks.blocked(server_id):
            theirs = {"server_id": server_id, "asker_id": member_id}
            agreed = await self._store.consents.agreed(**theirs)
            await self._store.consents.close(*(each.id for each in agreed))
            await self._drop(await self._store.consents.open_questions(**theirs))
        await self._desk.blocked(server_id)

    async def switched_off(self, server_id: int) -> None:
        """In a server that is switched off, what is asked, agreed to or waits is not to be painted; elsewhere it is."""
        if self._store.settings.server(server_id).work is Work.ON:
            return
        agreed_to = await self._store.consents.agreed(server_id=server_id)
        await self._store.consents.close(*(each.id for each in agreed_to))
        await self._drop(await self._store.consents.open_questions(server_id=server_id))
        await self._desk.switched_off(server_id)

    async def sweep(self) -> None:
        """Let go of questions that nobody has answered, and show those that could not be shown."""
        waiting = await self._store.consents.open_questions()
        oldest = (discord.utils.utcnow() - agreed.VOID_AFTER).timestamp()
        await self._drop([each for each in waiting if each.at <= oldest])
        await self._take_up()

    async def _drop(self, questions: Sequence[Question]) -> None:
        """Questions are void: their messages go, or name those who are left."""
        await self._store.consents.close(*(each.id for each in questions))
        for picture in {each.message_id for each in questions}:
            async with self._turn(picture):
                left = await self._store.consents.open_questions(message_id=picture)
                try:
                    if left:
                        await self._show(picture)
                        continue
                    of_picture = [each for each in questions if each.message_id == picture]
                    for message_id, question in {each.question_id: each for each in of_picture}.items():
                        if message_id is not None:
                            await self._message(question, message_id).delete()
                except DiscordTrouble as error:
                    log.info("question not taken back", picture=picture, error=short(error))

    # --- Discord ------------------------------------------------------------------------------------------

    def _message(self, question: Question, message_id: int) -> discord.PartialMessage:
        channel = self._client.get_partial_messageable(question.channel_id, guild_id=question.server_id)
        return channel.get_partial_message(message_id)

    def _speaking(self, server_id: int | None) -> AbstractContextManager[None]:
        """Say everything as all read it in a server."""
        return speaking(self._store.settings.language(Place(server_id).server(self._client)))

    async def _edit(self, question: Question, said: Phrase) -> None:
        if question.question_id is None:
            return
        with self._speaking(question.server_id):
            text = said(author=f"<@{question.author_id}>")
        try:
            nobody = discord.AllowedMentions.none()
            await self._message(question, question.question_id).edit(
                content=text, view=None, allowed_mentions=nobody
            )
        except DiscordTrouble as error:
            log.info("answer not shown", question=question.question_id, error=short(error))

    def _turn(self, picture: int) -> asyncio.Lock:
        return self._turns.setdefault(picture, asyncio.Lock())


def _picture(order: Wish) -> int | None:
    """The message that the picture of an order is in, wherever that is; an avatar is in none."""
    return order.content.message_id if isinstance(order, StyleRequest) else order.result_message_id


def _is_beneath(question: Question) -> bool:
    """Whether the picture is in the channel in which its author is asked."""
    order = from_text(question.order)
    if order is None:
        return False
    ticket = order.ticket(discord.utils.utcnow())
    is_there = ticket.source_place.channel_id == question.channel_id
    return is_there and ticket.source_message_id == question.message_id


def _called(question: Question, *, is_beneath: bool) -> str:
    """What the picture is called in the question about it."""
    order = from_text(question.order)
    if order is None or is_beneath:
        return words.THIS()
    if isinstance(order, StyleRequest) and order.content.kind is Kind.AVATAR:
        return words.AVATAR()
    ticket = order.ticket(discord.utils.utcnow())
    link = (
        ticket.source_place.link(ticket.source_message_id) if ticket.source_message_id is not None else None
    )
    return words.this_at(link) if link is not None else words.THIS()


def _titles(order: Wish) -> list[str | None]:
    """The styles of an order, by title."""
    return [
        style.title if style is not None else None for style in order.ticket(discord.utils.utcnow()).styles
    ]


def _styles(questions: Iterable[Question]) -> list[str | None]:
    """The styles that are wanted, by title."""
    orders = [from_text(each.order) for each in questions]
    return [title for order in orders if order is not None for title in _titles(order)]
