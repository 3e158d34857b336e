"""Which of the styles somebody means: typed in part, with a slip, without accents, in any order.

Rule: it forgives, and says how well each fits; what is done with several that fit is for whoever asks. Which language
somebody types in is not asked: the titles of all count, and what people say around them in any. Pure: text and styles in,
styles out.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from bot.languages import Language, speaking
from bot.words.catalogue import Phrase
from bot.words.paintings import titles_of
from engine.protocol import StyleCard

# Discord gives some emoji with the one and some without, and adds the other as the member has chosen.
_VARIATION, _SKIN_TONES = "\N{VARIATION SELECTOR-16}", "".join(map(chr, range(0x1F3FB, 0x1F400)))
_PLAIN = str.maketrans("", "", _VARIATION + _SKIN_TONES)
_WORD = re.compile(r"[^\W_]+")

NEAR = 0.45  # how well a style fits at least to be proposed while somebody types
CLEAR = 0.75  # and to be taken for what is meant
_TIED = 0.08  # of two that fit about as well, either may be meant
_LEAST = 3  # letters: shorter pieces of words begin one, or are it, and mean nothing by a slip
_SLIP = 0.7  # how alike two words are, to be taken for one
_FAITHFUL, _FAITHFUL_LETTERS = 0.8, 6  # the same where people talk of other things: only of a long word
_PREFIX, _INSIDE, _SLIPPED, _RUN_TOGETHER = 0.95, 0.8, 0.95, 0.9
_RUN_LETTERS, _RUN_ALIKE = 5, 85.0
_KNOWN = 512  # styles whose names are read once
_FILLERS = Phrase("styles-fillers")


@dataclass(frozen=True)
class Fit:
    """A style, and how well it fits what was typed: 1 is a name of it, 0 has nothing of it."""

    style: StyleCard
    score: float


def plain_emoji(text: str) -> str:
    """Without what a member has chosen of an emoji's looks: its skin tone, its colours."""
    return text.translate(_PLAIN)


def by_emoji(text: str, styles: Sequence[StyleCard]) -> list[StyleCard]:
    """The styles whose emoji a text has."""
    plain = plain_emoji(text)
    return [style for style in styles if plain_emoji(style.emoji) in plain]


def ranked(typed: str, styles: Sequence[StyleCard], least: float = NEAR) -> list[Fit]:
    """Those that fit what is being typed, the best first; all, in their own order, if nothing is."""
    if emoji := by_emoji(typed, styles):
        return [Fit(style, 1.0) for style in emoji]
    words = _words(typed)
    if not words:
        return [] if typed.strip() else [Fit(style, 1.0) for style in styles]
    words = _without_fillers(words) or words
    fits = [Fit(style, _score(words, style)) for style in styles]
    return sorted((fit for fit in fits if fit.score >= least), key=lambda fit: -fit.score)


def exact(typed: str, styles: Sequence[StyleCard]) -> StyleCard | None:
    """The style whose name or title this is, to the letter but for its case and accents."""
    wanted = _words(typed)
    return next((each for each in styles if wanted and wanted in _names(each)), None)


def meant(typed: str, styles: Sequence[StyleCard]) -> list[StyleCard]:
    """The styles that somebody may mean who writes freely.

    One, if it is clear which; several, if it may be any of them, the best first; none, if it is no style's name.
    """
    if (named := exact(typed, styles)) is not None:
        return [named]
    if emoji := by_emoji(typed, styles):
        return emoji
    words = [word for word in _without_fillers(_words(typed)) if len(word) >= _LEAST]
    fits = ranked(" ".join(words), styles, CLEAR) if words else []
    best = [fit.style for fit in fits if fit.score >= fits[0].score - _TIED]
    return best or [style for style in styles if _is_named(style, words)]


def _words(text: str) -> list[str]:
    """The words of a text in plain letters."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return _WORD.findall("".join(letter for letter in letters if not unicodedata.combining(letter)))


@lru_cache(_KNOWN)
def _names(style: StyleCard) -> tuple[list[str], ...]:
    """The words of what a style is called."""
    return tuple(_words(name) for name in (style.name, *titles_of(style)))


def _without_fillers(words: Iterable[str]) -> list[str]:
    """What is left of what somebody types without what people say around the name of a style."""
    return [word for word in words if word not in _fillers()]


@cache
def _fillers() -> frozenset[str]:
    found = set[str]()
    for language in Language:
        with speaking(language):
            found.update(_words(_FILLERS()))
    return frozenset(found)


def _score(typed: Sequence[str], style: StyleCard) -> float:
    """How much of what is typed is of a style, 0 to 1."""
    names = [*_names(style), _words(style.artist), _words(style.year)]
    known = {word for words in names for word in words}
    letters = sum(map(len, typed))
    by_words = sum(len(word) * max(_alike(word, other) for other in known) for word in typed) / letters
    together = "".join(typed)
    if len(together) < _RUN_LETTERS:
        return by_words
    runs = ("".join(words) for words in names)
    run = max(fuzz.partial_ratio(together, each) if len(each) >= len(together) else 0.0 for each in runs)
    return max(by_words, _RUN_TOGETHER * run / 100 if run >= _RUN_ALIKE else 0.0)


def _alike(typed: str, word: str) -> float:
    """How well a word that is typed, perhaps not to its end, fits one of a style's."""
    if typed == word:
        return 1.0
    if word.startswith(typed):
        return _PREFIX
    if len(typed) < _LEAST or len(word) < _LEAST:
        return 0.0
    if typed in word:
        return _INSIDE
    begun = word[: len(typed)]
    slip = max(OSA.normalized_similarity(typed, each) for each in (word, begun))
    return _SLIPPED * slip if slip >= _SLIP else 0.0


def _is_named(style: StyleCard, words: Iterable[str]) -> bool:
    """Whether whoever speaks of many things says the title of a style, or its artist's last name."""
    said = list(words)
    titles = ([word for word in _without_fillers(name) if word != "the"] for name in _names(style))
    last = [word for word in _words(style.artist)[-1:] if len(word) > _LEAST]
    return any(
        name and all(any(_is_faithful(word, other) for other in said) for word in name)
        for name in (*titles, last)
    )


def _is_faithful(word: str, said: str) -> bool:
    if len(word) < _FAITHFUL_LETTERS:
        return word == said
    return OSA.normalized_similarity(word, said) >= _FAITHFUL
