"""Which devices a process is shown, by what the configuration and the operator's mask say."""

import pytest

from engine.devices.names import AUTO, CPU, MASK, NONE, NoDeviceError, check, mask_for, shown_by

UUID, OTHER = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", "GPU-1fcb4021-51ef-c8a1-0c4f-f4a1b4a3a3a0"
SLICE = "MIG-3eb87630-93d5-5e7f-96f7-7f7d0c2f1d6b"
OLD_SLICE = f"MIG-{UUID}/1/0"


def masked(mask: str | None) -> dict[str, str]:
    """An environment with this mask."""
    return {} if mask is None else {MASK: mask}


@pytest.mark.parametrize(
    ("name", "mask", "shown"),
    [
        (AUTO, None, None),
        (AUTO, "2,3", None),
        (CPU, "2,3", NONE),
        ("gpu:0", None, "0"),
        ("gpu:1", None, "1"),
        ("gpu:0", "2,3", "2"),
        ("gpu:1", "2, 3", "3"),
        ("gpu:1", f"{UUID},{OTHER}", OTHER),
        ("gpu:0", SLICE, SLICE),
        (UUID, None, UUID),
        (UUID, f"{OTHER},{UUID}", UUID),
        (UUID[:12], f"{OTHER},{UUID}", UUID[:12]),
        (UUID, UUID[:12], UUID),
        (SLICE, f"{SLICE}", SLICE),
        (OLD_SLICE, None, OLD_SLICE),
    ],
)
def test_a_process_is_shown_one_within_what_the_operator_lets_be_seen(
    name: str, mask: str | None, shown: str | None
) -> None:
    assert mask_for(name, masked(mask)) == shown


@pytest.mark.parametrize(
    ("name", "mask", "sentence"),
    [
        ("gpu:2", "2,3", f"There is no gpu:2: {MASK}=2,3 shows 2 GPUs: they count from gpu:0."),
        ("gpu:1", "2", f"There is no gpu:1: {MASK}=2 shows 1 GPU: they count from gpu:0."),
        ("gpu:0", "", f"There is no gpu:0: {MASK}= shows no GPUs: they count from gpu:0."),
        ("gpu:0", "-1", f"There is no gpu:0: {MASK}=-1 shows no GPUs: they count from gpu:0."),
        ("gpu:1", "0,-1,1", f"There is no gpu:1: {MASK}=0,-1,1 shows 1 GPU: they count from gpu:0."),
        (UUID, OTHER, f"There is no {UUID} among those that {MASK}={OTHER} shows."),
        (UUID, "-1", f"There is no {UUID} among those that {MASK}=-1 shows."),
        (UUID, "0,1", f"{MASK}=0,1 counts GPUs, so it does not say whether {UUID} is among them"),
    ],
)
def test_what_is_hidden_is_one_sentence(name: str, mask: str, sentence: str) -> None:
    with pytest.raises(NoDeviceError) as told:
        mask_for(name, masked(mask))
    assert str(told.value).startswith(sentence)
    assert "\n" not in str(told.value)


def test_without_a_mask_all_are_seen() -> None:
    assert shown_by({}) is None


@pytest.mark.parametrize(
    ("names", "mask"),
    [
        (("gpu:0", "gpu:0"), None),
        (("gpu:0", "cpu", "gpu:0"), "2,3"),
        ((UUID, UUID), None),
        ((UUID, UUID[:10]), None),
        ((UUID, "gpu:0"), None),
        ((AUTO, "gpu:0"), None),
        ((AUTO, CPU), None),
        ((AUTO, AUTO), None),
        (("gpu:0", "gpu:1"), "2,2"),
        (("gpu:0", "gpu:2"), "2,3"),
    ],
)
def test_no_two_workers_have_one_gpu(names: tuple[str, ...], mask: str | None) -> None:
    with pytest.raises(NoDeviceError):
        check(names, masked(mask))


@pytest.mark.parametrize(
    ("names", "mask"),
    [
        ((AUTO,), "2,3"),
        ((CPU, CPU), None),
        ((CPU, "gpu:0", "gpu:1"), "2,3"),
        ((UUID, OTHER, SLICE), None),
    ],
)
def test_others_go_together(names: tuple[str, ...], mask: str | None) -> None:
    check(names, masked(mask))
