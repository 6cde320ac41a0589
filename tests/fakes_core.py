"""Fakes of the core's ports.

A fake behaves like the real thing in the ways that the core relies on (epochs, owners, order); what
a test wants otherwise it sets on the fake: ``fails`` (an error to raise) or ``hold`` (an event that
a call waits for).
"""

from __future__ import annotations

import asyncio
import itertools
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone

from core.colours import NATURAL
from core.merging import family
from core.people import Expression, Film, Lang, Owner, Scores
from core.ports import Candidate, Completion, Exemplar, GenerateRequest, Nature, Situation, Turn, Vector
from core.ports_memory import Memory, NewMemory
from core.ports_places import Block
from core.prompt import Exchange, Task

SEOUL = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 21, 15, 0, tzinfo=SEOUL)  # a Saturday afternoon
FACE_LABELS = "<|eyes:크게|><|mouth:아주 크게|><|pose:없음|>"


@dataclass
class FixedClock:
    """A clock that a test moves."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@dataclass
class Switch:
    """How a fake is made to fail or to wait."""

    fails: Exception | None = None
    hold: asyncio.Event | None = None
    calls: int = 0

    async def __call__(self) -> None:
        self.calls, hold = self.calls + 1, self.hold  # whoever sees the call may let later ones pass
        await asyncio.sleep(0)
        if hold is not None:
            await hold.wait()
        if self.fails is not None:
            raise self.fails


Script = Callable[[GenerateRequest], str]


def _korean(prompt: str) -> bool:
    """Whether the message at the end of a prompt is Korean."""
    return any("가" <= letter <= "힣" for letter in prompt.rpartition("<|user|>")[2])


@dataclass
class ScriptedModel:
    """Answers every task by a function of the request; keeps what it was asked."""

    scripts: dict[Task, Script] = field(
        default_factory=lambda: {
            Task.REPLY: lambda r: "응, 나도 반가워!" if _korean(r.prompt) else "Hi, nice to see you!",
            Task.MEMORY: lambda _: "",
            Task.SUMMARY: lambda _: "인사를 나눔",
            Task.EXPRESSION: lambda _: FACE_LABELS,
        }
    )
    on: dict[Task, Switch] = field(default_factory=lambda: {task: Switch() for task in Task})
    seen: list[GenerateRequest] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    finished: bool = True
    logprob: float = -0.05

    async def generate(self, request: GenerateRequest) -> list[Completion]:
        self.seen.append(request)
        await self.on[request.task]()
        text = self.scripts[request.task](request)
        return [Completion(text, self.logprob, self.finished)] * request.n

    def count_tokens(self, text: str) -> int:
        return len(text) // 3 + 1

    def cancel(self, person: str) -> int:
        self.cancelled.append(person)
        return 0

    def prompts(self, task: Task) -> list[str]:
        return [request.prompt for request in self.seen if request.task is task]


@dataclass
class FixedExemplars:
    """The same near exchange for every message of a language."""

    near: dict[Lang, tuple[tuple[str, str], ...]] = field(
        default_factory=lambda: {
            "ko": (("안녕 로라", "어, 왔구나 반가워!"),),
            "en": (("hello lora", "Oh, there you are!"),),
        }
    )
    on: Switch = field(default_factory=Switch)
    memory: str = ""
    exact: bool = False
    summary: str = ""
    labels: tuple[str, str, str] | None = None
    reworded: dict[str, str] = field(default_factory=dict)
    natures: dict[str, Nature] = field(default_factory=dict)
    asked: list[Situation] = field(default_factory=list)

    async def nearest(self, situation: Situation, k: int) -> list[Exemplar]:
        await self.on()
        self.asked.append(situation)
        near = self.near.get(situation.lang, ())[:k]
        return [self._exemplar(*pair) for pair in near]

    def _exemplar(self, text: str, reply: str) -> Exemplar:
        return Exemplar(
            Exchange(text, reply), 0.5, self.memory, self.reworded.get(reply, ""), self.exact,
            summary=self.summary, labels=self.labels,
        )  # fmt: skip

    async def nature(self, situation: Situation) -> Nature | None:
        return self.natures.get(situation.text)

    async def keys_asked(self, situation: Situation) -> dict[str, float]:
        """No message asks for anything."""
        return {}

    def forget(self) -> None:
        self.asked.clear()


@dataclass
class TasteRanker:
    """Likes all texts a little, and some as it is told; keeps what it judged."""

    usual: float = 0.5
    liked: dict[str, float] = field(default_factory=dict)
    seen: list[tuple[Situation, tuple[Candidate, ...]]] = field(default_factory=list)
    on: Switch = field(default_factory=Switch)

    async def rank(self, situation: Situation, candidates: Sequence[Candidate]) -> list[float]:
        await self.on()
        self.seen.append((situation, tuple(candidates)))
        return [self.liked.get(candidate.text, self.usual) for candidate in candidates]


@dataclass
class BigramEmbedder:
    """Vectors of character bigrams: texts that share words are near."""

    on: Switch = field(default_factory=Switch)
    model_id: str = "bigram"

    async def encode(self, texts: Sequence[str]) -> list[Vector]:
        await self.on()
        return [bigram_vector(text) for text in texts]


def bigram_vector(text: str) -> Vector:
    """The text's bigrams on 64 axes, of unit length."""
    bins = [0.0] * 64
    folded = "".join(c for c in text if c.isalnum())
    for one, two in itertools.pairwise(f" {folded}"):
        bins[(ord(one) * 31 + ord(two)) % 64] += 1.0
    length = sum(value * value for value in bins) ** 0.5 or 1.0
    return array("f", (value / length for value in bins))


