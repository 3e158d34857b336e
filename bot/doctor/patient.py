"""What a check is given to look at, and what it answers."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.config import BotConfig

SECONDS = aiohttp.ClientTimeout(total=10.0)


@dataclass(frozen=True)
class Finding:
    """A line: whether all is well, what it is about, and what is to be done where it is not."""

    is_well: bool
    line: str


@dataclass(frozen=True)
class Answer:
    """What came back: the status, None if nobody answered, and why then; the headers, and the body if it was JSON."""

    status: int | None
    why: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Patient:
    """config: as the bot would read it. session: for all that is asked. discord: the origin of Discord's API.

    discord_token, engine_token: as the bot would show them; None if there is none.
    """

    config: BotConfig
    session: aiohttp.ClientSession
    discord: str
    discord_token: str | None = field(repr=False)
    engine_token: str | None = field(repr=False)

    async def ask_discord(self, path: str) -> Answer:
        """What Discord's API says to the bot."""
        return await self.ask(f"{self.discord}/api/v10{path}", f"Bot {self.discord_token or ''}")

    async def ask_engine(self, path: str) -> Answer:
        """What the engine says to the bot."""
        shown = f"Bearer {self.engine_token}" if self.engine_token else None
        return await self.ask(f"{self.config.engine_url}{path}", shown)

    async def ask(self, url: str, authorization: str | None = None) -> Answer:
        """What is answered there; redirections are not followed, and take no token along."""
        headers = {"Authorization": authorization} if authorization else {}
        try:
            async with self.session.get(
                url, headers=headers, timeout=SECONDS, allow_redirects=False
            ) as answer:
                is_json = answer.content_type == "application/json"
                body = await answer.json() if is_json else None
                return Answer(answer.status, "", dict(answer.headers), body)
        except (aiohttp.ClientError, ValueError) as error:
            return Answer(None, str(error) or type(error).__name__)
        except TimeoutError:
            return Answer(None, "no answer in 10 s")
