"""What is shown of a turn: for a pipe one line (or one JSON object) on stdout, the rest on stderr."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, TextIO

from adapters.shared.texts import expression_words
from core.people import Expression, Lang, Learned, Recalled

STEPS: Final = ("first_token", "reply", "expression", "face", "memory")


@dataclass
class TurnRecord:
    """Everything that is known about a turn so far."""

    text: str
    reply: str | None = None
    lang: Lang = "ko"
    expression: Expression | None = None
    face: Path | None = None
    png: bytes | None = None
    recalled: tuple[Recalled, ...] = ()
    learned: tuple[Learned, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        shown: dict[str, Any] | None = None
        if (e := self.expression) is not None:
            scores = {name: round(getattr(e.scores, name), 4) for name in ("eyes", "mouth", "pose")}
            shown = {
                "eyes": e.eyes, "mouth": e.mouth, "pose": e.pose,
                "intensity": round(e.intensity, 4), "scores": scores,
            }  # fmt: skip
        return {
            "text": self.text, "reply": self.reply, "lang": self.lang, "expression": shown,
            "face": str(self.face) if self.face else None,
            "recalled": [{"id": m.id, "text": m.text, "score": m.score} for m in self.recalled],
            "learned": [{"id": m.id, "text": m.text} for m in self.learned],
            "timings_ms": {step: self.timings_ms.get(step) for step in STEPS},
        }  # fmt: skip

    def expression_text(self) -> str:
        """The expression in words, '' where there is none."""
        e = self.expression
        return "" if e is None else expression_words(e.eyes, e.mouth, e.pose, self.lang)


class View(Protocol):
    """Shows what happens; called on the event loop, never blocks for long."""

    def waiting(self) -> None:
        """A message was sent; nothing has come back yet."""
        ...

    def part(self, text: str, lang: Lang) -> None:
        """The next sentence of the reply."""
        ...

    def reply(self, record: TurnRecord) -> None:
        """The reply is complete."""
        ...

    def face(self, record: TurnRecord) -> None:
        """The expression is known and, if there is one, the face is drawn."""
        ...

    def ended(self, record: TurnRecord) -> None:
        """Nothing more comes of this turn."""
        ...

    def told(self, text: str) -> None:
        """Everything that is no reply: what commands answer, asides, goodbyes."""
        ...

    def document(self, content: str) -> None:
        """A file's text (JSON, or one to read) that was asked for on standard output."""
        ...

    def picture(self, path: Path | None, png: bytes) -> None:
        """A picture that a command asked for."""
        ...


def one_line(text: str) -> str:
    """Text without line breaks of any kind."""
    return " ".join(text.split())


@dataclass
class PipeView:
    """The pipe protocol; ``broken`` is set when nobody reads any more."""

    out: TextIO
    err: TextIO
    json: bool = False
    broken: bool = False

    def waiting(self) -> None:
        """Nothing: a pipe does not wait visibly."""

    def part(self, text: str, lang: Lang) -> None:
        """Nothing: the whole reply goes out as one line."""

    def reply(self, record: TurnRecord) -> None:
        """One line on stdout, unless the object is printed at the end."""
        if not self.json:
            self._print(one_line(record.reply or ""))

    def face(self, record: TurnRecord) -> None:
        """Expression and path on stderr."""
        self.told(f"[{record.expression_text()}]" + (f" {record.face}" if record.face else ""))

    def ended(self, record: TurnRecord) -> None:
        """With ``--json`` the object of the turn."""
        if self.json and record.reply is not None:
            self._print(json.dumps(record.as_json(), ensure_ascii=False))

    def told(self, text: str) -> None:
        """Onto stderr."""
        try:
            print(text, file=self.err, flush=True)
        except (OSError, ValueError):
            return  # nobody reads it

    def document(self, content: str) -> None:
        """On stdout as it is; with ``--json``, where every line is an object, a JSON text in one line."""
        if not self.json:
            self._print(content.rstrip("\n"))
        elif content.startswith("{"):
            self._print(json.dumps(json.loads(content), ensure_ascii=False))
        else:
            self.told(content)

    def picture(self, path: Path | None, png: bytes) -> None:
        """Its path."""
        if path is not None:
            self.told(str(path))

    def _print(self, line: str) -> None:
        try:
            print(line, file=self.out, flush=True)
        except (OSError, ValueError):
            self.broken = True
