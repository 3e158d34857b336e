"""The gallery over the real wire, by a bot that is ended where it has begun to post and where it has posted."""

from simcord.backend.models import Message

from demo.processes import BOT_SECONDS
from engine.protocol import CrashPoint
from engine.protocol.crash_points import CRASH_VARIABLE
from tests.wire.conftest import Scene, photo

STARRING = (CrashPoint.BOT_ENTRY_BEGUN, CrashPoint.BOT_ENTRY_POSTED)


async def test_each_picture_is_in_the_gallery_once_wherever_the_bot_is_killed(scene: Scene) -> None:
    discord = scene.discord
    gallery = discord.guild.channels["gallery"]
    await discord.choose({"gallery_id": gallery}, stars_needed="2", star_account_days="0", stars_kept="1")

    def entries() -> list[Message]:
        stored = discord.world.backend.messages[gallery.id].values()
        return [message for message in stored if message.attachments]

    posted: list[int] = []
    for point in STARRING:
        picture = await discord.bob.send(discord.studio, point.value, attachments=[photo("chelsea.png")])
        await restart(scene, point)
        await discord.alice.react(picture, "⭐")
        await discord.mia.react(picture, "⭐")
        await scene.until(lambda: not discord.gateway.connected)
        await restart(scene)
        posted.append(picture.id)
        await scene.until(lambda: len(entries()) == len(posted))
        await scene.until(lambda: entries()[-1].content.startswith("⭐ **2**"))
    assert len(entries()) == len(STARRING)
    top = await discord.alice.slash(discord.studio, "top")
    await scene.until(lambda: top.response and "Most stars in the last month" in top.response.content)
    assert top.response is not None
    assert top.response.content.count("⭐ 2") == len(STARRING)
    assert len(top.response.attachments) == 1
    await discord.mia.unreact(picture, "⭐")
    await discord.alice.unreact(picture, "⭐")
    await scene.until(lambda: len(entries()) == len(STARRING) - 1)


async def restart(scene: Scene, point: CrashPoint | None = None) -> None:
    """Have a bot that ends at a point of its work, or one that does not."""
    scene.bot.kill()
    await scene.until(lambda: not scene.discord.gateway.connected)
    environment = {**scene.bot.environment, CRASH_VARIABLE: point or ""}
    scene.bot.environment = environment
    scene.bot.start()
    await scene.discord.ready(BOT_SECONDS)
