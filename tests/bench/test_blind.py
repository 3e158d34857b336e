"""The sheet to vote on: fair sides, a key that fits, and nothing that tells the methods apart."""

from pathlib import Path

import numpy as np
import pytest

from bench import blind
from bench.entries import Entry, Sources, entries, flat
from engine.images import Picture, encode
from engine.protocol import ImageFormat


def entry(photo: str, method: str, size: int = 64) -> Entry:
    return Entry(Path(f"{photo}-{method}.png"), photo, "the_scream", size, method)


def picture(value: int, width: int = 48, height: int = 32) -> Picture:
    return Picture(np.full((height, width, 3), value, np.uint8), None)


MANY = [entry(f"photo{number}", method) for number in range(40) for method in ("ours", "theirs", "third")]


def test_each_pair_is_shown_once_with_both_methods() -> None:
    chosen = blind.choices([*MANY, entry("alone", "ours")], ("ours", "theirs"), 0)
    assert sorted(each.left.photo for each in chosen) == sorted(f"photo{number}" for number in range(40))
    assert all({each.left.method, each.right.method} == {"ours", "theirs"} for each in chosen)
    assert all(each.left.photo == each.right.photo for each in chosen)


def test_sides_and_order_are_chance_that_a_seed_repeats() -> None:
    first, again, other = (blind.choices(MANY, ("ours", "theirs"), seed) for seed in (1, 1, 2))
    assert first == again != other
    assert 8 < sum(each.left.method == "ours" for each in first) < 32
    assert [each.left.photo for each in first] != [f"photo{number}" for number in range(40)]


def test_sizes_are_rows_of_their_own() -> None:
    found = [entry("a", method, size) for method in ("ours", "theirs") for size in (256, 512)]
    assert len(blind.choices(found, ("ours", "theirs"), 0)) == 2


def test_the_key_names_what_the_rows_hide() -> None:
    chosen = blind.choices(MANY, ("ours", "theirs"), 3)
    told = blind.key(chosen)
    assert [each["row"] for each in told] == list(range(1, 41))
    assert [each["left"] for each in told] == [each.left.method for each in chosen]


def test_the_sheet_has_four_pictures_and_two_questions_a_row() -> None:
    row = [picture(value) for value in (10, 60, 110, 160)]
    one, two = blind.layout([row]), blind.layout([row, row])
    assert one.width == 4 * 48
    assert two.height == 2 * one.height
    pixels = np.asarray(one)
    assert [int(pixels[30, 48 * column + 24, 0]) for column in range(4)] == [10, 60, 110, 160]
    assert (pixels[-blind.VOTES :] < 128).any()  # something is written there


def test_a_row_is_read_from_its_files(tmp_path: Path) -> None:
    for method, value in (("ours", 40), ("theirs", 80)):
        data = encode(picture(value), ImageFormat.PNG)
        (tmp_path / f"chelsea-the_scream-64-{method}.png").write_bytes(data)
    (chosen,) = blind.choices(entries(tmp_path), ("ours", "theirs"), 0)
    content, _, left, right = blind.pictures(chosen, Sources())
    assert max(content.width, content.height) == 64
    assert {int(each.rgb.mean()) for each in (left, right)} == {40, 80}
    assert {(each.width, each.height) for each in (left, right)} == {(content.width, content.height)}


def test_a_file_that_is_called_otherwise_is_named(tmp_path: Path) -> None:
    (tmp_path / "chelsea.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"chelsea\.png"):
        entries(tmp_path)


def test_what_is_transparent_is_shown_on_white() -> None:
    alpha = np.array([[0, 255]], np.uint8)
    shown = flat(Picture(np.full((1, 2, 3), 30, np.uint8), alpha))
    assert shown.rgb[0, :, 0].tolist() == [255, 30]
    assert shown.alpha is None
