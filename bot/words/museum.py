"""A server's own styles: what their authors are asked, what they agree to, and what can be done with each."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import discord

from bot.storage.museum import ServerStyle, State
from bot.words.catalogue import Phrase, say
from bot.words.post import MESSAGE_LIMIT, Picture, shortened

MENU = Phrase("museum-menu")
GROUP, SHOW, ADD = Phrase("museum-group"), Phrase("museum-show"), Phrase("museum-add")
ADD_OPTIONS = {
    "picture": Phrase("museum-add-picture"),
    "name": Phrase("museum-add-name"),
    "emoji": Phrase("museum-add-emoji"),
}
# What an author agrees to: whoever changes what it says gives it another number (`bot.storage.museum.WORDING`).
PURPOSE = Phrase("museum-purpose")

TITLE, RENAME_TITLE = Phrase("museum-title"), Phrase("museum-rename-title")
NAME = Phrase("museum-name"), Phrase("museum-name-help")
EMOJI = Phrase("museum-emoji"), Phrase("museum-emoji-help")
WHICH = Phrase("museum-which"), Phrase("museum-which-help")
YES, NO = Phrase("museum-yes"), Phrase("museum-no")
ADD_IT, DECLINE = Phrase("museum-add-it"), Phrase("museum-decline")
TAKE_BACK, RENAME, REMOVE = Phrase("museum-take-back"), Phrase("museum-rename"), Phrase("museum-remove")
BACK, LOOK = Phrase("museum-back"), Phrase("museum-look")
KEEP_IT = Phrase("museum-keep")
KEEP_RESULTS, DELETE_RESULTS = Phrase("museum-keep-results"), Phrase("museum-delete-results")
REMOVE_NOW = Phrase("museum-remove-now")
OF_NOBODY, THAT_STYLE = Phrase("museum-of-nobody"), Phrase("museum-that-style")
SAID_NO, DECLINED, RENAMED = Phrase("museum-said-no"), Phrase("museum-declined"), Phrase("museum-renamed")
_OPTION_LIMIT = 100  # characters
_MORE = "\n…"


def named(style: ServerStyle) -> str:
    """A style by its emoji and name."""
    return f"{style.emoji} *{style.name}*"


def message(style: ServerStyle, votes: int, needed: int) -> str:
    """What our message about a style says, in the picture's channel."""
    author, shown = str(style.author_id), named(style)
    match style.state:
        case State.ASKED:
            question = say("museum-question", author=author, proposer=str(style.proposer_id), style=shown)
            return f"{question}\n{PURPOSE()}"
        case State.OFFERED if style.until is not None:
            until = _date(style.until)
            return say("museum-vote", author=author, style=shown, needed=needed, until=until, votes=votes)
        case State.OFFERED:
            return say("museum-offered", author=author, style=shown)
        case _:
            text = say("museum-shown", author=author, style=shown, name=style.name, emoji=style.emoji)
            return f"{text}\n-# {say('museum-shown-author', author=author)}"


def question_of_own(style: ServerStyle) -> str:
    """What somebody is asked who offers their own picture."""
    return f"{say('museum-question-of-own', style=named(style))}\n{PURPOSE()}"


def asked(style: ServerStyle) -> str:
    """The answer to whoever has proposed another's picture."""
    return say("museum-asked", author=str(style.author_id), style=named(style))


def consented(style: ServerStyle) -> str:
    """What an author is told once they have said yes."""
    shown = named(style)
    match style.state:
        case State.SHOWN:
            return say("museum-thanks-shown", style=shown)
        case _ if style.approved:
            return say("museum-thanks-soon", style=shown)
        case _ if style.until is not None:
            return say("museum-thanks-vote", style=shown)
        case _:
            return say("museum-thanks-moderator", style=shown)


def decided(style: ServerStyle) -> str:
    """What a moderator, or the last voter, is told."""
    if style.state is State.SHOWN:
        return say("museum-decided-shown", style=named(style))
    return say("museum-decided-soon", style=named(style))


def voted(for_it: bool) -> str:
    """What a voter is told."""
    return say("museum-voted") if for_it else say("museum-vote-taken-back")


