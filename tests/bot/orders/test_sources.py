"""Where pictures come from, and as whose: each place that a picture can be in, found by the message's menu."""

from typing import Any

import discord
from simcord.backend.cdn import CDN_BASE
from simcord.backend.models import MessageSticker
from simcord.results import InteractionResult, to_discord_message

from bot.errors import BotErrorCode
from bot.orders.pictures import UNKNOWN_AUTHOR, Kind, SourcePicture
from bot.storage.consents import Answer
from bot.storage.settings import Consent
from bot.words.errors import phrase_of, sentence
from bot.words.sources import _CALLED
from engine.protocol import ErrorCode, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png, preview, said, told

PROXIED = "https://images-ext-1.discordapp.net/external/abc/https/example.org/cat.png"


async def posted(world: World, author: Any, content: str = "", **parts: Any) -> discord.Message:
    """A message of what simcord's members cannot send by themselves."""
    message = world.env.backend.create_message(world.art.id, author.id, content, **parts)
    await world.env.settle()
    return to_discord_message(world.env, message)


async def found(world: World, message: discord.Message) -> list[SourcePicture]:
    channel = world.bot.get_channel(message.channel.id)
    assert isinstance(channel, discord.TextChannel)
    return await world.bot.studio.sources.pictures(await channel.fetch_message(message.id))


async def menu(world: World, message: discord.Message, member: Any = None) -> InteractionResult:
    return await (member or world.alice).context_menu(world.art, "Stylize this image", message)


async def painted(world: World, opened: InteractionResult, style: str = "great_wave") -> dict[str, bytes]:
    """What the engine gets once a style is picked."""
    before = len(world.engine.jobs)
    await world.alice.select(said(opened), [style], custom_id=menu_of(opened, style))
    await world.until(lambda: world.engine.jobs[before:])
    return world.engine.jobs[before].parts


def menu_of(opened: InteractionResult, value: str) -> str:
    menus = [item for row in said(opened).components for item in row["components"]]
    (custom_id,) = (
        item["custom_id"]
        for item in menus
        if any(option["value"] == value for option in item.get("options", ()))
    )
    return str(custom_id)


async def test_an_attachment_is_its_authors(world: World) -> None:
    message = await world.bob.send(world.art, "my cat", attachments=[("SPOILER_cat.png", png())])
    (picture,) = await found(world, message)
    assert (picture.author_id, picture.spoiler, picture.name) == (world.bob.id, True, "cat.png")
    assert (picture.message_id, picture.channel_id, picture.kind) == (message.id, world.art.id, Kind.FILE)


async def test_of_several_pictures_one_is_chosen(world: World, engine: FakeEngine) -> None:
    cat, dog = png(colour="orange"), png(colour="brown")
    files = [("cat.png", cat), ("notes.txt", b"words"), ("dog.png", dog)]
    message = await world.bob.send(world.art, "mine", attachments=files)
    opened = await menu(world, message)
    names = [option["label"] for option in said(opened).components[0]["components"][0]["options"]]
    assert names == ["1. cat.png", "2. dog.png"]
    await world.alice.select(said(opened), ["1"], custom_id=menu_of(opened, "1"))
    assert await painted(world, opened) == {"content": dog}
    other = await menu(world, message)
    assert await painted(world, other) == {"content": cat}  # of the same message, in the same style


async def test_a_link_is_painted_as_discord_hands_it_out(world: World) -> None:
    image = png(colour="green")
    world.env.backend.cdn._blobs[PROXIED] = image
    embed = {"type": "image", "url": "https://example.org/cat.png"}
    thumbnail = {"url": "https://example.org/cat.png", "proxy_url": PROXIED, "width": 96, "height": 64}
    message = await posted(
        world, world.bob, "https://example.org/cat.png", embeds=[embed | {"thumbnail": thumbnail}]
    )
    assert await painted(world, await menu(world, message)) == {"content": image}


async def test_nothing_foreign_is_fetched(world: World) -> None:
    embed = {"type": "rich", "image": {"url": "http://169.254.169.254/cat.png"}}
    message = await posted(world, world.bob, "look", embeds=[embed])
    opened = await menu(world, message)
    assert said(opened).content == phrase_of(BotErrorCode.NO_PICTURE)()
    world.sentences()


async def test_a_hidden_link_stays_hidden(world: World) -> None:
    image = {"url": "https://example.org/cat.png", "proxy_url": PROXIED}
    message = await posted(world, world.bob, "||https://example.org/cat.png||", embeds=[{"thumbnail": image}])
    assert [picture.spoiler for picture in await found(world, message)] == [True]


