"""Which paintings can share a batch: declared once, for those who queue jobs and those who paint them.

Rule: all pictures of a batch go over the same levels (`Plan.batch_key`), and each is one content that is painted all
over, from itself.
"""

from engine.protocol import Plan, Settings, Start


def can_be_batched(settings: Settings, plan: Plan, *, is_guided: bool) -> bool:
    """Whether a painting can share a batch with others of its `Plan.batch_key`.

    is_guided: whether something says where a style goes, a mask or transparency.
    """
    is_one_picture = plan.frames == 1 and plan.audition is None
    return settings.start is Start.CONTENT and is_one_picture and not is_guided