def vote_label(votes: int) -> str:
    """The button to vote with."""
    return f"✅ {votes}"


def page(styles: Sequence[ServerStyle], waiting: Sequence[ServerStyle], limit: int) -> str:
    """A server's styles, numbered as on their picture, and those that wait for an answer."""
    if not styles and not waiting:
        return say("museum-none", menu=MENU())
    return _fitting("\n".join(_lines(styles, waiting, limit)))


def _lines(styles: Sequence[ServerStyle], waiting: Sequence[ServerStyle], limit: int) -> Iterator[str]:
    if styles:
        yield say("museum-page", count=len(styles), limit=limit)
    for n, style in enumerate(styles, 1):
        yield f"{n}. {say('museum-of', style=named(style), author=str(style.author_id))}"
    for style in waiting:
        author, shown = str(style.author_id), named(style)
        yield f"- {say('museum-waits', style=shown, author=author, **{'for': _waits_for(style)})}"


def _waits_for(style: ServerStyle) -> str:
    if style.state is State.ASKED:
        return say("museum-waits-author")
    if style.state is State.SHOWN:
        return say("museum-restricted")
    if style.approved:
        return say("museum-waits-engine")
    return say("museum-waits-vote") if style.until is not None else say("museum-waits-moderator")


def own(styles: Sequence[tuple[ServerStyle, str | None]]) -> str:
    """An author's styles, with the names of their servers where these are known."""
    if not styles:
        return say("museum-none-of-yours")
    lines = [
        say("museum-own-in", style=named(style), server=_plain(server)) if server else named(style)
        for style, server in styles
    ]
    return _fitting("\n- ".join((say("museum-own"), *lines)))


def one(style: ServerStyle) -> str:
    """One style by itself."""
    author = str(style.author_id)
    if style.consented_at is None:
        return named(style)
    since = say("museum-one-since", author=author, since=_date(style.consented_at))
    return f"{named(style)}\n{since}"


def picture(style: ServerStyle, data: bytes) -> Picture:
    """The style's picture, large."""
    alt = say("museum-picture", name=style.name, credit=style.credit)
    return Picture(data, style.id, alt, spoiler=False)


def sheet(styles: Sequence[ServerStyle], data: bytes) -> Picture:
    """All of them on one picture."""
    listed = (
        say("museum-listed", number=n, name=style.name, credit=style.credit)
        for n, style in enumerate(styles, 1)
    )
    return Picture(data, "museum", say("museum-sheet", listed=", ".join(listed)), spoiler=False)


def option(style: ServerStyle, number: int) -> discord.SelectOption:
    """One of them in a menu."""
    return discord.SelectOption(
        label=shortened(f"{number}. {style.name}", _OPTION_LIMIT),
        value=style.id,
        description=shortened(say("museum-by", credit=style.credit), _OPTION_LIMIT),
        emoji=style.emoji,
    )


def confirm_taking_back(style: ServerStyle) -> str:
    """What an author is asked before they take a style back."""
    if style.state is not State.SHOWN:
        return say("museum-confirm-withdrawing", style=named(style))
    return say("museum-confirm-taking-back", style=named(style))


def confirm_removing(style: ServerStyle) -> str:
    """What a moderator is asked before a style goes."""
    return say("museum-confirm-removing", style=named(style))


def taken_back(style: ServerStyle, *, results: bool) -> str:
    """What an author is told then."""
    if results:
        return say("museum-taken-back-results", style=named(style))
    return say("museum-taken-back", style=named(style))


def removed(style: ServerStyle) -> str:
    """What a moderator is told then."""
    return say("museum-removed", style=named(style))


def _date(at: float) -> str:
    return discord.utils.format_dt(datetime.fromtimestamp(at).astimezone(), "f")


def _plain(text: str) -> str:
    return discord.utils.escape_mentions(discord.utils.escape_markdown(shortened(text, _OPTION_LIMIT)))


def _fitting(text: str) -> str:
    """Whole lines, as many as a message holds."""
    if len(text) <= MESSAGE_LIMIT:
        return text
    return text[: text.rindex("\n", 0, MESSAGE_LIMIT - len(_MORE))] + _MORE
