"""Stories of whoever switches the bot off in a server, and on again."""

from typing import Any

import discord
import pytest
from simcord.actors import MemberActor

from bot.errors import BotError, BotErrorCode
from bot.storage.settings import Consent, Work
from bot.storage.tickets import StopRequest
from bot.words import switch as words
from bot.words.errors import sentence
from bot.words.ticket import STOPPED
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png, preview, said

OFF = sentence(BotError(BotErrorCode.SWITCHED_OFF))
WAITED = STOPPED[StopRequest.SWITCHED_OFF]


@pytest.fixture
def mia(world: World) -> MemberActor:
    """She manages the server."""
    managing = world.guild.create_role("Staff", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user("mia"), roles=[managing])


async def test_off_takes_nothing_new_stops_what_waits_and_finishes_what_is_painted(
    world: World, engine: FakeEngine, mia: MemberActor
) -> None:
    await world.stylize()
    await world.tell(preview(1, 0.3))
    await world.stylize(world.bob)
    answer = said(await mia.slash(world.art, "off"))
    assert answer.ephemeral
    assert answer.content == words.switched(Work.FINISH, is_new=True, left=1)
    await world.shows(WAITED)
    assert ["cancel" in job.calls for job in engine.jobs] == [False, True]
    assert said(await world.stylize(world.bob)).content == OFF
    picture = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    assert picture.reactions == [], "nothing is put under it"
    await world.bob.react(picture, "🌊")
    assert OFF not in "".join(message.content for message in world.messages), "it does not speak up by itself"
    await world.finish(0)
    assert len(engine.jobs) == 2
    world.sentences()


async def test_what_is_painted_is_stopped_too_by_a_press_or_at_once(
    world: World, engine: FakeEngine, mia: MemberActor
) -> None:
    await world.stylize()
    await world.tell(preview(1, 0.3))
    answer = said(await mia.slash(world.art, "off"))
    await mia.click(answer, label=words.STOP_ALL)
    await world.shows(WAITED)
    assert "cancel" in engine.jobs[0].calls
    await mia.click(answer, label=words.SWITCH_ON)
    assert answer.content == words.switched(Work.ON, is_new=True, left=0)
    await world.stylize()
    await world.tell(preview(1, 0.3), 1)
    await mia.slash(world.art, "off", painting="stop")
    await world.until(lambda: "cancel" in engine.jobs[1].calls)


async def test_it_stays_off_over_a_restart_and_goes_on_when_switched_on(
    world: World, engine: FakeEngine, mia: MemberActor
) -> None:
    answer = said(await mia.slash(world.art, "off"))
    await world.restart()
    assert said(await world.stylize()).content == OFF
    assert said(await mia.slash(world.art, "off")).content == words.switched(
        Work.FINISH, is_new=False, left=0
    )
    await mia.click(answer, label=words.SWITCH_ON)
    assert said(await mia.slash(world.art, "on")).content == words.switched(Work.ON, is_new=False, left=0)
    await world.result()
    world.sentences()


async def test_what_a_killed_process_has_not_stopped_the_next_one_stops(
    world: World, engine: FakeEngine
) -> None:
    await world.stylize()
    await world.tell(preview(1, 0.3))
    await world.stylize(world.bob)
    await world.set_server(work=Work.FINISH)  # as if it ended right after this was stored
    await world.restart()
    await world.shows(WAITED)
    assert ["cancel" in job.calls for job in engine.jobs] == [False, True]
    await world.finish(0)


async def test_a_tap_that_was_stopped_may_be_given_again(
    world: World, engine: FakeEngine, mia: MemberActor
) -> None:
    picture = await world.alice.send(world.art, "my cat", attachments=[("cat.png", png())])
    await world.bob.react(picture, "🌊")
    await world.until(lambda: engine.jobs)
    await mia.slash(world.art, "off")
    await world.shows(WAITED)
    await mia.slash(world.art, "on")
    await world.bob.unreact(picture, "🌊")
    await world.bob.react(picture, "🌊")
    await world.until(lambda: len(engine.jobs) == 2)


async def test_questions_to_authors_go_and_the_undo_of_the_setup_switches_on(
    world: World, engine: FakeEngine, mia: MemberActor
) -> None:
    await world.set_server(consent=Consent.ASK)
    picture = await world.alice.send(world.art, "my cat", attachments=[("cat.png", png())])
    await world.bob.react(picture, "🌊")
    assert len(world.messages) == 2
    opened = said(await mia.slash(world.art, "setup"))
    await mia.select(opened, ["moderation"], custom_id="setup:jump")
    await mia.select(opened, ["finish"], custom_id="setup:set:work:0")
    await world.until(lambda: len(world.messages) == 1)
    await mia.click(opened, label="Undo")
    assert world.bot.studio.store.settings.switched_off() == []


async def test_only_who_manages_the_server_switches(
    world: World, engine: FakeEngine, mia: MemberActor
) -> None:
    for command in await world.bot.tree.fetch_commands():
        if command.name in ("off", "on"):
            world.guild.set_command_permissions(command, {world.alice: True})
    for command_name in ("off", "on"):
        answer = said(await world.alice.slash(world.art, command_name))
        assert (answer.ephemeral, answer.content) == (
            True,
            "You need the permission “Manage Server” here for that.",
        )
    assert world.bot.studio.store.settings.switched_off() == []
    await world.result()
    world.sentences()


async def test_a_mention_is_answered_that_it_is_off(
    world: World, engine: FakeEngine, mia: MemberActor
) -> None:
    await mia.slash(world.art, "off")
    me = world.guild.me
    assert me is not None
    await world.bob.send(world.art, f"<@{me.id}> wave", attachments=[("cat.png", png())])
    await world.shows(OFF)
    assert engine.jobs == []


@pytest.mark.parametrize("settings", [{"paused": True}])
async def test_the_bots_owner_has_paused_it(
    world: World, engine: FakeEngine, settings: dict[str, Any]
) -> None:
    paused = sentence(BotError(BotErrorCode.PAUSED))
    assert said(await world.stylize()).content == paused
    picture = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    assert picture.reactions == []
    world.sentences()
    assert engine.jobs == []
