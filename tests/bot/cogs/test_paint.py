"""Stories of the form: `/paint`, and the button that opens the same."""

from typing import Any

from bot.buttons.paint import PaintButton
from engine.protocol import ErrorCode, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, said, shown, told


async def fill(world: World, opened: Any, **values: Any) -> Any:
    values.setdefault("picture", ("cat.png", png(colour="orange")))
    return await world.alice.submit_modal(opened, values)


async def test_a_picture_and_a_style(world: World, engine: FakeEngine) -> None:
    opened = await world.alice.slash(world.art, "paint")
    answer = await fill(world, opened, style=["great_wave"], strength=["80"])
    assert "Next in the queue" in shown(answer).content
    (job,) = engine.jobs
    assert job.parts == {"content": png(colour="orange")}
    assert (job.request.styles[0].name, job.request.strength) == ("great_wave", 80)
    await world.tell(FINISHED)
    await world.shows("here it is")


async def test_style_images_of_ones_own(world: World, engine: FakeEngine) -> None:
    opened = await world.alice.slash(world.art, "paint")
    images = [("a.png", png(colour="red")), ("b.png", png(colour="blue"))]
    await fill(world, opened, style_images=images)
    assert engine.jobs[0].parts["style-2"] == png(colour="blue")
    assert engine.jobs[0].request.strength == 50


async def test_without_a_style_the_picker_asks(world: World, engine: FakeEngine) -> None:
    asked = await fill(world, await world.alice.slash(world.art, "paint"))
    assert said(asked).ephemeral
    await world.alice.select(said(asked), ["great_wave"])
    assert len(engine.jobs) == 1


async def test_by_a_button(world: World, engine: FakeEngine) -> None:
    assert world.bot.user is not None
    row = {"type": 1, "components": [PaintButton().item.to_component_dict()]}
    world.env.backend.create_message(world.art.id, world.bot.user.id, "Hello!", components=[row])
    await world.env.settle()
    opened = await world.alice.click(world.messages[0], label="Paint a picture")
    await fill(world, opened, style=["great_wave"])
    assert len(engine.jobs) == 1


async def test_what_is_no_picture_is_told(world: World, engine: FakeEngine) -> None:
    opened = await world.alice.slash(world.art, "paint")
    answer = await fill(world, opened, picture=("notes.txt", b"words"), style=["great_wave"])
    assert "not an image that I can read" in said(answer).content
    engine.refusals = [Refusal(ErrorCode.QUEUE_FULL, waiting=100, minutes=7)]
    opened = await world.alice.slash(world.art, "paint")
    answer = await fill(world, opened, style=["great_wave"])
    assert "The queue is full" in told(answer)[0]
    assert world.messages == []


async def test_whoever_may_not_paint_gets_no_form(world: World) -> None:
    world.art = world.channel_without("art", "attach_files")
    answer = await world.alice.slash(world.art, "paint")
    assert "I need the permission “Attach Files” here" in said(answer).content
    world.sentences()
