"""Which kernels an evaluation runs, as oneDNN itself tells: the slow ones give the same pictures, and are
found nowhere else.
"""

import os
import platform
import subprocess
import sys

import pytest

EVALUATIONS = 3
POOLS = 4  # in front of the deepest style layer
LOOKED_AT = 4  # style layers that another convolution follows
PAINT = f"""
import numpy as np
from engine.images import Picture
from engine.devices.onednn import assume_frozen_weights
from engine.protocol import Level, Plan, Precision, RecipeName, Settings
from engine.painting.scene import Scene, Style
from engine.painting.session import Session

assume_frozen_weights()
noise = Picture(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
levels = (Level(width=64, height=64, evaluations={EVALUATIONS}),)
plan = Plan(recipe=RecipeName.STANDARD, levels=levels, seconds=0, precision=Precision.FLOAT32)
for _ in Session().paint(Scene(noise, [Style(noise)]), plan, Settings()):
    pass
"""


@pytest.fixture(scope="module")
def executed() -> list[list[str]]:
    """Of each primitive that was executed: kind, implementation, direction, memory and so on."""
    run = subprocess.run(
        [sys.executable, "-c", PAINT],
        env=os.environ | {"ONEDNN_VERBOSE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split(",") for line in run.stdout.splitlines()]
    return [line[line.index("cpu") + 1 :] for line in lines if "exec" in line and "cpu" in line]


pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="oneDNN has other kernels elsewhere"),
]


def test_pooling_has_its_fast_gradient_in_each_evaluation(executed: list[list[str]]) -> None:
    backward = [
        line
        for line in executed
        if "alg:pooling_max" in line and line[0] == "pooling" and line[2] == "backward_data"
    ]
    assert len(backward) == POOLS * EVALUATIONS


def test_kernels_of_convolutions_are_laid_out_once(executed: list[list[str]]) -> None:
    """The plain layout of a kernel is "cdba"; blocked ones end in a number and a letter."""
    forward = [line for line in executed if line[0] == "convolution" and line[2] == "forward_training"]
    plain = [line for line in forward if "wei:f32::blocked:cdba:" in line[3]]
    assert len(forward) >= 13 * EVALUATIONS
    assert not plain


def test_convolutions_add_what_else_there_is_of_a_gradient(executed: list[list[str]]) -> None:
    """Of each style layer: the gradient from the layers behind it comes together with its own."""
    adding = [line for line in executed if line[0] == "convolution" and any("sum" in part for part in line)]
    assert len(adding) == LOOKED_AT * EVALUATIONS
