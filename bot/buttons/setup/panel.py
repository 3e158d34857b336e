"""A page of the panel of `/setup`: what it shows of a server, and what becomes of it when something is changed.

Rule: a page is made anew of what is stored each time; what can be pressed on it are `items`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import discord

from bot.orders import permissions
from bot.storage.settings import (
    FAVOURITES,
    PALETTE_LIMIT,
    Change,
    ChannelSettings,
    Output,
    ServerSettings,
    Work,
)
from bot.studio import Studio
from bot.styles.menu import MENU_OPTIONS, style_option
from bot.words import setup as words
from bot.words.errors import PERMISSIONS
from bot.words.setup import STEPS, Page
from engine.protocol import StyleCard

EVERYWHERE = 0  # instead of a channel's id
PAGE_OF = {
    "is_art": Page.CHANNELS,
    "palette": Page.PALETTE,
    "favourites": Page.PALETTE,
    "seeds_palette": Page.PALETTE,
    "starters": Page.STARTERS,
    "output": Page.RESULTS,
    "results_id": Page.RESULTS,
    "gallery_id": Page.GALLERY,
    "own_gallery_id": Page.GALLERY,
    "stars_needed": Page.GALLERY,
    "stars_newest_days": Page.GALLERY,
    "star": Page.STARS,
    "stars_kept": Page.STARS,
    "star_account_days": Page.STARS,
    "star_member_days": Page.STARS,
    "self_stars": Page.STARS,
    "consent": Page.CONSENT,
    "on_delete": Page.CONSENT,
    "on_gone": Page.CONSENT,
    "open_per_member": Page.LIMITS,
    "cooldown_seconds": Page.LIMITS,
    "daily_per_member": Page.LIMITS,
    "exempt": Page.LIMITS,
    "audit_id": Page.MODERATION,
    "open_per_server": Page.MODERATION,
    "daily_per_server": Page.MODERATION,
    "work": Page.MODERATION,
    "week_channel_id": Page.WEEK,
    "week_begins": Page.WEEK,
    "week_ends": Page.WEEK,
    "week_zone": Page.WEEK,
    "curators": Page.MUSEUM,
    "style_votes": Page.MUSEUM,
    "style_vote_days": Page.MUSEUM,
    "language": Page.LANGUAGE,
}
_PROPOSED = {
    "open_per_member": (1, 2, 3, 5, 10, 20, 50),
    "cooldown_seconds": (0, 10, 30, 60, 300, 600, 1800, 3600),
    "stars_needed": (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50),
    "stars_newest_days": (0, 1, 7, 14, 30, 90, 365),
    "stars_kept": (0, 1, 2, 3, 4, 5, 8, 10, 20),
    "star_account_days": (0, 1, 3, 7, 14, 30, 90, 365),
    "star_member_days": (0, 1, 3, 7, 14, 30, 90),
    "daily_per_member": (0, 1, 2, 3, 5, 10, 20, 50, 100),
    "open_per_server": (0, 2, 5, 10, 20, 50, 100),
    "daily_per_server": (0, 10, 20, 50, 100, 200, 500, 1000),
    "week_begins": tuple(24 * day + hour for day in range(7) for hour in (9, 12, 18)),
    "week_ends": tuple(24 * day + hour for day in range(7) for hour in (12, 18, 20)),
    "style_votes": (0, 1, 2, 3, 5, 10, 20, 50),
    "style_vote_days": (1, 2, 3, 7, 14),
}
_STARS = ("⭐", "🌟", "💫", "✨", "❤️", "🔥", "👏", "💎", "🏆", "🎨")
AS_EVERYWHERE, OTHER = "-", "?"  # values of a menu that are none of its setting
_SUGGESTED = {**dict(ChannelSettings()), **dict(ServerSettings())}  # what holds where nothing is chosen
_HISTORY_ACTS = 8
_HINTS = 5  # channels that are complained of


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

    def _hints(self) -> Iterator[str]:
        yield from self._of_moderation()
        if self.page in (Page.PALETTE, Page.RESULTS) and not self.channels:
            yield words.NO_ART_CHANNEL()
        outputs = {each.output for each in self.channels.values()}
        if self.page in (Page.RESULTS, Page.ALL) and Output.RESULTS in outputs and not self.server.results_id:
            yield words.RESULTS_WANTED()
        if self.page in (Page.CHANNELS, Page.RESULTS, Page.ALL):
            for channel_id, settings in list(self.channels.items())[:_HINTS]:
                channel = self.guild.get_channel(channel_id)
                if channel is not None and (flags := permissions.lacking(channel, settings)):
                    yield words.lacking(channel_id, [PERMISSIONS[flag]() for flag in flags])
        gallery = self.guild.get_channel(self.gallery_id or 0)
        if self.page is Page.GALLERY and gallery and (flags := permissions.lacking_in_gallery(gallery)):
            yield words.lacking(gallery.id, [PERMISSIONS[flag]() for flag in flags])
        weekly = self.guild.get_channel(self.server.week_channel_id or 0)
        if self.page is Page.WEEK and weekly and (flags := permissions.lacking_for_week(weekly)):
            yield words.lacking(weekly.id, [PERMISSIONS[flag]() for flag in flags])

    def _of_moderation(self) -> Iterator[str]:
        if self.server.work is not Work.ON:
            yield words.IS_OFF()
        audit = self.guild.get_channel(self.server.audit_id or 0)
        if audit is None or self.page not in (Page.MODERATION, Page.ALL):
            return
        if flags := permissions.lacking_in_audit(audit):
            yield words.lacking(audit.id, [PERMISSIONS[flag]() for flag in flags])
        if permissions.is_public(audit):
            yield words.audit_public(audit.id)

    @property
    def gallery_id(self) -> int | None:
        """The gallery that the page is about: of its channel, or of the server."""
        own = self.channel.own_gallery_id if self.channel_id in self.channels else None
        return own if own is not None else self.server.gallery_id

    @property
    def starters(self) -> tuple[int, ...]:
        """The roles that the page shows as those whose members may start."""
        if self.channel_id in self.channels and self.channel.starters is not None:
            return self.channel.starters
        return () if self.channel_id in self.channels else self.server.starters

    def scopes(self) -> dict[int, str]:
        """The channels that the page may be about, by name; none if there is nothing to choose."""
        of_server_too = self.page in (Page.STARTERS, Page.GALLERY)
        has_choice = len(self.channels) > 1 or (self.channels and of_server_too)
        shown = list(self.channels)[: MENU_OPTIONS - 1] if has_choice else []
        there = {each: self.guild.get_channel(each) for each in shown}
        return {each: channel.name if channel is not None else str(each) for each, channel in there.items()}

    def choices(self, name: str) -> list[discord.SelectOption]:
        """The values of a setting, of which one is chosen."""
        if name == "stars_needed" and self.channel_id in self.channels:
            return self._needed_here()
        if name in _PROPOSED:
            chosen = getattr(self.server, name)
            values = [(each, words.value_of(name, each)) for each in sorted({*_PROPOSED[name], chosen})]
            return [
                _option(name, value, words.labelled(name, text), value == chosen) for value, text in values
            ]
        chosen = getattr(self.server if name in ServerSettings.model_fields else self.channel, name)
        return [
            _option(name, value, words.labelled(name, text()), value == chosen)
            for value, text in words.CHOICES[name].items()
        ]

    def _needed_here(self) -> list[discord.SelectOption]:
        """How many stars are needed for a picture of the channel: as in the server, or none comes from here."""
        chosen = self.channel.stars_needed
        values = sorted({0, *_PROPOSED["stars_needed"], *(() if chosen is None else (chosen,))})
        same = discord.SelectOption(
            label=words.AS_EVERYWHERE(),
            value=AS_EVERYWHERE,
            description=words.SUGGESTED(),
            default=chosen is None,
        )
        numbers = [
            discord.SelectOption(
                label=words.value_of("stars_needed", each), value=str(each), default=each == chosen
            )
            for each in values
        ]
        return [same, *numbers]

    def stars(self) -> list[discord.SelectOption]:
        """What members may star with: a few emojis, and any other."""
        chosen = self.server.star
        custom = discord.PartialEmoji.from_str(chosen)
        options = [
            discord.SelectOption(
                label=custom.name if is_own else each,
                value=each,
                emoji=custom if is_own else None,
                description=words.SUGGESTED() if each == _SUGGESTED["star"] else None,
                default=each == chosen,
            )
            for each in dict.fromkeys((chosen, *_STARS))
            for is_own in [each == chosen and custom.id is not None]
        ]
        return [*options, discord.SelectOption(label=words.OTHER_STAR(), value=OTHER)]

    def palette(self) -> list[discord.SelectOption]:
        """The paintings, of which some are chosen."""
        chosen = self.channel.palette or [style.name for style in self.styles[:PALETTE_LIMIT]]
        shown = self.styles[:MENU_OPTIONS]
        return [style_option(style, is_chosen=style.name in chosen) for style in shown]

    def favourites(self) -> list[discord.SelectOption]:
        """The paintings on offer, of which a few are chosen; none if all of them are put under pictures anyway."""
        offered = [style for style in self.styles if self.channel.offers(style.name)]
        if len(offered) <= FAVOURITES:
            return []
        chosen = self.channel.favourites
        return [style_option(style, is_chosen=style.name in chosen) for style in offered[:MENU_OPTIONS]]


def _option(name: str, value: str | int, label: str, chosen: bool) -> discord.SelectOption:
    suggested = words.SUGGESTED() if value == _SUGGESTED[name] else None
    return discord.SelectOption(label=label, value=str(value), description=suggested, default=chosen)


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
        styles=studio.catalogue.offer_in(guild.id, nsfw=True).styles,
        page=page,
        channel_id=channel_id if channel_id in channels else EVERYWHERE,
        acts=tuple(map(tuple, acts.values()))[:_HISTORY_ACTS],
    )


def after_change(panel: Panel, changes: list[Change]) -> Panel:
    """The page once something is changed, with the way back; the same if all was so."""
    if not changes:
        return panel
    return replace(panel, done=words.done(changes, panel.styles), act_id=changes[0].act_id)


def after_undo(panel: Panel, changes: list[Change]) -> Panel:
    """The page once something is put back, which can be undone as well."""
    if not changes:
        return replace(panel, done=words.NOTHING_TO_UNDO())
    return replace(panel, done=words.undone(changes, panel.styles), act_id=changes[0].act_id)
