"""What is loaded at run time, by whichever way; who may import whom are contracts in `pyproject.toml`."""

import subprocess
import sys

MODULES_OF = """
import importlib, pkgutil, sys
for root in sys.argv[1:]:
    package = importlib.import_module(root)
    for found in pkgutil.walk_packages(getattr(package, "__path__", []), root + "."):
        if "migrations" not in found.name:
            importlib.import_module(found.name)
print(*sorted(sys.modules))
"""


def modules_of(*roots: str) -> set[str]:
    """All that is loaded once every module under `roots` is."""
    command = [sys.executable, "-c", MODULES_OF, *roots]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_the_bot_knows_the_engine_by_its_protocol_only() -> None:
    loaded = modules_of("bot")
    assert not loaded & {"tensorflow", "keras", "numpy", "PIL"}
    ours = {name for name in loaded if name.startswith("engine.")}
    assert "engine.protocol" in ours
    assert {name for name in ours if not name.startswith("engine.protocol")} == set()


def test_the_wire_needs_nothing_of_either_side() -> None:
    loaded = modules_of("engine.protocol")
    assert not loaded & {"tensorflow", "keras", "numpy", "PIL", "discord", "aiohttp", "bot"}
