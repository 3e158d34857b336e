"""What can be pressed at a ticket and its result, as far as tickets need to know: there is a view of it.

Rule: tickets show views and never learn what a press does, or they would have to know those who are asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import discord

from bot.storage.tickets import Ticket
from engine.protocol import Preset, Preview, Rendition, StyleCard


@dataclass(frozen=True)
class Views:
    """Makes the views of messages, new ones each time; the number is that of the snapshots that are kept."""

    of_ticket: Callable[[Ticket, Preview | None], discord.ui.View]  # what has been seen of it
    of_interrupted: Callable[[Ticket], discord.ui.View]
    of_result: Callable[[Ticket, Rendition], discord.ui.View]  # as what it is shown
    of_sheet: Callable[[Ticket, int], discord.ui.View]  # with so many small pictures
    of_panel: Callable[[Ticket, int | None], discord.ui.View]  # None: the engine no longer has its painting
    of_timelapse: Callable[[Ticket], discord.ui.View]
    of_comparison: Callable[[Ticket], discord.ui.View]
    of_moments: Callable[[Ticket, int], discord.ui.View]
    of_cut: Callable[[Ticket, Preset], discord.ui.View]
    # The page, its pictures, and whether there is another one.
    of_history: Callable[[int, Sequence[Ticket], bool], discord.ui.View]
    of_styles: Callable[[Ticket, Sequence[StyleCard]], discord.ui.View]
