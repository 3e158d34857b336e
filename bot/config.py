"""The bot's settings: the [bot] table of one TOML file, read once and handed down frozen.

Rule: every setting has its default here and its reason in config.example.toml; secrets are not settings, they
come from the environment and never appear in a repr.
"""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from bot.errors import BotErrorCode, CannotStart
from engine.protocol import astray

DISCORD_TOKEN = "DISCORD_TOKEN"  # noqa: S105 - the name of a variable, not a secret
ENGINE_TOKEN = "ATELIER_ENGINE_TOKEN"  # noqa: S105 - the name of a variable, not a secret
DISCORD_API = "ATELIER_DISCORD_API"
RETIRED = ("art_channels", "seed_palette")  # what former versions read here, and servers set by /setup now


def _http_url(value: str) -> str:
    if not _is_http_url(value):
        # What pydantic would say of it is never read: the code has a sentence.
        raise PydanticCustomError(BotErrorCode.NOT_HTTP, BotErrorCode.NOT_HTTP)
    return value.rstrip("/")


def _is_http_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError if it is none
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and not (parts.path.strip("/") or parts.query)
    )


def _link_address(value: str) -> str:
    if not value or _is_secure(value):
        return value.rstrip("/")
    raise PydanticCustomError(BotErrorCode.NOT_HTTPS, BotErrorCode.NOT_HTTPS)


def _is_secure(value: str) -> bool:
    """Whether nobody reads along between here and an address: it is one of https, or of this machine or its network."""
    if not _is_http_url(value):
        return False
    parts = urlsplit(value)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_private
    except ValueError:
        return False


def _images_url(value: str) -> str:
    if value and not re.fullmatch(r"s3://[^/\s?#]+(/[^\s?#]*)?", value):
        raise PydanticCustomError("images", 's3://BUCKET or s3://BUCKET/FOLDER, or "" for data_dir')
    return value.rstrip("/")


def _sorted(ids: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(ids)))


class LinkConfig(BaseModel):
    """The [bot.links] table: private links to pictures that are too large for Discord; none without an address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: Annotated[str, AfterValidator(_link_address)] = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8788, ge=0, le=65535)
    hours: float = Field(default=24.0, gt=0, le=720)


class MetricsConfig(BaseModel):
    """The [bot.metrics] table: where Prometheus may ask; nowhere without a port."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)


