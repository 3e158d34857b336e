"""Stories of what is forgotten by itself: by its age, and because its place is gone."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from simcord import Env

from bot.storage import consents, reactions, settings, tickets
from bot.storage.consents import Question
from bot.storage.looks import BETWEEN_SECONDS, TwoCutoffs
from bot.storage.reactions import Reaction
from tests.bot.fake_engine import FakeEngine
from tests.bot.tickets.test_deletion import Scene
from tests.bot.world import World, png

HOUR, DAY = 3700, 24 * 3600.0


@pytest.fixture
async def scene(world: World, engine: FakeEngine, tmp_path: Path) -> Scene:
    picture = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    return Scene(world, engine, tmp_path / "bot", picture)


def test_two_looks_an_hour_apart_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    looks = TwoCutoffs()
    assert looks.agreed(100.0) is None
    now += BETWEEN_SECONDS / 2
    assert looks.agreed(9e9) is None  # a clock that jumped
    now += BETWEEN_SECONDS / 2
    assert looks.agreed(110.0) == 100.0
    now += BETWEEN_SECONDS / 2
    assert looks.agreed(120.0) == 110.0


async def count(world: World, table: sa.Table) -> int:
    async with world.bot.studio.store.database.connect() as connection:
        found = await connection.scalar(sa.select(sa.func.count()).select_from(table))
        return int(found or 0)


async def age(world: World, days: float) -> None:
    """Let all rows be older by so many days."""
    async with world.bot.studio.store.database.begin() as connection:
        for table, column in (
            (tickets.table, "created_at"),
            (settings.changes, "at"),
            (consents.asked, "at"),
        ):
            older = sa.update(table).values({column: table.c[column] - days * DAY})
            await connection.execute(older)


@pytest.mark.parametrize("settings", [{"forget_days": 30.0}])
async def test_what_is_old_is_forgotten_but_whose_a_picture_is(scene: Scene, env: Env) -> None:
    world, store = scene.world, scene.world.bot.studio.store
    await world.alice.react(scene.picture, "🌊")
    result = await world.finish(0)
    await world.alice.click(result, label="Again")
    await world.until(lambda: len(scene.engine.jobs) == 2)
    await (await world.shows("Next in the queue")).delete()  # and so it is cancelled
    await scene.settle()
    question = Question("q", world.guild.id, world.art.id, 1, 2, 3, None, "{}", 1.0)
    await store.consents.ask(question)
    await store.reactions.refuse(Reaction(1, world.alice.id, "great_wave"))
    await age(world, 400)
    await env.advance_time(HOUR)
    await env.advance_time(HOUR)
    await world.until(lambda: True)
    [ticket] = await store.tickets.known()
    found = await store.tickets.find(ticket.id)
    assert found is not None
    assert (found.description, found.sources, found.message_id, found.job_id) == (None, (), None, None)
    assert (found.user_id, found.author_id) == (world.alice.id, world.bob.id)
    assert [post.message_id for post in await store.posts.of_ticket(ticket.id)] == [result.id]
    assert await store.consents.open_questions() == []
    assert await store.settings.history(world.guild.id) == []
    assert await count(world, reactions.table) == 1  # of a picture that is new
    await world.bob.delete(scene.picture)
    await scene.settle()
    assert scene.ours == []


async def test_what_is_young_stays(scene: Scene, env: Env) -> None:
    world, store = scene.world, scene.world.bot.studio.store
    await world.alice.react(scene.picture, "🌊")
    await world.finish(0)
    for _ in range(3):
        await env.advance_time(HOUR)
    [ticket] = await store.tickets.known()
    found = await store.tickets.find(ticket.id)
    assert found is not None
    assert found.job_id is not None
    assert len(await store.settings.history(world.guild.id)) == 2


async def ready_again(world: World, env: Env, hours: int) -> None:
    for _ in range(hours):
        await env.advance_time(HOUR)


async def test_a_server_that_went_while_nobody_was_here_goes_after_a_day(scene: Scene, env: Env) -> None:
    world = scene.world
    await world.alice.react(scene.picture, "🌊")
    await world.finish(0)
    await world.bot.close()
    world.env.backend.guilds.pop(world.guild.id)
    await world.env.restart_bot(world._new_bot())
    store = world.bot.studio.store
    await ready_again(world, env, 3)
    assert len(await store.tickets.known()) == 1
    async with store.database.begin() as connection:
        away = settings.servers.c.removed_at
        await connection.execute(sa.update(settings.servers).values(removed_at=away - 20 * HOUR))
    await ready_again(world, env, 1)
    assert len(await store.tickets.known()) == 1
    await ready_again(world, env, 3)
    assert await store.tickets.known() == []
    assert await store.retention.servers() == set()


async def test_a_server_that_comes_back_keeps_everything(scene: Scene, env: Env) -> None:
    world, store = scene.world, scene.world.bot.studio.store
    await store.settings.absent(world.guild.id, 1.0)
    await ready_again(world, env, 3)
    assert await store.settings.absent(world.guild.id, 7.0) == 7.0
    assert store.settings.art_channels(world.guild.id) == [world.art.id]


async def test_a_channel_that_went_while_nobody_was_here_goes_after_an_hour(scene: Scene, env: Env) -> None:
    world = scene.world
    await world.alice.react(scene.picture, "🌊")
    await world.finish(0)
    await world.bot.close()
    backend: Any = world.env.backend
    backend.channels.pop(world.art.id)
    backend.get_guild(world.guild.id).channel_ids.remove(world.art.id)
    await world.env.restart_bot(world._new_bot())
    await ready_again(world, env, 3)
    store = world.bot.studio.store
    assert await store.tickets.known() == []
    assert store.settings.art_channels(world.guild.id) == []
