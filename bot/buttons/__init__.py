"""What can be pressed at the bot's messages: each press is handed to the studio, for whoever presses.

Rule: a button carries the ticket's id and nothing of this process, so it works after a restart; its custom id
is never changed, because messages of former processes hold it.
"""

import discord

from bot.buttons.result import RemakeButton, SnapshotMenu, TimelapseButton, result_buttons, snapshot_menu
from bot.buttons.ticket import StopButton, ticket_buttons
from bot.storage.tickets import Ticket

ITEMS = (StopButton, RemakeButton, TimelapseButton, SnapshotMenu)


class Buttons:
    """The `bot.tickets.buttons.Buttons` of a running bot."""

    def of_ticket(self, ticket: Ticket) -> discord.ui.View:
        """Cancel, or stop and keep."""
        return ticket_buttons(ticket.id)

    def of_result(self, ticket: Ticket, snapshots: int) -> discord.ui.View:
        """Paint it anew, and see how it was painted."""
        return result_buttons(ticket, snapshots)

    def of_timelapse(self, ticket: Ticket, snapshots: int) -> discord.ui.View:
        """Take a snapshot of it."""
        return snapshot_menu(ticket, snapshots)
