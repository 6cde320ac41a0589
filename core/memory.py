"""Memories as text: parsing what the model extracts, and telling old plans by today's words."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from core.korean import letters
from core.people import Lang

KEYS: Final[dict[Lang, tuple[str, ...]]] = {
    "ko": (
        "이름", "나이", "생일", "사는 곳", "고향", "직업", "직장", "학교", "전공", "학년", "MBTI", "가족",
        "반려동물", "반려동물 이름", "친구", "연인", "취미", "특기", "운동", "악기", "좋아하는 음식",
        "싫어하는 음식", "알레르기", "좋아하는 음악", "좋아하는 영화", "좋아하는 게임", "좋아하는 계절",
        "좋아하는 색", "좋아하는 과목", "싫어하는 과목", "좋아하는 것", "싫어하는 것", "오늘 일정",
        "내일 일정", "모레 일정", "주말 일정", "다음 주 일정", "향후 일정", "어제 일정", "여행 계획",
        "목표", "꿈", "고민", "건강", "상태", "오늘 날씨", "보는 것", "배우는 것", "최근 일",
    ),
    "en": (
        "name", "age", "birthday", "lives in", "hometown", "job", "workplace", "school", "major", "grade",
        "MBTI", "family", "pet", "pet's name", "friend", "partner", "hobby", "skill", "sport",
        "instrument", "favorite food", "disliked food", "allergy", "favorite music", "favorite movie",
        "favorite game", "favorite season", "favorite color", "favorite subject", "disliked subject",
        "likes", "dislikes", "plan for today", "plan for tomorrow", "weekend plan", "plan for next week",
        "future plan", "yesterday", "trip", "goal", "dream", "worry", "health", "state", "weather today",
        "watching", "learning", "recent event",
    ),
}  # fmt: skip
MAX_KEY: Final = 20
MAX_VALUE: Final = 80
_TAG: Final = re.compile(r"[\[({]\s*([^\[\](){}:]{1,40}?)\s*:\s*([^\[\](){}]{1,120}?)\s*[\])}]")
_NOT_A_FACT: Final = re.compile(r"https?|<\||�|\s{5,}", re.IGNORECASE)


def parse_tags(text: str) -> list[tuple[str, str]]:
    """(key, value) of every well-formed ``[key: value]`` in a text; malformed pieces are dropped."""
    found = []
    for key, value in _TAG.findall(text):
        key, value = " ".join(key.split()), " ".join(value.split())
        if (
            key
            and value
            and len(key) <= MAX_KEY
            and len(value) <= MAX_VALUE
            and not _NOT_A_FACT.search(value)
        ):
            found.append((key, value))
    return found


def typed_memory(text: str) -> tuple[list[tuple[str, str]], str]:
    """Tags that the person typed in front of a message (or of a line of it), and the text without."""
    tags: list[tuple[str, str]] = []
    lines = []
    for line in text.split("\n"):
        rest = line
        while rest.startswith("["):
            end = rest.find("]")
            found = parse_tags(rest[: end + 1]) if end > 0 else []
            if not found:
                break
            tags += found
            rest = rest[end + 1 :].lstrip()
        if rest or rest == line:
            lines.append(rest)
    return tags, "\n".join(lines)


def is_grounded(value: str, message: str) -> bool:
    """Whether a fact speaks of what the message says: most of its characters stand there.

    Spacing may differ, so character bigrams are compared, and a value of one or two characters must
    stand there as it is; but a verb may be a noun now ("시험 봄" from "시험 봐", "힘듦" from "힘들어").
    """
    folded, source = re.sub(r"\W", "", value.lower()), re.sub(r"\W", "", message.lower())
    if not folded:
        return False
    if folded.isascii():
        words = re.findall(r"\w+", value.lower())
        return sum(word[:4] in source for word in words) >= 0.5 * len(words)
    if len(folded) <= 2 and folded in source:
        return True
    pairs = [folded[i : i + 2] for i in range(len(folded) - 1)]
    if len(folded) > 2 and sum(pair in source for pair in pairs) >= 0.34 * len(pairs):
        return True
    words = re.findall(r"\w+", value.lower())
    carried = sum(len(word) for word in words if word in source or _was_verb(word, message.lower()))
    return carried >= 0.5 * len(folded)


def _was_verb(word: str, message: str) -> bool:
    """Whether a word is the noun form of a verb ("졸림", "깨기") whose stem a word of the message has."""
    stem = letters(word[:-1]) if len(word) > 1 and word.endswith("기") else ""
    if "가" <= word[-1:] <= "힣" and (written := letters(word)).endswith("ㅁ"):
        stem = written.removesuffix("ㅇㅡㅁ") if written.endswith("ㅇㅡㅁ") else written[:-1]
    begins = stem[: max(2, (len(stem) + 1) // 2)]  # irregular verbs change the end of their stem
    return len(begins) > 1 and any(letters(said).startswith(begins) for said in message.split())


_DAY_WORDS_KO: Final = ("어제", "오늘", "내일", "모레")
_DAY_WORDS_EN: Final = {"yesterday": -1, "plan for today": 0, "plan for tomorrow": 1}


def by_analogy(message: str, example: str, tag: str) -> tuple[str, str] | None:
    """What ``message`` tells if it is built like ``example``, which told ``tag``.

    "내 이름은 은채야" told [이름: 은채], so "내 이름은 민수야" tells (이름, 민수): what stands left and
    right of the value in the example must enclose one in the message, and make up most of the rest.
    None when it does not.
    """
    found = parse_tags(tag)
    if not found or found[0][1] not in example:
        return None
    key, value = found[0]
    before, _, after = example.partition(value)
    start, left = _anchor_before(message, before)
    end, right = _anchor_after(message, start, after)
    new = message[start:end].strip(" .,!~?")
    rest = len(re.sub(r"\s", "", message)) - len(re.sub(r"\s", "", new))
    if not 0 < len(new) <= MAX_VALUE // 3 or len(new.split()) > 3 or left + right < max(1, 0.6 * rest):
        return None
    return key, new


def _anchor_before(message: str, before: str) -> tuple[int, int]:
    """(where the value starts, letters of the anchor): the longest end of ``before`` in the message."""
    for cut in range(len(before)):
        piece = before[cut:]
        opens = cut == 0 and message.lower().startswith(piece.lower())
        if not opens and len(piece.strip()) < 2:
            continue
        if (at := message.lower().find(piece.lower())) >= 0:
            return at + len(piece), len(re.sub(r"\s", "", piece))
    return 0, 0


def _anchor_after(message: str, start: int, after: str) -> tuple[int, int]:
    """(where the value ends, letters of the anchor): the longest beginning of ``after``."""
    for cut in range(len(after), 0, -1):
        piece = after[:cut]
        if piece.strip() and (at := message.lower().find(piece.lower(), start + 1)) >= 0:
            return at, len(re.sub(r"\s", "", piece))
    return len(message), 0


def _day_of_key(key: str) -> tuple[int, str] | None:
    """(days from the day it was said, kind) of a key bound to a day; None for all others."""
    for shift, word in enumerate(_DAY_WORDS_KO, -1):
        if key.startswith(word + " "):
            return shift, key[len(word) + 1 :]
    if key in _DAY_WORDS_EN:
        return _DAY_WORDS_EN[key], "plan"
    if key == "weather today":
        return 0, "weather"
    return None


def told_today(key: str, said_on: date, today: date) -> str | None:
    """The key as it reads today: "내일 일정" said yesterday is "오늘 일정".

    None when the fact has expired (yesterday's weather, plans older than a week).
    """
    bound = _day_of_key(key)
    if bound is None:
        return key
    shift, kind = bound
    offset = shift - (today - said_on).days
    if kind in ("날씨", "weather"):
        return key if offset == shift else ("오늘 날씨" if offset == 0 and kind == "날씨" else None)
    if kind == "plan":
        names = {1: "plan for tomorrow", 0: "plan for today", -1: "yesterday"}
        return names.get(offset, "recent event" if -7 <= offset < -1 else None)
    if -1 <= offset <= 2:
        return f"{_DAY_WORDS_KO[offset + 1]} {kind}"
    return f"지난 {kind}" if -7 <= offset < -1 else None
