"""What comes from where there is an age restriction is seen nowhere else, whichever way somebody tries."""

from typing import Any

import discord
import pytest
from simcord import Env
from simcord.results import InteractionResult

from bot.buttons.panel import Act, ActButton
from bot.errors import BotError, BotErrorCode, Hindrance
from bot.storage.settings import Output
from bot.words.errors import sentence
from bot.words.palette import MORE
from bot.words.result import HINDRANCES
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, preview, said

NO = sentence(BotError(BotErrorCode.AGE_RESTRICTED))
ALL = discord.Permissions.all()


def restrict(world: World, channel: Any, on: bool = True) -> None:
    """Give a channel an age restriction, or take it away, which simcord cannot be asked for."""
    known = world.bot.get_channel(channel.id)
    assert isinstance(known, discord.TextChannel)
    known.nsfw = on


@pytest.fixture
async def boss(world: World) -> Any:
    """A member who may do everything."""
    role = world.guild.create_role("boss", permissions=ALL)
    return world.guild.add_member(world.env.create_user("boss"), roles=[role])


@pytest.fixture
async def result(world: World, boss: Any) -> discord.Message:
    """A result in #art, which is age-restricted."""
    restrict(world, world.art)
    await world.set_channel(world.talk, is_art=True, output=Output.CHANNEL)
    return await world.result(member=boss)


def pictures_in(answer: InteractionResult) -> list[Any]:
    shown = [each for each in (answer.response, *answer.followups) if each is not None]
    return [each for message in shown for each in (*message.attachments, *message.embeds)]


def everything_posted(world: World) -> list[int]:
    """The pictures of ours in all places but #art."""
    return [
        attachment["id"]
        for channel_id, messages in world.env.backend.messages.items()
        if channel_id != world.art.id
        for message in messages.values()
        if message.author_id == world.bot.user.id  # type: ignore[union-attr]
        for attachment in message.attachments
    ]


async def test_nothing_is_had_by_a_button_once_the_channel_is_open(
    world: World, engine: FakeEngine, result: discord.Message, boss: Any
) -> None:
    [ticket_id] = [
        ticket.id for ticket in await world.bot.studio.store.tickets.delivered_to(boss.id, None, 9)
    ]
    restrict(world, world.art, on=False)
    where = world.bot.get_channel(world.art.id)
    assert isinstance(where, discord.TextChannel)
    shown = {
        act: await where.send(
            "as it was shown before", view=discord.ui.View(timeout=None).add_item(ActButton(ticket_id, act))
        )
        for act in Act
    }
    before, jobs = len(world.messages), len(engine.jobs)
    for act, message in shown.items():
        answer = await boss.click(message, custom_id=f"result:{act}:{ticket_id}")
        assert pictures_in(answer) == [], act
    for row in result.components:
        for item in row.children if isinstance(row, discord.ActionRow) else ():
            if isinstance(item, discord.Button) and item.custom_id and "delete" not in item.custom_id:
                assert pictures_in(await boss.click(result, custom_id=item.custom_id)) == [], item.label
    assert len(world.messages) == before
    assert everything_posted(world) == []
    assert len(engine.jobs) == jobs
    world.sentences()


async def test_nothing_is_had_by_a_command_or_a_menu_elsewhere(
    world: World, engine: FakeEngine, result: discord.Message, boss: Any
) -> None:
    [ticket_id] = [
        ticket.id for ticket in await world.bot.studio.store.tickets.delivered_to(boss.id, None, 9)
    ]
    posted, jobs = everything_posted(world), len(engine.jobs)
    elsewhere = world.talk
    forwarded = await forward(world, result)
    tries = [
        await boss.slash(elsewhere, "show", picture=ticket_id),
        await boss.slash(elsewhere, "show", picture=result.jump_url, post=True),
        await boss.slash(elsewhere, "stylize", picture=result.jump_url, style="great_wave"),
        await boss.slash(elsewhere, "stylize", picture=ticket_id, style="great_wave"),
        await boss.slash(elsewhere, "audition", picture=ticket_id),
        await boss.context_menu(elsewhere, "Stylize this image", forwarded),
        await boss.slash(elsewhere, "history"),
    ]
    assert [pictures_in(each) for each in tries] == [[] for _ in tries]
    assert [said(each).content for each in tries[:-1]] == [NO] * (len(tries) - 1)
    for emoji in ("🌊", MORE):
        await boss.react(forwarded, emoji)
    me = world.guild.me
    assert me is not None
    await boss.send(elsewhere, f"<@{me.id}> wave {result.jump_url}")
    await boss.send(elsewhere, f"<@{me.id}> wave", reply_to=forwarded)
    world.sentences()
    assert everything_posted(world) == posted
    assert len(engine.jobs) == jobs


