"""Stories of `/stylize` and of the message menu."""

import asyncio
from typing import Any

import discord
import pytest
import simcord
from simcord import Env

from bot.words.errors import APOLOGY, note_sentence
from engine.protocol import (
    KNOBS,
    MAX_SIDE,
    Colours,
    ErrorCode,
    Note,
    NoteCode,
    Preset,
    RecipeLimits,
    RecipeName,
    Refusal,
    Started,
)
from tests.bot.fake_engine import STARRY, WAVE, FakeEngine
from tests.bot.world import FINISHED, World, png, preview, said, shown, told


async def test_two_attachments_become_a_painting(world: World, engine: FakeEngine) -> None:
    content, style = png(colour="green"), png(colour="red")
    answer = await world.stylize(content=("cat.png", content), style_image=("style.png", style), strength=70)
    assert "Next in the queue" in shown(answer).content
    job = engine.jobs[0]
    assert job.parts == {"content": content, "style-1": style}
    assert (job.request.strength, job.request.owner.user) == (70, str(world.alice.id))
    assert job.request.owner.group == str(world.guild.id)
    await world.tell(Started(attempt=1, eta_seconds=30))
    await world.tell(preview(1, 0.1))
    ticket = await world.shows("10%")
    assert await ticket.attachments[0].read() == engine.preview + b"1"
    assert "being painted" in (ticket.attachments[0].description or "")
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert await result.attachments[0].read() == engine.result
    assert world.rung_by(result) == [world.alice.id]
    assert "strength" not in result.content, "which is told to whoever asks how it was painted"
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
        "A member’s picture, painted in the style of “The Starry Night” by Vincent van Gogh, 1889"
    )


async def test_a_style_and_an_image_are_mixed(world: World, engine: FakeEngine) -> None:
    await world.stylize(style="great_wave", style_image=("s.png", png(colour="red")))
    assert [(style.name, style.part) for style in engine.jobs[0].request.styles] == [
        ("great_wave", None),
        (None, "style-1"),
    ]


async def test_two_images_and_a_mask_for_the_first(world: World, engine: FakeEngine) -> None:
    first, second, mask = png(colour="red"), png(colour="blue"), png(colour="white")
    answer = await world.stylize(
        style_image=("a.png", first), second_image=("b.png", second), mask=("mask.png", mask)
    )
    job = engine.jobs[0]
    assert [(style.part, style.mask) for style in job.request.styles] == [
        ("style-1", "mask-1"),
        ("style-2", None),
    ]
    assert {name: job.parts[name] for name in ("style-1", "style-2", "mask-1")} == {
        "style-1": first,
        "style-2": second,
        "mask-1": mask,
    }
    assert "In the style of the 2 attached style images" in shown(answer).content


async def test_a_mask_is_for_the_painting_if_there_is_one(world: World, engine: FakeEngine) -> None:
    await world.stylize(style="great_wave", style_image=("a.png", png()), mask=("mask.png", png()))
    assert [(style.name, style.mask) for style in engine.jobs[0].request.styles] == [
        ("great_wave", "mask-1"),
        (None, None),
    ]


async def test_colours_strokes_and_presets_are_handed_on(world: World, engine: FakeEngine) -> None:
    await world.stylize(recipe="fine", colours="kept", style_scale=2.0, preset="sticker", seed=7, size=4096)
    request = engine.jobs[0].request
    assert (request.recipe, request.colours, request.style_scale) == (RecipeName.FINE, Colours.KEPT, 2.0)
    assert (request.preset, request.seed, request.size) == (Preset.STICKER, 7, 4096)


async def test_the_result_says_what_to_know_and_no_percentages(world: World) -> None:
    await world.stylize()
    notes = (
        Note.of(NoteCode.FLAT_STYLE, image="style"),
        Note.of(NoteCode.FRAMES_THINNED, frames=90, painted=45),
    )
    await world.tell(FINISHED.model_copy(update={"notes": notes}))
    lines = (await world.shows("here it is")).content.splitlines()
    assert "%" not in "".join(lines)
    sentences = [note_sentence(note) for note in notes]
    assert [line for line in lines if line in sentences] == sentences


async def test_of_several_style_images_the_one_that_is_meant_is_named(
    world: World, engine: FakeEngine
) -> None:
    await world.stylize(style_image=("a_wave.png", png()), second_image=("plain *sand*.png", png()))
    flat = Note.of(NoteCode.FLAT_STYLE, image="style-2")
    await world.tell(FINISHED.model_copy(update={"notes": (flat,)}))
    text = (await world.shows("here it is")).content
    assert "The second style image (“plain \\*sand\\*.png”) has hardly any colour or structure" in text


