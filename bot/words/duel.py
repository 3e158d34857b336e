"""Duels of two members' pictures: the challenge, the vote, and how it ended."""

from bot.storage.duels import Duel, End
from bot.words.catalogue import Phrase, say
from bot.words.post import Picture

COMMAND = Phrase("duel-command")
OPTIONS = {
    "opponent": Phrase("duel-opponent"),
    "picture": Phrase("duel-picture"),
    "hours": Phrase("duel-hours"),
}
ACCEPT, REFUSE, CANCEL = Phrase("duel-accept"), Phrase("duel-refuse"), Phrase("duel-cancel")
FORM = Phrase("duel-form")
FORM_PICTURE, FORM_PICTURE_MORE = Phrase("duel-form-picture"), Phrase("duel-form-picture-more")
ACCEPTED = Phrase("duel-accepted")
_SHEET_ALT, _CHALLENGE_ALT = Phrase("duel-sheet-alt"), Phrase("duel-challenge-alt")
_AN_HOUR = Phrase("duel-an-hour")
_ENDS = {
    End.REFUSED: Phrase("duel-refused"),
    End.CANCELLED: Phrase("duel-cancelled"),
    End.NO_ANSWER: Phrase("duel-no-answer"),
    End.NOT_PAINTED: Phrase("duel-not-painted"),
    End.TAKEN_BACK: Phrase("duel-taken-back"),
}


def hours(count: int) -> str:
    """How long may be voted, among the choices."""
    return _AN_HOUR() if count == 1 else say("duel-some-hours", hours=count)


def vote(number: int) -> str:
    """The button for one of the two."""
    return say("duel-vote", number=number)


def posted(url: str) -> str:
    """Where the challenge is."""
    return say("duel-posted", url=url)


def challenge(duel: Duel, ends: float) -> str:
    """What the opponent reads, with what their yes means."""
    return say("duel-challenge", **_two(duel), ends=_time(ends))


def picture(duel: Duel, number: int, data: bytes, spoiler: bool) -> Picture:
    """One of the two pictures, as they were given."""
    return Picture(data, picture_stem(duel, number), _CHALLENGE_ALT(), spoiler)


def picture_stem(duel: Duel, number: int) -> str:
    """What the file of one of the two pictures is called, and no other file."""
    return f"duel-{number}-{duel.id}"


def painting(duel: Duel) -> str:
    """Both are being painted."""
    return say("duel-painting", **_two(duel))


def ballot(duel: Duel) -> str:
    """What is voted about."""
    return say("duel-ballot", **_two(duel), ends=_time(duel.ends or 0.0))


def sheet(duel: Duel, data: bytes, spoiler: bool) -> Picture:
    """Both results on one picture."""
    return Picture(data, f"duel-sheet-{duel.id}", _SHEET_ALT(), spoiler)


def voted(duel: Duel, number: int) -> str:
    """A vote was taken."""
    return say("duel-voted", number=number, ends=_time(duel.ends or 0.0))


def result(duel: Duel) -> str:
    """How the vote ended."""
    first, second = duel.first_votes or 0, duel.second_votes or 0
    if not first and not second:
        return say("duel-unvoted", **_two(duel))
    if first == second:
        return say("duel-drawn", **_two(duel), votes=first)
    winner, loser = duel.members if first > second else duel.members[::-1]
    counted = {"most": max(first, second), "least": min(first, second)}
    return say("duel-won", winner=str(winner), loser=str(loser), **counted)


def ended(duel: Duel) -> str:
    """Why there is no winner."""
    return _ENDS[duel.end or End.CANCELLED](**_two(duel))


def _two(duel: Duel) -> dict[str, str]:
    return {"challenger": str(duel.challenger_id), "opponent": str(duel.opponent_id)}


def _time(seconds: float) -> str:
    return f"{seconds:.0f}"
