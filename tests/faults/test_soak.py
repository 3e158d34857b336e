"""What a soak is judged by."""

from dataclasses import replace

from tests.faults.soak import FULL, ROUND, Sample, judged

SAMPLE = Sample(bot=100.0, engine=200.0, worker=900.0, bot_files=20.0, engine_files=30.0, disk=40.0)
LONG = FULL + 4 * ROUND


def missed(samples: list[Sample]) -> list[str]:
    return [words.partition(":")[0] for words, holds in judged(samples) if holds is False]


def test_a_disk_that_fills_until_what_is_kept_goes_is_flat() -> None:
    samples = [replace(SAMPLE, disk=min(n, FULL)) for n in range(LONG)]
    assert missed(samples) == []
    assert (
        dict(judged(samples[: FULL + ROUND]))["disk: it still fills, and is judged from forty minutes on"]
        is None
    )


def test_what_grows_is_seen_in_a_short_soak_and_in_a_long_one() -> None:
    growing = [replace(SAMPLE, bot=100.0 + n, engine_files=n) for n in range(LONG)]
    assert missed(growing) == missed(growing[: ROUND * 2]) == ["bot", "engine_files"]
    assert missed([replace(SAMPLE, disk=n) for n in range(LONG)]) == ["disk"]


def test_a_few_samples_say_nothing() -> None:
    assert {holds for _, holds in judged([SAMPLE])} == {None}
