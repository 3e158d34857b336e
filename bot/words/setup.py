"""What whoever manages a server reads while they set it up: every setting by its name and in its words.

Rule: each setting has one name and one way to be put into words, for the panel, for what was changed and for the
history alike; the tables below are held against the settings by a test.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

from bot.storage.members import NOBODY
from bot.storage.settings import (
    FAVOURITES,
    PALETTE_LIMIT,
    Change,
    ChannelSettings,
    Consent,
    Exempt,
    LanguageChoice,
    OnDelete,
    OnGone,
    Output,
    ServerSettings,
    Work,
    Zone,
)
from bot.words.catalogue import Phrase, say
from bot.words.palette import MORE
from bot.words.post import MESSAGE_LIMIT, capitalised
from engine.protocol import StyleCard

SETUP = Phrase("setup-command")
HELLO, UPDATED = Phrase("setup-hello"), Phrase("setup-updated")
OPEN = Phrase("setup-open")
UNDO = Phrase("setup-undo")
BACK, NEXT, DONE = Phrase("setup-back"), Phrase("setup-next"), Phrase("setup-done")
ALL, HISTORY = Phrase("setup-show-all"), Phrase("setup-show-history")
TAP_FIRST_ON, TAP_FIRST_OFF = Phrase("setup-tap-first-on"), Phrase("setup-tap-first-off")
SUGGESTED = Phrase("setup-suggested")
SELF_ON, SELF_OFF = Phrase("setup-self-on"), Phrase("setup-self-off")
OTHER_STAR = Phrase("setup-other-star")
STAR_FORM, STAR_FIELD = Phrase("setup-star-form"), Phrase("setup-star-field")
AS_EVERYWHERE = Phrase("setup-as-everywhere")
WHICH_CHANNEL = Phrase("setup-which-channel")
ALL_CHANNELS, EVERYWHERE = Phrase("setup-all-channels"), Phrase("setup-everywhere")
JUMP = Phrase("setup-jump")
REVERT = Phrase("setup-revert")
NOTHING_TO_UNDO = Phrase("setup-nothing-to-undo")
NO_CHANGES = Phrase("setup-no-changes")
NO_ART_CHANNEL = Phrase("setup-no-art-channel")
RESULTS_WANTED = Phrase("setup-results-wanted")
IS_OFF = Phrase("setup-is-off")
# Characters of a choice in a menu, of what was just done, and of an entry in the history.
_CHOICE_LIMIT, _DONE_LIMIT, _LINE_LIMIT = 100, 500, 160
_OF_WEEK = ("week_channel_id", "week_begins", "week_ends", "week_zone")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LISTED = 10  # channels, roles or styles in a row


def _key(zone: Zone) -> str:
    return zone.rpartition("/")[2].replace("_", "-").lower()


class Page(StrEnum):
    """What the panel shows."""

    ALL = "all"
    CHANNELS = "channels"
    PALETTE = "palette"
    STARTERS = "starters"
    RESULTS = "results"
    GALLERY = "gallery"
    STARS = "stars"
    CONSENT = "consent"
    LIMITS = "limits"
    MODERATION = "moderation"
    WEEK = "week"
    MUSEUM = "museum"
    LANGUAGE = "language"
    HISTORY = "history"


STEPS = (
    Page.CHANNELS,
    Page.PALETTE,
    Page.STARTERS,
    Page.RESULTS,
    Page.CONSENT,
    Page.LIMITS,
    Page.MODERATION,
    Page.LANGUAGE,
)
EXTRAS = (
    Page.GALLERY,
    Page.STARS,
    Page.WEEK,
    Page.MUSEUM,
)  # what a server may have besides, and is not walked through at first
TITLES = {
    Page.ALL: Phrase("setup-title-all"),
    Page.CHANNELS: Phrase("setup-title-channels"),
    Page.PALETTE: Phrase("setup-title-palette"),
    Page.STARTERS: Phrase("setup-title-starters"),
    Page.RESULTS: Phrase("setup-title-results"),
    Page.GALLERY: Phrase("setup-title-gallery"),
    Page.STARS: Phrase("setup-title-stars"),
    Page.CONSENT: Phrase("setup-title-consent"),
    Page.LIMITS: Phrase("setup-title-limits"),
    Page.MODERATION: Phrase("setup-title-moderation"),
    Page.WEEK: Phrase("setup-title-week"),
    Page.MUSEUM: Phrase("setup-title-museum"),
    Page.LANGUAGE: Phrase("setup-title-language"),
    Page.HISTORY: Phrase("setup-title-history"),
}
_EXPLAINED = {
    Page.ALL: Phrase("setup-about-all"),
    Page.CHANNELS: Phrase("setup-about-channels"),
    Page.PALETTE: Phrase("setup-about-palette"),
    Page.STARTERS: Phrase("setup-about-starters"),
    Page.RESULTS: Phrase("setup-about-results"),
    Page.GALLERY: Phrase("setup-about-gallery"),
    Page.STARS: Phrase("setup-about-stars"),
    Page.CONSENT: Phrase("setup-about-consent"),
    Page.LIMITS: Phrase("setup-about-limits"),
    Page.MODERATION: Phrase("setup-about-moderation"),
    Page.WEEK: Phrase("setup-about-week"),
    Page.MUSEUM: Phrase("setup-about-museum"),
    Page.LANGUAGE: Phrase("setup-about-language"),
    Page.HISTORY: Phrase("setup-about-history"),
}
PLACEHOLDERS = {
    "channels": Phrase("setup-choose-channels"),
    "palette": Phrase("setup-choose-palette"),
    "favourites": Phrase("setup-choose-favourites"),
    "starters": Phrase("setup-choose-starters"),
    "output": Phrase("setup-choose-output"),
    "results_id": Phrase("setup-choose-results-id"),
    "consent": Phrase("setup-choose-consent"),
    "on_delete": Phrase("setup-choose-on-delete"),
    "open_per_member": Phrase("setup-choose-open-per-member"),
    "cooldown_seconds": Phrase("setup-choose-cooldown-seconds"),
    "daily_per_member": Phrase("setup-choose-daily-per-member"),
    "exempt": Phrase("setup-choose-exempt"),
    "audit_id": Phrase("setup-choose-audit-id"),
    "open_per_server": Phrase("setup-choose-open-per-server"),
    "daily_per_server": Phrase("setup-choose-daily-per-server"),
    "work": Phrase("setup-choose-work"),
    "week_channel_id": Phrase("setup-choose-week-channel-id"),
    "week_begins": Phrase("setup-choose-week-begins"),
    "week_ends": Phrase("setup-choose-week-ends"),
    "week_zone": Phrase("setup-choose-week-zone"),
    "curators": Phrase("setup-choose-curators"),
    "style_votes": Phrase("setup-choose-style-votes"),
    "style_vote_days": Phrase("setup-choose-style-vote-days"),
    "language": Phrase("setup-choose-language"),
    "gallery_id": Phrase("setup-choose-gallery-id"),
    "own_gallery_id": Phrase("setup-choose-own-gallery-id"),
    "stars_needed": Phrase("setup-choose-stars-needed"),
    "stars_newest_days": Phrase("setup-choose-stars-newest-days"),
    "star": Phrase("setup-choose-star"),
    "stars_kept": Phrase("setup-choose-stars-kept"),
    "star_account_days": Phrase("setup-choose-star-account-days"),
    "star_member_days": Phrase("setup-choose-star-member-days"),
    "on_gone": Phrase("setup-choose-on-gone"),
}
NAMES = {
    "is_art": Phrase("setup-name-is-art"),
    "palette": Phrase("setup-name-palette"),
    "favourites": Phrase("setup-name-favourites"),
    "seeds_palette": Phrase("setup-name-seeds-palette"),
    "starters": Phrase("setup-name-starters"),
    "output": Phrase("setup-name-output"),
    "results_id": Phrase("setup-name-results-id"),
    "consent": Phrase("setup-name-consent"),
    "on_delete": Phrase("setup-name-on-delete"),
    "open_per_member": Phrase("setup-name-open-per-member"),
    "cooldown_seconds": Phrase("setup-name-cooldown-seconds"),
    "daily_per_member": Phrase("setup-name-daily-per-member"),
    "exempt": Phrase("setup-name-exempt"),
    "audit_id": Phrase("setup-name-audit-id"),
    "open_per_server": Phrase("setup-name-open-per-server"),
    "daily_per_server": Phrase("setup-name-daily-per-server"),
    "work": Phrase("setup-name-work"),
    "week_channel_id": Phrase("setup-name-week-channel-id"),
    "week_begins": Phrase("setup-name-week-begins"),
    "week_ends": Phrase("setup-name-week-ends"),
    "week_zone": Phrase("setup-name-week-zone"),
    "curators": Phrase("setup-name-curators"),
    "style_votes": Phrase("setup-name-style-votes"),
    "style_vote_days": Phrase("setup-name-style-vote-days"),
    "language": Phrase("setup-name-language"),
    "gallery_id": Phrase("setup-name-gallery-id"),
    "own_gallery_id": Phrase("setup-name-own-gallery-id"),
    "stars_needed": Phrase("setup-name-stars-needed"),
    "stars_newest_days": Phrase("setup-name-stars-newest-days"),
    "star": Phrase("setup-name-star"),
    "stars_kept": Phrase("setup-name-stars-kept"),
    "star_account_days": Phrase("setup-name-star-account-days"),
    "star_member_days": Phrase("setup-name-star-member-days"),
    "self_stars": Phrase("setup-name-self-stars"),
    "on_gone": Phrase("setup-name-on-gone"),
}
CHOICES: dict[str, Mapping[str, Phrase]] = {
    "output": {
        Output.THREAD: Phrase("setup-output-thread"),
        Output.CHANNEL: Phrase("setup-output-channel"),
        Output.RESULTS: Phrase("setup-output-results"),
    },
    "consent": {
        Consent.ASK: Phrase("setup-consent-ask"),
        Consent.OWN: Phrase("setup-consent-own"),
        Consent.OPEN: Phrase("setup-consent-open"),
    },
    "on_delete": {
        OnDelete.TAKE: Phrase("setup-on-delete-take"),
        OnDelete.KEEP: Phrase("setup-on-delete-keep"),
    },
    "on_gone": {
        OnGone.REMOVE: Phrase("setup-on-gone-remove"),
        OnGone.KEEP: Phrase("setup-on-gone-keep"),
        OnGone.FREEZE: Phrase("setup-on-gone-freeze"),
    },
    "exempt": {
        Exempt.NOBODY: Phrase("setup-exempt-nobody"),
        Exempt.MODERATORS: Phrase("setup-exempt-moderators"),
    },
    "work": {
        Work.ON: Phrase("setup-work-on"),
        Work.FINISH: Phrase("setup-work-finish"),
        Work.STOP: Phrase("setup-work-stop"),
    },
    "week_zone": {each: Phrase(f"setup-zone-{_key(each)}") for each in Zone},
    "language": {
        LanguageChoice.AUTOMATIC: Phrase("setup-language-auto"),
        LanguageChoice.ENGLISH: Phrase("setup-language-en"),
        LanguageChoice.GERMAN: Phrase("setup-language-de"),
    },
}
_OF_MUSEUM = ("curators", "style_votes", "style_vote_days")
_HEADS = {
    "open_per_member": Phrase("setup-head-open-per-member"),
    "cooldown_seconds": Phrase("setup-head-cooldown-seconds"),
    "daily_per_member": Phrase("setup-head-daily-per-member"),
    "exempt": Phrase("setup-head-exempt"),
    "open_per_server": Phrase("setup-head-open-per-server"),
    "daily_per_server": Phrase("setup-head-daily-per-server"),
    "work": Phrase("setup-head-work"),
}
# The settings of a server that no channel has its own of, as they are listed.
_OF_SERVER = (
    "results_id",
    "gallery_id",
    "stars_newest_days",
    "star",
    "stars_kept",
    "star_account_days",
    "star_member_days",
    "self_stars",
    "consent",
    "on_delete",
    "on_gone",
    "open_per_member",
    "cooldown_seconds",
    "daily_per_member",
    "exempt",
    "audit_id",
    "open_per_server",
    "daily_per_server",
    "work",
    *_OF_WEEK,
    *_OF_MUSEUM,
    "language",
)


_ALWAYS = ("is_art", "starters", "output", "consent")  # are told even if they are as suggested


def page(name: Page, *, step: int | None, settings: str, done: str, hints: Iterable[str]) -> str:
    """A page of the panel: what was done, what it is about, and all that is set."""
    title = TITLES[name]()
    if step is not None:
        title = say("setup-step", step=step, of=len(STEPS), title=title)
    about = _EXPLAINED[name](most=PALETTE_LIMIT, favourites=FAVOURITES, more=MORE)
    parts = (done, f"**{title}**\n{about}", *hints, settings)
    return _cut("\n".join(part for part in parts if part), MESSAGE_LIMIT)


def summary(
    server: ServerSettings,
    channels: Mapping[int, ChannelSettings],
    styles: Sequence[StyleCard],
    about: Collection[str] = (),
) -> str:
    """What a server has set, one setting a line: those that a page is `about`, or else what is not as suggested."""
    texts = _texts(server, channels, styles)
    if about:
        return "\n".join(_line(name, text) for name, text in texts.items() if name in about)
    suggested = _texts(ServerSettings(), {}, styles)
    told = {name: text for name, text in texts.items() if name in _ALWAYS or text != suggested[name]}
    rest = say("setup-rest", count=len(texts) - len(told))
    return "\n".join([*(_line(name, text) for name, text in told.items()), f"-# {rest}"])


def _line(name: str, text: str) -> str:
    return f"- {say('setup-setting', name=NAMES[name](), value=text)}"


def _texts(
    server: ServerSettings, channels: Mapping[int, ChannelSettings], styles: Sequence[StyleCard]
) -> dict[str, str]:
    texts = {"is_art": _listed([f"<#{each}>" for each in channels]) or say("setup-none-yet")}
    for name in ("palette", "favourites", "seeds_palette"):
        texts[name] = _of_channels(name, channels, styles)
    texts["starters"] = _starters(server, channels)
    texts["output"] = _of_channels("output", channels, styles)
    texts["gallery_id"] = _gallery(server.gallery_id)  # before what a picture in it needs
    texts["own_gallery_id"] = _own_galleries(channels)
    texts["stars_needed"] = _needed(server, channels)
    for name in _OF_SERVER:
        texts[name] = value_of(name, getattr(server, name), styles)
    return texts


def changed(changes: Sequence[Change], styles: Sequence[StyleCard]) -> str:
    """What was changed at once, from what to what, and in which channels."""
    where: dict[tuple[str, str, str], list[int]] = {}
    for change in changes:
        model = ServerSettings if change.channel_id is None else ChannelSettings
        before, after = model.model_validate(change.before), model.model_validate(change.after)
        for name in change.touched:
            if name not in NAMES:  # of a version of ours that knew another setting
                continue
            was, is_now = (value_of(name, getattr(each, name), styles) for each in (before, after))
            known = where.setdefault((name, was, is_now), [])
            known += [change.channel_id] if change.channel_id is not None else []
    return "; ".join(
        say(
            "setup-changed-in" if channels else "setup-changed",
            name=NAMES[name](),
            before=before,
            after=after,
            channels=_listed([f"<#{each}>" for each in channels]),
        )
        for (name, before, after), channels in where.items()
    )


def done(changes: Sequence[Change], styles: Sequence[StyleCard]) -> str:
    """The answer to a change."""
    return say("setup-was-changed", changes=_cut(changed(changes, styles), _DONE_LIMIT))


def undone(changes: Sequence[Change], styles: Sequence[StyleCard]) -> str:
    """The answer to an undo."""
    return say("setup-was-undone", changes=_cut(changed(changes, styles), _DONE_LIMIT))


def history(acts: Sequence[Sequence[Change]], styles: Sequence[StyleCard]) -> str:
    """What was changed, by whom and when."""
    lines = [
        say(
            "setup-entry",
            n=n,
            when=f"<t:{act[0].at:.0f}:R>",
            who=_who(act[0].member_id),
            changes=_cut(changed(act, styles), _LINE_LIMIT),
        )
        for n, act in enumerate(acts, start=1)
    ]
    return "\n".join(lines) or NO_CHANGES()


def _who(member_id: int) -> str:
    return f"<@{member_id}>" if member_id != NOBODY else say("setup-somebody")


def revert_choice(n: int, act: Sequence[Change]) -> str:
    """A change in the menu of those that can be put back, by its number in the history."""
    names = {NAMES[name](): None for change in act for name in change.touched if name in NAMES}
    return _cut(f"{n}. {', '.join(names)}", _CHOICE_LIMIT)


def labelled(name: str, text: str) -> str:
    """A value in a menu beside others of its kind: which of them it is."""
    return say("setup-setting", name=_HEADS[name](), value=text) if name in _HEADS else capitalised(text)


def value_of(name: str, value: Any, styles: Sequence[StyleCard] = ()) -> str:
    """A setting's value in words."""
    if name in CHOICES:
        return CHOICES[name][str(value)]()
    return _VALUES[name](value, styles)


