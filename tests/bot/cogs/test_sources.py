"""Stories of `/stylize` without a file: a link, an id, an emoji, an avatar, the newest picture."""

from typing import Any

import discord
import pytest

from bot.errors import BotErrorCode
from bot.storage.settings import Consent
from bot.words.errors import phrase_of
from bot.words.help import ACCEPTED
from bot.words.sources import NEWEST
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png, said, shown, told


async def stylize(world: World, **options: Any) -> Any:
    options.setdefault("style", "great_wave")
    given = {name: value for name, value in options.items() if value is not None}
    return await world.alice.slash(world.art, "stylize", **given)


def contents(engine: FakeEngine) -> list[bytes]:
    return [job.parts["content"] for job in engine.jobs]


async def test_by_a_link_to_a_message(world: World, engine: FakeEngine) -> None:
    cat = png(colour="orange")
    message = await world.bob.send(world.talk, "my cat", attachments=[("cat.png", cat)])
    answer = await stylize(world, picture=message.jump_url)
    assert told(answer) == [ACCEPTED()]
    assert "Next in the queue" in shown(answer).content
    assert contents(engine) == [cat]
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    assert (ticket.author_id, ticket.source_message_id) == (world.bob.id, message.id)


async def test_a_result_links_its_original_wherever_that_is(world: World) -> None:
    message = await world.bob.send(world.talk, "my cat", attachments=[("cat.png", png())])
    await stylize(world, picture=message.jump_url)
    result = await world.finish(0)
    assert f"[the original]({message.jump_url})" in result.content
    assert result.reference is None


async def test_by_an_id(world: World, engine: FakeEngine) -> None:
    cat = png(colour="orange")
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", cat)])
    await stylize(world, picture=str(message.id))
    await stylize(world, picture=f"{world.art.id}-{message.id}", style="starry_night")
    assert contents(engine) == [cat, cat]


async def test_a_result_by_its_id(world: World, engine: FakeEngine) -> None:
    await stylize(world, content=("cat.png", png()))
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    await world.finish(0)
    await stylize(world, picture=ticket.id, style="starry_night")
    assert contents(engine)[1] == engine.result


async def test_an_emoji(world: World, engine: FakeEngine) -> None:
    image = png(128, 128)
    world.env.backend.cdn._blobs[f"{discord.Asset.BASE}/emojis/123456789012345678.webp?animated=true"] = image
    await stylize(world, picture="<a:party:123456789012345678>")
    assert contents(engine) == [image]


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        ("🙂", BotErrorCode.NO_SUCH_SOURCE),
        ("my cat", BotErrorCode.NO_SUCH_SOURCE),
        ("f" * 20, BotErrorCode.NO_SUCH_SOURCE),
        ("http://169.254.169.254/latest/meta-data", BotErrorCode.FOREIGN_ADDRESS),
        ("https://example.org/cat.png", BotErrorCode.FOREIGN_ADDRESS),
        ("https://discord.com.example.org/channels/1/2/3", BotErrorCode.FOREIGN_ADDRESS),
        ("123456789012345678", BotErrorCode.MESSAGE_NOT_SEEN),
        (
            "https://discord.com/channels/123456789012345678/123456789012345678/123456789012345678",
            BotErrorCode.MESSAGE_NOT_SEEN,
        ),
    ],
)
async def test_what_names_no_picture_is_told(
    world: World, engine: FakeEngine, picture: str, code: BotErrorCode
) -> None:
    answer = await stylize(world, picture=picture)
    assert told(answer) == [phrase_of(code)()]
    assert world.messages == []
    assert engine.jobs == []
    assert await world.bot.studio.store.owed.all() == []


async def test_a_message_that_the_member_may_not_read_is_not_told_of(world: World) -> None:
    for denied in ("view_channel", "read_message_history"):
        overwrite = discord.PermissionOverwrite(**{denied: False})
        hidden = world.guild.create_text_channel("hidden", overwrites={world.alice: overwrite})
        message = await world.bob.send(hidden, "secret", attachments=[("cat.png", png())])
        answer = await stylize(world, picture=message.jump_url)
        assert told(answer) == [phrase_of(BotErrorCode.MESSAGE_NOT_SEEN)()]


async def test_the_newest_picture_is_shown_before_it_is_painted(world: World, engine: FakeEngine) -> None:
    cat, dog = png(colour="orange"), png(colour="brown")
    await world.bob.send(world.art, "my cat", attachments=[("cat.png", cat)])
    message = await world.bob.send(world.art, "my dog", attachments=[("dog.png", dog)])
    await world.bob.send(world.art, "and words")
    answer = await stylize(world)
    assert engine.jobs == []
    offered = said(answer)
    assert offered.ephemeral
    assert offered.content == "Shall I paint this one?"
    (embed,) = offered.embeds
    assert str(message.jump_url) in (embed.description or "")
    assert f"<@{world.bob.id}>" in (embed.description or "")
    assert embed.image.url == message.attachments[0].url
    clicked = await world.alice.click(offered, label="Paint this")
    assert contents(engine) == [dog]
    assert "Next in the queue" in shown(clicked).content
    assert said(answer).content == ACCEPTED()
    assert said(answer).components == []


