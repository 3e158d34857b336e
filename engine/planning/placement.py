"""Where a job is quicker to paint than elsewhere: what it has to have at hand, by names that both sides of a pipe know.

Rule: names only, free of TensorFlow. What of it a worker has, the worker says (`engine.workers.at_hand`); which job it is given
for that, `engine.service.placement` decides.
"""

from engine.planning.planner import PYRAMIDS
from engine.protocol import Plan


def shape_of(plan: Plan) -> str:
    """What has to be compiled for a plan: its recipe and precision, and how many times its levels are larger than the view.

    Nothing is compiled for a size as such.
    """
    pyramid = PYRAMIDS[plan.recipe]
    shrinks = sorted({pyramid.shrink_of(level.width, level.height) for level in plan.levels})
    return f"{plan.recipe}/{plan.precision}/{','.join(map(str, shrinks))}"
