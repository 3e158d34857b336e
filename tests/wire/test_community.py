"""What a community does, by real processes: a week and a duel are announced, painted, drawn by the engine, and gone on with
after a kill; moderators keep order, and each hears their language."""

from typing import Any

from simcord.actors import MemberActor
from simcord.backend.models import Message
from simcord.results import ResponseMessage

from bot.words import duel as duel_words
from bot.words import setup as setup_words
from bot.words.setup import Page
from engine.protocol import RecipeName
from tests.bot.world import png, said
from tests.wire.conftest import Scene, photo
from tests.wire.test_stories import delivered, restart_bot


def saying(scene: Scene, text: str) -> list[Message]:
    return [message for message in scene.messages if text in message.content]


def size_of(message: Message) -> tuple[int, int]:
    """Pixels of a message's picture."""
    [attachment] = message.attachments
    return attachment["width"], attachment["height"]


async def stop(scene: Scene, thread_id: int, member: MemberActor) -> None:
    """Have a member's painting in a thread kept as it is, once there is something of it."""
    found: list[Message] = []

    def developing() -> bool:
        inside = scene.discord.world.backend.messages.get(thread_id, {}).values()
        found[:] = [
            each for each in inside if f"for <@{member.id}>" in each.content and "Stop" in labels(each)
        ]
        return bool(found)

    await scene.until(developing)
    await member.click(ResponseMessage(scene.discord.world, found[0]), label="Stop, keep this")


def labels(message: Message) -> str:
    """What can be pressed at a message."""
    return " ".join(item.get("label", "") for row in message.components for item in row.get("components", []))


async def said_soon(scene: Scene, answer: ResponseMessage, text: str) -> None:
    await scene.until(lambda: text in answer.content)


async def test_a_week_and_a_duel(scene: Scene) -> None:
    discord = scene.discord
    panel = said(await discord.mia.slash(discord.studio, "setup"))
    await said_soon(scene, panel, setup_words.TITLES[Page.ALL]())
    await discord.mia.select(panel, [Page.WEEK], custom_id="setup:jump")
    await said_soon(scene, panel, f"{setup_words.NAMES['week_zone']()}: UTC")
    await discord.mia.select(panel, [discord.studio], custom_id="setup:week")
    await said_soon(scene, panel, f"{setup_words.NAMES['week_channel_id']}: none")
    begun = said(await discord.mia.slash(discord.studio, "week style", style="great_wave", now=True))
    await said_soon(scene, begun, "Announced")
    [announced] = saying(scene, "**Style of the week: “")
    assert max(size_of(announced)) > 100
    await discord.alice.slash(
        discord.studio,
        "stylize",
        content=photo("chelsea.png"),
        style="great_wave",
        recipe=RecipeName.DRAFT.value,
        size=96,
    )
    await scene.until(lambda: saying(scene, "here it is") and not scene.tickets)
    await delivered(scene)
    await restart_bot(scene)
    ended = said(await discord.mia.slash(discord.studio, "week end"))
    await said_soon(scene, ended, "The collage is here")
    [collage] = saying(scene, "by one member")
    assert f"<@{discord.alice.id}>" in collage.content
    assert max(size_of(collage)) > 90
    assert collage.id in discord.world.backend.channels

    await discord.alice.slash(discord.studio, "duel", opponent=discord.bob, picture=("a.png", png()))
    await scene.until(lambda: saying(scene, "challenges"))
    asked = ResponseMessage(discord.world, saying(scene, "challenges")[0])
    form = await discord.bob.click(asked, label=duel_words.ACCEPT())
    await scene.until(lambda: form.modal)
    await discord.bob.submit_modal(form, {"picture": ("b.png", png(colour="red"))})
    await scene.until(lambda: saying(scene, "both pictures are painted"))
    await restart_bot(scene)
    for member in (discord.alice, discord.bob):
        await stop(scene, asked.id, member)
    await scene.until(lambda: saying(scene, "Which one do you like better?"))
    [ballot] = saying(scene, "Which one do you like better?")
    vote = await discord.mia.click(ResponseMessage(discord.world, ballot), label=duel_words.vote(2))
    await scene.until(lambda: any("Your vote: 2." in each.content for each in vote.followups))


async def test_what_moderators_do_is_done_and_told_in_the_languages_of_who_reads_it(scene: Scene) -> None:
    discord, studio = scene.discord, scene.discord.studio
    log = discord.open_log()
    await discord.choose({"audit_id": log})
    small = {"content": photo("chelsea.png"), "style": "great_wave", "recipe": "draft", "size": 96}

    def told(text: str) -> bool:
        return any(text in each.content for each in discord.world.backend.messages[log.id].values())

    async def gives(who: MemberActor, command: str, answered: str, /, **options: Any) -> ResponseMessage:
        answer = await who.slash(studio, command, **options)
        await scene.until(lambda: answer.response and answered in answer.response.content)
        assert said(answer).ephemeral
        return said(answer)

    await gives(discord.mia, "block", "cannot have pictures painted here", member=discord.bob)
    await gives(discord.bob, "stylize", "moderators do not let you use me here", **small)
    await gives(discord.mia, "blocked", f"<@{discord.bob.id}>")
    await gives(discord.mia, "unblock", "can have pictures painted here again", member=discord.bob)
    off = await gives(discord.mia, "off", "I am switched off in this server")
    await gives(discord.alice, "stylize", "I am switched off in this server", **small)
    await discord.mia.click(off, label="Switch on")
    await scene.until(lambda: "I am switched on again" in off.content)
    await discord.alice.slash(studio, "stylize", **small)
    await scene.until(lambda: saying(scene, "here it is") and not scene.tickets)
    sweep = await gives(
        discord.mia, "purge member", "This deletes 1 result in 1 channel", member=discord.alice
    )
    await discord.mia.click(sweep, label="Delete them")
    await scene.until(lambda: not saying(scene, "here it is"))
    await scene.until(lambda: told("purged <@"))
    lines = ("blocked <@", "unblocked <@", "I paint here: yes → **no", "had their own picture painted")
    assert all(map(told, lines))
    await gives(discord.mia, "check", "All is well here")

    discord.world.locales[discord.bob.id] = "de"
    page = await gives(discord.bob, "styles", "**Sternennacht**, Vincent van Gogh")
    assert "Gemälde, nummeriert. 1: Sternennacht" in (page.attachments[0].description or "")
    answer = await discord.bob.slash(studio, "stylize", **small)
    await scene.until(lambda: saying(scene, f"<@{discord.bob.id}>, here it is") and not scene.tickets)
    assert said(answer).content.startswith("Unterwegs")
    await discord.choose({}, language="de")
    await discord.alice.slash(studio, "stylize", **small)
    await scene.until(lambda: saying(scene, f"<@{discord.alice.id}>, hier ist es im Stil von „"))
    await scene.until(lambda: told("ließ ein eigenes Bild im Stil von"))
