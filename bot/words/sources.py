"""Pictures to choose from: what each is called, and what is asked of whoever chooses."""

import discord

from bot.words.catalogue import Phrase, say
from bot.words.post import shortened

_NAME = 40  # characters of a name that somebody has chosen
_LABEL = 100  # that Discord allows in a menu

# By what a picture is where it was found.
_CALLED = {
    "file": Phrase("sources-file"),
    "preview": Phrase("sources-preview"),
    "sticker": Phrase("sources-sticker"),
    "emoji": Phrase("sources-emoji"),
    "avatar": Phrase("sources-avatar"),
    "result": Phrase("sources-result"),
}
_UNNAMED = {"preview": Phrase("sources-preview-unnamed"), "result": Phrase("sources-result-unnamed")}

NEWEST = Phrase("sources-newest")
PICK_PICTURE = Phrase("sources-pick-picture")
PAINT_THIS = Phrase("sources-paint-this")
OVER = Phrase("sources-over")
ONLY_THE_ASKER = Phrase("sources-only-the-asker")
SPOKEN_TO = Phrase("sources-spoken-to")
NOTHING_TO_PAINT = Phrase("sources-nothing-to-paint")


def shown(name: str) -> str:
    """A name that somebody has chosen, short, and as they wrote it."""
    return discord.utils.escape_mentions(discord.utils.escape_markdown(shortened(name, _NAME)))


def label(kind: str, name: str, n: int) -> str:
    """The `n`th of several pictures in a menu, where nothing is formatted."""
    is_named = name or kind not in _UNNAMED
    called = _CALLED[kind](name=shortened(name, _NAME)) if is_named else _UNNAMED[kind]()
    return f"{n}. {called}"[:_LABEL]


def no_style_meant(name: str) -> str:
    """What was asked for is no style; a picker follows."""
    return say("sources-no-style", name=shown(name))


def chosen(author_id: int | None, jump_url: str | None, posted_at: str | None) -> str:
    """The picture that is about to be painted: whose, from when, and where it is."""
    facts = {
        "picture": say("sources-picture-at", url=jump_url) if jump_url else say("sources-picture"),
        "author": f"<@{author_id}>",
        "when": posted_at or "",
    }
    match bool(author_id), bool(posted_at):
        case True, True:
            return say("sources-chosen-whose-when", **facts)
        case True, False:
            return say("sources-chosen-whose", **facts)
        case False, True:
            return say("sources-chosen-when", **facts)
    return say("sources-chosen", **facts)
