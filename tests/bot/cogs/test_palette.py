"""Stories of the palette in a server with many paintings: three favourites, and one emoji for all of them."""

from typing import Any
from urllib.parse import unquote

import discord
import pytest
from simcord import Env

from bot.storage.settings import FAVOURITES
from bot.words.palette import MORE
from engine.styles.catalogue import cards
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png, said

PLAIN_MORE = MORE[0]


@pytest.fixture
def engine(engine: FakeEngine) -> FakeEngine:
    """One with all the studies that there are."""
    engine.styles = cards()
    return engine


async def post(world: World) -> discord.Message:
    return await world.bob.send(world.art, "my cat", attachments=[("cat.png", png(colour="orange"))])


def palette(world: World, picture: discord.Message) -> list[str]:
    found = next(each for each in world.messages if each.id == picture.id)
    return [str(reaction.emoji) for reaction in found.reactions]


def seeded(world: World) -> list[Any]:
    calls = world.env.http_requests
    return [call for call in calls if call.method == "PUT" and "/reactions/" in unquote(call.path)]


async def test_three_favourites_and_one_for_all_are_four_requests(world: World) -> None:
    picture = await post(world)
    assert palette(world, picture) == ["🌌", "🌊", "😱", MORE]
    assert len(seeded(world)) == FAVOURITES + 1 == 4


async def test_the_favourites_are_those_that_members_use_most(world: World, env: Env) -> None:
    for style in ("udnie", "udnie", "cherry_tree"):
        await world.result(style=style)
    assert palette(world, await post(world)) == ["💃", "🌸", "🌌", MORE]
    await world.result(style="shipwreck")
    assert palette(world, await post(world)) == ["💃", "🌸", "🌌", MORE], "not counted anew for every picture"
    await env.advance_time(3600)
    assert palette(world, await post(world)) == ["💃", "🌸", "⛵", MORE]


async def test_or_those_that_the_server_has_chosen(world: World) -> None:
    await world.result(style="udnie")
    await world.set_channel(favourites=("the_scream", "great_wave"))
    assert palette(world, await post(world)) == ["🌊", "😱", MORE]
    await world.set_channel(palette=("udnie", "great_wave", "cherry_tree", "shipwreck"))
    assert palette(world, await post(world)) == ["🌊", MORE], "of those that are on offer"
    await world.set_channel(favourites=("gone",), palette=("udnie", "great_wave", "rococo"))
    assert palette(world, await post(world)) == ["🌊", "💃"], "there is no more to choose"


async def test_every_painting_counts_when_its_emoji_is_given_by_hand(
    world: World, engine: FakeEngine
) -> None:
    picture = await post(world)
    await world.alice.react(picture, "💃🏿")
    assert [job.request.styles[0].name for job in engine.jobs] == ["udnie"]


async def test_setup_says_and_sets_what_is_put_under_pictures(world: World) -> None:
    managing = world.guild.create_role("Staff", permissions=discord.Permissions(manage_guild=True))
    mia = world.guild.add_member(world.env.create_user("mia"), roles=[managing])
    panel = said(await mia.slash(world.art, "setup"))
    await mia.select(panel, ["palette"], custom_id="setup:jump")
    assert f"I put 3 of them there, and {MORE}, which tries out all paintings" in panel.content
    assert "Those that I put there: those that members use most" in panel.content
    await mia.select(panel, ["udnie", "cherry_tree"], custom_id="setup:set:favourites:0")
    assert "Those that I put there: those that members use most → **💃 🌸**" in panel.content
    assert palette(world, await post(world)) == ["💃", "🌸", MORE]
    await mia.click(panel, label="Undo")
    assert world.bot.studio.store.settings.channel(world.art.id).favourites == ()
    await mia.select(panel, ["udnie"], custom_id="setup:set:favourites:0")
    await mia.select(panel, [], custom_id="setup:set:favourites:0")
    assert world.bot.studio.store.settings.channel(world.art.id).favourites == ()
