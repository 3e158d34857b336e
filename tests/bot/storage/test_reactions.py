"""A reaction counts once."""

from dataclasses import replace
from pathlib import Path

from bot.storage.database import sqlite_url
from bot.storage.reactions import Reaction
from bot.storage.store import open_store
from tests.bot.storage.sample import ticket


async def test_a_reaction_counts_from_its_ticket_on_until_it_is_released(tmp_path: Path) -> None:
    by_reaction, by_menu = replace(ticket(), source_message_id=1), replace(ticket(), source_message_id=9)
    reaction = Reaction(message_id=1, user_id=3, style="great_wave")
    assert by_reaction.reaction == reaction
    async with open_store(sqlite_url(tmp_path / "bot.sqlite3")) as store:
        await store.tickets.add(by_reaction, reaction)
        await store.tickets.add(by_menu)
        assert await store.reactions.has_counted(reaction)
        for other in (
            Reaction(9, 3, "great_wave"),
            Reaction(1, 3, "starry_night"),
            Reaction(1, 4, "great_wave"),
        ):
            assert not await store.reactions.has_counted(other)
            await store.reactions.release(other)
        assert await store.reactions.has_counted(reaction)
        await store.reactions.release(reaction)
        assert not await store.reactions.has_counted(reaction)


async def test_a_ticket_that_no_reaction_asks_for_has_none() -> None:
    assert ticket().reaction is None
