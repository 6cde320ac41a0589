"""The words by which people say that something is over, in Korean and English.

Each sign says of which keys it can speak: keys are named as :func:`core.facts.canonical` has them, "plan" is any
plan and "taste" anything that is liked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ACTS: Final = frozenset(("취미", "운동", "악기", "배우는 것", "특기", "보는 것", "상태", "목표", "꿈"))
_WORK: Final = frozenset(("직업", "직장"))
_SCHOOL: Final = frozenset(("학교",))
_PLAN: Final = frozenset(("plan",))
_TASTE: Final = frozenset(("taste",))
_ILL: Final = frozenset(("건강", "상태"))


@dataclass(frozen=True, slots=True)
class Sign:
    """Words for an ending, and the facts that they can end.

    ``bare`` are those words that need no name, for the facts of ``bare_keys`` with ``bare_for`` in their value;
    ``spares`` stands in the value of goals and states that they do not end; ``lasting`` those beside which
    facts of ``for_good`` are over, too ("last shift"). ``own``: it happens to the one who does it, so that what
    others did ends nothing. ``due``: it ends a plan only once its day has come. ``again``: it ends only what the
    message tells anew. ``apart`` are words beside which nothing is over. ``ko`` and ``en`` say it in a note.
    """

    words: re.Pattern[str]
    keys: frozenset[str]
    ko: str = ""
    en: str = ""
    bare: re.Pattern[str] | None = None
    bare_keys: frozenset[str] = frozenset()
    bare_for: re.Pattern[str] | None = None
    spares: re.Pattern[str] | None = None
    lasting: re.Pattern[str] | None = None
    for_good: frozenset[str] = frozenset()
    own: bool = False
    due: bool = False
    again: bool = False
    apart: re.Pattern[str] | None = None


def _any(*forms: str) -> re.Pattern[str]:
    return re.compile("|".join(forms), re.IGNORECASE)


UNDECIDED: Final = _any(r"고민|모르겠|갈까|할까|말까|할지|갈지|결정|undecided|whether|torn|not\s+sure|or\s+not")
DECIDED: Final = _any(
    r"정했", r"결정[했함됐]", r"마음\S{0,2}\s?(?:먹|정|굳)", r"\bdecided\b", r"\bmade\s+up\s+my\s+mind\b",
    r"\btold\s+.{1,20}\s(?:no|yes)\b", r"\bsaid\s+(?:no|yes)\b",
)  # fmt: skip
_BROKE_UP: Final = _any(
    r"헤어[졌짐진]", r"이혼[했함]", r"결별", r"차였", r"차임(?=\W|$)", r"갈라[섰섬]",
    r"\b(?:broke|split|broken)\s+up\b", r"\bdivorced\b", r"\bdumped\b", r"\bseparated\b",
)  # fmt: skip
_QUIT: Final = _any(
    r"그만[뒀둠둔]", r"그만두(?=[었기렵련])", r"관[뒀둠둔]", r"관두(?=[었기고렵련])", r"때려\s?[쳤침]",
    r"때려\s?치[우웠]", r"접(?=[었음고는기])", r"끊(?=[었음긴]|은\s?지|기로\s?[했함])", r"포기[했함하]", r"퇴사",
    r"잘(?=[렸림])\S", r"짤[렸림]", r"자퇴", r"휴학", r"중퇴", r"탈퇴", r"손절", r"환불", r"삭제[했함]", r"지웠", r"지움",
    r"팔았", r"처분", r"졸업[했함]", r"전역", r"제대[했함]", r"퇴직", r"은퇴",
    r"\b(?:quit|quitting|resigned|retired|dropped\s+out)\b", r"\bgave\s+up\b", r"\bgiven\s+up\b", r"\bstopped\b",
    r"\b(?:fired|laid\s+off|let\s+go)\b", r"\b(?:fired|let)\s+me\b", r"\b(?:deleted|uninstalled)\b", r"\bsold\b",
    r"\bdropped\b", r"\bgraduated\b", r"\bdischarged\b",
)  # fmt: skip
_QUIT_BARE: Final = _any(r"퇴사", r"퇴직", r"잘[렸림]", r"짤[렸림]", r"fired", r"laid\s+off", r"let\s+go", r"let\s+me")
_LEFT_SCHOOL: Final = _any(r"자퇴", r"중퇴", r"dropped\s+out")
_NO_LONGER: Final = _any(
    r"(?:이제|이젠|더\s?이상|인제|요샌)(?:는|은)?\s(?:\S+\s){0,3}?(?:(?:안|못)\s?[가-힣]|\S*지\s?않|별로|싫)",
    r"(?:이제|이젠|더\s?이상|인제)\s?(?:안|못)\s?[가-힣]", r"질렸", r"질림", r"싫어[졌짐]", r"정\s?떨어",
    r"(?:\bnot|n't|\b(?:dont|cant|never))\s.{0,40}\bany\s?more\b", r"\bno\s+longer\b", r"\bsick\s+of\b", r"\bgone\s+off\b", r"\bwent\s+off\b",
)  # fmt: skip
_HEALED: Final = _any(
    r"나[았음](?=\W|[어다네지대습는던]|$)", r"완치", r"완쾌", r"회복[했함됐됨]", r"퇴원", r"(?:이제|하나도)\s?안\s?아[파프픔]",
    r"(?:깁스|붕대|실밥|보조기|반깁스)\S?\s?(?:다\s?)?(?:풀|푼|풂|뺐|뺌|제거)", r"괜찮아[졌짐]", r"가라앉", r"멀쩡해[졌짐]",
    r"\b(?:healed|cured|recovered)\b", r"\b(?:all|much)\s+better\b", r"\bbetter\s+now\b", r"\b(?:is|are)\s+(?:finally\s+)?gone\b",
    r"\bwent\s+away\b", r"\bcast\s+(?:is|came)\s+off\b", r"\bout\s+of\s+(?:the\s+)?hospital\b", r"\bgot\s+over\b",
)  # fmt: skip
_OFF: Final = _any(
    r"취소", r"파토", r"파투", r"엎어[졌짐]", r"무산", r"없던\s?(?:일|걸)", r"물\s?건너", r"나가리", r"쫑[났남]",
    r"못\s?(?:가|하)게\s?(?:됐|됨|생)", r"안\s?(?:가|하)기로", r"\bcancell?ed\b", r"\bcall(?:ed|ing)\b.{0,30}\boff\b",
    r"\bcalled\s+off\b", r"\bfell\s+through\b", r"\b(?:is|are|was)\s+off\b", r"\bnot\s+happening\b",
    r"\bnot\s+going\b.*\bany\s?more\b", r"\bscrapped\b", r"\brained\s+out\b",
)  # fmt: skip
_MOVED: Final = _any(
    r"밀[렸림려]", r"미[뤘룸뤄]", r"연기[됐됨했함돼되]", r"옮[겼김기]", r"바[꿨뀌뀜꿈뀐]", r"바꾸기로", r"변경", r"당[겼김]",
    r"앞당", r"늦[춰췄]", r"날\s?잡", r"갈아[탔탐]", r"아니라|말고",
    r"\b(?:moved|moving|pushed|postponed|rescheduled|delayed|bumped|swapped|switched|changed)\b", r"\bput\s+off\b",
    r"\bbrought\s+forward\b", r"\binstead\b", r"\bturns\s+out\b",
)  # fmt: skip
_DONE: Final = _any(
    r"끝(?=[났남난냈냄]|나고|\W|$|이[다야]|내고)\S?", r"마[쳤침](?!하)", r"마무리", r"완료", r"종강", r"종료", r"다\s?(?:봤|읽었|끝|했)",
    r"(?:다녀|갔다|보고)\s?[왔옴온]", r"봤[어다음지]", r"도착", r"왔[어다네]", r"첫날", r"했다(?=\W|$)", r"잘\s?(?:끝|봤|했)", r"까지만",
    r"\bover\b", r"\bdone\b", r"\bfinished\b", r"\bwrapped\s+up\b", r"\bback\s+from\b", r"\b(?:is|'s|are)\s+(?:finally\s+)?here\b",
    r"\barrived\b", r"\blanded\b", r"\bwent\s+(?:well|great|fine|ok|okay|badly)\b", r"\bfirst\s+day\b",
    r"\bfor\s+the\s+last\s+time\b",
)  # fmt: skip
_WENT: Final = _any(r"잘\s?(?:끝|봤|했)", r"\bwent\s+\w+")
_FOR_GOOD: Final = _any(
    r"오늘로", r"이번\s?(?:달|주|학기)(?:로|까지)", r"마지막", r"영영", r"아예", r"영원", r"까지만",
    r"\bfor\s+good\b", r"\blast\s+(?:day|shift|time|one|class)\b", r"\bseason\b",
)  # fmt: skip
_PASSED: Final = _any(
    r"합격", r"(?:나|드디어|결국|다)\s?붙(?:었|음)", r"통과[했함]", r"땄", r"땀(?=\W|$)", r"취득", r"성공[했함]", r"이뤘", r"이룸",
    r"달성", r"\bpassed\b(?!\s+(?:away|out|by))", r"\bgot\s+in(?:to)?\b", r"\bgot\s+(?:it|the\s+(?:job|part|spot))\b",
    r"\baced\b", r"\bnailed\b", r"\baccepted\b", r"\bhired\b", r"\bachieved\b", r"\breached\b",
)  # fmt: skip
_SETTLED: Final = _any(
    r"화해", r"해결[됐됨했함]", r"풀[렸림]", r"구했", r"구함", r"찾았", r"걱정\s?(?:끝|없|안)", r"끝(?=[났남]|\W|$)", r"그만(?=\W|$)",
    r"\bmade\s+up\b(?!\s+my)", r"\bsorted\b", r"\bresolved\b", r"\bworked\s+(?:it\s+)?out\b", r"\bfigured\b.*\bout\b",
    r"\bfound\s+(?:a|an|one)\b", r"\bis\s+over\b", r"'s\s+over\b",
    DECIDED.pattern,
)  # fmt: skip
_DIED: Final = _any(
    r"무지개\s?다리", r"죽었", r"죽음(?=\W|$)", r"세상을?\s?떠[났남]", r"떠나\s?보냈", r"하늘나라",
    r"\bpassed\s+away\b", r"\bdied\b", r"\bput\s+(?:him|her|it)\s+(?:down|to\s+sleep)\b", r"\brainbow\s+bridge\b",
)  # fmt: skip

SIGNS: Final = (
    Sign(_BROKE_UP, frozenset({"연인"}), "헤어짐", "broke up with", _BROKE_UP, frozenset({"연인"}), own=True,
         apart=_any(r"작년에\s?헤어진", r"헤어진\s?(?:사람|애|전)")),
    Sign(_QUIT, _ACTS | _WORK | _SCHOOL | {"좋아하는 게임", "친구", "고민", "여행 계획"}, "그만둠", "quit", _QUIT_BARE, _WORK,
         own=True, spares=_any(r"금연|금주|끊기|끊은|\b(?:quit|stop|gave\s+up|no\s+more)"), apart=_any(r"(?:표|티켓|기차|차|비행기|전화)\S?\s?끊", r"머리")),
    Sign(_LEFT_SCHOOL, _SCHOOL, "그만둠", "dropped out of", _LEFT_SCHOOL, _SCHOOL, own=True),
    Sign(_NO_LONGER, _ACTS | _WORK | _SCHOOL | _TASTE | {"연인", "고민"}, "그만둠", "no longer", own=True),
    Sign(_HEALED, _ILL | {"고민"}, "나음", "got over", _any(r"나[았음]", r"완치", r"완쾌"), frozenset({"건강"}), own=True),
    Sign(_OFF, _PLAN | {"목표"}, "취소됨", "cancelled"),
    Sign(_MOVED, _PLAN | _ACTS | _WORK | _SCHOOL | {"전공", "연인"}, again=True),
    Sign(_DONE, _PLAN | {"보는 것", "상태"}, "끝남", "finished", _WENT, _PLAN,
         lasting=_FOR_GOOD, for_good=_WORK | {"배우는 것", "운동"}, own=True, due=True),
    Sign(_PASSED, _PLAN | {"목표", "고민", "배우는 것", "꿈"}, "합격", "passed",
         _any(r"합격", r"붙", r"got\s+(?:it|the)", r"hired"), frozenset({"고민"}),
         _any(r"취업|취준|백수|구직|\b(?:unemployed|jobless|job)\b"), own=True, due=True),
    Sign(_SETTLED, frozenset({"고민"}), "해결됨", "settled", DECIDED, frozenset({"고민"}), UNDECIDED),
    Sign(_DIED, frozenset({"반려동물", "반려동물 이름"}), "떠나보냄", "lost", own=True),
)  # fmt: skip

_PEOPLE_KO: Final = (
    r"친구|동생|언니|오빠|형|누나|엄마|아빠|어머니|아버지|부모님|할머니|할아버지|아들|딸|사촌|이모|삼촌|고모|선배|후배|팀장|상사|사장|룸메"
    r"|동기|동료|이웃|옆집|윗집|남편|아내|와이프|걔|쟤"
)
_PEOPLE_EN: Final = (
    r"brother|sister|mom|mum|dad|father|mother|friend|cousin|roommate|flatmate|boss|coworker|colleague|neighbou?r"
    r"|son|daughter|uncle|aunt|wife|husband|kid|nephew|niece"
)
OTHERS: Final = re.compile(
    rf"(?:^|\s)(?:내\s|우리\s|제\s)?({_PEOPLE_KO})(?:님|네)?(?:이|가|은|는|도|께서)?\s(?!.*(?:나는|내가|나도|제가)\s)"
    rf"|\b(?:my|his|her|their|our|a)\s(?:\w+\s)?({_PEOPLE_EN})\b(?:'s)?(?!\s+and\s+i\b)|(?:^|\W)(he|she|they)\s",
    re.IGNORECASE,
)

KIN: Final = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"깁스|골절|부러[졌짐]|인대|접질|삐끗|\b(?:cast|fractur\w+|broken|sprain\w*)\b",
        r"(?<![가-힣])(?:방|집|자취방|원룸)(?![가-힣]{2})|월세|전세|보증금|\b(?:rent|flat|apartment|place|room)\b",
        r"취업|취준|일자리|백수|구직|\b(?:unemployed|jobless|job|hired)\b",
        r"군인|군대|군복무|전역|제대|말년|\b(?:army|military|navy|discharged)\b",
        r"입원|퇴원|\bhospital\b",
        r"합격|시험|자격증|면접\s?결과|결과|\b(?:exam|test|results?|license|licence)\b",
        r"담배|금연|흡연|\b(?:smok\w+|cigarettes?|cigs?)\b",
        r"술(?![가-힣])|금주|맥주|소주|\b(?:drink\w*|booze|pint|beer|wine|sober)\b",
        r"채식|비건|고기|\b(?:vegan|vegetarian|meat|fish)\b",
        r"싸[웠움워]|다[퉜툼]|냉전|화해|\b(?:fight|fought|argument|made\s+up)\b",
        r"회사|직장(?!인)|퇴사|\b(?:company|office)\b",
        r"대학|학교|\b(?:uni|university|college|school)\b",
        r"재택|출근",
    )
)  # fmt: skip
GIVEN_UP: Final = re.compile(
    r"끊|금연|금주|안\s?(?:먹|마시|피)|채식|비건|다이어트|\b(?:off|gave\s+up|quit|sober|no\s+more|vegan|vegetarian|dry)\b", re.IGNORECASE
)
DOES_IT: Final = re.compile(
    r"(?:피웠|폈|피움|마셨|마심|먹었|먹음|한\s?(?:잔|대|개비))|\b(?:first\s+(?:pint|drink|beer|cig\w*|one)|smoked|drank|had\s+an?|ate|eat)\b",
    re.IGNORECASE,
)
LIGHT: Final = re.compile(
    r"(?:[월화수목금토일]{1,3}|\S*(?:요일|욜)(?:날)?|아침|점심|저녁|새벽|오전|오후|밤|낮|매일|매주|오늘|내일|어제|모레|다음|이번|주말|주|달"
    r"|요즘|이제|이젠|드디어|결국|그냥|진짜|너무|완전|다시|나|난|내|내가|나는|나도|저|제가|제|우리|그|이|저는|거|것|건|게|중|일|때|하나|있음|없음|함"
    r"|하기|하는|했어|했다|준비|시작|다님|다니기|배우기|키움|가기|가는|좋아함|공부|살|첫|좀|더|막|또|안|못|근데|그리고|그래서|아|어|야|응|하는데|번째"
    r"|이사|같이|혼자|사람|최근|아직|지금|시간|분|년|년째|월|개월|시|명|마리|살|두|세|한|번|마다|이틀|하루|사흘|남음|끝|끝남|싶음|걱정|문제"
    r"|the|and|for|with|from|that|this|was|has|had|have|been|just|got|get|getting|going|now|very|really|finally|today|tomorrow|yesterday|last|next"
    r"|week|month|year|day|days|night|morning|evening|monday|tuesday|wednesday|thursday|friday|saturday|sunday|who|not|are|its|it's|i'm|i've|the|her|his"
    r"|their|our|some|new|old|one|two|three|because|about|after|before|when|then|but|out|off|lol|btw|haha|time|anymore|any|more|think|know|job|work"
    r"|working|play|playing|plays|doing|made|make|way|all|back|here|there|up|over|done|too|also|yeah|doc|doctor|said|says|im|ive|like|likes)"
)
