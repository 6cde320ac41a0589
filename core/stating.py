"""What a message states: its clauses, without those that ask, wish, suppose, or speak of her."""

from __future__ import annotations

import re
from typing import Final

from core.instructions import own_words, uncited

_SENTENCE: Final = re.compile(r"[^.!?…~\n]+[.!?…~\n]*")
_PAST: Final = "".join(chr(code) for code in range(ord("가"), ord("힣") + 1) if (code - ord("가")) % 28 == 20)
_TOLD: Final = re.compile(  # where a sentence ends without a stop
    rf"(?<=[{_PAST}][어다음네지대])\s+|(?<=[{_PAST}]어요)\s+|(?<=[{_PAST}]습니다)\s+|(?<=[할갈볼될]래)\s+|(?<=\s끝)\s+"
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
