"""How fast a device evaluates, as one line through two measured points.

Pure data, free of TensorFlow: the service plans with it and only the worker measures it.
"""

from dataclasses import dataclass

from engine.protocol import Precision


@dataclass(frozen=True)
class Speed:
    """Seconds of one evaluation (loss and gradient) = overhead + per_megapixel * megapixels, in this precision.

    compiling: seconds that a level takes longer when it is the first of its shape.
    """

    overhead: float
    per_megapixel: float
    precision: Precision = Precision.FLOAT32
    compiling: float = 0.0

    def seconds(self, width: int, height: int) -> float:
        """Seconds that one evaluation at width x height pixels takes."""
        return self.overhead + self.per_megapixel * width * height / 1e6
