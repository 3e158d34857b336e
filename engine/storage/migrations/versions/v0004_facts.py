"""Errors and notes as codes and facts instead of sentences, and an owner's guild as its group.

A request's digest was reckoned over the old name, so that of an earlier job is forgotten: the same key with whatever
contents is then the same job, which is right for a bot that sends its open tickets again. What the old sentences
said is read back from them; one that cannot be read is told as an internal error, and a note that cannot be read is
dropped.
"""

import json
import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_IMAGES = {"picture": "content", "style image": "style", "mask": "mask", "earlier result": "previous"}
_IMAGE = rf"The (?P<image>{'|'.join(_IMAGES)})"
_KB = 2**10
# Of every sentence that could be stored: what was variable in it.
_SENTENCES = {
    "not_an_image": _IMAGE,
    "broken_image": _IMAGE,
    "worker_lost": r"The painting failed (?P<attempts>\d+) times",
    "mask_resized": r".* \((?P<width>\d+) x (?P<height>\d+)\)",
    "smaller_for_memory": r".* for (?P<wanted>\d+) pixels, so it is painted at (?P<size>\d+)",
    "frames_thinned": r".* has (?P<frames>\d+) frames, of which (?P<painted>\d+)",
    "smaller_for_frames": r".* at (?P<limit>\d+) pixels",
    "over_bytes": r".* smaller than (?P<size>\d+) KB, and (?P<preset>\w+) may have (?P<limit>\d+) KB",
}
_WITHOUT = ("storage_full", "out_of_memory", "internal")  # errors that have no facts
_CONSTANT = {"flat_style": {"image": "style"}, "mask_resized": {"image": "mask"}}


def upgrade() -> None:
    """Rewrite what is JSON."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT serial, request, plan, notes, error FROM jobs"))
    for serial, request, plan, notes, error in rows.all():
        values = {
            "request": _changed(request, _grouped),
            "plan": _changed(plan, _noted),
            "notes": _changed(notes, _notes),
            "error": _changed(error, _error),
        }
        connection.execute(
            sa.text(
                "UPDATE jobs SET digest = '', request = :request, plan = :plan, notes = :notes, error = :error"
                " WHERE serial = :serial"
            ),
            values | {"serial": serial},
        )


def downgrade() -> None:
    """There is none: the sentences are gone."""
    raise sa.exc.NotSupportedError("downgrade", None, ValueError("version 4 of the database cannot go back"))


def _changed(text: str | None, change: Callable[[Any], Any]) -> str | None:
    """Damaged text stays as it is: the store leaves a row alone that it cannot read."""
    try:
        return None if text is None else json.dumps(change(json.loads(text)))
    except (ValueError, TypeError, LookupError, AttributeError):
        return text


def _grouped(request: dict[str, Any]) -> dict[str, Any]:
    owner = request["owner"]
    return request | {"owner": {"group": owner["guild"], "user": owner["user"]}}


def _noted(plan: dict[str, Any]) -> dict[str, Any]:
    return plan | {"notes": _notes(plan.get("notes", []))}


def _notes(notes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [(note["code"], _facts(note["code"], note["message"])) for note in notes]
    return [{"code": code, "facts": facts} for code, facts in found if facts is not None]


def _error(error: dict[str, Any] | None) -> dict[str, Any] | None:
    if error is None:
        return None
    code = error["code"]
    facts = {} if code in _WITHOUT else _facts(code, error["message"])
    return {"code": "internal", "facts": {}} if facts is None else {"code": code, "facts": facts}


def _facts(code: str, sentence: str) -> dict[str, Any] | None:
    match = re.match(_SENTENCES[code], sentence) if code in _SENTENCES else None
    if match is None and code != "flat_style":
        return None
    found: dict[str, Any] = dict(match.groupdict()) if match else {}
    facts: dict[str, Any] = {
        name: int(value) if value.isdecimal() else value for name, value in found.items()
    }
    if "image" in facts:
        facts["image"] = _IMAGES[str(facts["image"])]
    if code == "over_bytes":  # facts are in bytes
        facts |= {"size": facts["size"] * _KB, "limit": facts["limit"] * _KB}
    return facts | _CONSTANT.get(code, {})
