"""What can be pressed at a ticket and its result, as far as tickets need to know: there is a view of it.

Rule: tickets show views and never learn what a press does, or they would have to know those who are asked.
"""

from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot.storage.tickets import Ticket


@dataclass(frozen=True)
class Views:
    """Makes the views of messages, new ones each time; the number is that of the snapshots that are kept."""

    of_ticket: Callable[[Ticket], discord.ui.View]
    of_result: Callable[[Ticket, int], discord.ui.View]
    of_timelapse: Callable[[Ticket, int], discord.ui.View]
