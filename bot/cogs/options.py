"""The options by which a command is given its picture: a file, a member's avatar, something that is here, or nothing."""

from dataclasses import dataclass

import discord
from discord import app_commands

from bot.answers import working
from bot.errors import BotError, BotErrorCode
from bot.intake import Asking, Wish
from bot.storage.interactions import Manner
from bot.studio import Studio
from bot.tickets.asked import open_manner
from bot.words.sources import NEWEST

NAMED_LENGTH = 200  # characters, and more than any link to a message has
_NEWEST_VALUE = "newest"


def picture_choices(typed: str) -> list[app_commands.Choice[str]]:
    """What can be named without a link, if it is what somebody may be typing."""
    is_meant = typed.strip().casefold() in NEWEST().casefold()
    return [app_commands.Choice(name=NEWEST(), value=_NEWEST_VALUE)] if is_meant else []


def _is_newest(named: str) -> bool:
    return named.strip().casefold() in (_NEWEST_VALUE, NEWEST().casefold())


@dataclass(frozen=True)
class PictureOptions:
    """What a member has given of these."""

    content: discord.Attachment | None = None
    picture: str | None = None
    member: discord.Member | discord.User | None = None

    def require_one(self) -> None:
        """Raises BotError SEVERAL_SOURCES."""
        if sum(source is not None for source in (self.content, self.picture, self.member)) > 1:
            raise BotError(BotErrorCode.SEVERAL_SOURCES)

    async def paint(
        self, studio: Studio, interaction: discord.Interaction, asking: Asking, wish: Wish
    ) -> None:
        """Paint what is clear; let the member choose what is not. Raises BotError, Refusal."""
        if self.content is not None:
            await studio.intake.paint(interaction, asking, [asking.sent(self.content)], wish)
        elif self.member is not None:
            await studio.intake.paint(interaction, asking, [studio.sources.avatar(self.member)], wish)
        else:
            await self._look_for(studio, interaction, asking, wish)

    async def _look_for(
        self, studio: Studio, interaction: discord.Interaction, asking: Asking, wish: Wish
    ) -> None:
        """Ask Discord for the picture that is meant; what nobody has named is shown before it is painted."""
        manner = open_manner(interaction, Manner.THINKING) if wish.styles else Manner.THINKING
        async with working(interaction, studio.store.owed, manner):
            if self.picture is not None and not _is_newest(self.picture):
                found = await studio.sources.named(interaction, self.picture)
                await studio.intake.paint(interaction, asking, found, wish)
                return
            found = await studio.sources.newest(interaction, asking.venue)
            await studio.intake.choose(interaction, found, wish, previews=True)
