"""What a message states: its clauses, without those that ask, wish, suppose, or speak of her."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from core.instructions import own_words, uncited

_SENTENCE: Final = re.compile(r"[^.!?…~\n]+[.!?…~\n]*")
_PAST: Final = "".join(chr(code) for code in range(ord("가"), ord("힣") + 1) if (code - ord("가")) % 28 == 20)
_TOLD: Final = re.compile(  # where a sentence ends without a stop
    rf"(?<=[{_PAST}][어다음네지대])\s+(?!생각|치[고자]|쳐)|(?<=[{_PAST}]어요)\s+|(?<=[{_PAST}]습니다)\s+|(?<=[할갈볼될]래)\s+|(?<=\s끝)\s+"
)
_TO_ME: Final = re.compile(r"\b(?:fired|dumped|left)\s+me\b|\blet\s+me\s+go\b", re.IGNORECASE)
_HEDGE: Final = re.compile(r"\b(?:i\s+guess|lol|haha|tho)\?+", re.IGNORECASE)
_CLAUSE: Final = re.compile(
    r",\s+|(?<=[가-힣]데)\s+|(?<=[가-힣](?:서|려|라|니))\s+(?=\S{0,3}(?:그만|관|접|끊|안|못))|(?<=[가-힣](?:지만|니까|래서|해서|라서|어서|아서))\s+"
    r"|\s(?=(?:그리고|근데|그런데|그래서|그래도|대신)\s)|\s(?=(?:and|but|so|then|because|cause|cuz)\s)",
    re.IGNORECASE,
)
_UNREAL: Final = re.compile(  # asked, wished, supposed
    r"\?|(?:을|ㄹ|할|둘|을|갈|볼|릴|릴|을)까|[을할둘갈]지\s|고\s?싶|(?:으면|[가-힣]면)(?=\s|$|\W)|만약|혹시|뻔\s?[했함]|언젠가|라(?:고|는|며)\s|하래(?!서)"
    r"|(?:ㄹ|[둘할볼갈을낼날될릴])\s?(?:거|게|건|듯|수도|래)|려고|자는|자고\s?(?:해|하)|라도\s"
    r"|\b(?:if|should|might|may(?=\s+\w+\s+(?:be|get))|maybe|would|could|gonna|(?:'m|am|'re|are|im|is)\s+going\s+to|will|'ll|wanna|want(?:ed)?\s+to|wish|hope|almost|nearly|"
    r"thinking\s+(?:of|about)|never|what\s+if|when\s+i|once\s+i|unless|until|am\s+i|can\s+(?:a|you|i|we)|please|pls|how\s+(?:do|to|can)|what\s+do|ought|didn't\s+\w+\s+yet|yet)\b",
    re.IGNORECASE,
)
_NOT_BEFORE: Final = re.compile(
    r"(?:안|못|아직|덜)\s?$|\b(?:not|n't|dont|didnt|cant|wont|havent|isnt|haven't|hasn't|didn't|don't|isn't|wasn't|aren't|won't)\s(?:\w+\s){0,2}$",
    re.IGNORECASE,
)
_NOT_AFTER: Final = re.compile(
    r"\S{0,3}\s?(?:지\s?(?:않|못|마|말|는)|(?:안|못)\s?[했됐함됨한된]|(?:거|건|것)\S?\s?아니|(?:줄|뻔)|라[는고]|으?면|자[는고]|려다|고\s?싶)"
)
_I: Final = re.compile(r"\b(?:i|i'm|im|i've|ive|me|we|us)\b", re.IGNORECASE)
_FILLERS: Final = re.compile(r"\b(?:got|just|so|yeah|well|and|btw|finally|it|think|newly)\b", re.IGNORECASE)
_SOMEONE: Final = re.compile(
    r"(?<!\S)(?!내가|제가|우리가|드디어)(?:[가-힣]{2,20}(?:이|가)|누가|누군가)\s"
)  # as the subject
_PEOPLE_KO: Final = (
    r"친구|동생|언니|오빠|형|누나|엄마|아빠|어머니|아버지|부모님|할머니|할아버지|아들|딸|사촌|이모|삼촌|고모|선배|후배|팀장|상사|사장|룸메"
    r"|동기|동료|이웃|옆집|윗집|남편|아내|와이프|걔|쟤"
)
_PEOPLE_EN: Final = (
    r"brother|sister|mom|mum|dad|father|mother|friend|cousin|roommate|flatmate|boss|coworker|colleague|neighbou?r"
    r"|son|daughter|uncle|aunt|wife|husband|kid|nephew|niece"
)
_OTHERS: Final = re.compile(
    rf"(?:^|\s)(?:내\s|우리\s|제\s)?({_PEOPLE_KO})(?:님|네)?(?:이|가|은|는|도|께서)?\s(?!.*(?:나는|내가|나도|제가)\s)"
    rf"|(?:^|\b(?:my|his|her|their|our|a)\s(?:\w+\s)?)({_PEOPLE_EN})(?:'?s)?\b(?!\s+and\s+i\b)|(?:^|\W)(he|she|they)(?:\s|'s)",
    re.IGNORECASE,
)


def statements(message: str) -> list[tuple[str, str]]:
    """The clauses that state something, each with what stands before it."""
    found: list[tuple[str, str]] = []
    before = ""
    sentences = [
        part for each in _SENTENCE.findall(_HEDGE.sub("", uncited(message))) for part in _TOLD.split(each)
    ]
    for sentence in sentences:
        for clause in (each.strip() for each in _CLAUSE.split(sentence)):
            if own_words(clause).strip():
                if "?" not in sentence and not _UNREAL.search(clause):
                    found.append((clause, before))
                before = f"{before} {clause}"
    return found


def denied(clause: str, match: re.Match[str]) -> bool:
    """Whether what matched stands there as what is not so, or not yet."""
    return bool(_NOT_BEFORE.search(clause[: match.start()]) or _NOT_AFTER.match(clause, match.end()))


def by_another(clause: str) -> bool:
    """Whether a Korean clause names somebody as the one who does it."""
    return bool(_SOMEONE.search(clause) or others(clause))


def others(clause: str) -> list[str]:
    """The people, in their words, who are the subject of a clause; none where it happened to "me"."""
    if _TO_ME.search(clause):
        return []
    return [part.casefold() for found in _OTHERS.findall(clause) for part in found if part]


def of_someone(clause: str, match: re.Match[str]) -> bool:
    """Whether somebody else may be the one to whom what matched happened."""
    if match.group().isascii():
        return not _I.search(clause) and bool(re.search(r"\w", _FILLERS.sub("", clause[: match.start()])))
    return bool(_SOMEONE.search(clause))


_ASKED: Final = re.compile(  # without a question mark
    r"(?:^|\s)(?:뭐|뭘|뭔|무슨|어떤|어디|언제|누구|누가|왜|어떻게|어떡|얼마|어느|몇)(?!\S*(?:든|라도|인가|가\s)).*"
    r"|(?:되나|[을를할갈볼될올날]까|까요|[았었겠]나|나요|는가|냐고?|봐줄래|해줄래|맞지|알지|알아|했나|던가|어때|말까|가능)\W*$"
    r"|^\W*(?:(?:so|and|but|ok|hey)\s)*(?:what|how|why|when|where|who|which|whose|do|does|did|is|are|am|was|were|can|could|should|would|will|shall|guess)\b(?!.*,\s*i\b)",
    re.IGNORECASE,
)
_SUPPOSED: Final = re.compile(
    r"(?!(?:컵?라|냉|쫄|짜장|비빔|서|화|반|측|정|전)면(?![가-힣]))(?<![가-힣])[가-힣]+면(?=\s|$|\W)|만약|혹시|뻔\s?[했함]|언젠가|고\s?싶|(?:을|ㄹ|할|갈|볼|될)\s?(?:듯|수도)|것\s?같|거\s?같|[다라]고?\s생각|인가\s?봐|나\s?봐|줄\s?알았|척|[가-힣]라면"
    r"|[ㄱ-ㅎ가-힣]기세|[는은던]\s사람\s심정|\b(?:if|should|might|maybe|would|could|wanna|wish|hope|almost|nearly|never|unless|ought|pretend\w*|imagine|suppose|not\s+confirmed|once\s+i|when\s+i)\b|\bcan\s+(?:you|we|i)\b|^\W*(?:please\s)?be\s+(?:my|an?|the)\b",
    re.IGNORECASE,
)
_HEARSAY: Final = re.compile(
    r"(?:[가-힣]대|[가-힣]래|[가-힣]댄다|[가-힣]랜다|[란단]다|대요|래요|답니다|랍니다|다며|라며|다던데|라던데|[라다]고\s?(?:했|하[는더던])|대서|[라다]네|자네)\W*(?:ㅋ|ㅎ|ㅠ|ㅜ)*$"
    r"|\b(?:said|says|told\s+me|apparently|heard)\b",
    re.IGNORECASE,
)
_OFFICIALLY: Final = re.compile(  # one's own age, with nobody else before it
    r"^\W*(?:생일\S*\s\S+\s)?(?:(?:나|난|나는|저|전|저는|내가|제가)\s)?(?:이제\s|아직\s)?만으로(?:는|도)?\s\S+래요?\W*$"
)
_SELF_KO: Final = re.compile(r"(?<!\S)(?:나|난|나는|나도|내가|저|전|저는|저도|제가|우리는|우린)(?=\s|$)")
_SUBJECT_KO: Final = re.compile(
    rf"(?<!\S)(?:(?:내|제|우리|울|우리집)\s)?(?P<who>(?:(?:여|남)?(?:동생|자친구|친)|{_PEOPLE_KO}|손녀|손자|할매|할배|아기|애기|애|조카|며느리|사위|마누라|신랑|시어머니|장모|장인|짝꿍|단짝|담임|선생|쌤|교수|반장|형님|처제|처남|매형|이모부|숙모|외삼촌|막내|첫째|둘째|아들놈|부장|과장|대표|사장|동창)(?:님|들|네|\s[가-힣]{{1,3}})?)"
    r"(?:이가|이는|이도|께서|이|가|은|는|도|의|네)?(?P<end>\s)"
)
_SHE_KO: Final = re.compile(
    r"(?<!\S)(?P<who>걔|쟤|얘|걘|얜|쟨|그\s?사람|그분|그녀|그놈|걔네|누가|누군가|다들|사람들|너|넌|네가|니가)(?:이|가|은|는|도|들)?(?=\s)"
    r"|(?<!\S)(?P<name>[가-힣]{2,3}이(?:는|가|도|네))(?=\s)"
)
_FIRST_EN: Final = r"^\W*(?:(?:and|but|so|also|well|oh|yeah|haha|lol|ok|btw|because|cause|then|plus|actually|today|yesterday|anyway)\W+)*"
_SUBJECT_EN: Final = re.compile(
    rf"{_FIRST_EN}(?:(?:my|his|her|our|their|the|a|this|one\s+of\s+my)\s+(?:\w+\s+){{0,2}}?(?P<who>(?:best\s+)?(?:{_PEOPLE_EN}|girlfriend|boyfriend|partner|gf|bf|fianc[eé]e?|grandma|grandpa|granny|grandmother|grandfather|parents?|child|kids?|baby|husband|wife|teacher|professor|doctor|friends?|roommate|housemate|manager|landlord|mate|bestie|fam|family))\b(?!\s+and\s+(?:i|me)\b)"
    r"|(?P<she>he|she|they|you|u|someone|somebody|everyone|people|his|her|their|your|hes|shes|theyre|youre)\b|(?P<name>(?!it\b|that\b|this\b|there\b|what\b|who\b|here\b|i\b|today|tomorrow|everything|nothing|work|life|name|home|season|mine|one\b)[a-z]{2,12}(?:'s|s)?\s(?:said|says|told|wants?|might|lives|works|likes|loves|hates|moved|teaches|studies|(?:is|was|has)\s(?:\w+ing|been|a|an|from|so|in|at|gonna))\s))",
    re.IGNORECASE,
)
_OF_MINE: Final = re.compile(
    r"(?<!\S)(?:나|난|나는|나도|내가|내|저|전|저는|저도|제가|제|우리는|우린)(?=\s|$)|\b(?:my|i|i'm|im|i've|we|mine)\b",
    re.IGNORECASE,
)


def asked(clause: str) -> bool:
    """Whether a clause asks something, with no need of a question mark."""
    return bool(_ASKED.search(clause))


def first_person(clause: str) -> bool:
    """Whether a clause begins with its person: "나는", "내", "I", "my"."""
    return bool(_MINE_FIRST.match(clause))


_MINE_FIRST: Final = re.compile(
    r"^\W*(?:(?:근데|그리고|아|음|사실|그냥|요즘|오늘|and|but|so|well|oh|yeah|actually|also|btw|haha)\W+)*"
    r"(?:(?:나|난|나는|나도|내가|내|저|전|저는|저도|제가|제|우리는|우린)(?=\s|$)|(?:my|i|i'm|im|i've|ive)\b)",
    re.IGNORECASE,
)
LONGEST: Final = 160  # letters of a clause; nobody tells a fact in more
CLAIMS: Final = 12  # of a message


@dataclass(frozen=True, slots=True)
class Claim:
    """A clause that claims something, and who else it speaks of, in the person's words: "" for nobody."""

    text: str
    of: str = ""


