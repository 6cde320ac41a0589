"""Settings: environment first, then ``.env``, then a TOML file. Built once, passed on, never changed.

Only this file reads the environment. Its errors name keys, never values.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from bot.addresses import passwords, postgres, webhook, without_password
from core.gate import RateLimit
from core.ports_keeping import Limits
from core.prompt import Task
from models.runtime.checkpoints import Source, parse_source

PREFIX: Final = "OHLORA_"
CONFIG_KEY: Final = "OHLORA_CONFIG"
CONFIG_FILE: Final = "ohlora.toml"
ROOT: Final = Path(__file__).resolve().parents[1]
_SHARDS: Final = re.compile(r"(\d{1,5})-(\d{1,5})/(\d{1,5})", re.ASCII)
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_DEVICE: Final = re.compile(r"auto|balanced|sequential|cpu|mps|cuda(:\d{1,3})?")
_HINTS: Final = ("TERM", "TERM_PROGRAM", "COLORTERM", "KITTY_WINDOW_ID", "NO_COLOR", "TMUX")


class SettingsError(Exception):
    """Settings that cannot be used; the message names keys and may be shown."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("not a time zone, for example Asia/Seoul") from None
    return name


def _address(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value.rstrip("/") if "http" in schemes else value

    return AfterValidator(check)


def _ids(value: str) -> str:
    found = value.replace(",", " ").split()
    if not all(each.isascii() and each.isdigit() and len(each) <= 20 for each in found):
        raise ValueError("numbers with commas between them")
    return ",".join(found)


def _shards(value: str) -> str:
    match = _SHARDS.fullmatch(value.strip())
    if match is None or not int(match[1]) <= int(match[2]) < int(match[3]):
        raise ValueError("first-last/all of them, for example 0-3/16")
    return f"{int(match[1])}-{int(match[2])}/{int(match[3])}"


def _secret(value: SecretStr) -> SecretStr:
    if not _SECRET.fullmatch(value.get_secret_value()):
        raise ValueError("1 to 256 of A-Z, a-z, 0-9, _ and -")
    return value


def _source(value: str) -> str:
    if value:
        parse_source(value)
    return value


def _task_bases(value: str) -> str:
    for each in filter(None, (part.strip() for part in value.split(","))):
        task, _, source = each.partition("=")
        if task not in list(Task) or not source:
            raise ValueError("task=model with commas between them, for example memory=owner/name@revision")
        parse_source(source)
    return value


def _device_map(value: str) -> str:
    if not _DEVICE.fullmatch(value):
        raise ValueError("auto, cpu, cuda, cuda:0 …, mps, balanced or sequential")
    return value


Ids = Annotated[str, AfterValidator(_ids)]
HttpAddress = Annotated[str, _address("http", "https")]
SocketAddress = Annotated[str, _address("ws", "wss")]


class Settings(BaseSettings):
    """Every setting; the key in the environment is the name with ``OHLORA_`` in front."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True,
        extra="ignore", frozen=True, hide_input_in_errors=True, allow_inf_nan=False,
    )  # fmt: skip

    var_dir: Path = Path("var")
    database_url: Annotated[SecretStr, AfterValidator(postgres)] | None = None
    weights_dir: Path = ROOT / "models" / "weights"
    profile: Literal["embedded", "full", "auto"] = "embedded"
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Seoul"

    text_base: str = Field(default="", validate_default=True)
    text_base_revision: str = Field(default="", validate_default=True)
    text_adapters: Annotated[str, AfterValidator(_source)] = ""
    text_task_bases: Annotated[str, AfterValidator(_task_bases)] = ""
    text_template: Literal["auto", "chat", "plain", "original"] = "auto"
    text_dtype: Literal["auto", "bf16", "fp16", "fp32"] = "auto"
    text_device_map: Annotated[str, AfterValidator(_device_map)] = "auto"
    text_4bit: bool = False
    embed_model: Annotated[str, AfterValidator(_source)] = ""
    hub_allowed: bool = False

    discord_token: SecretStr | None = None
    discord_api_base: HttpAddress | None = None
    discord_gateway: SocketAddress | None = None
    discord_owner_ids: Ids = ""
    discord_admin_role_ids: Ids = ""
    discord_shards: Annotated[str, AfterValidator(_shards)] | None = None
    telegram_token: SecretStr | None = None
    telegram_api_base: HttpAddress | None = None
    telegram_owner_ids: Ids = ""
    telegram_webhook_url: Annotated[str, AfterValidator(webhook)] | None = None
    telegram_webhook_listen: str = "127.0.0.1"
    telegram_webhook_port: int = Field(default=8443, ge=1, le=65_535)
    telegram_webhook_secret: Annotated[SecretStr, AfterValidator(_secret)] | None = None

    torch_threads: int = Field(default=1, ge=1, le=256)
    sampling_seed: int | None = Field(default=None, ge=0, lt=2**63)  # of replies; None: another each time
    busy_timeout_ms: int = Field(default=2000, ge=0, le=60_000)
    memory_cap: int = Field(default=2000, ge=1, le=1_000_000)  # of one person in one place
    rate_messages: int = Field(default=12, ge=1)
    rate_seconds: float = Field(default=30.0, gt=0)
    face_enabled: bool = True
    battle_turn_s: float = Field(default=180.0, gt=0)

    retention_days: int | None = Field(default=None, ge=1, le=36_500)
    forget_silent_months: int | None = Field(default=None, ge=1, le=1200)

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.var_dir / "ohlora.sqlite3"

    @property
    def database_address(self) -> Path | str:
        """Where she keeps things: the SQLite file, or the address of a Postgres database."""
        return self.database if self.database_url is None else self.database_url.get_secret_value()

    def apart(self, folder: Path) -> Settings:
        """The same with everything that is kept in a folder of its own, to try something out."""
        return self.model_copy(update={"var_dir": folder, "database_url": None})

    @property
    def database_name(self) -> str:
        """The same as people may see it."""
        return str(self.database) if self.database_url is None else without_password(self.database_url)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of people who set none."""
        return ZoneInfo(self.timezone)

    @property
    def rate_limit(self) -> RateLimit:
        """How many messages a person may write in a row."""
        return RateLimit(self.rate_messages, self.rate_seconds)

    @property
    def limits(self) -> Limits:
        """How long things are kept."""
        return Limits(self.retention_days, self.forget_silent_months)

    @property
    def discord_owners(self) -> frozenset[int]:
        """Accounts that own the bot, beside those that Discord knows."""
        return _numbers(self.discord_owner_ids)

    @property
    def discord_admin_roles(self) -> frozenset[int]:
        """Roles that may use the admin commands wherever they exist."""
        return _numbers(self.discord_admin_role_ids)

    @property
    def discord_shard_range(self) -> tuple[tuple[int, ...], int | None]:
        """The shards of this process and how many there are; ((), None): all that Discord recommends."""
        match = _SHARDS.fullmatch(self.discord_shards or "")
        if match is None:
            return (), None
        return tuple(range(int(match[1]), int(match[2]) + 1)), int(match[3])

    @property
    def telegram_owners(self) -> frozenset[int]:
        """Accounts that own the bot on Telegram, which names none by itself."""
        return _numbers(self.telegram_owner_ids)

    @property
    def text_sources(self) -> dict[Task, Source]:
        """The base of every task in the profile "full"; empty without ``text_base``."""
        if not self.text_base:
            return {}
        usual = parse_source(self.text_base, self.text_base_revision)
        named = (each.strip().partition("=") for each in self.text_task_bases.split(",") if each.strip())
        own = {Task(task): parse_source(source) for task, _, source in named}
        return {task: own.get(task, usual) for task in Task}

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must never be written to a log."""
        found = (self.discord_token, self.telegram_token, self.telegram_webhook_secret)
        said = tuple(secret.get_secret_value() for secret in found if secret is not None)
        return said if self.database_url is None else (*said, *passwords(self.database_url))

    @field_validator("text_base_revision", mode="after")
    @classmethod
    def _pinned(cls, value: str, info: ValidationInfo) -> str:
        """An id on the hub has a revision."""
        base = info.data.get("text_base", "")
        if base:
            parse_source(base, value)
        return value

    @field_validator("text_base", mode="after")
    @classmethod
    def _named(cls, value: str, info: ValidationInfo) -> str:
        """The full profile has a base."""
        if info.data.get("profile") == "full" and not value:
            raise ValueError('the profile "full" needs a model here: a folder, or an id on the hub')
        return value

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """Environment over ``.env`` over what was passed in, which is the TOML file's content."""
        return env_settings, dotenv_settings, init_settings


def _numbers(ids: str) -> frozenset[int]:
    return frozenset(int(each) for each in ids.split(",") if each)


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError, whose text names the keys at fault."""
    try:
        return Settings(**_from_file())
    except ValidationError as err:
        raise SettingsError("\n".join(_explain(problem) for problem in err.errors())) from None
    except SourceError:
        raise SettingsError(".env or environment: a setting cannot be read") from None
    except (OSError, UnicodeDecodeError) as err:
        raise SettingsError(f".env cannot be read ({type(err).__name__})") from None


def terminal_hints() -> dict[str, str]:
    """What the environment says about the terminal."""
    return {key: os.environ[key] for key in _HINTS if key in os.environ}


def _explain(problem: Any) -> str:
    key = PREFIX + "_".join(str(part) for part in problem["loc"][:1]).upper()
    return f"{key}: {problem['msg'].removeprefix('Value error, ')}"


def _from_file() -> dict[str, Any]:
    named = os.environ.get(CONFIG_KEY, "")
    path = Path(named or CONFIG_FILE)
    if not named and not path.is_file():
        return {}
    where = CONFIG_KEY if named else CONFIG_FILE
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise SettingsError(f"{where}: the file cannot be read ({type(err).__name__})") from None
    except ValueError:
        raise SettingsError(f"{where}: the file is not valid TOML") from None
    unknown = sorted(set(found) - set(Settings.model_fields))
    if unknown:
        raise SettingsError(f"{where}: unknown key {', '.join(unknown)}")
    return found
