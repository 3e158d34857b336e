"""Judges of what is seen in a picture, which no recipe contains: `python -m bench.subject FOLDER`.

In an environment of its own (`make bench-subject`): their weights come inside packages that nothing else needs.
"""
