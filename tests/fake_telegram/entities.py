"""Texts as Telegram keeps them: cleaned, counted in UTF-16 units, with entities that nobody marked."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]

ENTITIES_MAX = 100
# Telegram replaces control characters, and drops what would turn the line's direction.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile("[\r\u2028-\u202e]")
_FOUND = (
    ("bot_command", re.compile(r"(?<![\w/@<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("url", re.compile(r"(?<!\w)https?://[^\s<>\"]+[^\s<>\".,;:!?)]")),
    ("mention", re.compile(r"(?<![\w/.@])@[A-Za-z0-9_]{3,32}\b")),
    ("hashtag", re.compile(r"(?<![\w#&])#\w*[^\W\d]\w*")),
)


def units(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def part(text: str, entity: Json) -> str:
    """The piece of a text that an entity marks."""
    raw = text.encode("utf-16-le", "surrogatepass")
    start = 2 * entity["offset"]
    return raw[start : start + 2 * entity["length"]].decode("utf-16-le", "surrogatepass")


def clean(text: str) -> str:
    """What Telegram makes of a text before it looks at it."""
    return _CONTROL.sub(" ", _DROPPED.sub("", text))


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """A text without the blanks around it; entities stay on their words.

    Blanks in front go only as far as the first entity, as in Telegram.
    """
    room = min((entity["offset"] for entity in entities), default=len(text))
    front = 0
    while front < min(room, len(text)) and text[front] in " \n\t":
        front += 1
    text = text[front:].rstrip()
    end = units(text)
    kept = []
    for entity in entities:
        start = entity["offset"] - front
        length = min(entity["length"], end - start)
        if length > 0:
            kept.append(entity | {"offset": start, "length": length})
    return text, kept


def found(text: str) -> list[Json]:
    """Commands, addresses, names and tags in a text."""
    results: list[Json] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            offset, length = units(text[: match.start()]), units(match.group())
            results.append({"type": kind, "offset": offset, "length": length})
    return without_overlaps(results)


def without_overlaps(entities: list[Json], taken: list[Json] | None = None) -> list[Json]:
    """Entities in the order of the text; what overlaps with ``taken`` or an earlier one goes."""
    kept: list[Json] = []
    for entity in sorted(entities, key=lambda one: (one["offset"], -one["length"])):
        if not any(_touch(entity, other) for other in [*(taken or []), *kept]):
            kept.append(entity)
    return kept


def complete(text: str, marked: list[Json]) -> tuple[str, list[Json]]:
    """The text and entities that a message is stored with; more than a hundred entities are cut off."""
    text, marked = trimmed(text, marked)
    # Inside of links and code nothing is found; inside of bold text it is.
    closed = [one for one in marked if one["type"] in {"code", "pre", "text_link", "text_mention"}]
    entities = marked + without_overlaps(found(text), closed)
    entities.sort(key=lambda one: (one["offset"], -one["length"]))
    return text, entities[:ENTITIES_MAX]


def _touch(one: Json, other: Json) -> bool:
    return bool(
        one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
    )
