"""What a style of a server may be called, and the emojis that can stand for one.

Rule: a name stands in messages, menus, titles and alternative texts of others, so it is made of letters, digits and a few
signs that mean nothing to Discord. An emoji is one of a list: one that Discord did not take would make every menu fail.
"""

import unicodedata
from collections.abc import Collection, Iterator, Sequence

from bot.errors import BotError, BotErrorCode
from bot.styles import search
from bot.words.audition import is_all
from engine.protocol import StyleCard

LEAST, MOST = 2, 32  # characters of a name
_CREDIT = 32
_SIGNS = frozenset(" -–'’,.!?&()")
# Of no width, by which two names would look alike: fillers, a joiner, and what chooses between looks.
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f") | {
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}
_MARKS = 2  # in a row, on top of a letter
_PROPOSED = 12
EMOJIS = (
    "🎨🌈🌙🌛🌞🌟🔥💧🌸🌹🌺🌻🌼🌷🌱🌲🌳🌴🌵🌾🌿🍀🍁🍂🍃🍄🌰🍇🍉🍋🍎🍓🍒🍑🍍🥑🥝🥕🌽🎃🐱🐶🐭🐰🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🦆🦅🦉🦇🐺🐗🐴"
    "🦄🐝🐛🦋🐌🐞🐢🐍🦎🐙🦑🐠🐟🐬🐳🐋🦈🐊🐘🐪🐇🐿🐉🌍🌋🏰🏯⛵🚀🛸⚓🎈🎀🎁🎭🎪🎬🎷🎸🎺🎻🥁🎲🎯🎳🏹🔮💎🔔🔑💡📷📚🧵🧶👑👻👽🤖💀"
    "⚡⛄🌠🎆🎇🏮🎐🎑🎋🎍🥨🍩🍪🍭🍬🧁🍯☕🍵🫖💜💙💚💛🧡🤎🖤🤍"
)


def checked_name(typed: str, taken: Sequence[StyleCard]) -> str:
    """A name as it is kept. Raises BotError BAD_STYLE_NAME, STYLE_NAME_TAKEN."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not (LEAST <= len(name) <= MOST and _is_plain(name) and any(map(str.isalpha, name))):
        raise BotError(BotErrorCode.BAD_STYLE_NAME, least=LEAST, most=MOST)
    if is_all(name):  # who mentions the bot means all of them by it
        raise BotError(BotErrorCode.STYLE_NAME_TAKEN, title=name)
    if (there := search.exact(name, taken)) is not None:
        raise BotError(BotErrorCode.STYLE_NAME_TAKEN, title=there.title)
    return name


def checked_emoji(typed: str, taken: Collection[str]) -> str:
    """An emoji as it is kept; the first that is free for whoever has typed none.

    Raises BotError BAD_STYLE_EMOJI, STYLE_EMOJI_TAKEN.
    """
    used = {search.plain_emoji(each) for each in taken}
    free = [each for each in EMOJIS if each not in used]
    wanted = search.plain_emoji(typed.strip())
    if not wanted and free:
        return free[0]
    if wanted in used:
        raise BotError(BotErrorCode.STYLE_EMOJI_TAKEN, emoji=wanted, free=" ".join(free[:_PROPOSED]))
    if len(wanted) != 1 or wanted not in free:
        raise BotError(BotErrorCode.BAD_STYLE_EMOJI, emojis=" ".join(free[:_PROPOSED]))
    return wanted


def credit_of(display_name: str) -> str:
    """What a member is called in a credit: their name, as far as it is one that may stand anywhere; "" if nothing is left."""
    kept = "".join(_plain_letters(unicodedata.normalize("NFKC", display_name)))
    return " ".join(kept.split())[:_CREDIT].strip()


def _plain_letters(text: str) -> Iterator[str]:
    """What may stay of a text: a mark only on top of a letter."""
    before, marks = "", 0
    for letter in text:
        is_mark = unicodedata.category(letter).startswith("M")
        marks = marks + 1 if is_mark else 0
        is_on_letter = unicodedata.category(before)[0] in "LM" if before else False
        if _is_allowed(letter) and (not is_mark or (is_on_letter and marks <= _MARKS)):
            yield letter
            before = letter


def _is_plain(text: str) -> bool:
    return "".join(_plain_letters(text)) == text


def _is_allowed(letter: str) -> bool:
    """Letters, their marks, digits, and signs that format nothing; none that cannot be seen."""
    is_invisible = letter in _INVISIBLE
    return letter in _SIGNS or (unicodedata.category(letter)[0] in "LMN" and not is_invisible)
