"""Stories of `/stylize` and of the message menu."""

import asyncio
from typing import Any

import pytest
import simcord
from simcord import Env

from engine.protocol import KNOBS, RecipeName, Started
from tests.bot.fake_engine import STARRY, WAVE, FakeEngine
from tests.bot.world import FINISHED, World, frame, png, said


async def test_two_attachments_become_a_painting(world: World, engine: FakeEngine) -> None:
    content, style = png(colour="green"), png(colour="red")
    answer = await world.stylize(content=("cat.png", content), style_image=("style.png", style), strength=70)
    assert "Number 1 in the queue" in answer.response.content
    job = engine.jobs[0]
    assert job.parts == {"content": content, "style-1": style}
    assert (job.request.strength, job.request.owner.user) == (70, str(world.alice.id))
    assert job.request.owner.guild == str(world.guild.id)
    await world.tell(Started(attempt=1, eta_seconds=30))
    await world.tell(frame(1, 0.1))
    ticket = await world.shows("10%")
    assert await ticket.attachments[0].read() == engine.frame + b"1"
    assert "being painted" in (ticket.attachments[0].description or "")
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert await result.attachments[0].read() == engine.result
    assert result.raw_mentions == [world.alice.id]
    assert "96 × 64 px · strength 70 · seed 0 · 42 s" in result.content
    assert [message.id for message in world.messages] == [result.id]


async def test_a_bundled_style(world: World, engine: FakeEngine) -> None:
    await world.stylize(style="starry_night", recipe="draft", size=256)
    request = engine.jobs[0].request
    assert [style.name for style in request.styles] == ["starry_night"]
    assert (request.recipe, request.size) == (RecipeName.DRAFT, 256)
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert "“The Starry Night” by Vincent van Gogh, 1889" in result.content
    assert result.attachments[0].description == (
        "A member's picture, painted in the style of “The Starry Night” by Vincent van Gogh, 1889"
    )


async def test_a_style_and_an_image_are_mixed(world: World, engine: FakeEngine) -> None:
    await world.stylize(style="great_wave", style_image=("s.png", png(colour="red")))
    assert [(style.name, style.part) for style in engine.jobs[0].request.styles] == [
        ("great_wave", None),
        (None, "style-1"),
    ]


async def test_autocomplete_shows_title_and_artist(world: World) -> None:
    everything = await world.alice.autocomplete(world.art, "stylize", "style", "")
    assert everything == [
        {"name": f"{style.title} - {style.artist}", "value": style.name} for style in (STARRY, WAVE)
    ]
    assert [
        found["value"] for found in await world.alice.autocomplete(world.art, "stylize", "style", "hoku")
    ] == ["great_wave"]


async def test_autocomplete_works_on_while_the_engine_is_away(world: World, engine: FakeEngine) -> None:
    await world.alice.autocomplete(world.art, "stylize", "style", "")
    engine.go_down()
    await world.restart()
    assert len(await world.alice.autocomplete(world.art, "stylize", "style", "")) == 2
    engine.come_back()


async def test_spoilers_stay_spoilers(world: World) -> None:
    await world.stylize(content=("SPOILER_cat.png", png()))
    await world.tell(frame(1, 0.1))
    assert (await world.shows("10%")).attachments[0].is_spoiler()
    await world.tell(FINISHED)
    assert (await world.shows("here it is")).attachments[0].is_spoiler()


async def test_options_are_the_knobs(world: World) -> None:
    command = world.bot.tree.get_command("stylize")
    assert command is not None
    options: dict[str, Any] = {
        option["name"]: option for option in command.to_dict(world.bot.tree)["options"]
    }
    knobs = {name: options[name] for name in options if name in KNOBS}
    assert set(options) - set(knobs) == {"content", "style_image", "style"}
    assert set(knobs) == {"strength", "recipe", "size"}
    for name, option in knobs.items():
        knob = KNOBS[name]
        assert option["description"] == knob.help
        assert (option.get("min_value"), option.get("max_value")) == (knob.minimum, knob.maximum)
    assert [choice["value"] for choice in options["recipe"]["choices"]] == [*RecipeName]
    with pytest.raises(simcord.SetupError):
        await world.stylize(strength=(KNOBS["strength"].maximum or 0) + 1)


async def test_message_menu_opens_a_picker(world: World, engine: FakeEngine) -> None:
    cat = png(colour="orange")
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", cat)])
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    assert menu.ephemeral
    assert [option["value"] for option in said(menu).components[0]["components"][0]["options"]] == [
        "starry_night",
        "great_wave",
    ]
    await world.alice.select(said(menu), ["great_wave"])
    assert engine.jobs[0].parts == {"content": cat}
    await world.tell(frame(1, 0.1))
    await world.shows("10%")
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert result.reference is not None
    assert result.reference.message_id == message.id
    assert result.raw_mentions == [world.alice.id]


async def test_a_second_pick_while_the_first_is_handed_in_does_nothing(
    world: World, engine: FakeEngine, downloads: asyncio.Event
) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    await world.alice.select(said(menu), ["great_wave"])
    await world.alice.select(said(menu), ["starry_night"])
    downloads.set()
    await world.shows("Number 1 in the queue")
    assert [job.request.styles[0].name for job in engine.jobs] == ["great_wave"]


async def test_a_picker_left_open_says_that_it_is_over(world: World, env: Env) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    await env.advance_time(301)
    assert "open the menu again" in said(menu).content
    assert said(menu).components == []


async def test_styles_and_help(world: World) -> None:
    styles = await world.alice.slash(world.talk, "styles")
    assert styles.ephemeral
    assert "🌊 **The Great Wave off Kanagawa**, Katsushika Hokusai, 1831" in said(styles).content
    guide = await world.alice.slash(world.talk, "help")
    assert guide.ephemeral
    assert KNOBS["strength"].help in said(guide).content
