"""Whether a clause says how somebody, or the weather, is now.

"like I'm holding in a sneeze" is a figure, "scared of flying" a trait, "unemployed after that" still to come,
"rain most days" the climate, and "the sea is nine degrees" not the air.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from core.days import spoken_days

_ANY: Final = date(2000, 1, 5)
_FELT: Final = frozenset(("상태", "건강"))
_WEATHER: Final = frozenset(("오늘 날씨", "weather today"))
_LIKE: Final = re.compile(  # before a value; "it looks like I'm sick" and "I feel like I'm sick" mean what they say
    r"(?<!^)(?<!\bit\s)(?<!\bthat\s)\b(?:look|sound|smell|seem|act|walk|move|talk|dress)(?:s|ed|ing)?\s+(?:\w+\s+){0,2}?(?:like|as\s+(?:if|though))\b(?:\s+(?:i'?m|i\s+\w+)\b)?"
    r"|(?<!feel)(?<!feels)(?<!felt)(?<!feeling)(?<!look)(?<!looks)(?<!seems)(?<!sounds)\s(?:like|as\s+(?:if|though))\s+(?:i'?m|i\s+(?:am|was|had|have)|some(?:one|body)?|the|an?(?!\s+(?:bit|little|lot)\b))\s",
    re.IGNORECASE,
)
_ANEW: Final = re.compile(r"\b(?:i'?m|i\s+(?:am|feel|have|got))\b", re.IGNORECASE)  # the figure is over
_LIKE_KO: Final = re.compile(  # after it: "감기 걸린 사람처럼"
    r"[가-힣]{0,2}(?:\s[가-힣]{0,3}[린은는한던픈난친])?(?:\s?[가-힣]{1,3})?(?:처럼|마냥|같이(?=\s)|같[아은다네음애])"
)
_FEARED: Final = re.compile(r"\b(?:scared|afraid|terrified|frightened|petrified)\s+of\b", re.IGNORECASE)
_FEARS: Final = re.compile(r"scared|afraid|terrified|frightened|petrified|무서|무섭|두려")
_FEARED_KO: Final = re.compile(
    r"(?<!\S)(?!(?:나|저|우리)[는도]\s|내가\s|제가\s|안|못|나가|들어가)\S+(?:이|가|은|는|도|들)\s(?:(?:너무|진짜|좀|제일|엄청|세상에서|가장)\s)*$"
)
_MONTH: Final = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_WEEKDAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_TO_COME: Final = re.compile(  # before a value
    r"\b(?:i'?ll|we'?ll|will|gonna|going\s+to|about\s+to|soon\s+to)\s+(?:\w+\s+){0,2}?(?:be|get|become|go|feel)\s+(?:\w+\s+){0,2}$|\bsoon\s+(?:be\s+)?$",
    re.IGNORECASE,
)
_THEN: Final = re.compile(  # after a value; "after the gym" is why somebody is tired now
    rf"\s*(?:again\s+|too\s+)?(?:after(?:wards?)?(?:\s+(?:that|this|then|it|{_MONTH}|{_WEEKDAY}))?|soon|tomorrow|(?:starting|from|come|by|as\s+of|until)\s+(?:then|next|tomorrow|{_MONTH}|{_WEEKDAY})\b.*"
    r"|next\s+(?:week|month|year|\w+day)|in\s+(?:an?|one|two|three|four|\d+)\s+(?:days?|weeks?|months?|years?)|once\s.*)\W*$",
    re.IGNORECASE,
)
_THEN_KO: Final = re.compile(  # before a value
    r"(?:내일|모레|글피|(?:다음|담|다다음)\s?(?:주|달|학기|해)|내년)\S*(?:\s\S{1,4})?부터\s(?:(?:다시|또|나|난|이제|진짜)\s)*$|(?<![가-힣])곧\s(?:(?:다시|또)\s)*$"
)
_TODAY: Final = re.compile(
    r"오늘|지금|방금|아침|today|tonight|\bnow\b|right\s+now|this\s+(?:morning|evening)|\bagain\b"
)
_HABIT: Final = re.compile(
    r"매일|맨날|항상|언제나|자주|원래|보통|대체로|해마다|매년|[봄름을울](?:엔|에는|이면|마다)(?=\s)|여긴\s늘|[가-힣]{2}마다"
    r"|\b(?:(?:most|all|some|many)\s+(?:days|nights|mornings|the\s+time)|every\s?(?:day|night|morning|week|year|winter|summer|spring|fall|autumn)|always|usually|often|generally|never|year[\s-]round|half\s+the\s+year|in\s+(?:the\s+)?(?:winter|summer|spring|autumn|fall)s?|(?:winters|summers|springs|autumns))\b",
    re.IGNORECASE,
)
_WARMTH: Final = re.compile(
    r"춥|추[워움웠운]|덥|더[워움웠운]|뜨[거겁]|차[갑가]|시원|따뜻|\d도|[한십백]도|\b(?:hot|cold|warm|freezing|chilly|degrees)\b",
    re.IGNORECASE,
)
_INDOORS: Final = re.compile(  # what else is warm or cold
    r"(?:수온|(?<![가-힣])물|바닷물|바다|수영장|방|집|교실|사무실|회사|버스|지하철|화장실|카페|도서관|독서실|강의실|기숙사|커피|국물?|손|발|몸)(?:[이은도가는]|\s?(?:안|온도)[이은는]?)?\s(?:(?:너무|진짜|왜케|왜\s이렇게|완전|개|좀|엄청|되게|아직|벌써|꽤)\s)*$"
    r"|\b(?:sea|water|ocean|lake|river|pool|bath|shower|room|bedroom|office|house|flat|apartment|classroom|kitchen|train|bus|car|coffee|tea|soup|food|oven|hands|feet|bed|heater|fridge|lab|gym)(?:'?s|\s+(?:is|was|temp\w*|at|feels|are|were))*\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_OF_INDOORS: Final = re.compile(
    r"\s+(?:sea|water|ocean|lake|pool|bath|shower|room|office|house|coffee|tea|soup|food|drink|hands|feet|beer|noodles)\b|\s?(?:물|커피|국물)(?![가-힣]{2})",
    re.IGNORECASE,
)


def is_now(name: str, value: str, clause: str) -> bool:
    """Whether a clause tells a mood, an ailment or today's weather as what is so; ``name`` is the Korean key.

    Other keys are left to other rules.
    """
    if name not in _FELT and name not in _WEATHER:
        return True
    at, end = _place(value, clause)
    before, after = clause[:at], clause[end:]
    if name in _WEATHER:
        return _outdoors_today(value, before, after, clause)
    figure = _LIKE.search(before)
    if (figure and not _ANEW.search(before[figure.end() :])) or _LIKE_KO.match(after):
        return False
    said_of = _FEARED.search(clause) and not _FEARED.search(value)  # "scared of the dark" says what
    if _FEARS.search(value) and (said_of or _FEARED_KO.search(before)):
        return False
    return not (_TO_COME.search(before) or _THEN.match(after) or _THEN_KO.search(before))


def _outdoors_today(value: str, before: str, after: str, clause: str) -> bool:
    today = _TODAY.search(clause) is not None
    others = any(day.first == day.last for day in spoken_days(clause, _ANY))  # "snow in April" may be now
    if not today and (_HABIT.search(clause) or others):
        return False
    return not (_WARMTH.search(value) and (_INDOORS.search(before) or _OF_INDOORS.match(after)))


def _place(value: str, clause: str) -> tuple[int, int]:
    """Where a value stands in a clause, or as much of its beginning as does."""
    said, folded = clause.casefold(), value.casefold()
    for length in range(len(folded), 0, -1):
        if (at := said.find(folded[:length])) >= 0:
            return at, at + length
    return len(clause), len(clause)
