"""What `/check` says: what is amiss, why it matters, and how to mend it.

Rule: one sentence on each of these for every finding, and a reason for every permission; tests enumerate them.
"""

from collections.abc import Mapping, Sequence

from bot.findings import Finding, Found
from bot.words.catalogue import Phrase, say
from bot.words.commands import whole_name
from bot.words.errors import PERMISSIONS
from bot.words.post import MESSAGE_LIMIT

CHECK = Phrase("check-command")
ALL_WELL = Phrase("check-all-well")
INTENT_GRANTED = Phrase("check-content-seen")
_MORE_LIMIT = 40  # characters for how many more there are

WHY_PERMISSION = {
    "view_channel": Phrase("check-why-view-channel"),
    "send_messages": Phrase("check-why-send-messages"),
    "send_messages_in_threads": Phrase("check-why-send-messages-in-threads"),
    "create_public_threads": Phrase("check-why-create-public-threads"),
    "attach_files": Phrase("check-why-attach-files"),
    "read_message_history": Phrase("check-why-read-message-history"),
    "add_reactions": Phrase("check-why-add-reactions"),
}


SENTENCES = {finding: Phrase(f"check-{finding.replace('_', '-')}") for finding in Finding}


def who_may(commands: Mapping[str | None, Sequence[str]]) -> str:
    """Who may use which commands, by the flag of the permission that it takes; None: everybody may."""
    parts = [
        say(
            "check-commands",
            commands=", ".join(f"`/{whole_name(name)}`" for name in names),
            permission=PERMISSIONS[flag](),
        )
        for flag, names in commands.items()
        if flag is not None
    ]
    return f"-# {say('check-who-may', commands='; '.join(parts))}"


def report(found: Sequence[Found], sees_content: bool, who: str = "") -> str:
    """All that was found, as much as fits into a message; `who` may use what."""
    tail = "\n".join(part for part in (f"-# {INTENT_GRANTED()}" if sees_content else "", who) if part)
    if not found:
        return f"{ALL_WELL()}\n{tail}".strip()
    text, room = say("check-head"), MESSAGE_LIMIT - len(tail) - _MORE_LIMIT
    for n, each in enumerate(found):
        line = f"- {line_of(each)}"
        if len(text) + len(line) >= room:
            text = f"{text}\n- {say('check-more', count=len(found) - n)}"
            break
        text = f"{text}\n{line}"
    return f"{text}\n{tail}".strip()


def line_of(found: Found) -> str:
    """One finding."""
    return SENTENCES[found.finding](
        channel=f"<#{found.channel_id}>" if found.channel_id is not None else "",
        where="channel" if found.channel_id is not None else "server",
        names=_names(found),
        count=len(found.names),
    )


def _names(found: Found) -> str:
    if found.finding is Finding.STYLES_GONE:
        return ", ".join(f"`{name}`" for name in found.names)
    named = (
        say("check-permission", name=PERMISSIONS[flag](), why=WHY_PERMISSION[flag]())
        for flag in found.names
        if flag in PERMISSIONS
    )
    return ", ".join(named)
