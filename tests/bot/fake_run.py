"""``python -m tests.bot.fake_run …``: the run command on fake models, for tests from outside."""

from __future__ import annotations

import sys

from bot.cli import build_parser
from bot.commands import run
from bot.logs import setup_logging
from bot.settings import load_settings
from bot.wiring import build_app
from tests.fakes import (
    FewExemplars,
    FixedClock,
    HashEmbedder,
    LikesAll,
    PaintedPortraits,
    ScriptedModel,
)


def main(argv: list[str]) -> int:
    """Serve; the exit code."""
    args = build_parser().parse_args(["run", *argv])
    settings = load_settings()
    setup_logging(settings.var_dir, secrets=settings.secrets)
    return run.run(
        args, settings,
        lambda settings: build_app(
            settings, language_model=ScriptedModel(), exemplars=FewExemplars(), ranker=LikesAll(),
            embedder=HashEmbedder(), portraits=PaintedPortraits(), clock=FixedClock(),
        ),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
