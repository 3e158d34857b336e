"""What the desk and every follower of a ticket work with, opened by `bot.app`."""

from dataclasses import dataclass

import discord

from bot.engine_client import EngineClient, ExternalWait
from bot.orders.admission import Admission
from bot.storage.inbox import Inbox
from bot.storage.shelf import Shelf
from bot.storage.store import Store
from bot.tickets.eraser import Eraser
from bot.tickets.fetcher import Fetcher
from bot.tickets.outlet import Threads
from bot.tickets.views import Views


@dataclass(frozen=True)
class Services:
    """What the desk and every follower work with; the Studio, with the desk, is for whatever members do."""

    client: discord.Client
    store: Store
    inbox: Inbox
    shelf: Shelf
    museum: Inbox  # the pictures of servers' styles
    fetcher: Fetcher
    engine: EngineClient
    eraser: Eraser
    admission: Admission
    threads: Threads
    views: Views
    external_wait: ExternalWait
