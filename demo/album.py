"""What was shown and said in the channel, kept as files while it happens: frames, paintings, a transcript.

A picture that the bot adds to a message by an edit is a frame; one that a message of the bot comes with is a
finished painting.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from demo.world import World


@dataclass
class Album:
    """Files in `folder`: frames/, painting-N.*, photos/ and transcript.md."""

    world: World
    folder: Path
    frames: list[Path] = field(default_factory=list)
    paintings: list[Path] = field(default_factory=list)
    _kept: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "frames").mkdir(parents=True, exist_ok=True)
        (self.folder / "photos").mkdir(exist_ok=True)
        self.transcript.write_text("# What was said in #studio\n", encoding="utf-8")
        self.world.backend.subscribers.append(self._note)

    @property
    def transcript(self) -> Path:
        """The file that tells it all in order."""
        return self.folder / "transcript.md"

    def _note(self, event: str, payload: Mapping[str, Any]) -> None:
        match event:
            case "MESSAGE_CREATE":
                self._message(payload, "")
            case "MESSAGE_UPDATE":
                self._message(payload, ", edited")
            case "MESSAGE_DELETE":
                self._write(f"*The message {payload['id'][-4:]} was removed.*")
            case "MESSAGE_REACTION_ADD":
                who = self._name(int(payload["user_id"]))
                self._write(f"*{who} reacted {payload['emoji']['name']} to {payload['message_id'][-4:]}.*")

    def _message(self, payload: Mapping[str, Any], how: str) -> None:
        origin = payload.get("interaction_metadata") or {}
        asked = f", as {origin['user']['global_name']} used /{origin['name']}" if "name" in origin else ""
        head = f"**{self._name(int(payload['author']['id']))}** (message {payload['id'][-4:]}{how}{asked})"
        text = re.sub(r"<@(\d+)>", lambda found: f"@{self._name(int(found[1]))}", payload["content"])
        text = re.sub(r"<t:(\d+):R>", lambda found: f"at {_clock(int(found[1]))}", text)
        images = [self._keep(payload, attachment, bool(how)) for attachment in payload["attachments"]]
        buttons = [
            part.get("label") or part.get("placeholder", "")
            for row in payload["components"]
            for part in row.get("components", [])
        ]
        pressed = " ".join(f"`[{label}]`" for label in buttons)
        self._write(
            "\n\n".join(part for part in (head, text.replace("\n", "  \n"), *images, pressed) if part)
        )

    def _keep(self, payload: Mapping[str, Any], attachment: Mapping[str, Any], edited: bool) -> str:
        """Save an attachment once, and show it in Markdown."""
        path = self._kept.get(attachment["id"])
        if path is None:
            path = self._kept[attachment["id"]] = self._place(payload, attachment, edited)
            path.write_bytes(self.world.cdn.get(attachment["url"]) or b"")
        alt = attachment.get("description") or attachment["filename"]
        return f"![{alt}]({path.relative_to(self.folder).as_posix()})"

    def _place(self, payload: Mapping[str, Any], attachment: Mapping[str, Any], edited: bool) -> Path:
        suffix = PurePath(attachment["filename"]).suffix
        if not payload["author"].get("bot"):
            return self.folder / "photos" / PurePath(attachment["filename"]).name
        if edited:
            self.frames.append(self.folder / "frames" / f"{len(self.frames) + 1:03}{suffix}")
            return self.frames[-1]
        self.paintings.append(self.folder / f"painting-{len(self.paintings) + 1}{suffix}")
        return self.paintings[-1]

    def _name(self, user_id: int) -> str:
        user = self.world.backend.get_user(user_id)
        return user.global_name or user.name

    def _write(self, entry: str) -> None:
        with self.transcript.open("a", encoding="utf-8") as transcript:
            transcript.write(f"\n`{datetime.now():%H:%M:%S}` {entry}\n")


def _clock(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp):%H:%M:%S}"
