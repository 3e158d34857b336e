"""What moderators read in their audit channel: one line for each thing that was done."""

from bot.storage.ledger import Entry, What
from bot.storage.members import NOBODY
from bot.storage.tickets import Ticket
from bot.words.catalogue import Phrase, say
from bot.words.styles import in_style

_DONE = {
    What.BLOCKED: Phrase("audit-blocked"),
    What.UNBLOCKED: Phrase("audit-unblocked"),
    What.REMOVED: Phrase("audit-removed"),
    What.STYLE_ADDED: Phrase("audit-style-added"),
    What.STYLE_VOTED: Phrase("audit-style-voted"),
    What.STYLE_BACK: Phrase("audit-style-back"),
    What.STYLE_ENDED: Phrase("audit-style-ended"),
    What.STYLE_REMOVED: Phrase("audit-style-removed"),
    What.WEEK_BEGUN: Phrase("audit-week-begun"),
    What.WEEK_ENDED: Phrase("audit-week-ended"),
    What.ENTRY_OUT: Phrase("audit-entry-out"),
}


def painted(entry: Entry, ticket: Ticket, link: str | None) -> str:
    """Who had whose picture painted how, and where it is."""
    channel_id = ticket.place.channel_id
    return say(
        "audit-painted",
        who=_who(entry.by_id),
        whose=_whose(entry),
        how=in_style(ticket),
        recipe=ticket.request.recipe,
        restricted="yes" if ticket.nsfw else "no",
        where="there" if channel_id is not None else "nowhere",
        channel=f"<#{channel_id}>",
        shown="there" if link is not None else "nowhere",
        url=link or "",
    )


def painted_and_gone(entry: Entry) -> str:
    """The same of a picture that was deleted meanwhile."""
    return say("audit-painted-and-gone", who=_who(entry.by_id), whose=_whose(entry))


def changed(entry: Entry, what: str) -> str:
    """What was set, from what to what."""
    return say("audit-changed", who=_who(entry.by_id), what=what)


def done(entry: Entry) -> str:
    """Who did what, to whom, as far as that is a sentence by itself."""
    facts = {name: str(fact) for name, fact in entry.facts.items()}
    return _DONE[entry.what](who=_who(entry.by_id), member=_member(entry.member_id), **facts)


def purged(entry: Entry, what: str) -> str:
    """A moderator has deleted many at once; `what` says which."""
    return say("audit-purged", who=_who(entry.by_id), member=_member(entry.member_id), what=what)


def _who(member_id: int | None) -> str:
    return f"<@{member_id}>" if member_id not in (None, NOBODY) else say("audit-somebody")


def _member(member_id: int | None) -> str:
    """To whom it was done, as the sentences take it."""
    return f"<@{member_id}>" if member_id not in (None, NOBODY) else "nobody"


def _whose(entry: Entry) -> str:
    match entry.member_id:
        case None:
            return say("audit-free")
        case entry.by_id:
            return say("audit-own")
        case 0:
            return say("audit-unknown")
        case author:
            return say("audit-whose", author=f"<@{author}>")
