"""A command for each claim, see README.md: `python -m bench.quality`, `bench.objective`, `bench.throughput`, ..."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow is imported
