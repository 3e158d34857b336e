"""The way over the levels, by loops that do what they are told: no network, no optimiser."""

import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.nst.level import Checkpoint, LevelImages, Loop
from engine.nst.objective import ContentTargets, Objective, Targets, loss_names
from engine.nst.pyramid import LevelStep, stylize
from engine.nst.recipes import Recipe
from engine.nst.subject import subject_targets

RECIPE = Recipe(noise=0.0)
SHAPES = ((4, 6), (8, 12))
STRENGTH = 25.0
CONTENT = 50 + 20 * tf.random.stateless_normal([1, *SHAPES[1], 3], (5, 6))


@dataclass
class ScriptedLoop:
    """Adds `growth` to the image in each evaluation, and tells what it was given."""

    growth: float
    recipe: Recipe = RECIPE
    begun: list[NDArray[np.float32]] = field(default_factory=list)
    resumed: list[Checkpoint | None] = field(default_factory=list)
    objective: Objective = field(init=False)

    @property
    def state(self) -> dict[str, tf.Variable]:
        return {"point": tf.Variable([[1.0], [2.0]]), "steps": tf.Variable(3.0)}

    @property
    def settled(self) -> tuple[str, ...]:
        return ("point",)

    def content_targets(self, content: tf.Tensor, visible: tf.Tensor | None = None) -> ContentTargets:
        return ContentTargets(content, subject_targets(content, (), visible))

    def run(
        self, images: LevelImages, change: tf.Tensor, resume: Checkpoint | None = None
    ) -> Iterator[tuple[int, NDArray[Any], tf.Tensor]]:
        self.begun.append(np.asarray(change))
        self.resumed.append(resume)
        losses = np.zeros((int(change.shape[0]), len(loss_names(self.recipe))))
        for done in range(1, images.evaluations + 1):
            yield done, losses, images.content + change + done * self.growth


def prepared(loop: ScriptedLoop) -> list[Callable[[], tuple[Loop, LevelImages]]]:
    """The levels of SHAPES, two evaluations each, all by the same loop."""

    def prepare(shape: tuple[int, int]) -> tuple[Loop, LevelImages]:
        content = tf.image.resize(CONTENT, shape, "area")
        targets = Targets((), loop.content_targets(content), tf.constant([STRENGTH]), tf.zeros([1]))
        return loop, LevelImages(content, targets, evaluations=2)

    return [partial(prepare, shape) for shape in SHAPES]


def paint(loop: ScriptedLoop, start: tf.Tensor | None = None) -> list[LevelStep]:
    return list(stylize(prepared(loop), start=start, seeds=[7]))


def test_a_level_begins_with_what_the_level_before_has_changed() -> None:
    loop = ScriptedLoop(growth=5.0)
    steps = paint(loop)
    assert [(step.level, step.evaluation) for step in steps] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert [change.shape[1:3] for change in loop.begun] == list(SHAPES)
    np.testing.assert_allclose(loop.begun[0], 0)
    np.testing.assert_allclose(loop.begun[1], 10, rtol=1e-5)


def test_a_level_beyond_the_view_begins_with_fewer_of_the_contents_details_the_stronger_the_style_is() -> (
    None
):
    loop = ScriptedLoop(growth=5.0, recipe=replace(RECIPE, view=32).at((64, 96)))
    *_, (_, at_last) = [prepare() for prepare in prepared(loop)]
    (_, coarse), _ = (prepare() for prepare in prepared(loop))
    paint(loop)
    upsampled = tf.image.resize(coarse.content, SHAPES[1], "bicubic")
    details = at_last.content - upsampled
    begun = loop.begun[1] + at_last.content
    np.testing.assert_allclose(begun, upsampled + 10 + (1 - STRENGTH / 100) * details, rtol=1e-4, atol=1e-3)


def test_a_levels_loop_is_nobodys_when_the_next_is_prepared_though_its_last_step_is_kept() -> None:
    loops: list[weakref.ref[ScriptedLoop]] = []

    def prepare(number: int) -> tuple[Loop, LevelImages]:
        assert all(loop() is None for loop in loops)
        loop = ScriptedLoop(growth=5.0)
        loops.append(weakref.ref(loop))
        return prepared(loop)[number]()

    last: LevelStep | None = None
    for last in stylize([partial(prepare, number) for number in range(2)], start=None, seeds=[7]):
        last.checkpoint()
    assert last is not None
    assert len(loops) == 2


def test_each_level_begins_anew_with_the_start_and_the_changes_since() -> None:
    loop = ScriptedLoop(growth=5.0)
    start = tf.random.stateless_normal([1, *SHAPES[1], 3], (1, 2)) * 20
    *_, last = paint(loop, start)
    np.testing.assert_allclose(loop.begun[1], start + 10, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(last.change(SHAPES[1]), start + 20, rtol=1e-4, atol=1e-3)


def test_what_is_changed_is_the_same_to_the_last_bit_whether_it_began_with_a_start_of_its_size() -> None:
    """An animation's frame that goes on from a checkpoint does without the start."""
    start = tf.random.stateless_normal([1, *SHAPES[1], 3], (1, 2)) * 20
    last = paint(ScriptedLoop(growth=0.1), start)[-1]
    for shape in (SHAPES[1], (11, 17)):
        np.testing.assert_array_equal(last.change(shape), replace(last, start=None).change(shape))


def test_the_first_level_begins_with_noise_by_the_seed() -> None:
    first, again, other = (ScriptedLoop(0.0, replace(RECIPE, noise=4.0)) for _ in range(3))
    for loop, seed in ((first, 1), (again, 1), (other, 2)):
        list(stylize(prepared(loop), start=None, seeds=[seed]))
    np.testing.assert_array_equal(first.begun[0], again.begun[0])
    assert 3 < np.std(first.begun[0]) < 5
    assert np.abs(first.begun[0] - other.begun[0]).mean() > 1


def test_goes_on_in_the_level_of_a_checkpoint_and_begins_the_next_as_usual() -> None:
    loop = ScriptedLoop(growth=5.0)
    checkpoint: Checkpoint = {"level": np.array(1), "evaluation": np.array(1)}
    steps = list(stylize(prepared(loop), start=None, seeds=[7], resume=checkpoint))
    assert {step.level for step in steps} == {1}
    assert loop.resumed == [checkpoint]
    loop.resumed.clear()
    list(stylize(prepared(loop), start=None, seeds=[7], resume={**checkpoint, "level": np.array(0)}))
    assert [resumed is None for resumed in loop.resumed] == [False, True]


def test_a_level_that_is_done_keeps_only_what_the_next_begins_with() -> None:
    steps = list(stylize(prepared(ScriptedLoop(growth=5.0)), start=None, seeds=[7, 8]))
    assert [sorted(step.state) for step in steps] == [["point", "steps"], ["point"]] * 2


def test_a_checkpoint_is_of_one_picture_and_says_where_it_is() -> None:
    step = replace(paint(ScriptedLoop(growth=5.0))[-2], losses=[{"total": 1.0}, {"total": 2.0}])
    found = step.checkpoint(row=1)
    assert (int(found["level"]), int(found["evaluation"]), found["losses"].tolist()) == (1, 1, [[2.0]])
    assert (found["point"].tolist(), float(found["steps"])) == ([[2.0]], 3.0)
