"""A sample of `make test-hostile`: a few seconds of files made bad, each answered, none of them dear."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine import images
from engine.images import Animation, Picture, sandbox
from engine.images.confinement import Measure
from engine.images.decoding import Order, ask
from engine.protocol import ImageFormat
from tests.hostile.files import campaign, loading
from tests.hostile.files.child import SHOWN
from tests.hostile.files.mutations import mutations, parts
from tests.hostile.files.seeds import seeds

SEEDS = seeds()
ODDITIES = Path(__file__).parents[1] / "engine" / "images" / "oddities"


@pytest.mark.parametrize("image_format", ImageFormat)
def test_what_is_mutated_is_shown_or_refused_and_costs_little(image_format: ImageFormat) -> None:
    files = mutations(image_format, SEEDS[image_format], 150, seed=1)
    suite = campaign.run(image_format, files, jobs=2, ask_every=30)
    assert suite.outcomes.total() == 150
    assert not suite.deaths
    assert not suite.faults


@pytest.mark.parametrize("image_format", ImageFormat)
def test_what_is_mutated_was_good(image_format: ImageFormat) -> None:
    files = [(str(index), data) for index, data in enumerate(SEEDS[image_format])]
    assert set(campaign.run(image_format, files, jobs=1).outcomes) == {SHOWN}
    assert all(len(parts(image_format, data)) >= 2 for data in SEEDS[image_format])


def test_mutations_are_the_same_for_the_same_seed() -> None:
    png = SEEDS[ImageFormat.PNG]
    one, other = (list(mutations(ImageFormat.PNG, png, 20, seed=3)) for _ in range(2))
    assert one == other
    assert one != list(mutations(ImageFormat.PNG, png, 20, seed=4))
    assert len({data for _, data in one}) > 15


def samples() -> dict[str, bytes]:
    """Files of all formats with whatever they may have inside: profiles, EXIF, frames, transparency, and our texts."""
    picture = Picture(np.zeros((40, 48, 3), np.uint8))
    film = Animation((picture, picture), (50, 60))
    files = {f"{kind}-{index}": data for kind, good in SEEDS.items() for index, data in enumerate(good)}
    files |= {path.name: path.read_bytes() for path in ODDITIES.iterdir()}
    for kind in (ImageFormat.PNG, ImageFormat.JPEG, ImageFormat.WEBP):
        files[f"{kind}-text"] = images.encode(picture, kind, text="ours é")
    for kind in (ImageFormat.PNG, ImageFormat.GIF, ImageFormat.WEBP):
        files[f"{kind}-moving-text"] = images.encode_animation(film, kind, text="ours é")
    return files


def test_nothing_is_loaded_or_opened_for_a_file(tmp_path: Path) -> None:
    """A confined decoder could not: what is imported late makes a sound file unreadable there."""
    for name, data in samples().items():
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-m", loading.__name__, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line for line in told if not line.endswith(" heard")] == []
    assert told  # it does hear


async def test_a_confined_decoder_finds_what_a_free_one_finds() -> None:
    threads = Measure.FILTER not in (await sandbox.probe()).missing  # which libde265 needs
    for name, data in samples().items():
        if not threads and name.startswith(ImageFormat.HEIF):
            continue
        free = images.decode_content(data, "content", most=3, long_side=40, frame_side=30)
        confined = await sandbox.decode_content(data, "content", most=3, long_side=40, frame_side=30)
        assert confined.milliseconds == free.milliseconds, name
        for ours, theirs in zip(free.frames, confined.frames, strict=True):
            np.testing.assert_array_equal(ours.rgb, theirs.rgb, name)
            assert (ours.alpha is None) == (theirs.alpha is None), name
        mask = await sandbox.decode_mask(data, "mask", long_side=20)
        np.testing.assert_array_equal(mask, images.decode_mask(data, long_side=20), name)
        text = await ask(Order("text", "content", data))
        assert text.head.text == images.read_text(data), name
        assert ("text" in name) == (text.head.text == "ours é"), name


def test_a_suite_that_is_not_there_is_one_sentence_and_nothing_is_fetched(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.hostile.files", "--packages", "Wand", "--offline", "--no-giants"]
    command += ["--mutations", "0", "--downloads", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (
        f"Wand is left out: nothing is fetched; its unpacked source package belongs in {tmp_path}/wand=="
        in done.stdout
    )
    assert list(tmp_path.iterdir()) == []
