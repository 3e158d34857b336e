"""A command for each claim: `python -m bench.quality`, `bench.service`, `bench.start`."""
