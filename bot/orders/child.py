"""A ticket that is made from a finished one, whatever is changed.

Rule: images, styles and all other settings are those of the parent, and what became of it is not; the line of pictures
goes on from it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.place import Place
from bot.storage.tickets import StopRequest, Ticket, TicketState, new_id
from engine.protocol import JobRequest, Owner, Start

_NO_AUDITION = {"audition": False, "tile": None}  # what is made of a sheet, or of what was finished from one


def child(parent: Ticket, changed: Mapping[str, Any], *, place: Place, user_id: int, **own: Any) -> Ticket:
    """A new ticket of `user_id` at `place`; `changed` are settings, and `own` fields, that are not the parent's."""
    owner = Owner(group=place.group(user_id), user=str(user_id))
    return replace(
        parent,
        id=new_id(),
        place=place,
        user_id=user_id,
        request=parent.request.model_copy(update={**_NO_AUDITION, **changed, "owner": owner}),
        message_id=None,
        result_message_id=None,
        job_id=None,
        state=TicketState.OPEN,
        stop_request=StopRequest.NONE,
        parent_id=parent.id,
        root_id=parent.root_id or parent.id,
        output_id=None,
        agreed=False,
        **own,
    )


def afresh(earlier: JobRequest) -> Start:
    """Where to begin with the picture itself, if the earlier one has gone on from a result."""
    return Start.CONTENT if earlier.start is Start.PREVIOUS else earlier.start
