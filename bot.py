"""Launcher: ``python bot.py <command>``. Everything else is in ``bot/``."""

import sys

from bot.cli import main

if __name__ == "__main__":
    sys.exit(main())
