"""Asking an author for their word, and what `/consent` says."""

from collections.abc import Sequence

from bot.storage.consents import Answer
from bot.storage.settings import Consent
from bot.words.catalogue import Phrase, and_list, say

COMMAND = Phrase("consent-command")
ALWAYS, ONCE, NO = Phrase("consent-always"), Phrase("consent-once"), Phrase("consent-no")
ASKED = Phrase("consent-asked")
SAID_ALWAYS = Phrase("consent-said-always")
SAID_ONCE = Phrase("consent-said-once")
SAID_NO = Phrase("consent-said-no")
OVER = Phrase("consent-over")
HERE, EVERYWHERE = Phrase("consent-here"), Phrase("consent-everywhere")
SAVED = Phrase("consent-saved")

THIS, AVATAR = Phrase("consent-this"), Phrase("consent-avatar")
_SHOWN = 3  # members and styles by name
_ANSWERS = {
    Answer.ALWAYS: Phrase("consent-answer-always"),
    Answer.ASK: Phrase("consent-answer-ask"),
    Answer.NEVER: Phrase("consent-answer-never"),
}
_UNSAID = {HERE: Phrase("consent-unsaid-here"), EVERYWHERE: Phrase("consent-unsaid-everywhere")}
_RULES = {
    Consent.OWN: Phrase("consent-rule-own"),
    Consent.ASK: Phrase("consent-rule-ask"),
    Consent.OPEN: Phrase("consent-rule-open"),
}


def this_at(url: str) -> str:
    """A picture that is elsewhere."""
    return say("consent-this-at", url=url)


def question(author_id: int, asker_ids: Sequence[int], styles: Sequence[str | None], picture: str) -> str:
    """The question to an author about a `picture`; the styles are titles, None where somebody has sent one along."""
    askers = [f"<@{asker}>" for asker in dict.fromkeys(asker_ids)]
    own = say("consent-own-style")
    return say(
        "consent-question",
        author=f"<@{author_id}>",
        members=_some(askers, "consent-more-askers"),
        askers=len(askers),
        picture=picture,
        styles=_some([title or own for title in dict.fromkeys(styles)], "consent-more-styles"),
    )


def overview(here: Answer | None, everywhere: Answer | None, rule: Consent | None) -> str:
    """What a member has said, and what it comes to; `rule` is the server's, None in a direct message."""
    lines = [say("consent-overview")]
    said = here if here is not None else everywhere
    if rule is Consent.OWN or (rule is not None and said is None):
        lines.append(f"- {say('consent-now', rule=_RULES[rule]())}")
    if rule is not None:
        lines.append(f"- {say('consent-where-here', answer=choice(HERE, here))}")
    lines.append(f"- {say('consent-where-everywhere', answer=choice(EVERYWHERE, everywhere))}")
    return "\n".join(lines)


def choice(where: Phrase, answer: Answer | None) -> str:
    """An answer as a member picks it."""
    return _ANSWERS[answer]() if answer is not None else _UNSAID[where]()


def _some(names: Sequence[str], rest: str) -> str:
    shown = list(names)
    if (more := len(names) - _SHOWN) > 1:
        shown[_SHOWN:] = [say(rest, count=more)]
    return and_list(shown)
