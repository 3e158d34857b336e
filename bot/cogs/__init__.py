"""One cog for each thing that somebody wants to do, or has done for them.

Rule: a cog is thin: it acknowledges, checks, and hands to the studio.
"""

from typing import Any

from discord import app_commands
from discord.ext import commands

from bot.cogs.audition import Audition
from bot.cogs.check import Check
from bot.cogs.consent import Consent
from bot.cogs.deletion import Deletion
from bot.cogs.duel import Duel
from bot.cogs.emojis import Emojis
from bot.cogs.gallery import Gallery
from bot.cogs.heartbeat import Heartbeat
from bot.cogs.hello import Hello
from bot.cogs.history import History
from bot.cogs.mention import Mention
from bot.cogs.missed import Missed
from bot.cogs.moderation import Moderation
from bot.cogs.museum import Museum
from bot.cogs.paint import Paint
from bot.cogs.palette import Palette
from bot.cogs.privacy import Privacy
from bot.cogs.provenance import Provenance
from bot.cogs.proxied import Proxied
from bot.cogs.publishing import Publishing
from bot.cogs.queue import Queue
from bot.cogs.reactions import Reactions
from bot.cogs.setup import Setup
from bot.cogs.show import Show
from bot.cogs.styles import Styles
from bot.cogs.stylize import Stylize
from bot.cogs.switch import Switch
from bot.cogs.tidy import Tidy
from bot.cogs.week import Week
from bot.studio import Studio, StudioClient


def cogs(studio: Studio, client: StudioClient) -> tuple[commands.Cog, ...]:
    """All cogs; those with menus add them to the client's tree as they are loaded."""
    tree: app_commands.CommandTree[Any] = client.tree
    reactions, palette = Reactions(studio, client), Palette(studio)
    return (
        Proxied(studio),  # before all who ask whose a message is
        Stylize(studio, tree),
        Audition(studio, tree),
        Paint(studio),
        Mention(studio, client),
        palette,
        reactions,
        Missed(studio, client, reactions, palette),
        Deletion(studio, client, tree),
        Gallery(studio, client),
        Consent(studio),
        Moderation(studio),
        Museum(studio, tree),
        Provenance(studio, tree),
        Show(studio),
        History(studio),
        Queue(studio),
        Styles(studio),
        Emojis(studio, client),
        Setup(),
        Switch(),
        Check(studio, client),
        Hello(studio, client),
        Heartbeat(studio, client),
        Publishing(studio, client),
        Privacy(studio),
        Tidy(studio, client),
        Week(studio),
        Duel(studio),
    )
