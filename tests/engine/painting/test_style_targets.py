"""What is kept of styles between the jobs of one session, which changes none of them."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import images
from engine.images import Picture
from engine.nst import PACKAGED
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.painting.style_targets import StyleTargets
from engine.protocol import Colours, Level, Plan, RecipeName, Settings

pytestmark = pytest.mark.integration

ODDITIES = Path(__file__).parent / "oddities"
SIDE = 32

Paint = Callable[[Session], NDArray[np.uint8]]


@pytest.fixture
def plan() -> Plan:
    levels = (Level(width=SIDE, height=SIDE, evaluations=1),)
    return Plan(recipe=RecipeName.STANDARD, levels=levels, seconds=1)


def decoded(name: str) -> Picture:
    return images.decode((ODDITIES / name).read_bytes(), "content")


def frames_of(name: str) -> tuple[Picture, ...]:
    animation = images.decode_animation((ODDITIES / name).read_bytes(), "content", most=9)
    assert animation is not None
    return animation.frames


def painted(scene: Scene, plan: Plan, session: Session) -> NDArray[np.uint8]:
    own = plan.model_copy(update={"frames": 1 + len(scene.frames), "frame_evaluations": 1})
    steps = session.paint(scene, own, Settings())
    return np.stack([step.picture().rgb for step in steps])


def painted_side_by_side(scenes: list[Scene], plan: Plan, session: Session) -> NDArray[np.uint8]:
    steps = session.paint_batch([(scene, plan, Settings()) for scene in scenes])
    return np.stack([step.picture().rgb for row in steps for step in row])


def all_kinds(style: Style, plan: Plan) -> dict[str, Paint]:
    """Every kind of content that there is, in one style and one size."""
    clear, opaque = decoded("f1_clear.png"), decoded("f1_opaque.png")
    hidden = Picture(opaque.rgb, np.zeros_like(clear.rgb[..., 0]))
    first, *others = frames_of("f1_mixed.webp")
    assert first.alpha is not None
    assert others[0].alpha is None
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[: SIDE // 2] = 255
    scenes = {
        "opaque": Scene(opaque, [style]),
        "transparent": Scene(clear, [style]),
        "masked": Scene(opaque, [Style(style.picture, mask=mask)]),
        "invisible": Scene(hidden, [style]),
        "moving": Scene(first, [style], frames=others),
    }
    batch = [scenes["opaque"], Scene(Picture(opaque.rgb[::-1].copy()), [style])]
    return {
        **{kind: partial(painted, scene, plan) for kind, scene in scenes.items()},
        "batch": partial(painted_side_by_side, batch, plan),
    }


def kept_in(targets: StyleTargets) -> list[dict[Any, tuple[NDArray[Any], ...]]]:
    """All that these keep, by what it is known by."""
    moments, components = targets._moments.cache, targets._components.cache
    assert moments is not None
    assert components is not None
    return [
        {key: tuple(np.asarray(each) for each in value) for key, value in cache.items()}
        for cache in (moments, components)
    ]


def with_all_of(others: Iterable[StyleTargets]) -> StyleTargets:
    """These keep what several others do."""
    joined = StyleTargets(PACKAGED, None)
    for other in others:
        for own, given in ((joined._moments, other._moments), (joined._components, other._components)):
            assert own.cache is not None
            own.cache.update(given.cache or {})
    return joined


@pytest.mark.usefixtures("uncompiled")
def test_no_kind_of_picture_changes_the_next_in_the_same_style(
    session: Session, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of some the style's moments are the same numbers, in one region or in none.

    What two kinds keep under one name is the same, so it does not matter which of them came first: each is painted
    after all others.
    """
    kinds = all_kinds(Style(decoded("f2_style_green.png")), plan)
    alone: dict[str, NDArray[np.uint8]] = {}
    kept: dict[str, StyleTargets] = {}
    for kind, paint in kinds.items():
        kept[kind] = StyleTargets(PACKAGED, None)
        monkeypatch.setattr(session, "_style_targets", kept[kind])
        alone[kind] = paint(session)
    shared = 0
    for first, second in combinations(kinds, 2):
        for one, other in zip(kept_in(kept[first]), kept_in(kept[second]), strict=True):
            for name in one.keys() & other.keys():
                shared += 1
                for ours, theirs in zip(one[name], other[name], strict=True):
                    np.testing.assert_array_equal(ours, theirs, f"{second} after {first}", strict=True)
    assert shared, "they have the style in common"
    for kind, paint in kinds.items():
        others = with_all_of(each for name, each in kept.items() if name != kind)
        monkeypatch.setattr(session, "_style_targets", others)
        np.testing.assert_array_equal(paint(session), alone[kind], f"{kind} after all others")


@pytest.mark.parametrize("colours", [Colours.PAINTED, Colours.MATCHED])
def test_what_is_transparent_in_a_style_counts_for_nothing(
    session: Session, plan: Plan, colours: Colours
) -> None:
    content = decoded("f1_opaque.png")
    pictures = []
    for name in ("f2_style_green.png", "f2_style_magenta.png"):
        scene = Scene(content, [Style(decoded(name))])
        *_, last = session.paint(scene, plan, Settings(colours=colours))
        pictures.append(last.picture().rgb)
    np.testing.assert_array_equal(pictures[0], pictures[1])


def test_a_style_is_what_is_visible_of_it(session: Session) -> None:
    """An emoji of which half is empty paints like the half that is there, and not like one on black or white."""
    texture = np.random.default_rng(0).integers(60, 200, (96, 48, 3), np.uint8)
    rgb = np.zeros((96, 96, 3), np.uint8)
    rgb[:, :48] = texture
    alpha = np.zeros((96, 96), np.uint8)
    alpha[:, :48] = 255
    content = decoded("f1_opaque.png")
    level = Level(width=96, height=96, evaluations=12)
    plan = Plan(recipe=RecipeName.STANDARD, levels=(level,), seconds=1)

    def mean_colour(style: Picture) -> NDArray[np.float64]:
        *_, last = session.paint(Scene(content, [Style(style)]), plan, Settings(strength=100))
        return np.asarray(last.picture().rgb.mean((0, 1)))

    wanted = mean_colour(Picture(texture))
    assert np.abs(mean_colour(Picture(rgb, alpha)) - wanted).max() < 8
    assert np.abs(mean_colour(Picture(rgb)) - wanted).max() > 16
