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
    OnDelete,
    OnGone,
    Output,
    ServerSettings,
    Work,
    Zone,
)
from bot.words.palette import MORE
from bot.words.post import MESSAGE_LIMIT
from engine.protocol import StyleCard

MAY_PAINT = "may have pictures painted"  # as `/check` says it too
SETUP = "Set up where I paint, with what, for whom, and where results go."
HELLO = (
    "Hello! I paint your pictures in the style of famous paintings, or of any other picture: try `/stylize`.\n"
    "In an art channel a tap under a picture is enough. Whoever manages this server chooses those channels here, and "
    "who may do what; until then I do nothing by myself."
)
UPDATED = (
    "I have been updated, and need a decision: in which channels is a tap under a picture enough? Whoever manages this "
    "server chooses them here. Until then I do nothing by myself; commands and menus work as before."
)
OPEN = "Set up"
UNDO = "Undo"
BACK, NEXT, DONE, ALL, HISTORY = "Back", "Next", "Done", "All settings", "Last changes"
TAP_FIRST_ON, TAP_FIRST_OFF = "Put the emojis under pictures", "Do not put the emojis there"
SUGGESTED = "My suggestion"
AS_EVERYWHERE = "Same as in the rest of the server"
WHICH_CHANNEL, ALL_CHANNELS, EVERYWHERE = "For which channel?", "All art channels", "The whole server"
JUMP = "What do you want to change?"
REVERT = "Undo one of these"
NOTHING_TO_UNDO = "That has already been undone."
UNDONE = "Put back."
NO_CHANGES = "Nothing has been changed yet."
SELF_ON, SELF_OFF = "Stars for one's own count", "Stars for one's own do not count"
OTHER_STAR = "Another emoji…"
STAR_FORM = "What members star with"
STAR_FIELD = "An emoji, or one of this server's as :name:"
NO_ART_CHANNEL = "*Choose an art channel first: this is set for each of them.*"
# Characters of a choice in a menu, of what was just done, and of an entry in the history.
_CHOICE_LIMIT, _DONE_LIMIT, _LINE_LIMIT = 100, 500, 160
_OF_WEEK = ("week_channel_id", "week_begins", "week_ends", "week_zone")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LISTED = 10  # channels, roles or styles in a row


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
    HISTORY = "history"


