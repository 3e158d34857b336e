"""The custom ids that messages of former processes hold: each leads to what was pressed, for good.

Rule: they stand here as they were written; a test that fails here has found messages whose buttons are dead.
"""

from typing import Any

import discord

from bot.buttons import ITEMS
from bot.buttons.audition import AuditionButton, TileMenu
from bot.buttons.block import BlockButton
from bot.buttons.consent import ConsentButton, ConsentMenu
from bot.buttons.deletion import ConfirmDeletion, DeleteButton
from bot.buttons.duel import DuelButton, VoteButton
from bot.buttons.exhibition import LookMenu, StylesPageButton
from bot.buttons.gallery import BackButton, GalleryConsentButton, OutButton
from bot.buttons.gallery import Consent as GalleryConsent
from bot.buttons.history import PageButton, ShowMenu
from bot.buttons.museum import Act as MuseumAct
from bot.buttons.museum import MuseumBackButton, MuseumButton, MuseumMenu
from bot.buttons.paint import PaintButton
from bot.buttons.panel import Act as ResultAct
from bot.buttons.panel import ActButton
from bot.buttons.privacy import Act, PrivacyButton
from bot.buttons.purge import KeepButton, PurgeButton
from bot.buttons.result import RemakeButton, SnapshotMenu, StyleMenu, TimelapseButton
from bot.buttons.setup import items as setup
from bot.buttons.switch import SwitchButton
from bot.buttons.ticket import BringButton, StopButton
from bot.buttons.week import EntryMenu, MineButton, PartButton
from bot.consent.inquiries import Say
from bot.moderation.purge import Target as PurgeTarget
from bot.moderation.purge import Which
from bot.orders.remake import Change
from bot.results.removal import Target
from bot.storage.settings import Work
from bot.storage.tickets import StopRequest
from bot.storage.wishes import Wishes
from bot.words.setup import NEXT, Page

TICKET = "0123456789abcdef0123"


