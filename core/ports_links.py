"""What the core needs to know about accounts that belong to one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Account:
    """An account by its :attr:`core.people.Person.id`, with the name that it showed when it took part."""

    person: str
    name: str = ""

    @property
    def platform(self) -> str:
        """Where it is."""
        return self.person.partition(":")[0]


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A question to both sides: ``giver`` made the code, ``taker`` typed it."""

    id: int
    giver: Account
    taker: Account
    expires: datetime
    giver_agreed: bool = False
    taker_agreed: bool = False

    def other(self, person: str) -> Account:
        """The account that ``person`` is asked about."""
        return self.taker if person == self.giver.person else self.giver

    def agreed(self, person: str) -> bool:
        """Whether ``person`` has confirmed."""
        return self.giver_agreed if person == self.giver.person else self.taker_agreed


class Agreement(StrEnum):
    """What a confirmation leads to."""

    WAITS = "waits"  # for the other side
    LINKED = "linked"
    GONE = "gone"  # too late, refused, or never this account's question


class LinkStore(Protocol):
    """Codes, questions and links. Raises StoreError.

    Each call is one transaction. Erasing an account everywhere takes its codes, questions and link
    with it; the wrong guesses of the last minutes (ids and times only) stay.
    """

    async def offer(self, giver: Account, salt: bytes, sealed: bytes, now: datetime) -> None:
        """Keep a sealed code of an account in place of an earlier one, for :data:`core.links.LIFE`."""
        ...

    async def take(self, taker: Account, code: str, now: datetime) -> LinkRequest | None:
        """Use up the code that someone typed; the question to both sides.

        None for every code that does not join these accounts: wrong, used, too old, guessed at too
        often, the account's own, one of the same platform, or of an account that is linked already;
        and for everything from an account that was wrong too often. What is refused counts as wrong.
        """
        ...

    async def spoil(self, code: str, now: datetime) -> None:
        """Others have seen a code: it is worth nothing any more, whosever it is."""
        ...

    async def tidy(self, now: datetime) -> None:
        """Drop codes, questions and wrong guesses that are over."""
        ...

    async def pending(self, person: str, now: datetime) -> LinkRequest | None:
        """The question that an account has still to answer, or waits for."""
        ...

    async def agree(self, person: str, request: int, now: datetime) -> Agreement:
        """One side confirms; once both have, their accounts are linked."""
        ...

    async def refuse(self, person: str, request: int) -> bool:
        """One side says no: the question is gone; False when it was not this account's."""
        ...

    async def linked(self, person: str) -> tuple[Account, ...]:
        """The other accounts of the same person."""
        ...

    async def unlink(self, person: str) -> tuple[Account, ...]:
        """Split; the accounts from which this one is split. Each keeps its own memories.

        Direct messages in which facts of another one were recalled are erased, and what came after them.
        """
        ...
