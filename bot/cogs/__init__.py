"""One cog for each thing that somebody wants to do, or has done for them.

Rule: a cog is thin: it acknowledges, checks, and hands to the studio.
"""

from typing import Any

from discord import app_commands
from discord.ext import commands

from bot.cogs.history import History
from bot.cogs.missed import Missed
from bot.cogs.palette import Palette
from bot.cogs.provenance import Provenance
from bot.cogs.queue import Queue
from bot.cogs.reactions import Reactions
from bot.cogs.show import Show
from bot.cogs.stop import Stop
from bot.cogs.styles import Styles
from bot.cogs.stylize import Stylize
from bot.cogs.tidy import Tidy
from bot.studio import Studio, StudioClient


def cogs(studio: Studio, client: StudioClient) -> tuple[commands.Cog, ...]:
    """All cogs; those with menus add them to the client's tree as they are loaded."""
    tree: app_commands.CommandTree[Any] = client.tree
    reactions, palette = Reactions(studio), Palette(studio)
    return (
        Stylize(studio, tree),
        palette,
        reactions,
        Missed(studio, client, reactions, palette),
        Stop(studio),
        Provenance(studio, tree),
        Show(studio),
        History(studio),
        Queue(studio),
        Styles(studio),
        Tidy(studio),
    )
