"""Ombre: dye the lower hair of a portrait in one hue that begins softly and leaves skin clean.

The dye is the v4 ombre step of Oh-LoRA (reference "face.md" §6.2); every number is taken from there.
Dark hair takes a dim tint and light hair a vivid one, because the dye is added to the hair's own light.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]  # [H, W, 3], RGB
HairMap: TypeAlias = "np.ndarray[Any, np.dtype[np.floating[Any]]]"  # [H, W], probability of hair

FRAMES: Final = 360  # of one aurora cycle
PERIOD_S: Final = 30.0  # a cycle at twelve frames a second
SURE: Final = 0.75  # a row belongs to the hair from this mask value on
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
_ENDINGS: Final = ("", "색", "빛", "색깔", "색상", "빛깔", "컬러", "colour", "color")
_DEGREES: Final = {word: degree for degree, words in _WORDS.items() for word in words.split()}
_HEX: Final = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})")


@dataclass(frozen=True)
class Dye:
    """A dye; all three in [0, 1), ValueError otherwise.

    color: hue in turns (0 red, .1 orange, .5 cyan, .9 pink). height: share of the hair's height that is
    reached, from below. grad: share of that over which the dye grows to full strength.
    """

    color: float
    height: float
    grad: float

    def __post_init__(self) -> None:
        for name in ("color", "height", "grad"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                raise ValueError(f"{name} of a dye must be in [0, 1), not {value}")

    @property
    def degree(self) -> int:
        """Hue in whole degrees, 0..359."""
        return int(360 * self.color)


def aurora(seconds: float, period_s: float = PERIOD_S) -> Dye:
    """The dye of the live cycle after ``seconds``: one turn of hue, three of height, four of gradient.

    The cycle has 360 frames and goes by time, so it is as fast on a slow machine as on a fast one.
    Raises ValueError when the time is not finite or the period not positive and finite.
    """
    if not (math.isfinite(period_s) and period_s > 0 and math.isfinite(seconds / period_s)):
        raise ValueError(f"no place in a cycle of {period_s} s after {seconds} s")
    share = int(seconds / period_s % 1.0 * FRAMES) % FRAMES / FRAMES
    height = 0.6 + 0.2 * math.cos(6 * math.pi * share)
    return Dye(share, height, 0.5 + 0.2 * math.cos(8 * math.pi * share))


def dye_of(colour: str, height: float = 0.4, grad: float = 0.6) -> Dye:
    """The dye of a colour that a person names: ``#rrggbb`` or a Korean or English word, by its hue.

    Raises ValueError when the colour is unknown, or white, grey or black, which have no hue.
    """
    degree = _degree_of(colour)
    share = degree / 360
    # Some quotients times 360 fall a hair's breadth short of the degree.
    return Dye(share if int(360 * share) == degree else math.nextafter(share, 1.0), height, grad)


def _degree_of(colour: str) -> int:
    """Hue in whole degrees of a named colour. Raises as :func:`dye_of`."""
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


def hue_rgb(degree: int) -> NDArray[np.int64]:
    """The fully saturated colour [3] of a hue in whole degrees, in sixtieths of full brightness."""
    red = abs(degree - 180) - 60
    return np.clip([red, 120 - abs(degree - 120), 120 - abs(degree - 240)], 0, 60)


def dyed_values(degree: int) -> Picture:
    """What each 8-bit value becomes under full dye, [3, 256]: 1.35 value + .25 hue - 38.25, cut off.

    In eightieths, because whole numbers leave no doubt about which values are cut down.
    """
    eightieths = 108 * np.arange(256)[None] + 85 * hue_rgb(degree)[:, None] - 3060
    return np.clip(eightieths // 80, 0, 255).astype(np.uint8)


def soft_mask(hair: HairMap, dye: Dye) -> NDArray[np.float32]:
    """How much dye each pixel takes, [H, W] in [0, 1]: nothing up to a hair probability of .75."""
    mask = np.clip(4 * hair.astype(np.float32, copy=False) - 3, 0, 1)
    sure = np.flatnonzero(mask.max(axis=1) >= SURE)
    if sure.size:
        top, bottom = int(sure[0]), int(sure[-1])
        start = int(top + (bottom - top) * (1 - dye.height))
        full = int(start + (bottom - start) * dye.grad)
        rows = np.arange(len(mask), dtype=np.float32)
        # Where the gradient has no length, the dye is whole from its first row on.
        weight = np.clip((rows - start) / (full - start), 0, 1) if full > start else rows >= start
        mask *= weight[:, None].astype(np.float32)
    return mask


def ombre(picture: Picture, hair: HairMap, dye: Dye) -> Picture:
    """A dyed copy, uint8 [H, W, 3], of an RGB picture uint8 [H, W, 3]; about 1 ms at 256 px.

    Args:
        picture: The portrait.
        hair: Probability of hair in [0, 1], float [H, W].
        dye: Hue, height and gradient.

    Raises ValueError when the types or sizes of picture and map do not fit together.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"need uint8 [H, W, 3], not {picture.dtype} {picture.shape}")
    if not np.issubdtype(hair.dtype, np.floating) or hair.shape != picture.shape[:2]:
        raise ValueError(f"need a float map {picture.shape[:2]}, not {hair.dtype} {hair.shape}")
    mask, table, out = soft_mask(hair, dye), dyed_values(dye.degree), picture.copy()
    for channel, values in enumerate(table):
        plain = picture[:, :, channel].astype(np.float32)
        # plain + mask (dyed - plain) leaves a pixel exactly as it is where the mask is zero.
        out[:, :, channel] = plain + mask * (values[picture[:, :, channel]] - plain)
    return out