async def test_another_of_the_newest_is_chosen(world: World, engine: FakeEngine) -> None:
    cat, dog = png(colour="orange"), png(colour="brown")
    await world.bob.send(world.art, "my cat", attachments=[("cat.png", cat)])
    await world.bob.send(world.art, "my dog", attachments=[("dog.png", dog)])
    answer = await stylize(world, picture="newest", style=None)
    pictures, *_ = (row["components"][0] for row in said(answer).components)
    assert [option["label"] for option in pictures["options"]] == ["1. dog.png", "2. cat.png"]
    await world.alice.select(said(answer), ["1"], custom_id=pictures["custom_id"])
    _, styles, *_ = (row["components"][0] for row in said(answer).components)
    await world.alice.select(said(answer), ["starry_night"], custom_id=styles["custom_id"])
    assert contents(engine) == [cat]


async def test_a_hidden_picture_is_not_shown_by_the_picker(world: World) -> None:
    await world.bob.send(world.art, "my cat", attachments=[("SPOILER_cat.png", png())])
    (embed,) = said(await stylize(world)).embeds
    assert embed.image.url is None


async def test_a_members_picture_comes_before_a_result(world: World) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    await world.result()
    (embed,) = said(await stylize(world)).embeds
    assert embed.image.url == message.attachments[0].url


async def test_consent_holds_for_the_newest_too(world: World, engine: FakeEngine) -> None:
    await world.set_server(consent=Consent.OWN)
    await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    answer = await stylize(world)
    assert told(answer) == [phrase_of(BotErrorCode.ONLY_OWN_PICTURES)()]
    await world.alice.send(world.art, "mine", attachments=[("dog.png", png())])
    answer = await stylize(world)
    pictures = said(answer).components[0]["components"][0]
    await world.alice.select(said(answer), ["1"], custom_id=pictures["custom_id"])  # of Bob's
    clicked = await world.alice.click(said(answer), label="Paint this")
    assert told(clicked) == [phrase_of(BotErrorCode.ONLY_OWN_PICTURES)()]
    assert engine.jobs == []
    world.sentences()


async def test_no_picture_in_the_channel(world: World) -> None:
    assert told(await stylize(world)) == [phrase_of(BotErrorCode.NO_PICTURE_HERE)()]


@pytest.mark.parametrize("settings", [{"message_content": False}])
async def test_without_the_intent_it_is_said_what_works(world: World) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    unseen = phrase_of(BotErrorCode.PICTURES_NOT_SEEN)()
    assert told(await stylize(world)) == [unseen]
    assert told(await stylize(world, picture=message.jump_url)) == [unseen]
    opened = await world.alice.context_menu(world.art, "Stylize this image", message)
    await world.alice.select(said(opened), ["great_wave"])
    assert len(world.engine.jobs) == 1
    guide = said(await world.alice.slash(world.art, "help")).content
    assert "so pictures get no emoji to tap; everything else works" in guide
    assert len(guide) <= 2000


async def test_the_newest_is_proposed(world: World) -> None:
    proposed = await world.alice.autocomplete(world.art, "stylize", "picture", "new")
    assert proposed == [{"name": NEWEST(), "value": "newest"}]
    assert await world.alice.autocomplete(world.art, "stylize", "picture", "https://") == []
    world.set_locale(world.alice, discord.Locale.german)
    [german] = await world.alice.autocomplete(world.art, "audition", "picture", "neueste bild")
    assert german["name"] == "das neueste Bild in diesem Kanal"


async def test_one_picture_at_a_time(world: World) -> None:
    answer = await stylize(world, content=("cat.png", png()), member=world.bob)
    assert told(answer) == [phrase_of(BotErrorCode.SEVERAL_SOURCES)()]
    world.sentences()


# --- avatars ----------------------------------------------------------------------------------------------


def with_avatar(world: World, name: str = "carol") -> Any:
    carol = world.guild.add_member(world.env.create_user(name, avatar="0" * 32))
    url = f"{discord.Asset.BASE}/avatars/{carol.id}/{'0' * 32}.png?size=1024"
    world.env.backend.cdn._blobs[url] = png(128, 128)
    return carol


async def test_an_avatar_by_a_command(world: World, engine: FakeEngine) -> None:
    await stylize(world, member=with_avatar(world))
    assert contents(engine) == [png(128, 128)]


async def test_an_avatar_by_the_menu_of_its_member(world: World, engine: FakeEngine) -> None:
    carol = with_avatar(world)
    opened = await world.alice.context_menu(world.art, "Stylize this avatar", carol)
    await world.alice.select(said(opened), ["great_wave"])
    assert contents(engine) == [png(128, 128)]
    (ticket,) = await world.bot.studio.store.tickets.unfinished()
    assert ticket.author_id == carol.id


async def test_somebody_elses_avatar_needs_their_word(world: World) -> None:
    await world.set_server(consent=Consent.OWN)
    carol = with_avatar(world)
    opened = await world.alice.context_menu(world.art, "Stylize this avatar", carol)
    assert told(opened) == [phrase_of(BotErrorCode.ONLY_OWN_PICTURES)()]
    own = await carol.context_menu(world.art, "Stylize this avatar", carol)
    assert told(own) == ["Which painting shall it look like?"]
    world.sentences()


async def test_whoever_has_no_avatar(world: World) -> None:
    opened = await world.alice.context_menu(world.art, "Stylize this avatar", world.bob)
    assert told(opened) == [phrase_of(BotErrorCode.NO_AVATAR)()]
    robot = world.guild.add_member(world.env.create_user("robot", bot=True, avatar="0" * 32))
    opened = await world.alice.context_menu(world.art, "Stylize this avatar", robot)
    assert told(opened) == [phrase_of(BotErrorCode.OF_ANOTHER_BOT)()]
    world.sentences()
