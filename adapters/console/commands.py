"""The commands of one person at the terminal, as they are typed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from adapters.console.battling import TypedBattles
from adapters.console.faces import FaceFolder
from adapters.console.files import write_new
from adapters.shared.answers import Answer
from adapters.shared.commands import Commands
from adapters.shared.memories import asked
from adapters.shared.profile import Profile, zones_like
from adapters.shared.texts import text
from core.people import DIRECT, Lang, Owner, Person, Scores

_SURE: Final = ("yes", "here yes", "everywhere yes")  # after /forget
_ASKS: Final = {"": "", "here": "here ", "everywhere": "everywhere "}  # and how it is said with the yes
_YES: Final = ("yes", "네", "예", "응")
_LANGUAGES: Final[dict[str, Lang | None]] = {
    "ko": "ko", "korean": "ko", "한국어": "ko", "en": "en", "english": "en", "영어": "en",
    "auto": None, "자동": None,
}  # fmt: skip

Handler = Callable[[str, Lang], Awaitable[Answer]]


def question(name: str, said: str) -> str | None:
    """What a bare yes after a command would do, as a line; None where it asks nothing."""
    return f"/forget {_ASKS[said]}yes" if name == "/forget" and said in _ASKS else None


def agrees(line: str) -> bool:
    """Whether a line is nothing but a yes."""
    return line.strip(" .!").lower() in _YES


def erases(name: str, said: str) -> bool:
    """Whether a command erases at once."""
    return name == "/forget" and said in _SURE


@dataclass(frozen=True)
class TypedCommands:
    """Each handler takes what was typed behind its command, words apart by one space, and the language."""

    commands: Commands
    faces: FaceFolder
    person: Person

    def handler(self, name: str) -> Handler | None:
        """What answers a command such as "/memory"; None for none of these."""
        return {
            "/help": self._help, "/memory": self._memory, "/why": self._why, "/forget": self._forget,
            "/reset": self._reset, "/face": self._face, "/profile": self._profile, "/privacy": self._privacy,
            "/language": self._language, "/timezone": self._timezone,
            "/battle": self._battle, "/battles": self._battles,
        }.get(name)  # fmt: skip

    @property
    def _owner(self) -> Owner:
        return Owner(self.person.id, DIRECT.scope)

    @property
    def _chosen(self) -> Profile:
        return Profile(self.commands.memories, self.commands.history, "console", self.commands.portraits)

    async def _help(self, said: str, lang: Lang) -> Answer:
        return self._chosen.help(lang)

    async def _privacy(self, said: str, lang: Lang) -> Answer:
        return self._chosen.privacy(lang)

    async def _profile(self, said: str, lang: Lang) -> Answer:
        return await self._chosen.show(self._owner, lang)

    async def _language(self, said: str, lang: Lang) -> Answer:
        if said.lower() not in _LANGUAGES:
            return _usage("language", lang)
        return await self._chosen.language(self._owner, _LANGUAGES[said.lower()], lang)

    async def _timezone(self, said: str, lang: Lang) -> Answer:
        """A zone by its name, or the one city that is meant."""
        if not said:
            return _usage("timezone", lang)
        near = await asyncio.to_thread(zones_like, said)
        return await self._chosen.timezone(self._owner, near[0] if len(near) == 1 else said, lang)

    async def _why(self, said: str, lang: Lang) -> Answer:
        return await self.commands.why_last(self._owner, lang)

    async def _reset(self, said: str, lang: Lang) -> Answer:
        return await self.commands.reset(self._owner, lang)

    async def _memory(self, said: str, lang: Lang) -> Answer:
        act, _, rest = said.partition(" ")
        if act.lower() == "export":
            return await self._export(rest.strip(), lang)
        what = asked(said)
        if what is None:
            return _usage("memory", lang)
        return await self.commands.memory.do(self._owner, what, lang)

    async def _export(self, to: str, lang: Lang) -> Answer:
        """To the screen, to standard output as ``text`` or ``json``, or into a new file."""
        answer = await self.commands.memory.export(self._owner, lang)
        if answer.document is None or answer.readable is None:
            return answer
        if not to:
            return Answer(f"{answer.readable}\n{text('export_how', lang)}")
        if to.lower() == "text":
            return replace(answer, text="", document=None)
        if to.lower() == "json":
            return replace(answer, text="", readable=None)
        if not to.lower().endswith((".json", ".txt")):
            return _usage("export", lang)
        content = answer.document if to.lower().endswith(".json") else answer.readable
        path, outcome = await asyncio.to_thread(write_new, to, content)
        return Answer(text(f"export_{outcome}", lang, path=path), done=outcome == "written")

    async def _forget(self, said: str, lang: Lang) -> Answer:
        where = {"": None, "here": False, "everywhere": True}
        if said in where:
            return await self.commands.forget_ask(self._owner, where[said], lang)
        if not erases("/forget", said):
            return _usage("forget", lang)
        pictures = await asyncio.to_thread(self.faces.forget)
        answer = await self.commands.forget(self._owner, said.startswith("everywhere"), lang)
        gone = text("forgot_pictures", lang, count=pictures) if pictures else ""
        return replace(answer, text="\n".join(filter(None, (answer.text, gone))))

    @property
    def battles(self) -> TypedBattles | None:
        """The commands of battles, where there are any."""
        desk = self.commands.battle_desk
        return None if desk is None else TypedBattles(desk, self.person)

    async def _battle(self, said: str, lang: Lang) -> Answer:
        found = self.battles
        return _no_battles(lang) if found is None else await found.battle(said, lang)

    async def _battles(self, said: str, lang: Lang) -> Answer:
        found = self.battles
        return _no_battles(lang) if found is None else await found.battles(said, lang)

    async def _face(self, said: str, lang: Lang) -> Answer:
        match said.split():
            case [] | ["show"]:
                return await self.commands.face_show(self._owner, lang)
            case ["choose"]:
                return await self.commands.face_gallery(lang)
            case ["choose", *words]:
                return await self.commands.face_choose(self._owner, " ".join(words), lang)
            case ["hair", *words] if words:
                return await self.commands.face_hair(self._owner, " ".join(words), lang)
            case ["on" | "off" as switch]:
                return await self.commands.face_switch(self._owner, switch == "on", lang)
            case ["on", "still" | "animated" as picture]:
                return await self.commands.face_switch(self._owner, True, lang, picture)
            case ["express", eyes, mouth, pose]:
                scores = parse_scores(eyes, mouth, pose)
                if scores is not None:
                    return await self.commands.face_show(self._owner, lang, scores)
        return _usage("face", lang)


def _no_battles(lang: Lang) -> Answer:
    return Answer(text("b_off", lang), done=False)


def _usage(command: str, lang: Lang) -> Answer:
    return Answer(text("wrong_use", lang, usage=text(f"usage_{command}", lang)), done=False)


def parse_scores(eyes: str, mouth: str, pose: str) -> Scores | None:
    """Three numbers in [-1, 1]; None for anything else."""
    try:
        numbers = [float(part) for part in (eyes, mouth, pose)]
    except ValueError:
        return None
    if not all(math.isfinite(number) and abs(number) <= 1 for number in numbers):
        return None
    return Scores(*numbers)
