"""What an operator can set, read once at start from the `[engine]` table of the configuration file.

Rule: every default stands here and nowhere else (`config.example.toml` shows them, and a test compares the
two). The token is the one secret; it comes from the environment only and never shows in a `repr`.
"""

import os
import tomllib
from collections.abc import Mapping
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from engine.devices.names import AUTO, DeviceName, NoDeviceError
from engine.devices.names import check as check_devices
from engine.nst import IMAGENET, PACKAGED
from engine.protocol import CONFIG_TABLES, Precision, RecipeLimits, RecipeName, astray

TOKEN_VARIABLE = "ATELIER_ENGINE_TOKEN"  # noqa: S105 - the name of the variable, not its value

# By plan, so a slow machine paints smaller pictures, and a job is never days of work.
RECIPE_LIMITS = {
    RecipeName.DRAFT: RecipeLimits(max_seconds=600.0, max_size=4096),
    RecipeName.STANDARD: RecipeLimits(max_seconds=1800.0, max_size=4096),
    RecipeName.FINE: RecipeLimits(max_seconds=3600.0, max_size=4096),
    RecipeName.TUTORIAL: RecipeLimits(max_seconds=7200.0, max_size=1024),
}


def _over_defaults(given: Any) -> Any:
    """What is set of some recipes, over the defaults of all."""
    if not isinstance(given, dict):
        return given
    defaults = {name.value: limits.model_dump() for name, limits in RECIPE_LIMITS.items()}
    return defaults | {
        name: defaults.get(name, {}) | limits if isinstance(limits, dict) else limits
        for name, limits in given.items()
    }


class ConfigError(Exception):
    """The configuration cannot be used; its text is one sentence for the operator."""


class RayConfig(BaseModel):
    """How many workers a cluster is asked for, and what Ray is to keep for each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str = Field(default="local", min_length=1)
    namespace: str = Field(default="atelier", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    workers: int = Field(default=1, ge=1, le=1000)
    num_cpus: float = Field(default=1.0, gt=0)
    num_gpus: int = Field(default=0, ge=0, le=1)
    resources: dict[str, Annotated[float, Field(gt=0)]] = {}

    @property
    def needs(self) -> Mapping[str, float]:
        """Of each worker, by Ray's names."""
        return {"CPU": self.num_cpus, "GPU": float(self.num_gpus), **self.resources}


class EngineConfig(BaseModel):
    """The engine's settings; `load` is the way to get one, the constructor serves tests."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8787, ge=0, le=65535)
    data_dir: Path = Path("data/engine")
    devices: tuple[DeviceName, ...] = Field(default=(AUTO,), min_length=1)
    gpu_memory_mb: int = Field(default=0, ge=0)
    weights: str = PACKAGED
    precision: Literal["auto", "float32", "tensorfloat32", "bfloat16"] = "auto"
    deterministic: bool = False
    statistics_mb: int = Field(default=512, ge=0)
    batch: Literal["auto"] | Annotated[int, Field(ge=1)] = "auto"
    workers: Literal["processes", "ray"] = "processes"
    jobs_per_user: int = Field(default=3, ge=1)
    jobs_per_group: int = Field(default=12, ge=1)
    jobs_total: int = Field(default=100, ge=1)
    keep_hours: float = Field(default=168.0, gt=0)
    keep_megabytes: int = Field(default=10_000, gt=0)
    recipes: Annotated[dict[RecipeName, RecipeLimits], BeforeValidator(_over_defaults)] = RECIPE_LIMITS
    ray: RayConfig = RayConfig()
    token: SecretStr | None = Field(default=None, exclude=True)

    @property
    def fixed_precision(self) -> Precision | None:
        """The precision to paint in, or None for whichever a worker's warm-up finds faster."""
        return None if self.precision == "auto" else Precision(self.precision)

    @property
    def fixed_batch(self) -> int | None:
        """How many jobs a worker paints side by side, or None for what suits its device."""
        return None if self.batch == "auto" else self.batch


def load(
    path: Path | None,
    environ: Mapping[str, str] = os.environ,
    instead: Mapping[str, str | int] = MappingProxyType({}),
) -> EngineConfig:
    """Read the `[engine]` table of `path` (None: the defaults) and the token. Raises ConfigError.

    What is given `instead` counts, whatever the file says.
    """
    table = ({} if path is None else _table(path)) | dict(instead)
    if "token" in table:
        raise ConfigError(
            f"The token does not belong into {path}: set the environment variable {TOKEN_VARIABLE}."
        )
    token = environ.get(TOKEN_VARIABLE, "").strip()
    if not token.isprintable():
        raise ConfigError(
            f"The token in {TOKEN_VARIABLE} has characters that no header can hold, as a line's end."
        )
    try:
        config = EngineConfig(**table, token=SecretStr(token) if token else None)
    except ValidationError as error:
        raise ConfigError(f"In {path}, table [engine]: {_first_problem(error)}.") from error
    _check(config, environ)
    return config


def _table(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"The configuration {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"The configuration {path} is not valid TOML: {error}.") from error
    if name := astray(document):
        tables = " and ".join(f"[{table}]" for table in CONFIG_TABLES)
        raise ConfigError(f"In {path}, “{name}” is not one of the tables {tables}.")
    table: dict[str, Any] = document.get("engine", {})
    return table


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"there is no setting called “{key}”"
    return f"“{key}” is not valid: {problem['msg']}"


def _check(config: EngineConfig, environ: Mapping[str, str]) -> None:
    try:
        check_devices(config.devices, environ)
    except NoDeviceError as error:
        raise ConfigError(str(error)) from error
    if config.workers == "ray":
        _check_ray(config)
    if config.token is None and not is_loopback(config.host):
        raise ConfigError(
            f"Without a token in {TOKEN_VARIABLE} the engine listens on this machine only,"
            f" and {config.host} can be reached from others."
        )
    if config.weights not in (PACKAGED, IMAGENET) and not Path(config.weights).is_file():
        raise ConfigError(f"There is no weights file {config.weights}.")


def _check_ray(config: EngineConfig) -> None:
    if find_spec("ray") is None:
        raise ConfigError("Workers by Ray need Ray beside the engine: pip install 'atelier[ray]'.")
    if config.devices != (AUTO,):
        raise ConfigError('With workers = "ray" it is Ray that deals out devices: leave `devices` out.')


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
