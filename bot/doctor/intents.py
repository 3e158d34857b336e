"""Whether Discord gives the bot what it asks for: the message content intent."""

from collections.abc import AsyncIterator

from bot.doctor.patient import Finding, Patient

_CONTENT = (1 << 18) | (1 << 19)  # of an application's flags: granted, or for less than 100 servers


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """A bot that asks for an intent that is not ticked does not start."""
    answer = await patient.ask_discord("/applications/@me") if patient.discord_token else None
    if answer is None or answer.status != 200 or not isinstance(answer.body, dict):
        return  # the token's finding says why
    is_ticked = bool(int(answer.body.get("flags", 0)) & _CONTENT)
    is_wanted = patient.config.message_content
    if is_wanted and not is_ticked:
        yield Finding(
            False,
            "Intents: Message Content is not ticked in the developer portal (Bot): tick it, or set message_content = false",
        )
    elif is_ticked and not is_wanted:
        yield Finding(True, "Intents: Message Content is ticked and not used: message_content = false")
    else:
        yield Finding(
            True, f"Intents: Message Content is {'ticked' if is_ticked else 'neither ticked nor asked for'}"
        )