@dataclass
class Portraits:
    """Draws nothing, and says what it would have drawn."""

    on: Switch = field(default_factory=Switch)
    drawn: list[tuple[str, Scores]] = field(default_factory=list)
    moved: list[tuple[str, Scores, Scores]] = field(default_factory=list)
    faces: tuple[str, ...] = ("a", "b")

    hair: list[str] = field(default_factory=list)

    def name(self, face: str) -> str:
        return face.upper()

    async def draw(self, face: str, scores: Scores, hair: str = NATURAL) -> bytes:
        await self.on()
        self.drawn.append((face, scores))
        self.hair.append(hair)
        return b"\x89PNG " + face.encode()

    async def animate(self, face: str, start: Scores, end: Scores, kind: Film, hair: str = NATURAL) -> bytes:
        await self.on()
        self.moved.append((face, start, end))
        self.hair.append(hair)
        return f"{kind} {face}".encode()

    async def sheet(self, faces: Sequence[str], first: int = 1) -> bytes:
        await self.on()
        return b"\x89PNG " + " ".join(faces).encode()


@dataclass
class Shelf:
    """What both stores share: everything that is kept, and the epochs."""

    memories: dict[Owner, list[tuple[Memory, NewMemory]]] = field(default_factory=lambda: defaultdict(list))
    turns: dict[Owner, list[Turn]] = field(default_factory=lambda: defaultdict(list))
    chosen: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    useful: list[int] = field(default_factory=list)
    epochs: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    ids: Iterable[int] = field(default_factory=lambda: itertools.count(1))


def _owners(keys: Iterable[Owner], person: str, scope: str | None, below: bool = False) -> list[Owner]:
    return [
        key
        for key in keys
        if key.person == person
        and (scope in (None, key.scope) or (below and key.scope.startswith(f"{scope}/")))
    ]


