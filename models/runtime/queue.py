"""The inference queue: bounded, batched across people, with priorities, deadlines and cancellation.

One queue owns one worker thread, and one model runs on it, so the event loop never blocks. Jobs go
by priority; within a priority the person who was served least goes first (a counter per person that
is lifted to the smallest active one on return, after "Virtual Token Counter", arXiv 2401.00588).
A background job that has waited longer than ``AGING_S`` competes as a reply. Where the model can,
jobs join and leave the batch under way between two of its steps.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from core.errors import DeadlineError, ModelError, OhLoraError, OverloadedError
from core.ports import Priority

log = logging.getLogger(__name__)

Q = TypeVar("Q")
R = TypeVar("R")

Q_in = TypeVar("Q_in", contravariant=True)
R_out = TypeVar("R_out", covariant=True)

AGING_S = 30.0


class Stepwise(Protocol[Q_in, R_out]):
    """A model whose batch may change between two steps; called by one thread at a time."""

    def join(self, requests: Sequence[tuple[int, Q_in]]) -> None:
        """Take numbered requests in."""
        ...

    def leave(self, numbers: Sequence[int]) -> None:
        """Give requests up."""
        ...

    def step(self, pause: Callable[[], bool]) -> Sequence[tuple[int, R_out]]:
        """Work until a request is done or ``pause()``; the results by number, maybe none."""
        ...

    def clear(self) -> None:
        """Give everything up, after a failure."""
        ...


@dataclass
class Whole(Generic[Q, R]):
    """A model that takes a batch as a whole, as a :class:`Stepwise`.

    ``about`` is what must be known of it where it is used.
    """

    run: Callable[[Sequence[Q]], Sequence[R]]
    about: Any = None
    _batch: list[tuple[int, Q]] = field(default_factory=list)

    def join(self, requests: Sequence[tuple[int, Q]]) -> None:
        """Keep requests for the next step."""
        self._batch += requests

    def leave(self, numbers: Sequence[int]) -> None:
        """Nothing stays longer than a step."""

    def step(self, pause: Callable[[], bool]) -> list[tuple[int, R]]:
        """Run all of them."""
        batch, self._batch = self._batch, []
        results = self.run([request for _, request in batch])
        return [(number, result) for (number, _), result in zip(batch, results, strict=True)]

    def clear(self) -> None:
        """Forget what was kept."""
        self._batch.clear()


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
    """Runs a model on its own thread, a batch at a time.

    Args:
        model: takes up to ``max_batch`` requests at once; a :class:`Whole` for a plain function.
        limit: jobs that may wait; one more raises OverloadedError at once.
        per_person: jobs that one person may have waiting.
    """

    def __init__(
        self, name: str, model: Stepwise[Q, R], *,
        limit: int = 128, per_person: int = 8, max_batch: int = 8,
    ) -> None:  # fmt: skip
        self._model, self._limit, self._per_person, self._max_batch = model, limit, per_person, max_batch
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: list[_Job[Q, R]] = []
        self._running: dict[int, _Job[Q, R]] = {}
        self._served: dict[str, float] = defaultdict(float)
        self._numbers = itertools.count()
        self._worker: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._arrived = False  # since the last batch was put together
        self._seconds_per_job, self._spent = 0.2, 0.0
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
        self._arrived = True
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
        for job in [*self._waiting, *self._running.values()]:
            if not job.done.done():
                job.done.set_exception(ModelError("queue closed"))
        self._waiting.clear()
        if self._worker is not None:
            self._worker.cancel()
        await asyncio.to_thread(self._thread.shutdown, True)

    def _rank(self, job: _Job[Q, R], now: float) -> tuple[int, float, int]:
        priority = Priority.REPLY if now - job.arrived > AGING_S else job.priority
        return int(priority), self._served[job.person], job.number

    def _take(self, places: int) -> list[_Job[Q, R]]:
        """What joins the batch; each pick counts at once, so one person cannot fill a batch."""
        batch: list[_Job[Q, R]] = []
        now = time.monotonic()
        self._arrived = False
        for job in [job for job in self._waiting if job.deadline <= now]:
            self._waiting.remove(job)
            if not job.done.done():
                job.done.set_exception(DeadlineError("not started in time"))
        while self._waiting and len(batch) < places:
            job = min(self._waiting, key=lambda j: self._rank(j, now))
            self._waiting.remove(job)
            self._served[job.person] += job.cost
            batch.append(job)
        return batch

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        left: list[int] = []  # the model does not know yet
        while not self.closed:
            left += [number for number, job in self._running.items() if job.done.done()]
            self._running = {n: job for n, job in self._running.items() if not job.done.done()}
            new = self._take(self._max_batch - len(self._running))
            self._running |= {job.number: job for job in new}
            if not self._running:
                self._served.clear()
                self._wake.clear()
                await self._wake.wait()
                continue
            started = time.monotonic()
            try:
                done = await loop.run_in_executor(self._thread, self._round, left, new)
            except Exception as err:  # the worker boundary: one bad batch must not end the queue
                self._fail(err)
                continue
            finally:
                left = []
            self._finish(done, time.monotonic() - started)

    def _round(self, left: list[int], new: list[_Job[Q, R]]) -> Sequence[tuple[int, R]]:
        """On the thread: change the batch, and work until something is done or somebody may join."""
        places = self._max_batch - len(self._running)
        with ExitStack() as failed:
            failed.callback(self._model.clear)
            self._model.leave(left)
            self._model.join([(job.number, job.request) for job in new])
            done = self._model.step(lambda: self._arrived and places > 0)
            failed.pop_all()
        return done

    def _finish(self, done: Sequence[tuple[int, R]], seconds: float) -> None:
        self._spent += seconds
        for number, result in done:
            job = self._running.pop(number)
            if not job.done.done():
                job.done.set_result(result)
        if done:
            self._seconds_per_job = 0.8 * self._seconds_per_job + 0.2 * self._spent / len(done)
            self._spent = 0.0

    def _fail(self, err: Exception) -> None:
        log.error("%s failed: %s", self._thread._thread_name_prefix, type(err).__name__)
        failure = err if isinstance(err, OhLoraError) else ModelError(type(err).__name__)
        for job in self._running.values():
            if not job.done.done():
                job.done.set_exception(failure)
        self._running.clear()
        self._spent = 0.0
