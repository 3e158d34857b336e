"""Keeping members from having pictures painted in a server: what moderators read."""

from collections.abc import Sequence

from bot.words.catalogue import Phrase, say
from bot.words.post import MESSAGE_LIMIT

BLOCK = Phrase("moderation-block")
UNBLOCK = Phrase("moderation-unblock")
BLOCKED = Phrase("moderation-blocked")
MEMBER_OPTION = Phrase("moderation-member")
UNDO = Phrase("moderation-undo")
NOBODY = Phrase("moderation-nobody")


def is_blocked(member_id: int, is_new: bool) -> str:
    """A member is blocked, or was already."""
    return say("moderation-is-blocked" if is_new else "moderation-was-blocked", member=f"<@{member_id}>")


def is_unblocked(member_id: int, is_new: bool) -> str:
    """A member may again, or was never kept from it."""
    return say("moderation-is-unblocked" if is_new else "moderation-was-unblocked", member=f"<@{member_id}>")


def blocked(member_ids: Sequence[int]) -> str:
    """Who is blocked, as many as a message holds."""
    if not member_ids:
        return NOBODY()
    text = say("moderation-list", count=len(member_ids))
    for n, member in enumerate(member_ids):
        line, rest = f"\n- <@{member}>", f"\n- {say('moderation-more', count=len(member_ids) - n)}"
        if len(text) + len(line) + len(rest) > MESSAGE_LIMIT:
            return text + rest
        text += line
    return text
