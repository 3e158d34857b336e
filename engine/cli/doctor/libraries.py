"""Whether the TensorFlow that is installed can use a GPU at all, with a cuDNN that convolves."""

from collections.abc import Iterator

from engine.cli.doctor.patient import Finding, Patient
from engine.devices.facts import written

INSTALL = "pip install -c constraints-gpu.txt '.[engine-gpu]'"
LEAST_CUDNN = (
    9,
    24,
)  # before, XLA's convolutions find no way to be run, on every GPU tried (aws/deep-learning-containers #6417)


def check(patient: Patient) -> Iterator[Finding]:
    """By the packages beside this one."""
    if not patient.wants_gpu:
        return
    packages = patient.facts.packages
    cudnn = packages.get("nvidia-cudnn-cu12")
    if patient.facts.architecture == "aarch64":
        yield Finding(
            False,
            "Libraries: TensorFlow's wheels for 64-bit Arm have no CUDA: run the engine in NVIDIA's TensorFlow container",
        )
    elif "tensorflow" not in packages:
        yield Finding(
            False, f"Libraries: this TensorFlow is the one for processors: in a new environment, {INSTALL}"
        )
    elif cudnn is None:
        yield Finding(False, f"Libraries: TensorFlow is here without CUDA: {INSTALL}")
    elif cudnn[: len(LEAST_CUDNN)] < LEAST_CUDNN:
        yield Finding(
            False,
            f"Libraries: cuDNN {written(cudnn)} fails in TensorFlow's convolutions: {INSTALL}, which has 9.24",
        )
    else:
        yield Finding(True, f"Libraries: cuDNN {written(cudnn)}")
