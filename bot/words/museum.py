"""A server's own styles: what their authors are asked, what they agree to, and what can be done with each."""

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.storage.museum import ServerStyle, State
from bot.words.post import Picture, shortened

MENU = "Offer as a style"
GROUP = "Styles that this server has made of its members' pictures."
SHOW = "See this server's own styles, and yours in all servers."
ADD = "Make a picture that was posted here a style of this server, once its author says yes."
ADD_OPTIONS = {
    "picture": "A link to the message with the picture.",
    "name": "What the style is called.",
    "emoji": "The emoji that stands for it; left out, I choose one.",
}
# What an author agrees to: whoever changes what it says gives it another number (`bot.storage.museum.WORDING`).
PURPOSE = (
    "Anybody in this server may then have pictures painted in the style of this picture, and each of these says that the "
    "style is by you. You can take that back at any time: with a button, with `/museum show`, or by deleting your picture. "
    "It also ends if you leave this server."
)

TITLE, RENAME_TITLE = "A new style of this server", "Rename a style"
NAME = ("Name", "What the style is called")
EMOJI = ("Emoji", "It stands for the style under pictures; left out, I choose one")
WHICH = ("Picture", "That message has several")
YES, NO = "Yes, that is all right", "No"
ADD_IT, DECLINE = "Add it", "No thanks"
TAKE_BACK, RENAME, REMOVE, BACK = "Take it back", "Rename", "Remove", "All styles of this server"
KEEP_RESULTS, DELETE_RESULTS, REMOVE_NOW = (
    "Take it back",
    "Take it back, and delete those results",
    "Remove it",
)
LOOK = "See one large"
PAINT_WITH = "Paint with this one"
NONE = (
    "This server has no styles of its own yet. Open the menu of a message with your picture, then Apps, then "
    f"*{MENU}*."
)
NONE_OF_YOURS = "None of your pictures is a style in any server."
OF_NOBODY = "a member"
THAT_STYLE = "that style"
_OPTION_LIMIT = 100  # characters


def named(style: ServerStyle) -> str:
    """A style by its emoji and name."""
    return f"{style.emoji} *{style.name}*"


def message(style: ServerStyle, votes: int, needed: int) -> str:
    """What our message about a style says, in the picture's channel."""
    match style.state:
        case State.ASKED:
            return (
                f"<@{style.author_id}>, <@{style.proposer_id}> would like to make this picture a style of this server: "
                f"{named(style)}. Is that all right with you?\n{PURPOSE}"
            )
        case State.OFFERED if style.until is not None:
            return (
                f"<@{style.author_id}> offers this picture as a style of this server: {named(style)}. Would you like it? "
                f"With {needed} ✅ until {_date(style.until)} it becomes one; {votes} so far. A moderator can decide sooner."
            )
        case State.OFFERED:
            return (
                f"<@{style.author_id}> offers this picture as a style of this server: {named(style)}. "
                "A moderator decides whether it becomes one."
            )
        case _:
            return (
                f"{named(style)} by <@{style.author_id}> is now a style of this server: `/stylize style:{style.name}`, or tap "
                f"{style.emoji} under a picture in an art channel.\n-# <@{style.author_id}> can take it back at any time."
            )


def question_of_own(style: ServerStyle) -> str:
    """What somebody is asked who offers their own picture."""
    return f"Shall your picture become a style of this server, {named(style)}?\n{PURPOSE}"


def asked(style: ServerStyle) -> str:
    """The answer to whoever has proposed another's picture."""
    return f"I have asked <@{style.author_id}>: if they say yes, {named(style)} goes on from there."


def consented(style: ServerStyle) -> str:
    """What an author is told once they have said yes."""
    match style.state:
        case State.SHOWN:
            return f"Thank you! {named(style)} is now a style of this server. You can take it back at any time with `/museum show`."
        case State.OFFERED if style.approved:
            return f"Thank you! I add {named(style)} as soon as the painting engine can be reached."
        case State.OFFERED if style.until is not None:
            return f"Thank you! The members of this server now decide about {named(style)}."
        case _:
            return f"Thank you! A moderator now decides about {named(style)}."


