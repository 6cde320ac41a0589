"""The log: redaction, no texts of exceptions, no folder needed."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from bot.logs import Redacting, setup_logging


def test_tokens_are_struck_out(tmp_path: Path) -> None:
    setup_logging(tmp_path, secrets=("hush-hush",))
    logging.getLogger("x").warning("token %s and 1234567:%s", "hush-hush", "A" * 35)
    logging.getLogger("x").warning("POST /webhooks/1/%s/messages", "A" * 120)  # an interaction's token
    written = (tmp_path / "log" / "ohlora.log").read_text()
    assert "hush" not in written and "AAAA" not in written and written.count("***") == 3


def test_addresses_with_a_token_are_not_logged(tmp_path: Path) -> None:
    """What the HTTP library would log of each request to Telegram, on its own level and as a warning."""
    token = "7123456789:" + "A" * 35
    setup_logging(tmp_path)
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", token)
    logging.getLogger("httpcore.connection").info("connect %s", token)
    logging.getLogger("httpx").warning("https://api.telegram.org/bot%s/getMe", token)
    logging.getLogger("httpx").warning("https://host/bot%s/getMe", token.replace(":", "%3A"))
    written = (tmp_path / "log" / "ohlora.log").read_text()
    assert "AAAA" not in written and "HTTP Request" not in written and "connect" not in written
    assert written.count("***") == 2


def test_the_telegram_library_logs_no_words(tmp_path: Path) -> None:
    """It logs a whole update when it cannot read it."""
    setup_logging(tmp_path)
    log = logging.getLogger("telegram.ext.Updater")
    log.critical("Received data was: %r", {"text": "what Jun wrote"})
    log.critical("Received data was: %(text)s", {"text": "what Jun wrote"})
    log.info("Rate limit hit. Retrying after %f seconds", 1.5)
    log.warning("nothing to fill in")
    written = (tmp_path / "log" / "ohlora.log").read_text()
    assert "Jun" not in written and "{'text': 'str'}" in written and "1.500000" in written
    assert "nothing to fill in" in written


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
