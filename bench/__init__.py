"""A command for each claim, see README.md: `python -m bench.quality`, `bench.objective`, `bench.throughput`,
...
"""

import os

from engine.devices.onednn import assume_frozen_weights

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is imported
assume_frozen_weights()  # as in any process that paints
