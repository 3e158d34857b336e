"""Convolutions of others are right beside the network; in a process that paints there are none but its own, and the kernels
that an evaluation runs are the fast ones, as oneDNN itself tells: the slow ones give the same pictures, and are found nowhere
else.

By processes of their own: what oneDNN is asked for holds for all of one, from its first convolution on. TensorFlow leaves it
out on some processors, so a process that paints asks for it.
"""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

EVALUATIONS = 3
POOLS = 4  # in front of the deepest style layer
LOOKED_AT = 4  # style layers that another convolution follows
CHANGING_KERNELS = """
import tensorflow as tf

images = tf.ones([1, 16, 16, 8])
for factor in range(1, 5):
    kernel = tf.fill([3, 3, 8, 8], float(factor))
    print("factors", factor, tf.nn.conv2d(images, kernel, 1, "VALID").numpy().max() / 72)
"""
USE_THE_LIBRARY = """
from engine.devices.onednn import use_on_any_x86

use_on_any_x86()
import tensorflow as tf
from engine.nst import vgg

vgg.Features(vgg.load(), ["block1_conv2"])(tf.zeros([1, 16, 16, 3]))
"""
PAINT = f"""
import sys
from engine.cli.paint import open_session

session, _ = open_session("packaged")

import numpy as np
import tensorflow as tf
from engine.images import Picture
from engine.painting import benchmark
from engine.painting.scene import Scene, Style
from engine.protocol import Level, Plan, Precision, RecipeName, Settings

tf.debugging.set_log_device_placement(True)
benchmark.SIDES = (64, 80)  # as good as the usual ones, but for the numbers
session.warm_up()
noise = Picture(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
levels = (Level(width=64, height=64, evaluations={EVALUATIONS}),)
plan = Plan(recipe=RecipeName.STANDARD, levels=levels, seconds=0, precision=Precision.FLOAT32)
print("begun", flush=True)
steps = list(session.paint(Scene(noise, [Style(noise)]), plan, Settings()))
print("evaluated", flush=True)
for step in steps:
    step.picture()
step.likeness()
print("keras" in sys.modules)
print("painted", flush=True)
"""


def output_of(program: str, cache: Path) -> str:
    """All that it prints and logs, in an environment that says nothing of frozen weights, nor of Keras."""
    told = ("TF_ONEDNN", "TF_ENABLE_ONEDNN", "TF_USE_LEGACY_KERAS")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    logging = {"TF_CPP_MIN_LOG_LEVEL": "0", "ONEDNN_VERBOSE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=inherited | logging | {"XDG_CACHE_HOME": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return run.stdout


@pytest.fixture(scope="module")
def painting(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a process that paints says, and what it says of convolutions of others after that."""
    return output_of(PAINT + CHANGING_KERNELS, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def executed(painting: str) -> list[list[str]]:
    """Of each primitive of a painting that was executed: kind, implementation, direction, memory and so on."""
    lines = re.findall(
        r"onednn_verbose,\S*exec,cpu,(.*)", painting.split("begun\n")[1].split("evaluated\n")[0]
    )
    return [line.split(",") for line in lines]


pytestmark = pytest.mark.integration
on_this_processor = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="oneDNN has other kernels elsewhere"
)


def test_beside_the_library_other_convolutions_are_right(tmp_path: Path) -> None:
    found = re.findall(r"factors (\d) (\S+)", output_of(USE_THE_LIBRARY + CHANGING_KERNELS, tmp_path))
    assert [float(result) for _, result in found] == [1, 2, 3, 4]


def test_a_process_that_paints_runs_no_convolution_outside_of_a_function(painting: str) -> None:
    """Such a one is logged, as the others after the painting show."""
    while_painting, afterwards = painting.split("painted\n")
    assert "Executing op" in while_painting
    assert not re.findall(r"Executing op \S*Conv2D", while_painting)
    assert re.findall(r"Executing op \S*Conv2D", afterwards)


def test_a_process_that_paints_loads_no_keras(painting: str) -> None:
    assert "False\npainted\n" in painting


@on_this_processor
def test_pooling_has_its_fast_gradient_in_each_evaluation(executed: list[list[str]]) -> None:
    backward = [
        line
        for line in executed
        if "alg:pooling_max" in line and line[0] == "pooling" and line[2] == "backward_data"
    ]
    assert len(backward) == POOLS * EVALUATIONS


@on_this_processor
def test_kernels_of_convolutions_are_laid_out_once(executed: list[list[str]]) -> None:
    """The plain layout of a kernel is "cdba"; blocked ones end in a number and a letter."""
    forward = [line for line in executed if line[0] == "convolution" and line[2] == "forward_training"]
    plain = [line for line in forward if "wei:f32::blocked:cdba:" in line[3]]
    assert len(forward) >= 13 * EVALUATIONS
    assert not plain


@on_this_processor
def test_convolutions_add_what_else_there_is_of_a_gradient(executed: list[list[str]]) -> None:
    """Of each style layer: the gradient from the layers behind it comes together with its own."""
    adding = [line for line in executed if line[0] == "convolution" and any("sum" in part for part in line)]
    assert len(adding) == LOOKED_AT * EVALUATIONS
