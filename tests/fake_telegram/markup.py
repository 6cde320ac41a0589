"""Telegram's HTML: a text with tags becomes a text with entities, or a refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.fake_telegram.entities import units
from tests.fake_telegram.errors import unparsable

Json = dict[str, Any]

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "code": "code", "pre": "pre", "blockquote": "blockquote", "a": "text_link",
    "tg-emoji": "custom_emoji",
}  # fmt: skip
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d{1,8})|#x([0-9a-fA-F]{1,8})|(lt|gt|amp|quot));?")
_ATTRIBUTE = re.compile(r"""\s*([A-Za-z0-9_-]+)\s*(?:=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")
_NAME = re.compile(r"[^\s>]*")


@dataclass
class _Open:
    name: str
    offset: int
    attributes: dict[str, str]
    inner: list[Json] = field(default_factory=list)


def parse_html(source: str) -> tuple[str, list[Json]]:
    """The plain text and its entities.

    Raises:
        ApiError: Unknown tags, tags without end, ends without a start.
    """
    return _Parser(source).run()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._text: list[str] = []
        self._units = 0
        self._open: list[_Open] = []
        self._entities: list[Json] = []

    def run(self) -> tuple[str, list[Json]]:
        while self._at < len(self._source):
            if self._source[self._at] == "<":
                self._tag()
            elif (reference := _REFERENCE.match(self._source, self._at)) is not None:
                self._at = reference.end()
                self._add(_character(reference) or reference.group())
            else:
                self._add(self._source[self._at])
                self._at += 1
        if self._open:
            raise unparsable(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        self._entities.sort(key=lambda one: (one["offset"], -one["length"]))
        for entity in self._entities:
            if entity["type"] == "code":  # only a block has a language
                entity.pop("language", None)
        return "".join(self._text), self._entities

    def _add(self, text: str) -> None:
        self._text.append(text)
        self._units += units(text)

    @property
    def _byte(self) -> int:
        """Where the parser stands, in the unit of Telegram's complaints."""
        return len(self._source[: self._at].encode("utf-8", "surrogatepass"))

    def _tag(self) -> None:
        if self._source.startswith("</", self._at):
            self._end_tag()
        else:
            self._start_tag()

    def _start_tag(self) -> None:
        where = self._byte
        found = _NAME.match(self._source, self._at + 1)
        assert found is not None, "the pattern takes nothing, too"
        name = found.group().lower()
        if name not in _KINDS:
            raise unparsable(f'Unsupported start tag "{name}" at byte offset {where}')
        self._at = found.end()
        attributes = self._attributes(name, where)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self._open.append(_Open(name, self._units, attributes))

    def _attributes(self, name: str, where: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            rest = self._source[self._at :]
            if (blank := len(rest) - len(rest.lstrip())) == len(rest):
                raise unparsable(f'Unclosed start tag "{name}" at byte offset {where}')
            if rest[blank] == ">":
                self._at += blank + 1
                return attributes
            match = _ATTRIBUTE.match(self._source, self._at)
            if match is None:
                raise unparsable(f'Invalid attribute in the tag "{name}" at byte offset {self._byte}')
            value = (match.group(2) or "").strip("\"'")
            attributes[match.group(1).lower()] = _REFERENCE.sub(lambda m: _character(m) or m.group(), value)
            self._at = match.end()

    def _end_tag(self) -> None:
        where, close = self._byte, self._source.find(">", self._at)
        if close < 0:
            raise unparsable(f"Unclosed end tag at byte offset {where}")
        name = self._source[self._at + 2 : close].strip().lower()
        if not self._open:
            raise unparsable(f"Unexpected end tag at byte offset {where}")
        last = self._open.pop()
        if name and name != last.name:
            raise unparsable(
                f'Unmatched end tag at byte offset {where}, expected "</{last.name}>", found "</{name}>"'
            )
        self._at = close + 1
        self._close(last)

    def _close(self, tag: _Open) -> None:
        length = self._units - tag.offset
        if length == 0:
            return
        entity: Json = {"type": _KINDS[tag.name], "offset": tag.offset, "length": length}
        if tag.name == "a":
            # Without a link, Telegram takes the text for one, and nothing else than an address is one.
            url = tag.attributes.get("href") or "".join(self._text)[-length:]
            if "." not in url and ":" not in url:
                return
            entity["url"] = url
        if tag.name == "tg-emoji":
            entity["custom_emoji_id"] = tag.attributes.get("emoji-id", "")
        if tag.name == "blockquote" and "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        language = tag.attributes.get("class", "")
        if tag.name == "code" and language.startswith("language-"):
            entity["language"] = language.removeprefix("language-")
        if tag.name == "pre" and self._wraps_code(entity):
            entity = self._entities.pop() | {"type": "pre"}
        self._entities.append(entity)

    def _wraps_code(self, pre: Json) -> bool:
        """Whether the last entity is ``<code>`` over exactly the same text."""
        last = self._entities[-1] if self._entities else {}
        return last.get("type") == "code" and all(last[key] == pre[key] for key in ("offset", "length"))


def _character(reference: re.Match[str]) -> str | None:
    decimal, hexadecimal, name = reference.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else None
