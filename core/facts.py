"""What a key says about its facts: how long they hold, which of them exclude each other, how they are told.

A fact holds from ``starts`` to ``ends``, days where its person lives; without ``ends`` it holds for good, and
a plan without ``starts`` is one for which nobody named a day. What becomes of a fact that meets another is
decided in ``core.merging``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from core.clock import date_words
from core.days import WORDS, SpokenDay, spoken_days, without_days
from core.language import script_of
from core.memory import KEYS
from core.people import Lang

TOLD_AS_PAST: Final = 7  # days after its last one on which a plan is still asked about
PLANNED: Final = 90  # days for which a plan holds when nobody named its day
FADES: Final = {  # days after the one on which it was told for which a fact is believed, by its Korean key
    "상태": 1,  # "still tired?" is asked on the next day, hardly later
    "최근 일": 14,  # news
    "고민": 28,  # a quarrel, a search for work: over within weeks, or told again
    "보는 것": 60,  # a series lasts a season
    "건강": 90,  # a cold is over by then; what is chronic comes up again
}
_IN_KOREAN: Final = {
    "name": "이름", "age": "나이", "birthday": "생일", "lives in": "사는 곳", "hometown": "고향",
    "job": "직업", "workplace": "직장", "school": "학교", "major": "전공", "grade": "학년", "family": "가족",
    "pet": "반려동물", "pet's name": "반려동물 이름", "friend": "친구", "partner": "연인",
    "hobby": "취미", "skill": "특기", "sport": "운동", "instrument": "악기",
    "favorite food": "좋아하는 음식", "disliked food": "싫어하는 음식",
    "allergy": "알레르기", "favorite music": "좋아하는 음악",
    "favorite movie": "좋아하는 영화",
    "favorite game": "좋아하는 게임", "favorite season": "좋아하는 계절", "favorite color": "좋아하는 색",
    "favorite subject": "좋아하는 과목", "disliked subject": "싫어하는 과목", "likes": "좋아하는 것",
    "dislikes": "싫어하는 것", "trip": "여행 계획", "goal": "목표", "dream": "꿈", "worry": "고민",
    "health": "건강", "state": "상태", "watching": "보는 것", "learning": "배우는 것",
    "recent event": "최근 일",
}  # fmt: skip
_IN_ENGLISH: Final = {korean: english for english, korean in _IN_KOREAN.items()}
_FOLDED: Final = {
    "".join(key.casefold().split()): _IN_KOREAN.get(key, key.casefold())
    for keys in KEYS.values()
    for key in keys
}
_SINGLE: Final = frozenset(
    ("이름", "나이", "생일", "사는 곳", "고향", "직업", "직장", "학교", "전공", "학년", "mbti", "연인")
)
_UNDATED: Final = {  # keys of plans that name no day, and what is planned
    "일정": "일정", "향후 일정": "일정", "계획": "계획", "약속": "약속", "여행 계획": "여행", "plan": "plan",
    "future plan": "plan", "yesterday": "plan",
}  # fmt: skip
_DOT: Final = "·"  # between a key and its dates
_TRIP: Final = "여행 계획"
_WEATHER: Final = ("날씨", "weather")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as it is kept; ``confidence`` in [0, 1] is 1 for what was typed by hand."""

    key: str
    value: str
    lang: Lang
    starts: date | None = None
    ends: date | None = None
    confidence: float = 1.0


@lru_cache(maxsize=1024)
def canonical(key: str) -> str:
    """One name for a key in all its spellings, Korean where both languages have it."""
    return _FOLDED.get("".join(key.casefold().split()), " ".join(key.casefold().split()))


def key_in(key: str, lang: Lang) -> str:
    """A key as ``lang`` has it; as it is where both write it alike, or only one of them knows it."""
    known = canonical(key)
    if lang == "ko":
        return known if known in _IN_ENGLISH else key
    return _IN_ENGLISH.get(known, key)


@lru_cache(maxsize=1024)
def noun_of(key: str) -> str:
    """What is dated under a key: "일정" of "내일 일정", "weather" of "weather today"; "" of other keys."""
    key = canonical(key)
    days = [] if key in _UNDATED else spoken_days(key, date(2000, 1, 1))
    if not days:
        return _UNDATED.get(key, "")
    before, after = key[: days[0].start].strip(), key[days[0].end :]
    if not before and after.startswith(" "):
        return after.strip()
    return before.split()[0] if not after and before in ("plan for", "plan", "weather") else ""