async def test_a_favicon_is_no_picture(world: World) -> None:
    icon = {"url": "https://example.org/i.png", "proxy_url": PROXIED, "width": 16, "height": 16}
    message = await posted(world, world.bob, "https://example.org", embeds=[{"thumbnail": icon}])
    assert await found(world, message) == []


async def test_a_sticker_is_for_all(world: World, engine: FakeEngine) -> None:
    await world.set_server(consent=Consent.ASK)
    image = png(320, 320)
    world.env.backend.cdn._blobs[f"{discord.Asset.BASE}/stickers/7.png"] = image
    sticker = MessageSticker(7, "wave", 1, world.guild.id, f"{CDN_BASE}/stickers/7.png")
    message = await posted(world, world.bob, stickers=[sticker])
    assert await painted(world, await menu(world, message)) == {"content": image}


async def test_a_drawn_sticker_says_so(world: World) -> None:
    sticker = MessageSticker(8, "wumpus", 3, world.guild.id, f"{CDN_BASE}/stickers/8.json")
    opened = await menu(world, await posted(world, world.bob, stickers=[sticker]))
    assert said(opened).content == phrase_of(BotErrorCode.DRAWN_STICKER)()
    world.sentences()


async def test_a_custom_emoji_of_a_message(world: World) -> None:
    image = png(128, 128)
    world.env.backend.cdn._blobs[f"{discord.Asset.BASE}/emojis/123456789012345678.png"] = image
    message = await world.bob.send(
        world.art, "<:blob:123456789012345678> and again <:blob:123456789012345678>"
    )
    assert await painted(world, await menu(world, message)) == {"content": image}


async def test_what_is_no_picture_of_ours_says_so(world: World) -> None:
    message = await world.bob.send(world.art, "notes", attachments=[("notes.txt", b"words")])
    assert said(await menu(world, message)).content == sentence(
        Refusal(ErrorCode.NOT_AN_IMAGE, image="content")
    )
    message = await world.bob.send(world.art, "old", attachments=[("scan.tiff", b"II*")])
    assert "not an image that I can read" in said(await menu(world, message)).content
    world.sentences()


# --- forwards ---------------------------------------------------------------------------------------------


async def test_a_forward_is_as_whose_its_original_is(world: World, engine: FakeEngine) -> None:
    cat = png(colour="orange")
    original = await world.bob.send(world.talk, "my cat", attachments=[("cat.png", cat)])
    forwarded = await world.alice.forward(original, world.art)
    assert [picture.author_id for picture in await found(world, forwarded)] == [world.bob.id]
    assert await painted(world, await menu(world, forwarded)) == {"content": cat}
    await world.bot.studio.store.consents.remember(world.bob.id, world.guild.id, Answer.NEVER, 1.0)
    assert told(await menu(world, forwarded)) == [phrase_of(BotErrorCode.AUTHOR_SAYS_NO)()]


async def test_whose_a_forward_is_may_be_unknown(world: World) -> None:
    original = await world.bob.send(world.talk, "my cat", attachments=[("cat.png", png())])
    forwarded = await world.alice.forward(original, world.art)
    await world.bob.delete(original)
    assert [picture.author_id for picture in await found(world, forwarded)] == [UNKNOWN_AUTHOR]
    assert told(await menu(world, forwarded)) == ["Which painting shall it look like?"]
    await world.set_server(consent=Consent.ASK)
    assert told(await menu(world, forwarded)) == [phrase_of(BotErrorCode.AUTHOR_UNKNOWN)()]


# --- bots -------------------------------------------------------------------------------------------------


async def test_nothing_of_another_bot_is_painted(world: World) -> None:
    robot = world.guild.add_member(world.env.create_user("robot", bot=True))
    message = await robot.send(world.art, "made by me", attachments=[("cat.png", png())])
    assert said(await menu(world, message)).content == phrase_of(BotErrorCode.OF_ANOTHER_BOT)()
    world.sentences()


async def test_an_unfinished_painting_is_not_painted(world: World) -> None:
    await world.stylize()
    await world.tell(preview(1, 0.1))
    ticket = await world.shows("10%")
    assert said(await menu(world, ticket)).content == phrase_of(BotErrorCode.NOT_FINISHED)()
    world.sentences()


async def test_a_result_is_painted_on_as_its_authors(world: World, engine: FakeEngine) -> None:
    source = await world.bob.send(world.art, "my cat", attachments=[("SPOILER_cat.png", png())])
    await painted(world, await menu(world, source))
    result = await world.finish(0)
    (picture,) = await found(world, result)
    assert (picture.author_id, picture.spoiler, picture.kind) == (world.bob.id, True, Kind.RESULT)
    assert await painted(world, await menu(world, result), "starry_night") == {"content": engine.result}
    store = world.bot.studio.store.tickets
    (child,) = await store.unfinished()
    assert child.parent_id == child.root_id == picture.ticket_id
    assert child.author_id == world.bob.id
    await world.bot.studio.store.consents.remember(world.bob.id, world.guild.id, Answer.NEVER, 1.0)
    assert told(await menu(world, result)) == [phrase_of(BotErrorCode.AUTHOR_SAYS_NO)()]
    world.sentences()


