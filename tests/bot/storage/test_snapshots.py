"""Where snapshots were posted outlives the process."""

from bot.storage.store import open_store


async def test_a_snapshot_is_where_it_was_posted(url: str) -> None:
    async with open_store(url) as store:
        await store.snapshots.add("a", 3, 2**60)
        await store.snapshots.add("a", 3, 2**60 + 1)
        assert await store.snapshots.message("a", 3) == 2**60 + 1
        assert await store.snapshots.message("a", 4) is None
        assert await store.snapshots.message("b", 3) is None
