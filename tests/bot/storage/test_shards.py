"""Several bot processes over one PostgreSQL: each has its own rows, hears of what the others change, and is alone with its shards."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import BotError, CannotStart, short
from bot.place import Place
from bot.storage import postgresql
from bot.storage.consents import Answer, Question
from bot.storage.drafts import Draft
from bot.storage.erasures import Erasure, Kind
from bot.storage.interactions import Manner, OwedAnswer
from bot.storage.ledger import Entry, What
from bot.storage.marks import Mark
from bot.storage.members import NOBODY
from bot.storage.museum import ServerStyle, State
from bot.storage.others import Ids, News
from bot.storage.posts import Role
from bot.storage.settings import Consent
from bot.storage.shards import ALL, Shards
from bot.storage.store import Store, open_store
from bot.storage.tickets import TicketState, new_id
from bot.storage.timers import Timer, TimerKind
from bot.words.errors import sentence
from tests.bot.storage.sample import ticket
from tests.postgres import Postgres

NOW = datetime(2026, 11, 30, tzinfo=UTC)
EVEN, ODD = (2 << 22) + 5, (3 << 22) + 5  # servers of shard 0 and shard 1, of two
MIA = 2**63 - 1
LIMIT = 2  # pictures of a member at once, outside of servers


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.create("first_start")


@pytest.fixture
async def pair(url: str) -> AsyncIterator[tuple[Store, Store]]:
    """What two processes have, each with one of two shards."""
    async with (
        open_store(url, Shards((0,), 2), LIMIT) as first,
        open_store(url, Shards((1,), 2), LIMIT) as second,
    ):
        yield first, second


async def soon(is_so: Callable[[], bool]) -> None:
    """Wait until it is so: the other process is told within moments."""
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 - of what another connection tells there is nothing else to wait for
            await asyncio.sleep(0.005)


async def test_each_row_is_one_process_s_however_many_there_are() -> None:
    """In the database as in memory; on SQLite, which computes the same."""
    table = sa.Table(
        "t", sa.MetaData(), *(sa.Column(name, sa.BigInteger) for name in ("server", "channel", "shard"))
    )
    rows = [*product((None, 0, EVEN, ODD, (7 << 22) + 1, 2**63 - 1), (None, 4), (0, 1, 3))]
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(table.metadata.create_all)
        await connection.execute(
            table.insert(), [dict(zip(table.c.keys(), row, strict=True)) for row in rows]
        )
        for count in (1, 2, 3, 5):
            seen = 0
            for shard in range(count):
                mine = Shards((shard,), count)
                its = mine.where_personal(table.c.server, table.c.channel, table.c.shard)
                found = (await connection.execute(sa.select(table).where(its))).all()
                seen += len(found)
                for server, channel, taken_by in found:
                    is_personal = server is None or channel is None
                    assert taken_by % count == shard if is_personal else mine.have(server)
            assert seen == len(rows)
        assert len(
            (await connection.execute(sa.select(table).where(ALL.where(table.c.server)))).all()
        ) == len(rows)
    await engine.dispose()


async def test_each_process_finds_what_is_its_own(pair: tuple[Store, Store]) -> None:
    places = Place(EVEN, 1), Place(ODD, 1), Place(None, 7), Place(ODD, None), Place(None, None)
    tickets = [replace(ticket(), id=new_id(), place=place, user_id=n) for n, place in enumerate(places)]
    # What belongs to no server is whose process took it.
    for which, index in ((0, 0), (1, 1), (0, 2), (0, 3), (1, 4)):
        await pair[which].tickets.add(tickets[index])
    for n, server in enumerate((EVEN, ODD)):
        store = pair[1 - n]  # written by the other one
        await store.erasures.add(Erasure(Kind.MESSAGE, "", 1.0, 2, n, server_id=server))
        await store.timers.set(Timer(TimerKind.WEEK_BEGINS, str(server), 1.0, server))
        await store.marks.add(Mark(n, "x", 2, server, 1.0))
        await store.consents.ask(Question(f"q{n}", server, 2, 3, 4, 5, None, "", 1.0))
        await store.snapshots.begin(tickets[n].id, 1)
        async with store.database.begin() as connection:
            await store.ledger.write(connection, [Entry(server, n, What.PAINTED, NOBODY, 1.0)])
    for n, store in enumerate(pair):
        await store.owed.add(OwedAnswer(n + 10, 2, "token", Manner.CLICK))
        await store.drafts.begin(Draft(f"d{n}", "t", 2, None, Role.COPY, 1))
        store.drafts.underway.clear()
    await pair[1].erasures.add(Erasure(Kind.IMAGES, "t", 1.0))  # whose they are does not matter: once for all
    for n, store in enumerate(pair):
        mine = {each.id for each in await store.tickets.unfinished()}
        assert mine == {tickets[index].id for index in ((0, 2, 3), (1, 4))[n]}
        assert len(await store.tickets.unfinished_ids()) == len(tickets)
        erasures = await store.erasures.after(0, 10)
        assert [(each.kind, each.message_id) for each in erasures] == [
            (Kind.MESSAGE, n),
            *([(Kind.IMAGES, None)] if n == 0 else []),
        ]
        assert [each.server_id for each in await store.timers.due(2.0)] == [(EVEN, ODD)[n]]
        assert await store.timers.next_after(0.0) == 1.0
        assert [each.id for each in await store.consents.open_questions()] == [f"q{n}"]
        assert [each.id for each in await store.consents.open_questions(author_id=3)] == ["q0", "q1"]
        assert await store.snapshots.begun() == [(tickets[n].id, 1)]
        assert await store.ledger.channels() == [n]
        assert [each.id for each in await store.owed.all()] == [n + 10]
        assert [each.nonce for each in await store.drafts.left()] == [f"d{n}"]
        assert await store.marks.earliest() == 1.0
    assert [each.message_id for each in await pair[1].marks.take_due(2.0)] == [1]
    assert [each.message_id for each in await pair[0].marks.take_due(2.0)] == [0]


async def test_what_one_process_changes_the_other_knows(pair: tuple[Store, Store]) -> None:
    first, second = pair
    heard: list[tuple[News, Ids | None]] = []

    def note(news: News) -> None:
        async def hear(ids: Ids | None) -> None:
            heard.append((news, ids))

        second.others.hear(news, hear)

    for news in (News.TICKETS, News.OWED):
        note(news)
    await first.settings.change(EVEN, MIA, NOW, {None: {"consent": Consent.OWN}, 8: {"is_art": True}})
    await soon(
        lambda: second.settings.server(EVEN).consent is Consent.OWN and second.settings.channel(8).is_art
    )
    await first.blocks.block(EVEN, MIA, 1, 1.0)
    await soon(lambda: second.blocks.is_blocked(EVEN, MIA))
    style = ServerStyle("own_1", EVEN, 1, 2, "", 3, 4, "cat", "mia", "x", False, State.SHOWN, 1.0)
    await first.museum.add(style)
    await soon(lambda: second.museum.find("own_1") is not None)
    await first.museum.end([style], State.TAKEN_BACK, 1.0)
    await soon(
        lambda: second.museum.find("own_1") == replace(style, state=State.TAKEN_BACK, withdrawn_at=1.0)
    )
    await first.settings.forget_server(EVEN)
    await soon(
        lambda: second.settings.server(EVEN).consent is Consent.ASK and not second.settings.channel(8).is_art
    )
    theirs = replace(ticket(), place=Place(ODD, 1))
    await second.tickets.add(theirs)
    heard.clear()
    await first.deletions.erase([theirs.id], 1.0)
    await soon(lambda: (News.TICKETS, [theirs.id]) in heard and (News.OWED, []) in heard)
    every = [f"{n:020x}" for n in range(1000)]  # more than one message can name
    heard.clear()
    await first.deletions.purge(every, 1.0)
    await soon(
        lambda: (
            sorted(each for news, ids in heard if news is News.TICKETS for each in map(str, ids or ()))
            == every
        )
    )


async def test_a_shard_is_one_process_s(url: str) -> None:
    async with open_store(url, Shards((0, 1), 3)):
        with pytest.raises(CannotStart, match="shard_taken") as taken:
            await AsyncExitStack().enter_async_context(open_store(url, Shards((1, 2), 3)))
        assert "Shard 1 is served by another bot process" in sentence(taken.value)
        with pytest.raises(CannotStart, match="shard_counts_differ") as differ:
            await AsyncExitStack().enter_async_context(open_store(url, Shards((2,), 4)))
        assert "shard_count = 3, and this one 4" in sentence(differ.value)
        with pytest.raises(CannotStart, match="shard_counts_differ"):
            await AsyncExitStack().enter_async_context(open_store(url))
        async with open_store(url, Shards((2,), 3)):
            pass
    async with open_store(url, Shards((0, 1), 4)):  # they were let go of
        pass


async def test_nothing_is_migrated_beneath_a_process_of_another_version(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_store(url, Shards((0,), 2)):
        with monkeypatch.context() as later:
            later.setattr("bot.storage.store.newest", lambda: "9999")
            with pytest.raises(CannotStart, match="database_in_use"):
                await AsyncExitStack().enter_async_context(open_store(url, Shards((1,), 2)))


async def test_a_member_waits_for_no_more_at_once_in_two_processes_than_in_one(
    pair: tuple[Store, Store],
) -> None:
    crowd = [replace(ticket(), id=new_id(), place=Place(None, None), user_id=MIA) for _ in range(10)]
    kept = await asyncio.gather(
        *(pair[n % 2].tickets.add(each) for n, each in enumerate(crowd)), return_exceptions=True
    )
    refused = [each for each in kept if each is not None]
    assert len(refused) == len(crowd) - LIMIT
    assert all(isinstance(each, BotError) and each.code == "too_many_open" for each in refused)
    await pair[1].tickets.add(replace(ticket(), id=new_id(), place=Place(ODD, 1), user_id=MIA))  # of a server
    done = (await pair[0].tickets.unfinished_of(MIA))[0]
    await pair[0].tickets.save(replace(done, state=TicketState.DELIVERED), "state")
    await pair[1].tickets.add(replace(ticket(), id=new_id(), place=Place(None, None), user_id=MIA))


async def test_what_ends_in_a_deadlock_is_begun_anew_once(
    pair: tuple[Store, Store], url: str, postgres: Postgres
) -> None:
    """The server itself says so, of the first statements that change a ticket."""
    first, _ = pair
    asked = ticket()
    await first.tickets.add(asked)
    database = sa.make_url(url).database or ""

    def end_next(times: int) -> None:
        postgres.run(f"select setval('ends', {10 - times})", database=database)

    postgres.run(
        "create sequence ends",
        "create function end_it() returns trigger language plpgsql as $$ begin "
        "if nextval('ends') <= 10 then raise 'deadlock detected' using errcode = '40P01'; end if; "
        "return new; end $$",
        "create trigger ends before update on tickets for each row execute function end_it()",
        database=database,
    )
    end_next(1)
    await first.deletions.erase([asked.id], NOW.timestamp())
    found = await first.tickets.find(asked.id)
    assert found is not None
    assert found.state is TicketState.DELETED
    end_next(2)
    with pytest.raises(DBAPIError):
        await first.deletions.erase([asked.id], NOW.timestamp())


async def test_two_processes_say_the_same_at_once(pair: tuple[Store, Store]) -> None:
    said = [Answer.ALWAYS, Answer.NEVER] * 10
    await asyncio.gather(
        *(pair[n % 2].consents.remember(MIA, 0, answer, 1.0) for n, answer in enumerate(said)),
        *(pair[n % 2].gallery.refuse(MIA, 0, 1.0) for n in range(20)),
        *(pair[n % 2].timers.set(Timer(TimerKind.COLLAGE, "w", float(n), EVEN)) for n in range(20)),
    )
    assert await pair[0].gallery.refusals_of(MIA) == {0}
    assert len(await pair[0].timers.due(99.0)) == 1


@asynccontextmanager
async def impatient(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    with monkeypatch.context() as short_of_time:
        short_of_time.setattr(postgresql, "_AGAIN_SECONDS", 0.01)
        short_of_time.setattr(postgresql, "_TAKE_SECONDS", 0.0)
        yield


END_SESSION = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = {} and objid = {}"


async def test_a_lost_session_is_begun_anew_and_all_is_read_again(
    url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = sa.make_url(url).database or ""
    async with (
        impatient(monkeypatch),
        open_store(url, Shards((0,), 2)) as first,
        open_store(url, Shards((1,), 2)) as second,
    ):
        await first.settings.change(EVEN, MIA, NOW, {None: {"consent": Consent.OWN}})
        await soon(lambda: second.settings.server(EVEN).consent is Consent.OWN)
        is_again = asyncio.Event()

        async def hear(ids: Ids | None) -> None:
            assert ids is None
            is_again.set()

        second.others.hear(News.BLOCKS, hear)
        postgres.run(END_SESSION.format(postgresql._SHARD, 1), database=database)
        await first.settings.change(
            EVEN, MIA, NOW, {None: {"consent": Consent.OPEN}}
        )  # of which nobody tells it
        await is_again.wait()
        assert second.settings.server(EVEN).consent is Consent.OPEN
        with pytest.raises(CannotStart, match="shard_taken"):
            await AsyncExitStack().enter_async_context(open_store(url, Shards((1,), 2)))


async def test_a_process_whose_shards_were_taken_meanwhile_is_told_so(
    url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = sa.make_url(url).database or ""
    lost: list[CannotStart] = []
    async with (
        impatient(monkeypatch),
        open_store(url, Shards((0,), 2)) as store,
        AsyncExitStack() as successor,
    ):
        assert store.session is not None
        store.session.on_lost = lost.append
        opening = store.session.open

        async def too_late() -> None:
            await successor.enter_async_context(open_store(url, Shards((0,), 2)))
            await opening()

        monkeypatch.setattr(store.session, "open", too_late)
        postgres.run(END_SESSION.format(postgresql._SHARD, 0), database=database)
        await soon(lambda: bool(lost))
        assert lost[0].code == "shard_taken"


async def test_what_is_wrong_is_told_without_what_is_in_a_row(url: str, postgres: Postgres) -> None:
    async with open_store(url) as store:
        await store.tickets.add(replace(ticket(), id="secret"))
        with pytest.raises(IntegrityError) as twice:
            await store.tickets.add(replace(ticket(), id="secret"))
        row = sa.text("insert into interactions (id, token) values (1, :word)")
        with pytest.raises(DBAPIError) as missing:
            async with store.database.begin() as connection:
                await connection.execute(row, {"word": "secret"})
        for error in (twice.value, missing.value):
            chain: BaseException | None = error
            while chain is not None:
                assert "secret" not in f"{chain} {short(error)}"
                chain = chain.__cause__
        postgres.drop(url)
        with pytest.raises(DBAPIError):  # and not what the system says, which nobody would take for it
            await store.tickets.find("secret")


@pytest.mark.parametrize("database", ["nothing", ""])
async def test_a_server_that_does_not_let_us_in_is_one_sentence(postgres: Postgres, database: str) -> None:
    url = postgres.url(database) if database else "postgresql+asyncpg://mia:secret@127.0.0.1:1/bot"
    with pytest.raises(CannotStart, match="database_not_opened") as caught:
        await AsyncExitStack().enter_async_context(open_store(url))
    told = sentence(caught.value)
    assert "\n" not in told
    assert "secret" not in told


async def test_without_its_driver_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(CannotStart) as caught:
        await AsyncExitStack().enter_async_context(open_store("postgresql+asyncpg://bot@127.0.0.1/bot"))
    assert 'pip install "atelier[postgres]"' in sentence(caught.value)
