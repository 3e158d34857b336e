"""The bundled studies are there, small enough, large enough, described, and may be bundled."""

import re
import time

import pytest
from PIL import Image

from engine import images
from engine.protocol import ErrorCode, Refusal, StyleCard
from engine.styles import catalogue

REACTIONS = 20  # that Discord allows under a message, and the palette has one of each style
TERM = 70  # full years after the artist's death, for which copyright lasts


def test_the_catalogue_and_the_folder_agree() -> None:
    cards = catalogue.cards()
    assert len(cards) <= REACTIONS
    files = {path.stem for path in catalogue.image_path(cards[0].name).parent.glob("*.jpg")}
    assert files == {card.name for card in cards}
    assert len({card.emoji for card in cards}) == len(cards)


@pytest.mark.parametrize("card", catalogue.cards(), ids=lambda card: str(card.name))
def test_each_study(card: StyleCard) -> None:
    path = catalogue.image_path(card.name)
    assert path.stat().st_size <= 200_000
    with Image.open(path) as image:
        assert max(image.size) >= 512
    picture = images.decode(path.read_bytes(), "style")
    assert card.colours == tuple(images.main_colours(picture))
    assert picture.rgb.std() > 20


@pytest.mark.parametrize("card", catalogue.cards(), ids=lambda card: str(card.name))
def test_each_may_be_bundled(card: StyleCard) -> None:
    credit = card.credit
    assert credit is not None
    died = re.fullmatch(r"(?:by )?(\d{4})", credit.died)
    assert died is not None
    assert int(died[1]) + TERM < time.gmtime().tm_year
    assert credit.collection


@pytest.mark.parametrize("card", catalogue.cards(), ids=lambda card: str(card.name))
def test_each_emoji_is_one_character(card: StyleCard) -> None:
    """Discord knows it as it is; a sequence comes back with other variation selectors or joiners."""
    assert len(card.emoji) == 1


def test_of_a_name_no_more_is_repeated_than_can_be_shown() -> None:
    with pytest.raises(Refusal) as refused:
        catalogue.image_path("a\n\x1b" + "x" * 61)
    assert refused.value.facts == {"name": "a??" + "x" * 37}


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        catalogue.image_path("../catalogue")
    assert refused.value.code is ErrorCode.UNKNOWN_STYLE
