"""The one family of errors. Foreign errors are translated into it where they enter."""

from __future__ import annotations


class OhLoraError(Exception):
    """Base of everything the project raises on purpose."""


class UserFacingError(OhLoraError):
    """May be shown: ``phrase`` is a key of :mod:`core.phrases`, ``values`` fill its blanks."""

    def __init__(self, phrase: str, **values: object) -> None:
        super().__init__(phrase)
        self.phrase, self.values = phrase, values


class HiddenError(OhLoraError):
    """Must not be shown to people; goes to the log by its class and ids only."""


class StoreError(HiddenError):
    """The database could not do what was asked; its text is names and codes only, and may be logged."""


class StoreReadOnlyError(StoreError):
    """The database can be read, not written."""


class ModelError(HiddenError):
    """A model is missing, damaged, or failed while it ran."""


class OverloadedError(HiddenError):
    """The inference queue is full; try again after ``retry_after`` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"retry after {retry_after:.1f} s")
        self.retry_after = retry_after


class DeadlineError(HiddenError):
    """A job was not finished by its deadline."""


class EdgeError(HiddenError):
    """A chat platform failed."""


def logged(err: BaseException) -> str:
    """What the log may say of an error: its class, and of the database's also why."""
    why = str(err) if isinstance(err, StoreError) else ""
    return f"{type(err).__name__}: {why}" if why else type(err).__name__
