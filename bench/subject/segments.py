"""The content's segments: superpixels by SLIC (Achanta et al., 2012), which follow its colours."""

import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import slic

COUNT = 16  # asked for; small ones are joined to their neighbours
COMPACTNESS, BLUR = 3.0, 2.0


def segments(rgb: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The number of each place's segment (height, width), from 0."""
    found: NDArray[np.int64] = slic(rgb, COUNT, COMPACTNESS, sigma=BLUR, start_label=0)
    return found
