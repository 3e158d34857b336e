"""Every way in which the bot says no: a stable code and the facts of the case.

    Refusal (engine.protocol)   the engine's answer, or the door's
      NamedRefusal                of images that have names
    BotError                    the bot's own answers
      CannotStart                 the process cannot start
      EngineUnreachable           the engine does not answer; trying again later is right

Rule: no sentence is made here; `bot.words.errors` has them, and `bot.answers` says them.
"""

import errno
import sqlite3
from collections.abc import Mapping
from enum import StrEnum

import aiohttp
import discord
from sqlalchemy.exc import DBAPIError

from engine.protocol import Problem, Refusal

# What Discord or the way to it may do at any time.
DiscordTrouble = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)


class BotErrorCode(StrEnum):
    """What can be wrong: for members first, then for whoever starts the process."""

    MISSING_PERMISSIONS = "missing_permissions"  # the bot may not do here what the job needs
    MAY_NOT = "may_not"  # the member may not do here what the bot would do for them
    BLOCKED = "blocked"  # by the server's moderators
    NOT_INVITED = "not_invited"  # to the server, in which there are its commands only
    NOT_SET_UP = "not_set_up"  # the channel is none of those for art
    NOT_A_STARTER = "not_a_starter"  # the server lets some roles only start paintings
    TOO_MANY_OPEN = "too_many_open"  # the member waits for as many paintings as the server lets them
    COOLING_DOWN = "cooling_down"  # the server wants a pause between two paintings of a member
    SERVER_TOO_MANY_OPEN = "server_too_many_open"  # the same of all members of the server together
    MEMBER_DAY_FULL = "member_day_full"  # the member has had as many in 24 hours as the server lets them
    SERVER_DAY_FULL = "server_day_full"  # the same of all members of the server together
    PERSONAL_DAY_FULL = "personal_day_full"  # the same outside of servers, as the bot's owner lets them
    NOBODY_TO_ASK = "nobody_to_ask"  # somebody else's picture, where the bot can ask nobody
    TOO_LONG_HERE = "too_long_here"  # for the quarter of an hour that an interaction's token lives
    SWITCHED_OFF = "switched_off"  # by whoever manages the server
    PAUSED = "paused"  # by the bot's owner, everywhere
    BARRED = "barred"  # the member, by the bot's owner
    SERVER_BARRED = "server_barred"  # the server, by the bot's owner
    AGE_RESTRICTED = (
        "age_restricted"  # the picture is from where there is an age restriction, and here is none
    )
    NOT_FOR_ALL = "not_for_all"  # who see the gallery: not all of them see the picture's channel
    NOT_IN_GALLERY = "not_in_gallery"  # as whoever's picture it is wants
    AUTHOR_SAYS_NO = "author_says_no"  # to others' painting of their pictures
    ONLY_OWN_PICTURES = "only_own_pictures"  # as the server wants it
    CONSENT_NEEDED = "consent_needed"  # the author has not been asked yet
    AUTHOR_UNKNOWN = "author_unknown"  # so nobody can be asked
    AUTHOR_GONE = "author_gone"  # who would have to say yes, and is not in the channel
    ASKED_ENOUGH = "asked_enough"  # the author has as many questions to answer as one gets in a day
    NOT_THE_AUTHOR = "not_the_author"  # somebody else is asked
    CANNOT_BE_BLOCKED = "cannot_be_blocked"  # a bot, oneself, or somebody who manages the server
    NOT_A_CURATOR = "not_a_curator"  # who decides what is in the museum
    NOT_FOR_MUSEUM = "not_for_museum"  # what no member has posted as a file of theirs
    MUSEUM_FULL = "museum_full"
    STYLE_THERE = "style_there"  # that very picture is in the museum, or proposed
    OFFERED_ENOUGH = "offered_enough"  # as many of their own as may wait for an answer
    STYLE_DECLINED = "style_declined"  # it was proposed before, and its author does not want it to be one
    BAD_STYLE_NAME = "bad_style_name"
    STYLE_NAME_TAKEN = "style_name_taken"
    BAD_STYLE_EMOJI = "bad_style_emoji"
    STYLE_EMOJI_TAKEN = "style_emoji_taken"
    STYLE_OVER = "style_over"  # what was pressed is of a style that was decided on already
    OWN_VOTE = "own_vote"  # for one's own picture
    STYLE_TAKEN_BACK = "style_taken_back"  # by its author
    STYLE_REMOVED = "style_removed"  # from the museum
    STYLE_ELSEWHERE = "style_elsewhere"  # it is another server's
    NO_PICTURE = "no_picture"  # the message has no picture
    NO_PICTURE_HERE = "no_picture_here"  # nor has the channel a new one
    PICTURES_NOT_SEEN = "pictures_not_seen"  # as Discord does not show the bot what others send
    MESSAGE_NOT_SEEN = "message_not_seen"  # it is gone, or the bot or whoever asks may not read it
    NO_SUCH_SOURCE = "no_such_source"  # what was written names no picture
    FOREIGN_ADDRESS = "foreign_address"  # nothing is fetched but from Discord
    SEVERAL_STYLES = "several_styles"  # may be meant by what was written
    UNKNOWN_RECIPE = "unknown_recipe"
    SEVERAL_SOURCES = "several_sources"  # more than one picture was given
    NO_AVATAR = "no_avatar"  # but the one that Discord gives to everybody
    DRAWN_STICKER = "drawn_sticker"  # of lines that move instead of pixels
    OF_ANOTHER_BOT = "of_another_bot"
    NOT_FINISHED = "not_finished"  # a painting that is under way
    NOT_FETCHED = "not_fetched"  # Discord does not hand out an attachment
    NOT_YOURS = "not_yours"  # somebody else's ticket
    NOT_YOURS_TO_DELETE = "not_yours_to_delete"  # somebody else's result
    NOT_YOURS_TO_SHOW = "not_yours_to_show"  # in the gallery or not: somebody else's picture
    TICKET_OVER = "ticket_over"  # there is nothing to stop any more
    ALREADY_UNDERWAY = "already_underway"  # the same picture is being painted for the same member
    STILL_FETCHING = "still_fetching"  # the same member waits for another snapshot or time-lapse
    PICTURE_GONE = "picture_gone"  # the images of a finished picture are no longer kept
    LARGEST = "largest"  # a picture is as large as they are painted here
    SERVER_ONLY = "server_only"  # what belongs to a server was asked for elsewhere
    CANNOT_EXPRESS = "cannot_express"  # the bot may not add emojis and stickers
    HIDDEN_PICTURE = "hidden_picture"  # as a spoiler, which an emoji and the like cannot be
    NO_MORE_EXPRESSIONS = "no_more_expressions"  # the server has as many as it may
    NOT_EXPRESSED = "not_expressed"  # Discord does not take it as an emoji or a sticker
    NO_SUCH_PICTURE = "no_such_picture"  # by that id or link, or not for whoever asks
    RESULT_DELETED = "result_deleted"  # the result that something is wanted of
    MOMENT_DELETED = "moment_deleted"  # a snapshot that was posted before
    NOT_A_RESULT = "not_a_result"  # the message is none of the bot's pictures
    ALL_TRIED = "all_tried"  # a sheet has all styles that are on offer, or those that come last
    STILL_PAINTING = "still_painting"  # the message shows a painting that is not finished
    PAINTING_GONE = "painting_gone"  # nor are the snapshots of its painting
    ENGINE_UNREACHABLE = "engine_unreachable"
    ENGINE_BUSY = "engine_busy"  # it answers, but has no room for another request at this moment
    ENGINE_FULL = "engine_full"  # its disk
    ENGINE_LOCKED = "engine_locked"  # it does not accept the bot's token, which is for the owner to mend
    DISCORD_AWAY = "discord_away"  # an attachment is not handed out for now
    DISK_FULL = "disk_full"  # the bot's own
    IMAGES_AWAY = "images_away"  # the store of images
    MEMORY_DAMAGED = "memory_damaged"  # the database was found damaged while it was open
    NO_WEEK = "no_week"  # the server has no style of the week
    NO_WEEK_NOW = "no_week_now"  # none until the next one is announced
    WEEK_OVER = "week_over"  # that was pressed at
    CANNOT_DUEL = "cannot_duel"  # with oneself, a bot, or somebody who is not in the channel
    DUEL_UNWANTED = "duel_unwanted"  # by somebody who lets nobody use their pictures, or is blocked
    DUEL_UNDERWAY = "duel_underway"  # the challenger's last one
    DUEL_LATER = "duel_later"  # with the same opponent, who has refused or been challenged often today
    CHALLENGED_ENOUGH = "challenged_enough"  # the opponent has several to answer
    CHALLENGER_CANNOT = "challenger_cannot"  # have a picture painted at the moment
    NOT_YOUR_DUEL = "not_your_duel"
    DUEL_OVER = "duel_over"  # or is past what was pressed
    OWN_DUEL = "own_duel"  # in which one cannot vote
    TOO_NEW = "too_new"  # for a vote: the account, or the member
    FORGOTTEN = "forgotten"  # what was pressed is of a former process, or of another version
    NOT_AN_EMOJI = "not_an_emoji"  # that members could star with here
    STOPPING = "stopping"  # the process is about to end

    CONFIG_UNREADABLE = "config_unreadable"
    CONFIG_NOT_TEXT = "config_not_text"
    CONFIG_NOT_TOML = "config_not_toml"
    UNKNOWN_TABLE = "unknown_table"
    UNKNOWN_SETTING = "unknown_setting"
    BAD_SETTING = "bad_setting"
    NOT_HTTP = "not_http"  # a setting that has to be the address of an HTTP server
    NOT_HTTPS = "not_https"  # one at which members fetch pictures, over networks that others read
    NO_TOKEN = "no_token"  # noqa: S105 - the name of an error, not a secret
    NOT_LOOPBACK = "not_loopback"  # a stand-in for Discord that is not on this machine
    DIRECTORY_NOT_MADE = "directory_not_made"
    BAD_DATABASE_URL = "bad_database_url"
    DATABASE_NOT_OPENED = "database_not_opened"
    LINKS_NOT_SERVED = "links_not_served"  # the port is taken, or is not ours to take
    DATABASE_NEWER = "database_newer"  # made by a newer version
    DATABASE_IN_USE = "database_in_use"  # by another bot process
    NO_DATABASE_DRIVER = "no_database_driver"  # for PostgreSQL
    SHARD_TAKEN = "shard_taken"  # by another bot process
    SHARD_COUNTS_DIFFER = "shard_counts_differ"  # of this bot process and another one
    BAD_IMAGES_URL = "bad_images_url"
    NO_IMAGES_DRIVER = "no_images_driver"  # for a store of images
    BACKUP_FAILED = "backup_failed"
    BACKUP_ELSEWHERE = "backup_elsewhere"  # the database is not a file of ours
    LOGIN_REFUSED = "login_refused"
    INTENT_REFUSED = "intent_refused"
    SESSION_REFUSED = "session_refused"  # by Discord's gateway, and not for now only
    TURNED_AWAY = "turned_away"  # by Discord
    DISCORD_UNREACHABLE = "discord_unreachable"


