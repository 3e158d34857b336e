"""The style of the week: what announces it, what members and moderators are told of it, and who is on its collage."""

from collections.abc import Mapping

from bot.storage.members import NOBODY
from bot.storage.tickets import BundledStyle, Ticket
from bot.words.catalogue import Phrase, say
from bot.words.paintings import artist_of, title_of
from bot.words.post import MESSAGE_LIMIT, Picture, shortened
from bot.words.styles import style_name
from engine.protocol import MAX_COLLAGE, StyleCard

GROUP, SHOW = Phrase("week-group"), Phrase("week-show")
STYLE, END = Phrase("week-style"), Phrase("week-end")
STYLE_OPTIONS = {"style": Phrase("week-style-option"), "now": Phrase("week-now-option")}
MINE, TAKE_THIS = Phrase("week-mine"), Phrase("week-take-this")
LEAVE_OUT, TAKE_PART = Phrase("week-leave-out"), Phrase("week-take-part")
NONE_YET, IS_OUT = Phrase("week-none-yet"), Phrase("week-is-out")
NOBODY_YET, NOBODY_LEFT = Phrase("week-nobody-yet"), Phrase("week-nobody-left")
WITHDRAWN, SAYS_NO = Phrase("week-withdrawn"), Phrase("week-says-no")
_ITS_EMOJI, _PICK_ANOTHER = Phrase("week-its-emoji"), Phrase("week-pick-another")
_NEWEST, _GONE = Phrase("week-newest"), Phrase("week-gone")
_TITLE_LIMIT = 100
_LABEL_LIMIT = 100

Style = StyleCard | BundledStyle


def announcement(style: Style, ends: float, by_id: int | None, original: str | None = None) -> str:
    """What opens a week; `original` is the address of the picture that a style of the server's own is made of."""
    emoji = style.emoji or _ITS_EMOJI()
    small = [
        *([say("week-original", url=original)] if original else []),
        *([say("week-chosen-by", member=str(by_id))] if by_id else []),
    ]
    text = say("week-announcement", style=style_name(style), emoji=emoji, ends=_time(ends))
    return "\n".join([text, *(f"-# {each}" for each in small)])


def study(style: StyleCard, data: bytes, week_id: str) -> Picture:
    """The painting, as the file of the announcement."""
    alt = say("week-study-alt", title=title_of(style), artist=artist_of(style))
    return Picture(data, f"week-{week_id}", alt, spoiler=False)


def status(style: Style, ends: float, members: int) -> str:
    """How a week stands."""
    return say("week-status", style=style_name(style), members=members, ends=_time(ends))


def planned(style: Style | None, begins: float) -> str:
    """What is chosen for the next week."""
    if style is None:
        return say("week-unplanned", begins=_time(begins))
    return say("week-planned", style=style_name(style), begins=_time(begins))


def announced(url: str) -> str:
    """Where a week is announced."""
    return say("week-announced", url=url)


def collage_posted(url: str) -> str:
    """Where its collage is."""
    return say("week-collage-posted", url=url)


def mine(ticket: Ticket | None, others: int, link: str | None, is_out: bool) -> str:
    """What takes part of a member, privately."""
    if is_out:
        return IS_OUT()
    if ticket is None:
        return NONE_YET()
    text = say("week-in-it", link=link or f"`{ticket.id}`")
    return f"{text}\n{_PICK_ANOTHER()}" if others else text


def entry_label(ticket: Ticket, number: int) -> str:
    """A picture in the menu of a member's, the newest first."""
    which = _NEWEST() if number == 1 else say("week-older", number=number)
    return shortened(ticket.description or which, _LABEL_LIMIT)


def collage(style: Style, week_id: str, data: bytes, tickets: Mapping[int, Ticket]) -> Picture:
    """All pictures as one."""
    shown = "; ".join(f"{n}: {ticket.description}" for n, ticket in tickets.items() if ticket.description)
    alt = say("week-collage-alt", members=len(tickets), title=title_of(style), shown=shown)
    return Picture(data, f"collage-{week_id}", alt.strip(), spoiler=False)


def credits_of(style: Style, tickets: Mapping[int, Ticket], places: int) -> list[str]:
    """Who is on a collage, by the numbers there, as texts of one message each: the first is its own."""
    head = say("week-head", style=style_name(style), members=len(tickets))
    if places >= MAX_COLLAGE:
        head = f"{head}\n-# {say('week-full', count=MAX_COLLAGE)}"
    texts = [head]
    for number in range(1, places + 1):
        entry = f"**{number}** {_credit(tickets[number]) if number in tickets else _GONE()}"
        between = "\n" if texts[-1] == head else " · "
        if len(texts[-1]) + len(between) + len(entry) > MESSAGE_LIMIT:
            texts.append(entry)
        else:
            texts[-1] += f"{between}{entry}"
    return texts


def thread_name(style: Style) -> str:
    """What the thread is called in which a collage is talked about."""
    return shortened(say("week-thread", title=title_of(style)), _TITLE_LIMIT)


def _credit(ticket: Ticket) -> str:
    member = str(ticket.user_id)
    if ticket.author_id in (None, NOBODY, ticket.user_id):
        return f"<@{member}>"
    return say("week-credit", member=member, author=str(ticket.author_id))


def _time(seconds: float) -> str:
    return f"{seconds:.0f}"
