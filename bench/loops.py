"""One level of a painting by itself, and its bare evaluation: loss and gradient, with nothing around them."""

from collections.abc import Callable

import tensorflow as tf

from bench.scenes import Subject
from engine.images import resize
from engine.nst import pixels
from engine.nst.level import LevelImages, WholeLevel, bounded, structure_of
from engine.nst.objective import Targets
from engine.nst.recipes import Recipe
from engine.painting.session import Session
from engine.planning import planner
from engine.protocol import Precision


def prepare(
    session: Session, recipe: Recipe, subject: Subject, shape: tuple[int, int], precision: Precision
) -> tuple[WholeLevel, LevelImages]:
    """The loop at `shape` (height, width), not compiled yet, and what it works on; `evaluations` is 1."""
    level = WholeLevel(session.network, structure_of(recipe, shape), precision=precision)
    return level, work_of(level, subject, shape)


def work_of(level: WholeLevel, subject: Subject, shape: tuple[int, int]) -> LevelImages:
    """What a loop works on at a `shape` (height, width) that has its structure; `evaluations` is 1."""
    content = pixels.to_tensor(resize(subject.photo, shape[1], shape[0]).rgb)
    styles = []
    for octave in level.recipe.octaves:
        size = planner.fit(subject.study.width, subject.study.height, max(shape) // octave.shrink, grid=1)
        found = level.objective.style_of(pixels.to_tensor(resize(subject.study, *size).rgb), octave)
        styles += [moments[None] for moments in found]
    targets = level.objective.targets(styles, level.content_targets(content), tf.constant([50.0]))
    return LevelImages(content, targets, evaluations=1)


def bare(level: WholeLevel, images: LevelImages) -> Callable[[], None]:
    """A call is one evaluation of the content itself, waited for."""

    strips = level.objective.border_strips(images.content, images.targets)

    def loss_and_gradient(image: tf.Tensor, targets: Targets) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(image)
            total = level.objective.values(level.objective.measure(image, targets, strips), targets)[0]
        return bounded(level.recipe, image, total, tape.gradient(total, image))

    compiled = tf.function(loss_and_gradient, autograph=False)

    def evaluate() -> None:
        loss, _ = compiled(images.content, images.targets)
        loss.numpy()

    return evaluate