# The names of the facts of those codes that have any. `image` is one of `protocol.IMAGES`, `permissions` are flags
# of discord.Permissions; `at` is in seconds since 1970; `reason` and `detail` are English of libraries and systems, for operators only.
FACTS: dict[BotErrorCode, frozenset[str]] = {
    BotErrorCode.MISSING_PERMISSIONS: frozenset({"permissions"}),
    BotErrorCode.MAY_NOT: frozenset({"permissions"}),
    BotErrorCode.CANNOT_EXPRESS: frozenset({"permissions"}),
    BotErrorCode.NOT_INVITED: frozenset({"link"}),
    BotErrorCode.NOT_A_STARTER: frozenset({"roles"}),
    BotErrorCode.SEVERAL_STYLES: frozenset({"titles"}),
    BotErrorCode.MUSEUM_FULL: frozenset({"limit"}),
    BotErrorCode.BAD_STYLE_NAME: frozenset({"least", "most"}),
    BotErrorCode.STYLE_NAME_TAKEN: frozenset({"title"}),
    BotErrorCode.BAD_STYLE_EMOJI: frozenset({"emojis"}),
    BotErrorCode.STYLE_EMOJI_TAKEN: frozenset({"emoji", "free"}),
    BotErrorCode.STYLE_TAKEN_BACK: frozenset({"title"}),
    BotErrorCode.STYLE_REMOVED: frozenset({"title"}),
    BotErrorCode.STYLE_ELSEWHERE: frozenset({"title"}),
    BotErrorCode.TOO_MANY_OPEN: frozenset({"waiting"}),
    BotErrorCode.COOLING_DOWN: frozenset({"seconds"}),
    BotErrorCode.SERVER_TOO_MANY_OPEN: frozenset({"waiting"}),
    BotErrorCode.MEMBER_DAY_FULL: frozenset({"limit", "at"}),
    BotErrorCode.SERVER_DAY_FULL: frozenset({"limit", "at"}),
    BotErrorCode.PERSONAL_DAY_FULL: frozenset({"limit", "at"}),
    BotErrorCode.DUEL_LATER: frozenset({"at"}),
    BotErrorCode.TOO_NEW: frozenset({"at"}),
    BotErrorCode.TOO_LONG_HERE: frozenset({"seconds"}),
    BotErrorCode.CONSENT_NEEDED: frozenset({"author"}),
    BotErrorCode.AUTHOR_GONE: frozenset({"author"}),
    BotErrorCode.ASKED_ENOUGH: frozenset({"author"}),
    BotErrorCode.NOT_THE_AUTHOR: frozenset({"author"}),
    BotErrorCode.NOT_FETCHED: frozenset({"image"}),
    BotErrorCode.ENGINE_UNREACHABLE: frozenset({"detail"}),
    BotErrorCode.ENGINE_BUSY: frozenset({"detail"}),
    BotErrorCode.ENGINE_FULL: frozenset({"detail"}),
    BotErrorCode.ENGINE_LOCKED: frozenset({"detail"}),
    BotErrorCode.CONFIG_UNREADABLE: frozenset({"path", "reason"}),
    BotErrorCode.CONFIG_NOT_TEXT: frozenset({"path"}),
    BotErrorCode.CONFIG_NOT_TOML: frozenset({"path", "reason"}),
    BotErrorCode.UNKNOWN_TABLE: frozenset({"path", "key"}),
    BotErrorCode.UNKNOWN_SETTING: frozenset({"path", "key"}),
    BotErrorCode.BAD_SETTING: frozenset({"path", "key", "reason"}),
    BotErrorCode.NOT_HTTP: frozenset({"path", "key"}),
    BotErrorCode.NOT_HTTPS: frozenset({"path", "key"}),
    BotErrorCode.LINKS_NOT_SERVED: frozenset({"host", "port", "reason"}),
    BotErrorCode.NO_TOKEN: frozenset({"variable"}),
    BotErrorCode.NOT_LOOPBACK: frozenset({"variable"}),
    BotErrorCode.DIRECTORY_NOT_MADE: frozenset({"path", "reason"}),
    BotErrorCode.BAD_DATABASE_URL: frozenset({"reason"}),
    BotErrorCode.DATABASE_NOT_OPENED: frozenset({"database", "reason"}),
    BotErrorCode.DATABASE_NEWER: frozenset({"database"}),
    BotErrorCode.DATABASE_IN_USE: frozenset({"database"}),
    BotErrorCode.BAD_IMAGES_URL: frozenset({"reason"}),
    BotErrorCode.SHARD_TAKEN: frozenset({"shard"}),
    BotErrorCode.SHARD_COUNTS_DIFFER: frozenset({"count", "other"}),
    BotErrorCode.BACKUP_FAILED: frozenset({"folder", "reason"}),
    BotErrorCode.LOGIN_REFUSED: frozenset({"variable"}),
    BotErrorCode.SESSION_REFUSED: frozenset({"reason"}),
    BotErrorCode.TURNED_AWAY: frozenset({"reason"}),
    BotErrorCode.DISCORD_UNREACHABLE: frozenset({"reason"}),
}


