"""First contact: two lines that say who she is and what she keeps, once for each person."""

from __future__ import annotations

from core.errors import StoreError
from core.people import Lang, Person
from core.phrases import lines
from core.ports import HistoryStore

CHOICE = "greeted"


async def first_contact(
    history: HistoryStore, person: Person, lang: Lang, key: str = "first_contact"
) -> tuple[str, ...]:
    """The lines ``key`` for someone who was never told, else nothing; remembered as a choice.

    Where the store fails they are told again next time: better twice than never.
    """
    try:
        if CHOICE in await history.choices(person.id):
            return ()
        await history.choose(person.id, CHOICE, "yes")
    except StoreError:
        pass
    return lines(key, lang)
