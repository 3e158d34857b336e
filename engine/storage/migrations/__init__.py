"""The versions of the engine's database, applied by `engine.storage.jobs` whenever it opens one.

Rule: a version that has been released is never edited; a change is a new version.
"""
