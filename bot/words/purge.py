"""Deleting what one member had painted: what a moderator reads before, while and after."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.storage.museum import ServerStyle
from bot.words.catalogue import Phrase, and_list, say
from bot.words.museum import named

GROUP = Phrase("purge-group")
MEMBER = Phrase("purge-command")
OPTIONS = {
    "member": Phrase("purge-option-member"),
    "results": Phrase("purge-option-results"),
    "since": Phrase("purge-option-since"),
}
WHICH = {"both": Phrase("purge-both"), "asked": Phrase("purge-asked"), "made": Phrase("purge-made")}
SINCE = {
    "hour": Phrase("purge-hour"),
    "day": Phrase("purge-day"),
    "week": Phrase("purge-week"),
    "ever": Phrase("purge-ever"),
}
CONFIRM, KEEP = Phrase("purge-confirm"), Phrase("purge-keep")
CONFIRM_STYLES = Phrase("purge-confirm-styles")
KEPT = Phrase("purge-kept")


@dataclass(frozen=True)
class Purged:
    """How much goes: results, in how many channels, pictures that are not finished, duels, and styles of the server."""

    results: int
    channels: int
    waiting: int
    duels: int = 0
    styles: int = 0

    @property
    def is_any(self) -> bool:
        """Whether anything goes but styles."""
        return bool(self.results or self.waiting or self.duels)


def question(
    member_id: int, which: str, since: int, count: Purged, styles: Sequence[ServerStyle] = ()
) -> str:
    """What would go, and which styles could."""
    told = say(
        "purge-question" if count.is_any else "purge-nothing",
        counted=_counted(count),
        member=f"<@{member_id}>",
        which=WHICH[which](),
        since="then" if since else "ever",
        when=f"<t:{since}:f>",
    )
    if not styles:
        return told
    names = and_list([named(each) for each in styles])
    return f"{told}\n{say('purge-styles', count=len(styles), member=f'<@{member_id}>', styles=names)}"


def underway(all_of_them: int, gone: int) -> str:
    """How far it is, in messages."""
    return say("purge-underway", count=all_of_them, gone=gone)


def done(count: Purged, left: int) -> str:
    """What is gone."""
    told = say("purge-done", counted=_counted(count))
    return f"{told} {say('purge-left', count=left)}" if left else told


def in_audit(**counted: int) -> str:
    """The same, for the other moderators."""
    return say("purge-audit", counted=_counted(Purged(**counted)))


def _counted(count: Purged) -> str:
    parts = []
    if count.results or not (count.waiting or count.duels or count.styles):
        parts.append(say("purge-results", results=count.results, channels=count.channels))
    if count.waiting:
        parts.append(say("purge-waiting", count=count.waiting))
    if count.duels:
        parts.append(say("purge-duels", count=count.duels))
    if count.styles:
        parts.append(say("purge-counted-styles", count=count.styles))
    return and_list(parts)