class NamedRefusal(Refusal):
    """A refusal that may be of one image among several, with the names that whoever gave them knows them by."""

    def __init__(self, refusal: Refusal | Problem, names: Mapping[str, str]) -> None:
        self.names = names  # by part
        super().__init__(refusal.code, **refusal.facts)


class BotError(Exception):
    """An answer of the bot's own. Raises TypeError if the facts are not those of the code."""

    def __init__(self, code: BotErrorCode, **facts: object) -> None:
        wanted = FACTS.get(code, frozenset())
        if facts.keys() != wanted:
            raise TypeError(f"{code} has the facts {sorted(wanted)}, not {sorted(facts)}")
        self.code, self.facts = code, facts
        super().__init__(f"{code}: {facts}" if facts else str(code))


class Hindrance(StrEnum):
    """Why Discord does not take a finished picture where it is wanted."""

    LOCKED = "locked"  # the thread or post
    TOO_LARGE = "too_large"  # for that place
    EXPLICIT = "explicit"  # as Discord's own filter sees it
    BLOCKED_WORDS = "blocked_words"  # by the server's AutoMod
    NOT_ALLOWED = "not_allowed"  # the bot may not post there any more
    GONE = "gone"  # the channel or thread
    CLOSED = "closed"  # the member's direct messages
    AGE_RESTRICTED = "age_restricted"  # the picture, and the channel is not any more
    TOO_LATE = "too_late"  # an interaction's token, by which it was to be shown, is over
    REFUSED = "refused"  # for another reason


