"""What the tests of painting paint, and how they look at it."""

from io import BytesIO

import numpy as np

from engine.images import Picture
from engine.nst.level import Checkpoint
from engine.painting.progress import Step
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.planning.cost_model import Speed
from engine.planning.planner import make_plan
from engine.protocol import Level, Plan, RecipeName, Settings


def plan_of(evaluations: int = 4) -> Plan:
    return plan_for(Picture(np.zeros((300, 451, 3), np.uint8), None), evaluations)


def plan_for(content: Picture, evaluations: int = 4) -> Plan:
    settings = Settings(recipe=RecipeName.DRAFT, size=64, evaluations=evaluations)
    return make_plan(settings, content.width, content.height, Speed(0.01, 3.0))


def one_level(evaluations: int) -> Plan:
    """The second of `two_levels` alone: for what is compiled for one test only."""
    plan = two_levels(1, evaluations)
    return plan.model_copy(update={"levels": plan.levels[1:]})


def two_levels(first: int = 6, second: int = 4) -> Plan:
    levels = (
        Level(width=48, height=32, evaluations=first),
        Level(width=96, height=64, evaluations=second),
    )
    return Plan(recipe=RecipeName.STANDARD, levels=levels, seconds=1)


def paint(
    session: Session, cat: Picture, wave: Picture, *, seed: int = 0, strength: int = 50, evaluations: int = 4
) -> list[Step]:
    settings = Settings(seed=seed, strength=strength)
    return list(session.paint(Scene(cat, [Style(wave)]), plan_of(evaluations), settings))


def result(session: Session, scene: Scene, plan: Plan, settings: Settings) -> Picture:
    *_, last = session.paint(scene, plan, settings)
    return last.picture()


def distance(one: Picture, other: Picture) -> float:
    """Mean absolute difference in grey levels."""
    return float(np.mean(np.abs(one.rgb.astype(int) - other.rgb)))


def stored(checkpoint: Checkpoint) -> Checkpoint:
    file = BytesIO()
    np.savez(file, **checkpoint)  # type: ignore[arg-type]  # its stub takes the first name for a flag
    file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        return dict(archive)
