"""What ``/memory export`` gives: all that is remembered in a place, as JSON and as a text to read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from adapters.shared.listing import listed
from adapters.shared.texts import text
from core.battle.events import BattleView
from core.battle.parsing import formatted
from core.facts import dated_key
from core.people import DIRECT, Lang, Owner
from core.ports_memory import Memory

MOST_BATTLES: Final = 1000  # the newest ones
CHOICES: Final = ("language", "timezone", "face_id", "face", "hair", "learning")  # in the order of the text


@dataclass(frozen=True)
class Export:
    """The facts that ``owner`` sees and what was chosen; ``at`` is now, in the person's time zone."""

    owner: Owner
    choices: Mapping[str, str]
    memories: Sequence[Memory]
    at: datetime
    battles: Sequence[BattleView] = ()

    def as_json(self) -> str:
        """Every field of every fact; the account of each, for some may be those of a linked one."""
        document = {
            "person": self.owner.person,
            "scope": self.owner.scope,
            "exported": self.at.isoformat(),
            "choices": {name: self.choices[name] for name in CHOICES if name in self.choices},
            "memories": [exported(memory) for memory in self.memories],
        }
        if self.battles:
            document["battles"] = [asdict(battle) for battle in self.battles]
        return json.dumps(document, ensure_ascii=False, indent=2, default=str)

    def as_text(self, lang: Lang) -> str:
        """The same to read, in ``lang``: the facts as they are listed, and below each when it was told."""
        direct = self.owner.scope == DIRECT.scope
        scope = text("export_direct", lang) if direct else self.owner.scope
        chosen = [
            f"{text(f'choice_{name}', lang)}: {self.choices[name]}"
            for name in CHOICES
            if name in self.choices
        ]
        lines = [
            text("export_title", lang, at=f"{self.at:%Y-%m-%d %H:%M}"),
            text("export_owner", lang, person=self.owner.person, scope=scope),
            text("export_choices", lang, choices=", ".join(chosen) or "-"),
            text("export_count", lang, count=len(self.memories)),
            "",
        ]
        for memory, line in listed(self.memories, lang, self.owner.person):
            at = memory.created.astimezone(self.at.tzinfo)
            told = text("export_told", lang, at=f"{at:%Y-%m-%d %H:%M}", source=memory.source)
            account = memory.person if memory.person != self.owner.person else ""
            lines += [line, " · ".join(filter(None, (f"      {told}", account)))]
        for battle in self.battles:
            at, sides = battle.created.astimezone(self.at.tzinfo), (battle.left, battle.right)
            choices = [formatted(move.hyperparameters) for side in sides for move in side.moves
                       if side.person == self.owner.person and move.hyperparameters is not None]  # fmt: skip
            grade = battle.verdict.grade if battle.verdict is not None else battle.ending or "-"
            told = text(
                "export_battle", lang, id=battle.id, at=f"{at:%Y-%m-%d %H:%M}", instance=battle.instance,
                grade=grade, choices=" / ".join(choices) or "-",
            )  # fmt: skip
            lines.append(told)
        return "\n".join(lines) + "\n"


def exported(memory: Memory) -> dict[str, str | int | float | bool | None]:
    """Everything that is kept of a fact; ``superseded_by`` is the id of what took its place.

    ``key`` is as it was told ("내일 일정"), ``listed_as`` as lists show it, with its dates.
    """
    return {
        "id": memory.id, "account": memory.person, "key": memory.key, "value": memory.value,
        "listed_as": dated_key(memory.key, memory.starts, memory.ends, memory.created.date(), memory.lang),
        "language": memory.lang, "created": memory.created.isoformat(), "source": memory.source,
        "pinned": memory.pinned, "starts": memory.starts.isoformat() if memory.starts else None,
        "ends": memory.ends.isoformat() if memory.ends else None,
        "confidence": round(memory.confidence, 3), "former": memory.superseded_by is not None,
        "superseded_by": memory.superseded_by,
    }  # fmt: skip
