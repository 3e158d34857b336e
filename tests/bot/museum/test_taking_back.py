"""Stories of a style that its author takes back: whatever else is going on, its use ends, and who asks for it is told."""

import asyncio
from typing import Any

import discord
import pytest
from simcord.actors import MemberActor

from bot.errors import BotErrorCode
from bot.storage.museum import State
from bot.tickets.eraser import Eraser
from bot.words.errors import phrase_of
from bot.words.ticket import ONE_STYLE_GONE, STYLE_GONE
from tests.bot.fake_engine import FakeEngine
from tests.bot.museum.test_museum import shown, styles, taken_back
from tests.bot.world import World, png, said, told

GONE = phrase_of(BotErrorCode.STYLE_TAKEN_BACK)(title="Night harbour")


async def test_messages_that_discord_is_slow_to_delete_keep_no_job_going(
    world: World, mia: MemberActor, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    style, gone = await shown(world, mia), asyncio.Event()

    async def slow(*_: Any) -> None:
        await world.env.external_wait(gone.wait(), reason="a slow Discord")

    monkeypatch.setattr(Eraser, "_delete_message", slow)
    monkeypatch.setattr("bot.tickets.eraser.ERASE_SECONDS", 1e6)
    await world.bot.studio.deletion.delete_message(world.guild.id, world.art.id, 1)
    await world.stylize(style="night harbour")
    await taken_back(world)
    await world.shows(STYLE_GONE())
    await world.until(lambda: engine.deleted == [engine.jobs[0].key])
    await world.until(lambda: not (world.bot.studio.config.data_dir / "museum" / style).exists())
    gone.set()


async def test_who_mentions_the_bot_with_its_name_is_told(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    await taken_back(world)
    assert world.bot.user is not None
    await world.alice.send(
        world.art, f"<@{world.bot.user.id}> night harbour", attachments=[("cat.png", png())]
    )
    await world.shows(GONE)
    assert engine.jobs == []


async def test_who_types_its_name_with_a_slip_is_told(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    await taken_back(world)
    await world.stylize(style="nigth harbor")
    assert world.sentences() == [GONE]


async def test_a_picture_that_was_deleted_while_the_bot_was_away_is_no_style_any_more(
    world: World, mia: MemberActor, engine: FakeEngine
) -> None:
    await shown(world, mia)
    picture = next(m for m in world.messages if m.content == "my harbour")
    await world.bot.close()
    await world.bob.delete(picture)
    await world.env.restart_bot(world._new_bot())
    await world.until(lambda: styles(world)[0].state is State.TAKEN_BACK)


async def test_who_moderates_one_channel_decides_on_no_styles(world: World, mia: MemberActor) -> None:
    style = await shown(world, mia)
    own = world.guild.create_text_channel(
        "carls", overwrites={world.alice: discord.PermissionOverwrite(manage_messages=True)}
    )
    listed = said(await world.alice.slash(own, "museum show"))
    await world.alice.select(listed, [style])
    labels = [item["label"] for row in listed.components for item in row["components"]]
    assert "Remove" not in labels
    assert styles(world)[0].state is State.SHOWN


@pytest.mark.parametrize("by_author", [True, False])
async def test_what_was_opened_before_says_what_has_become_of_it(
    world: World, mia: MemberActor, engine: FakeEngine, by_author: bool
) -> None:
    style = await shown(world, mia)
    listed = said(await world.alice.slash(world.art, "museum show"))
    await world.alice.select(listed, [style])
    menu = said(await world.alice.click(await world.result(), label="Other style"))
    if by_author:
        await taken_back(world)
    else:
        await world.bot.studio.deletion.end_styles(styles(world), State.REMOVED, by_id=mia.id)
    code = BotErrorCode.STYLE_TAKEN_BACK if by_author else BotErrorCode.STYLE_REMOVED
    for answer in (
        await world.alice.click(listed, label="Paint with this one"),
        await world.alice.select(menu, [style]),
    ):
        assert phrase_of(code)(title="Night harbour") in told(answer)
    world.sentences()
    assert len(engine.jobs) == 1


async def test_a_sheet_with_it_stops_and_says_why(world: World, mia: MemberActor, engine: FakeEngine) -> None:
    await shown(world, mia)
    await world.alice.slash(world.art, "audition", content=("cat.png", png()))
    await taken_back(world)
    await world.shows(ONE_STYLE_GONE())
    await world.until(lambda: engine.deleted == [engine.jobs[0].key])
    await world.alice.slash(world.art, "audition", content=("cat.png", png()))
    assert len(engine.jobs[1].request.styles) == len(engine.jobs[0].request.styles) - 1
