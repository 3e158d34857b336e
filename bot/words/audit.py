"""What moderators read in their audit channel: one line for each thing that was done."""

from bot.storage.ledger import Entry
from bot.storage.members import NOBODY
from bot.storage.tickets import Ticket
from bot.words.styles import in_style

RESULT = "the result"
OWN, FREE, UNKNOWN = "their own picture", "an emoji or a sticker", "a picture of somebody unknown"
SOMEBODY = "Somebody who has deleted their data"


def painted(entry: Entry, ticket: Ticket, link: str | None) -> str:
    """Who had whose picture painted how, and where it is."""
    channel = f" in <#{ticket.place.channel_id}>" if ticket.place.channel_id is not None else ""
    shown = f": [{RESULT}]({link})" if link is not None else "."
    recipe = f", recipe {ticket.request.recipe}"
    restricted = " (age-restricted)" if ticket.nsfw else ""
    return f"🖌️ {_who(entry.by_id)} had {_whose(entry)} painted {in_style(ticket)}{recipe}{restricted}{channel}{shown}"


def painted_and_gone(entry: Entry) -> str:
    """The same of a picture that was deleted meanwhile."""
    return f"🖌️ {_who(entry.by_id)} had {_whose(entry)} painted, and it was deleted since."


def changed(entry: Entry, what: str) -> str:
    """What was set, from what to what."""
    return f"⚙️ {_who(entry.by_id)} changed the settings: {what}"


def blocked(entry: Entry) -> str:
    """Somebody cannot have anything painted any more."""
    return f"🚫 {_who(entry.by_id)} blocked {_who(entry.member_id)}."


def unblocked(entry: Entry) -> str:
    """Somebody can again."""
    return f"🚪 {_who(entry.by_id)} unblocked {_who(entry.member_id)}."


def removed(entry: Entry) -> str:
    """A moderator has deleted a result."""
    return f"🗑️ {_who(entry.by_id)} deleted a result that {_who(entry.member_id)} had asked for."


def purged(entry: Entry, what: str) -> str:
    """A moderator has deleted many at once; `what` says which."""
    return f"🧹 {_who(entry.by_id)} purged {_who(entry.member_id)}: {what}"


def _who(member_id: int | None) -> str:
    return f"<@{member_id}>" if member_id not in (None, NOBODY) else SOMEBODY


def _whose(entry: Entry) -> str:
    match entry.member_id:
        case None:
            return FREE
        case entry.by_id:
            return OWN
        case 0:
            return UNKNOWN
        case author:
            return f"<@{author}>’s picture"
