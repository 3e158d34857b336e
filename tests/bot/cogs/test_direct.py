"""Stories in a direct message: whoever looks sees what is theirs, wherever it is."""

from bot.errors import BotError, BotErrorCode
from bot.storage.consents import Answer
from bot.words import album as words
from bot.words.errors import sentence
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png, said, told


async def test_what_is_theirs_is_found(world: World) -> None:
    result = await world.result()
    await world.stylize(style="starry_night")
    alice = world.alice.user
    history = await alice.slash("history")
    assert f"[see it]({result.jump_url})" in said(history).content
    queue = await alice.slash("queue")
    assert "“The Starry Night” by Vincent van Gogh, 1889: " in said(queue).content
    bob = world.bob.user
    assert said(await bob.slash("history")).content == words.NO_HISTORY()
    assert said(await bob.slash("queue")).content == words.NOBODY_WAITS()


async def test_the_guide_says_how_it_is_asked_and_fits_into_a_message(world: World) -> None:
    guide = said(await world.alice.user.slash("help")).content
    assert "Send me a picture" in guide
    assert len(guide) <= 2000


async def test_a_no_in_a_server_holds_for_its_pictures(world: World, engine: FakeEngine) -> None:
    picture = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    await world.alice.react(picture, "🌊")
    result = await world.finish(0)
    await world.bot.studio.store.consents.remember(world.bob.id, world.guild.id, Answer.NEVER, 0.0)
    shown_again = said(await world.alice.user.slash("show", picture=result.jump_url))
    pressed = await world.alice.user.click(shown_again, label="More style")
    assert told(pressed) == [sentence(BotError(BotErrorCode.AUTHOR_SAYS_NO))]
    assert len(engine.jobs) == 1
