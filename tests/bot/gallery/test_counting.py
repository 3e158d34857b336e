"""The gallery counts right: the store and the keeper against a plain model, through 10,000 random events.

The board is what Discord would have; processes end between any two steps of posting, and others go on.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import discord
import pytest

from bot.engine_client import plain_wait
from bot.gallery.givers import Giver
from bot.gallery.keeper import Keeper
from bot.storage import stars as stars_table
from bot.storage.database import sqlite_url
from bot.storage.gallery import Act
from bot.storage.settings import OnGone
from bot.storage.stars import Cleared, Out, Piece, Recounted, Rules, Star, Taken
from bot.storage.store import open_store
from tests.bot.gallery.model import Model
from tests.bot.gallery.wall import Board, BoardWall, CutOffError
from tests.bot.storage.sample import ticket

EVENTS, BURST, SEED = 10_000, 100, 20261130
SERVER, ART, OWNER = 1, 2, 4
GALLERIES = (3, 5)  # of the server, and of the channel
NOW = discord.utils.utcnow().timestamp()
DAY = 24 * 3600.0
EMOJIS = ("⭐", "🌟")


def member_of_days(days: int, n: int) -> int:
    """The id of an account of that age."""
    return discord.utils.time_snowflake(datetime.fromtimestamp(NOW - days * DAY - 60, UTC)) + n


MEMBERS = [member_of_days(days, n) for n, days in enumerate((900, 800, 700, 600, 500, 40, 10, 3, 1, 0))]
BOTS = MEMBERS[-1] + 1, MEMBERS[-1] + 2


class Nobody:
    """Stands for the eraser: what is owed is looked up by the test."""

    def wake(self) -> None:
        """Nothing."""


class Story:
    """Two galleries that everything happens to: the bot's, and the model's."""

    def __init__(self, url: str) -> None:
        self.random = random.Random(SEED)  # noqa: S311 - a test that can be repeated
        self._url, self.board, self._made = url, Board(), 0
        self.model = Model(Rules(3, 2, 0, self_stars=False, account_days=7, member_days=0))
        self.posts, self.restarts, self.cut = 0, 0, 0
        self.gallery = GALLERIES[0]
        self.hung_in: dict[str, int] = {}  # where what hangs was posted
        self.unnoted = set[str]()  # posted by a process that was cut off

    @asynccontextmanager
    async def process(self) -> AsyncIterator[None]:
        """The bot's process, for as long as it lives."""
        async with open_store(self._url) as self.store:
            self.wall = BoardWall(self.board, self.gallery, lambda piece: not piece.restricted)
            self.keeper = Keeper(self.store, self.wall, Nobody(), plain_wait)
            yield

    async def picture(self) -> str:
        """A member posts a picture, or has one painted."""
        self._made += 1
        message = 10_000 + 10 * self._made
        author, asker = self.random.choice(MEMBERS), self.random.choice([None, *MEMBERS])
        ticket_id = f"{self._made:020x}" if asker is not None else None
        piece = Piece(
            ticket_id or str(message), SERVER, ART, ART, message, author, asker, ticket_id, False, NOW
        )
        if ticket_id is not None:
            await self.store.tickets.add(replace(ticket(), id=ticket_id))
        await self.store.stars.add(piece)
        self.model.pieces[piece.id] = piece
        self.model.of_message |= {message: piece.id}
        if asker is not None:
            self.model.of_message |= {message + 1: piece.id}  # a copy elsewhere
        return piece.id

    # --- what may happen ----------------------------------------------------------------------------------

    def some_message(self) -> int:
        return self.random.choice([*self.model.of_message])

    def some_key(self) -> tuple[int, int, str, bool]:
        return (
            self.some_message(),
            self.random.choice([*MEMBERS, *BOTS]),
            self.random.choice(EMOJIS),
            self.random.random() < 0.2,
        )

    def given_by(self, key: tuple[int, int, str, bool]) -> Star | None:
        message, user, emoji, burst = key
        joined = NOW - self.random.choice((0, 1, 5, 400)) * DAY
        piece = self.model.pieces[self.model.of_message[message]]
        return Giver(user, user in BOTS, joined).star(piece, message, emoji, burst, NOW)

    def star(self) -> Awaitable[None]:
        key = self.some_key()
        star = self.given_by(key)
        if star is None:
            assert key[1] in BOTS
            return asyncio.sleep(0)
        self.model.given[key] = (star.account_days, star.member_days)
        return self.store.stars.change(star)

    def unstar(self) -> Awaitable[None]:
        given = [*self.model.given]
        key = self.random.choice(given) if given and self.random.random() < 0.8 else self.some_key()
        if key[1] < 0:  # nobody can take back by that name
            return asyncio.sleep(0)
        self.model.unstar(key)
        return self.store.stars.change(Taken(*key))

    def clear(self) -> Awaitable[None]:
        message, emoji = self.some_message(), self.random.choice([None, *EMOJIS])
        self.model.drop(message=message, emoji=emoji)
        return self.store.stars.change(Cleared(message, emoji))

    def recount(self) -> Awaitable[None]:
        message = self.some_message()
        keys = {
            (message, user, emoji, False)
            for user in self.random.sample([*MEMBERS, *BOTS], 3)
            for emoji in EMOJIS[:1]
        }
        found = {key: star for key in sorted(keys) if (star := self.given_by(key)) is not None}
        self.model.drop(message=message)
        self.model.given |= {key: (star.account_days, star.member_days) for key, star in found.items()}
        return self.store.stars.change(Recounted(message, tuple(found.values())))

    # Those are kept in their order; these stand alone.

    async def ban(self) -> None:
        user = self.random.choice(MEMBERS)
        self.model.drop(user=user)
        await self.store.stars.forget_left(user, SERVER)

    async def block(self) -> None:
        user = self.random.choice(MEMBERS)
        if user in self.model.blocked:
            self.model.blocked.discard(user)
            await self.store.blocks.unblock(SERVER, user)
        else:
            self.model.blocked.add(user)
            await self.store.blocks.block(SERVER, user, OWNER, NOW)

    async def forget(self) -> None:
        user = self.random.choice(MEMBERS)
        self.model.forget_giver(user)
        async with self.store.database.begin() as connection:
            await stars_table.forget_giver(connection, user)

    async def delete_picture(self) -> None:
        piece_id, choice = self.random.choice([*self.model.pieces]), self.random.choice([*OnGone])
        is_noted = piece_id not in self.unnoted
        self.model.picture_deleted(piece_id, choice if is_noted else OnGone.REMOVE)
        await self.store.gallery.pictures_gone([piece_id], choice, NOW)
        await self.picture()

    async def delete_entry(self) -> None:
        if not self.model.entries:
            return
        piece_id, message = self.random.choice([*self.model.entries.items()])
        self.model.take_down(piece_id)
        self.model.out.add(piece_id)
        del self.board.messages[message]
        found = await self.store.gallery.entry_deleted(message, Out.MODERATOR)
        assert found == (piece_id if piece_id not in self.unnoted else None)
        await self.store.stars.change(Cleared(message))

    async def change_gallery(self) -> None:
        """What hangs stays where it hangs."""
        self.gallery = self.wall.channel_id = self.random.choice(GALLERIES)

    async def delete_gallery(self) -> None:
        gone = self.random.choice(GALLERIES)
        for message, hung in [*self.board.messages.items()]:
            if hung.channel_id == gone:
                self.model.take_down(hung.piece_id)
                self.unnoted.discard(hung.piece_id)
                del self.board.messages[message]
        await self.store.gallery.channel_gone(gone)

    async def take_out(self) -> None:
        piece_id = self.random.choice([*self.model.pieces])
        self.model.out.add(piece_id)
        await self.store.stars.mark(stars_table.pieces.c.id == piece_id, out=Out.MEMBER)

    async def restrict(self) -> None:
        piece_id = self.random.choice([*self.model.pieces])
        self.model.restricted.add(piece_id)
        await self.store.stars.mark(stars_table.pieces.c.id == piece_id, restricted=True)

    async def set_up(self) -> None:
        needed = self.random.randint(1, 4)
        self.model.rules = Rules(
            needed,
            self.random.randint(0, needed),
            0,
            self_stars=self.random.random() < 0.3,
            account_days=self.random.choice((0, 7, 30)),
            member_days=self.random.choice((0, 0, 2)),
        )

    # --- and what comes of it -----------------------------------------------------------------------------

    async def settle(self) -> None:
        """Let the bot do what is to be done for every picture, perhaps cut off while it posts."""
        rules = self.model.rules
        self.keeper.rules = lambda piece: rules  # type: ignore[method-assign]
        left = {entry.piece_id for entry in await self.store.gallery.of()} - self.model.pieces.keys()
        for piece_id in dict.fromkeys([*sorted(self.unnoted), *self.model.pieces, *left]):
            is_posted = self.model.settle(piece_id)
            self.wall.cut_before, self.wall.cut_after = False, False
            if is_posted and self.random.random() < 0.3:
                self.wall.cut_before, self.wall.cut_after = self.random.choice([(True, False), (False, True)])
            try:
                while await self.keeper.settle(piece_id) is not Act.NOTHING:
                    await self._erase()
            except CutOffError:
                if self.wall.cut_after:
                    self.unnoted.add(piece_id)
                    self._hangs(piece_id)
                raise
            self.unnoted.discard(piece_id)
            if is_posted:
                self._hangs(piece_id)
        await self._erase()

    def _hangs(self, piece_id: str) -> None:
        (message,) = (each for each, hung in self.board.messages.items() if hung.piece_id == piece_id)
        self.hung_in[piece_id] = self.board.messages[message].channel_id
        assert self.hung_in[piece_id] in GALLERIES
        self.model.shown[piece_id] = self.model.count(piece_id)
        self.model.entries[piece_id] = message
        self.model.of_message[message] = piece_id
        self.posts += 1

    async def _erase(self) -> None:
        for owed in await self.store.erasures.after(0, 1000):
            self.board.messages.pop(owed.message_id or 0, None)
            await self.store.erasures.done(owed.id or 0)

    def check(self) -> None:
        """The board is what the model says, and nothing hangs there twice."""
        hung = [each.piece_id for each in self.board.messages.values()]
        assert sorted(hung) == sorted(self.model.shown)
        assert {each.piece_id: each.count for each in self.board.messages.values()} == self.model.shown
        assert all(self.hung_in[each.piece_id] == each.channel_id for each in self.board.messages.values())
        assert not {*hung} & (self.model.restricted | self.model.out)

    async def check_counts(self) -> None:
        counted = await self.store.stars.counts([*self.model.pieces], self.model.rules)
        wanted = {each: self.model.count(each) for each in self.model.pieces}
        assert {each: count for each, count in wanted.items() if count} == counted


