"""A trial that ends as its arguments say: what a card does to a process, without the card."""

import os
import signal
import sys
import time
from pathlib import Path

from engine.devices.trial import end_with_parent

LLVM = "LLVM ERROR: Cannot select: bf16 = fadd"


def main(device: str, precision: str, *_: str) -> None:
    """Abort as LLVM does in bfloat16, and do all else; `device` may be another way to end."""
    match device:
        case "hangs":
            end_with_parent()
            Path(precision).write_text(str(os.getpid()))
            time.sleep(60)
        case "full":
            _die("F0000 cuda_dnn.cc: CUDA_ERROR_OUT_OF_MEMORY: out of memory")
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
    if precision == "bfloat16":
        _die(LLVM)


def _die(why: str) -> None:
    sys.stderr.write(why)
    sys.stderr.flush()
    os.abort()


if __name__ == "__main__":
    main(*sys.argv[1:])
