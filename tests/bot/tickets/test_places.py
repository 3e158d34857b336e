"""Stories of pictures that belong to no server: of direct messages, and of an interaction's token alone."""

from dataclasses import replace

import discord
from discord import app_commands
from simcord import Env

from bot.cogs.reach import everywhere
from bot.orders.pictures import SourcePicture
from bot.orders.request import StyleRequest
from bot.place import Place
from bot.tickets.delivery import Delivery
from bot.words.errors import sentence
from engine.protocol import ErrorCode, Failed, Problem, Refusal
from tests.bot.fake_engine import STARRY, FakeEngine
from tests.bot.world import FINISHED, World, png, preview


def last(world: World) -> discord.Message:
    """The newest direct message between Alice and the bot."""
    message = world.alice.user.dm_channel.last_message
    assert message is not None
    return message


async def ask_privately(world: World, place: Place | None = None) -> Place:
    """Alice asks for a picture in a direct message, by a command that only this test offers there."""
    places = []

    @app_commands.command(description="Paint it here.")
    @everywhere
    async def privately(interaction: discord.Interaction, content: discord.Attachment) -> None:
        places.append(place or Place.of(interaction))
        order = StyleRequest(
            places[0], interaction.user.id, SourcePicture.of_attachment(content), (STARRY,), settings={}
        )
        await interaction.response.send_message("Look here:")
        await world.bot.studio.desk.accept(order)

    world.bot.tree.add_command(privately)
    await world.bot.tree.sync()
    await world.alice.user.slash("privately", content=("cat.png", png()))
    await world.until(lambda: "queue" in last(world).content)
    return places[0]


async def test_an_order_of_a_direct_message_is_painted_there(world: World, engine: FakeEngine) -> None:
    await ask_privately(world)
    assert "Next in the queue" in last(world).content
    owner = engine.jobs[0].request.owner
    assert (owner.group, owner.user) == (str(world.alice.id), str(world.alice.id))
    await world.tell(preview(1, 0.1))
    await world.until(lambda: "10%" in last(world).content)
    await world.tell(FINISHED)
    await world.until(lambda: "here it is" in last(world).content)
    assert await last(world).attachments[0].read() == engine.result
    assert world.messages == []


async def test_a_direct_message_can_be_gone_on_from(world: World, engine: FakeEngine) -> None:
    place = await ask_privately(world)
    await world.tell(FINISHED)
    await world.until(lambda: "here it is" in last(world).content)
    await world.alice.user.click(last(world), label="More style")
    assert engine.jobs[1].request.owner == engine.jobs[0].request.owner
    (again,) = await world.bot.studio.store.tickets.unfinished()
    assert again.place == place


async def test_a_direct_message_is_followed_on_after_a_restart(
    world: World, engine: FakeEngine, env: Env
) -> None:
    await ask_privately(world)
    await world.restart()
    await world.tell(preview(1, 0.1))
    await env.advance_time(10)
    await world.until(lambda: "10%" in last(world).content)
    await world.tell(FINISHED)
    await world.until(lambda: "here it is" in last(world).content)


async def test_a_place_without_a_channel_is_answered_directly(world: World, engine: FakeEngine) -> None:
    await ask_privately(world, Place())
    await world.tell(FINISHED)
    await world.until(lambda: "here it is" in last(world).content)
    assert await last(world).attachments[0].read() == engine.result


async def test_a_place_without_a_channel_has_one_once_its_member_was_written_to(
    world: World, engine: FakeEngine, env: Env
) -> None:
    await ask_privately(world, Place(world.guild.id))
    shown = last(world)
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    assert ticket.place == Place(None, shown.channel.id)
    await world.restart()
    await world.tell(preview(1, 0.1))
    await env.advance_time(10)
    await world.until(lambda: "10%" in last(world).content)
    reason = Refusal(ErrorCode.OUT_OF_MEMORY)
    await world.tell(Failed(error=Problem.of(reason)))
    await world.until(lambda: sentence(reason) in last(world).content)
    assert last(world).id == shown.id


async def test_a_result_is_found_again_in_a_direct_message(world: World) -> None:
    await ask_privately(world)
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    await world.tell(FINISHED)
    await world.until(lambda: "here it is" in last(world).content)
    for place in (ticket.place, Place()):
        found = await Delivery(world.bot, replace(ticket, place=place)).find_result()
        assert found is not None
        assert found.id == last(world).id


def test_a_queue_is_shared_among_servers_and_whoever_asks_for_themselves() -> None:
    assert [Place(1, 2).group(3), Place(1).group(3), Place(None, 2).group(3)] == ["1", "3", "3"]
