"""Memories as text: keys, tags, and whether a fact was said at all."""

from __future__ import annotations

import re
from typing import Final

from core.instructions import is_instruction
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


def is_key(key: str) -> bool:
    """Whether a key is one that a model may find."""
    return any(key in keys for keys in KEYS.values())


_SHAPES: Final = {  # what a value must look like
    "mbti": re.compile(
        r"(?i:.*[ei][ns][tf][jp].*)|[EISNTFJP]|(?i:\S*[가-힣]\s?[eisntfjp])|[가-힣]{2,6}|(?i:(?:intro|extr[ao])vert)"
    ),
    "나이": re.compile(
        r".*(?:\d|[살세]|열|스물|스무|서른|마흔|쉰|예순|일흔|여든|[일이삼사오육칠팔구]십|[초중후]반|환갑|칠순|학생|성인).*"
    ),
    "age": re.compile(
        r".*(?:\d|teen|twent|thirt|fort|fift|\bone\b|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
        r"|student|adult).*",
        re.IGNORECASE,
    ),
    "알레르기": re.compile(r"(?!.*(?:없|아님|아니)).+"),
    "allergy": re.compile(r"(?!.*\b(?:not|no|never|none|\w+n't)\b).+", re.IGNORECASE),
    "좋아하는 계절": re.compile(r".*(?:봄|여름|가을|겨울|장마|눈|환절기|계절|단풍|때).*"),
    "favorite season": re.compile(r".*(?:spring|summer|autumn|fall|winter|season|monsoon).*", re.IGNORECASE),
}  # fmt: skip


def fits(key: str, value: str) -> bool:
    """Whether a value can be one of its key at all: an age has a number, "the 2am" is no MBTI."""
    shape = _SHAPES.get(key.casefold())
    return shape is None or shape.fullmatch(value.strip()) is not None


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


def value_of(tag: str) -> str:
    """What stands in one ``[key: value]``."""
    return tag.partition(": ")[2].removesuffix("]")


def typed_memory(text: str) -> tuple[list[tuple[str, str]], str]:
    """Tags that the person typed in front of a message (or of a line of it), and the text without.

    A tag that holds an instruction is no memory: it stays in the text.
    """
    tags: list[tuple[str, str]] = []
    lines = []
    for line in text.split("\n"):
        rest = line
        while rest.startswith("["):
            end = rest.find("]")
            found = parse_tags(rest[: end + 1]) if end > 0 else []
            if not found or any(is_instruction(*tag) for tag in found):
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
