"""What can be pressed on the panel of `/setup`, and on which of its pages.

Rule: an item's id holds all that its press needs, so nothing of a page is kept in this process.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import discord

from bot.answers import answering
from bot.buttons.setup.pages import Pages
from bot.buttons.setup.panel import AS_EVERYWHERE, EVERYWHERE, OTHER, PAGE_OF, Panel
from bot.errors import BotError, BotErrorCode
from bot.storage.settings import FAVOURITES, PALETTE_LIMIT, Change
from bot.styles.menu import MENU_OPTIONS
from bot.words import setup as words
from bot.words.catalogue import Phrase
from bot.words.setup import EXTRAS, STEPS, Page

ART_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]
RESULTS_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.media,
]
_EMOJI_LIMIT = 16  # characters of one that is no server's own
_NUMBERS = ("stars_needed", "stars_newest_days", "stars_kept", "star_account_days", "star_member_days")
GALLERY_TYPES = RESULTS_TYPES
WEEK_TYPES = [discord.ChannelType.text, discord.ChannelType.news]
_LAST_ROW = 4  # where one goes on is always the lowest, whatever else a page has
_SEVERAL = ("palette", "favourites")  # values that are chosen together
_WEEK_MENUS = ("week_begins", "week_ends", "week_zone")
_MENUS = "|".join(
    (
        *(*_SEVERAL, "output", "consent", "on_delete", "open_per_member", "cooldown_seconds"),
        *(
            "daily_per_member",
            "exempt",
            "open_per_server",
            "daily_per_server",
            "work",
            "language",
            *_WEEK_MENUS,
        ),
        *("style_votes", "style_vote_days", "on_gone", *_NUMBERS),
    )
)
_ANY_PAGE = "|".join(Page)


class OpenButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"setup:open"):
    """Open the panel, from a message that all see."""

    def __init__(self) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(discord.ui.Button(label=words.OPEN(), style=style, custom_id="setup:open"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "OpenButton":
        """The button of a message, perhaps of a former process."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it privately."""
        await PAGES.open(interaction)


class PageButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"setup:page:(?P<page>{_ANY_PAGE}):(?P<channel>[0-9]+)",
):
    """Turn to a page."""

    def __init__(
        self,
        page: Page,
        channel_id: int,
        label: Phrase,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    ) -> None:
        custom_id = f"setup:page:{page}:{channel_id}"
        super().__init__(discord.ui.Button(label=label(), style=style, custom_id=custom_id))
        self._page, self._channel_id = page, channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "PageButton":
        """The button of a message, perhaps of a former process."""
        return cls(Page(match["page"]), int(match["channel"]), words.OPEN)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it."""
        await PAGES.turn_to(interaction, self._page, self._channel_id)


class UndoButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"setup:undo:(?P<act>[0-9]+):(?P<page>{_ANY_PAGE}):(?P<channel>[0-9]+)",
):
    """Put back what was just changed."""

    def __init__(self, act_id: int, page: Page, channel_id: int) -> None:
        custom_id = f"setup:undo:{act_id}:{page}:{channel_id}"
        super().__init__(
            discord.ui.Button(label=words.UNDO(), style=discord.ButtonStyle.danger, custom_id=custom_id)
        )
        self._act_id, self._page, self._channel_id = act_id, page, channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "UndoButton":
        """The button of a message, perhaps of a former process."""
        return cls(int(match["act"]), Page(match["page"]), int(match["channel"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Put it back, which can be undone as well."""
        await PAGES.undo(interaction, self._act_id, self._page, self._channel_id)


class TapFirstButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"setup:tap_first:(?P<on>[01]):(?P<channel>[0-9]+)",
):
    """Whether the bot puts the palette under pictures, or members look for the emojis themselves."""

    def __init__(self, channel_id: int, on: bool) -> None:
        label = words.TAP_FIRST_ON if on else words.TAP_FIRST_OFF
        super().__init__(discord.ui.Button(label=label(), custom_id=f"setup:tap_first:{on:d}:{channel_id}"))
        self._on, self._channel_id = on, channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "TapFirstButton":
        """The button of a message, perhaps of a former process."""
        return cls(int(match["channel"]), match["on"] == "1")

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it."""
        await PAGES.set(interaction, "seeds_palette", self._channel_id, self._on)


class AsEverywhereButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"setup:as_everywhere:(?P<channel>[0-9]+)"
):
    """Who may start in a channel: whoever may in the server."""

    def __init__(self, channel_id: int) -> None:
        custom_id = f"setup:as_everywhere:{channel_id}"
        super().__init__(discord.ui.Button(label=words.AS_EVERYWHERE(), custom_id=custom_id))
        self._channel_id = channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "AsEverywhereButton":
        """The button of a message, perhaps of a former process."""
        return cls(int(match["channel"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it."""
        await PAGES.set(interaction, "starters", self._channel_id, None)


class JumpMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"setup:jump"):
    """Turn to the page of what is to be changed."""

    def __init__(self) -> None:
        options = [discord.SelectOption(label=words.TITLES[page](), value=page) for page in (*STEPS, *EXTRAS)]
        super().__init__(discord.ui.Select(placeholder=words.JUMP(), options=options, custom_id="setup:jump"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "JumpMenu":
        """The menu of a message, perhaps of a former process."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it."""
        await PAGES.turn_to(interaction, Page(self.item.values[0]))


class RevertMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"setup:revert"):
    """Put back one of the last changes, whoever made it."""

    def __init__(self, acts: tuple[tuple[Change, ...], ...] = ()) -> None:
        options = [
            discord.SelectOption(label=words.revert_choice(n, act), value=str(act[0].act_id))
            for n, act in enumerate(acts, start=1)
        ]
        super().__init__(
            discord.ui.Select(placeholder=words.REVERT(), options=options, custom_id="setup:revert")
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "RevertMenu":
        """The menu of a message, perhaps of a former process."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Put it back, which can be undone as well."""
        await PAGES.undo(interaction, int(self.item.values[0]), Page.HISTORY)


class ScopeMenu(
    discord.ui.DynamicItem[discord.ui.Select[Any]], template=rf"setup:scope:(?P<page>{_ANY_PAGE})"
):
    """Which channel a page is about."""

    def __init__(self, page: Page, chosen: int = EVERYWHERE, named: Mapping[int, str] = {}) -> None:
        of_server_too = page in (Page.STARTERS, Page.GALLERY)
        all_of_them = words.EVERYWHERE() if of_server_too else words.ALL_CHANNELS()
        texts = {EVERYWHERE: all_of_them, **{each: f"#{name}"[:100] for each, name in named.items()}}
        options = [
            discord.SelectOption(label=text, value=str(each), default=each == chosen)
            for each, text in texts.items()
        ]
        super().__init__(
            discord.ui.Select(
                placeholder=words.WHICH_CHANNEL(), options=options, custom_id=f"setup:scope:{page}"
            )
        )
        self._page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "ScopeMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(Page(match["page"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the page of the channel."""
        await PAGES.turn_to(interaction, self._page, int(self.item.values[0]))


class ChoiceMenu(
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=rf"setup:set:(?P<name>{_MENUS}):(?P<channel>[0-9]+)",
):
    """Choose the value of a setting, or several of them where it takes so many."""

    def __init__(
        self,
        name: str,
        channel_id: int,
        options: list[discord.SelectOption],
        least: int = 1,
        most: int = 1,
    ) -> None:
        super().__init__(
            discord.ui.Select(
                placeholder=words.PLACEHOLDERS[name](),
                options=options,
                min_values=least,
                max_values=most,
                custom_id=f"setup:set:{name}:{channel_id}",
            )
        )
        self._name, self._channel_id = name, channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "ChoiceMenu":
        """The menu of a message, perhaps of a former process."""
        options = item.options if isinstance(item, discord.ui.Select) else []
        return cls(match["name"], int(match["channel"]), options, 1, len(options))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it."""
        values: Any = tuple(self.item.values)
        if self._name not in _SEVERAL:
            [values] = values
        elif self._name == "palette" and len(values) == len(self.item.options):
            values = ()  # all of them: those that are added one day too
        if values == AS_EVERYWHERE:
            values = None
        await PAGES.set(interaction, self._name, self._channel_id, values)


class ChannelsMenu(discord.ui.DynamicItem[discord.ui.ChannelSelect[Any]], template=r"setup:channels"):
    """The art channels; a channel that is shown and not chosen any more is none any more."""

    def __init__(self, chosen: list[int]) -> None:
        super().__init__(
            discord.ui.ChannelSelect(
                placeholder=words.PLACEHOLDERS["channels"](),
                channel_types=ART_TYPES,
                min_values=0,
                max_values=MENU_OPTIONS,
                default_values=[discord.Object(each) for each in chosen[:MENU_OPTIONS]],
                custom_id="setup:channels",
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "ChannelsMenu":
        """The menu of a message, perhaps of a former process."""
        return cls([])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set them."""
        await PAGES.set_channels(interaction, [each.id for each in self.item.values])


class ResultsMenu(discord.ui.DynamicItem[discord.ui.ChannelSelect[Any]], template=r"setup:results"):
    """The results channel."""

    def __init__(self, chosen: int | None) -> None:
        super().__init__(
            discord.ui.ChannelSelect(
                placeholder=words.PLACEHOLDERS["results_id"](),
                channel_types=RESULTS_TYPES,
                min_values=0,
                max_values=1,
                default_values=[discord.Object(chosen)] if chosen is not None else [],
                custom_id="setup:results",
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "ResultsMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(None)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it."""
        chosen = [each.id for each in self.item.values]
        await PAGES.set(interaction, "results_id", EVERYWHERE, chosen[0] if chosen else None)


class GalleryMenu(discord.ui.DynamicItem[discord.ui.ChannelSelect[Any]], template=r"setup:gallery_channel"):
    """The gallery."""

    def __init__(self, chosen: int | None) -> None:
        super().__init__(
            discord.ui.ChannelSelect(
                placeholder=words.PLACEHOLDERS["gallery_id"](),
                channel_types=GALLERY_TYPES,
                min_values=0,
                max_values=1,
                default_values=[discord.Object(chosen)] if chosen is not None else [],
                custom_id="setup:gallery_channel",
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "GalleryMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(None)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it."""
        chosen = [each.id for each in self.item.values]
        await PAGES.set(interaction, "gallery_id", EVERYWHERE, chosen[0] if chosen else None)


class OwnGalleryMenu(
    discord.ui.DynamicItem[discord.ui.ChannelSelect[Any]], template=r"setup:own_gallery:(?P<channel>[0-9]+)"
):
    """The gallery of one channel."""

    def __init__(self, channel_id: int, chosen: int | None) -> None:
        super().__init__(
            discord.ui.ChannelSelect(
                placeholder=words.PLACEHOLDERS["own_gallery_id"](),
                channel_types=GALLERY_TYPES,
                min_values=0,
                max_values=1,
                default_values=[discord.Object(chosen)] if chosen is not None else [],
                custom_id=f"setup:own_gallery:{channel_id}",
            )
        )
        self._channel_id = channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "OwnGalleryMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(int(match["channel"]), None)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it."""
        chosen = [each.id for each in self.item.values]
        await PAGES.set(interaction, "own_gallery_id", self._channel_id, chosen[0] if chosen else None)


class AuditMenu(discord.ui.DynamicItem[discord.ui.ChannelSelect[Any]], template=r"setup:audit"):
    """The channel in which moderators read what was done."""

    def __init__(self, chosen: int | None) -> None:
        super().__init__(
            discord.ui.ChannelSelect(
                placeholder=words.PLACEHOLDERS["audit_id"](),
                channel_types=[discord.ChannelType.text],
                min_values=0,
                max_values=1,
                default_values=[discord.Object(chosen)] if chosen is not None else [],
                custom_id="setup:audit",
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "AuditMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(None)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it."""
        chosen = [each.id for each in self.item.values]
        await PAGES.set(interaction, "audit_id", EVERYWHERE, chosen[0] if chosen else None)


class WeekMenu(discord.ui.DynamicItem[discord.ui.ChannelSelect[Any]], template=r"setup:week"):
    """The channel for the style of the week."""

    def __init__(self, chosen: int | None) -> None:
        super().__init__(
            discord.ui.ChannelSelect(
                placeholder=words.PLACEHOLDERS["week_channel_id"](),
                channel_types=WEEK_TYPES,
                min_values=0,
                max_values=1,
                default_values=[discord.Object(chosen)] if chosen is not None else [],
                custom_id="setup:week",
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "WeekMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(None)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it."""
        chosen = [each.id for each in self.item.values]
        await PAGES.set(interaction, "week_channel_id", EVERYWHERE, chosen[0] if chosen else None)


class StarMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"setup:star"):
    """What members star with."""

    def __init__(self, options: list[discord.SelectOption]) -> None:
        super().__init__(
            discord.ui.Select(
                placeholder=words.PLACEHOLDERS["star"](), options=options, custom_id="setup:star"
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "StarMenu":
        """The menu of a message, perhaps of a former process."""
        return cls([])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it, or ask which."""
        [value] = self.item.values
        if value == OTHER:
            await interaction.response.send_modal(StarForm())
        else:
            await PAGES.set(interaction, "star", EVERYWHERE, value)


class StarForm(discord.ui.Modal):
    """Any other emoji to star with."""

    def __init__(self) -> None:
        super().__init__(title=words.STAR_FORM(), custom_id="star")
        self._emoji: discord.ui.TextInput[Any] = discord.ui.TextInput(custom_id="emoji", max_length=64)
        self.add_item(discord.ui.Label(text=words.STAR_FIELD(), component=self._emoji))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Set it, if it is one."""
        emoji: str | None = None
        async with answering(interaction):
            emoji = await _emoji(self._emoji.value.strip(), interaction.guild)
        if emoji is not None:
            await PAGES.set(interaction, "star", EVERYWHERE, emoji)


async def _emoji(text: str, guild: discord.Guild | None) -> str:
    """The emoji that somebody means, as Discord writes it; of other servers' none. Raises BotError NOT_AN_EMOJI."""
    has_words = any(each.isalpha() or each.isspace() or each in ":<>" for each in text)
    if len(text) <= _EMOJI_LIMIT and not text.isascii() and not has_words:
        return text
    wanted = text.strip("<>").removeprefix("a:").strip(":")
    for own in await guild.fetch_emojis() if guild is not None else ():
        if wanted in (own.name, f"{own.name}:{own.id}"):
            return str(own)
    raise BotError(BotErrorCode.NOT_AN_EMOJI)


class SelfStarsButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"setup:self_stars:(?P<on>[01])"
):
    """Whether members' stars for their own pictures count."""

    def __init__(self, on: bool) -> None:
        label = words.SELF_ON() if on else words.SELF_OFF()
        super().__init__(discord.ui.Button(label=label, custom_id=f"setup:self_stars:{on:d}"))
        self._on = on

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "SelfStarsButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["on"] == "1")

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it."""
        await PAGES.set(interaction, "self_stars", EVERYWHERE, self._on)


class StartersMenu(
    discord.ui.DynamicItem[discord.ui.RoleSelect[Any]], template=r"setup:starters:(?P<channel>[0-9]+)"
):
    """The roles whose members may start, in the server or in a channel."""

    def __init__(self, channel_id: int, chosen: tuple[int, ...] = ()) -> None:
        super().__init__(
            discord.ui.RoleSelect(
                placeholder=words.PLACEHOLDERS["starters"](),
                min_values=0,
                max_values=MENU_OPTIONS,
                default_values=[discord.Object(each) for each in chosen[:MENU_OPTIONS]],
                custom_id=f"setup:starters:{channel_id}",
            )
        )
        self._channel_id = channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "StartersMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(int(match["channel"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set them; the role that everybody has is none."""
        chosen = tuple(role.id for role in self.item.values if not role.is_default())
        await PAGES.set(interaction, "starters", self._channel_id, chosen)


class CuratorsMenu(discord.ui.DynamicItem[discord.ui.RoleSelect[Any]], template=r"setup:curators"):
    """The roles whose members decide about the server's own styles, besides those who manage messages."""

    def __init__(self, chosen: tuple[int, ...] = ()) -> None:
        super().__init__(
            discord.ui.RoleSelect(
                placeholder=words.PLACEHOLDERS["curators"](),
                min_values=0,
                max_values=MENU_OPTIONS,
                default_values=[discord.Object(each) for each in chosen[:MENU_OPTIONS]],
                custom_id="setup:curators",
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "CuratorsMenu":
        """The menu of a message, perhaps of a former process."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set them; the role that everybody has is none."""
        chosen = tuple(role.id for role in self.item.values if not role.is_default())
        await PAGES.set(interaction, "curators", EVERYWHERE, chosen)


def _view(panel: Panel) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for item in _items(panel):
        view.add_item(item)
    for item in _navigation(panel):
        item.row = _LAST_ROW
        view.add_item(item)
    return view


def _items(panel: Panel) -> Iterator[discord.ui.Item[Any]]:
    match panel.page:
        case Page.CHANNELS:
            yield ChannelsMenu([each for each in panel.channels if panel.guild.get_channel(each)])
        case Page.PALETTE if panel.channels:
            yield from _palette(panel)
        case Page.STARTERS:
            yield from _starters(panel)
        case Page.RESULTS:
            yield from _results(panel)
        case Page.GALLERY:
            yield from _gallery(panel)
        case Page.STARS:
            yield StarMenu(panel.stars())
            for name in ("stars_kept", "star_account_days", "star_member_days"):
                yield ChoiceMenu(name, EVERYWHERE, panel.choices(name))
        case Page.WEEK:
            weekly = panel.guild.get_channel(panel.server.week_channel_id or 0)
            yield WeekMenu(weekly.id if weekly is not None else None)
            for name in _WEEK_MENUS:
                yield ChoiceMenu(name, EVERYWHERE, panel.choices(name))
        case Page.CONSENT | Page.LIMITS | Page.MODERATION | Page.LANGUAGE:
            for name in (name for name, page in PAGE_OF.items() if page is panel.page):
                yield _chooser(panel, name)
        case Page.MUSEUM:
            yield CuratorsMenu(tuple(each for each in panel.server.curators if panel.guild.get_role(each)))
            for name in ("style_votes", "style_vote_days"):
                yield ChoiceMenu(name, EVERYWHERE, panel.choices(name))
        case Page.ALL:
            yield JumpMenu()
        case Page.HISTORY if panel.acts:
            yield RevertMenu(panel.acts)


def _chooser(panel: Panel, name: str) -> discord.ui.Item[Any]:
    """What a setting of the server is chosen with."""
    if name != "audit_id":
        return ChoiceMenu(name, EVERYWHERE, panel.choices(name))
    audit = panel.guild.get_channel(panel.server.audit_id or 0)
    return AuditMenu(audit.id if audit is not None else None)


def _palette(panel: Panel) -> Iterator[discord.ui.Item[Any]]:
    yield from _scope(panel)
    if options := panel.palette():
        yield ChoiceMenu("palette", panel.channel_id, options, most=min(PALETTE_LIMIT, len(options)))
    if panel.channel.seeds_palette and (on_offer := panel.favourites()):
        yield ChoiceMenu("favourites", panel.channel_id, on_offer, least=0, most=FAVOURITES)
    yield TapFirstButton(panel.channel_id, not panel.channel.seeds_palette)


def _starters(panel: Panel) -> Iterator[discord.ui.Item[Any]]:
    yield from _scope(panel)
    there = tuple(role for role in panel.starters if panel.guild.get_role(role))
    yield StartersMenu(panel.channel_id, there)
    if panel.channel_id and panel.channel.starters is not None:
        yield AsEverywhereButton(panel.channel_id)


def _results(panel: Panel) -> Iterator[discord.ui.Item[Any]]:
    yield from _scope(panel)
    if panel.channels:
        yield ChoiceMenu("output", panel.channel_id, panel.choices("output"))
    results = panel.guild.get_channel(panel.server.results_id or 0)
    yield ResultsMenu(results.id if results is not None else None)


def _gallery(panel: Panel) -> Iterator[discord.ui.Item[Any]]:
    yield from _scope(panel)
    own = panel.channel_id in panel.channels
    gallery = panel.guild.get_channel((panel.channel.own_gallery_id if own else panel.gallery_id) or 0)
    chosen = gallery.id if gallery is not None else None
    yield OwnGalleryMenu(panel.channel_id, chosen) if own else GalleryMenu(chosen)
    yield ChoiceMenu("stars_needed", panel.channel_id, panel.choices("stars_needed"))
    yield ChoiceMenu("stars_newest_days", EVERYWHERE, panel.choices("stars_newest_days"))


def _scope(panel: Panel) -> Iterator[discord.ui.Item[Any]]:
    if named := panel.scopes():
        yield ScopeMenu(panel.page, panel.channel_id, named)


def _navigation(panel: Panel) -> Iterator[discord.ui.Item[Any]]:
    if panel.page in STEPS:
        at = STEPS.index(panel.page)
        if at > 0:
            yield PageButton(STEPS[at - 1], panel.channel_id, words.BACK)
        following = (*STEPS, Page.ALL)[at + 1]
        label = words.NEXT if following in STEPS else words.DONE
        yield PageButton(following, panel.channel_id, label, discord.ButtonStyle.primary)
    if panel.page is Page.GALLERY:
        yield PageButton(Page.STARS, EVERYWHERE, words.TITLES[Page.STARS], discord.ButtonStyle.primary)
    if panel.page is Page.STARS:
        yield PageButton(Page.GALLERY, EVERYWHERE, words.BACK)
        yield SelfStarsButton(not panel.server.self_stars)
    if panel.page not in (Page.ALL, STEPS[-1]):
        yield PageButton(Page.ALL, EVERYWHERE, words.ALL)
    if panel.page is Page.ALL:
        yield PageButton(Page.HISTORY, EVERYWHERE, words.HISTORY)
    if panel.act_id is not None:
        yield UndoButton(panel.act_id, panel.page, panel.channel_id)


PAGES = Pages(_view)
SETUP_ITEMS = (
    OpenButton,
    PageButton,
    UndoButton,
    TapFirstButton,
    AsEverywhereButton,
    JumpMenu,
    RevertMenu,
    ScopeMenu,
    ChoiceMenu,
    ChannelsMenu,
    ResultsMenu,
    GalleryMenu,
    OwnGalleryMenu,
    StarMenu,
    SelfStarsButton,
    AuditMenu,
    WeekMenu,
    StartersMenu,
    CuratorsMenu,
)


def open_view() -> discord.ui.View:
    """The button that opens the panel."""
    return discord.ui.View(timeout=None).add_item(OpenButton())
