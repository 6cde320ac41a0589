"""The inference queue: bounds, order, fairness, deadlines, cancellation, failure."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from core.errors import DeadlineError, ModelError, OverloadedError
from core.ports import Priority
from models.runtime.queue import InferenceQueue, Whole


class Model:
    """Doubles numbers; waits for ``gate`` and keeps the batches it saw."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.batches: list[list[int]] = []
        self.threads: set[int] = set()

    def run(self, requests: Sequence[int]) -> list[int]:
        self.gate.wait(5)
        self.threads.add(threading.get_ident())
        self.batches.append(list(requests))
        if -1 in requests:
            raise RuntimeError("boom")
        return [2 * r for r in requests]


async def start(
    queue: InferenceQueue[int, int], number: int, person: str, priority: Priority
) -> asyncio.Task[int]:
    task = asyncio.create_task(queue.submit(number, person=person, priority=priority))
    await asyncio.sleep(0.01)
    return task


async def test_results_belong_to_their_requests_and_run_off_the_loop() -> None:
    model = Model()
    queue = InferenceQueue[int, int]("t", Whole(model.run))
    jobs = [queue.submit(i, person=f"p{i}", priority=Priority.REPLY) for i in range(20)]
    assert await asyncio.gather(*jobs) == [2 * i for i in range(20)]
    assert threading.get_ident() not in model.threads
    assert len(model.threads) == 1
    await queue.close()


async def test_waiting_jobs_are_batched_by_priority() -> None:
    model = Model()
    queue = InferenceQueue[int, int]("t", Whole(model.run), max_batch=2)
    model.gate.clear()
    first = await start(queue, 0, "a", Priority.REPLY)
    later = [
        await start(queue, 1, "b", Priority.SUMMARY), await start(queue, 2, "c", Priority.MEMORY),
        await start(queue, 3, "d", Priority.FACE), await start(queue, 4, "e", Priority.REPLY),
    ]  # fmt: skip
    model.gate.set()
    await asyncio.gather(first, *later)
    assert model.batches == [[0], [4, 3], [2, 1]]
    await queue.close()


async def test_one_person_cannot_push_others_back() -> None:
    model = Model()
    queue = InferenceQueue[int, int]("t", Whole(model.run), max_batch=1)
    model.gate.clear()
    tasks = [await start(queue, i, "flood", Priority.REPLY) for i in range(6)]
    tasks.append(await start(queue, 100, "guest", Priority.REPLY))
    model.gate.set()
    await asyncio.gather(*tasks)
    order = [batch[0] for batch in model.batches]
    assert order.index(100) <= 2
    await queue.close()


async def test_a_full_queue_and_a_greedy_person_are_refused_at_once() -> None:
    model = Model()
    queue = InferenceQueue[int, int]("t", Whole(model.run), limit=4, per_person=2)
    model.gate.clear()
    running = await start(queue, 0, "x", Priority.REPLY)
    mine = [await start(queue, i, "a", Priority.REPLY) for i in (1, 2)]
    with pytest.raises(OverloadedError):
        await queue.submit(3, person="a", priority=Priority.REPLY)
    others = [await start(queue, i, f"p{i}", Priority.REPLY) for i in (4, 5)]
    begun = time.monotonic()
    with pytest.raises(OverloadedError) as refused:
        await queue.submit(6, person="late", priority=Priority.REPLY)
    assert time.monotonic() - begun < 0.05
    assert refused.value.retry_after > 0
    model.gate.set()
    await asyncio.gather(running, *mine, *others)
    await queue.close()


async def test_a_job_past_its_deadline_never_reaches_the_model() -> None:
    model = Model()
    queue = InferenceQueue[int, int]("t", Whole(model.run), max_batch=1)
    model.gate.clear()
    running = await start(queue, 0, "x", Priority.REPLY)
    with pytest.raises(DeadlineError):
        await queue.submit(7, person="a", priority=Priority.REPLY, deadline_s=0.05)
    model.gate.set()
    await running
    assert await queue.submit(8, person="a", priority=Priority.REPLY) == 16
    assert [7] not in model.batches
    await queue.close()


async def test_cancelled_jobs_leave_the_queue() -> None:
    model = Model()
    queue = InferenceQueue[int, int]("t", Whole(model.run), max_batch=1)
    model.gate.clear()
    running = await start(queue, 0, "x", Priority.REPLY)
    mine = [await start(queue, i, "a", Priority.REPLY) for i in (1, 2)]
    other = await start(queue, 3, "b", Priority.REPLY)
    assert queue.cancel("a") == 2
    other.cancel()
    results = await asyncio.gather(*mine, other, return_exceptions=True)
    assert all(isinstance(r, asyncio.CancelledError) for r in results)
    assert queue.depth == 0
    model.gate.set()
    assert await running == 0
    assert model.batches == [[0]]
    await queue.close()


async def test_a_failing_batch_fails_its_jobs_only() -> None:
    queue = InferenceQueue[int, int]("t", Whole(Model().run), max_batch=1)
    with pytest.raises(ModelError):
        await queue.submit(-1, person="a", priority=Priority.REPLY)
    assert await queue.submit(2, person="a", priority=Priority.REPLY) == 4
    await queue.close()
    with pytest.raises(ModelError):
        await queue.submit(2, person="a", priority=Priority.REPLY)


class Steps:
    """Answers a number after so many steps."""

    def __init__(self) -> None:
        self.rows: dict[int, int] = {}

    def join(self, requests: Sequence[tuple[int, int]]) -> None:
        self.rows |= dict(requests)

    def leave(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            del self.rows[number]

    def clear(self) -> None:
        self.rows.clear()

    def step(self, pause: Callable[[], bool]) -> list[tuple[int, int]]:
        done: list[int] = []
        while not done:
            time.sleep(0.01)
            self.rows = {number: left - 1 for number, left in self.rows.items()}
            done = [number for number, left in self.rows.items() if left <= 0]
            if pause():
                break
        for number in done:
            del self.rows[number]
        return [(number, number) for number in done]


async def test_a_cancelled_job_leaves_the_batch_even_when_nothing_else_is_left() -> None:
    queue = InferenceQueue[int, int]("t", Steps())
    short = await start(queue, 10, "a", Priority.REPLY)
    long = await start(queue, 40, "b", Priority.REPLY)
    long.cancel()
    assert await short == 0
    await asyncio.sleep(0.05)  # the queue rests
    assert await queue.submit(60, person="c", priority=Priority.REPLY, deadline_s=3) == 2
    await queue.close()


async def test_a_job_joins_the_batch_under_way() -> None:
    queue = InferenceQueue[int, int]("t", Steps())
    long = await start(queue, 300, "a", Priority.REPLY)
    assert await queue.submit(2, person="b", priority=Priority.REPLY, deadline_s=2) == 1
    assert not long.done()
    long.cancel()
    await queue.submit(1, person="b", priority=Priority.REPLY, deadline_s=2)
    await queue.close()
