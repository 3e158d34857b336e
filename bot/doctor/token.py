"""Whether Discord knows the bot's token."""

from collections.abc import AsyncIterator

from bot.config import DISCORD_TOKEN
from bot.doctor.patient import Finding, Patient

_PORTAL = "https://discord.com/developers/applications"
_UNAUTHORIZED, _TOO_MANY = 401, 429


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Ask who the bot is."""
    if patient.discord_token is None:
        yield Finding(
            False, f"Token: none in {DISCORD_TOKEN}: take the bot's from {_PORTAL}, Bot, Reset Token"
        )
        return
    answer = await patient.ask_discord("/users/@me")
    match answer.status:
        case 200 if isinstance(answer.body, dict):
            yield Finding(
                True, f"Token: of the bot “{answer.body.get('username')}” ({answer.body.get('id')})"
            )
        case 401:
            yield Finding(
                False,
                f"Token: Discord does not know that in {DISCORD_TOKEN}: take a new one from {_PORTAL}, Bot",
            )
        case 429:
            yield Finding(
                False, "Token: Discord turns this machine's address away for a while, as asking too often"
            )
        case None:
            yield Finding(
                False, f"Token: Discord cannot be reached, see https://discordstatus.com: {answer.why}"
            )
        case status:
            yield Finding(
                False, f"Token: Discord answers {status}: try again, and see https://discordstatus.com"
            )
