"""An engine whose workers sleep: `python -m bench.gateway CONFIG` (as JSON), started by `bench.scale`.

Service, database, files and pipes are the engine's own; only what its workers' processes run is not.
"""

import sys

from engine.service.app import serve
from engine.service.config import EngineConfig
from engine.workers.subprocess import LocalWorker

if __name__ == "__main__":
    LocalWorker.program = "bench.sleeper"
    serve(EngineConfig.model_validate_json(sys.argv[1]))
