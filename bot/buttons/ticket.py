"""What a member can press at a ticket: to stop it, or to have its result after all.

Rule: the policy is asked whether whoever presses may, and everything that can go wrong is answered in one place.
"""

import re
from functools import partial
from typing import Any

import discord

from bot.answers import acknowledge, answering
from bot.buttons.audition import tile_menu
from bot.errors import BotError, BotErrorCode
from bot.orders.venue import actor_of
from bot.storage.interactions import Manner
from bot.storage.tickets import StopRequest, Ticket
from bot.studio import studio_of
from bot.words import result as result_words
from bot.words import ticket as words
from bot.words.audition import tiles_of
from engine.protocol import Preview


class StopButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"ticket:(?P<request>cancel|finish):(?P<ticket>[0-9a-f]+)",
):
    """Cancel, or stop and keep: for the ticket's owner and moderators."""

    def __init__(self, ticket_id: str, stop_request: StopRequest) -> None:
        label, style = _FACES[stop_request]
        custom_id = f"ticket:{stop_request}:{ticket_id}"
        super().__init__(discord.ui.Button(label=label(), style=style, custom_id=custom_id))
        self._ticket_id, self._stop_request = ticket_id, stop_request

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "StopButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["ticket"], StopRequest(match["request"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Let the policy decide, and the desk store, acknowledge and act."""
        async with answering(interaction):
            studio = studio_of(interaction)
            owner_id = await studio.desk.owner_of(self._ticket_id)
            studio.policy.require_owner(actor_of(interaction), owner_id)
            await studio.desk.stop(
                self._ticket_id, self._stop_request, partial(acknowledge, interaction, Manner.CLICK)
            )


class BringButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"ticket:bring:(?P<ticket>[0-9a-f]+)"
):
    """Post a result of which it is not known whether it was posted: for the ticket's owner and moderators."""

    def __init__(self, ticket_id: str) -> None:
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=result_words.SHOW_IT(),
            style=discord.ButtonStyle.primary,
            custom_id=f"ticket:bring:{ticket_id}",
        )
        super().__init__(button)
        self._ticket_id = ticket_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "BringButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["ticket"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Let the policy decide, and the desk store, acknowledge and post it."""
        async with answering(interaction):
            studio = studio_of(interaction)
            ticket = await studio.results.pictures.find(self._ticket_id)
            if ticket is None:
                raise BotError(BotErrorCode.RESULT_DELETED)
            studio.policy.require_owner(actor_of(interaction), ticket.user_id)
            await studio.desk.bring(ticket, partial(acknowledge, interaction, Manner.CLICK))


_FACES = {
    StopRequest.CANCEL: (words.CANCEL, discord.ButtonStyle.danger),
    StopRequest.FINISH: (words.FINISH, discord.ButtonStyle.secondary),
}


def ticket_buttons(ticket: Ticket, preview: Preview | None) -> discord.ui.View:
    """What can be pressed at an open ticket: what there is so far can be kept, or chosen from, once it has been seen."""
    view = discord.ui.View(timeout=None)
    if (menu := tile_menu(ticket, tiles_of(ticket, preview))) is not None:
        view.add_item(menu)
    for stop_request in _FACES:
        if preview is not None or stop_request is StopRequest.CANCEL:
            view.add_item(StopButton(ticket.id, stop_request))
    return view


def interrupted_buttons(ticket: Ticket) -> discord.ui.View:
    """The button where a result may have been posted or not."""
    return discord.ui.View(timeout=None).add_item(BringButton(ticket.id))
