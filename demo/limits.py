"""How many requests Discord takes of a bot at once: for each kind of them in each channel, for each token, and of all.

Rule: said in each answer, as Discord does, so that a client that listens never meets a 429. Discord documents only the limit
of all, and that the others may change; these are the ones that bots were told of in 2025 and 2026.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

ALL, ALL_SECONDS = 50, 1.0  # interactions and what goes by their tokens do not count
_UNCOUNTED = ("/interactions/", "/webhooks/")


@dataclass(frozen=True)
class Limit:
    """So many requests in so many seconds, for each first group of the pattern."""

    name: str
    method: str
    path: re.Pattern[str]
    requests: int
    seconds: float


def _limit(name: str, method: str, path: str, requests: int, seconds: float) -> Limit:
    return Limit(name, method, re.compile(path), requests, seconds)


LIMITS = (
    _limit("send", "POST", r"/channels/(\d+)/messages", 5, 5.0),
    _limit("edit", "PATCH", r"/channels/(\d+)/messages/\d+", 5, 5.0),
    _limit("delete", "DELETE", r"/channels/(\d+)/messages/\d+", 5, 1.0),
    _limit("react", "PUT", r"/channels/(\d+)/messages/\d+/reactions/.*", 1, 0.25),
    _limit("follow up", "POST", r"/webhooks/(\d+/[^/]+)", 5, 2.0),
    _limit("edit by token", "PATCH", r"/webhooks/(\d+/[^/]+)/messages/.*", 5, 2.0),
)


@dataclass(frozen=True)
class Share:
    """What is left of a limit after a request; `retry_after` if it came too early."""

    headers: Mapping[str, str]
    retry_after: float = 0.0
    is_of_all: bool = False


@dataclass
class Limits:
    """What was asked within each window; a window begins with the first request after the last one."""

    _windows: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def take(self, method: str, path: str, now: float) -> Share | None:
        """Count a request at `now`; None if nothing limits it."""
        if not path.startswith(_UNCOUNTED):
            over = self._count("all", "", ALL, ALL_SECONDS, now)[1]
            if over:
                return Share({}, over, is_of_all=True)
        for limit in LIMITS:
            if limit.method == method and (of := limit.path.fullmatch(path)) is not None:
                left, over = self._count(limit.name, of[1], limit.requests, limit.seconds, now)
                reset = max(self._windows[limit.name, of[1]][0] + limit.seconds - now, 0.0)
                headers = {
                    "X-RateLimit-Limit": str(limit.requests),
                    "X-RateLimit-Remaining": str(left),
                    "X-RateLimit-Reset-After": f"{reset:.3f}",
                    "X-RateLimit-Bucket": limit.name,
                }
                return Share(headers, over)
        return None

    def _count(self, name: str, of: str, requests: int, seconds: float, now: float) -> tuple[int, float]:
        """How many more fit into the window, and for how long one that does not has to wait."""
        began, count = self._windows.get((name, of), (now, 0))
        if now >= began + seconds:
            began, count = now, 0
        if count >= requests:
            return 0, round(began + seconds - now + 0.001, 3)
        self._windows[name, of] = (began, count + 1)
        return requests - count - 1, 0.0
