"""The picture that a result was painted from, painted anew in another style.

Rule: whoever taps the emoji of a style on a result wants that picture in that style, not paint upon paint: of the subject
less would be left each time. So it begins with the original; all settings but the styles are those of the result.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.orders.child import afresh, child
from bot.orders.request import choices, given_styles, is_restricted, named_styles
from bot.place import Place
from bot.storage.museum import ServerStyleCard
from bot.storage.settings import Output
from bot.storage.tickets import Source, Ticket
from engine.protocol import StyleCard

_CONTENT = "content"


@dataclass(frozen=True)
class Restyle:
    """A request that is made from a delivered ticket."""

    of: Ticket
    style: ServerStyleCard | StyleCard
    place: Place  # where it is asked for
    user_id: int
    result_message_id: int | None
    output: Output
    by_reaction: bool = True
    upload_limit: int | None = None
    result_channel_id: int | None = None

    def ticket(self, now: datetime) -> Ticket:
        """A new ticket for this request."""
        return child(
            self.of,
            {"styles": choices([self.style]), "start": afresh(self.of.request)},
            place=self.place,
            user_id=self.user_id,
            styles=named_styles([self.style]),
            created_at=now.timestamp(),
            source_message_id=self.result_message_id,
            source_channel_id=self.result_channel_id,
            sources=(Source(_CONTENT, earlier=self.of.id),),
            output=self.output,
            upload_limit=self.upload_limit,
            nsfw=self.of.nsfw or is_restricted([self.style]),
            images=(
                *(image for image in self.of.images if image.part == _CONTENT),
                *given_styles([self.style]),
            ),
        )
