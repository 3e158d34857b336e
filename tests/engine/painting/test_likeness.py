"""What the percentages say of pictures of which everybody knows what is right."""

import numpy as np
import pytest

from engine.images import Picture, crop, resize
from engine.nst import PACKAGED
from engine.painting import likeness
from engine.painting.scene import Style, StyleTransfer
from engine.painting.session import Session
from engine.painting.style_targets import StyleTargets
from engine.protocol import Likeness, Precision, Settings

pytestmark = pytest.mark.integration


def told(session: Session, content: Picture, style: Picture, painted: Picture) -> Likeness:
    transfer = StyleTransfer(content, [Style(style)], Settings())
    targets = StyleTargets(PACKAGED, None)
    return likeness.measure(session.network, Precision.FLOAT32, targets, transfer, painted)


def mixed(one: Picture, other: Picture, share: float) -> Picture:
    return Picture(np.rint(one.rgb + share * (other.rgb - one.rgb.astype(float))).astype(np.uint8))


def test_the_untouched_content_has_nothing_of_the_style_and_all_of_itself(
    session: Session, cat: Picture, wave: Picture
) -> None:
    assert told(session, cat, wave, cat) == Likeness(style_reached=0, content_kept=100)


def test_a_style_itself_is_reached_and_nothing_of_the_content_is_kept(
    session: Session, cat: Picture, wave: Picture, scream: Picture
) -> None:
    for style in (crop(each, cat.width, cat.height) for each in (wave, scream)):
        found = told(session, cat, style, style)
        assert found.style_reached == 100
        assert found.content_kept < 15


def test_what_is_the_style_already_has_reached_it(session: Session, cat: Picture) -> None:
    assert told(session, cat, cat, cat) == Likeness(style_reached=100, content_kept=100)


def test_what_is_invisible_is_as_it_was(session: Session, cat: Picture, wave: Picture) -> None:
    clear = np.zeros(cat.rgb.shape[:2], np.uint8)
    found = told(session, Picture(cat.rgb, clear), wave, Picture(cat.rgb[::-1].copy(), clear))
    assert found == Likeness(style_reached=0, content_kept=100)


def test_hidden_colours_count_for_nothing(session: Session, cat: Picture, wave: Picture) -> None:
    alpha = np.full(cat.rgb.shape[:2], 255, np.uint8)
    alpha[:, : cat.width // 2] = 0
    painted = mixed(cat, resize(wave, cat.width, cat.height), 0.5)
    found = []
    for hidden in (0, 255):
        rgb = painted.rgb.copy()
        rgb[:, : cat.width // 2] = hidden
        found.append(told(session, Picture(cat.rgb, alpha), wave, Picture(rgb, alpha)))
    assert found[0] == found[1]


def test_they_do_not_depend_on_the_size(session: Session, cat: Picture, wave: Picture) -> None:
    painted = mixed(cat, resize(wave, cat.width, cat.height), 0.6)
    small, large = (
        told(session, cat, wave, resize(painted, round(scale * cat.width), round(scale * cat.height)))
        for scale in (0.6, 1.5)
    )
    assert small.style_reached == pytest.approx(large.style_reached, abs=4)
    assert small.content_kept == pytest.approx(large.content_kept, abs=4)


def test_they_rise_and_fall_with_what_is_mixed_in(session: Session, cat: Picture, wave: Picture) -> None:
    other = resize(wave, cat.width, cat.height)
    found = [told(session, cat, wave, mixed(cat, other, share)) for share in (0, 0.6, 0.8, 1)]
    reached, kept = [each.style_reached for each in found], [each.content_kept for each in found]
    assert reached == sorted(set(reached))
    assert kept == sorted(set(kept), reverse=True)
