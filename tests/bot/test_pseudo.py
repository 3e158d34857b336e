"""The surfaces that exist, read in a language that nobody speaks: whatever is not in brackets is in no catalogue."""

import re
from collections.abc import Iterator
from typing import Any

import discord
import pytest

from bot.languages import Language, speaking
from bot.storage.settings import LanguageChoice
from bot.words import catalogue, deletion, result, setup
from bot.words.catalogue import Phrase
from bot.words.setup import EXTRAS, STEPS
from tests.bot.fake_engine import FakeEngine
from tests.bot.words import pseudo
from tests.bot.world import FINISHED, World, preview, said

# Names of paintings, of their artists and of members and channels; what is written alike in every language.
DATA = re.compile(
    r"The Starry Night|The Great Wave off Kanagawa|Vincent van Gogh|Katsushika Hokusai|public domain|Deutsch|English"
    r"|draft|standard|fine|tutorial|pixels|alice|bob|art|talk|UTC|px|KB|MB"
)
MARKUP = re.compile(r"`[^`]*`|<[^>]*>|https?://\S+|:\w+:")


def german(phrase: Phrase) -> str:
    with speaking(Language.GERMAN):
        return phrase()


def untranslated(text: str) -> list[str]:
    """The words of a text that are in no brackets, and no names."""
    depth, outside = 0, ""
    for letter in text:
        depth += {pseudo.OPEN: 1, pseudo.CLOSE: -1}.get(letter, 0)
        outside += letter if depth == 0 else " "
    return re.findall(r"[^\W\d_]{2,}", DATA.sub(" ", MARKUP.sub(" ", outside)))


def texts(payload: Any) -> Iterator[str]:
    """Whatever is read in a message or a form, with its components."""
    if isinstance(payload, list):
        for each in payload:
            yield from texts(each)
    if isinstance(payload, dict):
        for key, value in payload.items():
            if key in ("content", "label", "placeholder", "description", "title") and isinstance(value, str):
                yield value
            elif key in ("components", "component", "options", "embeds"):
                yield from texts(value)


