"""Reading lines: from a person at the terminal, from a pipe, or one from the command line.

Runs on the main thread; everything else happens on the :class:`BackgroundLoop`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from adapters.console.lines import decode, read_lines
from adapters.console.loop import BackgroundLoop, Stopped
from adapters.console.rich_view import PROMPT, RichView
from adapters.console.session import Outcome, Session, Until
from adapters.console.views import PipeView

FACE_WAIT_S: Final = 5.0
BAD_INPUT: Final = 65
INTERRUPTED: Final = 130


def run_once(loop: BackgroundLoop, session: Session, view: PipeView, line: str) -> int:
    """Answer one message (or command); the exit code."""
    code = 0
    try:
        loop.call(session.greet(line))
        loop.call(session.take(line, _until(view)))
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Stopped:
        code = 0
    loop.call(session.finish())
    return code


def run_pipe(loop: BackgroundLoop, session: Session, view: PipeView, fd: int) -> int:
    """Answer every line of a file descriptor; the exit code, 65 when a line was not UTF-8."""
    code, greeted = 0, False
    try:
        for number, raw in enumerate(read_lines(fd), 1):
            line = decode(raw)
            if line is None:
                view.told(f"line {number}: not UTF-8, skipped")
                code = BAD_INPUT
                continue
            if not line.strip():
                continue
            if not greeted:
                loop.call(session.greet(line))
                greeted = True
            if loop.call(session.take(line.strip(), _until(view))) is Outcome.QUIT or view.broken:
                break
    except KeyboardInterrupt:
        code = INTERRUPTED
        loop.call(session.goodbye())
    except Stopped:
        pass
    loop.call(session.finish())
    return code


def run_interactive(loop: BackgroundLoop, session: Session, view: RichView) -> int:
    """Talk until the person leaves; the exit code."""
    _keep_no_history()
    try:
        loop.call(session.greet())
        while True:
            view.hold()
            try:
                line = input(PROMPT).strip()
            except UnicodeDecodeError:
                line = ""
            finally:
                view.release()
            if not line:
                continue
            outcome = loop.call(session.take(line, Until.FACE, patience=FACE_WAIT_S))
            if outcome is Outcome.FORGOTTEN:
                _keep_no_history()
            if outcome is Outcome.QUIT:
                break
    except (KeyboardInterrupt, EOFError, Stopped):
        print()
        loop.call(session.goodbye())
    with suppress(KeyboardInterrupt):  # a second Ctrl+C does not want to wait
        loop.call(session.finish())
    return 0


def _until(view: PipeView) -> Until:
    return Until.END if view.json else Until.REPLY


def _keep_no_history() -> None:
    """Line editing where there is any; forget the lines typed so far."""
    try:
        import readline
    except ImportError:
        return
    readline.clear_history()
