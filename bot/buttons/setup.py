"""The panel of `/setup`: private pages that show what is set, and menus and buttons that change it at once.

Rule: a page is made anew of what is stored each time, so nothing of it is kept in this process; each press asks the
policy again, since whoever opened the panel may manage the server no longer.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.answers import working
from bot.orders import permissions
from bot.orders.policy import Action
from bot.orders.venue import Venue, actor_of
from bot.storage.interactions import Manner
from bot.storage.settings import (
    PALETTE_LIMIT,
    Change,
    ChannelSettings,
    Output,
    ServerSettings,
)
from bot.studio import Studio, studio_of
from bot.words import setup as words
from bot.words.errors import PERMISSIONS
from bot.words.setup import STEPS, Page
from engine.protocol import StyleCard

MENU_OPTIONS = 25  # that Discord allows in a menu
ART_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]
GALLERY_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.forum,
    discord.ChannelType.media,
]
OPEN_CHOICES = (1, 2, 3, 5, 10, 20, 50)
COOLDOWN_CHOICES = (0, 10, 30, 60, 300, 600, 1800, 3600)
HISTORY_ACTS = 8
EVERYWHERE = 0  # instead of a channel's id
PAGE_OF = {
    "is_art": Page.CHANNELS,
    "palette": Page.PALETTE,
    "seeds_palette": Page.PALETTE,
    "starters": Page.STARTERS,
    "output": Page.RESULTS,
    "gallery_id": Page.RESULTS,
    "consent": Page.CONSENT,
    "on_delete": Page.CONSENT,
    "open_per_member": Page.LIMITS,
    "cooldown_seconds": Page.LIMITS,
}
_MENUS = "|".join(("palette", "output", "consent", "on_delete", "open_per_member", "cooldown_seconds"))
_ANY_PAGE = "|".join(Page)


@dataclass(frozen=True)
class Panel:
    """A page of a server's panel, about one channel or, with EVERYWHERE, about all."""

    guild: discord.Guild
    server: ServerSettings
    channels: Mapping[int, ChannelSettings]  # those for art
    styles: tuple[StyleCard, ...]
    page: Page
    channel_id: int = EVERYWHERE
    done: str = ""
    act_id: int | None = None  # which was done, for the undo
    acts: tuple[tuple[Change, ...], ...] = ()

    @property
    def channel(self) -> ChannelSettings:
        """What the page shows of a channel: of the one that it is about, or of the first."""
        first = next(iter(self.channels.values()), ChannelSettings())
        return self.channels.get(self.channel_id, first)

    def text(self) -> str:
        """What it says."""
        if self.page is Page.HISTORY:
            settings = words.history(self.acts, self.styles)
        else:
            shown = self.channels
            if self.channel_id in self.channels:
                shown = {self.channel_id: self.channel}
            about = [name for name, page in PAGE_OF.items() if page is self.page]
            settings = words.summary(self.server, shown, self.styles, about)
        step = STEPS.index(self.page) + 1 if self.page in STEPS else None
        return words.page(self.page, step=step, settings=settings, done=self.done, hints=self._hints())

    def view(self) -> discord.ui.View:
        """What can be pressed."""
        view = discord.ui.View(timeout=None)
        for item in (*self._items(), *self._navigation()):
            view.add_item(item)
        return view

    def _hints(self) -> Iterator[str]:
        if self.page in (Page.PALETTE, Page.RESULTS) and not self.channels:
            yield words.NO_ART_CHANNEL
        outputs = {each.output for each in self.channels.values()}
        if self.page in (Page.RESULTS, Page.ALL) and Output.GALLERY in outputs and not self.server.gallery_id:
            yield words.GALLERY_WANTED
        if self.page in (Page.CHANNELS, Page.RESULTS, Page.ALL):
            for channel_id, settings in list(self.channels.items())[:_HINTS]:
                channel = self.guild.get_channel(channel_id)
                if channel is not None and (flags := permissions.lacking(channel, settings)):
                    yield words.lacking(channel_id, [PERMISSIONS[flag] for flag in flags])

    def _items(self) -> Iterator[discord.ui.Item[Any]]:
        match self.page:
            case Page.CHANNELS:
                yield ChannelsMenu([each for each in self.channels if self.guild.get_channel(each)])
            case Page.PALETTE if self.channels:
                yield from self._scope()
                if self.styles:
                    yield ChoiceMenu("palette", self.channel_id, *self._palette())
                yield TapFirstButton(self.channel_id, not self.channel.seeds_palette)
            case Page.STARTERS:
                yield from self._scope()
                there = tuple(role for role in self._starters() if self.guild.get_role(role))
                yield StartersMenu(self.channel_id, there)
                if self.channel_id and self.channel.starters is not None:
                    yield AsEverywhereButton(self.channel_id)
            case Page.RESULTS:
                yield from self._scope()
                if self.channels:
                    yield ChoiceMenu("output", self.channel_id, _choices("output", self.channel.output))
                gallery = self.guild.get_channel(self.server.gallery_id or 0)
                yield GalleryMenu(gallery.id if gallery is not None else None)
            case Page.CONSENT:
                for name in ("consent", "on_delete"):
                    yield ChoiceMenu(name, EVERYWHERE, _choices(name, getattr(self.server, name)))
            case Page.LIMITS:
                yield ChoiceMenu(
                    "open_per_member", EVERYWHERE, _numbers("open_per_member", OPEN_CHOICES, self.server)
                )
                yield ChoiceMenu(
                    "cooldown_seconds",
                    EVERYWHERE,
                    _numbers("cooldown_seconds", COOLDOWN_CHOICES, self.server),
                )
            case Page.ALL:
                yield JumpMenu()
            case Page.HISTORY if self.acts:
                yield RevertMenu(self.acts)

    def _navigation(self) -> Iterator[discord.ui.Item[Any]]:
        if self.page in STEPS:
            at = STEPS.index(self.page)
            if at > 0:
                yield PageButton(STEPS[at - 1], self.channel_id, words.BACK)
            following = (*STEPS, Page.ALL)[at + 1]
            label = words.NEXT if following in STEPS else words.DONE
            yield PageButton(following, self.channel_id, label, discord.ButtonStyle.primary)
        if self.page not in (Page.ALL, STEPS[-1]):
            yield PageButton(Page.ALL, EVERYWHERE, words.ALL)
        if self.page is Page.ALL:
            yield PageButton(Page.HISTORY, EVERYWHERE, words.HISTORY)
        if self.act_id is not None:
            yield UndoButton(self.act_id, self.page, self.channel_id)

    def _scope(self) -> Iterator[discord.ui.Item[Any]]:
        if len(self.channels) > 1 or (self.channels and self.page is Page.STARTERS):
            named = {}
            for channel_id in list(self.channels)[: MENU_OPTIONS - 1]:
                channel = self.guild.get_channel(channel_id)
                named[channel_id] = channel.name if channel is not None else str(channel_id)
            yield ScopeMenu(self.page, self.channel_id, named)

    def _starters(self) -> tuple[int, ...]:
        if self.channel_id in self.channels and self.channel.starters is not None:
            return self.channel.starters
        return () if self.channel_id in self.channels else self.server.starters

    def _palette(self) -> tuple[list[discord.SelectOption], int, int]:
        chosen = self.channel.palette or [style.name for style in self.styles[:PALETTE_LIMIT]]
        options = [
            discord.SelectOption(
                label=style.title[:100],
                value=style.name,
                description=style.artist[:100] or None,
                emoji=style.emoji,
                default=style.name in chosen,
            )
            for style in self.styles[:MENU_OPTIONS]
        ]
        return options, 1, min(PALETTE_LIMIT, len(options))