def seconds(value: int) -> str:
    """A pause."""
    if value == 0:
        return say("setup-none")
    if value % 3600 == 0:
        return say("setup-hours", count=value // 3600)
    return say("setup-minutes", count=value // 60) if value % 60 == 0 else say("setup-seconds", count=value)


def _limit(value: int) -> str:
    return str(value) if value else say("setup-no-limit")


def hour_of_week(value: int) -> str:
    """A time in every week, by the hours since Monday began."""
    return say(f"setup-{_DAYS[value // 24]}", time=f"{value % 24:02}:00")


def _channel(value: int | None) -> str:
    return f"<#{value}>" if value is not None else say("setup-no-channel")


def _gallery(value: int | None) -> str:
    return f"<#{value}>" if value is not None else say("setup-no-gallery")


def _own_galleries(channels: Mapping[int, ChannelSettings]) -> str:
    own = [
        say("setup-own-gallery", channel=f"<#{channel}>", gallery=f"<#{each.own_gallery_id}>")
        for channel, each in channels.items()
        if each.own_gallery_id is not None
    ]
    return _listed(own) or say("setup-as-the-server")


def _where(value: int | None) -> str:
    return say("setup-in-channel", channel=f"<#{value}>") if value is not None else say("setup-no-channel")


def audit_public(channel_id: int) -> str:
    """A hint that everybody can read what moderators are told."""
    return say("setup-audit-public", channel=f"<#{channel_id}>")


def lacking(channel_id: int, permissions: Sequence[str]) -> str:
    """A hint that something is missing in a channel."""
    return say("setup-lacking", channel=f"<#{channel_id}>", permissions=", ".join(permissions))


def _of_channels(name: str, channels: Mapping[int, ChannelSettings], styles: Sequence[StyleCard]) -> str:
    texts = {value_of(name, getattr(each, name), styles) for each in channels.values()}
    if not texts:
        texts = {value_of(name, getattr(ChannelSettings(), name), styles)}
    return texts.pop() if len(texts) == 1 else say("setup-not-the-same")


def _starters(server: ServerSettings, channels: Mapping[int, ChannelSettings]) -> str:
    text = value_of("starters", server.starters)
    others = _listed([f"<#{channel}>" for channel, each in channels.items() if each.starters is not None])
    return say("setup-different-in", value=text, channels=others) if others else text


def _needed(server: ServerSettings, channels: Mapping[int, ChannelSettings]) -> str:
    text = value_of("stars_needed", server.stars_needed)
    others = _listed([f"<#{channel}>" for channel, each in channels.items() if each.stars_needed is not None])
    return say("setup-different-in", value=text, channels=others) if others else text


def _stars(value: int | None) -> str:
    if value is None:
        return say("setup-as-the-server")
    return str(value) if value else say("setup-not-shown")


def _days(value: int, none: str) -> str:
    return say("setup-days", count=value) if value else say(none)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_LISTED])
    more = len(names) - _LISTED
    return say("setup-and-more", names=shown, count=more) if more > 0 else shown


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _palette(names: Sequence[str], styles: Sequence[StyleCard], none: str = "setup-all-paintings") -> str:
    if not names:
        return say(none)
    known = {style.name: style.emoji for style in styles}
    return " ".join(known.get(name, f"`{name}`") for name in names)