_HINDRANCES = {
    50083: Hindrance.LOCKED,
    160005: Hindrance.LOCKED,
    40005: Hindrance.TOO_LARGE,
    20009: Hindrance.EXPLICIT,
    200000: Hindrance.BLOCKED_WORDS,
    200001: Hindrance.BLOCKED_WORDS,
    50001: Hindrance.NOT_ALLOWED,
    50013: Hindrance.NOT_ALLOWED,
    50027: Hindrance.TOO_LATE,
    10015: Hindrance.TOO_LATE,
    10062: Hindrance.TOO_LATE,
    10003: Hindrance.GONE,
    10004: Hindrance.GONE,
    50007: Hindrance.CLOSED,
}


def hindrance_of(error: discord.HTTPException) -> Hindrance | None:
    """Why Discord does not take a post, by its own codes; None if a later try may well succeed."""
    if is_passing(error):
        return None
    unknown = {403: Hindrance.NOT_ALLOWED, 404: Hindrance.GONE, 413: Hindrance.TOO_LARGE}
    return _HINDRANCES.get(error.code) or unknown.get(error.status, Hindrance.REFUSED)


class CannotStart(BotError):  # noqa: N818 - an answer to whoever starts the process, like its siblings
    """The process cannot start like this."""


class EngineUnreachable(BotError):  # noqa: N818 - an answer, not a fault
    """The engine does not answer, is still starting, or says that the same call will succeed later.

    `retry_after` is in seconds, if the engine has said when; `is_unsure`: it may have done what was asked all the same.
    """

    def __init__(
        self,
        detail: str,
        code: BotErrorCode = BotErrorCode.ENGINE_UNREACHABLE,
        retry_after: float | None = None,
        *,
        is_unsure: bool = False,
    ) -> None:
        self.detail, self.retry_after, self.is_unsure = detail, retry_after, is_unsure
        super().__init__(code, detail=detail)


