"""A style of the week and a duel, by real processes: announced, painted, drawn by the engine, and gone on with after a kill."""

from simcord.actors import MemberActor
from simcord.backend.models import Message
from simcord.results import ResponseMessage

from bot.words import duel as duel_words
from bot.words import setup as setup_words
from bot.words.setup import Page
from engine.protocol import RecipeName
from tests.bot.world import png, said
from tests.wire.conftest import Scene, photo
from tests.wire.test_stories import restart_bot


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
