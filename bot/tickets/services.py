"""What the desk and every follower of a ticket work with, opened by `bot.app`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import discord

from bot.engine_client import EngineClient, ExternalWait
from bot.languages import DEFAULT, speaking
from bot.orders.admission import Admission
from bot.storage.images import Images, Kept
from bot.storage.store import Store
from bot.storage.tickets import Ticket
from bot.tickets.eraser import Eraser
from bot.tickets.fetcher import Fetcher
from bot.tickets.outlet import Threads
from bot.tickets.views import Views
from engine.protocol import asked_as


@dataclass(frozen=True)
class Services:
    """What the desk and every follower work with; the Studio, with the desk, is for whatever members do."""

    client: discord.Client
    store: Store
    inbox: Images
    shelf: Kept
    museum: Images  # the pictures of servers' styles
    fetcher: Fetcher
    engine: EngineClient
    eraser: Eraser
    admission: Admission
    threads: Threads
    views: Views
    external_wait: ExternalWait

    @contextmanager
    def speaking_of(self, ticket: Ticket) -> Iterator[None]:
        """Say everything as those read it who see a ticket: all in its server, or its member alone.

        In the log it is said with the id of what was asked.
        """
        server = ticket.place.server(self.client)
        language = self.store.settings.language(server, ticket.language or DEFAULT)
        with speaking(language), asked_as(ticket.request_id):
            yield
