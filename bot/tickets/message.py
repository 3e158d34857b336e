"""The message that a ticket is shown in, edited by whichever way Discord still allows.

Rule: while the interaction's token lives, edits go through it (its rate limit is the ticket's own); after
that, and for tickets without one, through the channel if there is one. A message that is gone or out of reach
is never an error.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Protocol

import discord
import structlog

from bot.errors import DiscordTrouble, is_passing, short
from bot.words.post import Post

log = structlog.get_logger(__name__)

TOKEN_MARGIN = timedelta(minutes=1)  # a token lives for 15 minutes
EDIT_SECONDS = 10.0  # an edit that Discord holds back for longer is stale anyway
SEND_SECONDS = 60.0

_UNKNOWN_MESSAGE = 10008
_NOBODY = discord.AllowedMentions.none()


def fields(post: Post, buttons: discord.ui.View | None = None) -> dict[str, Any]:
    """The arguments to send `post`."""
    shown: dict[str, Any] = {"content": post.text, "allowed_mentions": _NOBODY}
    if buttons is not None:
        shown["view"] = buttons
    if post.picture is not None:
        shown["file"] = post.picture.file()
    return shown


def edit_fields(post: Post, buttons: discord.ui.View | None) -> dict[str, Any]:
    """The arguments to have a message show `post` and nothing else."""
    shown: dict[str, Any] = {"content": post.text, "allowed_mentions": _NOBODY}
    return shown | {"view": buttons, "attachments": post.files()}


class Early(Protocol):
    """A message as an interaction's token may change it."""

    async def edit(self, **fields: Any) -> discord.Message:
        """Show it otherwise."""

    async def delete(self) -> None:
        """Delete it."""


class TokenMessage:
    """A message that only an interaction's token opens, by its id, as after a restart too."""

    def __init__(self, interaction: discord.Interaction[Any], message_id: int) -> None:
        self._interaction, self._id = interaction, message_id

    async def edit(self, **fields: Any) -> discord.Message:
        """Show it otherwise; edits count for nothing, of which there may be any number."""
        return await self._interaction.followup.edit_message(self._id, **fields)

    async def delete(self) -> None:
        """Delete it."""
        await self._interaction.followup.delete_message(self._id)


class TicketMessage:
    """A posted ticket; `gone` once it was found or reported deleted."""

    def __init__(
        self,
        message_id: int,
        lasting: discord.PartialMessage | None,
        early: Early | None = None,
        early_until: datetime | None = None,
    ) -> None:
        self.id = message_id
        self.gone = False
        self._shown: Post | None = None
        self._turn = asyncio.Lock()  # so that what is asked last is also what Discord hears last
        self._lasting, self._early, self._early_until = lasting, early, early_until

    @property
    def is_by_token(self) -> bool:
        """Whether an interaction's token is all that opens it."""
        return self._lasting is None

    @property
    def channel_id(self) -> int | None:
        """The channel in which the bot can edit it by itself, if there is one."""
        return self._lasting.channel.id if self._lasting is not None else None

    async def show(self, post: Post, buttons: discord.ui.View | None, insist: bool = False) -> None:
        """Show `post`, with these buttons or none; failing to is logged.

        Whoever insists gets what a later try may mend raised.
        """
        async with self._turn:
            await self._show(post, buttons, insist)

    async def _show(self, post: Post, buttons: discord.ui.View | None, insist: bool = False) -> None:
        if self.gone or post == self._shown:
            return
        try:
            async with asyncio.timeout(EDIT_SECONDS):
                await self._edit(post, buttons)
        except DiscordTrouble as error:
            self.gone = self.gone or getattr(error, "code", None) == _UNKNOWN_MESSAGE
            log.info("ticket not edited", message=self.id, error=short(error))
            if insist and is_passing(error):
                raise
        else:
            self._shown = post

    async def become(self, post: Post, buttons: discord.ui.View) -> discord.Message | None:
        """Show a result in this very place, as often as it takes; None once it is too late. Raises what Discord does."""
        async with self._turn:
            early = self._early_message()
            if early is None:
                return None
            async with asyncio.timeout(SEND_SECONDS):
                return await early.edit(**edit_fields(post, buttons))

    async def _edit(self, post: Post, buttons: discord.ui.View | None) -> None:
        early = self._early_message()
        if early is not None:
            try:
                await early.edit(**edit_fields(post, buttons))
            except discord.HTTPException as error:
                if error.status not in (401, 404) or error.code == _UNKNOWN_MESSAGE:
                    raise
                self._early = None  # the token died before its time
            else:
                return
        if self._lasting is not None:
            await self._lasting.edit(**edit_fields(post, buttons))

    async def remove(self, instead: Post) -> None:
        """Delete the message, or let it show `instead` where that is refused."""
        async with self._turn:
            reachable = self._lasting or self._early_message()
            if self.gone or reachable is None:
                return
            try:
                async with asyncio.timeout(EDIT_SECONDS):
                    await reachable.delete()
            except DiscordTrouble as error:
                log.info("ticket not deleted", message=self.id, error=short(error))
                await self._show(instead, None)
            else:
                self.gone = True

    def _early_message(self) -> Early | None:
        if self._early_until is None or discord.utils.utcnow() >= self._early_until:
            return None
        return self._early
