"""What is shown of a turn to a person who sits at the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.status import Status
from rich.text import Text

from adapters.console.pictures import Way, show
from adapters.console.views import TurnRecord
from core.people import Lang
from core.persona import NAME_EN, NAME_KO

NAMES: Final[dict[Lang, str]] = {"ko": NAME_KO, "en": NAME_EN}
PROMPT: Final = "› "


class RichView:
    """Her name, the reply sentence by sentence, then expression and face.

    While the person types (:meth:`hold`), what comes late is kept until the line is sent.
    """

    def __init__(self, console: Console, way: Way) -> None:
        self._console, self._way = console, way
        self._status: Status | None = None
        self._begun = self._held = False
        self._late: list[str] = []

    def hold(self) -> None:
        """The person types now: print nothing."""
        self._rest()
        self._held = True

    def release(self) -> None:
        """The line is sent: print what came meanwhile."""
        self._held = False
        late, self._late = self._late, []
        for text in late:
            self.told(text)

    def waiting(self) -> None:
        """A spinner."""
        self._rest()
        self._status = self._console.status("", spinner="dots")
        self._status.start()

    def part(self, text: str, lang: Lang) -> None:
        """The next sentence, after her name the first time."""
        self._rest()
        if not self._begun:
            self._console.print(Text(f"{NAMES[lang]} › ", style="bold magenta"), end="")
            self._begun = True
        self._console.print(Text(text), end=" ", soft_wrap=True)

    def reply(self, record: TurnRecord) -> None:
        """End of the line."""
        if not self._begun:
            self.part(record.reply or "", record.lang)
        self._begun = False
        self._console.print()

    def face(self, record: TurnRecord) -> None:
        """The face, its expression in words, its path."""
        if self._held:
            return
        if record.png is not None:
            show(self._console, record.png, self._way)
        words = f"[{record.expression_text()}]" + (f" {record.face}" if record.face else "")
        self._console.print(Text(words, style="dim"), soft_wrap=True)

    def ended(self, record: TurnRecord) -> None:
        """Nothing is left to show."""
        self._rest()

    def told(self, text: str) -> None:
        """An aside."""
        if self._held:
            self._late.append(text)
            return
        self._rest()
        self._console.print(Text(text, style="cyan"), soft_wrap=True)

    def document(self, content: str) -> None:
        """As it is, to be copied."""
        self._rest()
        self._console.print(Text(content), soft_wrap=True)

    def picture(self, path: Path | None, png: bytes) -> None:
        """The picture and its path."""
        self._rest()
        show(self._console, png, self._way)
        if path is not None:
            self._console.print(Text(str(path), style="dim"), soft_wrap=True)

    def _rest(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
