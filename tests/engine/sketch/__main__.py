"""`python -m engine`, with workers that sketch; ATELIER_SKETCH_CLOCK names a file of seconds that its wall clock is wrong by."""

import os
import time
from pathlib import Path

from engine.cli.app import main
from engine.workers.subprocess import LocalWorker

CLOCK_VARIABLE = "ATELIER_SKETCH_CLOCK"

LocalWorker.program = "tests.engine.sketch.worker"

if wrong_by := os.environ.get(CLOCK_VARIABLE):
    right, file = time.time, Path(wrong_by)
    time.time = lambda: right() + float(file.read_text())

if __name__ == "__main__":
    main()
