"""Stories of members who use Discord in German and in English: each hears their language, and all the server's."""

import asyncio

import discord
import pytest

from bot.languages import Language, speaking
from bot.storage.settings import Consent, LanguageChoice
from bot.words import album, consent, result, setup
from bot.words.errors import RESTARTED, sentence
from bot.words.help import ACCEPTED
from bot.words.setup import Page
from engine.protocol import ErrorCode, Failed, Problem, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, preview, said, told


def german(phrase: object) -> str:
    with speaking(Language.GERMAN):
        return str(phrase)


@pytest.fixture
def bob_is_german(world: World) -> None:
    world.set_locale(world.bob, discord.Locale.german)


@pytest.mark.usefixtures("bob_is_german")
async def test_a_german_member_in_an_english_server(world: World) -> None:
    assert said(await world.bob.slash(world.art, "history")).content == german(album.NO_HISTORY)
    assert said(await world.alice.slash(world.art, "history")).content == album.NO_HISTORY()
    answer = await world.stylize(world.bob)
    assert answer.response.content == german(ACCEPTED)
    shown = await world.shows("Next in the queue")
    assert "in the style of" in shown.content.lower(), "all read it"
    done = await world.finish(0)
    panel = said(await world.bob.click(done, label="More…"))
    assert panel.content == german(result.PANEL)
    posted = await world.bob.click(panel, label=german(result.COMPARISON))
    public = await world.bob.click(said(posted), label=german(result.POST_IT))
    assert told(public)[-1].startswith("Gepostet: ")
    assert await world.shows("before and after")


@pytest.mark.usefixtures("bob_is_german")
async def test_an_error_of_a_german_member(world: World, engine: FakeEngine) -> None:
    engine.refusals = [Refusal(ErrorCode.USER_QUEUE_FULL, waiting=3)]
    answer = await world.stylize(world.bob)
    with speaking(Language.GERMAN):
        assert answer.response.content == sentence(Refusal(ErrorCode.USER_QUEUE_FULL, waiting=3))
    world.sentences()


async def test_an_english_member_in_a_german_server(world: World) -> None:
    await world.set_server(language=LanguageChoice.GERMAN)
    answer = await world.stylize()
    assert answer.response.content == ACCEPTED()
    shown = await world.shows("Als Nächstes dran")
    assert shown.content.startswith("**Im Stil von ")
    await world.tell(preview(1, 0.5))
    await world.until(lambda: any("50 %" in message.content for message in world.messages))
    await world.tell(FINISHED)
    done = await world.shows("hier ist es")
    assert said(await world.alice.click(done, label=german(result.MORE))).content == result.PANEL()


async def test_a_tap_in_a_german_server_is_refused_in_german(world: World, engine: FakeEngine) -> None:
    await world.set_server(language=LanguageChoice.GERMAN)
    engine.refusals = [Refusal(ErrorCode.GROUP_QUEUE_FULL, waiting=9)]
    picture = await world.bob.send(world.art, "", attachments=[("cat.png", png())])
    await world.alice.react(picture, "🌌")
    with speaking(Language.GERMAN):
        assert await world.shows(sentence(Refusal(ErrorCode.GROUP_QUEUE_FULL, waiting=9)))


@pytest.mark.usefixtures("bob_is_german")
async def test_an_author_is_asked_in_the_servers_language(world: World) -> None:
    await world.set_server(language=LanguageChoice.GERMAN, consent=Consent.ASK)
    picture = await world.bob.send(world.art, "", attachments=[("cat.png", png())])
    await world.alice.react(picture, "🌌")
    question = await world.shows("Darf ich es malen?")
    world.set_locale(world.bob, discord.Locale.american_english)
    await world.bob.click(question, label=german(consent.ALWAYS))
    with speaking(Language.GERMAN):
        assert await world.shows(consent.SAID_ALWAYS(author=f"<@{world.bob.id}>"))
    assert await world.shows("Als Nächstes dran")


@pytest.mark.usefixtures("bob_is_german")
async def test_a_direct_message_is_in_its_members_language_also_after_a_restart(world: World) -> None:
    await world.bob.user.slash("stylize", content=("cat.png", png()), style="great_wave")

    def newest() -> str:
        message = world.bob.user.dm_channel.last_message
        return message.content if message is not None else ""

    await world.until(lambda: "Als Nächstes dran" in newest())
    await world.restart()
    await world.tell(preview(1, 0.1))
    await world.until(lambda: "10 %" in newest())
    await world.tell(FINISHED)
    await world.until(lambda: "hier ist es" in newest())


async def test_a_ticket_goes_on_in_the_servers_language_after_a_restart(world: World) -> None:
    await world.set_server(language=LanguageChoice.GERMAN)
    await world.stylize()
    await world.shows("Als Nächstes dran")
    await world.restart()
    await world.tell(Failed(error=Problem.of(Refusal(ErrorCode.OUT_OF_MEMORY))))
    with speaking(Language.GERMAN):
        assert await world.shows(sentence(Refusal(ErrorCode.OUT_OF_MEMORY)))


@pytest.mark.usefixtures("bob_is_german")
async def test_who_was_not_answered_before_a_restart_hears_so_in_their_language(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_off(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr("bot.answers.tell", cut_off)
    engine.refusals = [Refusal(ErrorCode.USER_QUEUE_FULL, waiting=3)]
    answer = await world.stylize(world.bob)
    monkeypatch.undo()
    await world.restart()
    await world.until(lambda: answer.response.content == german(RESTARTED))
    world.sentences()


async def test_the_language_of_a_server_is_chosen_and_undone(world: World) -> None:
    role = world.guild.create_role("managers", permissions=discord.Permissions(manage_guild=True))
    mia = world.guild.add_member(world.env.create_user("mia"), roles=[role])
    opened = said(await mia.slash(world.art, "setup"))
    await mia.select(opened, [Page.LANGUAGE], custom_id="setup:jump")
    await mia.select(opened, ["de"], custom_id="setup:set:language:0")
    settings = world.bot.studio.store.settings
    assert settings.language(world.bot.get_guild(world.guild.id)) is Language.GERMAN
    assert "Language: the one that this server has in Discord → **Deutsch**" in opened.content
    await mia.click(opened, label=setup.UNDO())
    assert settings.language(world.bot.get_guild(world.guild.id)) is Language.ENGLISH


async def test_a_server_speaks_by_itself_as_discord_does_there(world: World) -> None:
    guild = world.env.create_guild(preferred_locale="de")
    other = world.env.create_guild(preferred_locale="fr")
    await world.env.settle()
    settings = world.bot.studio.store.settings
    assert settings.language(world.bot.get_guild(guild.id)) is Language.GERMAN
    assert settings.language(world.bot.get_guild(other.id)) is Language.ENGLISH


def test_every_language_can_be_chosen() -> None:
    assert {each.value for each in LanguageChoice} - {LanguageChoice.AUTOMATIC.value} == {*Language}
