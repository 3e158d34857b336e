"""Stories over the real wire, whatever happens on the way: what is pressed, what is lost, who is killed.

The engine's worker sketches; `test_painting` has the network.
"""

import asyncio
import json
from collections import Counter

import aiohttp
from simcord.results import ResponseMessage

from bot.words import museum
from bot.words.palette import MORE
from bot.words.ticket import CANCELLED, STYLE_GONE
from demo.api import Fault
from engine.protocol import RecipeName
from tests.bot.world import shown
from tests.engine.scripted import settle
from tests.wire.channel import messages, pressable
from tests.wire.conftest import SECONDS, Scene, likeness, mentions_alice, open_ticket, photo

WHOLE_STORY = Counter(
    {
        "ticket taken": 1,
        "job admitted": 1,
        "job begun": 1,
        "painting begins": 1,
        "painting ends": 1,
        "job is over": 1,
        "ticket delivered": 1,
    }
)


async def test_cancel_keeps_nothing(scene: Scene) -> None:
    answer = await scene.stylize(RecipeName.TUTORIAL, 256)
    await scene.framed()
    await scene.discord.alice.click(shown(answer), label="Cancel")
    await scene.until(lambda: not scene.tickets)
    assert shown(answer).content.endswith(CANCELLED())
    assert scene.album.paintings == []


