"""What can be pressed at the bot's messages: each press is handed to the studio, for whoever presses.

Rule: a button carries ids and numbers and nothing of this process, so it works after a restart; its custom id
is never changed, because messages of former processes hold it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import discord

from bot.buttons.audition import AuditionButton, TileMenu, sheet_buttons
from bot.buttons.block import BlockButton
from bot.buttons.consent import ConsentButton, ConsentMenu
from bot.buttons.deletion import ConfirmDeletion, DeleteButton
from bot.buttons.duel import DuelButton, VoteButton
from bot.buttons.exhibition import LookMenu, StylesPageButton
from bot.buttons.gallery import BackButton, GalleryConsentButton, OutButton
from bot.buttons.history import PageButton, ShowMenu, history_pages
from bot.buttons.museum import MuseumBackButton, MuseumButton, MuseumMenu
from bot.buttons.paint import PaintButton
from bot.buttons.panel import ActButton
from bot.buttons.privacy import PrivacyButton
from bot.buttons.purge import KeepButton, PurgeButton
from bot.buttons.result import (
    RemakeButton,
    SnapshotMenu,
    StyleMenu,
    TimelapseButton,
    comparison_buttons,
    cut_buttons,
    panel,
    result_buttons,
    snapshot_menu,
    style_menu,
    timelapse_buttons,
)
from bot.buttons.setup import SETUP_ITEMS
from bot.buttons.switch import SwitchButton
from bot.buttons.ticket import BringButton, StopButton, interrupted_buttons, ticket_buttons
from bot.buttons.week import EntryMenu, MineButton, PartButton
from bot.storage.tickets import Ticket
from bot.tickets.views import Views

ITEMS: tuple[type[discord.ui.DynamicItem[Any]], ...] = (
    PaintButton,
    StopButton,
    BringButton,
    RemakeButton,
    TimelapseButton,
    SnapshotMenu,
    StyleMenu,
    TileMenu,
    AuditionButton,
    ActButton,
    PageButton,
    ShowMenu,
    StylesPageButton,
    LookMenu,
    *SETUP_ITEMS,
    DeleteButton,
    ConfirmDeletion,
    PrivacyButton,
    ConsentButton,
    ConsentMenu,
    BlockButton,
    OutButton,
    BackButton,
    GalleryConsentButton,
    SwitchButton,
    MineButton,
    EntryMenu,
    PartButton,
    PurgeButton,
    KeepButton,
    DuelButton,
    VoteButton,
    MuseumButton,
    MuseumMenu,
    MuseumBackButton,
)


def views(has_links: bool, has_more: Callable[[Ticket], bool]) -> Views:
    """What is beneath messages; `has_links`: there are private links to pictures.

    has_more: whether there are styles on offer that a sheet had no room for.
    """
    return Views(
        of_ticket=ticket_buttons,
        of_interrupted=interrupted_buttons,
        of_result=partial(result_buttons, has_links=has_links),
        of_sheet=partial(sheet_buttons, has_more),
        of_panel=panel,
        of_timelapse=timelapse_buttons,
        of_comparison=comparison_buttons,
        of_moments=snapshot_menu,
        of_cut=cut_buttons,
        of_styles=style_menu,
        of_history=history_pages,
    )


def is_known(custom_id: str) -> bool:
    """Whether one of the items answers to it."""
    return any(item.__discord_ui_compiled_template__.fullmatch(custom_id) for item in ITEMS)
