"""How much memory the largest pictures take: `python -m bench.large [SIDE]`.

Paints a square of SIDE pixels (4096), as a job would, with one evaluation at 1024 pixels and one in tiles at the full
size, and prints the process's peak with all that surrounds it: TensorFlow, the network, a checkpoint. More evaluations
take more time and no more memory.
"""

import argparse
import math

from bench.scenes import PAINTINGS, PICTURES, Pair, load
from engine.images import resize
from engine.painting.scene import Scene, Style
from engine.painting.session import Session
from engine.planning.memory import peak_bytes
from engine.planning.planner import LARGE_SIDE
from engine.protocol import Level, Plan, RecipeName, Settings


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description="Measure the memory that the largest pictures take.")
    parser.add_argument("side", nargs="?", type=int, default=4096, metavar="SIDE", help="a multiple of 32")
    side = parser.parse_args().side
    subject = load(Pair(PICTURES[1], PAINTINGS[1], LARGE_SIDE))
    sides = (LARGE_SIDE, side)
    levels = tuple(Level(width=each, height=each, evaluations=1) for each in sides)
    plan = Plan(recipe=RecipeName.STANDARD, levels=levels, seconds=0, width=side, height=side)
    scene = Scene(resize(subject.photo, side, side), [Style(subject.study)])
    for step in Session().paint(scene, plan, Settings()):
        step.checkpoint()
        step.picture()
        peak = peak_bytes() or math.nan
        print(f"after an evaluation at {step.width} x {step.height}: peak {peak / 1e9:.2f} GB", flush=True)


if __name__ == "__main__":
    main()