async def test_what_former_processes_have_posted_can_be_pressed() -> None:
    made: dict[str, tuple[discord.ui.DynamicItem[Any], dict[str, str | None]]] = {
        "paint:form": (PaintButton(), {"style": None}),
        "paint:form:great_wave": (PaintButton("great_wave"), {"style": "great_wave"}),
        "styles:page:3": (StylesPageButton(3), {"page": "3"}),
        "styles:look:3": (LookMenu(3), {"page": "3"}),
        "ticket:cancel:0123456789abcdef0123": (StopButton(TICKET, StopRequest.CANCEL), {"request": "cancel"}),
        "ticket:finish:0123456789abcdef0123": (StopButton(TICKET, StopRequest.FINISH), {"request": "finish"}),
        "ticket:bring:0123456789abcdef0123": (BringButton(TICKET), {}),
        "remake:more:0123456789abcdef0123": (RemakeButton(TICKET, Change.MORE), {"change": "more"}),
        "remake:less:0123456789abcdef0123": (RemakeButton(TICKET, Change.LESS), {"change": "less"}),
        "remake:again:0123456789abcdef0123": (RemakeButton(TICKET, Change.AGAIN), {"change": "again"}),
        "remake:larger:0123456789abcdef0123": (RemakeButton(TICKET, Change.LARGER), {"change": "larger"}),
        "remake:colours:0123456789abcdef0123": (RemakeButton(TICKET, Change.COLOURS), {"change": "colours"}),
        "restyle:0123456789abcdef0123": (StyleMenu(TICKET), {"ticket": TICKET, "menu": None}),
        "tile:0123456789abcdef0123": (TileMenu(TICKET), {}),
        "audition:0123456789abcdef0123": (AuditionButton(TICKET), {}),
        **{f"result:{act}:{TICKET}": (ActButton(TICKET, act), {"act": str(act)}) for act in ResultAct},
        "history:3": (PageButton(3), {"page": "3"}),
        "album:show": (ShowMenu(), {}),
        "timelapse:0123456789abcdef0123": (TimelapseButton(TICKET), {}),
        "moment:24:0123456789abcdef0123": (SnapshotMenu(TICKET, 24), {"count": "24"}),
        "setup:open": (setup.OpenButton(), {}),
        "setup:page:palette:7": (
            setup.PageButton(Page.PALETTE, 7, NEXT),
            {"page": "palette", "channel": "7"},
        ),
        "setup:undo:12:limits:0": (
            setup.UndoButton(12, Page.LIMITS, 0),
            {"act": "12", "page": "limits", "channel": "0"},
        ),
        "setup:tap_first:1:7": (setup.TapFirstButton(7, True), {"on": "1", "channel": "7"}),
        "setup:as_everywhere:7": (setup.AsEverywhereButton(7), {"channel": "7"}),
        "setup:jump": (setup.JumpMenu(), {}),
        "setup:revert": (setup.RevertMenu(), {}),
        "setup:scope:results": (setup.ScopeMenu(Page.RESULTS), {"page": "results"}),
        "setup:set:palette:7": (setup.ChoiceMenu("palette", 7, []), {"name": "palette", "channel": "7"}),
        "setup:channels": (setup.ChannelsMenu([]), {}),
        "setup:results": (setup.ResultsMenu(None), {}),
        "setup:gallery_channel": (setup.GalleryMenu(None), {}),
        "setup:own_gallery:7": (setup.OwnGalleryMenu(7, None), {"channel": "7"}),
        "setup:star": (setup.StarMenu([]), {}),
        "setup:self_stars:1": (setup.SelfStarsButton(True), {"on": "1"}),
        "setup:audit": (setup.AuditMenu(None), {}),
        "setup:week": (setup.WeekMenu(None), {}),
        "setup:starters:0": (setup.StartersMenu(0), {"channel": "0"}),
        "delete:0123456789abcdef0123": (DeleteButton(TICKET), {}),
        "deleted:0123456789abcdef0123": (
            ConfirmDeletion(Target(TICKET)),
            {"channel": None, "message": None},
        ),
        "deleted:12/34": (
            ConfirmDeletion(Target(None, 12, 34)),
            {"ticket": None, "channel": "12", "message": "34"},
        ),
        "privacy:no:010": (
            PrivacyButton(Act.NO, Wishes(takes_pictures=True, keeps_no=False)),
            {"act": "no", "wishes": "010"},
        ),
        "privacy:delete:10-": (
            PrivacyButton(Act.DELETE, Wishes(takes_results=True)),
            {"act": "delete", "wishes": "10-"},
        ),
        "consent:once:7": (ConsentButton(7, Say.ONCE), {"say": "once", "picture": "7"}),
        "consents:here": (ConsentMenu("here"), {"where": "here"}),
        "gallery:out:0123456789abcdef0123": (OutButton(TICKET), {"piece": TICKET}),
        "gallery:back:12": (BackButton("12"), {"piece": "12"}),
        "gallery:say:never": (GalleryConsentButton(GalleryConsent.NEVER), {"what": "never"}),
        "purge:7:asked:0": (
            PurgeButton(PurgeTarget(7, Which.ASKED, 0)),
            {"member": "7", "which": "asked", "since": "0", "styles": None},
        ),
        "purge:7:both:0:styles": (
            PurgeButton(PurgeTarget(7, Which.BOTH, 0, styles=True)),
            {"member": "7", "which": "both", "since": "0", "styles": ":styles"},
        ),
        "purge:keep": (KeepButton(), {}),
        "switch:finish": (SwitchButton(Work.FINISH), {"work": "finish"}),
        "duel:accept:0123456789abcdef0123": (DuelButton("accept", TICKET), {"act": "accept", "duel": TICKET}),
        "duel:vote:2:0123456789abcdef0123": (VoteButton(2, TICKET), {"number": "2", "duel": TICKET}),
        "week:mine:0123456789abcdef0123": (MineButton(TICKET), {"week": TICKET}),
        "week:entry:0123456789abcdef0123": (EntryMenu(TICKET, []), {"week": TICKET}),
        "week:out:0123456789abcdef0123": (
            PartButton(TICKET, takes_part=False),
            {"act": "out", "week": TICKET},
        ),
        "museum:yes:own_0123456789abcdef": (
            MuseumButton("own_0123456789abcdef", MuseumAct.YES),
            {"act": "yes", "style": "own_0123456789abcdef"},
        ),
        "museum:look:0": (MuseumMenu(0), {"menu": "0"}),
        "museum:all": (MuseumBackButton(), {}),
        "setup:curators": (setup.CuratorsMenu(), {}),
        "blocks:unblock:7": (BlockButton(7, block=False), {"act": "unblock", "member": "7"}),
    }
    assert {type(item) for item, _ in made.values()} == set(ITEMS)
    for custom_id, (item, facts) in made.items():
        assert item.custom_id == custom_id
        matches = {type(other): other.template.fullmatch(custom_id) for other, _ in made.values()}
        assert [kind for kind, match in matches.items() if match] == [type(item)]
        match = matches[type(item)]
        assert match is not None
        named = {"wishes", "ticket", "week", "duel", "piece"}
        has_ticket = TICKET in custom_id and not named & facts.keys()
        assert match.groupdict() == ({"ticket": TICKET} if has_ticket else {}) | facts


def test_acts_keep_their_names() -> None:
    assert list(MuseumAct) == [
        "yes",
        "no",
        "add",
        "decline",
        "vote",
        "back",
        "keep",
        "delete",
        "rename",
        "remove",
        "removed",
    ]
    named = (
        "panel styles moments comparison post-timelapse post-comparison how copy emoji sticker avatar banner "
    )
    named += "set-icon set-banner full-size"
    assert list(ResultAct) == named.split()
