"""A sample of `make test-hostile`: a few seconds of files made bad, each answered, none of them dear."""

import pytest

from engine.protocol import ImageFormat
from tests.hostile.files import campaign
from tests.hostile.files.child import SHOWN
from tests.hostile.files.mutations import mutations, parts
from tests.hostile.files.seeds import seeds

SEEDS = seeds()


@pytest.mark.parametrize("image_format", ImageFormat)
def test_what_is_mutated_is_shown_or_refused_and_costs_little(image_format: ImageFormat) -> None:
    files = mutations(image_format, SEEDS[image_format], 150, seed=1)
    suite = campaign.run(image_format, files, jobs=2, ask_every=30)
    assert suite.outcomes.total() == 150
    assert not suite.deaths
    assert not suite.faults


@pytest.mark.parametrize("image_format", ImageFormat)
def test_what_is_mutated_was_good(image_format: ImageFormat) -> None:
    files = [(str(index), data) for index, data in enumerate(SEEDS[image_format])]
    assert set(campaign.run(image_format, files, jobs=1).outcomes) == {SHOWN}
    assert all(len(parts(image_format, data)) >= 2 for data in SEEDS[image_format])


def test_mutations_are_the_same_for_the_same_seed() -> None:
    png = SEEDS[ImageFormat.PNG]
    one, other = (list(mutations(ImageFormat.PNG, png, 20, seed=3)) for _ in range(2))
    assert one == other
    assert one != list(mutations(ImageFormat.PNG, png, 20, seed=4))
    assert len({data for _, data in one}) > 15