# What only the owner can mend, by the configuration, the tokens or Discord's developer portal.
_PERMANENT = {
    BotErrorCode.CONFIG_UNREADABLE,
    BotErrorCode.CONFIG_NOT_TEXT,
    BotErrorCode.CONFIG_NOT_TOML,
    BotErrorCode.UNKNOWN_TABLE,
    BotErrorCode.UNKNOWN_SETTING,
    BotErrorCode.BAD_SETTING,
    BotErrorCode.NOT_HTTP,
    BotErrorCode.NOT_HTTPS,
    BotErrorCode.NO_TOKEN,
    BotErrorCode.NOT_LOOPBACK,
    BotErrorCode.BAD_DATABASE_URL,
    BotErrorCode.NO_DATABASE_DRIVER,
    BotErrorCode.NO_IMAGES_DRIVER,
    BotErrorCode.BACKUP_FAILED,
    BotErrorCode.BACKUP_ELSEWHERE,
    BotErrorCode.LOGIN_REFUSED,
    BotErrorCode.INTENT_REFUSED,
    BotErrorCode.SESSION_REFUSED,
}


class ImagesAway(OSError):  # noqa: N818 - an answer, not a fault
    """The store of images does not do what it is asked to, for now."""


def is_permanent(error: CannotStart) -> bool:
    """Whether to start again cannot help; Discord resets the token of whoever tries a thousand times a day."""
    return error.code in _PERMANENT


def is_passing(error: Exception) -> bool:
    """Whether the same thing may well succeed a little later."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status == 429
    return isinstance(error, (EngineUnreachable, DBAPIError, *DiscordTrouble))


_POSTGRES_DISK_FULL = "53100"


def is_disk_full(error: BaseException) -> bool:
    """Whether it is for want of room on the bot's own disk, or on its database's."""
    if isinstance(error, DBAPIError):
        if getattr(error.orig, "sqlstate", None) == _POSTGRES_DISK_FULL:
            return True
        code = getattr(error.orig, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def short(error: BaseException) -> str:
    """An error for the log: what Discord or the system says, without addresses, which hold tokens."""
    if isinstance(error, discord.HTTPException):
        return f"{error.status} {error.code}"
    if isinstance(error, DBAPIError):
        return str(error.orig)
    return (
        type(error).__name__ if isinstance(error, (aiohttp.ClientError, discord.RateLimited)) else repr(error)
    )
