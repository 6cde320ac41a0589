"""What ``python bot.py doctor`` looks at: each check says what it found and how to mend it."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.profiles import VERIFY, Profile, choose_profile
from bot.senses import embed_folder, limit_threads, load_encoder, load_face, memory_folder
from bot.settings import Settings, SettingsError
from bot.weights import MEND, begin_profile, load_associations, load_index, offline
from core.errors import ModelError, StoreError, StoreReadOnlyError

if TYPE_CHECKING:
    from db.reembedding import Encode

PYTHON: Final = (3, 11)
PACKAGES: Final = (
    "torch", "transformers", "tokenizers", "safetensors", "sentence_transformers", "sklearn", "numpy",
    "sqlalchemy", "aiosqlite", "alembic", "pydantic_settings", "rich", "PIL", "discord",
    "telegram", "tornado",
)  # fmt: skip
FREE_MB: Final = 200
_SERVER: Final = "see that the server runs, takes writes and lets her in: docs/postgres.md"
INSTALL: Final = "install the requirements: make install"
REEMBED: Final = "python bot.py memory reembed (she may go on talking)"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; ``mend`` is '' when all is well."""

    name: str
    ok: bool
    detail: str
    mend: str = ""


def run_checks(settings: Settings) -> list[Check]:
    """All checks, the cheap ones first."""
    packages = check_packages()
    checks = [check_python(), packages, check_disk(settings.var_dir)]
    if packages.ok:
        chosen, profile = check_profile(settings)
        checks += [chosen, check_database(settings), *check_weights(settings, profile)]
    return checks


def check_python(version: tuple[int, int] | None = None) -> Check:
    """Whether Python is new enough."""
    found = version or (sys.version_info.major, sys.version_info.minor)
    mend = "" if found >= PYTHON else f"install Python {PYTHON[0]}.{PYTHON[1]} or newer"
    return Check("python", not mend, f"{found[0]}.{found[1]}", mend)


def check_packages(names: tuple[str, ...] = PACKAGES) -> Check:
    """Whether every package can be found."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        return Check("packages", False, f"missing: {', '.join(missing)}", INSTALL)
    return Check("packages", True, f"{len(names)} found")


def check_disk(folder: Path, needed_mb: int = FREE_MB) -> Check:
    """Whether there is room where run-time data goes."""
    there = next((p for p in (folder, *folder.absolute().parents) if p.is_dir()), Path())
    free = shutil.disk_usage(there).free // 2**20
    mend = "" if free >= needed_mb else f"free {needed_mb - free} MB, or set OHLORA_VAR_DIR to another disk"
    return Check("disk", not mend, f"{free} MB free in {there}", mend)


def check_profile(settings: Settings) -> tuple[Check, Profile]:
    """Which size the settings come to here; the embedded one where theirs cannot be had."""
    try:
        profile = choose_profile(settings)
    except SettingsError as err:
        return Check("profile", False, str(err), VERIFY), Profile("embedded", "instead")
    return Check("profile", True, f"{profile.name} ({profile.why})"), profile


def check_database(settings: Settings) -> Check:
    """Whether the database opens, is of the newest form, and can be written."""
    path, server = settings.database_name, settings.database_url is not None
    try:
        revision = asyncio.run(_try_database(settings))
    except StoreReadOnlyError:
        mend = (
            _SERVER if server else f"make {path} and its folder writable (chmod u+w), or set OHLORA_VAR_DIR"
        )
        return Check("database", False, f"{path} can only be read", mend)
    except StoreError as err:
        mend = (
            f"end other programs that use {path}; if it is damaged, move it away and a new one is made; "
            "see that the folder can be written, or set OHLORA_VAR_DIR"
        )
        return Check("database", False, f"{path}: {err}", _SERVER if server else mend)
    return Check("database", True, f"{path} at revision {revision}, writable")


async def _try_database(settings: Settings) -> str:
    from sqlalchemy import text

    from db.engine import Database
    from db.migrate import upgrade

    revision = await upgrade(settings.database_address, busy_timeout_ms=settings.busy_timeout_ms)
    async with Database(settings.database_address, settings.busy_timeout_ms) as database:
        await database.write(lambda session: session.execute(text("SELECT 1")))  # takes the write lock
    return revision


def check_weights(settings: Settings, profile: Profile) -> list[Check]:
    """Whether text, sentence and face weights load."""
    folder = settings.weights_dir
    shipped = f"{MEND}; the folder in use is {folder}"

    def tried(name: str, work: Callable[[], object], mend: str = shipped) -> Check:
        try:
            work()
        except ModelError as err:
            return Check(name, False, str(err), mend)
        return Check(name, True, "loads")

    def text() -> None:
        with closing(begin_profile(settings, profile)) as process:
            process.ready()

    named = VERIFY if settings.embed_model else shipped
    found: list[tuple[str, Encode]] = []

    def memories() -> None:
        found.append(sentence_model(settings))

    try:
        offline()
        limit_threads(settings.torch_threads, torch=True)
    except ModelError as err:
        return [Check("weights", False, str(err), INSTALL)]
    return [
        tried("text weights", text, shipped if profile.hub is None else VERIFY),
        tried("corpus", load_index),
        tried("sentence weights", lambda: load_encoder(embed_folder(settings)), named),
        tried("memory weights", memories, named),
        tried("associations", lambda: load_associations(folder)),
        tried("face weights", lambda: load_face(folder / "face")),
        *(check_vectors(settings, *each) for each in found),
    ]


def sentence_model(settings: Settings) -> tuple[str, Encode]:
    """The id of the model of memories in use, and how texts become its vectors, in this process.

    Raises ModelError.
    """
    offline()
    limit_threads(settings.torch_threads, torch=True)
    encoder = load_encoder(memory_folder(settings))
    return str(encoder.about), lambda texts: encoder.run([tuple(texts)])[0]


def check_vectors(settings: Settings, model_id: str, encode: Encode) -> Check:
    """Whether every fact has a vector of the sentence model; those of others are not compared with it."""
    from db.engine import Database
    from db.reembedding import Coverage, Model, coverage

    model = Model(model_id, len(encode(["안녕"])[0]))

    async def counted() -> Coverage:
        async with Database(settings.database_address, settings.busy_timeout_ms) as database:
            return await coverage(database, model)

    try:
        there = asyncio.run(counted())
    except StoreError as err:
        return Check("memory vectors", False, f"not looked at: {err}", "see database")
    if not there.lacking:
        return Check("memory vectors", True, f"all {there.facts} facts have one of {model.id}")
    detail = f"{there.lacking} of {there.facts} facts have none of {model.id}, and are found by words only"
    return Check("memory vectors", False, detail, REEMBED)
