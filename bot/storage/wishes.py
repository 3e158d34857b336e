"""What shall go when a member wants to be forgotten."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wishes:
    """A member's choice; `keeps_no` is None for one who has said no to nobody."""

    takes_results: bool = False  # of pictures that they asked for
    takes_pictures: bool = False  # results that others asked for, of their pictures
    keeps_no: bool | None = None  # to others' painting of their pictures
