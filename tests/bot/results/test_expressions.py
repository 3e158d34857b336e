"""Stories of pictures that become emojis and stickers of a server."""

from typing import Any

import discord
import pytest
from simcord import Env

from bot.errors import BotErrorCode
from bot.results.expressions import emoji_name
from bot.storage.consents import Answer
from bot.storage.settings import LanguageChoice
from bot.words.errors import phrase_of
from engine.protocol import PRESETS, Preset
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png, said, told


def let(world: World, **permissions: bool) -> None:
    """What the bot and a new member, Carol, may do in the server."""
    given = discord.Permissions(**permissions)
    role = world.guild.create_role("expressive", permissions=given)
    world.env.backend.add_member_role(world.guild.id, world.env.backend.bot_user.id, role.id)


def carol(world: World, **permissions: bool) -> Any:
    role = world.guild.create_role("artists", permissions=discord.Permissions(**permissions))
    return world.guild.add_member(world.env.create_user("carol"), roles=[role])


@pytest.mark.parametrize(
    ("label", "preset"), [("As an emoji", Preset.EMOJI), ("As a sticker", Preset.STICKER)]
)
async def test_a_picture_becomes_an_expression_of_the_server(
    world: World, engine: FakeEngine, label: str, preset: Preset
) -> None:
    let(world, create_expressions=True, manage_expressions=True)
    engine.fitted = png(*(PRESETS[preset].width, PRESETS[preset].height))
    member = carol(world, create_expressions=True)
    result = await world.result()
    await world.set_server(language=LanguageChoice.GERMAN)
    form = await world.more(result, label, member)
    answer = await member.submit_modal(form, {"name": "my wave"})
    assert answer.ephemeral
    assert "everybody here can use it" in said(answer).content
    added = world.env.http_requests[-2]
    assert added.reason == f"gewünscht von dem Mitglied {member.id}", "as moderators read it"
    assert engine.wishes[-1] == (
        "result",
        {"max_bytes": str(PRESETS[preset].max_bytes), "preset": str(preset)},
    )


async def test_whoever_may_not_add_expressions_is_told(world: World) -> None:
    let(world, create_expressions=True, manage_expressions=True)
    refused = await world.more(await world.result(), "As an emoji", world.bob)
    assert "You need the permission “Create Expressions”" in told(refused)[0]


async def test_a_bot_that_may_not_add_expressions_says_so(world: World) -> None:
    world.art = world.channel_without("art", "create_expressions")
    refused = await world.more(await world.result(), "As a sticker", carol(world, create_expressions=True))
    assert told(refused) == ["I need the permission “Create Expressions” in this server for that."]


@pytest.mark.parametrize(
    ("code", "answer"),
    [(30008, BotErrorCode.NO_MORE_EXPRESSIONS), (50138, BotErrorCode.NOT_EXPRESSED)],
)
async def test_what_discord_does_not_take_is_said(
    world: World, env: Env, code: int, answer: BotErrorCode
) -> None:
    let(world, create_expressions=True, manage_expressions=True)
    member = carol(world, create_expressions=True)
    form = await world.more(await world.result(), "As an emoji", member)
    env.inject_error("POST", "/guilds/*/emojis", status=400, code=code)
    said_ = await member.submit_modal(form, {"name": "my wave"})
    assert said(said_).content == phrase_of(answer)()


@pytest.mark.parametrize(
    ("typed", "name"),
    [("my wave!", "my_wave"), ("日本", "painting"), ("a", "painting"), ("x" * 40, "x" * 30)],
)
def test_what_an_emoji_is_called(typed: str, name: str) -> None:
    assert emoji_name(typed) == name


@pytest.mark.parametrize(
    ("label", "preset"), [("As an avatar", Preset.AVATAR), ("As a banner", Preset.BANNER)]
)
async def test_a_picture_is_cut_for_whoever_wants_to_wear_it(
    world: World, engine: FakeEngine, label: str, preset: Preset
) -> None:
    cut = await world.more(await world.result(), label, world.bob)
    assert cut.ephemeral
    assert await said(cut).attachments[0].read() == engine.fitted
    assert said(cut).components == []
    assert engine.wishes[-1][1]["preset"] == preset


async def test_who_may_change_the_server_can_have_it_wear_the_picture(world: World, env: Env) -> None:
    let(world, manage_guild=True)
    cut = await world.more(await world.result(), "As an avatar", carol(world, manage_guild=True))
    assert "Make it this server’s icon" in str(said(cut).components)


@pytest.mark.parametrize("label", ["As an emoji", "As a sticker", "Make it this server’s icon"])
async def test_a_picture_whose_author_says_no_is_put_into_no_server(
    world: World, engine: FakeEngine, label: str
) -> None:
    let(world, create_expressions=True, manage_expressions=True, manage_guild=True)
    member = carol(world, create_expressions=True, manage_guild=True)
    result = await world.result()
    panel = await member.click(result, label="More…")
    await world.bot.studio.store.consents.remember(world.alice.id, world.guild.id, Answer.NEVER, 0.0)
    if "icon" in label:
        cut = await member.click(said(panel), label="As an avatar")
        assert label not in str(said(cut).components)
    else:
        refused = await member.click(said(panel), label=label)
        assert told(refused) == [phrase_of(BotErrorCode.AUTHOR_SAYS_NO)()]
    assert ("result", {"preset": "emoji"}) not in engine.wishes


@pytest.mark.parametrize("label", ["As an emoji", "As a sticker"])
async def test_a_spoiler_stays_one(world: World, label: str) -> None:
    let(world, create_expressions=True, manage_expressions=True, manage_guild=True)
    member = carol(world, create_expressions=True, manage_guild=True)
    result = await world.result(content=("SPOILER_cat.png", png()))
    refused = await world.more(result, label, member)
    assert told(refused) == [phrase_of(BotErrorCode.HIDDEN_PICTURE)()]
    cut = await world.more(result, "As an avatar", member)
    assert said(cut).components == []
    assert said(cut).attachments[0].filename.startswith("SPOILER_")
