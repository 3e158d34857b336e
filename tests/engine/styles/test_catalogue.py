"""The bundled studies are there, small enough, large enough, and described."""

import pytest
from PIL import Image

from engine import images
from engine.protocol import ErrorCode, Refusal, StyleCard
from engine.styles import catalogue


def test_the_catalogue_and_the_folder_agree() -> None:
    cards = catalogue.cards()
    assert len(cards) >= 10
    files = {path.stem for path in catalogue.image_path(cards[0].name).parent.glob("*.jpg")}
    assert files == {card.name for card in cards}
    assert len({card.emoji for card in cards}) == len(cards)


@pytest.mark.parametrize("card", catalogue.cards(), ids=lambda card: str(card.name))
def test_each_study(card: StyleCard) -> None:
    path = catalogue.image_path(card.name)
    assert path.stat().st_size <= 300_000
    with Image.open(path) as image:
        assert max(image.size) >= 512
    picture = images.decode(path.read_bytes(), "style")
    assert card.colours == tuple(catalogue.main_colours(picture))
    assert picture.rgb.std() > 20


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        catalogue.image_path("../catalogue")
    assert refused.value.code is ErrorCode.UNKNOWN_STYLE
