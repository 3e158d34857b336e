"""Convolutions of others are right beside the network; in a process that paints there are none but its own.

By processes of their own: what oneDNN is asked for holds for all of one, from its first convolution on.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHANGING_KERNELS = """
import tensorflow as tf

images = tf.ones([1, 16, 16, 8])
for factor in range(1, 5):
    kernel = tf.fill([3, 3, 8, 8], float(factor))
    print("factors", factor, tf.nn.conv2d(images, kernel, 1, "VALID").numpy().max() / 72)
"""
USE_THE_LIBRARY = """
import tensorflow as tf
from engine.nst import vgg

vgg.Features(vgg.load(), ["block1_conv2"])(tf.zeros([1, 16, 16, 3]))
"""
PAINT = """
import sys
from engine.cli.paint import open_session

session, _ = open_session("packaged")

import numpy as np
import tensorflow as tf
from engine.images import Picture
from engine.painting import benchmark
from engine.painting.scene import Scene, Style
from engine.protocol import Level, Plan, RecipeName, Settings

tf.debugging.set_log_device_placement(True)
benchmark.SIDES = (64, 80)  # as good as the usual ones, but for the numbers
session.warm_up()
noise = Picture(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
levels = (Level(width=64, height=64, evaluations=3),)
plan = Plan(recipe=RecipeName.STANDARD, levels=levels, seconds=0, precision=session.precision)
for step in session.paint(Scene(noise, [Style(noise)]), plan, Settings()):
    step.picture()
step.likeness()
print("keras" in sys.modules)
print("painted", flush=True)
"""


def output_of(program: str, cache: Path) -> str:
    """All that it prints and logs, in an environment that says nothing of frozen weights, nor of Keras."""
    told = ("TF_ONEDNN", "TF_USE_LEGACY_KERAS")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=inherited | {"TF_CPP_MIN_LOG_LEVEL": "0", "XDG_CACHE_HOME": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return run.stdout


pytestmark = pytest.mark.integration


def test_beside_the_library_other_convolutions_are_right(tmp_path: Path) -> None:
    found = re.findall(r"factors (\d) (\S+)", output_of(USE_THE_LIBRARY + CHANGING_KERNELS, tmp_path))
    assert [float(result) for _, result in found] == [1, 2, 3, 4]


def test_a_process_that_paints_runs_no_convolution_outside_of_a_function_and_no_keras(tmp_path: Path) -> None:
    """Such a one is logged, as the others after the painting show."""
    while_painting, afterwards = output_of(PAINT + CHANGING_KERNELS, tmp_path).split("painted\n")
    assert "Executing op" in while_painting
    assert not re.findall(r"Executing op \S*Conv2D", while_painting)
    assert re.findall(r"Executing op \S*Conv2D", afterwards)
    assert while_painting.endswith("False\n")
