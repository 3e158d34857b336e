"""What the policy says, to whom, where: every answer that it has, on a real store."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.errors import BotError, BotErrorCode
from bot.orders.pictures import UNKNOWN_AUTHOR
from bot.orders.policy import Action, House, Policy, Waiting
from bot.orders.venue import Actor, Venue
from bot.place import Place
from bot.storage.consents import EVERYWHERE, Answer
from bot.storage.database import sqlite_url
from bot.storage.settings import Consent, Work
from bot.storage.store import Store, open_store
from bot.storage.tickets import TicketState
from engine.protocol import Owner
from tests.bot.storage.sample import ticket

SERVER, CHANNEL, ALICE, BOB, ROLE = 1, 2, 3, 4, 5
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALL = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    read_message_history=True,
    create_expressions=True,
)
HERE = Venue(Place(SERVER, CHANNEL), ALL, CHANNEL)
THREAD = replace(HERE, place=Place(SERVER, 20), is_thread=True)
MEMBER = Actor(ALICE, ALL)
MANAGER = Actor(ALICE, discord.Permissions(ALL.value | discord.Permissions(manage_guild=True).value))
PUBLIC = (Action.PAINT, Action.REACT, Action.POST)


@pytest.fixture
async def store(tmp_path: Path, database: Path) -> AsyncIterator[Store]:
    shutil.copy(database, tmp_path / "bot.sqlite3")
    async with open_store(sqlite_url(tmp_path / "bot.sqlite3")) as opened:
        await opened.settings.change(SERVER, BOB, NOW, {CHANNEL: {"is_art": True}})
        yield opened


@pytest.fixture
def waiting() -> dict[str, int]:
    """How many pictures a member waits for."""
    return {}


@pytest.fixture
def policy(store: Store, waiting: dict[str, int]) -> Policy:
    def open_of(owner: Owner) -> int:
        return waiting.get(owner.user, 0)

    return Policy(
        store,
        Waiting(open_of, lambda _: sum(waiting.values()), lambda _: 0, lambda _: 0),
    )


async def answer(policy: Policy, actor: Actor, venue: Venue, action: Action, **about: Any) -> str:
    """The code of a no, or "yes"."""
    try:
        await policy.require(actor, venue, action, **about)
    except BotError as error:
        return error.code
    return "yes"


def without(*flags: str) -> discord.Permissions:
    given = discord.Permissions(ALL.value)
    given.update(**dict.fromkeys(flags, False))
    return given


@pytest.mark.parametrize("action", PUBLIC)
@pytest.mark.parametrize("lacked", ["send_messages", "attach_files"])
async def test_who_may_not_post_has_nothing_posted(policy: Policy, action: Action, lacked: str) -> None:
    assert await answer(policy, MEMBER, HERE, action) == "yes"
    assert await answer(policy, Actor(ALICE, without(lacked)), HERE, action) == BotErrorCode.MAY_NOT
    venue = replace(HERE, permissions=without(lacked))
    assert await answer(policy, MEMBER, venue, action) == BotErrorCode.MISSING_PERMISSIONS
    assert await answer(policy, Actor(ALICE, without(lacked)), HERE, Action.LOOK) == "yes"


@pytest.mark.parametrize("action", PUBLIC)
async def test_a_thread_has_a_permission_of_its_own_and_a_lock(policy: Policy, action: Action) -> None:
    mute = Actor(ALICE, without("send_messages_in_threads"))
    assert await answer(policy, mute, THREAD, action) == BotErrorCode.MAY_NOT
    assert await answer(policy, mute, HERE, action) == "yes"
    locked = replace(THREAD, is_locked=True)
    assert await answer(policy, MEMBER, locked, action) == BotErrorCode.MISSING_PERMISSIONS


async def test_reactions_count_where_it_is_set_up(policy: Policy) -> None:
    elsewhere = replace(HERE, settings_id=99)
    assert await answer(policy, MEMBER, elsewhere, Action.REACT) == BotErrorCode.NOT_SET_UP
    assert await answer(policy, MEMBER, elsewhere, Action.PAINT) == "yes"


async def test_some_roles_only(policy: Policy, store: Store) -> None:
    await store.settings.change(SERVER, BOB, NOW, {None: {"starters": (ROLE,)}})
    for action in (Action.PAINT, Action.REACT):
        assert await answer(policy, MEMBER, HERE, action) == BotErrorCode.NOT_A_STARTER
        assert await answer(policy, replace(MEMBER, roles=frozenset({ROLE})), HERE, action) == "yes"
        assert await answer(policy, MANAGER, HERE, action) == "yes"
    await store.settings.change(SERVER, BOB, NOW, {CHANNEL: {"starters": ()}})
    assert await answer(policy, MEMBER, HERE, Action.PAINT) == "yes"


async def test_so_many_at_once(policy: Policy, store: Store, waiting: dict[str, int]) -> None:
    await store.settings.change(SERVER, BOB, NOW, {None: {"open_per_member": 2}})
    waiting[str(ALICE)] = 2
    assert await answer(policy, MEMBER, HERE, Action.PAINT) == BotErrorCode.TOO_MANY_OPEN
    assert await answer(policy, replace(MEMBER, id=BOB), HERE, Action.PAINT) == "yes"
    assert await answer(policy, MEMBER, HERE, Action.POST) == "yes"


async def test_a_pause_between_two_outlives_the_process(policy: Policy, store: Store) -> None:
    await store.settings.change(SERVER, BOB, NOW, {None: {"cooldown_seconds": 60}})
    assert await answer(policy, MEMBER, HERE, Action.PAINT) == "yes"
    mine = replace(ticket(discord.utils.utcnow().timestamp()), place=HERE.place, user_id=ALICE)
    await store.tickets.add(mine)
    assert await answer(policy, MEMBER, HERE, Action.PAINT) == BotErrorCode.COOLING_DOWN
    assert await answer(policy, replace(MEMBER, id=BOB), HERE, Action.PAINT) == "yes"


async def test_the_blocked_lose_nothing_of_their_own(policy: Policy, store: Store) -> None:
    await store.blocks.block(SERVER, ALICE, BOB, 1.0)
    for action in (*PUBLIC, Action.LOOK, Action.EXPRESS):
        assert await answer(policy, MEMBER, HERE, action) == BotErrorCode.BLOCKED
    policy.require_owner(MEMBER, ALICE)  # may stop and delete what is theirs
    assert await answer(policy, MANAGER, HERE, Action.SET_UP) == "yes"


@pytest.mark.parametrize("action", [*PUBLIC, Action.EXPRESS])
async def test_what_is_age_restricted_stays_so(policy: Policy, action: Action) -> None:
    assert await answer(policy, MEMBER, HERE, action, nsfw=True) == BotErrorCode.AGE_RESTRICTED
    restricted = await answer(policy, MEMBER, replace(HERE, is_nsfw=True), action, nsfw=True)
    # What is in a server's own emojis is seen in all of its channels.
    assert restricted == (BotErrorCode.AGE_RESTRICTED if action is Action.EXPRESS else "yes")


ASKED = BotErrorCode.CONSENT_NEEDED
NO = BotErrorCode.AUTHOR_SAYS_NO


@pytest.mark.parametrize(
    ("rule", "said", "expected"),
    [
        (Consent.ASK, None, ASKED),
        (Consent.ASK, Answer.ALWAYS, "yes"),
        (Consent.ASK, Answer.NEVER, NO),
        (Consent.ASK, Answer.ASK, ASKED),
        (Consent.OPEN, None, "yes"),
        (Consent.OPEN, Answer.NEVER, NO),
        (Consent.OPEN, Answer.ASK, ASKED),
        (Consent.OWN, None, BotErrorCode.ONLY_OWN_PICTURES),
        (Consent.OWN, Answer.ALWAYS, BotErrorCode.ONLY_OWN_PICTURES),
    ],
)
@pytest.mark.parametrize("where", [SERVER, EVERYWHERE])
async def test_whose_picture_it_is(
    policy: Policy, store: Store, rule: Consent, said: Answer | None, expected: str, where: int
) -> None:
    await store.settings.change(SERVER, BOB, NOW, {None: {"consent": rule}})
    await store.consents.remember(BOB, where, said, 1.0)
    for action in (Action.PAINT, Action.REACT):
        assert await answer(policy, MEMBER, HERE, action, author_id=BOB) == expected
        assert await answer(policy, replace(MEMBER, id=BOB), HERE, action, author_id=BOB) == "yes"
    assert await answer(policy, MEMBER, HERE, Action.LOOK, author_id=BOB) == "yes"


@pytest.mark.parametrize(
    ("rule", "said", "expected"),
    [
        (Consent.OPEN, Answer.NEVER, NO),
        (Consent.OWN, None, BotErrorCode.ONLY_OWN_PICTURES),
        (Consent.ASK, None, ASKED),
        (Consent.ASK, Answer.ALWAYS, "yes"),
        (Consent.OPEN, None, "yes"),
    ],
)
@pytest.mark.parametrize("elsewhere", [Place(None, 9), Place(7, 8)])
async def test_where_a_picture_comes_from_its_author_and_server_are_heard_elsewhere_too(
    policy: Policy, store: Store, rule: Consent, said: Answer | None, expected: str, elsewhere: Place
) -> None:
    root = replace(ticket(), place=Place(SERVER, CHANNEL), author_id=BOB)
    await store.tickets.add(root)
    await store.settings.change(SERVER, BOB, NOW, {None: {"consent": rule}})
    await store.settings.change(7, BOB, NOW, {None: {"consent": Consent.OPEN}})
    await store.consents.remember(BOB, SERVER, said, 1.0)
    there, about = replace(HERE, place=elsewhere), {"author_id": BOB, "root_id": root.id}
    is_said = expected in (NO, BotErrorCode.ONLY_OWN_PICTURES)
    unsaid = BotErrorCode.NOBODY_TO_ASK if elsewhere.server_id is None else expected
    assert await answer(policy, MEMBER, there, Action.PAINT, **about) == (expected if is_said else unsaid)
    posted = await answer(policy, MEMBER, there, Action.POST, **about)
    assert posted == ("yes" if expected == ASKED else expected)


@pytest.mark.parametrize("place", [Place(None, 9), Place(7), Place()])
@pytest.mark.parametrize("author", [BOB, UNKNOWN_AUTHOR])
async def test_where_nobody_can_be_asked_only_a_word_for_everywhere_counts(
    policy: Policy, store: Store, place: Place, author: int
) -> None:
    there = replace(HERE, place=place)
    refused = BotErrorCode.NOBODY_TO_ASK
    assert await answer(policy, MEMBER, there, Action.PAINT, author_id=author) == refused
    assert await answer(policy, MEMBER, there, Action.PAINT, author_id=MEMBER.id) == "yes"
    await store.consents.remember(BOB, SERVER, Answer.ALWAYS, 1.0)
    assert await answer(policy, MEMBER, there, Action.PAINT, author_id=author) == refused
    await store.consents.remember(BOB, EVERYWHERE, Answer.ALWAYS, 1.0)
    expected = "yes" if author == BOB else refused
    assert await answer(policy, MEMBER, there, Action.PAINT, author_id=author) == expected
    await store.consents.remember(BOB, EVERYWHERE, Answer.NEVER, 1.0)
    expected = NO if author == BOB else refused
    assert await answer(policy, MEMBER, there, Action.PAINT, author_id=author) == expected


async def test_what_was_said_here_counts_before_what_was_said_for_everywhere(
    policy: Policy, store: Store
) -> None:
    await store.consents.remember(BOB, EVERYWHERE, Answer.NEVER, 1.0)
    await store.consents.remember(BOB, SERVER, Answer.ALWAYS, 1.0)
    assert await answer(policy, MEMBER, HERE, Action.PAINT, author_id=BOB) == "yes"


async def test_nobody_can_be_asked_for_a_picture_of_nobody(policy: Policy, store: Store) -> None:
    unknown = {"author_id": UNKNOWN_AUTHOR}
    assert await answer(policy, MEMBER, HERE, Action.PAINT, **unknown) == BotErrorCode.AUTHOR_UNKNOWN
    await store.settings.change(SERVER, BOB, NOW, {None: {"consent": Consent.OPEN}})
    assert await answer(policy, MEMBER, HERE, Action.PAINT, **unknown) == "yes"


@pytest.mark.parametrize(
    ("action", "flag"),
    [
        (Action.SET_UP, "manage_guild"),
        (Action.MODERATE, "manage_messages"),
        (Action.EXPRESS, "create_expressions"),
    ],
)
async def test_what_takes_a_permission_of_its_own(policy: Policy, action: Action, flag: str) -> None:
    bare, granted = discord.Permissions.none(), discord.Permissions(**{flag: True})
    assert await answer(policy, Actor(ALICE, bare), HERE, action) == BotErrorCode.MAY_NOT
    assert await answer(policy, Actor(ALICE, granted), HERE, action) == "yes"


def test_owners_and_moderators(policy: Policy) -> None:
    policy.require_owner(MEMBER, BOB, ALICE)
    policy.require_owner(Actor(9, discord.Permissions(manage_messages=True)), BOB)
    with pytest.raises(BotError, match=BotErrorCode.NOT_YOURS):
        policy.require_owner(MEMBER, BOB, None)


# --- limits, switches and the bot's owner --------------------------------------------------------------------


async def painted(store: Store, user_id: int, seconds_ago: float, **values: Any) -> None:
    at = discord.utils.utcnow().timestamp() - seconds_ago
    await store.tickets.add(replace(ticket(at), place=HERE.place, user_id=user_id, **values))


@pytest.mark.parametrize("action", [Action.PAINT, Action.REACT])
async def test_so_many_in_a_day_and_when_the_next_one_is_free(
    policy: Policy, store: Store, action: Action
) -> None:
    await store.settings.change(SERVER, BOB, NOW, {None: {"daily_per_member": 2}})
    hour = 3600.0
    await painted(store, ALICE, 25 * hour)
    await painted(store, ALICE, 5 * hour)
    await painted(store, ALICE, 2 * hour, state=TicketState.CLOSED)
    await painted(store, BOB, 1 * hour)
    assert await answer(policy, MEMBER, HERE, action) == "yes"
    await painted(store, ALICE, 1 * hour, state=TicketState.DELETED)
    with pytest.raises(BotError) as refused:
        await policy.require(MEMBER, HERE, action)
    assert refused.value.code is BotErrorCode.MEMBER_DAY_FULL
    left = float(str(refused.value.facts["at"])) - discord.utils.utcnow().timestamp()
    assert 19 * hour - 5 < left < 19 * hour + 5
    assert await answer(policy, MEMBER, HERE, Action.POST) == "yes"
    assert await answer(policy, replace(MEMBER, id=BOB), HERE, action) == "yes"
    await store.settings.change(SERVER, BOB, NOW, {None: {"daily_per_member": 0, "daily_per_server": 3}})
    assert await answer(policy, replace(MEMBER, id=BOB), HERE, action) == BotErrorCode.SERVER_DAY_FULL


async def test_those_that_arrive_count_in_a_day(store: Store) -> None:
    await store.settings.change(SERVER, BOB, NOW, {None: {"daily_per_member": 1}})
    policy = Policy(store, Waiting(lambda _: 0, lambda _: 0, lambda _: 1, lambda _: 1))
    assert await answer(policy, MEMBER, HERE, Action.PAINT) == BotErrorCode.MEMBER_DAY_FULL


async def test_so_many_at_once_in_a_server(policy: Policy, store: Store, waiting: dict[str, int]) -> None:
    await store.settings.change(SERVER, BOB, NOW, {None: {"open_per_server": 3, "open_per_member": 2}})
    waiting[str(BOB)] = 3
    assert await answer(policy, MEMBER, HERE, Action.PAINT) == BotErrorCode.SERVER_TOO_MANY_OPEN
    assert await answer(policy, MEMBER, HERE, Action.POST) == "yes"


async def test_moderators_are_held_to_no_limit_if_it_is_set_so(
    policy: Policy, store: Store, waiting: dict[str, int]
) -> None:
    await store.settings.change(SERVER, BOB, NOW, {None: {"open_per_member": 1, "daily_per_server": 1}})
    waiting[str(ALICE)] = 1
    await painted(store, BOB, 1.0)
    moderator = Actor(ALICE, discord.Permissions(ALL.value | discord.Permissions(manage_messages=True).value))
    assert await answer(policy, moderator, HERE, Action.PAINT) == BotErrorCode.SERVER_DAY_FULL
    await store.settings.change(SERVER, BOB, NOW, {None: {"exempt": "moderators"}})
    assert await answer(policy, moderator, HERE, Action.PAINT) == "yes"
    for other in (MEMBER, replace(moderator, of_server=ALL)):  # who moderates a channel of their own
        assert await answer(policy, other, HERE, Action.PAINT) == BotErrorCode.SERVER_DAY_FULL


@pytest.mark.parametrize("action", Action)
async def test_switched_off_is_everything_but_what_switches_it_on(
    policy: Policy, store: Store, action: Action
) -> None:
    everything = Actor(ALICE, discord.Permissions.all())
    assert await answer(policy, everything, HERE, action) == "yes"
    await store.settings.change(SERVER, BOB, NOW, {None: {"work": Work.FINISH}})
    is_open = action in (Action.SET_UP, Action.MODERATE, Action.TAKE_OUT)
    expected = "yes" if is_open else BotErrorCode.SWITCHED_OFF
    assert await answer(policy, everything, HERE, action) == expected
    assert policy.is_quiet(SERVER)
    if not is_open:
        assert await answer(policy, everything, Venue(Place(None, 7)), action) in ("yes", "server_only")


@pytest.mark.parametrize("action", Action)
async def test_the_bots_owner_closes_it_to_somebody_a_server_or_all(store: Store, action: Action) -> None:
    nobody_waits = Waiting(lambda _: 0, lambda _: 0, lambda _: 0, lambda _: 0)
    everything, direct = Actor(ALICE, discord.Permissions.all()), Venue(Place(None, 7))
    barred = Policy(store, nobody_waits, House(blocked_users={ALICE}))
    for venue in (HERE, direct):
        assert await answer(barred, everything, venue, action) == BotErrorCode.BARRED
    closed = Policy(store, nobody_waits, House(blocked_servers={SERVER}))
    assert await answer(closed, everything, HERE, action) == BotErrorCode.SERVER_BARRED
    assert await answer(closed, everything, direct, action) in ("yes", "server_only")
    paused = Policy(store, nobody_waits, House(paused=True))
    for venue in (HERE, direct):
        told = await answer(paused, everything, venue, action)
        if action is Action.TAKE_OUT:
            assert told == ("yes" if venue is HERE else "server_only")
        else:
            assert told == ("yes" if action in (Action.SET_UP, Action.MODERATE) else BotErrorCode.PAUSED)
    assert [each.is_quiet(SERVER) for each in (barred, closed, paused)] == [False, True, True]
