"""Models in a process of their own: results, errors, death, and an end with the parent."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.errors import ModelError
from core.ports import Priority
from models.runtime.process import Make, ModelProcess
from models.runtime.queue import InferenceQueue, Whole
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


def doubled(requests: Sequence[int]) -> list[int]:
    if 13 in requests:
        raise RuntimeError("unlucky")
    if 99 in requests:
        os._exit(1)
    if 77 in requests:
        return [lambda: 77]  # type: ignore[list-item]  # cannot cross
    return [2 * request for request in requests]


def pair(name: str) -> list[Whole[int, int] | ModelError]:
    """A model, and one that is not there."""
    return [Whole(doubled, name), ModelError("no second one")]


def without_package() -> list[Whole[int, int]]:
    raise ModuleNotFoundError(name="torch")


def nothing() -> list[Whole[int, int]]:
    raise ModelError("weights are missing")


@pytest.fixture
def process() -> Iterator[ModelProcess]:
    made = ModelProcess(pair, "first", count=2)
    yield made
    made.close()


async def ask(queue: InferenceQueue[int, int], number: int) -> int:
    return await queue.submit(number, person=f"p{number}", priority=Priority.REPLY)


async def test_results_errors_and_a_new_start_after_death(process: ModelProcess) -> None:
    name, missing = process.ready()
    assert name == "first"
    assert isinstance(missing, ModelError)
    queue = InferenceQueue[int, int]("t", process.models[0])
    assert await asyncio.gather(*(ask(queue, i) for i in range(12))) == [2 * i for i in range(12)]
    with pytest.raises(ModelError, match="RuntimeError"):
        await ask(queue, 13)
    assert await ask(queue, 7) == 14
    with pytest.raises(ModelError, match="ended"):
        await ask(queue, 99)
    assert await ask(queue, 8) == 16
    with pytest.raises(ModelError, match="ended"):
        await ask(queue, 77)
    assert await ask(queue, 9) == 18
    await queue.close()


async def test_a_model_that_is_not_there_answers_too(process: ModelProcess) -> None:
    queue = InferenceQueue[int, int]("t", process.models[1])
    with pytest.raises(ModelError, match="no second one"):
        await ask(queue, 1)
    await queue.close()


async def test_both_links_and_a_death_between_requests(process: ModelProcess) -> None:
    process.ready()
    begun = process._child.process
    waiting = [asyncio.to_thread(process.link, 0) for _ in range(2)]
    begun.kill()
    begun.join()
    first, second = await asyncio.gather(*waiting)
    assert first is second
    assert process._child.process is not begun
    begun.close()


@pytest.mark.parametrize(
    ("make", "why"), [(nothing, "weights are missing"), (without_package, "package torch is missing")]
)
def test_what_cannot_be_loaded_says_so(make: Make, why: str) -> None:
    process = ModelProcess(make)
    with pytest.raises(ModelError, match=why):
        process.ready()
    process.close()


def test_models_that_nobody_closed_do_not_keep_the_program(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "from tests.models.test_process import *\n"
        "if __name__ == '__main__':\n"
        "    process = ModelProcess(pair, 'x', count=2); process.ready()\n"
    )
    ran = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert ran.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_models_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = (
        "from tests.models.test_process import *\n"
        "if __name__ == '__main__':\n"
        "    process = ModelProcess(pair, 'x', count=2); process.ready()\n"
        "    print(process._child.process.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    ran = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    child = Path("/proc") / ran.stdout.decode().strip()
    until = time.monotonic() + PATIENCE_S
    while child.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not child.exists()
