"""What a sentence says about a result, as far as rules can tell; what they cannot tell for sure is refused.

A text is cut into clauses; a clause is about a round where it names one, else about the end. In it words of
outcome need somebody whose they are, words of degree must fit the grade, and numbers must be in the facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.people import Lang


@dataclass(frozen=True, slots=True)
class Outcome:
    """Somebody won (1), lost (-1), or nobody did (0, without a side); ``side`` None: nobody knows whose."""

    sign: int
    side: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """The patterns of a language."""

    cut: re.Pattern[str]
    first: re.Pattern[str]
    second: re.Pattern[str]
    both: re.Pattern[str]
    end: re.Pattern[str]
    win: re.Pattern[str]
    lose: re.Pattern[str]
    draw: re.Pattern[str]
    doubtful: re.Pattern[str]
    later: re.Pattern[str]
    big: re.Pattern[str]
    narrow: re.Pattern[str]
    close: re.Pattern[str]
    glad_for_them: re.Pattern[str]
    sorry_for_them: re.Pattern[str]
    unfounded: re.Pattern[str]


def _any(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_CUT: Final = r"[!?…~;\n—–]+|\.(?!\d)|,(?!\d)|(?<!\d):(?!\d)"
WORDS: Final[dict[Lang, Words]] = {
    "ko": Words(
        cut=_any(_CUT + r"|(?<=는데)|(?<=지만)|(?<=[겼졌]고)|(?<=이고)|(?<=으나)|(?<=[겼졌]다가)|(?<=어도)|(?<=근데)"),
        first=_any(r"(?<![\d.])1\s?차(?!이)|첫\s?(?:판|번째|라운드|경기)|(?<![\d.])1\s?라운드|첫판"),
        second=_any(r"(?<![\d.])2\s?차(?!이)|(?:둘째|두\s?번째)|(?<![\d.])2\s?라운드"),
        both=_any(r"둘\s?다|두\s?(?:판|라운드|번)\s?(?:다|모두)|매번|모든\s?라운드"),
        end=_any(r"최종|결국|결과|합쳐|전체"),
        win=_any(r"이겼|이긴|이겨|이기|이길|이김|승리|압승|완승|신승|낙승|승자|(?<![가-힣])승(?![부패률])|앞섰|앞서|앞선|앞질|꺾었|꺾은|제쳤|눌렀|따돌|우승|챔피언|왕좌|왕관|왕이|[1일]등|해냈|한\s?방\s?먹|왕이다|(?:더|훨씬)\s?(?:높|잘)|우세|우위"),
        lose=_any(r"(?<![가-힣])(?:졌|져(?=[\s버써]|$)|진\s?(?:거|건|쪽|게|사람)|지다니|지는|질\s)|패배|참패|석패|완패|대패|패자|(?<![가-힣])패(?![션턴])|밀렸|밀린|뒤졌|뒤처|뒤진|당했|당하겠|무릎|따라잡지|따라오|한\s?발\s?늦|봐줬|봐준|양보|상대가\s?안|안\s?돼|더\s?(?:낮|못)|열세"),
        draw=_any(r"비겼|비긴|비김|무승부|동점|승부를? ?(?:못|가리지)"),
        doubtful=_any(r"(?<![가-힣])(?:안|못)\s|지\s?(?:않|못)|아니|없|뻔|거의|만약|였다면|했으면|을\s?텐데|줄\s?알|일까|을까|수도|싶|한\s?척|누가|같아|듯"),
        later=_any(r"다음|담엔|담에|언젠가|설욕|또\s?하|한\s?판\s?더|복수"),
        big=_any(r"큰\s?차이|압도|압승|완승|대승|참패|완패|대패|크게|훨씬|한참|멀찍|넉넉|여유|가볍게|박살|싹쓸|상대가?\s?안|차원이\s?다"),
        narrow=_any(r"근소|아슬|간신히|가까스로|한\s?끗|종이\s?한\s?장|간발|겨우|살짝|조금|약간|신승|석패|아까웠|아깝|머리카락|미세"),
        close=_any(r"박빙|막상막하|팽팽|백중|우열을|비슷|엇비슷"),
        glad_for_them=_any(r"축하|(?<!차)분하|분해|억울|항복|약\s?올|삐졌|삐질|두고\s?봐|내가?\s?인정|한\s?수\s?배|복수|설욕|할\s?말이\s?없|대단하다\s?너|네가\s?최고"),
        sorry_for_them=_any(r"메롱|약\s?오르지|한\s?수\s?위|아직\s?멀|위로|힘내|상심|분발|체면|역시\s?나|내가\s?최고|식은\s?죽"),
        unfounded=_any(r"두\s?배|세\s?배|\d\s?배|절반|만점|백점|완벽|전처리|배치|데이터를|층을|에폭을\s?늘|낮춰|낮추|높여|높이|줄여|줄이|늘려|늘리|올려|올리|내려|내리|역전|연승|연패|신기록|기록\s?경신|최고\s?기록|영\s?점|퍼센트"),
    ),
    "en": Words(
        cut=_any(_CUT + r"|\b(?:but|and|so|though|although|while|whereas|yet|because|then)\b"),
        first=_any(r"\b(?:first|1st|opening|round (?:one|1))\b"),
        second=_any(r"\b(?:second|2nd|round (?:two|2))\b(?!s)"),
        both=_any(r"\b(?:both|each|every|all) (?:rounds?|times?|games?)\b|\btwice\b"),
        end=_any(r"\b(?:overall|in the end|final(?:ly)?|after all|in total)\b"),
        win=_any(r"\b(?:won|wins?|winning|winner|victory|victorious|victor|ahead|higher|better|best|beats?|beaten|beating|defeat(?:s|ed)?|crush(?:ed|es)?|destroy(?:ed)?|smash(?:ed)?|demolish(?:ed)?|outscored?|outplayed|outdid|edged|topped|bested|triumph(?:ed)?|on top|champ(?:ion)?|crown|nailed|schooled|upper hand|took (?:it|this|that|the)|rules?|ruled|queen|king|outperform(?:ed|s)?|prevail(?:ed)?|come out|came out|got me|got you|leading|led|dominated?)\b"),
        lose=_any(r"\b(?:lost|loses?|losing|losses|loss|loser|behind|lower|worse|fell short|defeated by|beaten by|trail(?:ed|ing)|dropped|short of|conceded?|couldn't|no match|fell to|came second|runner-up|keep up|wasn't enough|catch (?:me|you)|outclassed)\b"),
        draw=_any(r"\b(?:draw|drew|tied?|dead heat|deadlock|stalemate|all square|evens?|evenly)\b"),
        doubtful=_any(r"\b(?:not|never|no(?:body|one)|without|almost|nearly|if|would|could|should|might|may|maybe|perhaps|who|was|were|got|been|think|thought|unless|hardly|seems?|probably)\b|n't"),
        later=_any(r"\b(?:next time|rematch|again|one more|another|revenge|someday)\b"),
        big=_any(r"\b(?:by a lot|huge|massive|landslide|crush(?:ed|es)?|destroy(?:ed)?|demolish(?:ed)?|smash(?:ed)?|by far|by a mile|easily|easy|way (?:ahead|better)|dominated?|big(?:ly| win| loss)?|far|wide margin|comfortabl[ey]|outclassed|miles|rout(?:ed)?)\b"),
        narrow=_any(r"\b(?:narrow(?:ly)?|barely|(?:a|one) hair|hair's|whisker|edged|just barely|only just|squeak(?:ed)?|tiny|slight(?:ly)?|razor|inch(?:es)?|slim|only|nick of)\b|\b(?:was|so|too|really|pretty|very|super) close\b"),
        close=_any(r"\bneck and neck\b|\bclose (?:one|game|call|match|battle)\b|\btight\b|\btwins\b"),
        glad_for_them=_any(r"\b(?:congrat\w*|revenge|sulk\w*|surrender|hats off|grudge|no excuse|you(?:'re| are) the (?:best|champion)|i give up|you got me|bow to you|i(?:'m| am) jealous)\b"),
        sorry_for_them=_any(r"\b(?:better luck|too bad|nice try|cheer up|bow down|neener|unlucky|good effort|poor you|pride|in your face|i(?:'m| am) the (?:best|champion))\b"),
        unfounded=_any(r"\b(?:twice|double[ds]?|triple|half|perfect|preprocess\w*|batch\w*|layers?|more data|lower(?:ing)? (?:the|your)|rais(?:e|ing)|increas\w+|decreas\w+|reduc\w+|more epochs|streak|record|comeback|percent|try (?:a|more|less))\b"),
    ),
}  # fmt: skip

_PARTICLE: Final = r"(?P<object>를|을|한테서?|에게서?|보다)?"
_ALONE: Final = r"(?=[\s,]|[가이은는의도만랑과와로,]|쪽|$)"


@dataclass(frozen=True, slots=True)
class Who:
    """How a text calls the two sides, and others who are none of them."""

    left: str
    right: str
    neither: str = r"(?!)"


_YOU_KO, _I_KO = r"(?<![가-힣])(?:너|넌|네|니)", r"(?<![가-힣])(?:나|난|내)"
_YOU_EN = r"\b(?:you(?:'ve|'re|'d|'ll)?|yours?)\b"
_I_EN = r"\b(?:i(?:'ve|'m|'d|'ll)?|me|my|mine)\b"
US: Final[dict[Lang, Who]] = {"ko": Who(_YOU_KO, _I_KO), "en": Who(_YOU_EN, _I_EN)}
OPTUNA: Final[dict[Lang, Who]] = {
    "ko": Who(_YOU_KO, r"(?:옵튜나|optuna)", _I_KO), "en": Who(_YOU_EN, r"\boptuna(?:'s)?\b", _I_EN),
}  # fmt: skip
THEM: Final[dict[Lang, Who]] = {
    "ko": Who(r"도전자", r"맞수", rf"{_YOU_KO}|{_I_KO}"),
    "en": Who(r"\bthe challenger(?:'s)?\b", r"\bthe rival(?:'s)?\b", rf"{_YOU_EN}|{_I_EN}"),
}  # fmt: skip
_TOWARDS_EN: Final = _any(
    r"(?:\b(?:to|against|over|than|by|of|beat|beats|beaten|defeat|defeated|defeats|crushed|crush|destroyed|smashed|"
    r"demolished|outscored|outplayed|outdid|edged(?: out)?|topped|bested|outclassed|dominated))\s+$"
)
_GOES_TO: Final = _any(r"\b(?:goes|went|belongs?)\s+to\s+$|\bis\s+$")


@dataclass(frozen=True, slots=True)
class Named:
    """One who is named in a clause: ``side`` left, right or neither, as the doer or as the one it is done to."""

    at: int
    side: str
    towards: bool


def clauses(text: str, lang: Lang) -> list[tuple[str, bool]]:
    """The clauses, each with whether it ends as a question."""
    words, found, start = WORDS[lang], [], 0
    for match in words.cut.finditer(text):
        found.append((text[start : match.start()], "?" in match[0]))
        start = match.end()
    return [(clause.strip(), asked) for clause, asked in [*found, (text[start:], False)] if clause.strip()]


def named(clause: str, who: Who, lang: Lang) -> list[Named]:
    """Everybody who is named, in order."""
    found: list[Named] = []
    for side, pattern in (("left", who.left), ("right", who.right), ("neither", who.neither)):
        whole = pattern + (_PARTICLE + _ALONE if lang == "ko" and "(?!)" not in pattern else "")
        for match in re.finditer(whole, clause, re.IGNORECASE):
            if lang == "ko":
                towards = bool(match.groupdict().get("object"))
            else:
                before = clause[: match.start()]
                towards = bool(_TOWARDS_EN.search(before)) and not _GOES_TO.search(before)
            found.append(Named(match.start(), side, towards))
    return sorted(found, key=lambda each: each.at)


def outcomes(clause: str, who: Who, lang: Lang) -> Iterator[Outcome]:
    """Every word of outcome in a clause with the one whose it is."""
    words, people = WORDS[lang], named(clause, who, lang)
    if words.draw.search(clause):
        yield Outcome(0, "")
    for sign, pattern in ((1, words.win), (-1, words.lose)):
        for match in pattern.finditer(clause):
            if any(drawn.start() <= match.start() < drawn.end() for drawn in words.draw.finditer(clause)):
                continue
            yield _whose(sign, match.start(), people)


def _whose(sign: int, at: int, people: list[Named]) -> Outcome:
    """The nearest doer before the word, else the one it is done to, else who comes after it."""
    doers = [each for each in people if not each.towards]
    before = [each for each in doers if each.at < at]
    done_to = [each for each in people if each.towards]
    nearest = before[-1] if before else None
    if nearest is None and done_to:
        return Outcome(-sign, done_to[0].side)
    if nearest is None and doers:
        nearest = doers[0]
    return Outcome(sign, nearest.side if nearest is not None else None)
