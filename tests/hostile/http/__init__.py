"""Mutations of real requests, sent to a real engine process as raw bytes. `python -m tests.hostile.http`

Rule: nothing here knows how the engine is built. It looks at what comes back, at the log, and at the process.
"""
