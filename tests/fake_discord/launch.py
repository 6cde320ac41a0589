"""``python -m tests.fake_discord.launch REST GATEWAY program …``: a bot in a process of its own.

The program is a module's name or the path of a ``.py`` file; what follows are its arguments.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from tests.fake_discord.redirect import redirect


def main(rest_url: str, gateway_url: str, program: str, *arguments: str) -> None:
    """Runs the program; discord.py in it knows no other Discord."""
    sys.argv = [program, *arguments]
    with redirect(rest_url, gateway_url):
        if program.endswith(".py"):
            sys.path.insert(0, str(Path(program).resolve().parent))
            runpy.run_path(program, run_name="__main__")
        else:
            runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
