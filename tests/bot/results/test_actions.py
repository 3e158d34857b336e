"""Stories of finished pictures: painted anew, watched in the making, taken at another moment."""

import asyncio
import os
import shutil
from datetime import timedelta
from pathlib import Path

import discord
import pytest
from simcord import Env

from bot.buttons.result import SnapshotMenu
from bot.engine_client import Rendered
from bot.errors import BotErrorCode
from bot.styles.menu import MENU_OPTIONS
from bot.tickets.delivery import Delivery
from bot.words.errors import phrase_of, sentence
from engine.protocol import (
    MAX_RESULT_BYTES,
    MAX_SNAPSHOTS,
    MAX_TIMELAPSE_BYTES,
    Colours,
    ErrorCode,
    RecipeName,
    Refusal,
    Start,
)
from tests.bot.fake_engine import FakeEngine
from tests.bot.words.test_provenance import provenance
from tests.bot.world import FINISHED, World, png, said, told


def labels(message: discord.Message) -> dict[str, bool]:
    """The buttons of a message, and whether they can be pressed."""
    rows = (row for row in message.components if isinstance(row, discord.ActionRow))
    buttons = (item for row in rows for item in row.children if isinstance(item, discord.Button))
    return {button.label or "": not button.disabled for button in buttons}


async def test_a_result_has_its_buttons(world: World) -> None:
    assert labels(await world.result()) == {
        "More style": True,
        "Less style": True,
        "Again": True,
        "Other style": True,
        "More…": True,
        "Delete": True,
    }


async def test_buttons_end_where_the_strength_does(world: World) -> None:
    assert "More style" not in labels(await world.result(strength=100))
    assert "Less style" not in labels(await world.result(strength=0))


async def test_the_same_tutorial_again_would_be_the_same_picture(world: World) -> None:
    result = await world.result(recipe="tutorial")
    assert "Again" not in labels(result)
    await world.alice.click(result, label="More style")
    assert labels(await world.finish(1))["Again"]


async def test_more_style_goes_on_from_the_result(world: World, engine: FakeEngine) -> None:
    content, style, mask = png(colour="green"), png(colour="red"), png(colour="white")
    result = await world.result(
        content=("cat.png", content),
        style_image=("style.png", style),
        mask=("mask.png", mask),
        strength=45,
        colours="kept",
        size=512,
    )
    await world.alice.click(result, label="More style")
    first, job = engine.jobs
    assert job.parts == {"content": content, "style-1": style, "mask-1": mask, "previous": engine.result}
    assert job.request == first.request.model_copy(update={"strength": 75, "start": Start.PREVIOUS})
    more = await world.finish(1)
    assert f"made from [this result]({result.jump_url})" in more.content
    assert more.reference is not None
    assert more.reference.message_id == result.id
    await world.alice.click(more, label="More style")
    assert engine.jobs[2].request.strength == 100
    assert engine.jobs[2].parts == job.parts


async def test_less_style_and_another_seed(world: World, engine: FakeEngine) -> None:
    result = await world.result(strength=10)
    await world.alice.click(result, label="Less style")
    await world.alice.click(result, label="Again")
    first, less, again = engine.jobs
    assert (less.request.strength, less.request.start) == (0, Start.PREVIOUS)
    assert (again.request.strength, again.request.start) == (10, Start.CONTENT)
    assert again.request.seed != first.request.seed
    assert again.parts == first.parts
    await world.alice.click(await world.finish(1), label="Again")
    assert engine.jobs[3].request.start is Start.CONTENT
    assert "previous" not in engine.jobs[3].parts


