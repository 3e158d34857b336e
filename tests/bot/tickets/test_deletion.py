"""Stories of what is deleted: from each end, at each moment of a picture's way, and that nothing of it comes back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord import Env
from simcord.results import InteractionResult
from sqlalchemy import event

from bot.errors import BotError, BotErrorCode
from bot.storage.consents import Answer, Question
from bot.storage.posts import Posted, Role
from bot.storage.settings import Consent, OnDelete
from bot.storage.wishes import Wishes
from bot.tickets.message import TicketMessage
from bot.words import deletion as deletion_words
from bot.words import ticket as words
from bot.words.errors import sentence
from engine.protocol import ErrorCode, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.orders.test_sources import menu_of
from tests.bot.tickets.test_drafts import cut_off
from tests.bot.world import FINISHED, World, png, preview, said, told

MOMENTS = ("asked", "fetching", "queued", "painting", "delivering", "delivered")


@dataclass
class Scene:
    """Bob's picture in #art, and Alice's reaction to it."""

    world: World
    engine: FakeEngine
    data: Path
    picture: discord.Message
    ticket_id: str = ""
    posted: discord.Message | None = None  # the progress or the result
    copy: discord.Message | None = None  # of the result, in the results channel

    async def is_quiet(self) -> bool:
        return not await self.world.bot.studio.store.erasures.after(0, 1)

    async def settle(self) -> None:
        """Wait until all that is to be erased is."""
        for _ in range(200):
            await self.world.env.settle()
            store = self.world.bot.studio.store
            if await self.is_quiet() and not await store.tickets.unfinished_ids():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("something is still to be erased")

    @property
    def ours(self) -> list[discord.Message]:
        """The bot's messages with a picture, wherever they are."""
        user = self.world.bot.user
        channels = (self.world.art, self.world.talk)
        return [
            message
            for channel in channels
            if channel.id in self.world.env.backend.channels
            for message in channel.history()
            if message.author == user and message.attachments
        ]

    def images(self) -> list[str]:
        """Folders of images on the bot's disk."""
        return [each.name for place in ("inbox", "kept", "orphans") for each in (self.data / place).glob("*")]


@pytest.fixture
async def scene(world: World, engine: FakeEngine, tmp_path: Path) -> Scene:
    picture = await world.bob.send(world.art, "my cat", attachments=[("cat.png", png())])
    return Scene(world, engine, tmp_path / "bot", picture)


async def ask(scene: Scene) -> None:
    """Bob is asked whether Alice may."""
    world, store = scene.world, scene.world.bot.studio.store
    channel = world.bot.get_channel(world.art.id)
    assert isinstance(channel, discord.TextChannel)
    shown = await channel.send("may she?")
    question = Question(
        "q", world.guild.id, world.art.id, world.bob.id, world.alice.id, scene.picture.id, shown.id, "{}", 1.0
    )
    await store.consents.ask(question)


async def bring_to(scene: Scene, moment: str, monkeypatch: pytest.MonkeyPatch, arrive: asyncio.Event) -> None:
    """Let the picture get as far as this; it goes on when `arrive` is set."""
    world = scene.world
    if moment == "asked":
        await ask(scene)
        return
    if moment != "fetching":
        arrive.set()
    if moment == "delivering":  # the result is there and noted, and the ticket's message is about to go
        remove_at_once = TicketMessage.remove

        async def slow(*arguments: Any) -> None:
            arrive.clear()
            await world.env.external_wait(arrive.wait(), reason="a slow Discord")
            await remove_at_once(*arguments)

        monkeypatch.setattr(TicketMessage, "remove", slow)
    await world.alice.react(scene.picture, "🌊")
    await world.until(lambda: moment == "fetching" or scene.engine.jobs)
    [scene.ticket_id] = await world.bot.studio.store.tickets.unfinished_ids()
    if moment == "fetching":
        return
    scene.posted = await world.shows("Next in the queue")
    if moment == "queued":
        return
    await world.tell(preview(1, 0.1))
    await world.shows("10%")
    if moment in ("delivering", "delivered"):
        await world.tell(FINISHED)
        scene.posted = await world.shows("here it is")
        await world.until(lambda: moment == "delivering" or len(scene.ours) == 1)
        results = world.bot.get_channel(world.talk.id)
        assert isinstance(results, discord.TextChannel)
        scene.copy = await results.send(file=await scene.posted.attachments[0].to_file())
        await world.bot.studio.store.posts.add(
            Posted(scene.copy.id, results.id, world.guild.id, scene.ticket_id, Role.COPY, 1.0)
        )


