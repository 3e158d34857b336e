"""An engine process that is real but for the network: service, database, pipes and files are the engine's own, and its
worker mixes two pictures in place of painting. It is warm at once and paints as long as a test wants.

For tests of what is kept and what is lost, which kill it by the hundred. `python -m tests.engine.sketch serve ...`
"""

CLOCK_VARIABLE = "ATELIER_SKETCH_CLOCK"
WORKER_VARIABLE = "ATELIER_SKETCH_WORKER"
WORKER = "tests.engine.sketch.worker"
HANGING = "tests.engine.sketch.hanging"  # one that never gets ready
