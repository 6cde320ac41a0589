"""What is planned, and how somebody feels, as a clause has it: "내일 3시에 치과 가", "i have an exam on friday"."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from core.days import SpokenDay, spoken_days, without_days
from core.language import script_of

_ANY: Final = date(2000, 1, 5)  # a Wednesday: what is asked is only whether a day is named that is to come
_KEYS_KO: Final = {
    "tomorrow": "내일 일정", "in two days": "모레 일정", "weekend": "주말 일정", "next week": "다음 주 일정", "today": "오늘 일정",
}  # fmt: skip
_KEYS_EN: Final = {
    "tomorrow": "plan for tomorrow", "weekend": "weekend plan", "next week": "plan for next week", "today": "plan for today",
}  # fmt: skip
_DOES: Final = re.compile(  # how a Korean clause of what is planned ends; what is done stands before it
    r"(?:\s*(?:을|를|이|가|에|으로|로|보러|하러)?\s*(?:가|가요|간다|갑니다|감|가거든요?|가는데|가게\s?됐어|가야\s?(?:돼|해|됨|함|된다|하는데|돼요|해요)|가기로\s?(?:했어|함|했다|했는데)|갈\s?(?:거|거야|거임|예정|거예요)|가는\s?날(?:이야|이에요|임)?)"
    r"|\s+(?:봐|본다|봄|보는데|봐요|봅니다|보거든요?|보기로\s?(?:했어|함|했다))"
    r"|\s*(?:(?<![가-힣]\s)해|해요|한다|함|합니다|하는데|하거든요?|하기로\s?(?:했어|함|했다)|할\s?(?:거야|거임|예정))"
    r"|(?:이|가|도)?\s+(?:있어|있음|있다|있는데|있어요|있거든요?|있습니다|있네|있지|잡혔어|잡힘|잡혔다|잡았어|잡음|예약했어|예약함)"
    r"|(?:이야|이다|임|이에요|예요|입니다|인데|이라|이네|이거든요?|이라서|(?<=[가-힣]{2})야|(?<=[가-힣][가-힣])(?<![았었했됐갔왔봤났졌쳤렸썼떴컸웠꼈켰폈샀탔팠섰췄꿨줬뒀])다))\W*[ㅋㅎㅠㅜ]*$"
)
_IN_MONTH: Final = re.compile(r"에|\s|$")
_THING: Final = re.compile(r"[가-힣]{2}|[A-Za-z]{3}")
_BIRTHDAY: Final = re.compile(r"생일|\bbirthday\b", re.IGNORECASE)
_BE: Final = re.compile(r"\s(?:이야|야|임|이에요|예요|입니다|이다|다)$")
_IS_ON: Final = re.compile(r"(?<=[가-힣]{2})(?:은|는|이|가)$")  # "이사는 다음 주 토요일"
_LEADS: Final = re.compile(
    r"^(?:(?:나|난|나는|나도|내가|저|전|저는|저도|제가|이거|그거|우리|우린|우리는|드디어|이제|벌써|진짜|근데|아|참|사실|로라야?|있잖아|그리고|일단|바로|결국|이따|또|나한테|저한테)\s)+"
)
_TAIL: Final = re.compile(r"(?<=[가-힣])(?:에서|에|을|를|이|가|으로|은|는|도)$")
_NO_PLAN: Final = re.compile(  # no doing: how it is, what is not, and greetings
    r".*(?:날씨|기분|비|눈|바람|미세먼지|더울|추울|거|것|게|듯|뭐|무엇|아무것|생각|걱정|고민|처음|때문|만큼|정도|피곤|심심|행복|불안|우울|답답|외로|졸|배고|시간|여유|얘기|이야기|말|쉬는|할\s?일|좋|싫|안|못|너|평일|주말|휴일|나)"
)
_DOER: Final = re.compile(
    r"(?<!\S)(?!내가|제가|우리가|네가)[가-힣]{1,5}(?:이|가|은|는|께서)\s(?!.*(?:있|잡[혔힘]))"
)
_BEFORE_IT: Final = re.compile(r"^.*[가-힣](?:이고|인데)\s+")  # "마케팅 쪽이고 면접"
_SEEN_KO: Final = re.compile(r"(?:시|분|반|오전|오후|아침|저녁|새벽|밤|점심)(?:에|부터)?$")

_HAVE: Final = re.compile(
    r"^\W*(?:(?:and|but|so|also|well|oh|hey|btw|lora|anyway|then)\W+)*(?:i|we)(?:\s+(?:also\s+)?(?:have|got|gotta)|'ve\s+got|\s+have\s+got)\s+(?:to\s+)?(?:an?|my|the|some|our)?\s*(?P<v>.+)$"
    r"|^\W*(?:(?:and|but|so|also|oh|btw|anyway)\W+)*(?:i'?m|i\s+am|we'?re|we\s+are|i'll\s+be)\s+(?:going\s+to\s+(?:an?|the|my)?\s*|(?=(?:flying|travell?ing|visiting|meeting|starting|seeing|having|taking|moving|hiking|driving|hosting|leaving|giving|running|presenting|working|getting)\b))(?P<w>.+)$"
    r"|^\W*my\s+(?P<m>[a-z][\w' -]{2,40}?)\s+(?:is|starts)$",
    re.IGNORECASE,
)
_VERBS_EN: Final = re.compile(
    r"\b(?:is|are|was|were|i|i'm|im|she|he|they|you|it|it's|don't|not|can't|won't|because|if|when|feeling|crazy|sick|tired|to\s+go|no)\b",
    re.IGNORECASE,
)
_BARE_EN: Final = re.compile(
    r"^\W*(?P<v>(?:[a-z]+\s){0,2}(?:interview|exam|test|appointment|meeting|wedding|party|concert|flight|surgery|presentation|deadline|date|dinner|class|game|match|trip|finals?|shift|birthday|recital|audition|checkup|graduation))(?=\s+(?:and\s+|but\s+|so\s+)?(?:i'?m|i|wish)\b|$)",
    re.IGNORECASE,
)


def planned(clause: str) -> tuple[str, str] | None:
    """The key and value of what a clause says is planned for a day that it names; None for nothing."""
    days = [day for day in spoken_days(clause, _ANY) if day.last >= _ANY and _is_near(day, clause)]
    if not days:
        return None
    lang = script_of(clause)
    rest = without_days(clause, days).strip(" .,!~")
    value = _korean(rest) if lang == "ko" else _english(rest)
    if not _THING.search(value) or len(value) > 40:
        return None
    if _BIRTHDAY.search(value) and not any(day.word for day in days):
        return None
    return key_of(days, lang == "ko"), value


def _is_near(day: SpokenDay, clause: str) -> bool:
    """Whether days are few enough to plan something for: no year, and no month that only says when it is."""
    long = (day.last - day.first).days
    return long < 15 or (long < 31 and _IN_MONTH.match(clause, day.end) is not None)


def key_of(days: list[SpokenDay], korean: bool) -> str:
    """The key of a plan for the first of some days that has a name."""
    keys = _KEYS_KO if korean else _KEYS_EN
    return next(
        (keys[day.word] for day in days if day.word in keys), "향후 일정" if korean else "future plan"
    )


def _korean(rest: str) -> str:
    rest = _BE.sub("", _LEADS.sub("", rest))
    match = _DOES.search(rest) or _IS_ON.search(rest)
    if match is None or _DOER.search(f"{rest} "[: match.start() + 1]):
        return ""
    value = _BEFORE_IT.sub("", rest[: match.start()].strip())
    while _TAIL.search(value) and not _SEEN_KO.search(value):
        value = _TAIL.sub("", value)
    if len(value.split()) > 5 or _NO_PLAN.fullmatch(value) or _SEEN_KO.search(value) or not value:
        return ""
    return value


def _english(rest: str) -> str:
    rest = re.sub(r"\s+", " ", rest)
    match = _HAVE.search(rest) or _BARE_EN.search(rest)
    if match is None:
        return ""
    value = next(part for part in match.groupdict().values() if part).strip(" .,!")
    value = re.sub(r"^(?:an?|the|my|some|to)\s+|\s+(?:on|at|by|in|with|and|so|lol|the|a|to)$", "", value)
    return "" if _VERBS_EN.search(value) or len(value.split()) > 7 else value


_MOODS_KO: Final = (  # a stem, and the noun of how somebody feels
    ("외로", "외로움"), ("외롭", "외로움"), ("슬프", "슬픔"), ("슬퍼", "슬픔"), ("무서", "무서움"), ("무섭", "무서움"), ("피곤", "피곤함"),
    ("불안", "불안함"), ("우울", "우울함"), ("행복", "행복함"), ("허전", "허전함"), ("답답", "답답함"), ("심심", "심심함"), ("속상", "속상함"),
    ("떨려", "떨림"), ("떨린", "떨림"), ("졸려", "졸림"), ("졸리", "졸림"), ("졸립", "졸림"), ("배고파", "배고픔"), ("배고프", "배고픔"), ("힘들", "힘듦"),
    ("설레", "설렘"), ("설렌", "설렘"), ("긴장", "긴장됨"), ("억울", "억울함"), ("서운", "서운함"), ("심란", "심란함"), ("개빡", "개빡침"), ("뿌듯", "뿌듯함"),
)  # fmt: skip
_ENDS_KO: Final = r"(?:[어아워려져]|해|하다|하네|하지|함|돼|됨|된다|네|다|[가-힣]?요|어서|해서|려서|워서|퍼|프다|프네|친다|쳐|침|쳤어|롭다|롭네|들어|들다|들다고|린다|리다|렌다)*(?:\s(?:죽겠어?|죽겠다|미치겠다?))?"
_FELT: Final = re.compile(
    rf"(?<![가-힣])(?P<stem>{'|'.join(stem for stem, _ in _MOODS_KO)}){_ENDS_KO}[\s.!~ㅋㅎㅠㅜ;…]*$"
)
_NOT_SO: Final = re.compile(r"(?:안|덜|별로|하나도)\s$|(?:들|이|가|은|는|도)\s(?:너무\s|진짜\s|좀\s)?$")
_FELT_EN: Final = re.compile(
    r"(?:\b(?:i'?m|i\s+am|i\s+feel|feeling|i'?ve\s+been(?:\s+feeling)?)\s+|^(?:so|super|kinda|really|a\s+bit)\s+)(?:(?:so|very|really|super|kinda|kind\s+of|a\s+bit|a\s+little|pretty|just|feeling|extremely|too|still)\s+)*"
    r"(?P<v>tired|exhausted|sleepy|sad|lonely|depressed|anxious|nervous|excited|bored|stressed|scared|hungry|starving|worried|frustrated|heartbroken|homesick|overwhelmed|burn(?:t|ed)\s+out|sick\s+of\s+\w+|embarrassed|hungover|vegetarian|vegan|unemployed|jobless|pregnant|freaking\s+out)\b",
    re.IGNORECASE,
)


def felt(clause: str) -> tuple[str, str] | None:
    """The key and value of how a clause says its person feels; None for nothing."""
    if (match := _FELT_EN.search(clause)) is not None:
        return "state", match["v"].lower()
    if (match := _FELT.search(clause)) is None or _NOT_SO.search(clause[: match.start()]):
        return None
    return "상태", dict(_MOODS_KO)[match["stem"]]
