"""``python -m tests.adapters.fake_chat …``: the chat command on fakes, for tests from outside."""

from __future__ import annotations

import sys

from bot.cli import build_parser
from bot.commands import chat
from bot.logs import setup_logging
from bot.settings import load_settings
from bot.wiring import build_app
from core.ports import GenerateRequest
from core.prompt import Task
from tests.fakes import (
    FewExemplars,
    FixedClock,
    HashEmbedder,
    LikesAll,
    PaintedPortraits,
    ScriptedModel,
)  # fmt: skip


def _learn(request: GenerateRequest) -> str:
    return "[좋아하는 음식: 떡볶이]" if "떡볶이" in request.prompt else ""


def _reply(request: GenerateRequest) -> str:
    return "Sounds great!" if "hello" in request.prompt else "와 정말? 나도 같이 가고 싶다!"


def main(argv: list[str]) -> int:
    """Run the chat command; the exit code."""
    model = ScriptedModel({Task.MEMORY: _learn, Task.REPLY: _reply})
    args = build_parser().parse_args(["chat", *argv])
    settings = load_settings()
    setup_logging(settings.var_dir)
    return chat.run(
        args, settings,
        lambda settings: build_app(
            settings, language_model=model, exemplars=FewExemplars(), ranker=LikesAll(),
            embedder=HashEmbedder(), portraits=PaintedPortraits(), clock=FixedClock(),
        ),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
