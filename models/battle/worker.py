"""Trainings in processes of their own, below everything else, and the queue before them."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from core.battle.ports import Epoch, Trial
from core.errors import DeadlineError, ModelError, OverloadedError
from models.battle.jobs import Job
from models.battle.shelf import Shelf
from models.runtime.process import ModelProcess, RemoteModel

if TYPE_CHECKING:
    from models.battle.trial import Training

log = logging.getLogger(__name__)

NICENESS: Final = 10
# Thrice the longest legal training on a core of its own: the original's networks take 120 epochs of 5 s.
SECONDS: Final = {"small": 180.0, "original": 1800.0}
GRACE_S: Final = 10.0  # a process that does not stop after its time is ended


@dataclass(frozen=True)
class Limits:
    """Seconds of a training by its profile, bytes of a process, how many wait, seconds a process idles."""

    seconds: Mapping[str, float] = field(default_factory=SECONDS.copy)
    memory: int = 3 * 2**30
    waiting: int = 64
    idle: float = 300.0


class Trainer:
    """Trains a job, an epoch a step; a :class:`models.runtime.queue.Stepwise` that lives in the process."""

    about = None

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._jobs: dict[int, Job] = {}
        self._under_way: tuple[int, Training] | None = None

    def join(self, requests: Sequence[tuple[int, Job]]) -> None:
        """Take jobs in."""
        self._jobs |= dict(requests)

    def leave(self, numbers: Sequence[int]) -> None:
        """Give jobs up."""
        for number in numbers:
            self._jobs.pop(number, None)
            if self._under_way is not None and self._under_way[0] == number:
                self._under_way = None

    def clear(self) -> None:
        """Give everything up."""
        self._jobs, self._under_way = {}, None

    def step(self, pause: Callable[[], bool]) -> Sequence[tuple[int, Epoch | Trial]]:
        """An epoch of the oldest job, or its result after the last one."""
        from models.battle.trial import Training

        if not self._jobs:
            return []
        if self._under_way is None:
            number, job = next(iter(self._jobs.items()))
            self._under_way = number, Training(job, self._shelf.get(job.dataset))
        number, training = self._under_way
        if not training.finished():
            return [(number, training.epoch())]
        self.leave([number])
        return [(number, training.trial())]


def begin(shelf: Shelf, memory: int) -> list[Trainer]:
    """In the process: low priority, one thread, so much memory and no more."""
    if sys.platform != "win32":
        os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), NICENESS))
    import torch  # noqa: F401  (before the limit)

    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    make_repeatable()
    return [Trainer(shelf)]


def make_repeatable(threads: int = 1) -> None:
    """From now on the same training gives the same numbers in this process as in any other."""
    import torch

    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)


@dataclass(eq=False)
class _Ticket:
    job: Job
    battle: str
    number: int
    report: Callable[[Epoch], None]
    seconds: float
    done: asyncio.Future[Trial] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: bool = False
    ends: float = float("inf")

    def over(self) -> bool:
        return self.stopped or time.monotonic() > self.ends

    def fail(self, err: BaseException) -> None:
        """Who waits hears of whatever went wrong."""
        if not isinstance(err, DeadlineError | ModelError):
            log.error("a training broke", exc_info=err)
            err = ModelError(type(err).__name__)
        if time.monotonic() > self.ends:
            err = DeadlineError("a training took too long")
        if not self.done.done():
            self.done.set_exception(err)


class _Lane:
    """A process, begun when it is first needed, and the thread that talks to it."""

    def __init__(self, shelf: Shelf, limits: Limits, name: str) -> None:
        self._shelf, self._limits = shelf, limits
        self.thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._process: ModelProcess | None = None

    def work(
        self, ticket: _Ticket, begun: Callable[[], object], tell: Callable[[Epoch], object]
    ) -> Trial | None:
        """Train; None when it was stopped. Raises DeadlineError, ModelError."""
        model = self._model()
        ticket.ends = time.monotonic() + ticket.seconds
        begun()
        model.join([(ticket.number, ticket.job)])
        while not ticket.over():
            for _, result in model.step(ticket.over):
                if isinstance(result, Trial):
                    return result
                tell(result)
        model.leave([ticket.number])
        if ticket.stopped:
            return None
        raise DeadlineError("a training took too long")

    def _model(self) -> RemoteModel[Job, Epoch | Trial]:
        """What trains, loaded. Raises ModelError; the next call tries it with another process."""
        if self._process is None:
            self._process = ModelProcess(begin, self._shelf, self._limits.memory)
        try:
            self._process.ready()
        except ModelError:
            self.close()
            raise
        return self._process.models[0]

    def kill(self) -> None:
        """End the process under a training that does not answer."""
        process = self._process
        if process is not None:
            with suppress(ModelError):
                process.lost(process.link(0))

    def close(self) -> None:
        """End the process; the next training begins another."""
        process, self._process = self._process, None
        if process is not None:
            process.close()


class TrainingQueue:
    """At most ``workers`` trainings at once; of those that wait, the battle that trained least goes first."""

    def __init__(self, shelf: Shelf, workers: int = 1, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._idle = [_Lane(shelf, limits, f"battle-{number}") for number in range(workers)]
        self._lanes = list(self._idle)
        self._waiting: list[_Ticket] = []
        self._running: dict[_Ticket, asyncio.Task[None]] = {}
        self._served: dict[str, int] = defaultdict(int)
        self._numbers, self._seconds, self._closed = 0, 2.0, False
        self._resting: asyncio.TimerHandle | None = None

    async def train(
        self, job: Job, battle: str, report: Callable[[Epoch], None], profile: str = "small"
    ) -> Trial:
        """Wait for a training by networks of a profile. Cancelling ends it, waiting or not.

        Raises OverloadedError, DeadlineError, ModelError.
        """
        if self._closed:
            raise ModelError("queue closed")
        if len(self._waiting) >= self._limits.waiting:
            raise OverloadedError(self._seconds * (len(self._waiting) + 1) / len(self._lanes))
        if active := [self._served[each] for each in self._active() - {battle}]:
            self._served[battle] = max(self._served[battle], min(active) - 1)  # a newcomer is next
        self._numbers += 1
        ticket = _Ticket(job, battle, self._numbers, report, self._limits.seconds[profile])
        self._waiting.append(ticket)
        self._go()
        try:
            return await ticket.done
        finally:
            ticket.stopped = True
            if ticket in self._waiting:
                self._waiting.remove(ticket)

    def before(self, battle: str) -> int:
        """How many trainings of other battles come before the next one of this, those under way too."""
        served, waiting = dict(self._served), list(self._waiting)
        others = sum(ticket.battle != battle for ticket in self._running)
        while waiting and others + len(waiting) >= len(self._idle):
            first = min(waiting, key=lambda each: (served.get(each.battle, 0), each.number))
            if first.battle == battle:
                break
            waiting.remove(first)
            served[first.battle] = served.get(first.battle, 0) + 1
            others += 1
        return others if len(self._running) == len(self._lanes) else 0

    async def close(self) -> None:
        """End everything; what waits fails with ModelError."""
        self._closed = True
        if self._resting is not None:
            self._resting.cancel()
        for ticket in [*self._waiting, *self._running]:
            ticket.stopped = True
            if not ticket.done.done():
                ticket.done.set_exception(ModelError("queue closed"))
        self._waiting.clear()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        for lane in self._lanes:
            await asyncio.to_thread(lane.close)
            lane.thread.shutdown(False)

    def _active(self) -> set[str]:
        return {ticket.battle for ticket in [*self._waiting, *self._running]}

    def _go(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        while self._idle and self._waiting and not self._closed:
            ticket = min(self._waiting, key=lambda each: (self._served[each.battle], each.number))
            self._waiting.remove(ticket)
            self._served[ticket.battle] += 1
            self._running[ticket] = asyncio.create_task(self._run(self._idle.pop(), ticket))
        if not self._running and not self._closed:
            self._served.clear()
            self._resting = asyncio.get_running_loop().call_later(self._limits.idle, self._rest)

    def _rest(self) -> None:
        for lane in self._idle:
            lane.thread.submit(lane.close)

    async def _run(self, lane: _Lane, ticket: _Ticket) -> None:
        watch, loop = asyncio.create_task(self._watch(lane, ticket)), asyncio.get_running_loop()
        began = time.monotonic()

        def told(epoch: Epoch) -> None:
            if not ticket.stopped:
                ticket.report(epoch)

        try:
            soon = partial(partial, loop.call_soon_threadsafe)
            begun, tell = soon(ticket.begun.set), soon(told)
            work = loop.run_in_executor(lane.thread, lane.work, ticket, begun, tell)
            await asyncio.wait([work])
            if (err := work.exception()) is not None:
                ticket.fail(err)
                return
            self._seconds = 0.8 * self._seconds + 0.2 * (time.monotonic() - began)
            trial = work.result()
            if trial is not None and not ticket.done.done():
                ticket.done.set_result(trial)
        finally:
            watch.cancel()
            del self._running[ticket]
            self._idle.append(lane)
            self._go()

    async def _watch(self, lane: _Lane, ticket: _Ticket) -> None:
        """End the process of a training that does not even end with its time."""
        await ticket.begun.wait()
        await asyncio.sleep(ticket.seconds + GRACE_S)
        await asyncio.to_thread(lane.kill)
