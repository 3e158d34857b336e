"""The studies as emojis of the bot's own application, for menus: a painting tells more than a unicode emoji.

Rule: they are there or they are not, and everything works without them. Made where they are missing, one after the other,
and looked up again now and then, since whoever owns the application may remove them. Under pictures stands unicode: only
the application itself may use its emojis, and Discord does not promise that members can join its reactions with them.
"""

from collections.abc import Sequence

import discord
import structlog

from bot.engine_client import EngineClient
from bot.errors import DiscordTrouble, EngineUnreachable, is_passing, short
from bot.styles.catalogue import Catalogue
from engine.protocol import Preset, Refusal, StyleCard

log = structlog.get_logger(__name__)

PREFIX = "atelier_"
_NAME_LIMIT = 32  # characters that Discord allows


class StudyEmojis:
    """Those of one application."""

    def __init__(
        self, client: discord.Client, engine: EngineClient, catalogue: Catalogue, *, may_make: bool
    ) -> None:
        self._client, self._engine, self._catalogue = client, engine, catalogue
        self._may_make = may_make  # one of several processes does, or each would be there twice
        self._refused: set[str] = set()  # by Discord, for good

    async def refresh(self) -> None:
        """Find those that there are, and make those that are missing, as far as that is possible now."""
        styles = self._catalogue.styles()
        if not styles or self._client.application_id is None:
            return
        try:
            there = {emoji.name: str(emoji) for emoji in await self._client.fetch_application_emojis()}
            self._tell(styles, there)
            for style in styles if self._may_make else ():
                if (name := _name(style)) is not None and name not in there and name not in self._refused:
                    there |= await self._made(style, name)
                    self._tell(styles, there)
        except (EngineUnreachable, Refusal, *DiscordTrouble) as error:  # the next look goes on
            log.info("emojis of the styles not complete", error=short(error))

    def _tell(self, styles: Sequence[StyleCard], there: dict[str, str]) -> None:
        """Let the catalogue know which there are."""
        self._catalogue.emojis = {
            style.name: there[name] for style in styles if (name := _name(style)) in there
        }

    async def _made(self, style: StyleCard, name: str) -> dict[str, str]:
        """A new one, unless Discord does not want it. Raises EngineUnreachable, Refusal, and what passes at Discord."""
        image = (await self._engine.study(style.name, preset=Preset.EMOJI)).data
        try:
            return {name: str(await self._client.create_application_emoji(name=name, image=image))}
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            self._refused.add(name)
            log.info("emoji not made", style=style.name, error=short(error))
        except ValueError:  # of discord.py: no image that it knows
            self._refused.add(name)
            log.info("emoji not made", style=style.name, error="not an image")
        return {}


def _name(style: StyleCard) -> str | None:
    """What its emoji is called; None if Discord would not take that."""
    name = f"{PREFIX}{style.name}"
    return name if len(name) <= _NAME_LIMIT else None
