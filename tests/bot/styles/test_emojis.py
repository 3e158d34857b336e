"""The studies as emojis of the application: found or made, shown in menus, and done without where there are none."""

from typing import Any

import pytest
from simcord import Env

from bot.cogs.emojis import LOOK_MINUTES
from tests.bot.fake_engine import WAVE, FakeEngine
from tests.bot.world import World, png, said

ON = pytest.mark.parametrize("settings", [{"study_emojis": True}])
STUDY = b"\x89PNG\r\n\x1a\n a study of 128 pixels"


@pytest.fixture
def engine(engine: FakeEngine) -> FakeEngine:
    engine.study = STUDY
    return engine


def there(env: Env) -> list[str]:
    return [emoji.name for emoji in env.backend.application_emojis.values()]


def calls(world: World, method: str) -> int:
    asked = world.env.http_requests
    return len([call for call in asked if call.method == method and call.path.endswith("/emojis")])


async def options(world: World) -> list[Any]:
    page = said(await world.alice.slash(world.art, "styles"))
    found: list[Any] = page.components[0]["components"][0]["options"]
    return found


@ON
async def test_they_are_made_once_and_shown_in_menus(world: World, env: Env, engine: FakeEngine) -> None:
    await world.until(lambda: there(env) == ["atelier_starry_night", "atelier_great_wave"])
    assert ("great_wave", {"preset": "emoji"}) in engine.wishes
    await world.until(lambda: len(world.bot.studio.catalogue.emojis) == 2)
    assert [option["emoji"]["name"] for option in await options(world)] == there(env)
    await world.restart()
    await world.until(lambda: len(world.bot.studio.catalogue.emojis) == 2)
    assert (calls(world, "GET"), calls(world, "POST")) == (2, 2)
    page = said(await world.alice.slash(world.art, "styles"))
    assert "1. 🌌 **The Starry Night**" in page.content, "with which members react"


@ON
async def test_under_pictures_stands_unicode_and_either_counts(
    world: World, env: Env, engine: FakeEngine
) -> None:
    await world.until(lambda: len(world.bot.studio.catalogue.emojis) == 2)
    picture = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    shown = next(message for message in world.messages if message.id == picture.id)
    assert [str(reaction.emoji) for reaction in shown.reactions] == ["🌌", "🌊"]
    [study] = [emoji for emoji in env.backend.application_emojis.values() if emoji.name.endswith("wave")]
    await world.alice.react(picture, f"{study.name}:{study.id}")
    await world.until(lambda: engine.jobs)
    await world.alice.react(picture, "🌊")
    await world.alice.react(picture, "atelier_great_wave:123456789012345678")
    assert [job.request.styles[0].name for job in engine.jobs] == ["great_wave"], (
        "the same wish, and another's emoji"
    )


@ON
async def test_one_that_is_removed_is_made_again_and_unicode_stands_meanwhile(
    world: World, env: Env, engine: FakeEngine
) -> None:
    await world.until(lambda: len(there(env)) == 2)
    [gone, _] = list(env.backend.application_emojis)
    env.backend.delete_application_emoji(gone)
    engine.go_down()
    await env.advance_time(LOOK_MINUTES * 60)
    await world.until(lambda: len(world.bot.studio.catalogue.emojis) == 1)
    assert [option["emoji"]["name"] for option in await options(world)] == ["🌌", "atelier_great_wave"]
    engine.come_back()
    await env.advance_time(LOOK_MINUTES * 60)
    await world.until(lambda: len(there(env)) == 2)


@ON
async def test_what_discord_does_not_take_is_not_tried_again(world: World, env: Env) -> None:
    await world.until(lambda: len(there(env)) == 2)
    world.engine.styles = (*world.engine.styles, WAVE.model_copy(update={"name": "fauve", "emoji": "🦁"}))
    await world.learn_styles()
    env.inject_error("POST", "/applications/*/emojis", status=400, code=30008)
    await env.advance_time(LOOK_MINUTES * 60)
    await env.advance_time(LOOK_MINUTES * 60)
    await world.env.settle()
    assert calls(world, "POST") == 3
    assert [option["emoji"]["name"] for option in await options(world)][-1] == "🦁"


async def test_who_wants_none_gets_none(world: World, env: Env) -> None:
    assert (there(env), calls(world, "GET")) == ([], 0)
    assert [option["emoji"]["name"] for option in await options(world)] == ["🌌", "🌊"]
