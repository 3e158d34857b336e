"""What a member is told of what is kept about them, and asked before it is deleted."""

import json

from bot.storage import (
    blocks,
    consents,
    counted,
    duels,
    gallery,
    museum,
    posts,
    reactions,
    settings,
    stars,
    tickets,
    weeks,
)
from bot.storage.members import Kept
from bot.storage.wishes import Wishes
from bot.words.catalogue import Phrase, say

GROUP = Phrase("privacy-group")
SHOW = Phrase("privacy-show")
DELETE = Phrase("privacy-delete")
FILE = Phrase("privacy-file")

DELETE_NOW = Phrase("privacy-delete-now")
KEEP = Phrase("privacy-keep")
KEPT = Phrase("privacy-kept")
NOTHING = Phrase("privacy-nothing")
SEEN = Phrase("privacy-seen")

_COUNTED = {
    tickets.table: Phrase("privacy-count-tickets"),
    posts.table: Phrase("privacy-count-posts"),
    reactions.table: Phrase("privacy-count-reactions"),
    consents.answers: Phrase("privacy-count-consents"),
    consents.asked: Phrase("privacy-count-consents-asked"),
    museum.table: Phrase("privacy-count-museum"),
    museum.votes: Phrase("privacy-count-museum-votes"),
    settings.changes: Phrase("privacy-count-audit"),
    stars.table: Phrase("privacy-count-stars"),
    stars.pieces: Phrase("privacy-count-pieces"),
    gallery.refusals: Phrase("privacy-count-refusals"),
    weeks.table: Phrase("privacy-count-weeks"),
    weeks.entries: Phrase("privacy-count-entries"),
    duels.table: Phrase("privacy-count-duels"),
    duels.votes: Phrase("privacy-count-votes"),
    blocks.table: Phrase("privacy-count-blocks"),
    counted.table: Phrase("privacy-count-counted"),
}
_IMAGES = Phrase("privacy-count-images")


def summary(kept: Kept, images: int) -> str:
    """Everything about a member, by kind and number; `images`: pictures of which the sent images are kept."""
    counted = [(phrase, kept.count(table.name)) for table, phrase in _COUNTED.items()]
    told = [f"- {phrase(count=count)}" for phrase, count in (*counted, (_IMAGES, images)) if count]
    if not told:
        return NOTHING()
    return "\n".join([say("privacy-summary"), *told, say("privacy-how")])


def document(kept: Kept) -> bytes:
    """All rows about a member, for them to keep."""
    return json.dumps(kept.rows, indent=2, ensure_ascii=False, default=str).encode()


def question(wishes: Wishes) -> str:
    """What will go, and what will stay."""
    lines = [
        say("privacy-results-go" if wishes.takes_results else "privacy-results-stay"),
        say("privacy-pictures-go" if wishes.takes_pictures else "privacy-pictures-stay"),
    ]
    if wishes.keeps_no is not None:
        lines.append(say("privacy-no-stays" if wishes.keeps_no else "privacy-no-goes"))
    return "\n".join([say("privacy-question"), *(f"- {line}" for line in lines)])


def results_button(wishes: Wishes) -> str:
    """The button that changes what becomes of results."""
    return say("privacy-leave-results" if wishes.takes_results else "privacy-take-results")


def pictures_button(wishes: Wishes) -> str:
    """The button that changes what becomes of others' results of one's pictures."""
    return say("privacy-leave-pictures" if wishes.takes_pictures else "privacy-take-pictures")


def no_button(wishes: Wishes) -> str:
    """The button that changes whether one's no is remembered."""
    return say("privacy-forget-no" if wishes.keeps_no else "privacy-remember-no")


def deleted(wishes: Wishes, *, counts: bool = False) -> str:
    """It is done; `counts`: for today's limits."""
    posts_go = wishes.takes_results or wishes.takes_pictures
    told = [say("privacy-deleted"), say("privacy-results-disappear") if posts_go else "", SEEN()]
    told.append(say("privacy-still-counted") if counts else "")
    return " ".join(sentence for sentence in told if sentence)