STEPS = (
    Page.CHANNELS,
    Page.PALETTE,
    Page.STARTERS,
    Page.RESULTS,
    Page.CONSENT,
    Page.LIMITS,
    Page.MODERATION,
)
EXTRAS = (
    Page.GALLERY,
    Page.STARS,
    Page.WEEK,
    Page.MUSEUM,
)  # what a server may have besides, and is not walked through at first
TITLES = {
    Page.ALL: "What is set here",
    Page.CHANNELS: "Art channels",
    Page.PALETTE: "Palette",
    Page.STARTERS: f"Who {MAY_PAINT}",
    Page.RESULTS: "Where results go",
    Page.GALLERY: "Gallery",
    Page.STARS: "Which stars count",
    Page.CONSENT: "Whose pictures",
    Page.LIMITS: "Limits for members",
    Page.MODERATION: "For moderators",
    Page.WEEK: "Style of the week",
    Page.MUSEUM: "This server's own styles",
    Page.HISTORY: "Last changes",
}
_EXPLAINED = {
    Page.ALL: "Each change takes effect at once, and can be undone.",
    Page.CHANNELS: (
        "Under a picture in an art channel, members tap a painting's emoji and I paint. Anywhere else I do nothing by "
        "myself. What is set for a channel holds in its threads."
    ),
    Page.PALETTE: (
        f"The paintings whose emojis can be tapped under a picture: at least one, at most {PALETTE_LIMIT}. I put "
        f"{FAVOURITES} of them there, and {MORE}, which tries out all paintings; the emojis of the others count when members "
        "add them by themselves."
    ),
    Page.STARTERS: (
        f"Choose the roles whose members {MAY_PAINT}; without any, everybody may. "
        "Whoever manages the server always may."
    ),
    Page.RESULTS: (
        "Where I post what a tap or a menu has asked for; `/stylize` answers where it is used. "
        "The results channel is one channel for all of them."
    ),
    Page.GALLERY: (
        "A picture that enough members star, by reacting to it, is shown in the gallery once, with whose it is and how it was "
        "painted. Nothing comes there from age-restricted channels, nothing hidden, and nothing that not everybody who "
        "sees the gallery may see. Members can take their own out."
    ),
    Page.STARS: "Each member counts once for a picture, bots never. What is changed counts for all pictures from now on.",
    Page.CONSENT: (
        "Everybody may have their own pictures painted. This is about pictures of others, and about what becomes of "
        "results, and of what is in the gallery, when their picture is deleted."
    ),
    Page.LIMITS: (
        "How many pictures one member may wait for, how soon they may ask for the next, and how many they may have in "
        "24 hours. A sheet of all paintings counts as one picture, and one chosen from it as another."
    ),
    Page.MODERATION: (
        "In the audit channel I write who had whose picture painted how, what moderators did and what was set: a line each, "
        "never a picture, and nobody is pinged. Here are also limits for all members together, and the switch that `/off` "
        "and `/on` turn."
    ),
    Page.WEEK: (
        "Every week I announce a painting in a channel that you choose. Whoever has a picture of theirs painted in its style "
        "takes part, and at the end I post one collage of them all, with their names. `/week` says how it stands."
    ),
    Page.MUSEUM: (
        "Members' pictures can become styles of this server, once their author has said yes: open a message's menu, then "
        "Apps, then *Offer as a style*. Members who manage messages decide which; choose roles that may too, and whether the "
        "members' votes are enough."
    ),
    Page.HISTORY: "Who changed what, the newest first.",
}
PLACEHOLDERS = {
    "channels": "Which channels are for art?",
    "palette": "Which paintings can be tapped?",
    "favourites": "Which do I put there? None: those used most",
    "starters": "Everybody may: choose roles to change that",
    "output": "Where do results go?",
    "results_id": "No results channel: choose one to have one",
    "gallery_id": "No gallery: choose a channel to have one",
    "stars_needed": "How many stars does a picture need?",
    "stars_newest_days": "How old may a picture be?",
    "star": "What do members star with?",
    "stars_kept": "With how many does it stay?",
    "star_account_days": "How old must a member's account be?",
    "star_member_days": "How long must they be in this server?",
    "on_gone": "And in the gallery?",
    "consent": "Whose pictures may be painted?",
    "on_delete": "And when the picture is deleted?",
    "open_per_member": "How many pictures at once?",
    "cooldown_seconds": "A pause between two pictures?",
    "daily_per_member": "How many pictures in 24 hours?",
    "exempt": "Who is held to no limit?",
    "audit_id": "No audit channel: choose one that only moderators see",
    "open_per_server": "How many pictures at once, of all members?",
    "daily_per_server": "How many pictures in 24 hours, of all members?",
    "work": "Do I paint here?",
    "week_channel_id": "No style of the week: choose a channel for it",
    "week_begins": "When is the style announced?",
    "week_ends": "When is the collage posted?",
    "week_zone": "In which time zone?",
    "curators": "Who else decides? Choose roles",
    "style_votes": "How many ✅ of members are enough?",
    "style_vote_days": "For how long can they vote?",
}
NAMES = {
    "is_art": "Art channel",
    "palette": "Palette",
    "favourites": "Those that I put there",
    "seeds_palette": "I put emojis there",
    "starters": f"Who {MAY_PAINT}",
    "output": "Results",
    "results_id": "Results channel",
    "gallery_id": "Gallery",
    "stars_needed": "Stars that a picture needs",
    "stars_newest_days": "How old it may be then",
    "star": "Star",
    "stars_kept": "Stars with which it stays",
    "star_account_days": "Age of an account that counts",
    "star_member_days": "Time in this server that counts",
    "self_stars": "Stars for one's own pictures",
    "consent": "Pictures of others",
    "on_delete": "When a picture is deleted",
    "on_gone": "And in the gallery",
    "open_per_member": "Pictures at once, for each member",
    "cooldown_seconds": "Pause between two pictures",
    "daily_per_member": "Pictures in 24 hours, for each member",
    "exempt": "Held to no limit",
    "audit_id": "Audit channel",
    "open_per_server": "Pictures at once, for all members together",
    "daily_per_server": "Pictures in 24 hours, for all members together",
    "work": "I paint here",
    "week_channel_id": "Style of the week",
    "week_begins": "It is announced",
    "week_ends": "Its collage is posted",
    "week_zone": "Time zone",
    "curators": "Who else decides about own styles",
    "style_votes": "Votes that make a picture a style",
    "style_vote_days": "Time to vote",
}
CHOICES: dict[str, dict[str, str]] = {
    "output": {
        Output.THREAD: "in a thread under the picture",
        Output.CHANNEL: "in the channel, under the picture",
        Output.RESULTS: "in the results channel",
    },
    "consent": {
        Consent.ASK: "once their author has said yes",
        Consent.OWN: "not at all",
        Consent.OPEN: "unless their author has said no",
    },
    "on_delete": {
        OnDelete.TAKE: "its results are deleted too",
        OnDelete.KEEP: "its results stay",
    },
    "on_gone": {
        OnGone.REMOVE: "it goes there too",
        OnGone.KEEP: "it stays there, and can still be starred",
        OnGone.FREEZE: "it stays there as it is",
    },
    "exempt": {
        Exempt.NOBODY: "nobody",
        Exempt.MODERATORS: "moderators",
    },
    "work": {
        Work.ON: "yes",
        Work.FINISH: "no, but what is being painted is finished",
        Work.STOP: "no, and what is being painted is stopped",
    },
    "week_zone": {each: each.replace("_", " ").rpartition("/")[2] for each in Zone},
}


