"""`python -m tests.hostile.files`: decode what breaks decoders; the exit code says whether all was answered well."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.protocol import ImageFormat
from tests.hostile.files import campaign, seeds, suites
from tests.hostile.files.campaign import Suite
from tests.hostile.files.mutations import mutations


def main() -> int:
    """Run the harness."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.files", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="more files, such as a suite that you have")
    parser.add_argument("--mutations", type=int, default=10_000, help="for each format")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--formats", nargs="*", type=ImageFormat, default=list(ImageFormat), metavar="FORMAT")
    parser.add_argument("--packages", nargs="*", choices=suites.PACKAGES, default=list(suites.PACKAGES))
    parser.add_argument(
        "--downloads", type=Path, default=Path(tempfile.gettempdir()) / "atelier-hostile-files"
    )
    parser.add_argument(
        "--offline", action="store_true", help="fetch nothing; leave suites out that are not in DOWNLOADS"
    )
    parser.add_argument(
        "--no-giants", dest="giants", action="store_false", help="without the largest legal ones"
    )
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 2))
    options = parser.parse_args()
    absent: list[str] = []
    ran = []
    for suite in _suites(options, absent):
        ran.append(suite)
        print(*campaign.table([suite]), sep="\n", flush=True)
    print("", *campaign.table(ran), sep="\n")
    faults = [f"{suite.name}: {fault}" for suite in ran for fault in suite.faults]
    for fault in faults:
        print(f"FAULT: {fault}")
    for sentence in absent:  # once more, where it is not overlooked
        print(sentence)
    return bool(faults or (absent and not options.offline))


def _suites(options: argparse.Namespace, absent: list[str]) -> Iterator[Suite]:
    for package in options.packages:
        try:
            folder = suites.fetch(package, options.downloads, offline=options.offline)
        except suites.SuiteAbsentError as error:
            print(error, flush=True)
            absent.append(str(error))
            continue
        yield campaign.run(package, suites.files(folder), jobs=options.jobs)
    for folder in options.folders:
        yield campaign.run(str(folder), suites.files(folder), jobs=options.jobs)
    if options.giants:
        yield campaign.run("the largest", seeds.giants(), jobs=1)
    good = seeds.seeds()
    for image_format in options.formats if options.mutations else ():
        mutated = mutations(image_format, good[image_format], options.mutations, options.seed)
        yield campaign.run(f"{image_format} mutated", mutated, jobs=options.jobs, ask_every=50)


if __name__ == "__main__":
    sys.exit(main())
