"""What travels to a booth, under which names, and what is kept of it there."""

from pathlib import Path

import pytest

from engine.styles import catalogue
from engine.workers.cluster.parcel import Parcel, path_of, unpacked
from engine.workers.cluster.scratch import Scratch
from engine.workers.cluster.wire import Here, packed_word, read_word
from engine.workers.ipc import Equipment, Run, RunReport
from engine.workers.runner import PREVIEWS
from tests.engine.scripted import progress
from tests.engine.workers.hands import Jobs


def test_files_travel_once_by_what_is_in_them_and_paths_do_not(jobs: Jobs, tmp_path: Path) -> None:
    run, other = jobs.run(), jobs.run(name="other")
    Path(run.checkpoint or "").write_bytes(b"begun")
    parcel = Parcel.of([run, other])
    assert sorted(path.name for path in parcel.sent.values()) == ["checkpoint.npz", "content", "style-1"]
    assert parcel.kept == {"kept-0": Path(run.checkpoint or ""), "kept-1": Path(other.checkpoint or "")}
    assert [outbox for _, outbox in parcel.outboxes] == [Path(run.outbox), Path(other.outbox)]
    assert str(tmp_path) not in "".join(work.model_dump_json() for work in parcel.works)


def test_there_each_has_its_files_and_a_bundled_study_comes_along_with_the_engine(
    jobs: Jobs, tmp_path: Path
) -> None:
    study = catalogue.image_path(catalogue.cards()[0].name)
    run = jobs.run()
    run = run.model_copy(update={"styles": (run.styles[0].model_copy(update={"image": str(study)}),)})
    parcel = Parcel.of([run])
    assert [path.name for path in parcel.sent.values()] == ["content"]
    there = unpacked(parcel.works[0], tmp_path / "there")
    assert isinstance(there, Run)
    assert there.styles[0].image == str(study)
    assert {Path(path).parent for path in (there.content, there.outbox, there.checkpoint or "")} == {
        tmp_path / "there"
    }
    assert there.model_copy(update={"outbox": "", "content": "", "checkpoint": None}) == run.model_copy(
        update={"outbox": "", "content": "", "checkpoint": None}
    )


@pytest.mark.parametrize(
    "name", ["../secret", "kept-0/../../secret", "/etc/passwd", "other-1", "", "out-1/a/b"]
)
def test_what_is_no_name_leads_nowhere(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no name"):
        path_of(name, tmp_path)


def test_a_file_comes_in_pieces_and_is_there_after_the_last(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    scratch.put("kept-0", b"ab", is_last=False)
    with pytest.raises(FileNotFoundError):
        scratch.read("kept-0", 0, 9)
    scratch.put("kept-0", b"cd", is_last=True)
    assert scratch.read("kept-0", 1, 2) == b"bc"
    scratch.clear()
    assert [*scratch.folder.iterdir()] == []


def test_what_a_killed_booth_has_left_the_next_removes_and_of_one_that_lives_nothing(tmp_path: Path) -> None:
    killed, alive = Scratch(tmp_path), Scratch(tmp_path)
    for scratch in (killed, alive):
        scratch.put("sent-1", b"a picture", is_last=True)
    killed.let_go()
    Scratch(tmp_path)
    assert not killed.folder.exists()
    assert alive.read("sent-1", 0, 99) == b"a picture"


def test_what_is_measured_of_a_machine_outlives_the_booth_and_of_members_styles_nothing_is_kept(
    tmp_path: Path,
) -> None:
    equipment = Equipment(weights="packaged", device="cpu", speeds="speed", statistics="statistics")
    scratch = Scratch(tmp_path)
    there = equipment.model_copy(update=scratch.folders(equipment))
    assert there.studies_only
    assert Path(there.speeds or "").parent == tmp_path
    scratch.close()
    assert not Path(there.statistics or "").parent.exists()
    assert Scratch(tmp_path).folders(equipment.model_copy(update={"speeds": None}))["speeds"] is None


def test_a_preview_is_said_as_it_is_and_small_enough_to_go_inline() -> None:
    preview = bytes(range(256)) * (PREVIEWS.max_bytes // 256)
    word = RunReport(number=3, report=progress().model_copy(update={"preview": preview}))
    said = packed_word(word)
    assert len(said) < 100_000
    assert read_word(said) == word
    assert read_word(packed_word(Here(machine="a", painter=1))) == Here(machine="a", painter=1)


def test_a_folder_that_others_get_into_is_not_used(tmp_path: Path) -> None:
    root, link = tmp_path / "root", tmp_path / "link"
    root.mkdir(mode=0o777)
    root.chmod(0o777)
    link.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    for path in (root, link):
        with pytest.raises(PermissionError, match="another account"):
            Scratch(path)
    assert not [*root.iterdir(), *(tmp_path / "elsewhere").iterdir()]