async def out_of_reach(*_: object) -> bool:
    raise TimeoutError


@pytest.mark.parametrize("is_answered", [True, False])
async def test_what_was_posted_without_an_answer_is_found_though_its_nonce_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_answered: bool
) -> None:
    story = Story(sqlite_url(tmp_path / "bot.sqlite3"))
    async with story.process():
        piece_id = await story.picture()
        rules = replace(story.model.rules, needed=0, kept=0)
        story.keeper.rules = lambda piece: rules  # type: ignore[method-assign]
        story.wall.unanswered = not is_answered
        with monkeypatch.context() as broken:
            if is_answered:  # and then the database is out of reach
                broken.setattr(story.store.gallery, "posted", out_of_reach)
            with pytest.raises(TimeoutError):
                await story.keeper.settle(piece_id)
        story.board.forget_nonces()
        while await story.keeper.settle(piece_id) is not Act.NOTHING:
            pass
        assert story.board.posted == [piece_id]
        assert await story.store.gallery.find(piece_id) is not None


async def test_ten_thousand_random_events_are_counted_right(tmp_path: Path) -> None:
    story = Story(sqlite_url(tmp_path / "bot.sqlite3"))
    happened = 0
    is_furnished = False
    alone: list[tuple[Callable[[], Awaitable[None]], float]]
    while happened < EVENTS:
        story.restarts += 1
        async with story.process():
            if not is_furnished:
                for _ in range(8):
                    await story.picture()
                is_furnished = True
            try:
                while happened < EVENTS:
                    bursts = [
                        story.star,
                        story.star,
                        story.star,
                        story.star,
                        story.unstar,
                        story.clear,
                        story.recount,
                    ]
                    weights = [6, 6, 6, 6, 8, 1, 1]
                    chosen = story.random.choices(bursts, weights, k=story.random.randint(1, 2 * BURST))
                    await asyncio.gather(*(each() for each in chosen))
                    happened += len(chosen)
                    alone = [
                        (story.ban, 0.3),
                        (story.block, 0.3),
                        (story.forget, 0.1),
                        (story.delete_picture, 0.3),
                        (story.delete_entry, 0.1),
                        (story.take_out, 0.05),
                        (story.restrict, 0.05),
                        (story.set_up, 0.1),
                        (story.change_gallery, 0.2),
                        (story.delete_gallery, 0.03),
                    ]
                    for act, likely in alone:
                        if story.random.random() < likely:
                            await act()
                            happened += 1
                    await story.check_counts()
                    if story.random.random() < 0.5:
                        await story.settle()
                        story.check()
                    if story.random.random() < 0.03:
                        break
            except CutOffError:
                story.cut += 1
    assert story.restarts > 5
    assert story.cut > 3
    assert story.posts > 20