@dataclass
class DictMemoryStore:
    """Memories in a dict, searched by cosine; reading and writing fail apart."""

    shelf: Shelf
    reads: Switch = field(default_factory=Switch)
    writes: Switch = field(default_factory=Switch)

    async def add(self, owner: Owner, memory: NewMemory, epoch: int) -> Memory | None:
        await self.writes()
        if epoch != self.shelf.epochs[owner.person]:
            return None
        kept = Memory(
            next(iter(self.shelf.ids)), memory.key, memory.value, memory.created, memory.source, memory.pinned,
            owner.person, memory.lang, memory.starts, memory.ends, memory.confidence,
        )  # fmt: skip
        facts = self.shelf.memories[owner]
        for at, (known, new) in enumerate(facts):
            if known.id in memory.instead_of and not known.pinned:
                facts[at] = replace(known, superseded_by=kept.id), new
        facts.append((kept, memory))
        return kept

    async def edit(self, owner: Owner, memory_id: int, memory: NewMemory) -> Memory | None:
        gone = await self.delete(owner, memory_id)
        return await self.add(owner, memory, self.shelf.epochs[owner.person]) if gone else None

    async def recalled(self, owner: Owner, ids: Collection[int]) -> None:
        await self.writes()
        self.shelf.useful += ids

    async def search(
        self, owner: Owner, text: str, vector: Vector | None, model_id: str, k: int,
        today: date | None = None, families: Collection[str] | None = None,
    ) -> list[tuple[Memory, float]]:  # fmt: skip
        await self.reads()
        scored = [
            (kept, sum(a * b for a, b in zip(vector, new.vector, strict=True)))
            for kept, new in self.shelf.memories[owner]
            if vector is not None
            and new.vector is not None
            and new.model_id == model_id
            and (families is None or family(kept.key) in families)
        ]
        return sorted(scored, key=lambda pair: -pair[1])[:k]

    async def list(self, owner: Owner) -> list[Memory]:
        await self.reads()
        return [kept for kept, _ in self.shelf.memories[owner]]

    async def pin(self, owner: Owner, memory_id: int, on: bool) -> Memory | None:
        await self.writes()
        facts = self.shelf.memories[owner]
        changed = [(replace(kept, pinned=on) if kept.id == memory_id else kept, new) for kept, new in facts]
        self.shelf.memories[owner] = changed
        return next((kept for kept, _ in changed if kept.id == memory_id), None)

    async def delete(self, owner: Owner, memory_id: int) -> Memory | None:
        await self.writes()
        facts = self.shelf.memories[owner]
        gone = [kept for kept, _ in facts if kept.id == memory_id]
        self.shelf.memories[owner] = [fact for fact in facts if fact[0] not in gone]
        return gone[0] if gone else None

    async def epoch(self, person: str) -> int:
        await self.reads()
        return self.shelf.epochs[person]

    async def delete_source(self, owner: Owner, message_id: str) -> int:
        await self.writes()
        facts = self.shelf.memories[owner]
        kept = [fact for fact in facts if fact[0].source != message_id]
        self.shelf.memories[owner] = kept
        return len(facts) - len(kept)

    async def forget(
        self, person: str, scope: str | None, *, below: bool = False, linked: Sequence[str] = (),
        by: str | None = None,
    ) -> dict[str, int]:  # fmt: skip
        counts = await self.counts(person, scope, below=below)
        if not below:
            self.shelf.epochs[person] += 1
        for owner in _owners([*self.shelf.memories], person, scope, below):
            del self.shelf.memories[owner]
        for owner in _owners([*self.shelf.turns], person, scope, below):
            del self.shelf.turns[owner]
        return counts

    async def counts(
        self, person: str, scope: str | None, *, below: bool = False, linked: Sequence[str] = ()
    ) -> dict[str, int]:  # fmt: skip
        await self.reads()
        memories, turns = self.shelf.memories, self.shelf.turns
        return {
            "memories": sum(len(memories[owner]) for owner in _owners([*memories], person, scope, below)),
            "turns": sum(len(turns[owner]) for owner in _owners([*turns], person, scope, below)),
        }


