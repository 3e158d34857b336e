"""The versions of the engine's database, applied by `engine.storage.jobs` whenever it opens one.

Rule: a version that has been released is never edited; a change is a new version, in a file whose name begins with it.
"""

from pathlib import Path


def newest() -> str:
    """The newest version, known without Alembic: to load that takes longer than to open a database that is of it."""
    return max(path.name[1:5] for path in Path(__file__).with_name("versions").glob("v[0-9]*.py"))
