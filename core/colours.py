"""Colours that a person names, as hues; and how her hair is to be worn.

Only hue counts: navy dyes blue, brown orange, wine red. How light and strong a colour is comes from the hair.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

NATURAL: Final = "natural"
AURORA: Final = "aurora"  # all hues in turn, by the clock,
AURORA_S: Final = 30.0  # in so many seconds
LEAST_CHROMA: Final = 16  # max - min of R, G, B below which a colour is seen as white, grey or black
# Hue in degrees -> words, without spaces. Only hue counts: navy dyes blue, brown orange, wine red.
_WORDS: Final[dict[int, str]] = {
    0: "빨강 빨간 붉은 적 레드 red",
    8: "다홍 주홍 스칼렛 vermilion vermillion scarlet",
    16: "산호 코랄 코럴 coral salmon 연어",
    24: "살구 복숭아 피치 갈 브라운 밤 초콜릿 apricot peach brown chestnut chocolate copper 구리",
    36: "주황 오렌지 귤 orange tangerine",
    45: "황토 호박 앰버 amber ochre honey 꿀",
    51: "금 황금 골드 gold golden",
    60: "노랑 노란 황 개나리 레몬 옐로 옐로우 yellow lemon",
    84: "연두 라임 lime chartreuse limegreen",
    120: "초록 녹 풀 그린 green",
    145: "에메랄드 비취 emerald jade",
    160: "민트 박하 옥 mint aquamarine",
    175: "터키 터콰이즈 청록 turquoise teal",
    180: "시안 아쿠아 cyan aqua",
    200: "하늘 스카이 스카이블루 소라 sky skyblue azure",
    230: "파랑 파란 푸른 청 블루 blue",
    240: "남 네이비 군청 코발트 navy cobalt ultramarine",
    255: "인디고 쪽 indigo",
    270: "보라 바이올렛 violet 라벤더 lavender 라일락 lilac",
    280: "퍼플 purple 포도 grape 가지",
    300: "자홍 마젠타 magenta fuchsia 푸시아",
    318: "자주 자두 plum orchid",
    324: "분홍 핑크 pink 벚꽃",
    345: "장미 로즈 rose 와인 wine 버건디 burgundy maroon 마룬 체리 cherry",
    352: "진홍 선홍 크림슨 crimson",
}
_COLOURLESS: Final = frozenset(
    "하양 하얀 흰 백 화이트 white 검정 검은 까만 까망 흑 먹 블랙 black 회 잿 재 쥐 그레이 gray grey "
    "은 실버 silver 애쉬 ash 백금 platinum 무채".split()
)
_TONES: Final = (  # said of lightness, strength or glow, which the dye takes from the hair
    "",
    *"연한 진한 옅은 짙은 밝은 어두운 연 진 파스텔 네온 형광 핫 딥 다크 라이트".split(),
    *"light dark deep pale bright pastel neon hot soft vivid".split(),
)
_ENDINGS: Final = ("", *"색 빛 색깔 색상 빛깔 컬러 colour color 머리 색머리 hair".split())
_DEGREES: Final = {word: degree for degree, words in _WORDS.items() for word in words.split()}
_HEX: Final = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})")
_NATURAL: Final = frozenset("natural none off own 자연 원래 기본 그대로 염색안함 없음 본래".split())
_AURORA: Final = frozenset("aurora rainbow 오로라 무지개 레인보우".split())


def hair_of(words: str) -> str:
    """What is kept of a wish for her hair: NATURAL, AURORA, or a hue in whole degrees as digits.

    Raises as :func:`degree_of`; what was kept is a wish, too.
    """
    plain = re.sub(r"[\s_-]+", "", unicodedata.normalize("NFKC", words).casefold())
    for known, kept in ((_NATURAL, NATURAL), (_AURORA, AURORA)):
        if {plain, *_stems(plain)} & known:
            return kept
    if re.fullmatch(r"[0-9]{1,3}", words) and int(words) < 360:
        return str(int(words))
    return str(degree_of(words))


def degree_of(colour: str) -> int:
    """Hue in whole degrees, 0..359, of ``#rrggbb`` or of a Korean or English word.

    Raises ValueError when the colour is unknown, or white, grey or black, which have no hue.
    """
    text = unicodedata.normalize("NFKC", colour).casefold().strip()
    if match := _HEX.fullmatch(text):
        return _degree_of_rgb(*(int(part, 16) for part in match.groups()))
    word = re.sub(r"[\s_-]+", "", text)
    for stem in _stems(word):
        if stem in _DEGREES:
            return _DEGREES[stem]
        if stem in _COLOURLESS:
            raise ValueError(f"{colour.strip()} has no hue to dye with")
    raise ValueError(f"unknown colour {colour.strip()[:40]!r}: name another or write it as #rrggbb")


def _stems(word: str) -> list[str]:
    """The word as it is, then without an ending, then without what is said of its tone."""
    return [
        word.removeprefix(tone).removesuffix(ending)
        for tone in _TONES
        for ending in _ENDINGS
        if word.startswith(tone) and word.endswith(ending)
    ]


def _degree_of_rgb(red: int, green: int, blue: int) -> int:
    """Hue in whole degrees, nearest, of 8-bit channels. Raises ValueError when there is none to see."""
    top, chroma = max(red, green, blue), max(red, green, blue) - min(red, green, blue)
    if chroma < LEAST_CHROMA:
        raise ValueError(f"#{red:02x}{green:02x}{blue:02x} has no hue to dye with")
    if top == red:
        sixths = (green - blue) / chroma
    elif top == green:
        sixths = 2 + (blue - red) / chroma
    else:
        sixths = 4 + (red - green) / chroma
    return round(60 * sixths) % 360
