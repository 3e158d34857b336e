"""The doctor tells what is amiss, one line each."""

from pathlib import Path

from engine.cli import doctor


def test_a_folder_that_others_get_into_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert doctor._permissions(tmp_path) == (
        False,
        f"Data: other accounts of this machine get into {tmp_path}: chmod 700 {tmp_path}",
    )
    tmp_path.chmod(0o700)
    assert doctor._permissions(tmp_path)[0]


async def test_the_decoder_is_confined() -> None:
    is_well, line = await doctor._sandbox()
    assert is_well
    assert line.startswith("Decoder: confined")
