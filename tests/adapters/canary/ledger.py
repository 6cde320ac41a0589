"""Words that nobody says by chance: who told each of them where, and who may see it afterwards."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from random import Random
from typing import Final

from core.people import DIRECT, Owner
from core.ports import Completion, Exemplar, GenerateRequest, Nature, Situation
from core.prompt import Exchange, Task, parse_prompt
from tests.fakes import GLAD

ECHO_KO, ECHO_EN = "메아리", "echoing"  # begin what the scripted model says
KEYS_KO: Final = ("취미", "특기", "친구", "배우는 것", "좋아하는 것")
KEYS_EN: Final = ("hobby", "skill", "friend", "learning", "likes")
_SYLLABLES: Final = tuple(consonant + vowel for consonant in "bdfgklmnprstv" for vowel in "aeiou")
_WORD: Final = re.compile(r"zo(?:[bdfgklmnprstv][aeiou]){4}")
_TOLD: Final = re.compile(
    rf"내 ({'|'.join(KEYS_KO)})는 (zo\w{{8}})야|my ({'|'.join(KEYS_EN)}) is (zo\w{{8}})", re.ASCII
)
_NUMBER: Final = re.compile(rf"(?:{ECHO_KO}|{ECHO_EN}) (\d+)")


@dataclass
class Ledger:
    """Every canary with its owner; the scopes of owners are names of the test's own, and "direct"."""

    rng: Random
    owners: dict[str, Owner] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)  # those that were told as facts
    erased: dict[str, float] = field(default_factory=dict)  # when, monotonic
    joined: list[tuple[frozenset[str], float]] = field(default_factory=list)
    parted: dict[frozenset[str], float] = field(default_factory=dict)

    def word(self, owner: Owner, *, secret: bool = False) -> str:
        """A new canary of somebody in a scope."""
        while (word := "zo" + "".join(self.rng.sample(_SYLLABLES, 4))) in self.owners:
            pass
        self.owners[word] = owner
        if secret:
            self.secrets.add(word)
        return word

    def words(self, text: str) -> list[str]:
        """The canaries in a text, each once."""
        return [word for word in dict.fromkeys(_WORD.findall(text.casefold())) if word in self.owners]

    def join(self, *accounts: str) -> None:
        """From now on these accounts are one person's."""
        self.joined.append((frozenset(accounts), time.monotonic()))

    def part(self, *accounts: str) -> None:
        """They are not any more."""
        self.parted[frozenset(accounts)] = time.monotonic()

    def erase(self, owner: Owner) -> None:
        """Everything that was told so far is forgotten in a scope, which joined accounts share if it is direct."""
        now, gone = time.monotonic(), {owner}
        if owner.scope == DIRECT.scope:
            pairs = [pair for pair, _ in self.joined if owner.person in pair and pair not in self.parted]
            gone |= {Owner(person, owner.scope) for pair in pairs for person in pair}
        self.erased |= {word: now for word, one in self.owners.items() if one in gone}

    def may_see(self, viewer: Owner, word: str, at: float) -> bool:
        """Whether a canary is the viewer's own there, or told in the direct messages of a joined account."""
        owner = self.owners[word]
        if owner == viewer:
            return True
        if not owner.scope == viewer.scope == DIRECT.scope:
            return False
        return any(
            {owner.person, viewer.person} <= pair and since <= at <= self.parted.get(pair, float("inf"))
            for pair, since in self.joined
        )


def number_of(reply: str) -> int:
    """The how many-th of the scripted model's replies it is; 0 for what is none."""
    found = _NUMBER.search(reply)
    return int(found[1]) if found else 0


@dataclass
class EchoModel:
    """core.ports.LanguageModel: says every canary of its prompt aloud, and finds the facts that were told."""

    ledger: Ledger
    seen: list[tuple[float, GenerateRequest]] = field(default_factory=list)
    replies: int = 0

    async def generate(self, request: GenerateRequest) -> list[Completion]:
        self.seen.append((time.monotonic(), request))
        text = {
            Task.REPLY: self._reply, Task.MEMORY: self._facts, Task.EXPRESSION: lambda _: GLAD,
            Task.SUMMARY: self._reply,
        }[request.task](request.prompt)  # fmt: skip
        return [Completion(text, -0.1, True)] * request.n

    def _reply(self, prompt: str) -> str:
        self.replies += 1
        message = parse_prompt(prompt).message
        begin = ECHO_KO if any("가" <= letter <= "힣" for letter in message) else ECHO_EN
        return f"{begin} {self.replies} {' '.join(self.ledger.words(prompt))}"

    @staticmethod
    def _facts(prompt: str) -> str:
        found = _TOLD.findall(parse_prompt(prompt).message)
        return "".join(f"[{ko or en}: {one or two}]" for ko, one, en, two in found)

    def count_tokens(self, text: str) -> int:
        """So few that much of what is known stands in a prompt."""
        return len(text) // 4 + 1

    def cancel(self, person: str) -> int:
        return 0


class EchoExemplars:
    """core.ports.ExemplarStore: one exchange, and every message asks for everything that is known."""

    async def nearest(self, situation: Situation, k: int) -> list[Exemplar]:
        reply = "오 그렇구나" if situation.lang == "ko" else "Oh I see"
        return [Exemplar(Exchange(situation.text, reply), 0.9)][:k]

    async def nature(self, situation: Situation) -> Nature | None:
        return None

    async def keys_asked(self, situation: Situation) -> dict[str, float]:
        return dict.fromkeys((*KEYS_KO, *KEYS_EN), 1.0)

    def forget(self) -> None:
        pass