async def test_anybody_may_have_it_painted_anew_for_themselves(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    await world.bob.click(result, label="Again")
    assert engine.jobs[1].request.owner.user == str(world.bob.id)
    assert world.rung_by(await world.finish(1)) == [world.bob.id]


async def test_buttons_of_results_work_after_a_restart(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    await world.restart()
    await world.alice.click(result, label="More style")
    assert engine.jobs[1].parts["content"] == engine.jobs[0].parts["content"]


async def test_a_second_click_is_not_a_second_order(
    world: World, engine: FakeEngine, downloads: asyncio.Event
) -> None:
    downloads.set()
    result = await world.result()
    downloads.clear()
    await world.alice.click(result, label="More style")
    while_taken = await world.alice.click(result, label="More style")
    downloads.set()
    await world.shows("Next in the queue")
    while_painted = await world.alice.click(result, label="More style")
    for click in (while_taken, while_painted):
        assert told(click) == [phrase_of(BotErrorCode.ALREADY_UNDERWAY)()]
    await world.bob.click(result, label="More style")
    assert [job.request.owner.user for job in engine.jobs[1:]] == [str(world.alice.id), str(world.bob.id)]


async def test_a_picture_that_is_no_longer_kept_is_told(
    world: World, engine: FakeEngine, tmp_path: Path
) -> None:
    result = await world.result()
    shutil.rmtree(tmp_path / "bot" / "kept")
    click = await world.alice.click(result, label="Again")
    assert [(each.ephemeral, each.content) for each in click.followups] == [
        (True, phrase_of(BotErrorCode.PICTURE_GONE)())
    ]
    assert len(engine.jobs) == 1
    assert list((tmp_path / "bot" / "inbox").iterdir()) == []
    assert await world.bot.studio.store.tickets.unfinished() == []


async def test_a_click_before_the_images_have_moved_to_the_shelf(
    world: World, engine: FakeEngine, tmp_path: Path
) -> None:
    result = await world.result()
    (kept,) = (tmp_path / "bot" / "kept").iterdir()
    kept.rename(tmp_path / "bot" / "inbox" / kept.name)
    await world.alice.click(result, label="Again")
    assert engine.jobs[1].parts == engine.jobs[0].parts


@pytest.mark.parametrize(
    ("size", "extra"), [((256, 16), 0), ((26, 128), 0), ((1, 64), 0), ((96, 64), 21 * 2**20)]
)
async def test_what_was_made_here_is_gone_on_from_and_read(
    world: World, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], extra: int
) -> None:
    """However narrow or large the result, which no picture of a member's may be."""
    monkeypatch.setattr(discord.Guild, "filesize_limit", 100 * 2**20)
    engine.result = data = png(*size) + bytes(extra)
    result = await world.result()
    await world.alice.click(result, label="More style")
    assert engine.jobs[1].parts["previous"] == data
    menu = await world.alice.context_menu(world.art, "How was this painted?", result)
    assert engine.asked_about == data
    assert said(menu).content == phrase_of(ErrorCode.NO_RECIPE)()


async def test_a_result_too_large_to_go_on_from_is_not_fetched(
    world: World, engine: FakeEngine, downloads: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads.set()
    monkeypatch.setattr(discord.Guild, "filesize_limit", 100 * 2**20)
    engine.result += bytes(MAX_RESULT_BYTES)
    result = await world.result()
    downloads.clear()
    click = await world.alice.click(result, label="More style")
    assert told(click) == [
        "The earlier result is 65.1 MB large, and the limit is 65 MB: please try a smaller one."
    ]
    downloads.set()
    await world.alice.click(result, label="Again")
    assert len(engine.jobs) == 2


@pytest.mark.parametrize("settings", [{"keep_hours": 1.0}])
async def test_pictures_are_forgotten_in_time(world: World, env: Env, tmp_path: Path) -> None:
    await world.result()
    (folder,) = (tmp_path / "bot" / "kept").iterdir()
    await env.advance_time(3700)
    assert folder.is_dir()
    os.utime(folder, (folder.stat().st_mtime - 3700,) * 2)
    await env.advance_time(3700)
    assert folder.is_dir(), "a clock says so only once"
    await env.advance_time(3700)
    await world.until(lambda: not folder.exists())


async def test_a_refusal_of_the_engine_is_told_privately(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    full = Refusal(ErrorCode.USER_QUEUE_FULL, waiting=3)
    engine.refusals = [full]
    click = await world.alice.click(result, label="Again")
    assert [(each.ephemeral, each.content) for each in click.followups] == [(True, sentence(full))]
    assert [message.id for message in world.messages] == [result.id]


async def test_a_result_in_private_has_no_buttons(world: World) -> None:
    await world.stylize()
    world.env.inject_error("POST", f"/channels/{world.art.id}/messages", status=403, code=50013)
    await world.tell(FINISHED)
    private = world.alice.user.dm_channel
    await world.until(lambda: private.last_message)
    assert private.last_message is not None
    assert private.last_message.components == []


async def test_a_painting_without_moments_has_no_time_lapse(world: World) -> None:
    await world.stylize()
    await world.tell(FINISHED.model_copy(update={"moments": 1}))
    panel = await world.alice.click(await world.shows("here it is"), label="More…")
    assert "Time-lapse" not in str(said(panel).components)


async def test_what_else_there_is_stands_in_rows_by_kind(world: World) -> None:
    panel = await world.alice.click(await world.result(), label="More…")
    rows = [[each["label"] for each in row["components"]] for row in said(panel).components]
    assert rows == [
        ["Larger", "Keep my colours"],
        ["Before / after", "Time-lapse", "Earlier moment", "How was this painted?"],
        ["Send me a copy", "As an avatar", "As a banner", "As an emoji", "As a sticker"],
    ]


async def test_a_time_lapse_is_private_until_it_is_posted(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    film = await world.more(result, "Time-lapse", world.bob)
    assert film.ephemeral
    assert await said(film).attachments[0].read() == engine.timelapse
    assert said(film).attachments[0].filename.endswith(".webp")
    assert len(world.messages) == 1
    await world.restart()
    await world.bob.click(said(film), label="Post it here")
    posted = await world.shows("was painted")
    assert await posted.attachments[0].read() == engine.timelapse
    assert world.rung_by(posted) == []
    assert (await world.bot.studio.store.posts.find(posted.id)) is not None


async def test_an_earlier_moment_is_picked_by_its_number(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    sheet = await world.more(result, "Earlier moment", world.bob)
    assert sheet.ephemeral
    assert await said(sheet).attachments[0].read() == engine.snapshots
    (menu,) = said(sheet).components[0]["components"]
    assert [option["label"] for option in menu["options"]] == ["Number 1", "Number 2", "Number 3"]
    await world.restart()
    picked = await world.bob.select(said(sheet), ["2"])
    moment = await world.shows("an earlier moment of your picture")
    assert await moment.attachments[0].read() == engine.snapshot + b"2"
    assert moment.raw_mentions[0] == world.alice.id
    assert world.rung_by(moment) == []
    assert world.rung_by(result) == [world.alice.id]
    assert f"picked by <@{world.bob.id}>" in moment.content
    assert moment.reference is not None
    assert moment.reference.message_id == result.id
    again = await world.bob.select(said(sheet), ["2"])
    for answer in (picked, again):
        assert [(each.ephemeral, each.content) for each in answer.followups] == [
            (True, f"That moment is here: {moment.jump_url}")
        ]
    assert len(world.messages) == 2


async def test_before_and_after(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    both = await world.more(result, "Before / after")
    assert both.ephemeral
    assert await said(both).attachments[0].read() == engine.comparison
    await world.alice.click(said(both), label="Post it here")
    await world.shows("before and after")
    engine.has_content = False
    gone = await world.more(result, "Before / after")
    assert said(gone).content == phrase_of(ErrorCode.CONTENT_GONE)()


async def test_another_style(world: World, engine: FakeEngine) -> None:
    result = await world.result(strength=70)
    menu = await world.bob.click(result, label="Other style")
    assert menu.ephemeral
    assert "great_wave" not in str(said(menu).components)
    await world.restart()
    await world.bob.select(said(menu), ["starry_night"])
    await world.until(lambda: len(engine.jobs) == 2)
    first, other = engine.jobs
    assert [style.name for style in other.request.styles] == ["starry_night"]
    assert (other.request.strength, other.request.start) == (70, Start.CONTENT)
    assert other.parts == {"content": first.parts["content"]}
    assert "The Starry Night" in (await world.finish(1)).content


async def test_larger_goes_on_from_the_result_at_the_next_size(world: World, engine: FakeEngine) -> None:
    result = await world.result(size=512)
    await world.more(result, "Larger")
    larger = engine.jobs[1]
    assert (larger.request.size, larger.request.start) == (768, Start.PREVIOUS)
    assert larger.parts["previous"] == engine.result


async def test_as_large_as_it_gets(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def sizes(_: RecipeName) -> list[int]:
        return [512, 768]

    result = await world.result(size=768)
    monkeypatch.setattr(world.bot.studio.catalogue, "sizes", sizes)
    pressed = await world.more(result, "Larger")
    assert told(pressed)[-1] == phrase_of(BotErrorCode.LARGEST)()


async def test_my_own_colours(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    await world.more(result, "Keep my colours")
    assert engine.jobs[1].request.colours is Colours.KEPT
    kept = await world.finish(1)
    panel = await world.alice.click(kept, label="More…")
    assert "Keep my colours" not in str(said(panel).components)


async def test_going_on_takes_the_full_picture_and_not_what_was_made_smaller(
    world: World, engine: FakeEngine
) -> None:
    engine.result += bytes(26 * 2**20)
    result = await world.result()
    assert await result.attachments[0].read() == engine.fitted
    await world.alice.click(result, label="More style")
    assert engine.jobs[1].parts["previous"] == engine.result


async def test_going_on_takes_what_discord_has_once_the_engine_has_nothing(
    world: World, engine: FakeEngine
) -> None:
    result = await world.result()
    engine.forget()
    await world.alice.click(result, label="More style")
    assert engine.jobs[0].parts["previous"] == engine.result


async def test_settings_are_told_to_whoever_asks_how(world: World, engine: FakeEngine) -> None:
    result = await world.result(strength=70)
    assert "70" not in result.content
    assert "%" not in result.content
    engine.provenance = provenance("great_wave", strength=70)
    how = await world.more(result, "How was this painted?")
    assert how.ephemeral
    assert "strength" in said(how).content
    assert engine.asked_about == engine.result


async def test_a_copy_comes_in_a_direct_message(world: World, engine: FakeEngine, env: Env) -> None:
    result = await world.result()
    sent = await world.more(result, "Send me a copy", world.bob)
    assert "direct message" in said(sent).content
    private = world.bob.user.dm_channel.last_message
    assert private is not None
    assert await private.attachments[0].read() == engine.result
    assert private.components == []
    env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
    here = await world.more(result, "Send me a copy", world.bob)
    assert here.ephemeral
    assert "closed to me" in said(here).content
    assert await said(here).attachments[0].read() == engine.result


async def test_a_member_waits_for_one_time_lapse_at_a_time(
    world: World, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = await world.result()
    arrive, fast = asyncio.Event(), world.bot.studio.engine.timelapse

    async def slow(job: str, **limits: int) -> Rendered:
        await env.external_wait(arrive.wait(), reason="a slow engine")
        return await fast(job, **limits)

    monkeypatch.setattr(world.bot.studio.engine, "timelapse", slow)
    first = await world.more(result, "Time-lapse")
    second = await world.more(result, "Time-lapse")
    assert said(second).content == phrase_of(BotErrorCode.STILL_FETCHING)()
    arrive.set()
    await world.until(lambda: said(first).attachments)
    assert said(await world.more(result, "Time-lapse")).attachments


@pytest.mark.parametrize("is_away", [False, True])
async def test_a_moment_that_was_deleted_is_not_posted_again(world: World, is_away: bool) -> None:
    sheet = await world.more(await world.result(), "Earlier moment")
    await world.alice.select(said(sheet), ["2"])
    moment = await world.shows("an earlier moment")
    if is_away:
        world.env.backend.messages[world.art.id].pop(moment.id)
    else:
        await moment.delete()
    for _ in range(2):
        picked = await world.alice.select(said(sheet), ["2"])
        assert [each.content for each in picked.followups] == [phrase_of(BotErrorCode.MOMENT_DELETED)()]
    await world.alice.select(said(sheet), ["1"])
    await world.shows("an earlier moment")
    assert len(world.messages) == 2


async def test_a_result_is_not_mistaken_for_a_moment_of_it(world: World) -> None:
    sheet = await world.more(await world.result(), "Earlier moment")
    result = world.messages[0]
    await world.alice.select(said(sheet), ["1"])
    ticket = await world.bot.studio.store.tickets.find(
        result.attachments[0].filename.removesuffix(".png").split("-")[1]
    )
    assert ticket is not None
    found = await Delivery(world.bot, ticket).find_result()
    assert found is not None
    assert found.id == result.id


def test_what_the_engine_keeps_fits_into_discord() -> None:
    menu = SnapshotMenu("0" * 20, MAX_SNAPSHOTS)
    numbers = [option.label for option in menu.item.options]
    assert len(set(numbers)) == len(numbers) == MAX_SNAPSHOTS - 1 <= MENU_OPTIONS
    assert len(menu.custom_id) <= 100
    assert MAX_TIMELAPSE_BYTES < discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES


async def test_spoilers_stay_spoilers(world: World) -> None:
    result = await world.result(content=("SPOILER_cat.png", png()))
    for label in ("Time-lapse", "Before / after", "Earlier moment"):
        seen = await world.more(result, label)
        assert said(seen).attachments[0].is_spoiler()
    await world.alice.select(said(seen), ["1"])
    assert (await world.shows("an earlier moment")).attachments[0].is_spoiler()
    await world.alice.click(result, label="Less style")
    assert (await world.finish(1)).attachments[0].is_spoiler()


async def test_a_moment_comes_as_the_server_takes_it(world: World, engine: FakeEngine) -> None:
    sheet = await world.more(await world.result(), "Earlier moment")
    engine.snapshot += bytes(10 * 2**20)
    await world.alice.select(said(sheet), ["1"])
    assert await (await world.shows("an earlier moment")).attachments[0].read() == engine.fitted


async def test_a_painting_that_the_engine_no_longer_keeps(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    panel = await world.alice.click(result, label="More…")
    sheet = await world.more(result, "Earlier moment")
    engine.forget()
    late = await world.alice.click(said(panel), label="Time-lapse")
    assert said(late).content == phrase_of(BotErrorCode.PAINTING_GONE)()
    without = await world.alice.click(result, label="More…")
    assert "Time-lapse" not in str(said(without).components)
    picked = await world.alice.select(said(sheet), ["1"])
    assert picked.followups[0].content == phrase_of(BotErrorCode.PAINTING_GONE)()


async def test_results_need_the_same_permissions(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    sheet = await world.more(result, "Earlier moment")
    channel = world.bot.get_channel(world.art.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.me, attach_files=False)
    click = await world.alice.click(result, label="Again")
    picked = await world.alice.select(said(sheet), ["1"])
    for answer in (said(click), said(picked)):
        assert answer.ephemeral
        assert "I need the permission “Attach Files” here" in answer.content
    assert len(engine.jobs) == 1


async def test_who_is_timed_out_has_nothing_painted_or_posted(world: World, engine: FakeEngine) -> None:
    result = await world.result()
    until = discord.utils.utcnow() + timedelta(hours=1)
    panel = await world.bob.click(result, label="More…")
    film = await world.bob.click(said(panel), label="Time-lapse")
    world.env.backend.edit_member(world.guild.id, world.bob.id, {"timed_out_until": until.isoformat()})
    for message, label in ((result, "More style"), (result, "Other style"), (said(film), "Post it here")):
        pressed = await world.bob.click(message, label=label)
        assert told(pressed) == ["You need the permissions “Send Messages” and “Attach Files” here for that."]
    assert len(engine.jobs) == 1
