"""A sign of life is left while the line to Discord is open."""

from bot.heartbeat import HEARTBEAT, is_beating
from tests.bot.world import World


async def test_signs_of_life_are_left(world: World) -> None:
    data = world.bot.studio.config.data_dir
    (data / HEARTBEAT).unlink(missing_ok=True)
    await world.env.advance_time(30)
    assert is_beating(data)
