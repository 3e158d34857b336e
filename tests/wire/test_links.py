"""A private link of a real bot to what a real engine has painted."""

import time

import aiohttp
from simcord.results import ResponseMessage

from bot.config import LinkConfig
from bot.links.signing import Links
from bot.words.deletion import CONFIRMED, DELETE
from bot.words.result import ticket_of
from demo.processes import Crew
from tests.wire.conftest import Scene


async def test_a_link_leads_to_the_file_and_goes_with_it(scene: Scene, unused_tcp_port: int) -> None:
    scene.bot.kill()
    await scene.until(lambda: not scene.discord.gateway.connected)
    _offer_links(scene.crew, unused_tcp_port)
    scene.bot.start()
    await scene.connected()
    await scene.stylize()
    result = await scene.painted()
    ticket_id = ticket_of(result.attachments[0]["filename"])
    assert ticket_id is not None
    config = LinkConfig(address=f"http://127.0.0.1:{unused_tcp_port}")
    key = (scene.crew.folder / "bot" / "links.key").read_bytes()
    link = Links(config, key).link(ticket_id, time.time())
    async with aiohttp.ClientSession() as session:
        async with session.get(link.url) as answer:
            assert answer.status == 200
            assert await answer.read() == scene.album.paintings[0].read_bytes()
        shown = ResponseMessage(scene.discord.world, result)
        question = await scene.discord.alice.click(shown, label=DELETE())
        await scene.until(lambda: question.response)
        assert question.response is not None
        await scene.discord.alice.click(question.response, label=CONFIRMED())
        await scene.until(lambda: result.id not in {message.id for message in scene.messages})
        async with session.get(link.url) as answer:
            assert answer.status == 404


def _offer_links(crew: Crew, port: int) -> None:
    """Have the next bot of a crew serve private links."""
    with (crew.folder / "atelier.toml").open("a", encoding="utf-8") as config:
        config.write(f'\n[bot.links]\naddress = "http://127.0.0.1:{port}"\nport = {port}\n')
