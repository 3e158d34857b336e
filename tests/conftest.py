"""Settings for all tests: hypothesis repeats the same examples every run, and never fails one for being slow."""

from hypothesis import settings

settings.register_profile("atelier", derandomize=True, deadline=None)
settings.load_profile("atelier")
