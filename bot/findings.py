"""What can be amiss in a server, as codes with facts: found by `bot.orders.checks`, said by `bot.words.check`."""

from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    """What can be amiss."""

    DATABASE_DAMAGED = "database_damaged"
    ENGINE_AWAY = "engine_away"
    ENGINE_BUSY = "engine_busy"
    ENGINE_FULL = "engine_full"
    ENGINE_LOCKED = "engine_locked"  # it does not accept the bot's token
    NO_ART_CHANNEL = "no_art_channel"
    CHANNEL_GONE = "channel_gone"
    CHANNEL_LACKS = "channel_lacks"  # permissions of the bot
    RESULTS_UNSET = "results_unset"  # though results are to go there
    RESULTS_GONE = "results_gone"
    RESULTS_LACKS = "results_lacks"
    GALLERY_GONE = "gallery_gone"
    GALLERY_LACKS = "gallery_lacks"
    GALLERY_RESTRICTED = "gallery_restricted"  # pictures of an age-restricted channel do not come into it
    GALLERY_WIDER = "gallery_wider"  # seen by more than an art channel is
    GALLERY_ITSELF = "gallery_itself"  # an art channel that is one: what is posted there comes into none
    SWITCHED_OFF = "switched_off"  # by whoever manages the server
    PAUSED = "paused"  # by the bot's owner, everywhere
    AUDIT_GONE = "audit_gone"
    AUDIT_LACKS = "audit_lacks"
    AUDIT_PUBLIC = "audit_public"  # everybody can read it
    COMMANDS_NARROWED = "commands_narrowed"  # in Discord's settings, of which taps and mentions know nothing
    ROLES_GONE = "roles_gone"
    NOBODY_LEFT = "nobody_left"  # of the roles whose members may start
    WEEK_GONE = "week_gone"  # the channel for the style of the week
    WEEK_LACKS = "week_lacks"
    STYLES_GONE = "styles_gone"
    CONTENT_UNSEEN = "content_unseen"  # without the message content intent


@dataclass(frozen=True)
class Found:
    """One thing that is amiss: in which channel, which permissions, roles or styles."""

    finding: Finding
    channel_id: int | None = None
    names: tuple[str, ...] = ()
