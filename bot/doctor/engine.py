"""Whether the painting engine is there, of the same version, and lets this bot in."""

from collections.abc import AsyncIterator
from importlib.metadata import version

from bot.config import ENGINE_TOKEN
from bot.doctor.patient import Answer, Finding, Patient
from engine.protocol import Flow, Overview

_HELD_UP = {
    Flow.PAUSED: "it is paused by its operator, so nothing new is painted: resume it at its page",
    Flow.DRAINING: "it is drained by its operator and takes nothing new in: resume it at its page",
}


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """Ask it how it stands, with the bot's token."""
    url = patient.config.engine_url
    answer = await patient.ask_engine("/v1/overview")
    match answer.status:
        case None:
            yield Finding(
                False, f"Engine: nobody answers at {url} ({answer.why}): start it, or see engine_url"
            )
        case 401:
            yield Finding(
                False, f"Engine: it does not accept the token: the same {ENGINE_TOKEN} on both sides"
            )
        case 200:
            for finding in _of_overview(url, answer):
                yield finding
        case 404:
            yield Finding(
                False, f"Engine: what answers at {url} is none, or an older one: update it, or see engine_url"
            )
        case status:
            yield Finding(
                False, f"Engine: it answers {status} at {url}: see its log, and `python -m engine doctor`"
            )


def _of_overview(url: str, answer: Answer) -> list[Finding]:
    try:
        found = Overview.model_validate(answer.body, strict=False)
    except ValueError:
        return [
            Finding(False, f"Engine: that at {url} speaks another version: the same version on both sides")
        ]
    own = version("atelier")
    same = f", and this is {own}: the same on both sides" if found.version != own else ""
    told = [Finding(not same, f"Engine: version {found.version} at {url}{same}")]
    if found.flow.flow in _HELD_UP:
        told.append(Finding(False, f"Engine: {_HELD_UP[found.flow.flow]}"))
    told += [
        Finding(False, f"Engine: {each.message}")
        for each in found.conditions
        if each.severity.value != "notice"
    ]
    return told