async def test_a_style_image_that_is_refused_is_named(world: World, engine: FakeEngine) -> None:
    long = f"{'x' * 60}.png"
    engine.refusals = [Refusal(ErrorCode.BROKEN_IMAGE, image="style-1")]
    answer = await world.stylize(style_image=(long, png()), second_image=("b.png", png()))
    assert f"The first style image (“{'x' * 39}…”) is damaged" in answer.response.content
    answer = await world.stylize(style_image=("a.png", png()), second_image=("dot.png", png(8, 8)))
    assert "The second style image (“dot.png”) has 8 x 8 pixels" in answer.response.content
    assert len(world.sentences()) == 2


async def test_an_animation_comes_back_as_one(world: World, engine: FakeEngine) -> None:
    engine.result = b"GIF89a moves"
    result = await world.result(content=("cat.gif", png()))
    assert result.attachments[0].filename.endswith(".gif")
    assert await result.attachments[0].read() == engine.result


async def test_autocomplete_shows_title_and_artist(world: World) -> None:
    everything = await world.alice.autocomplete(world.art, "stylize", "style", "")
    assert everything == [
        {"name": f"{style.title} - {style.artist}", "value": style.name} for style in (STARRY, WAVE)
    ]
    assert [
        found["value"] for found in await world.alice.autocomplete(world.art, "stylize", "style", "hoku")
    ] == ["great_wave"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("starry", ["starry_night"]),
        ("great wav", ["great_wave"]),
        ("wave great", ["great_wave"]),
        ("hokusia", ["great_wave"]),
        ("vincent vän", ["starry_night"]),
        ("🌊", ["great_wave"]),
        ("the", ["starry_night", "great_wave"]),
        ("rococo", []),
    ],
)
async def test_autocomplete_forgives(world: World, typed: str, found: list[str]) -> None:
    proposed = await world.alice.autocomplete(world.art, "stylize", "style", typed)
    assert [choice["value"] for choice in proposed] == found


async def test_what_was_typed_without_choosing_is_understood_if_it_is_clear(
    world: World, engine: FakeEngine
) -> None:
    await world.stylize(style="stary nigth")
    assert engine.jobs[0].request.styles[0].name == "starry_night"
    answer = await world.stylize(style="the")
    titles = "“The Starry Night” or “The Great Wave off Kanagawa”"
    assert told(answer) == [f"That may be {titles}: please choose one of them from the list."]
    answer = await world.stylize(style="rococo")
    assert told(answer) == ["There is no style called “rococo” here: `/styles` lists them all."]
    assert len(engine.jobs) == 1
    world.sentences()


async def test_recipes_say_how_long_they_take_on_this_engine(world: World, engine: FakeEngine) -> None:
    async def proposed(typed: str = "") -> list[str]:
        return [
            choice["name"] for choice in await world.alice.autocomplete(world.art, "stylize", "recipe", typed)
        ]

    assert (await proposed())[1] == "standard: the usual"
    engine.seconds = dict(zip(RecipeName, (9.4, 61.0, 290.0, 7100.0), strict=True))
    await world.learn_styles()
    assert await proposed() == [
        "draft: a quick look, about 10 seconds",
        "standard: the usual, about a minute",
        "fine: slow, but the best, about 5 minutes",
        "tutorial: the 2018 classic, about 2 hours",
    ]
    assert (await proposed("Fi"))[0].startswith("fine")
    await world.stylize(recipe="Fin")
    assert engine.jobs[0].request.recipe is RecipeName.FINE
    answer = await world.stylize(recipe="turbo")
    assert told(answer) == [
        "I know the recipes draft, standard, fine and tutorial: please choose one of them, or leave that out."
    ]
    world.sentences()


async def test_only_sizes_that_are_painted_are_proposed(world: World, engine: FakeEngine) -> None:
    engine.recipes = {RecipeName.TUTORIAL: RecipeLimits(max_seconds=7200, max_size=1000)}
    await world.learn_styles()

    async def proposed(typed: str = "", **filled: Any) -> list[int]:
        found = await world.alice.autocomplete(world.art, "stylize", "size", typed, **filled)
        return [choice["value"] for choice in found]

    assert max(await proposed()) == max(await proposed(recipe="fine")) == MAX_SIDE
    assert await proposed(recipe="tutorial") == [256, 384, 512, 768, 1000]
    assert await proposed("7", recipe="tutorial") == [768]


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (
            Refusal(ErrorCode.TAKES_TOO_LONG, recipe="tutorial", seconds=256_000.0, limit=7200.0, size=768),
            "With the recipe tutorial this would take about 3 days, and a picture may take 2 hours here: "
            "please choose a size of 768 or less, or a quicker recipe.",
        ),
        (
            Refusal(ErrorCode.RECIPE_TOO_SLOW, recipe="tutorial", seconds=7201.0, limit=7199.5, other="fine"),
            "With the recipe tutorial this would take about 3 hours, and a picture may take 119 minutes here: "
            "please choose the recipe fine.",
        ),
        (
            Refusal(ErrorCode.TOO_LARGE, recipe="tutorial", wanted=4096, size=1024),
            "The recipe tutorial does not paint 4096 pixels here: please choose a size of 1024 or less.",
        ),
        (
            Refusal(ErrorCode.ENGINE_TOO_SLOW, recipe="draft", seconds=95.0, limit=60.0),
            "This would take about 95 seconds, and a picture may take 60 seconds here: please send a shorter "
            "animation, or ask my owner to allow more.",
        ),
    ],
)
async def test_more_work_than_is_allowed_is_refused_with_what_would_do(
    world: World, engine: FakeEngine, refusal: Refusal, words: str
) -> None:
    engine.refusals = [refusal]
    answer = await world.stylize(recipe="tutorial", size=4096)
    assert answer.response.content == words
    assert world.sentences() == [words]
    result = await world.result()
    engine.refusals = [refusal]
    click = await world.alice.click(result, label="More style")
    assert [each.content for each in click.followups] == [words]
    world.sentences()