def forget_keys() -> None:
    """Drop the keys that were read lately: people type keys of their own."""
    canonical.cache_clear()
    noun_of.cache_clear()


def is_plan(key: str) -> bool:
    """Whether its facts belong to a day, named or not, and are not the weather."""
    return noun_of(key) not in ("", *_WEATHER)


def is_single(key: str) -> bool:
    """Whether only one fact of a key is true at a time."""
    return canonical(key) in _SINGLE or noun_of(key) in _WEATHER


def liking(key: str) -> int:
    """1 for what somebody likes, -1 for what they dislike, 0 for any other key."""
    first = canonical(key).partition(" ")[0]
    return {"좋아하는": 1, "싫어하는": -1}.get(first, 0)


def typed_fact(key: str, value: str, today: date) -> Fact:
    """A fact as its person wrote it down on ``today``."""
    starts, ends = _validity(key, value, "", today)
    return Fact(key, value, _lang(key, value), starts, ends)


def read_fact(key: str, value: str, message: str, today: date, confidence: float) -> Fact:
    """A fact that was read from a message of ``today``: the days that it names become dates."""
    starts, ends = _validity(key, value, message, today)
    fact = Fact(key, value, _lang(key, message), starts, ends, confidence)
    named = spoken_days(value, today)
    if named and canonical(key) == "생일" and named[0].first == named[0].last:
        return replace(fact, value=date_words(named[0].first, fact.lang))
    if named and (is_plan(key) or canonical(key) == "최근 일"):
        return replace(fact, value=without_days(value, named) or value)
    return fact


def edited_fact(old: Fact, key: str, value: str, today: date) -> Fact:
    """A fact in other words, typed on ``today`` in the place of ``old``: it holds as long as that did.

    Another day, or another kind of fact, holds as if it was told on ``today``. The key may be one of
    :func:`dated_key`.
    """
    key, _, days = (part.strip() for part in key.partition(_DOT))
    alike = is_plan(key) if is_plan(old.key) else canonical(key) == canonical(old.key)
    named = spoken_days(f"{days} {value}" if key == old.key else f"{days} {key} {value}", today)
    if alike and not named:
        starts, ends = old.starts, old.ends
    else:
        anchor = (
            min(today, old.starts or today) if days else today
        )  # a date as it is listed is that of this year
        starts, ends = _validity(key, value, days or value, anchor)
    return Fact(key, value, _lang(key, value), starts, ends)


def _lang(key: str, text: str) -> Lang:
    """The language of a fact is that of its key, where that belongs to one."""
    return script_of(text if canonical(key) == "mbti" else key) or "ko"


def _validity(key: str, value: str, message: str, today: date) -> tuple[date | None, date | None]:
    """The first and the last day of a fact; ``message`` is that from which it was read, "" for none."""
    noun = noun_of(key)
    if not noun:
        fades = FADES.get(canonical(key))
        return (None, None) if fades is None else (today, today + timedelta(fades))
    past = canonical(key) in ("어제 일정", "yesterday")
    own, said = spoken_days(key, today, past=past), spoken_days(message or value, today, past=past)
    if noun in _WEATHER:
        return own[0].first, own[0].first
    if not past and not own:
        said = [day for day in said if day.last >= today]
    within = [day for day in said if own and day.first <= own[0].last and own[0].first <= day.last]
    if within:  # "주말 일정", and Saturday was named
        said = [min(within, key=lambda day: day.last - day.first)]
    elif own and not message:
        said = own
    if not said:
        return (own[0].first, own[0].last) if own else (None, today + timedelta(PLANNED))
    day = _nearest(said, message, value)
    return day.first, day.last


def _nearest(days: list[SpokenDay], message: str, value: str) -> SpokenDay:
    """The day to which it was put off, or that which is named next to what is planned."""
    to = [day for day in days if _TO.match(message, day.end) or _BEFORE.search(message[: day.start])]
    place = max(0, message.find(value.strip()[:2]))
    return min(to or days, key=lambda day: abs(day.end - place))


