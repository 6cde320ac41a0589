"""What the status command is told."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest

from bot.status import BotStatus, version
from core.conversation import Conversation
from tests.core.world import World
from tests.fakes_core import ScriptedModel


class Busy(ScriptedModel):
    """A model with three jobs waiting."""

    @property
    def waiting(self) -> int:
        return 3


@pytest.mark.parametrize(
    ("times", "median", "p95"), [([], None, None), ([5.0], 5.0, 5.0), ([*range(1, 101)], 50.5, 96)]
)
def test_times(times: list[float], median: float | None, p95: float | None) -> None:
    conversation: Conversation = World().conversation
    conversation.reply_ms = deque(reversed(times))
    found = BotStatus(conversation, Busy(), ("text",), ("no_face",), "1.2").status()
    assert (found.reply_median_ms, found.reply_p95_ms) == (median, p95)
    assert (found.version, found.models, found.waiting, found.working) == ("1.2", ("text",), 3, 0)
    assert found.problems == ("no_face",)


def test_a_model_without_a_queue() -> None:
    assert BotStatus(World().conversation, ScriptedModel(), (), (), "1").status().waiting == 0


def test_the_version_is_that_of_the_project() -> None:
    project = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text("utf-8")
    assert version() == "?" or f'version = "{version()}"' in project