def claims(message: str) -> list[Claim]:
    """The clauses in which a message claims something of the present, the past or what is planned.

    Questions, suppositions, wishes and what is quoted are none; what others are said to say is.
    """
    found: list[Claim] = []
    for sentence in _SENTENCE.findall(_HEDGE.sub("", uncited(message))):
        parts = [
            each.strip() for told in _TOLD.split(sentence) for part in _POLITE_END.split(told)
            for clause in _CLAUSE.split(part)
            for each in (_REASON.split(clause) if _SUPPOSED.search(clause) else [clause]) if each.strip()
        ]  # fmt: skip
        if "?" in sentence:
            parts = [] if parts and _ASKED.search(parts[0]) else parts[:-1]
        who = ""
        for part in parts:
            who = subject(part[:LONGEST]) or ("" if _OF_MINE.search(part) else who)
            own = " ".join(own_words(part[:LONGEST]).split())
            if own and not _ASKED.search(own) and not _SUPPOSED.search(own):
                found.append(Claim(own, who))
                if len(found) == CLAIMS:
                    return found
    return found


_POLITE_END: Final = re.compile(r"(?<=[어아해까나네죠지에예돼워와봐려져]요)\s+|(?<=니다)\s+")
_REASON: Final = re.compile(r"(?<=[가-힣](?:이라|거든))\s+|(?<=[가-힣]{2}라)\s+")


def hearsay(clause: str) -> bool:
    """Whether a clause passes on what somebody else said; how old one is officially, others know better."""
    return bool(_HEARSAY.search(clause)) and not _OFFICIALLY.search(clause)


def subject(clause: str) -> str:
    """Who else a clause speaks of, in the person's words; "" where it is the person, or nobody is named."""
    if _TO_ME.search(clause):
        return ""
    if found := _SUBJECT_EN.match(clause):
        return next((part for part in found.groupdict().values() if part), "").strip()
    if _SELF_KO.search(clause):
        return ""
    found = _SUBJECT_KO.search(clause) or _SHE_KO.search(clause)
    return (
        next((part for name, part in found.groupdict().items() if name != "end" and part), "").strip()
        if found
        else ""
    )
