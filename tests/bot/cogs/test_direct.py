"""Stories in a direct message: nothing is painted there, and whoever looks sees what is theirs, wherever it is."""

from bot.words import album as words
from tests.bot.world import World, said


async def test_what_is_theirs_is_found(world: World) -> None:
    result = await world.result()
    await world.stylize(style="starry_night")
    alice = world.alice.user
    history = await alice.slash("history")
    assert f"[see it]({result.jump_url})" in said(history).content
    queue = await alice.slash("queue")
    assert "“The Starry Night” by Vincent van Gogh, 1889: " in said(queue).content
    bob = world.bob.user
    assert said(await bob.slash("history")).content == words.NO_HISTORY
    assert said(await bob.slash("queue")).content == words.NOBODY_WAITS


async def test_the_guide_says_where_it_paints_and_fits_into_a_message(world: World) -> None:
    guide = said(await world.alice.user.slash("help")).content
    assert guide.endswith("I paint in servers. Here you can see your pictures and your data.")
    assert len(guide) <= 2000
