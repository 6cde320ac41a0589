"""What a remembered value may be: words of the message in their order, verbs also as nouns.

A value is some of the message's words in the order in which they stand there, each whole or without
its particle or copula ("누나가" as "누나"); a verb may stand in a noun form ("봤어" as "봄"). The words
are a small automaton over UTF-8 bytes, which is intersected with the vocabulary at every step (Willard
and Louf, 2023), so that a value can neither be misspelt nor invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.korean import noun_forms
from models.text.tokenizer import byte_letters

_WORD = re.compile(r"[^\s\[\](){}]+")
_EDGES = ".,:!?~…\"'^;*ㅋㅎㅠㅜ"
_ENDING = re.compile(  # how begins what a noun can lose: particles, the copula, 하다 and 되다
    r"이|가|은|는|을|를|에|만|도|로|으로|랑|까지|부터|한테|처럼|마다|요|야|예|라|나$|네|지|인|임|입|였"
    r"|하|해|했|함|한|할|돼|됐|됨|되|된|ㅋ|ㅎ|ㅠ|ㅜ|[.…~]"
)
_SPACE = ord(" ")


@dataclass(eq=False)
class _Node:
    """After some bytes of a word; ``whole`` when these are one of its forms."""

    rank: int
    whole: bool = False
    next: dict[int, _Node] = field(default_factory=dict)


State = frozenset[_Node | int]  # an int: after the space that follows the word of that rank


class MessageWords:
    """The automaton of one message."""

    def __init__(self, message: str) -> None:
        words = [word.strip(_EDGES) for word in _WORD.findall(message)]
        self._roots = [_rooted(rank, word) for rank, word in enumerate(filter(None, words))]

    def begin(self) -> State:
        """Before the space before the first word."""
        return frozenset([_Node(-1, whole=True)])

    def after(self, state: State, byte: int) -> State:
        """Where a byte leads; nowhere if it may not come."""
        out: set[_Node | int] = set()
        for at in state:
            if isinstance(at, int):
                roots = self._roots[at + 1 :]
                out |= {root.next[byte] for root in roots if byte in root.next}
            else:
                if byte in at.next:
                    out.add(at.next[byte])
                if byte == _SPACE and at.whole:
                    out.add(at.rank)
        return frozenset(out)

    @staticmethod
    def may_end(state: State) -> bool:
        """Whether the value may be over here."""
        return any(not isinstance(at, int) and at.whole and at.rank >= 0 for at in state)


def _rooted(rank: int, word: str) -> _Node:
    root = _Node(rank)
    for form in forms(word):
        node = root
        for byte in form.encode():
            node = node.next.setdefault(byte, _Node(rank))
        node.whole = True
    return root


def forms(word: str) -> set[str]:
    """The word, it without an ending, and what it may be as a noun."""
    if not re.search("[가-힣]", word):
        return {word, word.lower(), word.removesuffix("'s")}
    cut = {word[:i] for i in range(1, len(word)) if _ENDING.match(word[i:])}
    return {word, *cut, *noun_forms(word)}


@dataclass(eq=False)
class _Branch:
    """Tokens of the vocabulary by their bytes."""

    tokens: list[int] = field(default_factory=list)
    next: dict[int, _Branch] = field(default_factory=dict)


class Vocabulary:
    """The tokens of a byte-level vocabulary that a value may be made of.

    Args:
        pieces: the token strings by their ids, as byte-level BPE writes them.
    """

    def __init__(self, pieces: Mapping[int, str]) -> None:
        letters = byte_letters()
        self._bytes = {token: bytes(letters[letter] for letter in piece) for token, piece in pieces.items()}
        self._root = _Branch()
        for token, spelt in self._bytes.items():
            branch = self._root
            for byte in spelt:
                branch = branch.next.setdefault(byte, _Branch())
            branch.tokens.append(token)

    def read(self, words: MessageWords, state: State, tokens: Iterable[int]) -> State:
        """Where some tokens lead."""
        for token in tokens:
            for byte in self._bytes.get(token, b""):
                state = words.after(state, byte)
        return state

    def following(self, words: MessageWords, state: State) -> list[int]:
        """Tokens that lead somewhere."""
        found: list[int] = []
        open_ = [(self._root, state)]
        while open_:
            branch, now = open_.pop()
            found += branch.tokens
            open_ += [
                (deeper, then) for byte, deeper in branch.next.items() if (then := words.after(now, byte))
            ]
        return found
