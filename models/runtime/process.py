"""Models in a process of their own, so that their Python and the bot's do not wait for each other.

A step of a small model is a hundred short calls, each of which takes the interpreter's lock; beside
chats, a database and other models half of its time went into waiting for it.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final, Generic, TypeAlias, TypeVar

from core.errors import ModelError, OhLoraError
from models.runtime.queue import Stepwise

log = logging.getLogger(__name__)

Q = TypeVar("Q")
R = TypeVar("R")

PAUSE: Final = b"pause"
LOOK_EVERY_S: Final = 0.003  # whether somebody wants to join
END_S: Final = 5.0

NICENESS: Final = 10
IGNORED: Final = (signal.SIGINT, signal.SIGTERM)

Link: TypeAlias = "Connection[Any, Any]"
Make: TypeAlias = Callable[..., "Sequence[Stepwise[Any, Any] | ModelError]"]


class ModelProcess:
    """``make(*args)`` in a new process, whose models are used through ``models``, in the same order.

    Loading begins with the object. Where a model cannot be had, ``make`` gives a ModelError in its
    place; where nothing can, it raises it. Each model has a thread; all but the first let the first
    go first. A process that died is started again by the next request; one that nobody closed ends
    with the interpreter.
    """

    def __init__(self, make: Make, *args: object, count: int = 1) -> None:
        self._make, self._args, self._count = make, args, count
        self._changing = threading.Lock()
        self._closed = False
        self._child = _Child.start(make, args, count)
        self._about: list[Any] | None = None
        self.models = [RemoteModel[Any, Any](self, i) for i in range(count)]
        atexit.register(self.close)  # multiprocessing would wait for a child that ignores its signal

    def ready(self) -> list[Any]:
        """Wait until everything is loaded: for each model its ``about``, or its ModelError.

        Raises ModelError when nothing can be had.
        """
        with self._changing:
            if self._about is None:
                self._about = self._child.loaded()
            return self._about

    def link(self, number: int) -> Link:
        """The way to a model; a new one when the process had died. Raises ModelError."""
        with self._changing:
            if not self._child.process.is_alive() and not self._closed:
                log.error("the models' process ended; starting another")
                self._child, self._about = _Child.start(self._make, self._args, self._count), None
        about = self.ready()[number]
        if isinstance(about, ModelError):  # nobody is at the other end
            raise ModelError(str(about))
        return self._child.links[number]

    def lost(self, link: Link) -> None:
        """A link broke, which shows before a death does: wait, so that the next request sees it."""
        with self._changing:
            if link in self._child.links and not self._closed:
                self._child.end(END_S)

    def close(self) -> None:
        """End the process."""
        self._closed = True
        atexit.unregister(self.close)
        self._child.close(END_S if self._about is not None else 0.0)


@dataclass
class _Child:
    process: BaseProcess
    loading: Link
    links: list[Link]

    @classmethod
    def start(cls, make: Make, args: Sequence[object], count: int) -> _Child:
        context = get_context("spawn")
        loading, loaded = context.Pipe(duplex=False)
        pairs = [context.Pipe() for _ in range(count)]
        ends = (loaded, [theirs for _, theirs in pairs])
        process = context.Process(target=_serve, args=(make, args, *ends), daemon=True, name="models")
        with _signals_held_back():
            process.start()
        for end in (loaded, *ends[1]):  # the child has them; open here they would hide its death
            end.close()
        return cls(process, loading, [ours for ours, _ in pairs])

    def loaded(self) -> list[Any]:
        try:
            about = self.loading.recv()
        except (EOFError, OSError) as err:
            raise ModelError("the models' process ended while it loaded") from err
        if isinstance(about, ModelError):
            raise about
        return list(about)

    def close(self, patience_s: float) -> None:
        for link in (self.loading, *self.links):
            link.close()
        self.end(patience_s)

    def end(self, patience_s: float) -> None:
        self.process.join(patience_s)
        if self.process.is_alive():
            self.process.kill()
            self.process.join(END_S)


class RemoteModel(Generic[Q, R]):
    """A model of a :class:`ModelProcess`, as a :class:`Stepwise`."""

    def __init__(self, process: ModelProcess, number: int) -> None:
        self._process, self._number = process, number
        self._left: list[int] = []
        self._new: list[tuple[int, Q]] = []
        self._cleared = False

    def join(self, requests: Sequence[tuple[int, Q]]) -> None:
        """Take numbered requests in, with the next step."""
        self._new += requests

    def leave(self, numbers: Sequence[int]) -> None:
        """Give requests up, with the next step."""
        self._left += numbers

    def clear(self) -> None:
        """Give everything up, with the next step."""
        self._left, self._new, self._cleared = [], [], True

    def step(self, pause: Callable[[], bool]) -> Sequence[tuple[int, R]]:
        """As there. Raises what the model raised, or ModelError when its process died."""
        change = (self._cleared, self._left, self._new)
        self._cleared, self._left, self._new = False, [], []
        link, asked = self._process.link(self._number), False
        try:
            link.send(change)
            while not link.poll(None if asked else LOOK_EVERY_S):
                if asked := pause():
                    link.send(PAUSE)
            done = link.recv()
        except (EOFError, OSError) as err:
            self._process.lost(link)
            raise ModelError("the model's process ended") from err
        if isinstance(done, OhLoraError):
            raise done
        return list(done)


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """A child that begins here does not see what it ignores later."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # its start would let them through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, IGNORED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(make: Make, args: Sequence[object], loaded: Link, links: Sequence[Link]) -> None:
    """The child: ends with its parent, whose signals are not its own."""
    for ignored in IGNORED:
        signal.signal(ignored, signal.SIG_IGN)
    threading.excepthook = lambda _: os._exit(1)  # without its thread a model would never answer
    logging.basicConfig(level=logging.ERROR)  # libraries warn of what is meant
    gc.disable()  # what libraries make while they are imported stays: nothing to look for
    try:
        models = make(*args)
    except (ModelError, ImportError) as err:
        if isinstance(err, ImportError):
            err = ModelError(f"package {err.name} is missing; install the requirements")
        _tell(loaded, err)
        return
    gc.freeze()
    gc.enable()
    _tell(loaded, [m if isinstance(m, ModelError) else getattr(m, "about", None) for m in models])
    threads = [
        threading.Thread(target=_work, args=(model, link, number > 0))
        for number, (model, link) in enumerate(zip(models, links, strict=True))
        if not isinstance(model, ModelError)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _tell(loaded: Link, about: object) -> None:
    with suppress(OSError):  # the parent has gone
        loaded.send(about)


def _work(model: Stepwise[Any, Any], link: Link, yields: bool) -> None:
    if yields:
        _let_others_go_first()
    with suppress(EOFError, OSError):
        while True:
            change = link.recv()
            if change != PAUSE:  # else it came after the step's end
                cleared, left, new = change
                link.send(_round(model, cleared, left, new, link.poll))


def _round(
    model: Stepwise[Any, Any], cleared: bool, left: Sequence[int], new: Sequence[tuple[int, Any]],
    pause: Callable[[], bool],
) -> object:  # fmt: skip
    """The results of a step, or the error to raise."""
    try:
        if cleared:
            model.clear()
        model.leave(left)
        model.join(new)
        return model.step(pause)
    except OhLoraError as err:
        return err
    except Exception as err:  # worker boundary: the next request finds the model as it was
        model.clear()
        return ModelError(type(err).__name__)


def _let_others_go_first() -> None:
    if sys.platform == "linux":  # elsewhere it would be the whole process's
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
