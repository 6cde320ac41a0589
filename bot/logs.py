"""Logging: a rotating file under VAR/log; ids and class names only, never what people wrote.

Exceptions are logged without their messages, for those may quote a text or a statement. What the
Telegram library logs loses its values but numbers, for it logs whole updates when one cannot be read.
"""

from __future__ import annotations

import copy
import logging
import logging.handlers
import re
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

FILE: Final = "ohlora.log"
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_TOKENS: Final = re.compile(
    r"[\w-]{23,}\.[\w-]{6,}\.[\w-]{27,}|\d{6,}(?::|%3A)[\w-]{30,}|hf_[A-Za-z0-9]{20,}|[\w-]{100,}"
)
_NOISY: Final = (
    "sqlalchemy", "aiosqlite", "alembic", "asyncio", "transformers", "PIL", "urllib3",
    "httpx", "httpcore",  # they log addresses, and Telegram's have the token in them
)  # fmt: skip
_TALKATIVE: Final = "telegram"


class Redacting(logging.Formatter):
    """Formats a record without secrets; of an exception, its class and where it happened."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__(_FORMAT)
        self._secrets = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        """The line, with tokens struck out."""
        text = super().format(_without_words(record))
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _TOKENS.sub("***", text)

    def formatException(self, ei: object) -> str:
        """Class names and places of an exception and its causes."""
        err = ei[1] if isinstance(ei, tuple) else None
        out: list[str] = []
        while isinstance(err, BaseException):
            places = (f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(err.__traceback__))
            out.append(f"  {type(err).__name__} at {' > '.join(places)}")
            err = err.__cause__ or (None if err.__suppress_context__ else err.__context__)
        return "\n".join(out)


def _without_words(record: logging.LogRecord) -> logging.LogRecord:
    """The record as it is, or a copy whose values are numbers and class names."""
    if record.name.partition(".")[0] != _TALKATIVE or not record.args:
        return record
    bare, args = copy.copy(record), record.args
    if isinstance(args, Mapping):  # a single one, which logging unpacks
        bare.args = {name: _plain(value) for name, value in args.items()}
    else:
        bare.args = tuple(_plain(value) for value in args)
    return bare


def _plain(value: object) -> object:
    return value if isinstance(value, int | float) else type(value).__name__


def setup_logging(var_dir: Path, *, secrets: Iterable[str] = (), verbose: bool = False) -> None:
    """Send the log to VAR/log; with ``verbose`` warnings go to stderr as well.

    Where the folder cannot be written the program goes on without a file.
    """
    formatter = Redacting(secrets)
    handlers: list[logging.Handler] = [logging.NullHandler()]
    try:
        folder = var_dir / "log"
        folder.mkdir(parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                folder / FILE, maxBytes=1_000_000, backupCount=3, encoding="utf-8"
            )
        )
    except OSError:
        pass
    if verbose:
        shown = logging.StreamHandler()
        shown.setLevel(logging.WARNING)
        handlers.append(shown)
    for handler in handlers:
        handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h.formatter, Redacting)]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
