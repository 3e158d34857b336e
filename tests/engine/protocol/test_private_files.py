"""Other accounts of the machine see nothing of what is kept."""

import stat
import subprocess
import sys
from pathlib import Path

from engine.protocol import make_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_made_from_now_on_is_private(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys; from pathlib import Path; from engine.protocol import keep_private; keep_private();"
        "Path('folder').mkdir(); Path('folder/file').touch(); subprocess.run(['touch', 'folder/of a child'])"
    )
    subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={"PYTHONPATH": str(Path.cwd())}, check=True
    )
    found = {path.name: mode(path) for path in (tmp_path / "folder", *(tmp_path / "folder").iterdir())}
    assert found == {"folder": 0o700, "file": 0o600, "of a child": 0o600}


def test_what_was_there_is_made_private(tmp_path: Path) -> None:
    (tmp_path / "ours" / "deep").mkdir(parents=True)
    files = [tmp_path / name for name in ("ours.db", "ours/a", "ours/deep/b", "ours.sh")]
    for path in files:
        path.touch(0o755 if path.suffix == ".sh" else 0o644)
    assert make_private(tmp_path, ("ours*", "none")) == []
    assert [oct(mode(path)) for path in files] == ["0o600", "0o600", "0o600", "0o700"]
    assert {mode(path) for path in (tmp_path, tmp_path / "ours", tmp_path / "ours" / "deep")} == {0o700}


def test_what_is_not_ours_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").touch(0o644)
    (tmp_path / "ours" / "link").symlink_to(tmp_path / "theirs")
    tmp_path.chmod(0o755)
    make_private(tmp_path, ("ours",))
    assert [mode(tmp_path / name) for name in (".", "ours", "theirs")] == [0o755, 0o700, 0o644]


def test_a_folder_that_is_everybodys_stays_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    (tmp_path / "ours").touch(0o644)
    make_private(tmp_path, ("ours",))
    assert (mode(tmp_path), mode(tmp_path / "ours")) == (0o1777, 0o600)
