"""The paintings by their names in each language: as the engine has them in English, and nothing is left in it elsewhere."""

import re

import pytest

from bot.languages import DEFAULT, Language, speaking
from bot.words.catalogue import say
from bot.words.paintings import artist_of, collection_of, title_of, titles_of, year_of
from engine.protocol import StyleCard
from engine.styles.catalogue import cards
from tests.bot.words.catalogues import messages

STARRY = next(card for card in cards() if card.name == "starry_night")
ENGLISH_WORDS = re.compile(r"\b(?:c\.|by|and|of the|century|early|late|artist|verified|print)(?:\b|(?<=\.))")


def told(card: StyleCard) -> list[str]:
    """Whatever a member reads of a painting."""
    where = card.credit.collection if card.credit is not None else ""
    return [title_of(card), artist_of(card), year_of(card), collection_of(card, where)]


def test_english_is_what_the_engine_says() -> None:
    said = {text for card in cards() for text in told(card)}
    ours = {say(each) for each in messages(DEFAULT) if each.startswith("paintings-")}
    assert ours <= said


@pytest.mark.parametrize("language", [each for each in Language if each is not DEFAULT])
@pytest.mark.parametrize("card", cards(), ids=lambda card: card.name)
def test_nothing_of_a_painting_is_left_in_english(language: Language, card: StyleCard) -> None:
    with speaking(language):
        shown = [text for text in told(card) if not text.startswith("not verified")]  # which is not shown
    assert [text for text in shown if ENGLISH_WORDS.search(text)] == []
    assert f"paintings-{card.name.replace('_', '-')}" in messages(language)


def test_what_the_engine_calls_otherwise_is_shown_as_it_says_it() -> None:
    other = STARRY.model_copy(update={"title": "The Starry Night, anew"})
    with speaking(Language.GERMAN):
        assert title_of(STARRY) == "Sternennacht"
        assert title_of(other) == other.title
    assert list(titles_of(STARRY)) == ["The Starry Night", "Sternennacht"]
