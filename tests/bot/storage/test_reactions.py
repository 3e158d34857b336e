"""A reaction counts once."""

import asyncio
from dataclasses import replace
from typing import Any

from sqlalchemy import event

from bot.storage.reactions import Reaction, Spent
from bot.storage.store import open_store
from tests.bot.storage.sample import ticket


async def test_a_reaction_counts_from_its_ticket_on_until_it_is_spent(url: str) -> None:
    by_reaction, by_menu = replace(ticket(), source_message_id=1), replace(ticket(), source_message_id=9)
    reaction = Reaction(message_id=1, user_id=3, style="great_wave")
    assert by_reaction.reaction == reaction
    async with open_store(url) as store:
        await store.tickets.add(by_reaction, reaction)
        await store.tickets.add(by_menu)
        assert await store.reactions.has_counted(reaction)
        for other in (
            Reaction(9, 3, "great_wave"),
            Reaction(1, 3, "starry_night"),
            Reaction(1, 4, "great_wave"),
        ):
            assert not await store.reactions.has_counted(other)
            assert await store.tickets.save(by_menu, "state", spent=Spent(other, is_refused=False))
        assert await store.reactions.has_counted(reaction)
        assert await store.tickets.save(by_reaction, "state", spent=Spent(reaction, is_refused=True))
        assert not await store.reactions.has_counted(reaction)
        assert await store.reactions.is_known(reaction)
        assert await store.tickets.save(by_reaction, "state", spent=Spent(reaction, is_refused=False))
        assert not await store.reactions.is_known(reaction)


async def test_a_ticket_that_no_reaction_asks_for_has_none() -> None:
    assert ticket().reaction is None


async def test_of_many_refused_at_once_all_are_kept_together(url: str) -> None:
    crowd = [Reaction(1, user, "great_wave") for user in range(1, 101)]
    commits: list[Any] = []
    async with open_store(url) as store:
        event.listen(store.database.sync_engine, "commit", commits.append)
        await asyncio.gather(*map(store.reactions.refuse, crowd))
        assert len(commits) == 1
        await asyncio.gather(*map(store.reactions.refuse, crowd))  # again, which is the same
        for reaction in crowd:
            assert await store.reactions.is_known(reaction)
            assert not await store.reactions.has_counted(reaction)
            assert await store.reactions.take_back(reaction) is (reaction == crowd[-1])


async def test_a_refusal_that_is_taken_back_before_it_is_kept_is_not_kept(url: str) -> None:
    first, second = Reaction(1, 3, "great_wave"), Reaction(1, 4, "great_wave")
    async with open_store(url) as store:
        refused = [asyncio.create_task(store.reactions.refuse(each)) for each in (first, second)]
        await asyncio.sleep(0)  # the first is being kept, and the second waits
        assert not await store.reactions.take_back(second)
        await asyncio.gather(*refused)
        assert await store.reactions.is_known(first)
        assert not await store.reactions.is_known(second)
        assert await store.reactions.take_back(first)
