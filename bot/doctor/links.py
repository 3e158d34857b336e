"""Whether members reach private links, where there are any."""

from collections.abc import AsyncIterator

from aiohttp import hdrs

from bot.doctor.patient import Finding, Patient
from bot.heartbeat import is_beating
from bot.links.signing import ROUTE

_NO_LINK = "doctor"


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Ask for a link that is none: the bot's own answer has its name."""
    address = patient.config.links.address
    if not address:
        return
    answer = await patient.ask(f"{address}{ROUTE}{_NO_LINK}")
    if answer.status is None:
        yield Finding(False, f"Links: nobody answers at {address}: see docs/links.md ({answer.why})")
    elif answer.headers.get(hdrs.SERVER) == "atelier":
        yield Finding(True, f"Links: {address} leads to this bot")
    elif not is_beating(patient.config.own_dir):
        yield Finding(
            True, f"Links: {address} answers {answer.status}; whether it leads here shows when the bot runs"
        )
    else:
        yield Finding(
            False, f"Links: {address} answers {answer.status} and does not lead to the bot: see docs/links.md"
        )
