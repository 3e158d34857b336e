"""Tickets outlive the process."""

import asyncio
from dataclasses import replace
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from bot.place import Place
from bot.storage.store import open_store
from bot.storage.tickets import StopRequest, TicketState, new_id
from tests.bot.storage.sample import ticket


async def test_tickets_come_back_whole_and_in_order(url: str) -> None:
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


async def test_a_ticket_is_found_by_its_id_for_good(url: str) -> None:
    async with open_store(url) as store:
        over = replace(ticket(), state=TicketState.DELIVERED)
        await store.tickets.add(over)
        assert await store.tickets.find(over.id) == over
        assert await store.tickets.find("nothing") is None


async def test_tickets_of_many_at_once_are_kept_together(url: str) -> None:
    crowd = [replace(ticket(), id=new_id(), source_message_id=1, user_id=user) for user in range(1, 101)]
    commits: list[Any] = []
    async with open_store(url) as store:
        event.listen(store.database.sync_engine, "commit", commits.append)
        await asyncio.gather(*(store.tickets.add(each, each.reaction) for each in crowd))
        assert len(commits) == 1
        assert len(await store.tickets.unfinished_ids()) == len(crowd)
        for each in crowd:
            assert each.reaction is not None
            assert await store.reactions.has_counted(each.reaction)


async def test_one_that_cannot_be_kept_keeps_no_other_from_it(url: str) -> None:
    first, twice, other = (
        replace(ticket(), id=new_id(), source_message_id=1, user_id=user) for user in (1, 1, 2)
    )
    async with open_store(url) as store:
        kept = await asyncio.gather(
            *(store.tickets.add(each, each.reaction) for each in (first, twice, other)),
            return_exceptions=True,
        )
        assert (kept[0], kept[2]) == (None, None)
        assert isinstance(kept[1], IntegrityError)  # the same reaction counts once
        assert set(await store.tickets.unfinished_ids()) == {first.id, other.id}