@dataclass
class DictHistoryStore:
    """Turns and choices in dicts."""

    shelf: Shelf
    reads: Switch = field(default_factory=Switch)
    writes: Switch = field(default_factory=Switch)

    async def add_turn(self, owner: Owner, turn: Turn, epoch: int) -> bool:
        await self.writes()
        if epoch != self.shelf.epochs[owner.person]:
            return False
        self.shelf.turns[owner].append(turn)
        return True

    async def finish_turn(
        self,
        owner: Owner,
        message_id: str,
        *,
        summary: str | None = None,
        expression: Expression | None = None,
    ) -> None:
        await self.writes()
        for at, turn in enumerate(self.shelf.turns.get(owner, [])):
            if turn.message_id == message_id:
                self.shelf.turns[owner][at] = replace(
                    turn, summary=summary or turn.summary, expression=expression or turn.expression
                )

    async def turn(self, owner: Owner, message_id: str) -> Turn | None:
        await self.reads()
        turns = self.shelf.turns.get(owner, [])
        return next((t for t in turns if message_id in (t.message_id, *t.joined)), None)

    async def reword(self, owner: Owner, message_id: str, text: str) -> bool:
        await self.writes()
        turns = self.shelf.turns.get(owner, [])
        found = [at for at, turn in enumerate(turns) if turn.message_id == message_id]
        for at in found:
            turns[at] = replace(turns[at], text=text)
        return bool(found)

    async def drop_turn(self, owner: Owner, message_id: str) -> Turn | None:
        await self.writes()
        gone = await self.turn(owner, message_id)
        self.shelf.turns[owner] = [turn for turn in self.shelf.turns[owner] if turn is not gone]
        return gone

    async def last_turns(self, owner: Owner, n: int) -> list[Turn]:
        await self.reads()
        return self.shelf.turns[owner][-n:]

    async def reset(self, owner: Owner) -> None:
        await self.writes()
        self.shelf.turns.pop(owner, None)

    async def choices(self, person: str) -> dict[str, str]:
        await self.reads()
        return dict(self.shelf.chosen[person])

    async def choose(self, person: str, name: str, value: str | None) -> None:
        await self.writes()
        if value is None:
            self.shelf.chosen[person].pop(name, None)
        else:
            self.shelf.chosen[person][name] = value


@dataclass
class DictGroupStore:
    """Settings of groups in a dict; nothing is ever erased."""

    kept: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    reads: Switch = field(default_factory=Switch)

    async def settings(self, group: str) -> dict[str, str]:
        await self.reads()
        return dict(self.kept[group])

    async def set(self, group: str, name: str, value: str | None) -> None:
        self.kept[group].pop(name, None)
        if value is not None:
            self.kept[group][name] = value

    async def known(self) -> list[str]:
        return [group for group in self.kept if group]

    async def having(self, name: str) -> list[str]:
        return [group for group, settings in self.kept.items() if name in settings]

    async def left(self, group: str, at: datetime) -> None:
        """Nothing is noted."""

    async def returned(self, group: str) -> None:
        """Nothing was noted."""

    async def expired(self, now: datetime) -> list[str]:
        return []

    async def move(self, old: str, new: str) -> None:
        self.kept[new] = self.kept.pop(old, {}) | self.kept[new]

    async def erase(self, group: str) -> dict[str, int]:
        return {"settings": len(self.kept.pop(group, {}))}


@dataclass
class DictBlockStore:
    """Blocks in a dict."""

    kept: dict[tuple[str, str], Block] = field(default_factory=dict)
    reads: Switch = field(default_factory=Switch)

    async def block(
        self, group: str, person: str, by: str, reason: str, until: datetime | None, now: datetime
    ) -> None:
        self.kept[group, person] = Block(group, person, by, reason, now, until)

    async def unblock(self, group: str, person: str, now: datetime) -> bool:
        return self.kept.pop((group, person), None) is not None

    async def active(self, group: str, person: str, now: datetime) -> Block | None:
        await self.reads()
        found = (self.kept.get((each, person)) for each in (group, ""))
        return next((block for block in found if block and (not block.until or block.until > now)), None)

    async def list(self, group: str, now: datetime) -> list[Block]:
        return [block for block in self.kept.values() if block.group == group]
