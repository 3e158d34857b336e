"""Asking an author for their word, and what `/consent` says."""

from collections.abc import Sequence

from bot.storage.consents import Answer
from bot.storage.settings import Consent

COMMAND = "Choose whether others may have your pictures painted."
ALWAYS, ONCE, NO = "Always", "This once", "No"
ASKED = "I have asked <@{author}>: if they say yes, I paint it right away."
SAID_ALWAYS = "<@{author}> says yes, to this picture and to others.\n-# `/consent` changes that."
SAID_ONCE = "<@{author}> says yes to this one."
SAID_NO = "<@{author}> would rather not.\n-# `/consent` changes that."
OVER = "-# This has been answered."
HERE, EVERYWHERE = "In this server", "In all servers"
SAVED = "Saved: it counts from now on."

THIS, AVATAR = "this", "your avatar"
_SHOWN = 3  # members and styles by name
_OWN_STYLE = "a style of their own"
_ANSWERS = {
    Answer.ALWAYS: "Others may, without asking",
    Answer.ASK: "Others may, once I have said yes",
    Answer.NEVER: "Nobody but me",
}
_UNSAID = {HERE: "What I chose for all servers", EVERYWHERE: "What each server’s rule says"}
_RULES = {
    Consent.OWN: "nobody else, by this server's rule",
    Consent.ASK: "others, once you have said yes to a picture, by this server's rule",
    Consent.OPEN: "others too, by this server's rule",
}


def this_at(url: str) -> str:
    """A picture that is elsewhere."""
    return f"[{THIS}]({url})"


def question(
    author_id: int, asker_ids: Sequence[int], styles: Sequence[str | None], picture: str = THIS
) -> str:
    """The question to an author about a `picture`; the styles are titles, None where somebody has sent one along."""
    members = _some([f"<@{asker}>" for asker in dict.fromkeys(asker_ids)], "others")
    titles = _some([title or _OWN_STYLE for title in dict.fromkeys(styles)], "more")
    return f"<@{author_id}>, {members} would like to see {picture} in {titles}: may I paint it?"


def overview(here: Answer | None, everywhere: Answer | None, rule: Consent | None) -> str:
    """What a member has said, and what it comes to; `rule` is the server's, None in a direct message."""
    lines = ["You can always have your own pictures painted. May others have them painted too?"]
    said = here if here is not None else everywhere
    if rule is Consent.OWN or (rule is not None and said is None):
        lines.append(f"- Here, now: {_RULES[rule]}.")
    if rule is not None:
        lines.append(f"- {HERE}: {choice(HERE, here)}.")
    lines.append(f"- {EVERYWHERE}: {choice(EVERYWHERE, everywhere)}.")
    return "\n".join(lines)


def choice(where: str, answer: Answer | None) -> str:
    """An answer as a member picks it."""
    return _ANSWERS[answer] if answer is not None else _UNSAID[where]


def _some(names: Sequence[str], rest: str) -> str:
    shown = list(names)
    if (more := len(names) - _SHOWN) > 1:
        shown[_SHOWN:] = [f"{more} {rest}"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
