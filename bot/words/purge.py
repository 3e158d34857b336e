"""Deleting what one member had painted: what a moderator reads before, while and after."""

from dataclasses import dataclass

from bot.words.catalogue import Phrase, and_list, say

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
KEPT = Phrase("purge-kept")


@dataclass(frozen=True)
class Purged:
    """How much goes: results, in how many channels, and pictures that are not finished."""

    results: int
    channels: int
    waiting: int


def question(member_id: int, which: str, since: int, count: Purged) -> str:
    """What would go."""
    return say(
        "purge-question" if count.results or count.waiting else "purge-nothing",
        counted=_counted(count),
        member=f"<@{member_id}>",
        which=WHICH[which](),
        since="then" if since else "ever",
        when=f"<t:{since}:f>",
    )


def underway(all_of_them: int, gone: int) -> str:
    """How far it is, in messages."""
    return say("purge-underway", count=all_of_them, gone=gone)


def done(count: Purged, left: int) -> str:
    """What is gone."""
    told = say("purge-done", counted=_counted(count))
    return f"{told} {say('purge-left', count=left)}" if left else told


def in_audit(results: int, channels: int, waiting: int) -> str:
    """The same, for the other moderators."""
    return say("purge-audit", counted=_counted(Purged(results, channels, waiting)))


def _counted(count: Purged) -> str:
    parts = []
    if count.results or not count.waiting:
        parts.append(say("purge-results", results=count.results, channels=count.channels))
    if count.waiting:
        parts.append(say("purge-waiting", count=count.waiting))
    return and_list(parts)
