"""The command line. Each module of ``bot/commands`` is one command; a new file is a new command.

A command module has ``add_parser(subparsers)``, which sets ``run`` as a default of its parser, and
``run(args, settings) -> int``, the exit code. What is heavy is imported inside ``run``.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

import bot.commands
from bot import exits
from bot.logs import setup_logging
from bot.settings import Settings, SettingsError, load_settings

Run = Callable[[argparse.Namespace, Settings], int]


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose help keeps its line breaks and whose usage errors exit with 64."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and exit with 64."""
        self.print_usage(sys.stderr)
        self.exit(exits.USAGE, f"{self.prog}: {message}\n")


def build_parser() -> Parser:
    """The parser with every command."""
    parser = Parser(
        prog="bot.py", description="Oh-LoRA, a virtual human who chats in Korean and English.",
        epilog="example: python bot.py chat",
    )  # fmt: skip
    parser.add_argument("--verbose", action="store_true", help="show warnings on stderr too")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in sorted(pkgutil.iter_modules(bot.commands.__path__), key=lambda m: m.name):
        if not module.name.startswith("_"):
            importlib.import_module(f"bot.commands.{module.name}").add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code. Usage errors and --help leave by SystemExit."""
    args = build_parser().parse_args(argv)
    try:
        settings = load_settings()
    except SettingsError as err:
        print(f"The settings cannot be used:\n{err}", file=sys.stderr)
        return exits.CONFIG
    setup_logging(settings.var_dir, secrets=settings.secrets, verbose=args.verbose)
    run: Run = args.run
    try:
        return run(args, settings)
    except KeyboardInterrupt:
        return exits.INTERRUPTED
