"""The interaction by which somebody has asked, as it is answered: at once, or by the process after this one.

Rule: whatever is answered goes by the interaction's token, which is all that is left of it after a restart.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import discord
import structlog

from bot import answers
from bot.errors import DiscordTrouble, short
from bot.languages import Language, language_of, locale_of, speaking
from bot.place import Place
from bot.storage.interactions import Manner, OwedAnswer
from bot.tickets.message import TOKEN_MARGIN, TicketMessage, TokenMessage, edit_fields, fields
from bot.words.catalogue import Phrase
from bot.words.help import ACCEPTED
from bot.words.post import Post
from bot.words.ticket import developing
from engine.protocol import CrashPoint, reach

if TYPE_CHECKING:
    from discord.types.interactions import Interaction as Payload

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Asked:
    """Somebody's command or click; `manner` is how it is acknowledged, `taken` what its "thinking…" becomes."""

    interaction: discord.Interaction[Any]
    manner: Manner
    taken: Phrase = ACCEPTED

    @classmethod
    def again(cls, client: discord.Client, owed: OwedAnswer) -> "Asked":
        """What a former process was asked, to be answered by its token."""
        known = {
            "id": str(owed.id),
            "type": discord.InteractionType.application_command.value,
            "token": owed.token,
            "version": 1,
            "application_id": str(owed.application_id),
            "attachment_size_limit": discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES,
            "locale": locale_of(owed.language).value,
        }
        # Nothing public makes one, and everything that an answer goes through hangs on it.
        interaction = discord.Interaction(data=cast("Payload", known), state=client._connection)
        answers.note_acknowledged(interaction, owed.manner)
        return cls(interaction, owed.manner)

    @classmethod
    def by(cls, interaction: discord.Interaction[Any], manner: Manner) -> "Asked":
        """What somebody has asked just now; where only the token can answer, what it is told becomes the picture."""
        return cls(interaction, open_manner(interaction, manner))

    @property
    def language(self) -> Language:
        """Of whoever has asked: for what they alone read."""
        return language_of(self.interaction.locale)

    def owed(self, ticket_id: str) -> OwedAnswer:
        """What has to be kept of it until the ticket is shown."""
        return answers.owed(self.interaction, self.manner, ticket_id)

    def is_over(self, now: datetime) -> bool:
        """Whether Discord no longer takes the token, or soon will not."""
        return now >= self.interaction.expires_at - TOKEN_MARGIN

    async def acknowledge(self) -> None:
        """Tell Discord that it is taken. Raises discord.HTTPException if Discord no longer wants to know."""
        await answers.acknowledge(self.interaction, self.manner)

    async def point_at(self, url: str | None) -> None:
        """Say where it is shown to whoever has asked, if they look at "thinking…"."""
        if self._acknowledged is not Manner.CLICK and url is not None:
            with speaking(self.language):
                text = developing(url)
            try:
                await answers.tell(self.interaction, text)
            except DiscordTrouble as error:
                log.info("not told where", interaction=self.interaction.id, error=short(error))

    async def show(self, place: Place, post: Post, buttons: discord.ui.View) -> TicketMessage:
        """Show a new ticket to all, beside what was clicked or what only they see. Raises what Discord does."""
        until = self.interaction.expires_at - TOKEN_MARGIN
        if self._acknowledged is Manner.OPEN:
            # The same again however often it is done, so that a restart makes no second one.
            original = await self.interaction.edit_original_response(**edit_fields(post, buttons))
            return TicketMessage(original.id, None, TokenMessage(self.interaction, original.id), until)
        if self._acknowledged is Manner.THINKING:  # which the first follow-up would take the place of
            with speaking(self.language):
                text = self.taken()
            await self.interaction.edit_original_response(content=text)
            reach(CrashPoint.BOT_TAKEN_TOLD)
        message = await self.interaction.followup.send(wait=True, **fields(post, buttons))
        lasting = place.message(self.interaction.client, message.id)
        return TicketMessage(message.id, lasting, TokenMessage(self.interaction, message.id), until)

    def shown(self, message_id: int) -> TicketMessage:
        """The message by which a former process has answered."""
        message = TokenMessage(self.interaction, message_id)
        return TicketMessage(message_id, None, message, self.interaction.expires_at - TOKEN_MARGIN)

    def seconds_left(self, now: datetime) -> float:
        """For which Discord still takes the token."""
        return (self.interaction.expires_at - now).total_seconds()

    @property
    def _acknowledged(self) -> Manner:
        return answers.acknowledged(self.interaction) or self.manner


def open_manner(interaction: discord.Interaction[Any], manner: Manner) -> Manner:
    """How what makes a picture is acknowledged: as `manner`, or OPEN where only the token can answer."""
    return Manner.OPEN if Place.of(interaction).is_by_token else manner