class BotConfig(BaseModel):
    """The [bot] table; an unknown key is an error that names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine_url: Annotated[str, AfterValidator(_http_url)] = "http://127.0.0.1:8787"
    data_dir: Path = Path("data/bot")
    database_url: str = ""  # empty: SQLite in data_dir
    shard_count: int = Field(
        default=0, ge=0, le=100_000
    )  # 0: as many as Discord recommends, all in this process
    shard_ids: Annotated[tuple[int, ...], AfterValidator(_sorted)] = ()  # empty: all
    images: Annotated[str, AfterValidator(_images_url)] = ""  # empty: in data_dir
    message_content: bool = True
    study_emojis: bool = True
    keep_hours: float = Field(default=168.0, ge=0)
    keep_megabytes: int = Field(default=2000, ge=0)
    forget_days: float = Field(default=90.0, ge=7)
    paused: bool = False
    blocked_users: tuple[int, ...] = ()
    blocked_servers: tuple[int, ...] = ()
    museum_styles: int = Field(default=25, ge=0, le=50)
    personal_open: int = Field(default=2, ge=1, le=50)
    personal_daily: int = Field(default=30, ge=0, le=1000)
    links: LinkConfig = LinkConfig()
    metrics: MetricsConfig = MetricsConfig()

    @field_validator("shard_ids")
    @classmethod
    def _are_shards(cls, ids: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        count = info.data.get("shard_count", 0)
        if not ids:
            return ids
        if not count:
            raise PydanticCustomError("shards", "they are some of shard_count, which is not set")
        if not all(0 <= each < count for each in ids):
            raise PydanticCustomError("shards", f"of shard_count = {count} they are 0 to shard_count - 1")
        if len(ids) < count and not info.data.get("database_url"):
            raise PydanticCustomError("shards", "several bot processes need a PostgreSQL in database_url")
        return ids

    @property
    def own_dir(self) -> Path:
        """What this process keeps for itself: in data_dir, or if others have that too, in a folder there."""
        return self.data_dir / f"shard-{self.shard_ids[0]}" if self._is_one_of_many else self.data_dir

    @property
    def own_metrics(self) -> MetricsConfig:
        """Where this process answers Prometheus: of several, each at its own port, by its first shard."""
        if not (self.metrics.port and self._is_one_of_many):
            return self.metrics
        return self.metrics.model_copy(update={"port": min(self.metrics.port + self.shard_ids[0], 65535)})

    @property
    def _is_one_of_many(self) -> bool:
        return 0 < len(self.shard_ids) < self.shard_count


@dataclass(frozen=True)
class Secrets:
    """What the environment holds; none of it is ever printed."""

    discord_token: str = field(repr=False)
    engine_token: str | None = field(repr=False)
    discord_api: str | None  # a stand-in on this machine instead of Discord


def read_config(
    path: Path | None, engine_url: str | None = None, shard_ids: Sequence[int] | None = None
) -> tuple[BotConfig, list[str]]:
    """The settings in `path`, or the defaults without one, with another `engine_url` or `shard_ids` if they are given.

    Also those of RETIRED that stand there and mean nothing any more. Raises CannotStart.
    """
    table = {} if path is None else _table(path)
    retired = [name for name in RETIRED if table.pop(name, None) is not None]
    if engine_url is not None:
        table["engine_url"] = engine_url
    if shard_ids is not None:
        table["shard_ids"] = shard_ids
    try:
        return BotConfig.model_validate(table), retired
    except ValidationError as error:
        raise _first_complaint(
            path or Path("--engine-url" if engine_url is not None else "--shard-ids"), error
        ) from error


def _table(path: Path) -> dict[str, Any]:
    """The [bot] table of a file. Raises CannotStart."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotStart(BotErrorCode.CONFIG_UNREADABLE, path=path, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise CannotStart(BotErrorCode.CONFIG_NOT_TEXT, path=path) from error
    except tomllib.TOMLDecodeError as error:
        raise CannotStart(BotErrorCode.CONFIG_NOT_TOML, path=path, reason=error) from error
    if name := astray(document):
        raise CannotStart(BotErrorCode.UNKNOWN_TABLE, path=path, key=name)
    table: dict[str, Any] = document.get("bot", {})
    return table


def read_secrets(environment: Mapping[str, str] = os.environ) -> Secrets:
    """The tokens of the environment. Raises CannotStart."""
    token = environment.get(DISCORD_TOKEN, "").strip()
    if not token:
        raise CannotStart(BotErrorCode.NO_TOKEN, variable=DISCORD_TOKEN)
    api = environment.get(DISCORD_API) or None
    if api is not None and not _is_loopback(api):
        raise CannotStart(BotErrorCode.NOT_LOOPBACK, variable=DISCORD_API)
    return Secrets(token, environment.get(ENGINE_TOKEN, "").strip() or None, api)


def _first_complaint(path: Path, error: ValidationError) -> CannotStart:
    complaint = error.errors()[0]
    key = ".".join(str(part) for part in complaint["loc"])
    if complaint["type"] == "extra_forbidden":
        return CannotStart(BotErrorCode.UNKNOWN_SETTING, path=path, key=key)
    if complaint["type"] in (BotErrorCode.NOT_HTTP, BotErrorCode.NOT_HTTPS):
        return CannotStart(BotErrorCode(complaint["type"]), path=path, key=key)
    return CannotStart(BotErrorCode.BAD_SETTING, path=path, key=key, reason=complaint["msg"])


def _is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        return False
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"
