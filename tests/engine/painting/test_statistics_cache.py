"""The statistics cache: what was put is got, within the bound, whatever happens to the files."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.painting.statistics_cache import StatisticsCache

Arrays = tuple[NDArray[np.float32], ...]


def grams(seed: int, numbers: int = 250) -> Arrays:
    values = np.random.default_rng(seed).normal(size=(2, numbers // 2)).astype(np.float32)
    return (values, values[0] * 2, np.array(seed, np.float32))  # a number is an array of no dimensions


def same(one: Arrays | None, other: Arrays) -> bool:
    return one is not None and all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_what_was_put_is_got_by_another_process_too(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet" / "there"
    assert StatisticsCache(folder, 10**6).get("wave/512") is None
    StatisticsCache(folder, 10**6).put("wave/512", grams(1))
    StatisticsCache(folder, 10**6).put("wave/256", grams(2))
    got = StatisticsCache(folder, 10**6).get("wave/512")
    assert got is not None
    assert [array.dtype for array in got] == [np.float32] * 3
    assert same(got, grams(1))


def test_the_folder_stays_within_its_bound_and_the_unused_go_first(tmp_path: Path) -> None:
    StatisticsCache(tmp_path / "one", 10**6).put("0", grams(0, 500))
    (one,) = (tmp_path / "one").iterdir()
    bound = int(4.5 * one.stat().st_size)
    folder = tmp_path / "four"
    cache = StatisticsCache(folder, bound)
    for n in range(4):
        cache.put(str(n), grams(n, 500))
        _age(folder)
    assert cache.get("0") is not None
    cache.put("4", grams(4, 500))
    assert sum(path.stat().st_size for path in folder.iterdir()) <= bound
    kept = [n for n in range(5) if cache.get(str(n)) is not None]
    assert kept == [0, 2, 3, 4]


def test_what_is_larger_than_the_bound_is_not_kept_and_drives_nothing_out(tmp_path: Path) -> None:
    cache = StatisticsCache(tmp_path, 10_000)
    cache.put("small", grams(1))
    cache.put("large", grams(2, 10_000))
    assert cache.get("large") is None
    assert same(cache.get("small"), grams(1))


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "foreign"])
def test_a_damaged_file_is_a_miss_and_removed(tmp_path: Path, damage: str) -> None:
    cache = StatisticsCache(tmp_path, 10**6)
    cache.put("wave", grams(1))
    (path,) = tmp_path.iterdir()
    data = path.read_bytes()
    flipped = bytes(byte ^ (n == 400) for n, byte in enumerate(data))
    path.write_bytes({"empty": b"", "cut": data[:-9], "flipped": flipped, "foreign": b"hello"}[damage])
    assert cache.get("wave") is None
    assert list(tmp_path.iterdir()) == []
    cache.put("wave", grams(1))
    assert same(cache.get("wave"), grams(1))


def test_what_a_dead_worker_left_unfinished_is_tidied_up_in_time(tmp_path: Path) -> None:
    old, new, other = tmp_path / "a.part", tmp_path / "b.part", tmp_path / "README"
    for path in (old, new, other):
        path.write_bytes(b"x")
    os.utime(old, (1, 1))
    StatisticsCache(tmp_path, 10**6).put("wave", grams(1))
    assert not old.exists()
    assert new.exists()
    assert other.exists()


def test_a_folder_that_cannot_be_written_keeps_nothing_and_hurts_nobody(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    cache = StatisticsCache(blocked / "folder", 10**6)
    cache.put("wave", grams(1))
    assert cache.get("wave") is None


def test_workers_share_a_folder(tmp_path: Path) -> None:
    wrong: list[str] = []

    def work(number: int) -> None:
        cache = StatisticsCache(tmp_path, 8_000)
        for n in range(40):
            key = str((n * 7 + number) % 10)
            got = cache.get(key)
            if got is None:
                cache.put(key, grams(int(key)))
            elif not same(got, grams(int(key))):
                wrong.append(key)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert [path for path in tmp_path.iterdir() if path.suffix == ".part"] == []
    StatisticsCache(tmp_path, 8_000).put("last", grams(0))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 8_000


def _age(folder: Path) -> None:
    """Let the clock move on: make each file a minute older."""
    for path in folder.iterdir():
        facts = path.stat()
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns - 60 * 10**9))


def test_what_is_of_an_image_is_forgotten_and_nothing_else(tmp_path: Path) -> None:
    cache = StatisticsCache(tmp_path, 10**6)
    for key, origin in (("wave/512", "sha256:a"), ("wave/256", "sha256:a"), ("night/512", "sha256:b")):
        cache.note(key, origin)
        cache.put(key, grams(1))
    StatisticsCache(tmp_path, 10**6).forget("sha256:a")
    assert [cache.get(key) is not None for key in ("wave/512", "wave/256", "night/512")] == [
        False,
        False,
        True,
    ]
    StatisticsCache(tmp_path, 10**6).forget("sha256:b")
    assert [*tmp_path.iterdir()] == []


def test_what_is_measured_while_its_image_is_forgotten_is_not_kept(tmp_path: Path) -> None:
    worker, service = StatisticsCache(tmp_path, 10**6), StatisticsCache(tmp_path, 10**6)
    worker.note("wave", "sha256:a")
    service.forget("sha256:a")
    worker.put("wave", grams(1), "sha256:a")
    assert [*tmp_path.iterdir()] == []


def test_an_image_that_comes_back_is_forgotten_once_more(tmp_path: Path) -> None:
    worker, service = StatisticsCache(tmp_path, 10**6), StatisticsCache(tmp_path, 10**6)
    for _ in range(2):
        worker.note("wave", "sha256:a")
        worker.put("wave", grams(1), "sha256:a")
        service.forget("sha256:a")
        assert [*tmp_path.iterdir()] == []


def test_a_note_goes_with_what_it_is_about(tmp_path: Path) -> None:
    cache = StatisticsCache(tmp_path, 10**6)
    cache.note("wave", "sha256:a")
    (note,) = tmp_path.iterdir()
    os.utime(note, (0, 0))
    cache.put("other", grams(1))
    assert not note.exists()
