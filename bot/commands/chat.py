"""``python bot.py chat``: talk to her in the terminal, through a pipe, or once."""

from __future__ import annotations

import argparse
import getpass
import io
import locale
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, TextIO

from bot import exits
from bot.settings import Settings, SettingsError, terminal_hints

if TYPE_CHECKING:
    from adapters.console.loop import BackgroundLoop
    from adapters.console.session import Session
    from adapters.console.views import View
    from bot.app import App
    from core.people import Lang

    Build = Callable[[Settings], AbstractAsyncContextManager[App]]

_EXAMPLES = """examples:
  python bot.py chat
  python bot.py chat --once "오늘 뭐 해?"
  printf 'hi\\nwhat are you up to?\\n' | python bot.py chat --lang en --json"""

_NO_LIMIT = 1_000_000_000  # messages; nobody floods her from their own terminal


def _name(value: str) -> str:
    name = value.strip()
    if not name or not name.isprintable() or len(name) > 64:
        raise argparse.ArgumentTypeError("a name of 1 to 64 printable characters")
    return name


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "chat", help="talk to her in the terminal", epilog=_EXAMPLES,
        description="Talk to her. From a pipe each line is a message: one line per reply on stdout, "
        "everything else on stderr.",
    )  # fmt: skip
    parser.add_argument("--person", type=_name, metavar="NAME", help="who talks (default: the login name)")
    parser.add_argument("--lang", choices=("auto", "ko", "en"), default="auto", help="her language")
    parser.add_argument("--no-face", action="store_true", help="draw no face")
    parser.add_argument("--once", metavar="TEXT", help="answer one message and leave")
    parser.add_argument("--json", action="store_true", help="one JSON object per turn on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings, build: Build | None = None) -> int:
    """Talk until the input ends; the exit code. ``build`` opens another app than the real one."""
    from adapters.console.loop import BackgroundLoop, Stopped, stopping_on_sigterm
    from bot.upkeep import looked_after
    from bot.weights import mend
    from bot.wiring import build_app
    from core.errors import ModelError

    settings = settings.model_copy(
        update={"face_enabled": settings.face_enabled and not args.no_face, "rate_messages": _NO_LIMIT}
    )
    try:
        with stopping_on_sigterm(), BackgroundLoop() as loop:
            return talk(args, settings, loop, looked_after((build or build_app)(settings)))
    except ModelError as err:
        way = f"To mend it: {mend(settings)}\nThen: python bot.py doctor"
        print(f"She cannot start: {err}\n{way}", file=sys.stderr)
        return exits.CONFIG
    except SettingsError as err:
        print(err, file=sys.stderr)
        return exits.CONFIG
    except Stopped:
        return exits.OK


def talk(
    args: argparse.Namespace, settings: Settings, loop: BackgroundLoop, app: AbstractAsyncContextManager[App]
) -> int:
    """Choose how to read and show, and do it."""
    from adapters.console.run import run_interactive, run_once, run_pipe
    from adapters.console.views import PipeView

    interactive = args.once is None and not args.json and sys.stdin.isatty() and sys.stdout.isatty()
    if interactive:
        from rich.console import Console

        from adapters.console.pictures import way_of
        from adapters.console.rich_view import RichView

        console = Console(highlight=False)
        rich_view = RichView(console, way_of(terminal_hints(), truecolor=console.color_system == "truecolor"))
        rich_view.waiting()
        try:
            with loop.entered(app) as opened:
                return run_interactive(loop, make_session(args, settings, opened, rich_view), rich_view)
        finally:
            rich_view.hold()
    view = PipeView(_utf8(sys.stdout), _utf8(sys.stderr), json=args.json)
    with loop.entered(app) as opened:
        session = make_session(args, settings, opened, view)
        if args.once is not None:
            code = run_once(loop, session, view, args.once)
        else:
            code = run_pipe(loop, session, view, sys.stdin.fileno())
    if view.broken:  # nobody reads: let the interpreter flush into nothing
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def make_session(args: argparse.Namespace, settings: Settings, app: App, view: View) -> Session:
    """The session of the person at this terminal."""
    from adapters.console.faces import FaceFolder
    from adapters.console.session import Session
    from bot.doors import commands_of
    from core.people import Person

    name = args.person or login()
    chosen: Lang | None = None if args.lang == "auto" else args.lang
    person = Person("console", name, name)
    faces = FaceFolder(settings.var_dir / "faces", person.id)
    return Session(commands_of(app), app.clock, faces, view, person, chosen, _locale())


def login() -> str:
    """The name of who is logged in, where it can be one."""
    try:
        return _name(getpass.getuser())
    except (OSError, KeyError, ImportError, argparse.ArgumentTypeError):
        return "local"


def _locale() -> Lang | None:
    name = locale.setlocale(locale.LC_CTYPE, None)
    return "ko" if name.startswith("ko") else "en" if name.startswith("en") else None


def _utf8(stream: TextIO) -> TextIO:
    """The same stream, which now takes every text."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="replace")
    return stream
