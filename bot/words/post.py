"""What a message shows: a text, and a picture with the text for those who cannot see it."""

import io
from dataclasses import dataclass

import discord

from engine.protocol import sniff

MESSAGE_LIMIT = 2000  # characters that Discord takes in a message
_ALT_LIMIT = 1024


def shortened(text: str, limit: int) -> str:
    """A text in one line, of so many characters at most."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def capitalised(text: str) -> str:
    """A text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Picture:
    """An image to be posted."""

    data: bytes
    stem: str
    alt: str
    spoiler: bool

    def file(self) -> discord.File:
        """A new file to send; every attempt needs its own."""
        kind = sniff(self.data[:32])
        name = f"{self.stem}.{kind.value.lower() if kind else 'bin'}"
        alt = self.alt[:_ALT_LIMIT]
        return discord.File(io.BytesIO(self.data), name, description=alt, spoiler=self.spoiler)


@dataclass(frozen=True)
class Post:
    """What a message shows."""

    text: str
    picture: Picture | None = None

    def files(self) -> list[discord.File]:
        """New files to send with it."""
        return [self.picture.file()] if self.picture is not None else []
