"""How the bot says no, and what it adds to a result: the sentences of the engine's codes and of its own.

Rule: a sentence for each code, of all of them, under an id that is made of the code; whatever raises one gives facts.
No name of a field of the wire stands in a sentence.
"""

from collections.abc import Mapping

from bot.errors import BotError, BotErrorCode, NamedRefusal
from bot.words.catalogue import Fact, Phrase, and_list, or_list
from bot.words.sources import shown
from bot.words.styles import quoted
from engine.protocol import FORMAT_NAMES, ErrorCode, Note, NoteCode, Problem, RecipeName, Refusal

APOLOGY = Phrase("errors-apology")
RESTARTED = Phrase("errors-restarted")
ASIDE = Phrase("errors-aside")  # for the moment in which what all could see becomes what one member is told

# Discord's names of what the bot needs, by the flags of discord.Permissions.
PERMISSIONS = {
    "view_channel": Phrase("errors-permission-view-channel"),
    "send_messages": Phrase("errors-permission-send-messages"),
    "send_messages_in_threads": Phrase("errors-permission-send-messages-in-threads"),
    "attach_files": Phrase("errors-permission-attach-files"),
    "read_message_history": Phrase("errors-permission-read-message-history"),
    "add_reactions": Phrase("errors-permission-add-reactions"),
    "create_public_threads": Phrase("errors-permission-create-public-threads"),
    "create_expressions": Phrase("errors-permission-create-expressions"),
    "manage_guild": Phrase("errors-permission-manage-guild"),
    "manage_messages": Phrase("errors-permission-manage-messages"),
    "manage_threads": Phrase("errors-permission-manage-threads"),
}


def phrase_of(code: ErrorCode | BotErrorCode | NoteCode) -> Phrase:
    """The sentence of a code, to be said with its facts."""
    match code:
        case ErrorCode():
            family = "errors-wire"
        case NoteCode():
            family = "errors-note"
        case BotErrorCode():
            family = "errors"
    return Phrase(f"{family}-{code.replace('_', '-')}")


def sentence(error: Problem | Refusal | BotError) -> str:
    """An error of the engine's, of the door's or of the bot's own, as a member reads it."""
    if not isinstance(error, BotError):
        names = error.names if isinstance(error, NamedRefusal) else {}
        return phrase_of(error.code)(**_told(error.facts, names))
    return phrase_of(error.code)(**(_told(error.facts) | _listed(error.facts)))


def note_sentence(note: Note, names: Mapping[str, str] = {}) -> str:
    """A note as a member reads it; `names` are those that they gave to the images, by part."""
    return phrase_of(note.code)(**_told(note.facts, names))


def _told(facts: Mapping[str, object], names: Mapping[str, str] = {}) -> dict[str, Fact]:
    """Facts as a sentence takes them."""
    told = {name: fact if isinstance(fact, int | float) else str(fact) for name, fact in facts.items()}
    if "image" in facts:
        told |= _image(str(facts["image"]), names)
    if "author" in facts:
        told["author"] = f"<@{facts['author']}>"
    if "at" in facts:
        told["at"] = f"<t:{facts['at']}:R>"
    return told | {"formats": or_list(FORMAT_NAMES), "recipes": and_list([*RecipeName])}


def _image(part: str, names: Mapping[str, str]) -> dict[str, Fact]:
    """Which of a request's images it is, with its own name where there are several of a kind."""
    kind, _, number = part.partition("-")
    own = shown(names.get(part, "")) if number else ""
    return {"image": kind, "nth": int(number or 0), "called": "name" if own else "no", "own": own}


def _listed(facts: Mapping[str, object]) -> dict[str, Fact]:
    """Facts that are several, as the language lists them."""
    match facts:
        case {"permissions": [*flags]}:
            names = [quoted(PERMISSIONS[str(flag)]()) for flag in flags]
            return {"permissions": and_list(names), "count": len(names)}
        case {"roles": [*roles]}:
            return {"roles": or_list([f"<@&{role}>" for role in roles])}
        case {"titles": [*titles]}:
            return {"titles": or_list([quoted(str(title)) for title in titles])}
    return {}