_OF_MUSEUM = ("curators", "style_votes", "style_vote_days")

_HEADS = {
    "open_per_member": "At once",
    "cooldown_seconds": "Pause",
    "daily_per_member": "In 24 hours",
    "exempt": "Held to no limit",
    "open_per_server": "At once, all together",
    "daily_per_server": "In 24 hours, all together",
    "work": "I paint here",
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
)


def page(name: Page, *, step: int | None, settings: str, done: str, hints: Iterable[str]) -> str:
    """A page of the panel: what was done, what it is about, and all that is set."""
    where = f"Step {step} of {len(STEPS)} · " if step is not None else ""
    head = f"**{where}{TITLES[name]}**\n{_EXPLAINED[name]}"
    return _cut("\n".join(part for part in (done, head, *hints, settings) if part), MESSAGE_LIMIT)


def summary(
    server: ServerSettings,
    channels: Mapping[int, ChannelSettings],
    styles: Sequence[StyleCard],
    about: Collection[str] = (),
) -> str:
    """All that a server has set, one setting a line; those that a page is `about` stand out."""
    texts = {"is_art": _listed([f"<#{each}>" for each in channels]) or "none yet"}
    for name in ("palette", "favourites", "seeds_palette"):
        texts[name] = _of_channels(name, channels, styles)
    texts["starters"] = _starters(server, channels)
    texts["output"] = _of_channels("output", channels, styles)
    texts["results_id"] = value_of("results_id", server.results_id)
    texts["gallery_id"] = value_of("gallery_id", server.gallery_id)
    texts["stars_needed"] = _needed(server, channels)
    for name in _OF_SERVER:
        texts[name] = value_of(name, getattr(server, name), styles)
    return "\n".join(
        f"- **{NAMES[name]}: {text}**" if name in about else f"- {NAMES[name]}: {text}"
        for name, text in texts.items()
    )


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
        f"{NAMES[name]}: {before} → **{after}**{_in_channels(channels)}"
        for (name, before, after), channels in where.items()
    )


def done(changes: Sequence[Change], styles: Sequence[StyleCard]) -> str:
    """The answer to a change."""
    return f"✅ {_cut(changed(changes, styles), _DONE_LIMIT)}"


def undone(changes: Sequence[Change], styles: Sequence[StyleCard]) -> str:
    """The answer to an undo."""
    return f"↩️ {UNDONE} {_cut(changed(changes, styles), _DONE_LIMIT)}"


def history(acts: Sequence[Sequence[Change]], styles: Sequence[StyleCard]) -> str:
    """What was changed, by whom and when."""
    lines = [
        f"{n}. <t:{act[0].at:.0f}:R> {_who(act[0].member_id)}: {_cut(changed(act, styles), _LINE_LIMIT)}"
        for n, act in enumerate(acts, start=1)
    ]
    return "\n".join(lines) or NO_CHANGES


def _who(member_id: int) -> str:
    return f"<@{member_id}>" if member_id != NOBODY else "somebody who has deleted their data"


def revert_choice(n: int, act: Sequence[Change]) -> str:
    """A change in the menu of those that can be put back, by its number in the history."""
    names = {NAMES[name]: None for change in act for name in change.touched if name in NAMES}
    return _cut(f"{n}. {', '.join(names)}", _CHOICE_LIMIT)


def labelled(name: str, text: str) -> str:
    """A value in a menu beside others of its kind: which of them it is."""
    return f"{_HEADS[name]}: {text}" if name in _HEADS else text[:1].upper() + text[1:]


def value_of(name: str, value: Any, styles: Sequence[StyleCard] = ()) -> str:
    """A setting's value in words."""
    if name in CHOICES:
        return CHOICES[name][str(value)]
    return _VALUES[name](value, styles)


def seconds(value: int) -> str:
    """A pause."""
    if value == 0:
        return "none"
    if value % 3600 == 0:
        return f"{value // 3600} h"
    return f"{value // 60} min" if value % 60 == 0 else f"{value} s"


