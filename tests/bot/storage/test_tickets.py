"""Tickets outlive the process."""

from dataclasses import replace
from pathlib import Path

from bot.place import Place
from bot.storage.database import sqlite_url
from bot.storage.store import open_store
from bot.storage.tickets import StopRequest, TicketState
from tests.bot.storage.sample import ticket


async def test_tickets_come_back_whole_and_in_order(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "bot.sqlite3")
    late, early, over = ticket(2.0), ticket(1.0), ticket(0.0)
    async with open_store(url) as store:
        for each in (late, early, over):
            await store.tickets.add(each)
        await store.tickets.save(replace(over, state=TicketState.DELIVERED, result_message_id=9), "state")
        early = replace(early, job_id="j", message_id=7, stop_request=StopRequest.FINISH)
        early = replace(early, place=Place(None, 8))
        await store.tickets.save(early, "job_id", "message_id", "stop_request", "place")
    async with open_store(url) as store:
        assert await store.tickets.unfinished() == [early, late]


async def test_a_ticket_is_found_by_its_id_for_good(tmp_path: Path) -> None:
    async with open_store(sqlite_url(tmp_path / "bot.sqlite3")) as store:
        over = replace(ticket(), state=TicketState.DELIVERED)
        await store.tickets.add(over)
        assert await store.tickets.find(over.id) == over
        assert await store.tickets.find("nothing") is None