_TO: Final = re.compile(r"으?로(?![가-힣])")
_BEFORE: Final = re.compile(r"\bto\s(?:the\s)?$", re.IGNORECASE)
_PLAN_KEYS: Final[dict[Lang, dict[str, str]]] = {  # by the words of a message; what stands first here wins
    "ko": {
        "next week": "다음 주 일정", "weekend": "주말 일정", "in two days": "모레 일정",
        "tomorrow": "내일 일정", "yesterday": "어제 일정", "today": "오늘 일정",
    },
    "en": {
        "next week": "plan for next week", "weekend": "weekend plan", "tomorrow": "plan for tomorrow",
        "yesterday": "yesterday", "today": "plan for today",
    },
}  # fmt: skip


def plan_key(key: str, message: str) -> str:
    """The key of a plan as the message's own words for the day have it; other keys as they are."""
    if not is_plan(key) or canonical(key) == _TRIP:
        return key
    said = {day.word for day in spoken_days(message, date(2000, 1, 1))}
    plans = _PLAN_KEYS[script_of(key) or "ko"]
    return next((plan for word, plan in plans.items() if word in said), key)


_TOLD: Final[dict[Lang, dict[str, str]]] = {
    "ko": {
        "yesterday": "어제", "today": "오늘", "tomorrow": "내일", "in two days": "모레", "weekend": "주말",
        "next week": "다음 주", "past": "지난",
    },
    "en": {
        "yesterday": "yesterday", "today": "plan for today", "tomorrow": "plan for tomorrow",
        "weekend": "weekend plan", "next week": "plan for next week", "past": "recent event",
    },
}  # fmt: skip
_UNNAMED: Final[dict[Lang, str]] = {"ko": "향후 일정", "en": "future plan"}  # plans of which no day is known


def told_on(
    key: str, starts: date | None, ends: date | None, today: date, *, kept: bool = False,
    lang: Lang | None = None,
) -> str | None:  # fmt: skip
    """The key as it reads on a day: "내일 일정" is "오늘 일정" on the day of the plan, "어제 일정" after it.

    None where the fact is over; one that is ``kept`` (pinned) never is. It reads so in ``lang``, None: in the
    key's own language.
    """
    lang = lang or script_of(key) or "ko"
    same = key if script_of(key) == lang else key_in(key, lang)
    noun = noun_of(key)
    if not noun or starts is None or ends is None:
        same = _UNNAMED[lang] if noun and same == key and script_of(key) != lang else same
        return same if kept or ends is None or today <= ends else None
    when = _when(starts, ends, today)
    if noun in _WEATHER:
        if when not in ("today", "tomorrow", "in two days"):
            return None
        return f"{_TOLD['ko'][when]} 날씨" if lang == "ko" else f"weather {when}"
    over = when in ("yesterday", "past", "")
    if over and not (when or kept):
        return None
    if canonical(key) == _TRIP and not over:
        return same
    if lang == "en":
        return _TOLD["en"].get(when or "past", "future plan")
    return f"{_TOLD['ko'].get(when or 'past', '향후')} {noun if script_of(noun) == 'ko' else '일정'}"


def _when(starts: date, ends: date, today: date) -> str:
    """How days are spoken of on ``today``: "ahead" where they have no name, "" once they are long over."""
    monday, one = today - timedelta(today.weekday()), starts == ends
    if today > ends:
        over = (today - ends).days
        return "yesterday" if one and over == 1 else "past" if over <= TOLD_AS_PAST else ""
    if one and (starts - today).days in WORDS:
        return WORDS[(starts - today).days]
    if starts.weekday() > 4 and ends < monday + timedelta(7):
        return "weekend"
    return "next week" if monday + timedelta(7) <= starts and ends < monday + timedelta(14) else "ahead"


def dated_key(key: str, starts: date | None, ends: date | None, since: date, lang: Lang) -> str:
    """A key with its dates for somebody who reads ``lang``: "일정 · 11월 23일".

    The year is named where it is not that of ``since``, the day on which the fact was told.
    """
    if starts is None or ends is None:
        return key
    noun = noun_of(key)
    name = noun if script_of(noun) == script_of(key) else key
    days = dict.fromkeys((starts, ends) if noun else (starts,))
    return f"{name} {_DOT} {' ~ '.join(_named(day, since.year, lang) for day in days)}"


def _named(day: date, year: int, lang: Lang) -> str:
    if day.year == year:
        return date_words(day, lang)
    return f"{day.year}년 {date_words(day, lang)}" if lang == "ko" else f"{date_words(day, lang)}, {day.year}"
