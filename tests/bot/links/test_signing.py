"""The tokens of private links: who can make one, and how long it is worth something."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import LinkConfig
from bot.links.signing import Links, open_key

TICKET, NOW = "0123456789abcdef0123", 1_800_000_000.5
CONFIG = LinkConfig(address="https://art.example.org/", hours=1)


def links(key: bytes = b"k" * 32) -> Links:
    return Links(CONFIG, key)


def token(made: Links) -> str:
    address, _, it = made.link(TICKET, NOW).url.rpartition("/")
    assert address == "https://art.example.org/p"
    return it


def test_a_link_is_worth_its_picture_until_its_end() -> None:
    assert links().link(TICKET, NOW).until == int(NOW) + 3600
    assert links().ticket_of(token(links()), NOW) == TICKET
    assert links().ticket_of(token(links()), int(NOW) + 3599) == TICKET
    assert links().ticket_of(token(links()), int(NOW) + 3600) is None


def test_nobody_makes_one_without_the_key() -> None:
    assert links(b"other" * 8).ticket_of(token(links()), NOW) is None


@given(st.integers(0, 39), st.characters(max_codepoint=0x2FF))
def test_a_token_with_any_character_changed_is_none(place: int, character: str) -> None:
    good = token(links())
    changed = good[:place] + character + good[place + 1 :]
    assert changed == good or links().ticket_of(changed, NOW) is None


@given(st.text(max_size=60))
def test_what_is_no_token_is_none(text: str) -> None:
    assert links().ticket_of(text, NOW) is None


def test_a_link_is_not_shown_by_accident() -> None:
    assert token(links()) not in repr(links().link(TICKET, NOW))


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    key = open_key(tmp_path)
    assert (len(key), open_key(tmp_path)) == (32, key)
    assert stat.S_IMODE((tmp_path / "links.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["links.key"]


@pytest.mark.parametrize("left", ["links.key", "links.draft"])
def test_a_key_that_was_cut_off_is_made_anew(tmp_path: Path, left: str) -> None:
    (tmp_path / left).write_bytes(b"half")
    assert len(open_key(tmp_path)) == 32
    assert open_key(tmp_path) == open_key(tmp_path)


def test_without_an_address_there_are_no_links() -> None:
    assert not Links(LinkConfig()).is_on
    assert links().is_on
