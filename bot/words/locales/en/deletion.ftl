deletion-delete = Delete
deletion-menu = Delete this result
deletion-confirm = Delete this picture for good, with its copies, its moments and its time-lapse?
deletion-confirm-here = Delete this picture for good, with its moments and its time-lapse? Then press *Yes, delete it* under it.
deletion-confirmed = Yes, delete it
deletion-deleted = Deleted.
deletion-post-gone = A picture that is no longer here
