"""A command for each claim: `python -m bench.quality`, `bench.responsiveness`, `bench.start`."""
