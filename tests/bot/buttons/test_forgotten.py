"""Whoever presses what nothing here answers to is told so, or Discord would say that something has failed."""

import pytest

from bot.buttons import is_known
from bot.errors import BotError, BotErrorCode
from bot.words.errors import sentence
from tests.bot.world import World, told

TICKET = "0123456789abcdef0123"


@pytest.mark.parametrize(
    "custom_id",
    [
        "of-another-version",
        f"remake:most:{TICKET}",
        f"ticket:cancel:{TICKET}\n",
        f"moment:0:{TICKET}",
        f"moment:1:{TICKET}",
        f"moment:27:{TICKET}",
        f"moment:{10**50}:{TICKET}",
    ],
)
async def test_what_nothing_answers_to_is_said(world: World, custom_id: str) -> None:
    result = await world.result()
    shown = world.env.backend.get_message(world.art.id, result.id)
    shown.components[0]["components"][0]["custom_id"] = custom_id
    pressed = await world.alice.click(result, label="More style")
    assert told(pressed) == [sentence(BotError(BotErrorCode.FORGOTTEN))]


def test_all_moments_that_fit_in_a_menu_are_known() -> None:
    assert [n for n in range(100) if is_known(f"moment:{n}:{TICKET}")] == [*range(2, 27)]
