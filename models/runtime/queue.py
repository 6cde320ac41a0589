"""The inference queue: bounded, batched across people, with priorities, deadlines and cancellation.

One queue owns one worker thread, and one model runs on it, so the event loop never blocks. Jobs go
by priority; within a priority the person who was served least goes first (a counter per person that
is lifted to the smallest active one on return, after "Virtual Token Counter", arXiv 2401.00588).
A background job that has waited longer than ``AGING_S`` competes as a reply.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from core.errors import DeadlineError, ModelError, OhLoraError, OverloadedError
from core.ports import Priority

log = logging.getLogger(__name__)

Q = TypeVar("Q")
R = TypeVar("R")

AGING_S = 30.0


@dataclass(eq=False)
class _Job(Generic[Q, R]):
    request: Q
    person: str
    priority: Priority
    cost: float
    deadline: float
    number: int
    arrived: float
    done: asyncio.Future[R] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class InferenceQueue(Generic[Q, R]):
    """Runs ``run_batch(requests) -> results`` on its own thread, a batch at a time.

    Args:
        run_batch: the model; called with up to ``max_batch`` requests, returns as many results.
        limit: jobs that may wait; one more raises OverloadedError at once.
        per_person: jobs that one person may have waiting.
    """

    def __init__(
        self, name: str, run_batch: Callable[[Sequence[Q]], Sequence[R]], *,
        limit: int = 128, per_person: int = 8, max_batch: int = 8,
    ) -> None:  # fmt: skip
        self._run_batch, self._limit, self._per_person, self._max_batch = (
            run_batch,
            limit,
            per_person,
            max_batch,
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: list[_Job[Q, R]] = []
        self._batch: list[_Job[Q, R]] = []
        self._served: dict[str, float] = defaultdict(float)
        self._numbers = itertools.count()
        self._worker: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._seconds_per_job = 0.2
        self.closed = False

    async def submit(
        self, request: Q, *, person: str, priority: Priority, deadline_s: float = 20.0, cost: float = 1.0
    ) -> R:
        """Wait for the result. Raises OverloadedError, DeadlineError, ModelError or what the model raised.

        Cancelling the caller takes a waiting job out of the queue.
        """
        if self.closed:
            raise ModelError("queue closed")
        mine = sum(job.person == person for job in self._waiting)
        if len(self._waiting) >= self._limit or mine >= self._per_person:
            raise OverloadedError(self._seconds_per_job * (len(self._waiting) + 1))
        if person not in {job.person for job in self._waiting}:
            active = [self._served[job.person] for job in self._waiting]
            self._served[person] = max(self._served[person], min(active, default=0.0))
        now = time.monotonic()
        job = _Job[Q, R](request, person, priority, cost, now + deadline_s, next(self._numbers), now)
        self._waiting.append(job)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        self._wake.set()
        try:
            return await asyncio.wait_for(asyncio.shield(job.done), deadline_s)
        except TimeoutError:
            raise DeadlineError("not finished in time") from None
        finally:
            if job in self._waiting:
                self._waiting.remove(job)
            if not job.done.done():
                job.done.cancel()

    def cancel(self, person: str) -> int:
        """Take a person's waiting jobs out; their callers get CancelledError."""
        mine = [job for job in self._waiting if job.person == person]
        for job in mine:
            self._waiting.remove(job)
            job.done.cancel()
        self._served.pop(person, None)
        return len(mine)

    @property
    def depth(self) -> int:
        """Jobs waiting."""
        return len(self._waiting)

    async def close(self) -> None:
        """Stop: jobs not finished fail with ModelError; the running batch ends in its thread."""
        self.closed = True
        for job in [*self._waiting, *self._batch]:
            if not job.done.done():
                job.done.set_exception(ModelError("queue closed"))
        self._waiting.clear()
        if self._worker is not None:
            self._worker.cancel()
        await asyncio.to_thread(self._thread.shutdown, True)

    def _rank(self, job: _Job[Q, R], now: float) -> tuple[int, float, int]:
        priority = Priority.REPLY if now - job.arrived > AGING_S else job.priority
        return int(priority), self._served[job.person], job.number

    def _take(self) -> list[_Job[Q, R]]:
        """The next batch; each pick counts at once, so one person cannot fill a batch."""
        batch: list[_Job[Q, R]] = []
        now = time.monotonic()
        for job in [job for job in self._waiting if job.deadline <= now]:
            self._waiting.remove(job)
            if not job.done.done():
                job.done.set_exception(DeadlineError("not started in time"))
        while self._waiting and len(batch) < self._max_batch:
            job = min(self._waiting, key=lambda j: self._rank(j, now))
            self._waiting.remove(job)
            self._served[job.person] += job.cost
            batch.append(job)
        return batch

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while not self.closed:
            batch = self._batch = self._take()
            if not batch:
                self._served.clear()
                self._wake.clear()
                await self._wake.wait()
                continue
            started = time.monotonic()
            try:
                requests = [job.request for job in batch]
                results = await loop.run_in_executor(self._thread, self._run_batch, requests)
            except Exception as err:  # the worker boundary: one bad batch must not end the queue
                log.error("%s failed: %s", self._thread._thread_name_prefix, type(err).__name__)
                failure = err if isinstance(err, OhLoraError) else ModelError(type(err).__name__)
                for job in batch:
                    if not job.done.done():
                        job.done.set_exception(failure)
                continue
            spent = (time.monotonic() - started) / len(batch)
            self._seconds_per_job = 0.8 * self._seconds_per_job + 0.2 * spent
            for job, result in zip(batch, results, strict=True):
                if not job.done.done():
                    job.done.set_result(result)
