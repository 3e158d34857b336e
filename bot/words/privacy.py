"""What a member is told of what is kept about them, and asked before it is deleted."""

import json

from bot.storage import (
    blocks,
    consents,
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

GROUP = "What I keep about you."
SHOW = "See everything that I keep about you; nobody else sees it."
DELETE = "Delete what I keep about you; I ask you first what to delete."
FILE = "what-i-keep-about-you.json"

DELETE_NOW = "Delete my data"
KEEP = "Keep everything"
KEPT = "Nothing was deleted."
NOTHING = "I keep nothing about you."
SEEN = "I still remember for four days which pictures you reacted to, or I would paint them again."

_COUNTED = (
    (tickets.table, "picture that you asked for, or that was made from one of yours", "pictures that you asked for, or that were made from one of yours"),
    (posts.table, "message of mine that shows one of them", "messages of mine that show them"),
    (reactions.table, "reaction that asked for a picture", "reactions that asked for a picture"),
    (consents.answers, "answer to whether others may have your pictures painted", "answers to whether others may have your pictures painted"),
    (consents.asked, "question about that which is still open", "questions about that which are still open"),
    (museum.table, "picture that is, was or may become a style of a server, as its author or as who proposed it", "pictures that are, were or may become styles of servers, as their author or as who proposed them"),
    (museum.votes, "vote for such a picture", "votes for such pictures"),
    (settings.changes, "setting of a server that you have changed", "settings of servers that you have changed"),
    (stars.table, "star that you have given to a picture", "stars that you have given to pictures"),
    (stars.pieces, "picture of yours that has been starred", "pictures of yours that have been starred"),
    (gallery.refusals, "server in whose gallery you do not want to be", "servers in whose galleries you do not want to be"),
    (weeks.table, "style of the week that you have chosen", "styles of the week that you have chosen"),
    (weeks.entries, "choice of yours for a style of the week", "choices of yours for styles of the week"),
    (duels.table, "duel of yours", "duels of yours"),
    (duels.votes, "vote of yours in a duel", "votes of yours in duels"),
    (blocks.table, "decision of moderators about you, or of yours about others", "decisions of moderators about you, or of yours about others"),
)  # fmt: skip


def summary(kept: Kept, images: int) -> str:
    """Everything about a member, by kind and number; `images`: pictures of which the sent images are kept."""
    lines = [_counted(kept.count(table.name), one, many) for table, one, many in _COUNTED]
    lines.append(_counted(images, "picture whose images I still have", "pictures whose images I still have"))
    told = [line for line in lines if line]
    if not told:
        return NOTHING
    return "\n".join(
        [
            "This is what I keep about you; the file has all of it.",
            *told,
            "-# `/privacy delete` deletes it.",
        ]
    )


def document(kept: Kept) -> bytes:
    """All rows about a member, for them to keep."""
    return json.dumps(kept.rows, indent=2, ensure_ascii=False, default=str).encode()


def question(wishes: Wishes) -> str:
    """What will go, and what will stay."""
    lines = [
        "This deletes what I keep about you: the pictures you sent, what you asked for, your reactions, and what the "
        "painting engine has of them. What is being painted for you is stopped, and your pictures are no styles any more.",
        f"- The results that you asked for {_goes(wishes.takes_results)}.",
        f"- The results that others made from your pictures, or in a style of yours, {_goes(wishes.takes_pictures)}.",
    ]
    if wishes.keeps_no is not None:
        stays = "is remembered, but nothing else" if wishes.keeps_no else "is forgotten too"
        lines.append(f"- Your “no” to others painting your pictures {stays}.")
    return "\n".join(lines)


def results_button(wishes: Wishes) -> str:
    """The button that changes what becomes of results."""
    return "Leave my results in place" if wishes.takes_results else "Delete my results too"


def pictures_button(wishes: Wishes) -> str:
    """The button that changes what becomes of others' results of one's pictures."""
    return "Leave others' results" if wishes.takes_pictures else "Delete results of my pictures"


def no_button(wishes: Wishes) -> str:
    """The button that changes whether one's no is remembered."""
    return "Forget my “no” too" if wishes.keeps_no else "Remember my “no”"


def deleted(wishes: Wishes) -> str:
    """It is done."""
    posts_go = wishes.takes_results or wishes.takes_pictures
    results = " The results disappear from their channels in a moment." if posts_go else ""
    return f"Deleted.{results} {SEEN}"


def _goes(is_taken: bool) -> str:
    return "are deleted from their channels" if is_taken else "stay where they were posted"


def _counted(count: int, one: str, many: str) -> str:
    return f"- {count} {one if count == 1 else many}" if count else ""
