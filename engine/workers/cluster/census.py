"""What each machine of a cluster has: `python -m engine.workers.cluster.census ADDRESS`, for the doctor.

Rule: a line of JSON for each, and nothing is changed; where there is no cluster, the last line says why.
"""

import json
import sys
from typing import Any

from engine.devices.trial import end_with_parent
from engine.workers.cluster.driver import connect, sentence_of
from engine.workers.cluster.wire import DriverSettings


def main(address: str) -> None:
    """Join, look, and leave."""
    end_with_parent()
    try:
        connect(DriverSettings(address=address, namespace="doctor", holder="doctor", num_cpus=0))
    except Exception as error:  # noqa: BLE001 - as in the driver
        sys.exit(sentence_of(error))
    import ray

    nodes: Any = ray.nodes  # which has no types
    for node in nodes():
        if node["Alive"]:
            print(json.dumps(node["Resources"]))  # noqa: T201 - to whoever has asked


if __name__ == "__main__":
    main(sys.argv[1])
