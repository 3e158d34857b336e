"""What a decoder loads or opens only when a file asks for it, which a confined one could not: `... FOLDER`.

Every file of the folder is decoded in all the ways that a decoder's child knows, in a process that has imported what the
children's parent has. A line is printed for each thing that Python imports or opens meanwhile.
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.images import fork_server  # noqa: F401 - what this loads is there
from engine.images.decoder_child import WORKS
from engine.protocol import MAX_ANIMATED_SIDE, Refusal

_OPENING = ("import", "open", "ctypes.dlopen")
ORDERS: dict[str, dict[str, Any]] = {
    "content": {"which": "content", "most": 3, "long_side": 40, "frame_side": MAX_ANIMATED_SIDE},
    "picture": {"which": "style", "long_side": None},
    "mask": {"which": "mask", "long_side": 20},
    "text": {},
}


def opened(files: dict[str, bytes]) -> list[str]:
    """What was imported or opened, by the event's name, what it was about, and the file it came from."""
    found: list[str] = []
    current: str | None = None

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if current is not None and event in _OPENING:
            found.append(f"{event} {arguments[0]} {current}")

    sys.addaudithook(hear)
    for name, data in files.items():
        for work, options in ORDERS.items():
            current = f"{work} {name}"
            with suppress(Refusal):
                WORKS[work](data, **options)
            current = None
    current = "heard"  # what is opened, or else nothing said here would mean anything
    Path(__file__).read_bytes()
    current = None
    return found


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    print(*opened({path.name: path.read_bytes() for path in sorted(folder.iterdir())}), sep="\n")
