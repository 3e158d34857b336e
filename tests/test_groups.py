"""Tests of one file are run by one process, in their order."""

import os

import pytest


@pytest.fixture(scope="module")
def seen() -> list[int]:
    return []


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one process")
@pytest.mark.parametrize("number", range(8))
def test_what_a_module_shares_is_made_once(seen: list[int], number: int) -> None:
    assert seen == list(range(number))
    seen.append(number)
