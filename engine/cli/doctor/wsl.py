"""Whether WSL's Linux finds the CUDA of Windows."""

from collections.abc import Iterator

from engine.cli.doctor.patient import Finding, Patient
from engine.devices.facts import WSL_LIBRARIES


def check(patient: Patient) -> Iterator[Finding]:
    """Its driver is Windows', and libcuda.so.1 lies where the loader does not look by itself (tensorflow #117538)."""
    facts = patient.facts
    if not facts.in_wsl or patient.devices == ("cpu",):
        return
    if not facts.wsl_libraries:
        if patient.wants_gpu:
            yield Finding(
                False,
                f"WSL: there is no {WSL_LIBRARIES}/libcuda.so.1: install NVIDIA's driver in Windows, none in here,"
                " and then `wsl --update` and `wsl --shutdown` there",
            )
    elif WSL_LIBRARIES not in facts.library_path:
        yield Finding(
            False,
            f"WSL: TensorFlow does not find Windows' CUDA by itself: export LD_LIBRARY_PATH={WSL_LIBRARIES}:$LD_LIBRARY_PATH",
        )
    else:
        yield Finding(True, f"WSL: CUDA is found in {WSL_LIBRARIES}")