async def forward(world: World, message: discord.Message) -> discord.Message:
    """What somebody forwards into #talk."""
    where = world.bot.get_channel(world.talk.id)
    assert isinstance(where, discord.TextChannel)
    return await message.forward(where)


async def test_a_history_lists_it_and_shows_it_only_where_it_may(
    world: World, engine: FakeEngine, result: discord.Message, boss: Any
) -> None:
    there = said(await boss.slash(world.art, "history"))
    assert len(there.attachments) == 1
    elsewhere = said(await boss.slash(world.talk, "history"))
    assert elsewhere.attachments == []
    assert result.jump_url in elsewhere.content
    await boss.slash(world.talk, "stylize", content=("dog.png", png()), style="great_wave")
    await world.tell(FINISHED, 1)
    engine.requests.clear()
    both = said(await boss.slash(world.talk, "history"))
    assert len(both.attachments) == 1
    asked = next(each for each in engine.requests if "sheet" in each)
    assert engine.jobs[0].id not in asked


async def test_a_copy_goes_to_nobody_directly(world: World, result: discord.Message, boss: Any) -> None:
    answer = await world.more(result, "Send me a copy", boss)
    texts = [each.content for each in (answer.response, *answer.followups) if each is not None]
    assert NO in texts
    world.sentences()
    assert everything_posted(world) == []


async def test_what_is_painted_while_the_restriction_goes_is_not_posted(
    world: World, engine: FakeEngine, boss: Any
) -> None:
    restrict(world, world.art)
    await world.stylize(boss)
    restrict(world, world.art, on=False)
    await world.tell(preview(1, 0.3))
    shown = await world.shows("30%")
    assert shown.attachments == []
    await world.tell(FINISHED)
    told = await world.shows(HINDRANCES[Hindrance.AGE_RESTRICTED])
    assert "in any age-restricted channel" in told.content
    assert not any(message.attachments for message in world.messages)
    assert everything_posted(world) == []
    restrict(world, world.talk)
    ticket_id = told.content.partition("picture:")[2].partition("`")[0]
    answer = await boss.slash(world.talk, "show", picture=ticket_id)
    assert len(pictures_in(answer)) == 1


async def test_what_a_channel_does_not_take_is_not_sent_directly(
    world: World, env: Env, engine: FakeEngine, boss: Any
) -> None:
    restrict(world, world.art)
    await world.stylize(boss)
    env.inject_error("POST", f"/channels/{world.art.id}/messages", status=403, code=50013)
    await world.tell(FINISHED)
    await world.shows("I may no longer post pictures")
    assert everything_posted(world) == []


async def test_several_pictures_are_not_shown_to_choose_from_elsewhere(
    world: World, engine: FakeEngine, boss: Any
) -> None:
    restrict(world, world.art)
    picture = await boss.send(world.art, "two", attachments=[("a.png", png()), ("b.png", png(colour="red"))])
    answer = await boss.slash(world.talk, "stylize", picture=picture.jump_url)
    assert pictures_in(answer) == []
    assert said(answer).content == NO
    world.sentences()


async def test_what_is_painted_in_a_restricted_channel_is_from_there(
    world: World, engine: FakeEngine, result: discord.Message, boss: Any
) -> None:
    [ticket] = await world.bot.studio.store.tickets.delivered_to(boss.id, None, 9)
    assert ticket.nsfw
