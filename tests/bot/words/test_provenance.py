"""Stories of "How was this painted?", and the words of its answer."""

from typing import Any

import pytest

from bot.words import provenance as bot_words
from bot.words.errors import phrase_of
from engine.protocol import (
    MAX_STYLES,
    Colours,
    ErrorCode,
    Level,
    Likeness,
    Plan,
    Provenance,
    RecipeName,
    Settings,
    Start,
)
from tests.bot.fake_engine import STARRY, WAVE, FakeEngine
from tests.bot.world import World, png, said

IMAGE, OTHER = "sha256:" + "ab" * 32, "sha256:" + "cd" * 32


def provenance(
    *styles: str, weights: tuple[float, ...] = (), masks: tuple[str | None, ...] = (), **settings: Any
) -> Provenance:
    """What a picture of 768 x 512 pixels may say of itself."""
    return Provenance(
        engine="1.2",
        content=IMAGE,
        styles=styles,
        weights=weights or (1.0,) * len(styles),
        masks=masks,
        settings=Settings(**settings),
        plan=Plan(
            recipe=settings.get("recipe", RecipeName.STANDARD),
            levels=(Level(width=768, height=512, evaluations=10),),
            seconds=30,
        ),
        evaluations_done=27,
    )


def words(*styles: str, **facts: Any) -> str:
    return bot_words.answer(provenance(*styles, **facts), (STARRY, WAVE))


def command(*styles: str, **facts: Any) -> str:
    return words(*styles, **facts).split("```")[1].strip()


async def test_a_picture_tells_how_it_was_painted(world: World, engine: FakeEngine) -> None:
    engine.provenance = provenance("great_wave", strength=70)
    result = await world.result()
    answer = await world.bob.context_menu(world.art, "How was this painted?", result)
    assert answer.ephemeral
    assert engine.asked_about == engine.result
    text = said(answer).content
    assert "“The Great Wave off Kanagawa” by Katsushika Hokusai, 1831" in text
    assert "recipe **standard**, strength 70, 768 × 512 px, seed 0" in text
    assert "/stylize content:(the picture) style:great_wave strength:70 size:768" in text


async def test_a_picture_without_a_recipe(world: World) -> None:
    message = await world.bob.send(world.talk, "my cat", attachments=[("cat.png", png())])
    answer = await world.alice.context_menu(world.talk, "How was this painted?", message)
    assert (answer.ephemeral, said(answer).content) == (True, phrase_of(ErrorCode.NO_RECIPE)())
    world.sentences()


async def test_no_picture_at_all(world: World, engine: FakeEngine) -> None:
    message = await world.bob.send(world.art, "no picture")
    answer = await world.alice.context_menu(world.art, "How was this painted?", message)
    assert "no picture that I can paint" in said(answer).content
    assert "POST /v1/recipe" not in engine.requests
    world.sentences()


async def test_every_option_that_was_set_is_set_again(world: World) -> None:
    given = {
        "strength": 20,
        "recipe": "fine",
        "colours": "kept",
        "style_scale": 2.0,
        "preset": "emoji",
        "seed": 9,
    }
    answer = command("great_wave", IMAGE, OTHER, **given)
    options = [option["name"] for option in _options(world) if f" {option['name']}:" in f"{answer} "]
    assert set(options) == {"content", "style", "style_image", "second_image", *given}
    for name, value in given.items():
        assert f"{name}:{value:g}" in answer if isinstance(value, float) else f"{name}:{value}" in answer


def test_what_is_left_out_is_the_default_but_never_the_size() -> None:
    assert command(IMAGE) == "/stylize content:(the picture) style_image:(the style image) size:768"
    assert "size" not in command(IMAGE, preset="avatar")


def test_a_style_that_left_the_catalogue_keeps_its_name() -> None:
    assert "in the style of “rococo”" in words("rococo")


def test_a_mask_has_to_be_sent_again() -> None:
    masks = (OTHER, None)
    assert " mask:(the mask)" in command("great_wave", IMAGE, masks=masks)
    assert " mask:" not in command("great_wave", IMAGE)
    assert "were mixed" not in words("great_wave", IMAGE, masks=masks)
    assert "were mixed" in words("great_wave", IMAGE, masks=(OTHER, OTHER))
    assert "were mixed" in words(IMAGE, "great_wave", masks=masks)


def test_weights_are_shares() -> None:
    assert "Vincent van Gogh, 1889 (75%) and a style image (25%)" in words(
        "starry_night", IMAGE, weights=(3.0, 1.0)
    )


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"start": Start.PREVIOUS}, "from an earlier result"),
        ({"start": Start.NOISE}, "began with noise"),
        ({"budget": 5.0}, "Its time was limited"),
        ({"weights": (2.0, 1.0)}, "Its styles were mixed"),
    ],
)
def test_what_cannot_be_made_again_is_said(facts: dict[str, Any], sentence: str) -> None:
    assert sentence in words("great_wave", IMAGE, **facts)
    assert sentence not in words("great_wave", IMAGE)


def test_a_moment_of_a_painting_says_that_it_is_one() -> None:
    whole = provenance("great_wave")
    (level,) = whole.plan.levels
    moment = whole.model_copy(update={"evaluations_done": level.evaluations - 1})
    done = whole.model_copy(update={"evaluations_done": level.evaluations})
    assert "before the painting was finished" in bot_words.answer(moment, ())
    assert "before the painting was finished" not in bot_words.answer(done, ())


def test_the_most_that_a_picture_can_say_fits_into_a_message() -> None:
    """Anybody can write anything into a picture, but it has to be a provenance."""
    text = words(
        *(str(n) * 80 for n in range(MAX_STYLES)),
        weights=(4.0, 3.0, 2.0, 1.0),
        masks=(OTHER,) * MAX_STYLES,
        start=Start.PREVIOUS,
        budget=5.0,
        recipe="tutorial",
        strength=100,
        colours=Colours.MATCHED,
        style_scale=0.25,
        preset="sticker",
        seed=2**31 - 1,
    )
    assert len(text) < 2000


def _options(world: World) -> list[dict[str, Any]]:
    found = world.bot.tree.get_command("stylize")
    assert found is not None
    options: list[dict[str, Any]] = found.to_dict(world.bot.tree)["options"]
    return options


def test_nobody_is_told_that_nothing_is_left_of_their_picture() -> None:
    text = bot_words.answer(provenance("great_wave"), (), Likeness(style_reached=100, content_kept=0))
    assert "- hardly any of the picture’s shapes kept" in text
    assert " 0%" not in text
