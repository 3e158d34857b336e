"""What commands and buttons work with: the collaborators of the bot, opened by `app` and handed down frozen.

Rule: cogs and buttons get what is open (store, engine, desk ...) from this set alone, and none of that knows
the studio; so what tickets need of what can be pressed they are given (`bot.tickets.views`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import discord
from discord.ext import commands

from bot.alarms import Alarms
from bot.config import BotConfig
from bot.consent.inquiries import Inquiries
from bot.duels.challenges import Challenges
from bot.engine_client import EngineClient
from bot.gallery.galleries import Galleries
from bot.gallery.looks import Looks
from bot.intake import Intake
from bot.moderation.auditor import Auditor
from bot.moderation.purge import Purge
from bot.museum.acquisitions import Acquisitions
from bot.museum.collection import Collection
from bot.orders.admission import Admission
from bot.orders.policy import Policy
from bot.orders.sources import Sources
from bot.refusals import Refusals
from bot.results.actions import ResultActions
from bot.results.album import Album
from bot.results.copies import Copies
from bot.results.expressions import Expressions
from bot.results.provenance import ProvenanceReader
from bot.results.removal import Removal
from bot.storage.images import Images, Kept
from bot.storage.store import Store
from bot.storage.wishes import Wishes
from bot.styles.catalogue import Catalogue
from bot.styles.emojis import StudyEmojis
from bot.styles.exhibition import Exhibition
from bot.styles.palette import Palettes
from bot.tickets.deletion import Deletion
from bot.tickets.desk import Desk
from bot.week.own import OwnEntries
from bot.week.sheets import Sheets
from bot.week.weekly import Weekly


@dataclass(frozen=True)
class Studio:
    """All that is open for as long as the bot is connected, for whatever members do.

    The tickets' `Services` lie beneath it: what the desk and its followers work with, and no member reaches.
    """

    config: BotConfig
    store: Store
    inbox: Images
    shelf: Kept
    engine: EngineClient
    catalogue: Catalogue
    palettes: Palettes
    emojis: StudyEmojis
    exhibition: Exhibition
    policy: Policy
    admission: Admission
    sources: Sources
    intake: Intake
    desk: Desk
    refusals: Refusals
    inquiries: Inquiries
    deletion: Deletion
    acquisitions: Acquisitions
    collection: Collection
    results: ResultActions
    expressions: Expressions
    provenance: ProvenanceReader
    album: Album
    copies: Copies
    removal: Removal
    galleries: Galleries
    looks: Looks
    auditor: Auditor
    alarms: Alarms
    weekly: Weekly
    own_entries: OwnEntries
    sheets: Sheets
    purge: Purge
    challenges: Challenges
    ask_privacy: Callable[[Wishes], discord.ui.View]


class StudioClient(commands.AutoShardedBot):
    """A Discord client that has a studio, from its `setup_hook` on.

    session: in the custom ids of what this client alone can answer, and no later one.
    """

    studio: Studio
    session: str


def studio_client(interaction: discord.Interaction) -> StudioClient:
    """The client that was asked. Raises TypeError."""
    if not isinstance(interaction.client, StudioClient):
        raise TypeError(f"{type(interaction.client).__name__} has no studio")
    return interaction.client


def studio_of(interaction: discord.Interaction) -> Studio:
    """The studio of the client that was clicked at: a button is given nothing else. Raises TypeError."""
    return studio_client(interaction).studio
