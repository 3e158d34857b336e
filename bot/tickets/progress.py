"""Which event is worth an edit, and when: pure rules over an explicit clock.

Rule: no I/O and no clock of its own. A picture changes most in its beginning, so previews are shown at
geometrically growing progress; between two edits of a message lie MESSAGE_SECONDS, a channel sees about
CHANNEL_EDITS edits in CHANNEL_SECONDS, and whoever waits for a turn shows the newest there is by then.
"""

from collections import deque
from dataclasses import dataclass, field

from bot.engine_client import Late, Update
from bot.words.ticket import promised
from engine.protocol import Preview, Queued

MESSAGE_SECONDS = 3.0
CHANNEL_EDITS = 2
LATE_SECONDS = 5.0  # after the promised time, before anything is said of it
CHANNEL_SECONDS = 10.0
GROWTH = 1.5  # a preview is worth an edit once the painting is this much further than the last one shown
FLOOR = 0.02  # progress below which growth is not measured, or the first second would take all edits
SILENCE_SECONDS = 30.0  # after which anything new is worth an edit


@dataclass
class ChannelPace:
    """The edits that all tickets of one channel share."""

    _edits: deque[float] = field(default_factory=lambda: deque(maxlen=CHANNEL_EDITS))

    def free_at(self) -> float:
        """When the next edit fits into the channel's share."""
        full = len(self._edits) == CHANNEL_EDITS
        return self._edits[0] + CHANNEL_SECONDS if full else float("-inf")

    def note(self, now: float) -> None:
        """An edit was made."""
        self._edits.append(now)


@dataclass
class MessagePace:
    """The edits of one ticket's message, posted at `posted`; `tiles` are those that a sheet grows by, each of them news."""

    channel: ChannelPace
    posted: float
    tiles: int = 0
    _edited: float = field(init=False)
    _shown: Update | None = field(default=None, init=False)
    late_at: float = field(default=float("inf"), init=False)  # when what was promised is overdue
    _patience: float = field(default=SILENCE_SECONDS, init=False)  # the least time that is promised next
    _developing: bool = field(default=False, init=False)  # a first preview has been shown

    def __post_init__(self) -> None:
        self._edited = self.posted

    def due(self, update: Update) -> float:
        """The moment from which `update` may be shown; in the past means at once."""
        if isinstance(update, Preview) and not self._developing:
            return float("-inf")  # the first preview is what everybody waits for
        pause = MESSAGE_SECONDS if self._is_news(update) else SILENCE_SECONDS
        return max(self._edited + pause, self.channel.free_at())

    def note(self, update: Update, now: float) -> None:
        """`update` was shown."""
        self._shown, self._edited = update, now
        self._developing = self._developing or isinstance(update, Preview)
        self.channel.note(now)
        self.late_at = self._overdue(update, now)

    def _overdue(self, update: Update, now: float) -> float:
        """When it has to be said that it takes longer; each time is twice as far away as the last one."""
        if isinstance(update, Late):
            self._patience *= 2
            return now + max(update.eta_seconds or 0.0, self._patience) + LATE_SECONDS
        eta = getattr(update, "eta_seconds", None)
        return float("inf") if eta is None else now + promised(eta) + LATE_SECONDS

    def _is_news(self, update: Update) -> bool:
        match self._shown, update:
            case Preview() as shown, Preview():
                if update.progress < shown.progress:  # the painting was begun anew
                    return True
                if self.tiles:
                    return (
                        round(update.progress * self.tiles, 6) // 1
                        > round(shown.progress * self.tiles, 6) // 1
                    )
                return update.progress >= max(shown.progress, FLOOR) * GROWTH
            case Queued() as shown, Queued():
                is_paused, was_paused = update.eta_seconds is None, shown.eta_seconds is None
                return update.position != shown.position or is_paused is not was_paused
            case _:
                return type(self._shown) is not type(update)