# --- proxies ----------------------------------------------------------------------------------------------


async def test_a_proxys_picture_is_that_of_the_member_behind_it(world: World) -> None:
    await world.set_server(consent=Consent.ASK)
    cat = png(colour="orange")
    original = await world.alice.send(world.art, "A: my cat", attachments=[("cat.png", cat)])
    proxy = world.guild.create_webhook(world.art, "PluralKit")
    message = await proxy.send("my cat", username="A", attachments=[("cat.png", cat)])
    await world.alice.delete(original)
    assert [picture.author_id for picture in await found(world, message)] == [world.alice.id]
    assert await painted(world, await menu(world, message)) == {"content": cat}


async def test_the_member_behind_a_proxy_may_be_unknown(world: World) -> None:
    proxy = world.guild.create_webhook(world.art, "PluralKit")
    await world.alice.send(world.talk, "elsewhere", attachments=[("cat.png", png())])
    message = await proxy.send("my cat", attachments=[("cat.png", png())])
    assert [picture.author_id for picture in await found(world, message)] == [UNKNOWN_AUTHOR]
    await world.alice.send(world.art, "long ago", attachments=[("dog.png", png())])
    await world.env.advance_time(61)
    message = await proxy.send("my dog", attachments=[("dog.png", png())])
    assert [picture.author_id for picture in await found(world, message)] == [UNKNOWN_AUTHOR]
    await world.set_server(consent=Consent.ASK)
    assert told(await menu(world, message)) == [phrase_of(BotErrorCode.AUTHOR_UNKNOWN)()]
    world.sentences()


async def test_one_file_is_one_members_once(world: World) -> None:
    proxy = world.guild.create_webhook(world.art, "PluralKit")
    await world.alice.send(world.art, "my cat", attachments=[("cat.png", png())])
    first = await proxy.send("my cat", attachments=[("cat.png", png())])
    again = await proxy.send("my cat", attachments=[("cat.png", png())])
    assert [(await found(world, message))[0].author_id for message in (first, again)] == [
        world.alice.id,
        UNKNOWN_AUTHOR,
    ]


# --- components -------------------------------------------------------------------------------------------


async def test_a_picture_among_components_is_found(world: World) -> None:
    cat = world.env.backend.store_attachments(world.art.id, [("cat.png", png())])
    url = cat[0]["url"]
    gallery = {"type": 12, "items": [{"media": {"url": url, "proxy_url": url}, "spoiler": True}]}
    proxy = world.guild.create_webhook(world.art, "Feed")
    backend = world.env.backend
    message = backend.create_message(
        world.art.id,
        proxy._webhook.webhook_user_id,
        None,
        components=[{"type": 17, "components": [gallery]}],
        flags=1 << 15,
        webhook_id=proxy.id,
    )
    await world.env.settle()
    (picture,) = await found(world, to_discord_message(world.env, message))
    assert (picture.url, picture.spoiler, picture.author_id) == (url, True, UNKNOWN_AUTHOR)


def test_every_kind_of_picture_has_a_name() -> None:
    assert set(_CALLED) == set(Kind)


async def test_an_age_restricted_picture_stays_where_it_is(world: World) -> None:
    adult = world.guild.create_text_channel("adult")
    known = world.bot.get_channel(adult.id)
    assert isinstance(known, discord.TextChannel)
    known.nsfw = True  # which simcord has no word for
    message = await world.bob.send(adult, "mine", attachments=[("cat.png", png())])
    answer = await world.alice.slash(world.art, "stylize", picture=message.jump_url, style="great_wave")
    assert told(answer) == [phrase_of(BotErrorCode.AGE_RESTRICTED)()]


async def test_a_channel_full_of_forwards_costs_few_requests(world: World) -> None:
    originals = [await world.bob.send(world.talk, "", attachments=[(f"{n}.png", png())]) for n in range(12)]
    for original in originals:
        await world.alice.forward(original, world.art)
    before = len(world.env.http_requests)
    answer = await world.alice.slash(world.art, "stylize", style="great_wave")
    fetched = [call for call in world.env.http_requests[before:] if call.method == "GET"]
    assert len(fetched) == 11  # the channel, and the originals of the ten newest
    (pictures, _) = (row["components"][0] for row in said(answer).components)
    assert len(pictures["options"]) == 10
