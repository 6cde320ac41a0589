"""Training samples: a corpus row becomes a prompt and its completion, one way per task.

Replies are learnt *from exemplars*, as in prototype editing (Guu et al., TACL 2018): most samples show
one exchange and want its reply in other words; the others show nearest other rows, and often the wanted
reply is one that stands there, so that the model learns to copy and adapt instead of reciting.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.ports import Situation
from core.prompt import (
    AXES,
    END,
    NOTHING_TOLD,
    Exchange,
    PromptParts,
    Task,
    build_prompt,
    label_token,
)  # fmt: skip
from models.text.corpus_data import Row, adapt_reply, split_tag
from models.text.exemplars import ExemplarIndex, Found
from models.text.filling import NAMES, Slots

NEIGHBOURS = 6


@dataclass(frozen=True, slots=True)
class Sample:
    """What the model reads, and what it should write after it."""

    prompt: str
    completion: str


@dataclass(frozen=True)
class Mix:
    """How often what happens in reply samples; shares in [0, 1]."""

    reworded: float = 0.75  # one exchange stands there, and its reply in other words is wanted
    its_own: float = 0.5  # ... with the message of the row itself, else with that of a similar one
    self_copy: float = 0.25  # the row itself stands among the exemplars
    mate: float = 0.5  # a reply of the same intent stands there and is wanted
    no_exemplars: float = 0.15
    turn_before: float = 0.12  # an unrelated earlier turn stands before the message
    other_summary: float = 0.35  # an unrelated summary stands before a message that needs none
    extra_memory: float = 0.10  # an unrelated memory stands before the message
    other_value: float = 0.6  # a memory's value is exchanged for another one
    no_examples: float = 0.75  # a message is read for facts without near exchanges and theirs


class SampleMaker:
    """Makes samples of a fixed set of rows; all randomness comes from the caller's generator."""

    def __init__(self, rows: Sequence[Row], index: ExemplarIndex, slots: Slots) -> None:
        self.rows, self.slots = list(rows), slots
        self._index, self._near = index, dict[int, list[Found]]()
        self.reworded = [i for i, row in enumerate(self.rows) if row.reworded]
        self.groups: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            self.groups[row.group].append(row)
        self.tags = {
            lang: [r.memory for r in self.rows if r.memory and r.lang == lang] for lang in ("ko", "en")
        }

    def near(self, i: int) -> list[Found]:
        """The exchanges nearest to row ``i``, searched when they are first wanted."""
        if i not in self._near:
            row = self.rows[i]
            memories = (row.memory_in,) if row.memory_in else ()
            query = Situation(row.text, row.lang, memories, row.summary_in)
            self._near[i] = self._index.search(query, NEIGHBOURS, without=i)
        return self._near[i]

    def _widened(self, row: Row, mix: Mix, rng: random.Random) -> Row:
        """The row, or often one with another value in a slot of its reply."""
        for tag, fill in ((row.memory_in, self.slots.remembered), (row.memory, self.slots.filled)):
            key, _ = split_tag(tag)
            values = self.slots.of(row.lang, key)
            # beside names, what the reply goes on to say often fits the person's own value only
            if values and (tag is row.memory_in or key in NAMES) and rng.random() < mix.other_value:
                row = fill(row, rng.choice(values)) or row
        return row

    def _mates(self, row: Row, memory: str) -> list[Exchange]:
        mates = []
        for other in self.groups[row.group]:
            if other is row or bool(other.summary_in) != bool(row.summary_in):
                continue
            if bool(other.memory_in) != bool(memory):
                continue
            reply = adapt_reply(other.reply, other.memory_in, memory) if memory else other.reply
            if reply:
                mates.append(Exchange(other.text, reply))
        return mates

    def reply(self, i: int, mix: Mix, rng: random.Random) -> Sample:
        """A sample of task ``reply`` for row ``i``, or for one of the rows with two wordings."""
        if self.reworded and rng.random() < mix.reworded:
            return self._in_other_words(rng.choice(self.reworded), mix, rng)
        row = self._widened(self.rows[i], mix, rng)
        memory, wanted = row.memory_in, row.reply
        near = [
            Exchange(f.row.text, self._for_memory(f, memory)) for f in self.near(i)[: rng.choice((2, 3, 4))]
        ]
        near = [exchange for exchange in near if exchange.reply]
        draw, mates = rng.random(), self._mates(self.rows[i], memory)
        shown = rng.sample(near, min(len(near), 2))
        if draw < mix.self_copy:
            shown = [Exchange(row.text, wanted), *shown[:1]]
        elif mates and rng.random() < mix.mate:
            mate = rng.choice(mates)
            wanted = mate.reply
            shown = [mate, *[e for e in shown if e.reply != wanted][:1]]
        elif draw > 1 - mix.no_exemplars:
            shown = []
        rng.shuffle(shown)
        parts = self._surround(row, memory, tuple(shown), mix, rng)
        return Sample(build_prompt(parts), wanted + END)

    def _in_other_words(self, i: int, mix: Mix, rng: random.Random) -> Sample:
        """One wording of the row's reply stands in the exemplar, the other one is wanted."""
        row = self._widened(self.rows[i], mix, rng)
        shown, wanted = rng.sample((row.reply, row.reworded), 2)
        asked = row.text
        if rng.random() >= mix.its_own:
            mates, near = self.groups[row.group], self.near(i)[:2]
            asked = rng.choice([*(mate.text for mate in mates), *(found.row.text for found in near)])
        parts = self._surround(row, row.memory_in, (Exchange(asked, shown),), mix, rng)
        return Sample(build_prompt(parts), wanted + END)

    @staticmethod
    def _for_memory(found: Found, memory: str) -> str:
        if not found.row.memory_in:
            return found.reply
        return adapt_reply(found.row.reply, found.row.memory_in, memory) or ""

    def _surround(
        self, row: Row, memory: str, shown: tuple[Exchange, ...], mix: Mix, rng: random.Random
    ) -> PromptParts:
        memories = [memory] if memory else []
        if rng.random() < mix.extra_memory:
            memories.insert(rng.randint(0, len(memories)), rng.choice(self.tags[row.lang]))
        turns: tuple[Exchange, ...] = ()
        if not row.summary_in and rng.random() < mix.turn_before:
            other = rng.choice(self.rows)
            if other.lang == row.lang and not other.memory_in:
                turns = (Exchange(other.text, other.reply),)
        summary = "" if turns else self._summary_before(row, mix, rng)
        return PromptParts(
            Task.REPLY, row.text, shown, memories=tuple(memories), summary=summary, turns=turns
        )

    def _summary_before(self, row: Row, mix: Mix, rng: random.Random) -> str:
        """The summary that the row needs, or sometimes one of another conversation, or nothing."""
        if row.summary_in or rng.random() >= mix.other_summary:
            return row.summary_in
        other = rng.choice(self.rows)
        return other.summary if other.lang == row.lang else ""

    def memory(self, i: int, mix: Mix, rng: random.Random) -> Sample:
        """A sample of task ``memory``: the tag of what the person revealed, or nothing."""
        row = self.rows[i]
        values = self.slots.of(row.lang, split_tag(row.memory)[0])
        if values and rng.random() < mix.other_value:
            row = self.slots.filled(row, rng.choice(values)) or row
        near = tuple(Exchange(f.row.text, f.row.memory or NOTHING_TOLD) for f in self.near(i)[:2])
        if rng.random() < mix.no_examples:
            near = ()
        parts = PromptParts(Task.MEMORY, row.text, near, summary=self._summary_before(row, mix, rng))
        return Sample(build_prompt(parts), row.memory + END)

    def summary(self, i: int, rng: random.Random) -> Sample:
        """A sample of task ``summary``: her reply in one phrase."""
        row = self.rows[i]
        parts = PromptParts(Task.SUMMARY, row.text, reply=row.reply)
        return Sample(build_prompt(parts), row.summary + END)

    def expression(self, i: int, rng: random.Random) -> Sample:
        """A sample of task ``expression``: three label tokens for message and reply."""
        row = self.rows[i]
        parts = PromptParts(Task.EXPRESSION, row.text, reply=row.reply)
        labels = "".join(map(label_token, AXES, row.labels))
        return Sample(build_prompt(parts), labels + END)

    def of_task(self, task: Task, i: int, mix: Mix, rng: random.Random) -> Sample:
        """A sample of any task for row ``i``."""
        match task:
            case Task.REPLY:
                return self.reply(i, mix, rng)
            case Task.MEMORY:
                return self.memory(i, mix, rng)
            case Task.SUMMARY:
                return self.summary(i, rng)
            case Task.EXPRESSION:
                return self.expression(i, rng)
