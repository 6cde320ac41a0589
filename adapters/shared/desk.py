"""Who uses a command."""

from __future__ import annotations

from dataclasses import dataclass

from core.people import Lang, Owner, Person, Place, PlaceKind


@dataclass(frozen=True, slots=True)
class Caller:
    """Who uses a command, where, and the language of the answer.

    ``locale`` is the platform's language for the person, ``manages`` tells whether she or he is an
    admin of this group, ``owns`` whether the bot is theirs.
    """

    person: Person
    place: Place
    lang: Lang
    locale: Lang
    manages: bool
    owns: bool

    @property
    def owner(self) -> Owner:
        """Whose memories the command is about."""
        return Owner(self.person.id, self.place.scope)

    @property
    def group(self) -> str:
        """The group, '' in a direct message."""
        return self.place.group if self.place.kind is PlaceKind.GROUP else ""
