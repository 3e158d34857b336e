"""`python -m engine`, with workers that sketch."""

from engine.cli.app import main
from engine.workers.subprocess import LocalWorker

LocalWorker.program = "tests.engine.sketch.worker"

if __name__ == "__main__":
    main()
