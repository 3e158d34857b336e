"""The doctor tells what is amiss, one line each, and what to do: from facts as other people's machines have told them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.cli import doctor
from engine.cli.doctor import account, cluster, convolutions, decoder, permissions
from engine.cli.doctor.patient import Cluster, Finding, Patient
from engine.devices.facts import Card, Facts, gather, version_of
from engine.devices.trial import Outcome

OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {}  Release Build  (dvs-builder)\n"
CLOSED = (
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  {}  Wed Jul 12 22:10:07 UTC 2023\nGCC version:  gcc 12\n"
)
LOST = "Failed to initialize NVML: Unknown Error\n"
FAILED = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest\n"
GPU_PACKAGES = {"tensorflow": (2, 21, 0), "nvidia-cudnn-cu12": (9, 24, 0, 43)}
A10G = "0, NVIDIA A10G, 570.133.20, 8.6\n"
FILES = ("dev/nvidia0", "dev/nvidiactl", "dev/nvidia-uvm")

# Checks that look at facts alone.
OF_GPUS = ("driver", "container", "wsl", "capability", "libraries")


def machine(folder: Path, files: Mapping[str, str] | Sequence[str]) -> Path:
    """A root with these files, each with its text."""
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[name] if isinstance(files, Mapping) else "")
    return folder


def patient(facts: Facts, devices: tuple[str, ...] = ("auto",), data_dir: Path = Path("data")) -> Patient:
    return Patient(data_dir, devices, facts)


def told(facts: Facts, devices: tuple[str, ...] = ("auto",)) -> list[str]:
    """What is said of GPUs that is not well."""
    checks = [check for check in doctor.CHECKS if check.__module__.rpartition(".")[2] in OF_GPUS]
    assert len(checks) == len(OF_GPUS)
    return [each.line for check in checks for each in check(patient(facts, devices)) if not each.is_well]


def facts_of(
    folder: Path,
    files: Mapping[str, str],
    smi: str | None,
    environ: Mapping[str, str] | None = None,
    packages: Mapping[str, Any] | None = None,
) -> Facts:
    found = gather(machine(folder, files), environ or {}, lambda: smi)
    return Facts(**vars(found) | {"architecture": "x86_64", "packages": packages or GPU_PACKAGES})


def with_driver(version: str, text: str = CLOSED, *, container: bool = False) -> dict[str, str]:
    """The files of a machine that has a GPU with this driver."""
    files = {"proc/driver/nvidia/version": text.format(version), **dict.fromkeys(FILES, "")}
    return files | ({".dockerenv": ""} if container else {})


WSL = {"proc/version": "Linux version 5.15.146.1-microsoft-standard-WSL2", "usr/lib/wsl/lib/libcuda.so.1": ""}
BLACKWELL = "0, NVIDIA GeForce RTX 5080 Laptop GPU, 581.29, 12.0\n"

SICK = [
    (with_driver("470.161.03"), "0, Tesla T4, 470.161.03, 7.5\n", {}, "470.161.3 is too old for CUDA 12: install 525"),
    (with_driver("470.57.02"), 'Field "compute_cap" is not a valid field to query.\n', {}, "is too old for CUDA 12"),
    (
        with_driver("570.133.20"),
        "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 575.57\n",
        {},
        "the old one still runs: restart this machine",
    ),
    ({"dev/nvidia0": ""}, FAILED, {}, "Driver: NVIDIA's is not loaded"),
    (with_driver("560.35.03", OPEN, container=True), LOST, {}, "it has lost its GPUs, as happens when systemd"),
    (
        {"proc/driver/nvidia/version": CLOSED.format("570.133.20"), "run/.containerenv": ""},
        None,
        {},
        "none of its GPUs: install NVIDIA's container toolkit",
    ),
    (with_driver("581.29"), BLACKWELL, {}, "(compute capability 12.0) is not supported by this TensorFlow: paint on"),
    (with_driver("580.95"), "0, Quadro M4000, 580.95.05, 5.2\n", {}, "(compute capability 5.2) is too old"),
    (WSL, A10G, {}, "export LD_LIBRARY_PATH=/usr/lib/wsl/lib:$LD_LIBRARY_PATH"),
    (WSL, A10G, {"LD_LIBRARY_PATH": "/usr/local/cuda/lib64"}, "WSL: TensorFlow does not find Windows' CUDA"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "smi", "environ", "sentence"), SICK)
def test_what_keeps_a_gpu_from_painting_is_one_line_and_what_to_do(
    tmp_path: Path, files: Mapping[str, str], smi: str | None, environ: Mapping[str, str], sentence: str
) -> None:
    (line,) = told(facts_of(tmp_path, files, smi, environ))
    assert sentence in line


@pytest.mark.parametrize(
    ("packages", "architecture", "sentence"),
    [
        ({"tensorflow-cpu": (2, 21, 0)}, "x86_64", "is the one for processors"),
        ({"tensorflow": (2, 21, 0)}, "x86_64", "TensorFlow is here without CUDA"),
        (GPU_PACKAGES | {"nvidia-cudnn-cu12": (9, 5, 1, 17)}, "x86_64", "cuDNN 9.5.1.17 fails in TensorFlow's"),
        (GPU_PACKAGES, "aarch64", "wheels for 64-bit Arm have no CUDA"),
    ],
)  # fmt: skip
def test_a_tensorflow_that_cannot_use_the_card_is_told(
    tmp_path: Path, packages: Mapping[str, Any], architecture: str, sentence: str
) -> None:
    found = facts_of(tmp_path, with_driver("570.133.20"), A10G, packages=packages)
    (line,) = told(Facts(**vars(found) | {"architecture": architecture}))
    assert line.startswith("Libraries: ")
    assert sentence in line


@pytest.mark.parametrize(
    ("files", "smi", "environ"),
    [
        ({}, None, {}),  # no GPU at all
        ({".dockerenv": ""}, None, {}),
        (with_driver("570.133.20"), A10G, {}),
        (with_driver("560.35.03", OPEN, container=True), A10G, {}),
        (
            {"proc/driver/nvidia/version": CLOSED.format("570.133.20"), "dev/nvidia1": "", ".dockerenv": ""},
            A10G,
            {},
        ),
        (WSL, A10G, {"LD_LIBRARY_PATH": "/usr/lib/wsl/lib:/opt"}),
        ({"proc/version": "microsoft"}, None, {}),  # WSL on a machine without one
    ],
)
def test_a_machine_that_is_well_is_told_nothing(
    tmp_path: Path, files: Mapping[str, str], smi: str | None, environ: Mapping[str, str]
) -> None:
    assert told(facts_of(tmp_path, files, smi, environ)) == []


def test_a_gpu_that_is_named_is_missed_where_there_is_none() -> None:
    facts = Facts(packages=GPU_PACKAGES)
    assert told(facts, ("cpu",)) == told(facts, ("auto",)) == []
    (line,) = told(facts, ("gpu:0",))
    assert "install it on this machine itself" in line


def test_every_file_of_a_check_is_asked() -> None:
    files = {path.stem for path in Path(doctor.__file__).parent.glob("*.py")} - {"__init__", "patient"}
    assert {check.__module__.rpartition(".")[2] for check in doctor.CHECKS} == files


def test_what_nvidia_smi_lists_are_cards(tmp_path: Path) -> None:
    facts = gather(
        machine(tmp_path, with_driver("560.35.03", OPEN)), {}, lambda: A10G + BLACKWELL.replace("0,", "1,", 1)
    )
    assert facts.driver == (560, 35, 3)
    assert facts.cards[0] == Card(0, "NVIDIA A10G", (570, 133, 20), (8, 6))
    assert [card.index for card in facts.cards] == [0, 1]
    assert (facts.nodes[0], facts.smi, facts.in_container) == ("nvidia-uvm", None, False)
    assert version_of("9.24.0.dev1") == (9, 24, 0)


class Trials:
    """Answers in turn, as children would; keeps what was asked."""

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = list(outcomes)
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, module: str, arguments: Sequence[str]) -> Outcome:
        assert module == convolutions.CONVOLUTION
        self.asked.append(tuple(arguments))
        return self._outcomes.pop(0)


def said(*lines: str, on: str = "NVIDIA A10G", why: str | None = None) -> Outcome:
    return Outcome(why, "\n".join([f"on {on}", *lines]))


CPU_WELL = said("done float32", "done bfloat16", on="CPU")
ONE_CARD = Facts(cards=(Card(0, "NVIDIA A10G", (570,), (8, 6)),), packages=GPU_PACKAGES)


def convolved(*outcomes: Outcome, facts: Facts = ONE_CARD) -> tuple[list[Finding], Trials]:
    trials = Trials(*outcomes, CPU_WELL)
    return list(convolutions.check(patient(facts), trials)), trials


def test_each_device_convolves_in_each_precision() -> None:
    found, trials = convolved(said("done float32", "done tensorfloat32", "done bfloat16"))
    assert [each.line for each in found] == [
        "gpu:0, NVIDIA A10G: convolves in float32, tensorfloat32, bfloat16",
        "cpu: convolves in float32, bfloat16",
    ]
    assert trials.asked == [("gpu:0", "float32", "tensorfloat32", "bfloat16"), ("cpu", "float32", "bfloat16")]
    assert all(each.is_well for each in found)


def test_a_card_that_dies_of_bfloat16_alone_is_well_enough() -> None:
    died = "SIGABRT: LLVM ERROR: Cannot select: bf16 = fadd"
    found, _ = convolved(said("done float32", "done tensorfloat32", why=died))
    assert found[1] == Finding(
        True, f"gpu:0, NVIDIA A10G: no bfloat16, so the engine paints in float32 ({died})"
    )


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("CUDA driver version is insufficient for CUDA runtime version", "the driver is too old for CUDA 12"),
        ("'cuModuleLoadData(&module, data)' failed with 'CUDA_ERROR_INVALID_PTX'", "has no code for the card"),
        (
            "TensorFlow was not built with CUDA kernel binaries compatible with compute capability 12.0.",
            "NVIDIA's TensorFlow container",
        ),
        (
            "INTERNAL: Autotuner could not find any supported configs for HLO: %cudnn-conv-bias-activation.7",
            "cuDNN has no way to run it, as those before 9.24",
        ),
        ("failed call to cuInit: CUDA_ERROR_UNKNOWN: unknown error", "recreate a container that has lost its GPUs"),
        ("CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected", "see `nvidia-smi -L`"),
        ("Cannot dlopen some GPU libraries.\nThere is no gpu:0, or TensorFlow cannot use it", "export LD_LIBRARY_PATH"),
        ("There is no gpu:0, or TensorFlow cannot use it", "it is not there, or hidden"),
        ("CUDA_ERROR_OUT_OF_MEMORY: out of memory", "others have taken its memory"),
        ("all CUDA-capable devices are busy or unavailable", "nvidia-smi -c DEFAULT"),
        ("something that nobody has seen", "fails (status 1: something that nobody has seen)"),
    ],
)  # fmt: skip
def test_what_tensorflow_says_is_turned_into_what_to_do(words: str, advice: str) -> None:
    found, trials = convolved(Outcome(f"status 1: {words.splitlines()[-1]}", words))
    assert [each.is_well for each in found] == [False, True]
    assert found[0].line.startswith("gpu:0: float32 fails")
    assert advice in found[0].line
    assert len(trials.asked) == 2, "a device that was never opened is not asked again"


@pytest.mark.parametrize(
    ("shown", "asked"),
    [(None, ["gpu:0", "gpu:1", "cpu"]), (("1",), ["gpu:0", "cpu"]), ((), ["cpu"])],
)
def test_cards_are_counted_as_the_engine_counts_them(shown: tuple[str, ...] | None, asked: list[str]) -> None:
    facts = Facts(cards=ONE_CARD.cards * 2, shown=shown)
    gpus = [said("done float32", "done tensorfloat32", "done bfloat16")] * (len(asked) - 1)
    _, trials = convolved(*gpus, facts=facts)
    assert [device for device, *_ in trials.asked] == asked


def findings_of(checks: Iterator[Finding]) -> Finding:
    (finding,) = checks
    return finding


def test_a_folder_that_others_get_into_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    someone = patient(Facts(), data_dir=tmp_path)
    assert findings_of(permissions.check(someone)) == Finding(
        False, f"Data: other accounts of this machine get into {tmp_path}: chmod 700 {tmp_path}"
    )
    tmp_path.chmod(0o700)
    assert findings_of(permissions.check(someone)).is_well


def test_a_folder_that_is_not_there_yet_is_fine_unless_it_cannot_be(tmp_path: Path) -> None:
    assert findings_of(permissions.check(patient(Facts(), data_dir=tmp_path / "new" / "data"))).is_well
    (tmp_path / "file").touch()
    data = tmp_path / "file" / "data"
    assert findings_of(permissions.check(patient(Facts(), data_dir=data))) == Finding(
        False,
        f"Data: {data} cannot be made: {tmp_path / 'file'} is no folder into which this account may write",
    )


def test_an_engine_that_runs_as_root_is_told(tmp_path: Path) -> None:
    own = tmp_path / "own"
    assert account.account_of(0, own).line.startswith("Account: this runs as root, and")
    assert account.account_of(1000, own) == Finding(True, "Account: not root")
    own.mkdir()
    found = account.account_of(1000, own)
    assert (found.is_well, "is root's" in found.line) == (os.geteuid() != 0, os.geteuid() == 0)


async def test_the_decoder_is_confined() -> None:
    found = await decoder.probe()
    assert found.is_well
    assert found.line.startswith("Decoder: confined")


GPU_MACHINE = '{"CPU": 8.0, "GPU": 2.0, "memory": 1e10, "node:10.0.0.2": 1.0}'


@pytest.mark.parametrize(
    ("wanted", "outcome", "is_well", "line"),
    [
        (1, Outcome("status 1: Nobody answers."), False, "none at 10.0.0.1:6379 (status 1: Nobody answers.)"),
        (3, Outcome(None, f'a word of Ray\n{GPU_MACHINE}\n{{"CPU": 1.0, "GPU": 1.0}}'), True, "places for 3 of 3 workers that are wanted, on 2 machines"),
        (4, Outcome(None, GPU_MACHINE), False, "places for 2 of 4 workers that are wanted, on 1 machines: the others wait"),
        (1, Outcome(None, '{"CPU": 64.0}'), False, "places for 0 of 1 workers"),
    ],
)  # fmt: skip
def test_a_cluster_is_there_and_has_the_places(
    wanted: int, outcome: Outcome, is_well: bool, line: str
) -> None:
    asked = Cluster("10.0.0.1:6379", wanted, {"CPU": 1.0, "GPU": 1.0, "odd": 0.0})
    (found,) = cluster.check(Patient(Path("data"), ("auto",), Facts(), asked), lambda *_: outcome)
    assert found.is_well is is_well
    assert line in found.line
    assert not [*cluster.check(Patient(Path("data"), ("auto",), Facts()))]