@pytest.fixture(params=["pseudo", "german"])
async def bob(world: World, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    """Who manages the server, and reads what stands for all languages, or German: simcord keeps Discord's limits."""
    if request.param == "pseudo":
        made = pseudo.bundle()
        monkeypatch.setattr(catalogue, "bundle_of", lambda _: made)
    await world.set_server(language=LanguageChoice.GERMAN)
    given = discord.Permissions(manage_guild=True, manage_messages=True)
    role = world.guild.create_role("managers", permissions=given)
    bob = world.guild.add_member(world.env.create_user("mia"), roles=[role])
    world.set_locale(bob, discord.Locale.german)
    await world.learn_styles()
    return bob


def require_translated(answer: Any) -> Any:
    """What was answered, if all of it is in brackets and within Discord's limits, which simcord keeps too."""
    shown = [answer.response, *answer.followups] if answer.response is not None else [*answer.followups]
    read = [{"content": each.content, "components": raw(each)} for each in shown]
    require(texts([*read, answer.modal or {}]))
    assert read or answer.modal
    return shown[0] if shown else None


def require(read: Iterator[str]) -> None:
    if catalogue.bundle_of(Language.GERMAN) is catalogue.bundle_of(Language.ENGLISH):
        assert [text for text in read if untranslated(text)] == []


def raw(message: Any) -> Any:
    return [each if isinstance(each, dict) else each.to_dict() for each in message.components]


def public(world: World) -> None:
    """The same of what all read."""
    for message in world.messages:
        if message.author == world.guild.me:
            shown = {
                "content": message.content,
                "components": [each.to_dict() for each in message.components],
            }
            require(texts(shown))


COMMANDS = (
    *(
        "help",
        "history",
        "queue",
        "styles",
        "check",
        "consent",
        "blocked",
        "setup",
        "museum show",
        "week show",
    ),
    *("privacy show", "privacy delete", "paint"),
)


async def test_no_command_says_what_is_in_no_catalogue(world: World, bob: Any) -> None:
    for command in COMMANDS:
        require_translated(await bob.slash(world.art, command))
    world.sentences()


async def test_no_page_of_the_panel_says_what_is_in_no_catalogue(world: World, bob: Any) -> None:
    opened = require_translated(await bob.slash(world.art, "setup"))
    for page in (*STEPS, *EXTRAS):
        require_translated(await bob.select(opened, [page], custom_id="setup:jump"))
        back = setup.DONE if page is STEPS[-1] else setup.ALL
        require_translated(await bob.click(opened, label=german(back)))
    require_translated(await bob.click(opened, label=german(setup.HISTORY)))


async def test_a_picture_on_its_way_to_its_end(world: World, bob: Any, engine: FakeEngine) -> None:
    require_translated(await world.stylize(bob))
    await world.until(lambda: world.messages)
    public(world)
    await world.tell(preview(1, 0.5))
    public(world)
    await world.tell(FINISHED)
    await world.until(lambda: any(message.attachments for message in world.messages))
    await world.env.settle()
    public(world)
    (done,) = [message for message in world.messages if message.attachments]
    panel = require_translated(await bob.click(done, label=german(result.MORE)))
    for pressed in (
        result.MOMENTS,
        result.TIMELAPSE,
        result.COMPARISON,
        result.HOW,
        result.AVATAR,
        result.EMOJI,
    ):
        require_translated(await bob.click(panel, label=german(pressed)))
    require_translated(await bob.click(done, label=german(result.OTHER_STYLE)))
    require_translated(await bob.click(done, label=german(deletion.DELETE)))
    world.sentences()


async def test_what_all_read_is_in_nobodys_own_language(
    world: World, monkeypatch: pytest.MonkeyPatch, engine: FakeEngine
) -> None:
    """A member who reads what stands for German, in a server that speaks English."""
    made, whole = pseudo.bundle(), catalogue.bundle_of
    monkeypatch.setattr(catalogue, "bundle_of", lambda each: made if each is Language.GERMAN else whole(each))
    given = discord.Permissions(manage_guild=True, manage_messages=True)
    role = world.guild.create_role("managers", permissions=given)
    bob = world.guild.add_member(world.env.create_user("mia"), roles=[role])
    world.set_locale(bob, discord.Locale.german)
    answers = [await bob.slash(world.art, command) for command in COMMANDS]
    answers.append(await world.stylize(bob))
    await world.tell(preview(1, 0.5))
    done = await world.finish(0)
    panel = await bob.click(done, label=result.MORE())
    answers += [
        panel,
        *[await bob.click(done, label=each()) for each in (result.OTHER_STYLE, deletion.DELETE)],
    ]
    for pressed in (result.MOMENTS, result.TIMELAPSE, result.COMPARISON, result.HOW, result.AVATAR):
        answers.append(await bob.click(said(panel), label=german(pressed)))
    await bob.click(said(answers[-3]), label=german(result.POST_IT))
    await world.env.settle()
    shown = [each for answer in answers for each in (answer.response, *answer.followups) if each is not None]
    own = [{"content": each.content, "components": raw(each)} for each in shown if each.ephemeral]
    own += [answer.modal for answer in answers if answer.modal is not None]
    assert [text for text in texts(own) if untranslated(text)] == []
    of_all = [message for message in world.messages if message.author == world.guild.me]
    assert len(of_all) >= 2
    read = [
        *texts([{"content": each.content, "components": raw(each)} for each in of_all]),
        *(file.description or "" for each in of_all for file in each.attachments),
    ]
    assert [text for text in read if pseudo.OPEN in text] == []
    world.sentences()


async def test_a_pseudo_sentence_is_seen_to_be_one() -> None:
    made = pseudo.bundle()
    pattern = made.get_message("album-elsewhere").value
    assert pattern is not None
    text = str(made.format_pattern(pattern, {"count": 3})[0])
    assert text.startswith(pseudo.OPEN)
    assert untranslated(text) == []
    assert untranslated(f"{text} more") == ["more"]
    assert len(text) > 1.2 * len("And 3 more in other channels of this server.")
