"""New replies out of two wordings of one reply: each says the same thing, so their sentences mix.

Sentences of equal rank are exchanged, and within two sentences that share a word one may begin as the
one does and go on after that word as the other does. What would say a thing twice, or leave out what
both say, is no wording.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice, product
from typing import Final

from core.ports import Exemplar
from core.release import sentences

MOST: Final = 24
STEM: Final = 2  # letters of a Korean word that tell it from others, whatever its ending; 4 of an English one
_ASKS: Final = re.compile(r"뭐|뭘|뭔|무슨|어디|언제|누구|누가|왜|어떤|어떻|어때|어땠|얼마|어느|몇")
_EDGES: Final = re.compile(r"^[^\w]+|[^\w]+$")


def wordings(one: str, other: str) -> list[str]:
    """New replies that mix the two, without doubles; at most :data:`MOST`, none where they do not mix."""
    first, second = sentences(one), sentences(other)
    if len(first) != len(second):
        return []
    pairs = list(zip(first, second, strict=True))
    if len(pairs) == 2 and _crossed(pairs):
        return []
    each = [dict.fromkeys([*pair, *_spliced(*pair)]) for pair in pairs]
    mixed = (" ".join(parts) for parts in product(*each))
    said = Counter(stems(one)) | Counter(stems(other))  # each word as often as in the one that has more
    new = (text for text in mixed if text not in (one, other) and Counter(stems(text)) <= said)
    return list(islice(new, MOST))


def stems(text: str) -> list[str]:
    """How the words of a text begin: what tells a word, whatever its ending."""
    words = (_EDGES.sub("", word.lower()) for word in text.split())
    return [word[: 4 if word.isascii() else STEM] for word in words if len(word) > 1]


def _crossed(pairs: list[tuple[str, str]]) -> bool:
    """Whether the second wording says the two things in the other order."""
    (a, b), (c, d) = pairs

    def alike(x: str, y: str) -> int:
        return len({*stems(x)} & {*stems(y)})

    return alike(a, d) + alike(c, b) > alike(a, b) + alike(c, d)


def _spliced(one: str, other: str) -> Iterator[str]:
    """Sentences that begin as one does, up to a word that both have, and go on as the other does.

    In English, where order is grammar, both must have two words in a row; a question keeps what it asks.
    """
    both = {*stems(one)} & {*stems(other)}
    asks = _ASKS.search(f"{one} {other}")
    for x, y in ((one.split(), other.split()), (other.split(), one.split())):
        for i, word in enumerate(x[:-1]):
            if x.count(word) == 1 == y.count(word) and not _EDGES.search(word):
                j = y.index(word)
                text = " ".join(x[:i] + y[j:])
                joint = not word.isascii() or x[i : i + 2] == y[j : j + 2]
                kept = both <= {*stems(text)} and (not asks or _ASKS.search(text))
                if joint and kept and text not in (one, other):
                    yield text


def choices(source: Exemplar) -> list[str]:
    """What the embedded model may say in place of an exchange's reply: that the same is said is sure."""
    both = [source.exchange.reply, *([source.reworded] if source.reworded else [])]
    return (wordings(*both) if len(both) > 1 and not source.exact else []) or both