def _limit(value: int) -> str:
    return str(value) if value else "no limit"


def hour_of_week(value: int) -> str:
    """A time in every week, by the hours since Monday began."""
    return f"{_DAYS[value // 24]}, {value % 24:02}:00"


def lacking(channel_id: int, flags: Sequence[str]) -> str:
    """A hint that something is missing in a channel."""
    return f"⚠️ In <#{channel_id}> I still need: {', '.join(flags)}. `/check` says more."


IS_OFF = "⏸️ I am switched off here: I paint nothing until `/on`."


def audit_public(channel_id: int) -> str:
    """A hint that everybody can read what moderators are told."""
    return f"⚠️ Everybody can read <#{channel_id}>: please choose a channel that only moderators see."


RESULTS_WANTED = "⚠️ Results should go to the results channel, but none is chosen: please choose one."


def _of_channels(name: str, channels: Mapping[int, ChannelSettings], styles: Sequence[StyleCard]) -> str:
    texts = {value_of(name, getattr(each, name), styles) for each in channels.values()}
    if not texts:
        texts = {value_of(name, getattr(ChannelSettings(), name), styles)}
    return texts.pop() if len(texts) == 1 else "not the same in all channels"


def _starters(server: ServerSettings, channels: Mapping[int, ChannelSettings]) -> str:
    text = value_of("starters", server.starters)
    others = [channel for channel, each in channels.items() if each.starters is not None]
    return f"{text}, but different in {_listed([f'<#{each}>' for each in others])}" if others else text


def _needed(server: ServerSettings, channels: Mapping[int, ChannelSettings]) -> str:
    text = value_of("stars_needed", server.stars_needed)
    others = [channel for channel, each in channels.items() if each.stars_needed is not None]
    return f"{text}, but different in {_listed([f'<#{each}>' for each in others])}" if others else text


def _stars(value: int | None) -> str:
    if value is None:
        return "as in the rest of the server"
    return str(value) if value else "no picture of this channel is shown"


def _days(value: int, none: str) -> str:
    return f"{value} day{'s' if value != 1 else ''}" if value else none


def _in_channels(channels: Sequence[int]) -> str:
    return f" (in {_listed([f'<#{each}>' for each in channels])})" if channels else ""


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _palette(names: Sequence[str], styles: Sequence[StyleCard], all_of_them: str = "all paintings") -> str:
    if not names:
        return all_of_them
    known = {style.name: style.emoji for style in styles}
    return " ".join(known.get(name, f"`{name}`") for name in names)


def _roles(roles: Sequence[int] | None) -> str:
    if roles is None:
        return "as in the rest of the server"
    return _listed([f"<@&{role}>" for role in roles]) or "everybody"


_VALUES: dict[str, Callable[[Any, Sequence[StyleCard]], str]] = {
    "is_art": lambda value, _: "yes" if value else "no",
    "seeds_palette": lambda value, _: "yes" if value else "no",
    "palette": _palette,
    "favourites": partial(_palette, all_of_them="those that members use most"),
    "starters": lambda value, _: _roles(value),
    "results_id": lambda value, _: f"<#{value}>" if value is not None else "none",
    "gallery_id": lambda value, _: f"<#{value}>" if value is not None else "none",
    "stars_needed": lambda value, _: _stars(value),
    "stars_newest_days": lambda value, _: _days(value, "however old"),
    "star": lambda value, _: str(value),
    "stars_kept": lambda value, _: str(value) if value else "it stays, however few are left",
    "star_account_days": lambda value, _: _days(value, "any"),
    "star_member_days": lambda value, _: _days(value, "any"),
    "self_stars": lambda value, _: "count" if value else "do not count",
    "open_per_member": lambda value, _: str(value),
    "cooldown_seconds": lambda value, _: seconds(value),
    "daily_per_member": lambda value, _: _limit(value),
    "audit_id": lambda value, _: f"<#{value}>" if value is not None else "none",
    "open_per_server": lambda value, _: _limit(value),
    "daily_per_server": lambda value, _: _limit(value),
    "week_channel_id": lambda value, _: f"in <#{value}>" if value is not None else "none",
    "week_begins": lambda value, _: hour_of_week(value),
    "week_ends": lambda value, _: hour_of_week(value),
    "curators": lambda value, _: _listed([f"<@&{role}>" for role in value]) or "nobody else",
    "style_votes": lambda value, _: str(value) if value else "none: moderators decide",
    "style_vote_days": lambda value, _: "a day" if value == 1 else f"{value} days",
}
