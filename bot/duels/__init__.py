"""Duels: a member's picture in the style of another's, the other one's in the style of theirs, and a vote.

Rule: nothing of a member's is used before they have said yes to it by handing it in. Both pictures stand in one message of
ours, from which they are painted; when that goes, or one of them is deleted, the duel ends.
"""
