"""Whether the cluster that is to paint is there, and has the places: asked in a child process, which may wait for long."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from engine.cli.doctor.patient import Finding, Patient
from engine.devices.trial import Outcome, try_out
from engine.workers.cluster.wire import LOCAL

CENSUS = "engine.workers.cluster.census"
SECONDS = 60.0


def check(
    patient: Patient, attempt: Callable[[str, Sequence[str], float], Outcome] = try_out
) -> Iterator[Finding]:
    """Of what it has, whoever has it now."""
    if (wanted := patient.cluster) is None:
        return
    if wanted.address == LOCAL:
        yield Finding(True, "Cluster: of this machine alone, for as long as the engine runs")
        return
    outcome = attempt(CENSUS, (wanted.address,), SECONDS)
    if outcome.why is not None:
        yield Finding(
            False,
            f"Cluster: none at {wanted.address} ({outcome.why}): has this machine joined it by `ray start`, and has this"
            " account its token in ~/.ray/auth_token?",
        )
        return
    machines = [json.loads(line) for line in outcome.said.splitlines() if line.startswith("{")]
    places = min(sum(_places(machine, wanted.needs) for machine in machines), wanted.workers)
    line = f"Cluster: places for {places} of {wanted.workers} workers that are wanted, on {len(machines)} machines"
    if places < wanted.workers:
        line += ": the others wait for machines that join"
    yield Finding(places == wanted.workers, line)


def _places(machine: Mapping[str, float], needs: Mapping[str, float]) -> int:
    return int(min(machine.get(name, 0.0) // amount for name, amount in needs.items() if amount))