_HINTS = 5  # channels that are complained of


def _choices(name: str, chosen: str) -> list[discord.SelectOption]:
    return [
        _option(name, value, text[:1].upper() + text[1:], value == chosen)
        for value, text in words.CHOICES[name].items()
    ]


def _numbers(name: str, proposed: tuple[int, ...], server: ServerSettings) -> list[discord.SelectOption]:
    chosen = getattr(server, name)
    return [
        _option(name, each, words.value_of(name, each), each == chosen)
        for each in sorted({*proposed, chosen})
    ]


def _option(name: str, value: str | int, label: str, chosen: bool) -> discord.SelectOption:
    suggested = words.SUGGESTED if value == _SUGGESTED[name] else None
    return discord.SelectOption(label=label, value=str(value), description=suggested, default=chosen)


_SUGGESTED = {**dict(ChannelSettings()), **dict(ServerSettings())}  # what holds where nothing is chosen


# --- what a press does ------------------------------------------------------------------------------------


async def panel_of(
    studio: Studio, guild: discord.Guild, page: Page | None = None, channel_id: int = EVERYWHERE
) -> Panel:
    """A page of the panel as things stand; without a page, the first step, or all if there is an art channel."""
    settings = studio.store.settings
    channels = {each: settings.channel(each) for each in settings.art_channels(guild.id)}
    if page is None:
        page = Page.ALL if channels else Page.CHANNELS
    acts: dict[int, list[Change]] = {}
    if page is Page.HISTORY:
        for change in await settings.history(guild.id):
            acts.setdefault(change.act_id, []).append(change)
    return Panel(
        guild=guild,
        server=settings.server(guild.id),
        channels=channels,
        styles=studio.catalogue.styles(),
        page=page,
        channel_id=channel_id if channel_id in channels else EVERYWHERE,
        acts=tuple(map(tuple, acts.values()))[:HISTORY_ACTS],
    )


