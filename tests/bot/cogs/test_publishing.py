"""Which commands there are is told to Discord when they have changed, and a refusal of that ends nothing."""

from bot.cogs.publishing import described, fingerprint
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World


def published(world: World) -> int:
    """How often the commands were handed to Discord, with success or without."""
    calls = [(call.method, call.path) for call in world.env.http_requests]
    return len([path for method, path in calls if method == "PUT" and path.endswith("/commands")])


async def test_commands_are_published_once_and_not_at_every_start(world: World) -> None:
    assert published(world) == 1
    await world.restart()
    assert published(world) == 1


async def test_other_commands_are_published(world: World) -> None:
    tree, ours = world.bot.tree, world.bot.application_id or 0
    told = await described(tree)
    before = fingerprint(told, ours)
    assert fingerprint(told, 7) != before
    tree.remove_command("help")
    assert fingerprint(await described(tree), ours) != before


async def test_what_discord_refuses_for_now_is_tried_again_and_tickets_go_on(
    world: World, engine: FakeEngine
) -> None:
    await world.stylize()
    (world.bot.studio.config.data_dir / "commands.sha256").unlink()
    world.env.inject_error("PUT", "/applications/*/commands", status=503, times=2)
    await world.restart()
    assert published(world) == 2
    await world.finish(0)
    await world.env.advance_time(30)
    await world.env.advance_time(60)
    assert published(world) == 4
    await world.env.advance_time(3600)
    assert published(world) == 4


async def test_what_discord_refuses_for_good_is_not_tried_again(world: World) -> None:
    (world.bot.studio.config.data_dir / "commands.sha256").unlink()
    world.env.inject_error("PUT", "/applications/*/commands", status=400, code=50035)
    await world.restart()
    await world.until(lambda: published(world) == 2)
    await world.later(60)
    assert published(world) == 2
