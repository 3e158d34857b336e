"""The style of the week: what announces it, what members and moderators are told of it, and who is on its collage."""

from collections.abc import Mapping

from bot.storage.tickets import BundledStyle, Ticket
from bot.words.post import MESSAGE_LIMIT, Picture, shortened
from bot.words.styles import style_name
from engine.protocol import MAX_COLLAGE, StyleCard

GROUP = "The style of the week."
SHOW = "What the style of the week is, and which of your pictures takes part."
STYLE = "Choose the style of the next week, for those who manage the server."
END = "Post the collage of this week now, for those who manage the server."
STYLE_OPTION = "The painting; leave it out and I choose again."
NOW_OPTION = "Announce it at once, and not at the usual time."
MINE = "My picture"
TAKE_THIS = "Take this one"
LEAVE_OUT = "Leave me out"
TAKE_PART = "Take me in again"
NONE_YET = (
    "You have no picture in this style yet: the button below the announcement, or `/stylize`, paints one."
)
IS_OUT = "None of your pictures will be in the collage."
NOBODY_YET = "Nobody has a picture in it yet, so there is nothing to show: the week goes on."
COLLAGE_POSTED = "The collage is here: {url}"
_TITLE_LIMIT = 100
_LABEL_LIMIT = 100
_GONE = "taken back"

Style = StyleCard | BundledStyle


def announcement(style: Style, ends: float, by_id: int | None) -> str:
    """What opens a week."""
    chosen = f"\n-# Chosen by <@{by_id}>." if by_id else ""
    return (
        f"🖼️ **Style of the week: {style_name(style)}**\n"
        f"Have a picture of yours painted in it: tap {style.emoji or 'its emoji'} under your picture in an art channel, "
        "use `/stylize`, or press the button.\n"
        f"<t:{ends:.0f}:F> I make one collage of all your pictures, with your names: one of each of you, the newest, unless "
        f"you choose another one or want to be left out.{chosen}"
    )


def study(style: StyleCard, data: bytes, week_id: str) -> Picture:
    """The painting, as the file of the announcement."""
    return Picture(data, f"week-{week_id}", f"A study of {style.title} by {style.artist}", spoiler=False)


def status(style: Style, ends: float, members: int) -> str:
    """How a week stands."""
    who = "Nobody takes part yet" if not members else f"{_members(members)} so far"
    return f"Style of the week: {style_name(style)}. {who}. The collage comes <t:{ends:.0f}:R>."


def planned(style: Style | None, begins: float | None) -> str:
    """What is chosen for the next week."""
    when = f" It begins <t:{begins:.0f}:R>." if begins is not None else ""
    return (
        f"The next style of the week is {style_name(style)}.{when}"
        if style
        else f"I choose the next one.{when}"
    )


def announced(url: str) -> str:
    """Where a week is announced."""
    return f"Announced: {url}"


def mine(ticket: Ticket | None, others: int, link: str | None, is_out: bool) -> str:
    """What takes part of a member, privately."""
    if is_out:
        return IS_OUT
    if ticket is None:
        return NONE_YET
    where = f": {link}" if link else ""
    more = " Pick another one below if you like it better." if others else ""
    return f"This picture of yours will be in the collage{where}.{more}"


def entry_label(ticket: Ticket, number: int) -> str:
    """A picture in the menu of a member's, the newest first."""
    which = "the newest" if number == 1 else f"number {number} from the newest"
    return shortened(ticket.description or which.capitalize(), _LABEL_LIMIT)


def collage(
    style: Style, members: int, left: int, week_id: str, data: bytes, tickets: Mapping[int, Ticket]
) -> Picture:
    """All pictures as one."""
    more = f", {left} taken back" if left else ""
    shown = "; ".join(f"{n}: {ticket.description}" for n, ticket in tickets.items() if ticket.description)
    alt = f"{_members(members)}’ pictures in the style of {style.title}, numbered{more}. {shown}"
    return Picture(data, f"collage-{week_id}", alt.strip(), spoiler=False)


def credits_of(style: Style, tickets: Mapping[int, Ticket], places: int) -> list[str]:
    """Who is on a collage, by the numbers there, as texts of one message each: the first is its own."""
    head = f"🖼️ **{style_name(style)}: the style of the week, by {_members(len(tickets))}**"
    if places >= MAX_COLLAGE:
        head = f"{head}\n-# There is room for {MAX_COLLAGE} pictures, and these were the first."
    texts = [head]
    for number in range(1, places + 1):
        entry = f"**{number}** {_credit(tickets[number]) if number in tickets else _GONE}"
        between = "\n" if texts[-1] == head else " · "
        if len(texts[-1]) + len(between) + len(entry) > MESSAGE_LIMIT:
            texts.append(entry)
        else:
            texts[-1] += f"{between}{entry}"
    return texts


def thread_name(style: Style) -> str:
    """What the thread is called in which a collage is talked about."""
    return shortened(f"{style.title}: your pictures", _TITLE_LIMIT)


def _credit(ticket: Ticket) -> str:
    of_others = ticket.author_id not in (None, ticket.user_id)
    return f"<@{ticket.user_id}>" + (f" (picture by <@{ticket.author_id}>)" if of_others else "")


def _members(count: int) -> str:
    return "one member" if count == 1 else f"{count} members"