async def by_source(scene: Scene) -> None:
    await scene.world.bob.delete(scene.picture)


async def by_sweep(scene: Scene) -> None:
    channel = scene.world.bot.get_channel(scene.world.art.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.delete_messages([scene.picture, discord.Object(1)])


async def by_channel(scene: Scene) -> None:
    scene.world.env.backend.delete_channel(scene.world.art.id)


async def by_server(scene: Scene) -> None:
    scene.world.env.backend.remove_guild(scene.world.guild.id)


async def by_ban(scene: Scene) -> None:
    scene.world.env.backend.apply_ban(scene.world.guild.id, scene.world.alice.id, None)


async def by_owner(scene: Scene) -> None:
    """Alice wants to be forgotten, with her results."""
    deletion = scene.world.bot.studio.deletion
    await deletion.forget_member(scene.world.alice.id, Wishes(takes_results=True))


async def by_author(scene: Scene) -> None:
    """Bob wants to be forgotten, with what was made of his picture."""
    await scene.world.bot.studio.deletion.forget_member(scene.world.bob.id, Wishes(takes_pictures=True))


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("end", [by_source, by_sweep, by_channel, by_server, by_ban, by_owner, by_author])
async def test_whatever_goes_takes_the_picture_along(
    scene: Scene,
    moment: str,
    end: Callable[[Scene], Awaitable[None]],
    downloads: asyncio.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, engine = scene.world, scene.engine
    await bring_to(scene, moment, monkeypatch, downloads)
    await end(scene)
    if moment != "fetching":  # which is not waited for
        downloads.set()
    await scene.settle()
    downloads.set()
    await world.restart()
    await scene.settle()
    store = world.bot.studio.store
    assert await store.consents.open_questions() == []
    assert scene.images() == []
    assert all(job.is_over for job in engine.jobs)
    if scene.ticket_id and not (end is by_channel and scene.copy is not None):  # of which moments can be had
        assert scene.ticket_id in engine.deleted
    if end not in (by_server, by_channel, by_ban):
        assert scene.ours == []
    if end in (by_server, by_channel):
        copies = {post.message_id for post in await store.posts.of_ticket(scene.ticket_id)}
        assert copies <= ({scene.copy.id} if scene.copy is not None and end is by_channel else set())
    assert len(engine.jobs) <= 1


async def test_whoever_waits_is_told_why_there_is_nothing(scene: Scene) -> None:
    await scene.world.alice.react(scene.picture, "🌊")
    await scene.world.shows("Next in the queue")
    await scene.world.bob.delete(scene.picture)
    await scene.world.shows(words.WITHDRAWN())
    await scene.world.restart()
    assert [message.content.count(words.WITHDRAWN()) for message in scene.world.messages] == [1]


async def test_while_the_engine_is_away_it_ends_at_once_and_is_forgotten_there_later(
    scene: Scene, env: Env
) -> None:
    world, engine = scene.world, scene.engine
    await world.alice.react(scene.picture, "🌊")
    await world.shows("Next in the queue")
    engine.go_down()
    await world.bob.delete(scene.picture)
    await world.shows(words.WITHDRAWN())
    assert await world.bot.studio.store.tickets.unfinished() == []
    await world.restart()
    engine.come_back()
    await env.advance_time(120)
    await scene.settle()
    assert engine.deleted == [engine.jobs[0].key]


async def test_a_server_may_keep_results_of_deleted_pictures(scene: Scene) -> None:
    world = scene.world
    await world.set_server(on_delete=OnDelete.KEEP)
    await world.alice.react(scene.picture, "🌊")
    result = await world.finish(0)
    await world.alice.click(result, label="Again")
    await world.bob.delete(scene.picture)
    await scene.settle()
    assert [message.id for message in scene.ours] == [result.id]
    assert scene.images() == []
    click = await world.alice.click(result, label="More style")
    assert told(click) == [sentence(BotError(BotErrorCode.PICTURE_GONE))]


async def test_a_deleted_picture_takes_what_was_made_of_its_results(scene: Scene) -> None:
    world = scene.world
    await world.alice.react(scene.picture, "🌊")
    await world.alice.click(await world.finish(0), label="More style")
    await world.bob.click(await world.finish(1), label="Less style")
    await world.finish(2)
    assert len(scene.ours) == 3
    await world.bob.delete(scene.picture)
    await scene.settle()
    assert scene.ours == []
    assert len(scene.engine.deleted) == 3


async def test_a_picture_that_is_deleted_while_it_is_being_taken(
    scene: Scene, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, going_on = scene.world, asyncio.Event()
    store, add = world.bot.studio.store.tickets, world.bot.studio.store.tickets.add

    async def slow(*arguments: Any) -> None:
        await env.external_wait(going_on.wait(), reason="a slow disk")
        await add(*arguments)

    monkeypatch.setattr(store, "add", slow)
    await world.alice.react(scene.picture, "🌊")
    await world.bob.delete(scene.picture)
    going_on.set()
    await scene.settle()
    assert scene.engine.jobs == []
    assert scene.ours == []
    assert scene.images() == []


# --- results ----------------------------------------------------------------------------------------------


async def remove(world: World, member: Any, message: discord.Message, label: str = "Delete") -> list[str]:
    """Press "Delete", then the button that is shown; what was said."""
    question: InteractionResult = await member.click(message, label=label)
    if said(question).content != deletion_words.CONFIRM():
        return [said(question).content]
    assert said(question).ephemeral
    await world.restart()
    answer = await member.click(said(question), label=deletion_words.CONFIRMED())
    return [said(question).content, *told(answer)]


async def delivered(scene: Scene) -> discord.Message:
    world = scene.world
    await world.alice.react(scene.picture, "🌊")
    result = await world.finish(0)
    sheet = await world.more(result, "Earlier moment")
    await world.alice.select(said(sheet), ["2"])
    await world.shows("an earlier moment")
    return result


@pytest.mark.parametrize("who", ["alice", "bob"])
async def test_owner_and_author_delete_a_result_with_all_that_is_of_it(scene: Scene, who: str) -> None:
    world = scene.world
    result = await delivered(scene)
    assert len(scene.ours) == 2
    await remove(world, getattr(world, who), result)
    await scene.settle()
    assert scene.ours == []
    assert scene.images() == []
    assert scene.engine.deleted == [scene.engine.jobs[0].key]
    await world.alice.unreact(scene.picture, "🌊")
    await world.alice.react(scene.picture, "🌊")
    await world.restart()
    assert len(scene.engine.jobs) == 1


async def test_who_moderates_one_channel_deletes_what_is_in_it_and_nothing_elsewhere(
    world: World, engine: FakeEngine
) -> None:
    result = await world.result()
    own = world.guild.create_text_channel(
        "bobs", overwrites={world.bob: discord.PermissionOverwrite(manage_messages=True)}
    )
    private = said(await world.bob.slash(own, "show", picture=result.jump_url))
    refused = await world.bob.click(private, label=deletion_words.DELETE())
    assert told(refused) == [sentence(BotError(BotErrorCode.NOT_YOURS_TO_DELETE))]
    world.sentences()
    await world.bob.slash(own, "show", picture=result.jump_url, post=True)
    [copy] = [message for message in own.history() if message.attachments]
    question = await world.bob.click(copy, label=deletion_words.DELETE())
    await world.bob.click(said(question), label=deletion_words.CONFIRMED())
    await world.until(lambda: not [message for message in own.history() if message.attachments])
    assert result.id in {message.id for message in world.messages}
    assert engine.deleted == []


async def test_nobody_else_deletes_it_but_a_moderator(scene: Scene) -> None:
    world = scene.world
    result = await delivered(scene)
    carol = world.guild.add_member(world.env.create_user("carol"))
    assert await remove(world, carol, result) == [sentence(BotError(BotErrorCode.NOT_YOURS_TO_DELETE))]
    role = world.guild.create_role("mods", permissions=discord.Permissions(manage_messages=True))
    dave = world.guild.add_member(world.env.create_user("dave"), roles=[role])
    await remove(world, dave, result)
    await scene.settle()
    assert scene.ours == []


async def test_a_result_that_was_deleted_by_hand_stays_so(scene: Scene) -> None:
    world = scene.world
    result = await delivered(scene)
    film = await world.more(result, "Earlier moment")
    moment = await world.shows("an earlier moment")
    await result.delete()
    await scene.settle()
    picked = await world.alice.select(said(film), ["1"])
    assert told(picked) == [sentence(BotError(BotErrorCode.RESULT_DELETED))]
    assert [message.id for message in scene.ours] == [moment.id]
    assert scene.images() == []
    assert scene.engine.deleted == [scene.engine.jobs[0].key]


async def test_a_result_that_was_deleted_by_hand_stays_so_though_the_bot_ends_then(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = scene.world
    result = await delivered(scene)
    film = await world.more(result, "Earlier moment")
    monkeypatch.setattr("bot.storage.deletions.Deletions.erase", cut_off)
    await result.delete()
    await scene.settle()
    monkeypatch.undo()
    await world.restart()
    picked = await world.alice.select(said(film), ["1"])
    assert sentence(BotError(BotErrorCode.RESULT_DELETED)) in told(picked)
    await scene.settle()
    assert scene.images() == []


async def test_a_result_that_was_deleted_while_nobody_was_here(scene: Scene) -> None:
    world = scene.world
    result = await delivered(scene)
    film = await world.more(result, "Earlier moment")
    world.env.backend.messages[world.art.id].pop(result.id)
    picked = await world.alice.select(said(film), ["1"])
    assert [each.content for each in picked.followups] == [sentence(BotError(BotErrorCode.RESULT_DELETED))]
    await scene.settle()
    assert scene.images() == []


async def test_a_result_that_is_deleted_while_it_is_delivered_is_not_posted_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, downloads: asyncio.Event
) -> None:
    await bring_to(scene, "delivering", monkeypatch, downloads)
    assert scene.posted is not None
    await scene.posted.delete()
    downloads.set()
    await scene.world.restart()
    await scene.settle()
    assert "here it is" not in str([message.content for message in scene.world.messages])
    assert len(scene.engine.jobs) == 1


async def test_the_menu_deletes_results_of_before(scene: Scene) -> None:
    world = scene.world
    result = await delivered(scene)
    stranger = await world.alice.context_menu(world.art, deletion_words.DELETE_MENU(), scene.picture)
    assert said(stranger).content == sentence(BotError(BotErrorCode.NOT_A_RESULT))
    question = await world.alice.context_menu(world.art, deletion_words.DELETE_MENU(), result)
    await world.alice.click(said(question), label=deletion_words.CONFIRMED())
    await scene.settle()
    assert scene.ours == []
    world.sentences()


async def test_the_menu_deletes_what_nothing_is_known_of_any_more(scene: Scene) -> None:
    world = scene.world
    result = await delivered(scene)
    [ticket] = {post.ticket_id for post in await world.bot.studio.store.posts.in_channel(world.art.id)}
    await world.bot.studio.store.deletions.purge([ticket], 1.0, ())
    not_theirs = await world.bob.context_menu(world.art, deletion_words.DELETE_MENU(), result)
    assert said(not_theirs).content == sentence(BotError(BotErrorCode.NOT_YOURS_TO_DELETE))
    question = await world.alice.context_menu(world.art, deletion_words.DELETE_MENU(), result)
    await world.alice.click(said(question), label=deletion_words.CONFIRMED())
    await scene.settle()
    assert result.id not in [message.id for message in scene.ours]
    world.sentences()


async def test_who_moderates_no_longer_deletes_nothing_by_a_question_of_before(scene: Scene) -> None:
    world = scene.world
    result = await delivered(scene)
    [ticket] = {post.ticket_id for post in await world.bot.studio.store.posts.in_channel(world.art.id)}
    await world.bot.studio.store.deletions.purge([ticket], 1.0, ())
    role = world.guild.create_role("moderators", permissions=discord.Permissions(manage_messages=True))
    carol = world.guild.add_member(world.env.create_user("carol"), roles=[role])
    question = await carol.context_menu(world.art, deletion_words.DELETE_MENU(), result)
    world.env.backend.delete_role(world.guild.id, role.id)
    pressed = await carol.click(said(question), label=deletion_words.CONFIRMED())
    assert sentence(BotError(BotErrorCode.NOT_YOURS_TO_DELETE)) in told(pressed)
    await scene.settle()
    assert result.id in [message.id for message in scene.ours]
    world.sentences()


async def test_what_is_still_painted_is_cancelled_and_not_deleted(scene: Scene) -> None:
    world = scene.world
    await world.alice.react(scene.picture, "🌊")
    ticket = await world.shows("Next in the queue")
    answer = await world.alice.context_menu(world.art, deletion_words.DELETE_MENU(), ticket)
    assert said(answer).content == sentence(BotError(BotErrorCode.STILL_PAINTING))
    world.sentences()


async def test_what_discord_does_not_delete_now_is_deleted_later(scene: Scene, env: Env) -> None:
    world = scene.world
    result = await delivered(scene)
    messages = f"/channels/{world.art.id}/messages"
    env.inject_error("POST", f"{messages}/bulk-delete", status=503)
    env.inject_error("DELETE", f"{messages}/{result.id}", status=503, times=2)
    scene.engine.delete_refusals = [Refusal(ErrorCode.BUSY, seconds=1), Refusal(ErrorCode.BAD_TOKEN)]
    await remove(world, world.alice, result)
    assert result.id in [message.id for message in scene.ours]
    await env.advance_time(300)
    await scene.settle()
    assert scene.ours == []
    assert scene.engine.deleted == [scene.engine.jobs[0].key]


# --- places and members -----------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["fetching", "queued", "painting", "delivered"])
async def test_a_thread_that_goes_takes_its_pictures_along(
    scene: Scene, moment: str, downloads: asyncio.Event
) -> None:
    if moment != "fetching":
        downloads.set()
    world = scene.world
    channel = world.bot.get_channel(world.art.id)
    assert isinstance(channel, discord.TextChannel)
    thread = await channel.create_thread(name="cats", type=discord.ChannelType.public_thread)
    await world.until(lambda: world.art.threads)
    [handle] = world.art.threads
    picture = await world.bob.send(handle, "my cat", attachments=[("cat.png", png())])
    await world.alice.react(picture, "🌊")
    await world.until(lambda: moment == "fetching" or scene.engine.jobs)
    [ticket] = await world.bot.studio.store.tickets.known()
    if moment in ("painting", "delivered"):
        await world.tell(preview(1, 0.1))
    if moment == "delivered":
        await world.tell(FINISHED)
        await world.until(lambda: any("here it is" in each.content for each in handle.history()))
    await thread.delete()
    await scene.settle()
    assert scene.engine.deleted == [ticket.id]
    assert scene.images() == []
    assert await world.bot.studio.store.tickets.known() == []


async def test_a_copy_that_goes_leaves_the_result(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, downloads: asyncio.Event
) -> None:
    await bring_to(scene, "delivered", monkeypatch, downloads)
    assert scene.copy is not None
    assert scene.posted is not None
    await scene.copy.delete()
    await scene.settle()
    assert [message.id for message in scene.ours] == [scene.posted.id]
    assert scene.engine.deleted == []


async def test_nothing_is_left_of_a_server_that_the_bot_has_left(scene: Scene) -> None:
    world, store = scene.world, scene.world.bot.studio.store
    await delivered(scene)
    await store.consents.remember(world.bob.id, world.guild.id, Answer.ALWAYS, 1.0)
    await store.blocks.block(world.guild.id, world.bob.id, world.alice.id, 1.0)
    await world.set_channel(is_art=True, palette=("great_wave",))
    world.env.backend.remove_guild(world.guild.id)
    await scene.settle()
    assert await store.consents.answers(world.bob.id) == {}
    assert store.blocks.blocked(world.guild.id) == []
    assert store.settings.art_channels(world.guild.id) == []
    assert await store.settings.history(world.guild.id) == []
    assert await store.tickets.known() == []
    assert await store.posts.in_channel(world.art.id) == []


async def test_an_outage_takes_nothing_along(scene: Scene) -> None:
    world, store = scene.world, scene.world.bot.studio.store
    await delivered(scene)
    world.bot._connection.parse_guild_delete({"id": str(world.guild.id), "unavailable": True})
    await world.env.settle()
    assert len(await store.tickets.known()) == 1
    assert store.settings.art_channels(world.guild.id) == [world.art.id]


async def test_a_member_who_is_sent_away_keeps_their_no(scene: Scene) -> None:
    world, store = scene.world, scene.world.bot.studio.store
    for member, answer in ((world.alice, Answer.NEVER), (world.bob, Answer.ALWAYS)):
        await store.consents.remember(member.id, world.guild.id, answer, 1.0)
        world.env.backend.apply_ban(world.guild.id, member.id, None)
        await world.env.settle()
    assert await store.consents.answers(world.alice.id) == {world.guild.id: Answer.NEVER}
    assert await store.consents.answers(world.bob.id) == {}


async def test_other_messages_cost_little_however_many_go(scene: Scene) -> None:
    world, statements = scene.world, list[str]()
    database = world.bot.studio.store.database.sync_engine

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement != "BEGIN":
            statements.append(statement)

    event.listen(database, "before_cursor_execute", count)
    for ids in ([1], list(range(1, 101))):
        statements.clear()
        await world.bot.studio.deletion.messages_gone(ids)
        assert len(statements) <= 6, statements
    event.remove(database, "before_cursor_execute", count)


async def test_of_who_has_left_it_hears_when_discord_does_not_know_them(scene: Scene) -> None:
    world, store = scene.world, scene.world.bot.studio.store
    await store.consents.remember(world.alice.id, world.guild.id, Answer.ALWAYS, 1.0)
    carol = world.guild.add_member(world.env.create_user("carol"))
    await store.consents.remember(carol.id, world.guild.id, Answer.ALWAYS, 1.0)
    await world.bot.close()
    await carol.react(scene.picture, "🌌")
    world.guild.remove_member(carol)
    await world.env.restart_bot(world._new_bot())
    store = world.bot.studio.store
    for _ in range(200):
        await world.env.settle()
        if await store.consents.answers(carol.id) == {}:
            break
    assert await store.consents.answers(carol.id) == {}
    assert await store.consents.answers(world.alice.id) != {}


async def test_a_result_that_nobody_noted_can_be_deleted(scene: Scene) -> None:
    world, store = scene.world, scene.world.bot.studio.store
    result = await delivered(scene)
    await store.posts.forget(result.id)
    await remove(world, world.alice, result)
    await scene.settle()
    assert scene.ours == []


async def test_a_message_in_an_archived_thread_is_deleted_and_the_thread_stays_archived(
    scene: Scene, env: Env
) -> None:
    world = scene.world
    channel = world.bot.get_channel(world.art.id)
    assert isinstance(channel, discord.TextChannel)
    thread = await channel.create_thread(name="cats", type=discord.ChannelType.public_thread)
    message = await thread.send("an old result")
    await thread.edit(archived=True)
    env.inject_error("DELETE", f"/channels/{thread.id}/messages/{message.id}", status=400, code=50083)
    await world.bot.studio.deletion.delete_message(world.guild.id, thread.id, message.id)
    await scene.settle()
    assert message.id not in world.env.backend.messages[thread.id]
    again = await world.bot.fetch_channel(thread.id)
    assert isinstance(again, discord.Thread)
    assert again.archived


async def test_the_channel_of_the_picture_goes_and_what_is_painted_of_it_elsewhere_stops(
    world: World, engine: FakeEngine
) -> None:
    picture = await world.bob.send(world.talk, "my cat", attachments=[("cat.png", png())])
    await world.stylize(content=None, picture=picture.jump_url)
    world.env.backend.delete_channel(world.talk.id)
    await world.shows(words.WITHDRAWN())
    await world.until(lambda: engine.deleted == [engine.jobs[0].key])


async def edited(world: World, message: discord.Message, **fields: Any) -> None:
    world.env.backend.edit_message(message.channel.id, message.id, fields)
    await world.env.settle()


async def test_a_picture_that_is_taken_out_of_its_message_takes_along_what_is_made_of_it(
    scene: Scene,
) -> None:
    world = scene.world
    pets = [("cat.png", png()), ("dog.png", png(colour="red"))]
    message = await world.bob.send(world.art, "my pets", attachments=pets)
    await world.alice.react(message, "🌊")  # which means the first
    menu = await world.alice.context_menu(world.art, "Stylize this image", message)
    await world.alice.select(said(menu), ["1"], custom_id=menu_of(menu, "1"))
    await world.alice.select(said(menu), ["great_wave"], custom_id=menu_of(menu, "great_wave"))
    await world.until(lambda: len(scene.engine.jobs) == 2)
    await edited(world, message, content="my pets, again")
    assert len(await world.bot.studio.store.tickets.unfinished()) == 2
    _, dog = world.env.backend.get_message(world.art.id, message.id).attachments
    await edited(world, message, attachments=[dog])
    await world.shows(words.WITHDRAWN())
    (left,) = await world.bot.studio.store.tickets.unfinished()
    assert left.images[0].name == "dog.png"


async def test_a_yes_to_a_picture_that_was_taken_out_meanwhile_paints_nothing(scene: Scene) -> None:
    world = scene.world
    await world.set_server(consent=Consent.ASK)
    await world.alice.react(scene.picture, "🌊")
    question = await world.shows("may I paint it?")
    await edited(world, scene.picture, attachments=[])
    await world.bob.click(question, label="This once")
    await world.env.settle()
    assert scene.engine.jobs == []
    assert await world.bot.studio.store.consents.agreed() == []