async def test_autocomplete_works_on_while_the_engine_is_away(world: World, engine: FakeEngine) -> None:
    await world.alice.autocomplete(world.art, "stylize", "style", "")
    engine.go_down()
    await world.restart()
    assert len(await world.alice.autocomplete(world.art, "stylize", "style", "")) == 2
    engine.come_back()


async def test_spoilers_stay_spoilers(world: World) -> None:
    await world.stylize(content=("SPOILER_cat.png", png()))
    await world.tell(preview(1, 0.1))
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
    assert set(options) - set(knobs) == {
        *("content", "picture", "member"),
        *("style_image", "second_image", "style", "mask"),
    }
    # A budget and evaluations are the operator's; what a painting starts with is chosen by buttons.
    assert set(KNOBS) - set(knobs) == {"budget", "evaluations", "start"}
    for name, option in knobs.items():
        knob = KNOBS[name]
        assert option["description"] == knob.help
        assert (option.get("min_value"), option.get("max_value")) == (knob.minimum, knob.maximum)
    for name, values in (("colours", Colours), ("preset", Preset)):
        assert [choice["value"] for choice in options[name]["choices"]] == [*values]
    assert [*options][:2] == ["content", "style"], "what most of them want, first"
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
    await world.tell(preview(1, 0.1))
    await world.shows("10%")
    await world.tell(FINISHED)
    result = await world.shows("here it is")
    assert result.reference is not None
    assert result.reference.message_id == message.id
    assert world.rung_by(result) == [world.alice.id]


async def test_a_second_pick_while_the_first_is_handed_in_does_nothing(
    world: World, engine: FakeEngine, downloads: asyncio.Event
) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    await world.alice.select(said(menu), ["great_wave"])
    await world.alice.select(said(menu), ["starry_night"])
    downloads.set()
    await world.shows("Next in the queue")
    assert [job.request.styles[0].name for job in engine.jobs] == ["great_wave"]


async def test_a_picker_left_open_says_that_it_is_over(world: World, env: Env) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    await env.advance_time(301)
    assert "ask again whenever you like" in said(menu).content
    assert said(menu).components == []


async def test_a_picker_of_a_former_process_says_so_and_a_new_one_works(
    world: World, engine: FakeEngine
) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    await world.restart()
    over = "I was restarted since this was opened: please open it again."
    assert told(await world.alice.select(said(menu), ["great_wave"])) == [over]
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    assert over not in told(await world.alice.select(said(menu), ["great_wave"]))
    await world.shows("Next in the queue")
    assert len(engine.jobs) == 1


async def test_styles_and_help(world: World) -> None:
    styles = await world.alice.slash(world.talk, "styles")
    assert styles.ephemeral
    assert "🌊 **The Great Wave off Kanagawa**, Katsushika Hokusai, 1831" in said(styles).content
    guide = await world.alice.slash(world.talk, "help")
    assert guide.ephemeral
    assert len(said(guide).content) <= 2000
    for text in ("More style", "How was this painted?"):
        assert text in said(guide).content
    commands = world.bot.tree.get_commands(type=discord.AppCommandType.chat_input)
    kinds = (discord.AppCommandType.message, discord.AppCommandType.user)
    menus = [menu for kind in kinds for menu in world.bot.tree.get_commands(type=kind)]
    assert [each.name for each in commands if f"`/{each.name}`" not in said(guide).content] == ["help"]
    assert [each.name for each in menus if f"*{each.name}*" not in said(guide).content] == []


async def test_a_picker_that_cannot_be_closed_takes_the_picture_all_the_same(
    world: World, engine: FakeEngine, env: Env
) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    env.inject_error("PATCH", "/webhooks/*/*/messages/*", status=404, code=10008)
    picked = await world.alice.select(said(menu), ["great_wave"])
    await world.until(lambda: engine.jobs)
    assert APOLOGY() not in told(picked)
