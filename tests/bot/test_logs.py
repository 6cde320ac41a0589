"""The log: redaction, no texts of exceptions, no folder needed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.logs import Redacting, setup_logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The logging set-up of the test run."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in [h for h in root.handlers if h not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)


def test_tokens_are_struck_out(tmp_path: Path) -> None:
    setup_logging(tmp_path, secrets=("hush-hush",))
    logging.getLogger("x").warning("token %s and 1234567:%s", "hush-hush", "A" * 35)
    logging.getLogger("x").warning("POST /webhooks/1/%s/messages", "A" * 120)  # an interaction's token
    written = (tmp_path / "log" / "ohlora.log").read_text()
    assert "hush" not in written and "AAAA" not in written and written.count("***") == 3


def test_exceptions_lose_their_text() -> None:
    try:
        raise ValueError("what Jun wrote")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f.py", 1, "failed", None, sys.exc_info())
    line = Redacting().format(record)
    assert "ValueError" in line and "Jun" not in line and "test_logs.py" in line


def test_nothing_on_stderr_unless_verbose(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging(tmp_path)
    logging.getLogger("x").warning("quiet")
    assert capsys.readouterr().err == ""
    setup_logging(tmp_path, verbose=True)
    logging.getLogger("x").warning("aloud")
    assert "aloud" in capsys.readouterr().err
    assert (tmp_path / "log" / "ohlora.log").read_text().count("aloud") == 1


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    setup_logging(tmp_path / "var")
    logging.getLogger("x").warning("goes nowhere")
