"""The style transfer loop: a generator of steps over the levels of a pyramid.

At each level the images start as the content plus the change that the level before ended with, upsampled:
upsampling the change rather than the picture keeps the content's detail. Whoever consumes the steps decides
to show, keep or stop; closing the generator stops it after the evaluation under way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from engine.nst.level import Checkpoint, LevelImages, Loop, to_host
from engine.nst.noise import grain, noise
from engine.nst.objective import loss_names, style_share
from engine.nst.parameterisation import Shape
from engine.nst.recipes import Recipe


@dataclass(frozen=True)
class LevelStep:
    """One or more evaluations done. `level` counts from 0 (coarsest), `evaluation` from 1 within the level.

    losses: of each picture at the last of the evaluations. best: (B, H, W, 3), the images so far, made of
    `content`. state: what the level goes on from, its variables by name, and not its loop, which may be let go while
    somebody has the step.
    start: see `stylize`.
    """

    level: int
    evaluation: int
    losses: list[dict[str, float]]
    content: tf.Tensor
    best: tf.Tensor
    state: Mapping[str, tf.Variable]
    start: tf.Tensor | None

    @property
    def moved(self) -> tf.Tensor:
        """(B, H, W, 3): how the best images differ from what was begun with at this size."""
        change = self.best - self.content
        return change if self.start is None else change - resize(self.start, shape_of(change))

    def change(self, shape: Shape, row: int = 0) -> tf.Tensor:
        """(1, height, width, 3): a picture's best image minus its content, with all of `start`'s details."""
        if self.start is None or shape_of(self.start) == shape_of(self.best):
            # To the last bit the same whether there was a start: a frame that goes on from a checkpoint has none.
            return resize((self.best - self.content)[row : row + 1], shape)
        return added(self.start[row : row + 1], self.moved[row : row + 1], shape)

    def checkpoint(self, row: int = 0) -> Checkpoint:
        """The state that one of the pictures goes on from, bit by bit; to be called before the next step.

        A picture that was painted beside others goes on by itself.
        """
        state = {name: to_host(variable) for name, variable in self.state.items()}
        return {
            "level": np.array(self.level),
            "evaluation": np.array(self.evaluation),
            "losses": np.array([list(self.losses[row].values())]),
            **{name: array[row : row + 1] if array.ndim else array for name, array in state.items()},
        }


def stylize(
    levels: Sequence[Callable[[], tuple[Loop, LevelImages]]],
    *,
    start: tf.Tensor | None,
    seeds: Sequence[int],
    resume: Checkpoint | None = None,
) -> Iterator[LevelStep]:
    """Paint over the levels, coarse to fine, each prepared in its turn; the last step holds the result.

    start: change (B, h, w, 3) of any size to begin with; without it, the recipe's seeded noise and grain.
    Each level begins with it anew, and with what the levels before have made different: so a finished picture
    is changed at large and keeps its details, as in a multigrid method (Brandt 1977). Without it, a level beyond
    the recipe's view begins with less of the content's finest details, the stronger the style is.
    resume: goes on after it.
    """
    last: LevelStep | None = None
    first = 0 if resume is None else int(resume["level"])
    for number, prepare in enumerate(levels[first:], first):
        before, begun = last, resume if number == first else None
        for last in _steps(number, prepare, start, before, seeds, begun):
            yield last


def _steps(
    number: int,
    prepare: Callable[[], tuple[Loop, LevelImages]],
    start: tf.Tensor | None,
    before: LevelStep | None,
    seeds: Sequence[int],
    resume: Checkpoint | None,
) -> Iterator[LevelStep]:
    """Of one level, whose loop and targets are nobody's any more when the next is prepared."""
    loop, images = prepare()
    names = loss_names(loop.recipe)
    begin = _initial_change(loop.recipe, images, start, before, [seed + number for seed in seeds])
    for done, values, best in loop.run(images, begin, resume):
        rows = [dict(zip(names, map(float, row), strict=True)) for row in values]
        needed = loop.state if done < images.evaluations else loop.settled
        state = {name: loop.state[name] for name in needed}
        yield LevelStep(number, done, rows, images.content, best, state, start)


def _initial_change(
    recipe: Recipe,
    images: LevelImages,
    start: tf.Tensor | None,
    before: LevelStep | None,
    seeds: Sequence[int],
) -> tf.Tensor:
    """The change (B, H, W, 3) that a level begins with; before: the last step of the level before."""
    shape = shape_of(images.content)
    if start is not None:
        return resize(start, shape) if before is None else added(start, before.moved, shape)
    strength = images.targets.strength
    share = style_share(recipe, strength)
    if before is None:
        samples = tf.concat([noise(shape, recipe.noise, seed) for seed in seeds], 0)
        change = _each(share) * samples
    else:
        change = resize(before.moved, shape)
        if recipe.is_beyond_view:
            change -= _each(strength / 100) * (images.content - resize(before.content, shape))
    if images.roughness is not None:
        change += grain(images.content + change, share * images.roughness, seeds)
    return change


def _each(numbers: tf.Tensor) -> tf.Tensor:
    """(B,) -> (B, 1, 1, 1): a number for each picture."""
    return tf.reshape(numbers, [-1, 1, 1, 1])


def shape_of(image: tf.Tensor) -> Shape:
    """(height, width) of (B, height, width, channels)."""
    return int(image.shape[1]), int(image.shape[2])


def resize(image: tf.Tensor, shape: Shape) -> tf.Tensor:
    """Bicubic; the image itself if it has the shape already."""
    return image if shape_of(image) == shape else tf.image.resize(image, shape, "bicubic")


def added(start: tf.Tensor, moved: tf.Tensor, shape: Shape) -> tf.Tensor:
    """Both together at one size; each keeps the details that it has."""
    return resize(moved, shape) + resize(start, shape)