SAID_NO = "Alright: it does not become a style, and nobody is asked about this picture again."
DECLINED = "Alright: it does not become a style of this server."
RENAMED = "It has its new name now. What was painted before keeps the old one."


def decided(style: ServerStyle) -> str:
    """What a moderator, or the last voter, is told."""
    if style.state is State.SHOWN:
        return f"{named(style)} is now a style of this server."
    return f"I add {named(style)} as soon as the painting engine can be reached."


def voted(for_it: bool) -> str:
    """What a voter is told."""
    return "Your ✅ counts. Press it again to take it back." if for_it else "I have taken your ✅ back."


def vote_label(votes: int) -> str:
    """The button to vote with."""
    return f"✅ {votes}"


def page(styles: Sequence[ServerStyle], waiting: Sequence[ServerStyle], limit: int) -> str:
    """A server's styles, numbered as on their picture, and those that wait for an answer."""
    if not styles and not waiting:
        return NONE
    lines = [f"This server’s own styles ({len(styles)} of at most {limit}):"] if styles else []
    lines += [f"{n}. {named(style)} by <@{style.author_id}>" for n, style in enumerate(styles, 1)]
    lines += [f"- {named(style)} by <@{style.author_id}>: {_waits_for(style)}" for style in waiting]
    return "\n".join(lines)


def _waits_for(style: ServerStyle) -> str:
    if style.state is State.ASKED:
        return "waits for its author"
    if style.approved:
        return "waits for the painting engine"
    return "the members vote" if style.until is not None else "waits for a moderator"


def own(styles: Sequence[tuple[ServerStyle, str | None]]) -> str:
    """An author's styles, with the names of their servers where these are known."""
    if not styles:
        return NONE_OF_YOURS
    lines = [f"- {named(style)}{f' in {_plain(server)}' if server else ''}" for style, server in styles]
    return "\n".join(("Your pictures that are styles, or are about to be:", *lines))


def one(style: ServerStyle) -> str:
    """One style by itself."""
    since = f", since {_date(style.consented_at)}" if style.consented_at is not None else ""
    return f"{named(style)}\nby <@{style.author_id}>, with their consent{since}"


def picture(style: ServerStyle, data: bytes) -> Picture:
    """The style's picture, large."""
    return Picture(data, style.id, f"The picture {style.name} by {style.credit}", style.nsfw)


def sheet(styles: Sequence[ServerStyle], data: bytes) -> Picture:
    """All of them on one picture."""
    listed = ", ".join(f"{n}: {style.name} by {style.credit}" for n, style in enumerate(styles, 1))
    return Picture(
        data, "museum", f"This server’s own styles, numbered. {listed}", any(s.nsfw for s in styles)
    )


def option(style: ServerStyle, number: int) -> discord.SelectOption:
    """One of them in a menu."""
    return discord.SelectOption(
        label=shortened(f"{number}. {style.name}", _OPTION_LIMIT),
        value=style.id,
        description=shortened(f"by {style.credit}", _OPTION_LIMIT),
        emoji=style.emoji,
    )


def confirm_taking_back(style: ServerStyle) -> str:
    """What an author is asked before they take a style back."""
    return (
        f"Take {named(style)} back? Nothing more is painted in its style, what is being painted stops, and I delete my copy of "
        "your picture. What was painted already can stay, with your credit, or go too."
    )


def confirm_removing(style: ServerStyle) -> str:
    """What a moderator is asked before a style goes."""
    return (
        f"Remove {named(style)} from this server’s styles? What was painted in it stays. To have it back, its author has to "
        "say yes again."
    )


def taken_back(style: ServerStyle, results: bool) -> str:
    """What an author is told then."""
    gone = " What was painted in its style here disappears in a moment." if results else ""
    return f"{named(style)} is taken back: nobody can use it any more.{gone}"


def removed(style: ServerStyle) -> str:
    """What a moderator is told then."""
    return f"{named(style)} is no longer a style of this server."


def _date(at: float) -> str:
    return discord.utils.format_dt(datetime.fromtimestamp(at).astimezone(), "f")


def _plain(text: str) -> str:
    return discord.utils.escape_mentions(discord.utils.escape_markdown(shortened(text, _OPTION_LIMIT)))
