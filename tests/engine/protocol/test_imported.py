"""What is imported is looked through for garbage neither then nor later, and all that comes after it is."""

import subprocess
import sys

import pytest

PROGRAM = """
import gc
import {module}
was_looked_through = bool(gc.get_stats()[2]["collections"])
first = gc.get_freeze_count()
print(gc.isenabled(), was_looked_through, first > {objects})
"""


@pytest.mark.integration
@pytest.mark.parametrize(("module", "objects"), [("bot.__main__", 100_000), ("engine.__main__", 30_000)])
def test_what_a_process_starts_with_stays(module: str, objects: int) -> None:
    program = PROGRAM.format(module=module, objects=objects)
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "False", "True"]