async def test_while_the_operator_pauses_the_engine_members_are_told_so_and_when_it_goes_on(
    scene: Scene,
) -> None:
    headers = {"Authorization": f"Bearer {scene.crew.token}"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{scene.crew.port}", headers=headers) as operator:
        await (await operator.post("/v1/pause")).read()
        try:
            await scene.stylize()
            await scene.until(lambda: scene.tickets and "Painting is paused" in scene.tickets[0].content)
            assert "<t:" not in scene.tickets[0].content
        finally:
            await (await operator.post("/v1/resume")).read()
    await scene.painted()


async def test_stop_keeps_the_frame_that_it_has_come_to(scene: Scene) -> None:
    answer = await scene.stylize(RecipeName.TUTORIAL, 256)
    await scene.until(lambda: len(scene.album.frames) >= 3)
    await scene.discord.alice.click(shown(answer), label="Stop, keep this")
    message = await scene.painted()
    assert "stopped early" in message.content
    painting = scene.album.paintings[0].read_bytes()
    first, *_, last = (likeness(path.read_bytes(), painting) for path in scene.album.frames)
    assert last > first


async def test_a_stranger_cannot_stop_it(scene: Scene) -> None:
    answer = await scene.stylize()
    await scene.until(lambda: scene.tickets)
    refused = await scene.discord.bob.click(shown(answer), label="Cancel")
    await scene.until(lambda: refused.response)
    assert refused.response is not None
    assert refused.response.ephemeral
    await scene.painted()


async def test_rate_limits_and_errors_of_discord_are_waited_out(scene: Scene) -> None:
    scene.discord.api.faults += [
        Fault("PATCH", "/webhooks/*/messages/*", 429),
        Fault("PATCH", "/webhooks/*/messages/*", 500),
        Fault("POST", "/channels/*/messages", 429),
        Fault("POST", "/channels/*/messages", 500),
    ]
    await scene.stylize()
    message = await scene.painted()
    assert mentions_alice(scene, message)
    assert not any(fault.times for fault in scene.discord.api.faults)


async def test_a_result_does_not_wait_for_a_frame_that_discord_holds_back(scene: Scene) -> None:
    await scene.stylize(RecipeName.TUTORIAL, 256)
    await scene.framed()
    scene.discord.api.faults.append(Fault("PATCH", "/webhooks/*/messages/1*", 429, retry_after=8.0))
    await scene.until(lambda: not scene.discord.api.faults[0].times)
    await scene.discord.alice.click(open_ticket(scene), label="Stop, keep this")
    await scene.painted()
    calls = [(call.method, call.status) for call in scene.discord.api.calls if "/messages" in call.path]
    held = calls.index(("PATCH", 429))
    assert ("POST", 200) in calls[held:]
    assert ("PATCH", 200) not in calls[held : calls.index(("POST", 200), held)]


async def test_what_was_missed_while_the_line_was_down_is_made_up_for(scene: Scene) -> None:
    discord = scene.discord
    await discord.gateway.drop()
    post = await discord.bob.send(discord.studio, "My cat", attachments=[photo("chelsea.png")])
    stored = discord.world.backend.get_message(discord.studio.id, post.id)
    await scene.until(lambda: stored.reactions)
    assert discord.gateway.resumes == 1


async def test_an_answer_that_is_lost_does_not_double_the_painting(scene: Scene) -> None:
    scene.discord.api.faults.append(Fault("POST", "/channels/*/messages", 502, lost=True))
    await scene.stylize()
    message = await scene.painted()
    assert [found for found in scene.messages if found.attachments] == [message]
    posts = [
        call.status for call in scene.discord.api.calls if call.method == "POST" and "/channels/" in call.path
    ]
    assert posts == [502, 200]


async def test_a_bot_killed_while_painting_goes_on(scene: Scene) -> None:
    await scene.stylize(RecipeName.TUTORIAL, 256)
    await scene.framed()
    await restart_bot(scene)
    frames = len(scene.album.frames)
    await scene.until(lambda: len(scene.album.frames) > frames)
    await scene.discord.alice.click(open_ticket(scene), label="Stop, keep this")
    message = await scene.painted()
    assert mentions_alice(scene, message)
    assert await story(scene) >= WHOLE_STORY  # though the process that delivered it was not asked


async def test_a_bot_killed_while_delivering_delivers_once(scene: Scene) -> None:
    await scene.stylize()
    await scene.until(lambda: scene.album.paintings)
    await restart_bot(scene)
    message = await scene.painted()
    assert [found for found in scene.messages if found.attachments] == [message]


async def restart_bot(scene: Scene) -> None:
    """Kill the bot's process as a power cut would, and start it again."""
    scene.bot.kill()
    await scene.until(lambda: not scene.discord.gateway.connected)
    scene.bot.start()
    await scene.connected()


async def test_a_tap_on_a_painting_below_a_photo(scene: Scene) -> None:
    discord = scene.discord
    post = await discord.bob.send(discord.studio, "My cat", attachments=[photo("chelsea.png")])
    stored = discord.world.backend.get_message(discord.studio.id, post.id)
    await scene.until(lambda: any(chip.emoji == MORE for chip in stored.reactions))
    assert [chip.emoji for chip in stored.reactions] == ["🌌", "🌊", "😱", MORE]
    await discord.alice.react(post, "🌌")
    await scene.framed()
    await discord.alice.click(open_ticket(scene), label="Stop, keep this")
    message = await scene.painted()
    assert "The Starry Night" in message.content
    assert message.reference is not None
    assert message.reference["message_id"] == str(post.id)
    await discord.alice.react(post, MORE)
    await scene.until(lambda: scene.tickets and "In 12 styles" in scene.tickets[0].content)
    await discord.alice.click(open_ticket(scene), label="Cancel")
    await scene.until(lambda: not scene.tickets)


async def test_a_killed_engine_goes_on(scene: Scene) -> None:
    await scene.stylize(RecipeName.TUTORIAL, 256)
    await scene.framed()
    scene.engine.kill()
    scene.engine.start()
    await scene.crew.engine_ready(scene.engine)
    frames = len(scene.album.frames)
    await scene.until(lambda: len(scene.album.frames) > frames)
    await scene.discord.alice.click(open_ticket(scene), label="Stop, keep this")
    await scene.painted()
    assert await story(scene) >= WHOLE_STORY | Counter({"job begun": 2, "painting begins": 2})


async def delivered(scene: Scene) -> None:
    """Wait until the bot has not only shown a first result, but knows of it."""

    async def is_logged() -> bool:
        return '"ticket delivered"' in await asyncio.to_thread(scene.bot.log.read_text)

    await settle(is_logged)


async def story(scene: Scene) -> Counter[str]:
    """What bot and engine have logged of what was asked last: how often each line, as a search for its id finds them."""
    await delivered(scene)
    logs = [await asyncio.to_thread(child.log.read_text) for child in (scene.bot, scene.engine)]
    taken = [json.loads(line) for line in logs[0].splitlines() if '"ticket taken"' in line]
    asked: str = taken[-1]["request"]
    return Counter(json.loads(line)["event"] for log in logs for line in log.splitlines() if asked in line)


async def test_a_members_picture_is_a_style_until_they_take_it_back(scene: Scene) -> None:
    discord, studio = scene.discord, scene.discord.studio
    post = await discord.bob.send(studio, "My coffee", attachments=[photo("coffee.png")])
    form = await discord.mia.context_menu(studio, museum.MENU(), post)
    await discord.mia.submit_modal(form, {"name": "Night harbour", "emoji": "⚓"})
    await scene.until(lambda: pressable(discord, museum.YES()))
    await discord.bob.click(handle(scene, museum.YES()), label=museum.YES())
    await scene.until(lambda: pressable(discord, museum.TAKE_BACK()))

    small = {"content": photo("chelsea.png"), "style": "Night harbour", "recipe": "draft", "size": 96}
    await discord.alice.slash(studio, "stylize", **small)
    await scene.until(lambda: scene.album.paintings and not scene.tickets)
    assert any(f"*Night harbour* by <@{discord.bob.id}>" in found.content for found in scene.messages)

    await discord.alice.slash(studio, "stylize", **small | {"recipe": "tutorial", "size": 256})
    await scene.until(lambda: scene.tickets and scene.album.frames)
    question = await discord.bob.click(handle(scene, museum.TAKE_BACK()), label=museum.TAKE_BACK())
    await scene.until(lambda: question.response)
    assert question.response is not None
    await discord.bob.click(question.response, label=museum.KEEP_RESULTS())
    await scene.until(lambda: any(STYLE_GONE() in found.content for found in scene.messages))
    assert len(scene.album.paintings) == 1
    refused = await discord.alice.slash(studio, "stylize", **small)
    await scene.until(lambda: refused.response)
    assert refused.response is not None
    assert "has taken it back" in refused.response.content
    async with asyncio.timeout(SECONDS):
        while [*(scene.crew.folder / "bot" / "museum").glob("*")]:  # noqa: ASYNC110 - another process erases it
            await asyncio.sleep(0.05)


def handle(scene: Scene, label: str) -> ResponseMessage:
    """The message of ours with such a button."""
    return ResponseMessage(scene.discord.world, pressable(scene.discord, label)[-1])


async def test_a_direct_message_is_painted_over_a_restart(scene: Scene) -> None:
    discord = scene.discord
    alice, channel = discord.alice.user, discord.alice.user.dm_channel
    sent = discord.world.backend.store_attachments(channel.id, [photo("chelsea.png")])
    await alice.send_dm("starry night", attachments=sent)
    await scene.until(lambda: pressable(discord, "Cancel", channel))
    await restart_bot(scene)
    await scene.until(lambda: pressable(discord, "Stop, keep this", channel))
    (ticket,) = pressable(discord, "Cancel", channel)
    await alice.click(ResponseMessage(discord.world, ticket), label="Stop, keep this")
    await scene.until(lambda: pressable(discord, "More style", channel))
    (result,) = pressable(discord, "More style", channel)
    assert "The Starry Night" in result.content
    assert result.ping_user_ids == [alice.id]
    assert pressable(discord, "More style") == []


async def test_where_the_bot_is_not_a_picture_is_painted_in_its_answer_over_a_restart(scene: Scene) -> None:
    discord = scene.discord
    friends = discord.world.create_guild("Friends")
    alice = friends.add_member(discord.alice.user)
    channel = discord.world.installs.channel("friends", friends)
    given = {"content": photo("chelsea.png"), "style": "Starry Night", "recipe": "tutorial", "size": 256}
    await alice.slash(channel, "stylize", **given)
    await scene.until(lambda: pressable(discord, "Stop, keep this", channel))
    (ticket,) = pressable(discord, "Cancel", channel)
    await restart_bot(scene)
    await scene.until(lambda: pressable(discord, "Stop, keep this", channel))
    await alice.click(ResponseMessage(discord.world, ticket), label="Stop, keep this")
    await scene.until(lambda: pressable(discord, "More style", channel))
    (result,) = messages(discord, channel)
    assert result.id == ticket.id
    assert "stopped early" in result.content
    assert [each["content_type"] for each in result.attachments] == ["image/png"]
    assert pressable(discord, "More style") == []
