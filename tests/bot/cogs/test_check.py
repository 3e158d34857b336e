"""`/check`: all that can be amiss is named, with why it matters and what to do."""

from typing import Any

import discord
import pytest
from simcord.actors import MemberActor
from structlog.testing import capture_logs

from bot.cogs.check import commands_by_permission
from bot.findings import Finding, Found
from bot.orders.permissions import INVITED, invitation
from bot.storage.settings import Output
from bot.words import check as words
from engine.protocol import ErrorCode, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, said, shown


@pytest.fixture
def mia(world: World) -> MemberActor:
    """She moderates."""
    moderating = world.guild.create_role("Staff", permissions=discord.Permissions(manage_messages=True))
    return world.guild.add_member(world.env.create_user("mia"), roles=[moderating])


async def check(world: World, mia: MemberActor) -> str:
    answer = said(await mia.slash(world.art, "check"))
    assert answer.ephemeral
    return str(answer.content)


async def test_where_nothing_is_amiss_it_says_so_and_what_the_intent_is_for(
    world: World, mia: MemberActor
) -> None:
    who = words.who_may(commands_by_permission(world.bot.tree))
    assert await check(world, mia) == f"{words.ALL_WELL}\n{words.INTENT_GRANTED}\n{who}"


async def test_what_is_amiss_in_the_server_is_named(world: World, mia: MemberActor) -> None:
    quiet = world.channel_without("quiet", "attach_files", "create_public_threads")
    role = world.guild.create_role("Artists")
    await world.set_channel(
        quiet, is_art=True, output=Output.RESULTS, palette=("rococo",), favourites=("fauve",), starters=(1,)
    )
    await world.set_server(starters=(role.id, 2))
    report = await check(world, mia)
    assert f"In <#{quiet.id}> I need “Attach Files” (to post pictures)" in report
    assert "Results should go to the results channel, but none is chosen" in report
    assert f"All of the roles that may have pictures painted in <#{quiet.id}> are gone" in report
    assert "Some of the roles that may have pictures painted are gone (1)" in report
    assert f"The palette of <#{quiet.id}> has paintings that I no longer have** (`rococo`, `fauve`)" in report
    await world.set_channel(quiet, output=Output.THREAD)
    assert "“Create Public Threads”" in await check(world, mia)


async def test_where_only_the_commands_are_installed_there_is_a_link(world: World, mia: MemberActor) -> None:
    guild = world.bot.get_guild(world.guild.id)
    assert guild is not None
    world.bot._connection._remove_guild(guild)
    report = await check(world, mia)
    assert f"https://discord.com/oauth2/authorize?client_id={world.bot.application_id}" in report
    assert f"permissions={invitation().value}" in report


async def test_what_is_gone_is_named(world: World, mia: MemberActor) -> None:
    await world.set_channel(is_art=False)
    await world.set_server(results_id=7)
    report = await check(world, mia)
    assert "No channel is set up for art" in report
    assert "The results channel is gone" in report


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        (lambda engine: engine.go_down(), Finding.ENGINE_AWAY),
        (lambda engine: setattr(engine, "is_locked", True), Finding.ENGINE_LOCKED),
        (lambda engine: setattr(engine, "not_ready", Refusal(ErrorCode.STORAGE_FULL)), Finding.ENGINE_FULL),
        (lambda engine: setattr(engine, "not_ready", Refusal(ErrorCode.NOT_READY)), Finding.ENGINE_AWAY),
    ],
)
async def test_an_engine_that_does_not_paint_is_named(
    world: World, engine: FakeEngine, mia: MemberActor, harm: Any, finding: Finding
) -> None:
    harm(engine)
    assert words.line_of(Found(finding)) in await check(world, mia)


async def test_a_wrong_token_is_told_to_the_owner_and_to_members_as_a_pause(
    world: World, engine: FakeEngine
) -> None:
    with capture_logs() as logged:
        engine.is_locked = True
        asked = await world.stylize()
        await world.env.advance_time(60)
        told = [each for each in logged if each["event"] == "engine does not accept the token"]
        assert len(told) == 1, "once, not at each try"
        assert "ATELIER_ENGINE_TOKEN" in told[0]["mend"]
        assert "token" not in shown(asked).content
        assert "not available at the moment" in shown(asked).content
        engine.is_locked = False
        await world.env.advance_time(120)
        await world.until(lambda: engine.jobs)
        assert "engine accepts the token again" in [each["event"] for each in logged]


async def test_the_log_says_at_the_start_how_things_stand(world: World, engine: FakeEngine) -> None:
    engine.is_locked = True
    with capture_logs() as logged:
        await world.restart()
    [ready] = [each for each in logged if each["event"] == "ready"]
    assert (ready["servers"], ready["servers_set_up"], ready["art_channels"]) == (1, 1, 1)
    assert (ready["engine"], ready["engine_token"]) == ("engine_locked", "wrong")


def test_a_long_report_is_cut_at_a_finding() -> None:
    found = [Found(Finding.CHANNEL_LACKS, n, INVITED) for n in range(50)]
    report = words.report(found, True)
    assert len(report) <= 2000
    assert "more." in report
    assert report.endswith(words.INTENT_GRANTED)


@pytest.mark.parametrize("finding", Finding)
def test_every_finding_has_its_sentence(finding: Finding) -> None:
    assert words.line_of(Found(finding, 7, ("attach_files",)))
    assert set(words.WHY_PERMISSION) == set(INVITED)
