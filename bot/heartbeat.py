"""A sign of life for whoever watches over the process: a file that is touched while the line to Discord is open.

Rule: what looks at it loads nothing of the bot, so that it may be asked often.
"""

import time
from pathlib import Path

BEAT_SECONDS = 15.0
SILENCE_SECONDS = 60.0
HEARTBEAT = "heartbeat"


def beat(data: Path) -> None:
    """Leave a sign. Raises OSError."""
    (data / HEARTBEAT).touch()


def is_beating(data: Path) -> bool:
    """Whether there was a sign within SILENCE_SECONDS."""
    try:
        return time.time() - (data / HEARTBEAT).stat().st_mtime < SILENCE_SECONDS
    except OSError:
        return False
