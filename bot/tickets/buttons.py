"""What can be pressed at a ticket and its result, as far as tickets need to know: there is a view of it.

Rule: tickets show buttons and never learn what a press does, or they would have to know those who are asked.
"""

from typing import Protocol

import discord

from bot.storage.tickets import Ticket


class Buttons(Protocol):
    """Makes the views of messages; a view is new each time."""

    def of_ticket(self, ticket: Ticket) -> discord.ui.View:
        """For an open ticket."""

    def of_result(self, ticket: Ticket, snapshots: int) -> discord.ui.View:
        """For a finished picture of which so many snapshots are kept."""

    def of_timelapse(self, ticket: Ticket, snapshots: int) -> discord.ui.View:
        """For the time-lapse of a finished picture of which so many snapshots are kept."""
