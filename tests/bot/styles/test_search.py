"""Whoever names a style with a slip, in part, without accents or in another order is understood; who only talks is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.styles.search import meant, ranked
from engine.protocol import StyleCard
from engine.styles.catalogue import cards

CARDS = cards()


def name(style: StyleCard) -> str:
    return style.name


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("starry", "starry_night"),
        ("starrynight", "starry_night"),
        ("night starry", "starry_night"),
        ("vangogh", "starry_night"),
        ("gogh, vincent", "starry_night"),
        ("munch", "the_scream"),
        ("mnuch", "the_scream"),
        ("scraem", "the_scream"),
        ("great wav", "great_wave"),
        ("greta wave", "great_wave"),
        ("monet", "water_lilies"),
        ("WATER LILLIES", "water_lilies"),
        ("leger", "contrast_of_forms"),
        ("Léger", "contrast_of_forms"),
        ("hoitsu", "cherry_tree"),
        ("kandinski", "composition_vii"),
        ("mondrain", "tableau_2"),
        ("wreck ship", "shipwreck"),
        ("hat", "woman_with_a_hat"),
        ("💃🏽", "udnie"),
        ("1889", "starry_night"),
        ("sternen", "starry_night"),
        ("grosse Welle", "great_wave"),
        ("shrei", "the_scream"),
        ("im Stil von van Gogh", "starry_night"),
        ("in the style of munch please", "the_scream"),
        ("der", "the_scream"),
    ],
)
def test_what_is_typed_finds_the_painting(typed: str, first: str) -> None:
    assert ranked(typed, CARDS)[0].style.name == first


def test_nothing_typed_is_everything_in_its_own_order() -> None:
    assert [fit.style for fit in ranked(" ", CARDS)] == [*CARDS]
    assert ranked("xyzzy", CARDS) == []


def test_what_fits_all_that_is_typed_comes_before_what_fits_a_part() -> None:
    found = [fit.style.name for fit in ranked("woman red chalk", CARDS)]
    assert found == ["red_chalk_woman"] or found[:2] == ["red_chalk_woman", "woman_with_a_hat"]
    scores = [fit.score for fit in ranked("composition", CARDS)]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("style", CARDS, ids=name)
@given(data=st.data())
def test_a_slip_in_a_title_or_an_artist_finds_the_painting(style: StyleCard, data: Any) -> None:
    text = data.draw(st.sampled_from([style.title, style.artist]))
    at = data.draw(st.integers(0, len(text) - 2))
    slip = data.draw(st.sampled_from(["", text[at] * 2, text[at + 1] + text[at]]))
    typed = text[:at] + slip + text[at + (2 if len(slip) == 2 and slip[0] != slip[1] else 1) :]
    assert style in [fit.style for fit in ranked(typed, CARDS)]


@pytest.mark.parametrize(
    ("said", "styles"),
    [
        ("please paint it like the scream", ["the_scream"]),
        ("can you make this look like a monet", ["water_lilies"]),
        ("can you do the starry night for me and my dog", ["starry_night"]),
        ("bitte wie van gogh", ["starry_night"]),
        ("kannst du das bitte im Stil der großen Welle malen", ["great_wave"]),
        ("mal mir das wie Seerosen", ["water_lilies"]),
        ("Frau", ["woman_with_a_hat", "red_chalk_woman"]),
        ("🌊 please", ["great_wave"]),
        ("composition", ["composition_vii", "tableau_2"]),
        ("composition VII", ["composition_vii"]),
        ("woman", ["woman_with_a_hat", "red_chalk_woman"]),
    ],
)
def test_whoever_writes_freely_is_understood(said: str, styles: list[str]) -> None:
    assert [style.name for style in meant(said, CARDS)] == styles


@pytest.mark.parametrize(
    "said",
    [
        "",
        "no",
        "hi",
        "you are great",
        "what a nice picture",
        "look at the starry sky over the lake",
        "I have no money for this thing",
        "nice night everyone",
        "thanks that is cool",
        "einen schönen guten Morgen euch allen",
        "was für ein schöner Himmel über dem See",
        "👍",
    ],
)
def test_whoever_only_talks_names_no_style(said: str) -> None:
    assert meant(said, CARDS) == []