def _roles(roles: Sequence[int] | None) -> str:
    if roles is None:
        return say("setup-as-the-server")
    return _listed([f"<@&{role}>" for role in roles]) or say("setup-everybody")


def _yes_or_no(value: bool) -> str:
    return say("setup-yes" if value else "setup-no")


_VALUES: dict[str, Callable[[Any, Sequence[StyleCard]], str]] = {
    "is_art": lambda value, _: _yes_or_no(value),
    "seeds_palette": lambda value, _: _yes_or_no(value),
    "palette": _palette,
    "favourites": partial(_palette, none="setup-used-most"),
    "starters": lambda value, _: _roles(value),
    "results_id": lambda value, _: _channel(value),
    "gallery_id": lambda value, _: _gallery(value),
    "own_gallery_id": lambda value, _: f"<#{value}>" if value is not None else say("setup-as-the-server"),
    "stars_needed": lambda value, _: _stars(value),
    "stars_newest_days": lambda value, _: _days(value, "setup-however-old"),
    "star": lambda value, _: str(value),
    "stars_kept": lambda value, _: str(value) if value else say("setup-however-few"),
    "star_account_days": lambda value, _: _days(value, "setup-any"),
    "star_member_days": lambda value, _: _days(value, "setup-any"),
    "self_stars": lambda value, _: say("setup-count" if value else "setup-count-not"),
    "open_per_member": lambda value, _: str(value),
    "cooldown_seconds": lambda value, _: seconds(value),
    "daily_per_member": lambda value, _: _limit(value),
    "audit_id": lambda value, _: _channel(value),
    "open_per_server": lambda value, _: _limit(value),
    "daily_per_server": lambda value, _: _limit(value),
    "week_channel_id": lambda value, _: _where(value),
    "week_begins": lambda value, _: hour_of_week(value),
    "week_ends": lambda value, _: hour_of_week(value),
    "curators": lambda value, _: _listed([f"<@&{role}>" for role in value]) or say("setup-nobody-else"),
    "style_votes": lambda value, _: str(value) if value else say("setup-no-votes"),
    "style_vote_days": lambda value, _: say("setup-days", count=value),
}
