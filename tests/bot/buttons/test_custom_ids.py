"""The custom ids that messages of former processes hold: each leads to what was pressed, for good.

Rule: they stand here as they were written; a test that fails here has found messages whose buttons are dead.
"""

from typing import Any

import discord

from bot.buttons import ITEMS
from bot.buttons.history import PageButton
from bot.buttons.panel import Act, ActButton
from bot.buttons.result import RemakeButton, SnapshotMenu, StyleMenu, TimelapseButton
from bot.buttons.ticket import StopButton
from bot.orders.remake import Change
from bot.storage.tickets import StopRequest

TICKET = "0123456789abcdef0123"


async def test_what_former_processes_have_posted_can_be_pressed() -> None:
    made: dict[str, tuple[discord.ui.DynamicItem[Any], dict[str, str]]] = {
        "ticket:cancel:0123456789abcdef0123": (StopButton(TICKET, StopRequest.CANCEL), {"request": "cancel"}),
        "ticket:finish:0123456789abcdef0123": (StopButton(TICKET, StopRequest.FINISH), {"request": "finish"}),
        "remake:more:0123456789abcdef0123": (RemakeButton(TICKET, Change.MORE), {"change": "more"}),
        "remake:less:0123456789abcdef0123": (RemakeButton(TICKET, Change.LESS), {"change": "less"}),
        "remake:again:0123456789abcdef0123": (RemakeButton(TICKET, Change.AGAIN), {"change": "again"}),
        "remake:larger:0123456789abcdef0123": (RemakeButton(TICKET, Change.LARGER), {"change": "larger"}),
        "remake:colours:0123456789abcdef0123": (RemakeButton(TICKET, Change.COLOURS), {"change": "colours"}),
        "restyle:0123456789abcdef0123": (StyleMenu(TICKET), {}),
        **{f"result:{act}:{TICKET}": (ActButton(TICKET, act), {"act": str(act)}) for act in Act},
        "timelapse:0123456789abcdef0123": (TimelapseButton(TICKET), {}),
        "moment:24:0123456789abcdef0123": (SnapshotMenu(TICKET, 24), {"count": "24"}),
    }
    assert {type(item) for item, _ in made.values()} == set(ITEMS) - {PageButton}
    for custom_id, (item, facts) in made.items():
        assert item.custom_id == custom_id
        matches = {type(other): other.template.fullmatch(custom_id) for other, _ in made.values()}
        assert [kind for kind, match in matches.items() if match] == [type(item)]
        match = matches[type(item)]
        assert match is not None
        assert match.groupdict() == facts | {"ticket": TICKET}


def test_acts_keep_their_names() -> None:
    named = "panel styles moments comparison post-timelapse post-comparison how copy emoji sticker"
    assert list(Act) == named.split()


def test_a_page_keeps_its_name() -> None:
    assert PageButton(3).custom_id == "history:3"
