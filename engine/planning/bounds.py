"""How much work one job may be: what an owner allows each recipe, held against the plan of what is really done.

Rule: whoever asked for a size gets that or a refusal which says what would do; whoever left it to the engine gets the
largest that is allowed. A purpose's size is not for a member to choose, so only its time counts.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress

from engine.planning.cost_model import Speed
from engine.planning.planner import ASKED_SIZES, SHORT_OF_MEMORY, SIZES, make_plan
from engine.protocol import ErrorCode, Fact, Plan, RecipeLimits, RecipeName, Refusal, Settings

Limits = Mapping[RecipeName, RecipeLimits]
Planner = Callable[[Settings], Plan]

_PHOTO = 3000, 2000  # width and height of a picture as members send it
_BEST_FIRST = (RecipeName.FINE, RecipeName.STANDARD, RecipeName.DRAFT)  # what is proposed instead


def plan_within(settings: Settings, make: Planner, limits: Limits) -> Plan:
    """The plan that `make` makes of the settings, or of the largest size that is allowed if they have none.

    Raises Refusal TAKES_TOO_LONG, TOO_LARGE, RECIPE_TOO_SLOW or ENGINE_TOO_SLOW.
    """
    plan, allowed = make(settings), limits[settings.recipe]
    if _is_within(plan, settings, allowed):
        return plan
    size = None if settings.preset else _largest(settings, make, allowed, max(plan.result_size))
    if settings.size is None and size is not None:
        return make(_at(settings, size))
    raise _refusal(settings, plan, make, limits, size)


def usual_seconds(limits: Limits, speed: Speed, memory: int | None) -> dict[RecipeName, float]:
    """How long a photo takes with each recipe, whose size is left to the engine; none for one that it is not painted by."""
    width, height = _PHOTO

    def make(settings: Settings) -> Plan:
        return make_plan(settings, width, height, speed, memory=memory)

    usual = {}
    for recipe in limits:
        with suppress(Refusal):
            usual[recipe] = plan_within(Settings(recipe=recipe), make, limits).seconds
    return usual


def _is_within(plan: Plan, settings: Settings, allowed: RecipeLimits) -> bool:
    is_small = settings.preset is not None or max(plan.result_size) <= allowed.max_size
    return is_small and plan.seconds <= allowed.max_seconds


def _largest(settings: Settings, make: Planner, allowed: RecipeLimits, below: int) -> int | None:
    """The largest size below another one that is allowed."""
    sizes = {*SHORT_OF_MEMORY, *SIZES, *ASKED_SIZES, allowed.max_size}
    for size in sorted((size for size in sizes if size < below), reverse=True):
        if _is_within(make(_at(settings, size)), settings, allowed):
            return size
    return None


def _refusal(settings: Settings, plan: Plan, make: Planner, limits: Limits, size: int | None) -> Refusal:
    recipe, most = settings.recipe.value, limits[settings.recipe].max_seconds
    if size is not None and plan.seconds <= most:
        return Refusal(ErrorCode.TOO_LARGE, recipe=recipe, wanted=max(plan.result_size), size=size)
    facts: dict[str, Fact] = {"recipe": recipe, "seconds": plan.seconds, "limit": most}
    if size is not None:
        return Refusal(ErrorCode.TAKES_TOO_LONG, **facts, size=size)
    for other in _BEST_FIRST:
        changed = settings.model_copy(update={"recipe": other})
        if other is not settings.recipe and _is_within(make(changed), changed, limits[other]):
            return Refusal(ErrorCode.RECIPE_TOO_SLOW, **facts, other=other.value)
    return Refusal(ErrorCode.ENGINE_TOO_SLOW, **facts)


def _at(settings: Settings, size: int) -> Settings:
    return settings.model_copy(update={"size": size})