def _working(interaction: discord.Interaction, manner: Manner) -> AbstractAsyncContextManager[None]:
    """Acknowledge, and answer whatever goes wrong."""
    return working(interaction, studio_of(interaction).store.owed, manner)


async def _managed(interaction: discord.Interaction) -> discord.Guild:
    """The server of whoever presses, who manages it. Raises BotError MAY_NOT, NOT_INVITED."""
    await studio_of(interaction).policy.require(actor_of(interaction), Venue.of(interaction), Action.SET_UP)
    return permissions.server_of(interaction)


async def open_panel(interaction: discord.Interaction, page: Page | None = None) -> None:
    """Show the panel, privately, in answer to a command or to the button of a message that all see."""
    async with _working(interaction, Manner.THINKING):
        guild = await _managed(interaction)
        await _show(interaction, await panel_of(studio_of(interaction), guild, page))


async def _turn_to(interaction: discord.Interaction, page: Page, channel_id: int = EVERYWHERE) -> None:
    async with _working(interaction, Manner.CLICK):
        guild = await _managed(interaction)
        await _show(interaction, await panel_of(studio_of(interaction), guild, page, channel_id))


async def _set(interaction: discord.Interaction, name: str, channel_id: int, value: Any) -> None:
    """Set one setting, of the server or of one or all art channels, and show its page."""
    async with _working(interaction, Manner.CLICK):
        guild = await _managed(interaction)
        settings = studio_of(interaction).store.settings
        everywhere = channel_id == EVERYWHERE and name in ServerSettings.model_fields
        targets: list[int | None] = [None]
        if not everywhere:
            targets = [channel_id] if channel_id else [*settings.art_channels(guild.id)]
        await _change(
            interaction, guild, {target: {name: value} for target in targets}, PAGE_OF[name], channel_id
        )


async def _change(
    interaction: discord.Interaction,
    guild: discord.Guild,
    values: Mapping[int | None, Mapping[str, Any]],
    page: Page,
    channel_id: int = EVERYWHERE,
) -> None:
    studio = studio_of(interaction)
    changes = await studio.store.settings.change(
        guild.id, interaction.user.id, interaction.created_at, values
    )
    panel = await panel_of(studio, guild, page, channel_id)
    if changes:
        said = words.done(changes, panel.styles)
        panel = replace(panel, done=said, act_id=changes[0].act_id)
    await _show(interaction, panel)


