"""What the loop asks of an optimiser: it holds the points to evaluate next and moves them when told losses
and gradients.

Several pictures are optimised side by side, a row each; no row hears of another. The state lives in variables
on the device and `advance` is made of tensor operations only, so that it can be compiled together with the
evaluation: nothing has to come back to the host between two evaluations.
"""

from typing import Protocol

import tensorflow as tf


class Optimiser(Protocol):
    """`point` (pictures, n) is where losses and gradients are wanted next."""

    point: tf.Variable

    @property
    def best(self) -> tf.Tensor:
        """(pictures, n): where the losses were lowest since `reset`."""

    @property
    def state(self) -> dict[str, tf.Variable]:
        """All variables by name: whoever stores and restores them goes on exactly as before."""

    @property
    def settled(self) -> tuple[str, ...]:
        """The names of those of the state that `best` is: enough for who takes no further step."""

    def reset(self, start: tf.Tensor) -> None:
        """Begin anew from `start` (pictures, n), of any n."""

    def release(self) -> None:
        """Let go of what only a further step needs, until the next `reset`."""

    def advance(self, loss: tf.Tensor, gradient: tf.Tensor) -> None:
        """Move `point`, given the losses (pictures,) and gradients (pictures, n) there. Graph code."""


def variables_of(optimiser: object) -> dict[str, tf.Variable]:
    """Its variables by name; those in a list by their number too."""
    named = {}
    for name, value in vars(optimiser).items():
        if isinstance(value, tf.Variable):
            named[name] = value
        elif isinstance(value, list):
            named |= {f"{name}_{number}": each for number, each in enumerate(value)}
    return named
