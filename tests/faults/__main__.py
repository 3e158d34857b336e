"""Faults by the hundred: `python -m tests.faults [--share PART] [--seed N] [--only WORDS] [--postgres]`, or `make test-faults`.

Prints for each stage how many faults there were and what became of what was promised. Exit code 1 unless nothing
was lost, doubled, changed, given up, stuck or left over; the logs and the data of a stage that was not clean are kept.
"""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from tests.faults import bot, cluster, engine
from tests.faults.memory import SERVER
from tests.faults.tally import Tally, table
from tests.postgres import running

STAGES = {**engine.STAGES, **bot.STAGES, **cluster.STAGES}


def main() -> int:
    """Run all stages, or some."""
    parser = argparse.ArgumentParser(description="Do harm, and count what is lost.")
    parser.add_argument("--share", type=float, default=1.0, help="part of the usual number of faults")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="stages that have these words in their name")
    parser.add_argument("--postgres", action="store_true", help="the bot's stages over a real PostgreSQL")
    options = parser.parse_args()
    with running() if options.postgres else nullcontext() as server:
        SERVER.set(server)
        return _run(options.only, options.share, options.seed)


def _run(only: str, share: float, seed: int) -> int:
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # whoever is killed hangs up at any time
    rows: list[tuple[str, Tally]] = []
    for title, (stage, usual) in STAGES.items():
        if only not in title:
            continue
        start, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="atelier-faults-"))
        tally = asyncio.run(stage(folder, max(1, round(usual * share)), seed))
        rows.append((title, tally))
        print(f"{title}: {tally} in {time.monotonic() - start:.0f} s", flush=True)  # noqa: T201
        if tally.is_clean:
            shutil.rmtree(folder)
        else:
            print(f"what is left of it to look at: {folder}", flush=True)  # noqa: T201
    print(table(rows))  # noqa: T201
    return not all(tally.is_clean for _, tally in rows)


if __name__ == "__main__":
    sys.exit(main())
