"""Keeping members from having pictures painted in a server: what moderators read."""

from collections.abc import Sequence

from bot.words.post import MESSAGE_LIMIT

BLOCK = "Keep a member from having pictures painted in this server."
UNBLOCK = "Let a member have pictures painted again."
BLOCKED = "Who cannot have pictures painted in this server."
MEMBER_OPTION = "The member."
UNDO = "Undo"
NOBODY = "Nobody is blocked here."


def is_blocked(member_id: int, is_new: bool) -> str:
    """A member is blocked, or was already."""
    if is_new:
        return f"<@{member_id}> cannot have pictures painted here any more. They are not told."
    return f"<@{member_id}> is blocked already."


def is_unblocked(member_id: int, is_new: bool) -> str:
    """A member may again, or was never kept from it."""
    if is_new:
        return f"<@{member_id}> can have pictures painted here again."
    return f"<@{member_id}> is not blocked."


def blocked(member_ids: Sequence[int]) -> str:
    """Who is blocked, as many as a message holds."""
    if not member_ids:
        return NOBODY
    text = f"Blocked here ({len(member_ids)}), `/unblock` lets them in again:"
    for n, member in enumerate(member_ids):
        line, rest = f"\n- <@{member}>", f"\n- and {len(member_ids) - n} more"
        if len(text) + len(line) + len(rest) > MESSAGE_LIMIT:
            return text + rest
        text += line
    return text
