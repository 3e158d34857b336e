"""What is decoded strictly: a number is a number, a fact is what its name says, a recipe is one that was possible."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.planning.cost_model import Speed
from engine.planning.planner import make_plan
from engine.protocol import (
    ERRORS,
    IMAGES,
    KNOBS,
    MAX_PAINTED_FRAMES,
    NOTES,
    ErrorCode,
    JobRequest,
    Level,
    Note,
    NoteCode,
    Owner,
    Plan,
    Preset,
    Problem,
    Provenance,
    RecipeName,
    Settings,
    Start,
    StyleChoice,
)

REQUEST = JobRequest(owner=Owner(group="a", user="b"), styles=(StyleChoice(name="great_wave"),))
PLAN = Plan(
    recipe=RecipeName.DRAFT,
    levels=(Level(width=32, height=32, evaluations=3), Level(width=64, height=64, evaluations=2)),
    seconds=2.0,
    width=64,
    height=64,
)
PROVENANCE = Provenance(
    engine="1.0",
    content="sha256:1",
    styles=("great_wave",),
    weights=(1.0,),
    settings=Settings(recipe=RecipeName.DRAFT, size=64, budget=2.0, evaluations=2),
    plan=PLAN,
    evaluations_done=5,
)
NO_NUMBERS = ['"64"', '"1.0"', "true", "false", "NaN", "Infinity", "1e999", "[1]", "{}", '""']


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where the numbers are."""
    match value:
        case bool() | str() | None:
            return
        case int() | float():
            yield path
        case dict():
            for name, part in value.items():
                yield from places(part, (*path, name))
        case list():
            for number, part in enumerate(value):
                yield from places(part, (*path, number))


def replaced(value: Any, path: tuple[str | int, ...], marker: str) -> Any:
    """A copy with something else in one place."""
    if not path:
        return marker
    copy: Any = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], marker)
    return copy


MESSAGES = {
    "request": REQUEST.model_copy(update={"size": 64, "budget": 2.0, "evaluations": 5}),
    "provenance": PROVENANCE,
}
NUMBERS = [
    (kind, path) for kind, message in MESSAGES.items() for path in places(message.model_dump(mode="json"))
]


def test_every_knob_that_is_a_number_is_tried() -> None:
    tried = {path[0] for kind, path in NUMBERS if kind == "request"}
    numbers = {name for name, knob in KNOBS.items() if isinstance(knob.minimum, int | float)}
    assert tried == numbers | {"styles"}


@pytest.mark.parametrize(("kind", "path"), NUMBERS, ids=str)
@pytest.mark.parametrize("instead", NO_NUMBERS)
def test_nothing_else_is_taken_for_a_number(kind: str, path: tuple[str | int, ...], instead: str) -> None:
    message = MESSAGES[kind]
    text = json.dumps(replaced(message.model_dump(mode="json"), path, "HERE")).replace('"HERE"', instead)
    with pytest.raises(ValidationError):
        type(message).model_validate_json(text)


def test_a_whole_number_is_one_for_a_broken_one() -> None:
    assert JobRequest.model_validate_json(REQUEST.model_dump_json().replace("1.0", "1")) == REQUEST


def annotations(code: ErrorCode | NoteCode) -> Iterator[tuple[str, list[Any]]]:
    """Of each fact some values that it cannot have."""
    names = ERRORS[code].facts if isinstance(code, ErrorCode) else NOTES[code]
    for name in names:
        wrong: list[Any] = [None, True, [], float("nan"), float("inf")]
        if name in ("detail", "name", "path", "why"):
            yield name, [*wrong, 3]
        elif name in ("image", "preset", "recipe", "other"):
            yield name, [*wrong, 3, "\x1b[2J"]
        else:
            yield name, [*wrong, "3"]


def right(names: frozenset[str]) -> dict[str, Any]:
    known = {"image": IMAGES[0], "preset": Preset.EMOJI.value, "recipe": "fine", "other": "draft"}
    texts = dict.fromkeys(("detail", "name", "path", "why"), "text")
    return {name: (known | texts).get(name, 3) for name in names}


@pytest.mark.parametrize("code", [*ErrorCode, *NoteCode])
def test_a_fact_is_what_its_name_says(code: ErrorCode | NoteCode) -> None:
    is_error = isinstance(code, ErrorCode)
    model: type[Problem] | type[Note] = Problem if is_error else Note
    facts = right(ERRORS[ErrorCode(code)].facts if is_error else NOTES[NoteCode(code)])
    assert model.model_validate({"code": code, "facts": facts}).facts == facts
    for name, values in annotations(code):
        for value in values:
            with pytest.raises(ValidationError):
                model.model_validate({"code": code, "facts": facts | {name: value}})


settings_of_all = st.builds(
    Settings,
    recipe=st.sampled_from(RecipeName),
    size=st.none() | st.integers(64, 4096),
    budget=st.none() | st.floats(1, 3600),
    evaluations=st.none() | st.integers(1, 5000),
    start=st.sampled_from(Start),
    preset=st.none() | st.sampled_from(Preset),
)


@given(
    settings_of_all,
    st.integers(1, 40_000),
    st.integers(1, 40_000),
    st.builds(Speed, overhead=st.floats(0, 0.1), per_megapixel=st.floats(0.001, 200)),
    st.just(1) | st.integers(1, MAX_PAINTED_FRAMES),
    st.none() | st.integers(0, 2 * 10**10),
)
def test_every_plan_of_ours_comes_back_from_anywhere(
    wish: Settings, width: int, height: int, speed: Speed, frames: int, memory: int | None
) -> None:
    plan = make_plan(wish, width, height, speed, frames=frames, memory=memory)
    card = PROVENANCE.model_copy(
        update={"settings": wish, "plan": plan, "evaluations_done": plan.evaluations}
    )
    assert Provenance.from_anywhere(card.model_dump_json()) == card


IMPOSSIBLE: dict[str, dict[str, Any]] = {
    "no evaluations": {"levels": [{"width": 64, "height": 64, "evaluations": 0}]},
    "too many evaluations": {"levels": [{"width": 64, "height": 64, "evaluations": 5001}]},
    "a pixel": {"levels": [{"width": 1, "height": 1, "evaluations": 2}]},
    "all that a byte or two can say": {"levels": [{"width": 65536, "height": 65536, "evaluations": 2}]},
    "downwards": {
        "levels": [{"width": side, "height": side, "evaluations": 2} for side in (64, 32)],
    },
    "many levels": {"levels": [{"width": 64, "height": 64, "evaluations": 2}] * 17},
    "no levels": {"levels": []},
    "many frames": {"frames": 49, "frame_evaluations": 2},
    "frames without evaluations": {"frames": 2, "frame_evaluations": 0},
    "a large result": {"width": 4097},
    "a negative time": {"seconds": -1.0},
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_plan_that_no_engine_makes_is_none(name: str) -> None:
    card = PROVENANCE.model_dump(mode="json")
    text = json.dumps(card | {"plan": card["plan"] | IMPOSSIBLE[name], "evaluations_done": 0})
    with pytest.raises(ValueError, match=r"."):
        Provenance.from_anywhere(text)


def test_a_purpose_has_its_size_and_nothing_ends_after_its_end() -> None:
    emoji = PROVENANCE.settings.model_copy(update={"preset": Preset.EMOJI})
    large = PLAN.model_copy(update={"width": 129})
    for changes in ({"settings": emoji, "plan": large}, {"evaluations_done": 6}):
        with pytest.raises(ValueError, match="nothing is painted by such"):
            Provenance.from_anywhere(PROVENANCE.model_copy(update=changes).model_dump_json())
