"""The picture that a result was painted from, painted anew in another style.

Rule: whoever taps the emoji of a style on a result wants that picture in that style, not paint upon paint: of the subject
less would be left each time. So it begins with the original; all settings but the styles are those of the result.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.orders.request import bundled
from bot.place import Place
from bot.storage.settings import Output
from bot.storage.tickets import Source, StopRequest, Ticket, TicketState, new_id
from engine.protocol import JobRequest, Owner, Start, StyleCard, StyleChoice

_CONTENT = "content"


@dataclass(frozen=True)
class Restyle:
    """A request that is made from a delivered ticket."""

    of: Ticket
    style: StyleCard
    place: Place  # where it is asked for
    user_id: int
    result_message_id: int | None
    output: Output
    by_reaction: bool = True
    upload_limit: int | None = None

    def ticket(self, now: datetime) -> Ticket:
        """A new ticket for this request."""
        return replace(
            self.of,
            id=new_id(),
            place=self.place,
            user_id=self.user_id,
            request=self._job(),
            styles=(bundled(self.style),),
            created_at=now.timestamp(),
            source_message_id=self.result_message_id,
            message_id=None,
            result_message_id=None,
            job_id=None,
            state=TicketState.OPEN,
            stop_request=StopRequest.NONE,
            sources=(Source(_CONTENT, earlier=self.of.id),),
            parent_id=self.of.id,
            root_id=self.of.root_id or self.of.id,
            output=self.output,
            output_id=None,
            upload_limit=self.upload_limit,
            images=tuple(image for image in self.of.images if image.part == _CONTENT),
        )

    def _job(self) -> JobRequest:
        earlier = self.of.request
        return earlier.model_copy(
            update={
                "owner": Owner(group=self.place.group(self.user_id), user=str(self.user_id)),
                "styles": (StyleChoice(name=self.style.name),),
                "start": Start.CONTENT if earlier.start is Start.PREVIOUS else earlier.start,
            }
        )
