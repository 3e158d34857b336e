"""Whether TensorFlow's wheels have code for the cards that there are."""

from collections.abc import Iterator

from engine.cli.doctor.patient import Finding, Patient
from engine.devices.facts import written

OLDEST, NEWEST = (6, 0), (9, 99)  # of 2.21: sm_60 to sm_90; 12 fails (tensorflow #89272, #101746)


def check(patient: Patient) -> Iterator[Finding]:
    """Of each card that nvidia-smi lists."""
    for card in patient.facts.cards:
        if card.capability is None:
            continue
        what = f"Card {card.index}: {card.name} (compute capability {written(card.capability)})"
        if card.capability > NEWEST:
            yield Finding(
                False,
                f'{what} is not supported by this TensorFlow: paint on the processor (devices = ["cpu"]),'
                " or run the engine in NVIDIA's TensorFlow container",
            )
        elif card.capability < OLDEST:
            yield Finding(
                False, f'{what} is too old for this TensorFlow: paint on the processor (devices = ["cpu"])'
            )
        else:
            yield Finding(True, what)