async def _undo(
    interaction: discord.Interaction, act_id: int, page: Page, channel_id: int = EVERYWHERE
) -> None:
    async with _working(interaction, Manner.CLICK):
        guild, studio = await _managed(interaction), studio_of(interaction)
        changes = await studio.store.settings.undo(
            act_id, guild.id, interaction.user.id, interaction.created_at
        )
        panel = await panel_of(studio, guild, page, channel_id)
        if changes:
            said = words.undone(changes, panel.styles)
            panel = replace(panel, done=said, act_id=changes[0].act_id)
        else:
            panel = replace(panel, done=words.NOTHING_TO_UNDO)
        await _show(interaction, panel)


async def _show(interaction: discord.Interaction, panel: Panel) -> None:
    await interaction.edit_original_response(content=panel.text(), view=panel.view())


# --- what can be pressed ----------------------------------------------------------------------------------


class OpenButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"setup:open"):
    """Open the panel, from a message that all see."""

    def __init__(self) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(discord.ui.Button(label=words.OPEN, style=style, custom_id="setup:open"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "OpenButton":
        """The button of a message, perhaps of a former process."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it privately."""
        await open_panel(interaction)


class PageButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"setup:page:(?P<page>{_ANY_PAGE}):(?P<channel>[0-9]+)",
):
    """Turn to a page."""

    def __init__(
        self,
        page: Page,
        channel_id: int,
        label: str,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    ) -> None:
        custom_id = f"setup:page:{page}:{channel_id}"
        super().__init__(discord.ui.Button(label=label, style=style, custom_id=custom_id))
        self._page, self._channel_id = page, channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "PageButton":
        """The button of a message, perhaps of a former process."""
        return cls(Page(match["page"]), int(match["channel"]), "")

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it."""
        await _turn_to(interaction, self._page, self._channel_id)


class UndoButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"setup:undo:(?P<act>[0-9]+):(?P<page>{_ANY_PAGE}):(?P<channel>[0-9]+)",
):
    """Put back what was just changed."""

    def __init__(self, act_id: int, page: Page, channel_id: int) -> None:
        custom_id = f"setup:undo:{act_id}:{page}:{channel_id}"
        super().__init__(
            discord.ui.Button(label=words.UNDO, style=discord.ButtonStyle.danger, custom_id=custom_id)
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
        await _undo(interaction, self._act_id, self._page, self._channel_id)


class TapFirstButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"setup:tap_first:(?P<on>[01]):(?P<channel>[0-9]+)",
):
    """Whether the bot puts the palette under pictures, or members look for the emojis themselves."""

    def __init__(self, channel_id: int, on: bool) -> None:
        label = words.TAP_FIRST_ON if on else words.TAP_FIRST_OFF
        super().__init__(discord.ui.Button(label=label, custom_id=f"setup:tap_first:{on:d}:{channel_id}"))
        self._on, self._channel_id = on, channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "TapFirstButton":
        """The button of a message, perhaps of a former process."""
        return cls(int(match["channel"]), match["on"] == "1")

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it."""
        await _set(interaction, "seeds_palette", self._channel_id, self._on)


class AsEverywhereButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"setup:as_everywhere:(?P<channel>[0-9]+)"
):
    """Who may start in a channel: whoever may in the server."""

    def __init__(self, channel_id: int) -> None:
        custom_id = f"setup:as_everywhere:{channel_id}"
        super().__init__(discord.ui.Button(label=words.AS_EVERYWHERE, custom_id=custom_id))
        self._channel_id = channel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "AsEverywhereButton":
        """The button of a message, perhaps of a former process."""
        return cls(int(match["channel"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Set it."""
        await _set(interaction, "starters", self._channel_id, None)


class JumpMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"setup:jump"):
    """Turn to the page of what is to be changed."""

    def __init__(self) -> None:
        options = [discord.SelectOption(label=words.TITLES[page], value=page) for page in STEPS]
        super().__init__(discord.ui.Select(placeholder=words.JUMP, options=options, custom_id="setup:jump"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "JumpMenu":
        """The menu of a message, perhaps of a former process."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it."""
        await _turn_to(interaction, Page(self.item.values[0]))


class RevertMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"setup:revert"):
    """Put back one of the last changes, whoever made it."""

    def __init__(self, acts: tuple[tuple[Change, ...], ...] = ()) -> None:
        options = [
            discord.SelectOption(label=words.revert_choice(n, act), value=str(act[0].act_id))
            for n, act in enumerate(acts, start=1)
        ]
        super().__init__(
            discord.ui.Select(placeholder=words.REVERT, options=options, custom_id="setup:revert")
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "RevertMenu":
        """The menu of a message, perhaps of a former process."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Put it back, which can be undone as well."""
        await _undo(interaction, int(self.item.values[0]), Page.HISTORY)


class ScopeMenu(
    discord.ui.DynamicItem[discord.ui.Select[Any]], template=rf"setup:scope:(?P<page>{_ANY_PAGE})"
):
    """Which channel a page is about."""

    def __init__(self, page: Page, chosen: int = EVERYWHERE, named: Mapping[int, str] = {}) -> None:
        all_of_them = words.EVERYWHERE if page is Page.STARTERS else words.ALL_CHANNELS
        texts = {EVERYWHERE: all_of_them, **{each: f"#{name}"[:100] for each, name in named.items()}}
        options = [
            discord.SelectOption(label=text, value=str(each), default=each == chosen)
            for each, text in texts.items()
        ]
        super().__init__(
            discord.ui.Select(
                placeholder=words.WHICH_CHANNEL, options=options, custom_id=f"setup:scope:{page}"
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
        await _turn_to(interaction, self._page, int(self.item.values[0]))


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
                placeholder=words.PLACEHOLDERS[name],
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
        values: Any = self.item.values
        if self._name == "palette":  # all of them: those that are added one day too
            values = () if len(values) == len(self.item.options) else tuple(values)
        else:
            [values] = values
        await _set(interaction, self._name, self._channel_id, values)


class ChannelsMenu(discord.ui.DynamicItem[discord.ui.ChannelSelect[Any]], template=r"setup:channels"):
    """The art channels; a channel that is shown and not chosen any more is none any more."""

    def __init__(self, chosen: list[int]) -> None:
        super().__init__(
            discord.ui.ChannelSelect(
                placeholder=words.PLACEHOLDERS["channels"],
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
        chosen = [each.id for each in self.item.values]
        async with _working(interaction, Manner.CLICK):
            guild = await _managed(interaction)
            shown = studio_of(interaction).store.settings.art_channels(guild.id)[:MENU_OPTIONS]
            values: dict[int | None, dict[str, Any]] = {each: {"is_art": False} for each in shown}
            values |= {each: {"is_art": True} for each in chosen}
            await _change(interaction, guild, values, Page.CHANNELS)


class GalleryMenu(discord.ui.DynamicItem[discord.ui.ChannelSelect[Any]], template=r"setup:gallery"):
    """The channel for results."""

    def __init__(self, chosen: int | None) -> None:
        super().__init__(
            discord.ui.ChannelSelect(
                placeholder=words.PLACEHOLDERS["gallery_id"],
                channel_types=GALLERY_TYPES,
                min_values=0,
                max_values=1,
                default_values=[discord.Object(chosen)] if chosen is not None else [],
                custom_id="setup:gallery",
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
        await _set(interaction, "gallery_id", EVERYWHERE, chosen[0] if chosen else None)


class StartersMenu(
    discord.ui.DynamicItem[discord.ui.RoleSelect[Any]], template=r"setup:starters:(?P<channel>[0-9]+)"
):
    """The roles whose members may start, in the server or in a channel."""

    def __init__(self, channel_id: int, chosen: tuple[int, ...] = ()) -> None:
        super().__init__(
            discord.ui.RoleSelect(
                placeholder=words.PLACEHOLDERS["starters"],
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
        await _set(interaction, "starters", self._channel_id, chosen)


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
    GalleryMenu,
    StartersMenu,
)


def open_view() -> discord.ui.View:
    """The button that opens the panel."""
    return discord.ui.View(timeout=None).add_item(OpenButton())
