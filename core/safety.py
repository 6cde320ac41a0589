"""The judge's first version: a person in crisis is recognised and told where help is.

Rules on phrases, Korean and English. Figures of speech ("배고파 죽겠다", "killing it") are common, so a
phrase counts only in forms that speak of oneself; everything else goes on to the conversation.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """What the judge decides."""

    ANSWER = "answer"
    CRISIS = "crisis"


_CRISIS: Final = re.compile(
    r"""
    (?<!해서)(?<!파서)죽고\s*싶 | 죽어\s*버리고\s*싶 | 죽는\s*게\s*(나을|낫|편)
    | 자살\s*(하고|할|하는|해|생각|시도|충동|방법|하려) | 극단적\s*선택
    | 살기\s*(가\s*)?싫 | 살고\s*싶지\s*않 | 그만\s*살고\s*싶 | 더는?\s*못\s*살겠(?!네\s*ㅋ)
    | 사라지고\s*싶 | 사라져\s*버리고\s*싶 | 없어지고\s*싶 | 없어져\s*버리고\s*싶 | 태어나지\s*말
    | 나\s*(하나\s*)?(없어도|없으면|사라져도|죽어도)\s*(다들|아무도|세상|괜찮)
    | 뛰어내리고\s*싶 | 뛰어내릴(까|래|거) | 목\s*(을\s*)?(매고|맬|매달) | 손목\s*(을\s*)?(그었|긋|그을)
    | 유서(를)?\s*(썼|쓰|써) | 번개탄 | 수면제\s*(를\s*)?(다|한\s*(통|움큼)|많이|모아)
    | (안\s*아프게|고통\s*없이|편하게|쉽게)\s*죽 | 죽는\s*(방법|법)\b | 죽어야\s*(끝|해결|돼|되) | 다\s*끝내고\s*싶 | 다\s*끝내\s*버리고
    | 약\s*(을\s*)?(한꺼번에|여러\s*알|많이)\s*(먹으면|먹었|삼키|털어) | 지금\s*(다리|옥상|난간)\s*위 | 마지막\s*인사\s*하러 | 자해
    | 삶을\s*(끝|마감) | 생을\s*(끝|마감) | 세상\s*(을\s*)?(떠나|등지)고\s*싶
    | \b(no\s*(body|one)|noone)\s+(would|will|'d)\s+(notice|care|miss\s+me)\s+if\s+i\b | \bpoint\s+(of|in)\s+living\b
    | \bhow\s+many\s+pills\b | \bpills\s+in\s+my\s+hand\b | \bgoodbye\s+forever\b | \bwants?\s+to\s+die\b
    | \b(kill|killing|hang|cut|cutting|hurt|hurting)\s+(myself|my\s+self)\b
    | \bsuicid(e|al)\b | \bend(ing)?\s+(my|it)\s+(life|all)\b | \btake\s+my\s+(own\s+)?life\b
    | \b(want|wanna|going|ready|wish\s+i\s+(could|was|were))\s+(to\s+)?(die|dead)\b | \bwish\s+i\s+(was|were)n['’]?t\s+(alive|born)\b
    | \bdon['’]?t\s+(want|wanna)\s+(to\s+)?(live|be\s+alive|exist|wake\s+up)\b | \bno\s+reason\s+to\s+live\b
    | \bbetter\s+off\s+(dead|without\s+me)\b | \bself[-\s]?harm | \boverdos(e|ing)\b | \bcan['’]?t\s+go\s+on\s+(living|anymore)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FIGURE: Final = re.compile(
    r"자살골|자살각|(배고파|웃겨|더워|추워|귀여워|심심해|피곤해|졸려|좋아|맛있어|보고\s*싶어|궁금해)\s*서?\s*죽"
    r"|suicide\s+squad|dead\s+tired|dying\s+of\s+laugh|to\s+die\s+for",
    re.IGNORECASE,
)
_OBFUSCATION: Final = re.compile(r"(?<=[가-힣])[\s.,~!*·\-_/0-9ㄱ-ㅎㅏ-ㅣ]+(?=[가-힣])")


def judge(text: str, previous: str = "") -> Verdict:
    """The verdict on a message; ``previous`` is the person's last message, read together with it.

    Hangul split by spaces, digits or signs ("죽 고 싶 어") is read joined as well.
    """
    without_figures = _FIGURE.sub(" ", text)
    joined = _OBFUSCATION.sub("", without_figures)
    if any(_CRISIS.search(form) for form in (without_figures, joined)):
        return Verdict.CRISIS
    if previous and len(text) <= 12:
        both = f"{_FIGURE.sub(' ', previous)} {without_figures}"
        if _CRISIS.search(both) and not _CRISIS.search(_FIGURE.sub(" ", previous)):
            return Verdict.CRISIS
    return Verdict.ANSWER
