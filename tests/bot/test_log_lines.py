"""What the owner reads in the log of a working bot: a line for all that happens, and no word of a member's."""

from typing import Any

from structlog.testing import capture_logs

from engine.protocol import ErrorCode, Refusal
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import World, png


def happened(logged: list[Any]) -> list[str]:
    return [each["event"] for each in logged if each["event"].startswith(("ticket", "refused"))]


async def test_what_becomes_of_a_ticket_is_told_in_a_line_each(world: World) -> None:
    with capture_logs() as logged:
        await world.stylize(content=("my secret cat.png", png()))
        await world.finish(0)
        await world.until(lambda: "ticket delivered" in happened(logged))
    assert happened(logged) == ["ticket taken", "ticket delivering", "ticket delivered"]
    taken = next(each for each in logged if each["event"] == "ticket taken")
    assert (taken["server"], taken["channel"]) == (world.guild.id, world.art.id)
    assert "secret" not in str(logged)


async def test_a_refusal_is_told_by_its_code(world: World, engine: FakeEngine) -> None:
    with capture_logs() as logged:
        engine.refusals = [Refusal(ErrorCode.NO_STYLE)]
        await world.stylize()
    assert len(world.sentences()) == 1
    assert [each["code"] for each in logged if each["event"] == "refused"] == [ErrorCode.NO_STYLE]
