"""A sample of the harness: a few hundred mutated requests, none of which the engine takes badly."""

import pytest

from tests.hostile.http.campaign import run_against_new_engine
from tests.hostile.http.exchange import Exchange, leaks

SAMPLE = 200


@pytest.mark.integration
async def test_no_mutated_request_is_taken_badly() -> None:
    campaign = await run_against_new_engine(SAMPLE, seed=1)
    assert campaign.faults() == [], campaign.table()
    assert sum(campaign.kinds.values()) == SAMPLE
    assert campaign.jobs > 2  # some were good enough


def test_a_good_part_of_the_token_is_a_leak() -> None:
    token = "0123456789abcdef0123456789abcdef"  # noqa: S105
    assert leaks(token, f"b'{token[:20]}\\xff'")
    assert not leaks(token, token[:11])
    assert Exchange((), "", token.encode()).holds(token)
