"""`python -m engine`, with workers that sketch.

ATELIER_SKETCH_CLOCK names a file of seconds that its wall clock is wrong by, ATELIER_SKETCH_WORKER another worker.
"""

import os
import time
from pathlib import Path

from engine.protocol import staying

with staying():
    from engine.cli.app import main
    from engine.workers.subprocess import LocalWorker
from tests.engine.sketch import CLOCK_VARIABLE, WORKER, WORKER_VARIABLE

if __name__ == "__main__":  # for this process alone: a test that imports it goes on with the real worker
    LocalWorker.program = os.environ.get(WORKER_VARIABLE, WORKER)
    if wrong_by := os.environ.get(CLOCK_VARIABLE):
        right, file = time.time, Path(wrong_by)
        time.time = lambda: right() + float(file.read_text())
    main()
