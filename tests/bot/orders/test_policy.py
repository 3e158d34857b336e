"""What the policy says, to whom, where: every answer that it has, on a real store."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.errors import BotError, BotErrorCode
from bot.orders.pictures import UNKNOWN_AUTHOR
from bot.orders.policy import Action, Policy
from bot.orders.venue import Actor, Venue
from bot.place import Place
from bot.storage.consents import EVERYWHERE, Answer
from bot.storage.database import sqlite_url
from bot.storage.settings import Consent
from bot.storage.store import Store, open_store
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
async def store(tmp_path: Path) -> AsyncIterator[Store]:
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

    return Policy(store, open_of, lambda _: 0)


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
    assert await answer(policy, MEMBER, there, Action.PAINT, **about) == expected
    posted = await answer(policy, MEMBER, there, Action.POST, **about)
    assert posted == ("yes" if expected == ASKED else expected)


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
