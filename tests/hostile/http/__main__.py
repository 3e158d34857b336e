"""`python -m tests.hostile.http`: mutate, send, and print what came of it; the exit code says whether all is well."""

import argparse
import asyncio
import sys

from tests.hostile.http.campaign import Campaign, run_against_new_engine


def main() -> int:
    """Run the harness."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.http", description=__doc__)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    campaign: Campaign = asyncio.run(run_against_new_engine(options.requests, options.seed))
    print(campaign.table())
    for fault in campaign.faults():
        print(f"FAULT: {fault}")
    return bool(campaign.faults())


if __name__ == "__main__":
    sys.exit(main())
