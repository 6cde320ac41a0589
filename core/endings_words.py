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
    message tells anew. ``apart`` are words of the clause beside which nothing is over, ``beside`` those of the message;
    ``kin`` names groups of :data:`KIN`. ``ko`` and ``en`` say it in a note.
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
    beside: re.Pattern[str] | None = None
    kin: tuple[str, ...] = ()


def _any(*forms: str) -> re.Pattern[str]:
    return re.compile("|".join(forms), re.IGNORECASE)


UNDECIDED: Final = _any(
    r"고민|모르겠|갈까|할까|말까|할지|갈지|결정|undecided|whether|torn|not\s+sure|or\s+not"
)
DECIDED: Final = _any(
    r"정했", r"결정[했함됐]", r"마음\S{0,2}\s?(?:먹|정|굳)", r"\bdecided\b", r"\bmade\s+up\s+my\s+mind\b",
    r"\bi\s+(?:finally\s+)?(?:told\s+.{1,20}\s|said\s+)(?:no|yes)\b",
)  # fmt: skip
_END_EN: Final = r"(?:\W{0,5}(?:btw|lol|lmao|haha|rn|today|yesterday|again|last\s\w{1,10}|for\s+good|finally|now))?[\Wㅋㅎㅠㅜ]{0,9}$"
_BROKE_UP: Final = _any(
    r"헤어[졌짐](?!던)", r"이혼[했함]", r"결별", r"차였", r"차임(?=\W|$)", r"갈라[섰섬]",
    r"\b(?:broke|split|broken)\s+up\b", r"\bdivorced\b", r"\bdumped\b", r"\bseparated\b",
)  # fmt: skip
_PARTED: Final = _any(  # "goodbye", after an evening, and what else breaks up
    r"작년에\s?헤어진", r"헤어진\s?(?:사람|애|전)", r"먹고|놀고|마시고|보고\s|에서\s|\d\s?시|[한두세네열]\s?시에|일찍|늦게|(?<![가-힣])집|막차|(?<!자)(?<!자\s)친구",
    rf"\b(?:broke|split|broken)\s+up\b(?!\s+with\b|{_END_EN})|\bdumped\b(?!\s+(?:me|him|her|them)\b|\s+\w+{_END_EN}|{_END_EN})",
    r"\b(?:call|phone|signal|line|connection|audio|the|trash|pizza|bill|(?<!last )night|home|early|o'clock)\b",
)  # fmt: skip
_PARTED_BARE: Final = _any(
    r"(?:남친|여친|연인|애인|남자\s?친구|여자\s?친구|남편|아내|와이프).*(?:헤어[졌짐]|결별|차였|차임|갈라[섰섬])",
    r"(?:헤어[졌짐]|결별|차였|차임|갈라[섰섬])\S{0,5}[\s\Wㅋㅎㅠㅜ]*$", r"이혼[했함]",
    rf"\b(?:broke|split|broken)\s+up\b(?=\s+with\s+(?:my|him|her)\b|{_END_EN})", r"\bdivorced\b",
    rf"\bdumped\s+(?:me|him|her)\b|\bdumped\b(?={_END_EN})", r"\bseparated\b",
)  # fmt: skip
_FIRED: Final = r"\b(?:fired|laid)\s+me\b|\b(?:got|was|been|am|i'm|im)\s+(?:just\s+)?(?:fired|laid\s+off)\b|^\W*(?:fired|laid\s+off)\b"
_QUIT: Final = _any(
    r"그만[뒀둠둔]", r"그만두(?=[었기렵련])", r"관[뒀둠둔]", r"관두(?=[었기고렵련])", r"때려\s?[쳤침]",
    r"때려\s?치[우웠]", r"접(?=[었음])", r"포기[했함]", r"퇴[사직](?=[했함]|\W|$|하고)(?!\s?(?:축하|파티|선물|회식|준비|생각|고민|짤|썰))",
    r"잘(?=[렸림])\S", r"짤[렸림]", r"자퇴", r"휴학", r"중퇴", r"탈퇴", r"졸업[했함]", r"전역[했함]?", r"제대[했함]", r"은퇴[했함]",
    r"\b(?:quit|quitting|resigned|retired|dropped\s+out)\b", r"\b(?:gave|given)\s+up\b(?!\s+(?:my|our|the|a)\s+(?:\w+\s)?(?:seat|spot|place|turn|ticket|bed))", r"\bstopped\s+(?=\w+ing\b|the\b|my\b)",
    r"\b(?:fired|laid\s+off|let\s+me\s+go|laid\s+me\s+off)\b",
    r"\bdropped\s+(?=my\b|the\b)", r"\bgraduated\b", r"\bdischarged\b",
)  # fmt: skip
_QUIT_BARE: Final = _any(
    r"퇴사",
    r"퇴직",
    r"(?:^|나|저|결국|어제|오늘|에서)\s?[잘짤][렸림]",
    _FIRED,
    r"let\s+me\s+go",
)
_NOT_QUIT: Final = _any(  # hair is cut off, and a picture
    r"(?:머리|손톱|손가락|사진|화면|영상|전화|나무|꼬리)\S{0,2}\s?(?:좀\s|다\s|확\s|너무\s|잘못\s)?[잘짤][렸림]",
    rf"^(?!.*(?:{_FIRED})).*\b(?:fired|laid\s+off)\b",
)
_DELETED: Final = _any(r"삭제[했함]", r"지웠", r"지움", r"\b(?:deleted|uninstalled)\b")
_REFUNDED: Final = _any(r"환불")
_SOLD: Final = _any(r"팔았", r"처분", r"\bsold\b")
_NOT_IT: Final = _any(
    r"영상|사진|복\s|신발|가방|옷|티켓|표\s|바꾸|바꿔|새\s?(?:거|걸|것)|더\s?좋은|\b(?:new|buy|another|better|upgrade\w*)\b"
)
_NOT_NOW: Final = _any(
    r"배부|배불|졸려|잘래|(?<![가-힣])오늘(?!부터|로)|지금은|먹겠|배\s?터",
    r"\b(?:full|stuffed|waiting|wait|today|tonight|right\s+now|sleepy)\b",
)
_NO_MORE_OF: Final = _any(
    r"끊(?=[었음긴]|은\s?지|기로\s?[했함])"
)  # of lessons, it may say that one signed up
_CUT_OFF: Final = _any(r"손절", r"절교", r"연락\s?끊", r"\bfell\s+out\b", r"\bnot\s+friends\s+any\s?more\b")
_LEFT_SCHOOL: Final = _any(r"자퇴", r"중퇴", r"dropped\s+out")
_NO_LONGER: Final = _any(
    r"(?:이제|이젠|더\s?이상|인제|요샌)(?:는|은)?\s(?:\S{1,20}\s){0,3}?(?:(?:안|못)\s?[가-힣]|\S{0,20}지\s?않|별로|싫)",
    r"(?:이제|이젠|더\s?이상|인제)\s?(?:안|못)\s?[가-힣]", r"질렸", r"질림", r"싫어[졌짐]", r"정\s?떨어",
    r"(?:\bnot|n't|\b(?:dont|cant|never))\s.{0,40}\bany\s?more\b", r"\bno\s+longer\b", r"\bsick\s+of\b", r"\bgone\s+off\b", r"\bwent\s+off\b",
)  # fmt: skip
GONE: Final = _any(  # an allergy that there is no more
    r"(?:알레르기|알러지)\S{0,2}\s(?:(?:이제|다|더\s?이상|전혀)\s)*(?:없[어다음네]|없대|사라[졌짐]|나[았음])",
    r"(?:\bnot|n't|\bno\s+longer)\s+(?:\w+\s)?allergic\b", r"\bno\s+(?:\w+\s)?allerg(?:y|ies)\b", r"\ballergy\s+is\s+gone\b",
)  # fmt: skip
_HEALED: Final = _any(
    r"나[았음](?=\W|[어다네지대습는던]|$)", r"완치", r"완쾌", r"회복[했함됐됨]", r"퇴원", r"(?:이제|하나도)\s?안\s?아[파프픔]",
    r"(?:깁스|붕대|실밥|보조기|반깁스)\S?\s?(?:다\s?)?(?:풀|푼|풂|뺐|뺌|제거)", r"괜찮아[졌짐]", r"가라앉", r"멀쩡해[졌짐]",
    r"\b(?:healed|cured|recovered)\b", r"\b(?:all|much)\s+better\b", r"\bbetter\s+now\b", r"\b(?:is|are)\s+(?:finally\s+)?gone\b",
    r"\bwent\s+away\b", r"\bcast\s+(?:is|came)\s+off\b", r"\bout\s+of\s+(?:the\s+)?hospital\b", r"\bgot\s+over\b",
)  # fmt: skip
_WELL: Final = _any(r"완치", r"완쾌", r"다\s?나[았음](?=\W|[어다네지대]|$)", r"\b(?:healed|cured)\b")
_OFF: Final = _any(
    r"취소(?!\S{0,3}다가)", r"파토", r"파투", r"엎어[졌짐]", r"무산", r"없던\s?(?:일|걸)", r"물\s?건너", r"나가리", r"쫑[났남]",
    r"못\s?(?:가|하)게\s?(?:됐|됨|생)", r"안\s?(?:가|하)기로", r"\bcancell?ed\b", r"\bcall(?:ed|ing)\b.{0,30}\boff\b",
    r"\bcalled\s+off\b", r"\bfell\s+through\b", r"\b(?:is|are|was)\s+off\b", r"\bnot\s+happening\b",
    r"\bnot\s+going\b.{0,80}\bany\s?more\b", r"\bscrapped\b", r"\brained\s+out\b",
)  # fmt: skip
_MOVED: Final = _any(
    r"밀[렸림려]", r"미[뤘룸뤄]", r"연기[됐됨했함돼되]", r"옮[겼김기]", r"바[꿨뀌뀜꿈뀐]", r"바꾸기로", r"변경", r"당[겼김]",
    r"앞당", r"늦[춰췄]", r"날\s?잡", r"갈아[탔탐]", r"아니라|말고",
    r"\b(?:moved|moving|pushed|postponed|rescheduled|delayed|bumped|swapped|switched|changed)\b", r"\bput\s+off\b",
    r"\bbrought\s+forward\b", r"\binstead\b", r"\bturns\s+out\b",
)  # fmt: skip
_DONE: Final = _any(
    r"끝(?=[났남난냈냄]|나고|\W|$|이[다야]|내고)\S?", r"마[쳤침](?!하)", r"마무리", r"완료", r"종강", r"종료", r"다\s?(?:봤|읽었|끝|했)",
    r"(?:다녀|갔다|보고)\s?[왔옴온]", r"도착", r"(?<![가-힣])왔[어다네]", r"첫날", r"했다(?=\W|$)", r"잘\s?(?:끝|봤|했)", r"까지만",
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
    r"(?<!불)합격", r"(?:나|드디어|결국|다)\s?붙(?:었|음)", r"통과[했함]", r"땄", r"땀(?=\W|$)", r"취득", r"성공[했함]", r"이뤘", r"이룸",
    r"달성", r"\bpassed\b(?!\s+(?:away|out|by))", r"\bgot\s+in(?:to)?\b", r"\bgot\s+(?:it|the\s+(?:job|part|spot))\b",
    r"\baced\b", r"\bnailed\b", r"\baccepted\b", r"\b(?:got|been|am|i'm)\s+hired\b", r"\bhired\s+me\b", r"\bachieved\b", r"\breached\b",
)  # fmt: skip
_SETTLED: Final = _any(
    r"(?<!전)화해", r"해결[됐됨했함]", r"풀[렸림]", r"구했", r"구함", r"찾았", r"걱정\s?(?:끝|없|안)", r"끝(?=[났남]|\W|$)", r"그만(?=\W|$)",
    r"\bmade\s+up\b(?!\s+my)", r"\bsorted\b", r"\bresolved\b", r"\bworked\s+(?:it\s+)?out\b", r"\bfigured\b.{0,80}\bout\b",
    r"\bfound\s+(?:a|an|one)\b", r"\bis\s+over\b", r"'s\s+over\b",
    DECIDED.pattern,
)  # fmt: skip
_DIED: Final = _any(
    r"무지개\s?다리", r"죽었", r"죽음(?=\W|$)", r"세상을?\s?떠[났남]", r"떠나\s?보냈", r"하늘나라",
    r"\bpassed\s+away\b", r"\bdied\b", r"\bput\s+(?:him|her|it)\s+(?:down|to\s+sleep)\b", r"\brainbow\s+bridge\b",
)  # fmt: skip

_FEEDS: Final = ("smoke", "drink", "diet")
_KEPT: Final = _any(r"금연|금주|끊|관둠|그만|\b(?:quit|stop|gave\s+up|no\s+more)")
SIGNS: Final = (
    Sign(_BROKE_UP, frozenset({"연인"}), "헤어짐", "broke up with", _PARTED_BARE, frozenset({"연인"}), own=True,
         apart=_PARTED),
    Sign(_QUIT, _ACTS | _WORK | _SCHOOL | {"좋아하는 게임", "고민", "여행 계획"}, "그만둠", "quit", _QUIT_BARE, _WORK,
         own=True, spares=_KEPT, apart=_NOT_QUIT, kin=("army", "office", "school", *_FEEDS)),
    Sign(_DELETED, frozenset({"좋아하는 게임"}), "삭제", "deleted", own=True, apart=_NOT_IT),
    Sign(_REFUNDED, frozenset({"운동", "배우는 것"}), "환불", "refunded", own=True, beside=_NOT_IT),
    Sign(_SOLD, frozenset({"악기"}), "처분", "sold", own=True, beside=_NOT_IT),
    Sign(_NO_MORE_OF, frozenset({"취미", "상태", "고민", "좋아하는 게임", "좋아하는 것"}), "끊음", "quit", own=True,
         spares=_KEPT, kin=_FEEDS, apart=_any(r"(?:표|티켓|기차|차|비행기|전화)\S?\s?끊")),
    Sign(_CUT_OFF, frozenset({"친구"}), "연락 끊음", "fell out with", own=True,
         apart=_any(r"(?:손절|절교|끊었)\S{0,2}대(?=\W|$)", r"(?<!\S)(?!내가|제가)[가-힣]{2,20}(?:이|가)\s")),
    Sign(_LEFT_SCHOOL, _SCHOOL, "그만둠", "dropped out of", _LEFT_SCHOOL, _SCHOOL, own=True),
    Sign(_NO_LONGER, _ACTS | _WORK | _SCHOOL | _TASTE | {"연인"}, "이젠 아님", "no longer", own=True, kin=_FEEDS,
         beside=_NOT_NOW),
    Sign(GONE, frozenset({"알레르기"}), "알레르기 없어짐", "no longer allergic to", own=True),
    Sign(_HEALED, _ILL | {"고민"}, "나음", "got over", _any(r"나[았음]", r"완치", r"완쾌"), frozenset({"건강"}), own=True,
         apart=_any(r"(?:보다\s?(?:더\s?|훨씬\s?|좀\s?)?|좀\s?|조금\s?|약간\s?)나[았음]", r"\b(?:bit|little|than)\b"),
         kin=("bones", "hospital")),
    Sign(_WELL, frozenset({"최근 일"}), "나음", "healed", own=True),  # an injury that was told as news
    Sign(_OFF, _PLAN | {"목표"}, "취소됨", "cancelled"),
    Sign(_MOVED, _PLAN | _ACTS | _WORK | _SCHOOL | {"전공", "연인"}, again=True),
    Sign(_DONE, _PLAN | {"보는 것", "상태"}, "끝남", "finished", _WENT, _PLAN,
         spares=_KEPT, lasting=_FOR_GOOD, for_good=_WORK | {"배우는 것", "운동"}, own=True, due=True, kin=("remote",)),
    Sign(_PASSED, _PLAN | {"목표", "고민", "배우는 것", "꿈"}, "합격", "passed",
         _any(r"합격", r"붙", r"got\s+(?:it|the)", r"hired"), frozenset({"고민"}),
         _any(r"취업|취준|백수|구직|\b(?:unemployed|jobless|job)\b"), own=True, due=True, kin=("hunt", "exam")),
    Sign(_SETTLED, frozenset({"고민"}), "해결됨", "settled", DECIDED, frozenset({"고민"}), UNDECIDED,
         kin=("home", "hunt", "fight")),
    Sign(_DIED, frozenset({"반려동물", "반려동물 이름"}), "떠나보냄", "lost", own=True,
         apart=_any(r"웃[겨기긴]|귀여|귀엽|심장|게임|배터리|영화|드라마|만화|소설|꿈에",
                    r"\b(?:laugh\w*|cute\w*|game|minecraft|sims|phone|battery|movie|show|book|dream)\b")),
)  # fmt: skip


def _kin(value: str, text: str = "") -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(value, re.IGNORECASE), re.compile(text or value, re.IGNORECASE)


KIN: Final = {  # words of a fact, and those of a message that mean it without naming it
    "bones": _kin(r"깁스|골절|부러[졌짐]|인대|접질|삐끗|\b(?:cast|fractur\w+|broken|sprain\w*)\b"),
    "home": _kin(
        r"(?<![가-힣])(?:방|집|자취방|원룸)(?![가-힣]{2})|월세|전세|보증금|\b(?:rent|flat|apartment|place|room)\b",
        r"(?:방|집|원룸)\S?\s(?:구했|구함|찾았|계약)|\b(?:found|got|signed)\b.{0,80}\b(?:flat|apartment|place|room)\b",
    ),
    "hunt": _kin(
        r"취업|취준|일자리|백수|구직|\b(?:unemployed|jobless|job)\b",
        r"취업|취직|일자리|\b(?:got|found)\s+(?:a|the)\s+(?:\w+\s)?job\b|\bhired\b",
    ),
    "army": _kin(r"군인|군대|군복무|전역|제대|말년|\b(?:army|military|navy|discharged)\b"),
    "hospital": _kin(r"입원|퇴원|\bhospital\b"),
    "exam": _kin(r"시험|결과|\b(?:exam|test|results?)\b", r"(?<!서류 )(?<!서류)합격|시험|결과|\b(?:exam|test|results?)\b"),
    "smoke": _kin(r"담배|금연|흡연|\b(?:smok\w+|cigarettes?|cigs?)\b"),
    "drink": _kin(r"술(?![가-힣])|금주|맥주|소주|\b(?:drink\w*|booze|pint|beer|wine|sober)\b"),
    "diet": _kin(r"채식|비건|고기|\b(?:vegan|vegetarian|meat|fish)\b"),
    "fight": _kin(r"싸[웠움워]|다[퉜툼]|냉전|(?<!전)화해|\b(?:fight|fought|argument|made\s+up)\b"),
    "office": _kin(r"회사|직장(?!인)|퇴사|\b(?:company|office)\b"),
    "school": _kin(r"대학|학교|\b(?:uni|university|college|school)\b"),
    "remote": _kin(r"재택|출근"),
}  # fmt: skip
GIVEN_UP: Final = re.compile(
    r"끊|금연|금주|안\s?(?:먹|마시|피)|채식|비건|다이어트|\b(?:off|gave\s+up|quit|sober|no\s+more|vegan|vegetarian|dry)\b",
    re.IGNORECASE,
)
DOES_IT: Final = re.compile(
    r"(?:피웠|폈|피움|마셨|마심|먹었|먹음)|\b(?:first\s+(?:pint|drink|beer|cig\w*|one)|smoked|drank|had\s+an?|ate|eat)\b",
    re.IGNORECASE,
)
CORRECTED: Final = re.compile(
    r"(?P<ko>[가-힣A-Za-z0-9]{1,20}?)(?:이|가|은|는)?\s?(?:아니라(?!니)|아니고(?!\s?뭐)|아니었|아닌|아님|(?P<but>말고))(?=\W|[어네다는가고]|$)"
    r"|(?:\bnot|n't)\s+(?:(?:a|an|the|in|at|from|on|my|called)\s+)?(?P<en>[a-z']{1,30})|\binstead\s+of\s+(?:a\s+|the\s+)?(?P<of>[a-z']{1,30})"
    r"|\b(?P<fine>[a-z']{1,30})\s+(?:is|was)\s+fine\s+actually|\bfrom\s+(?P<was>[a-z']+)\s+to\b",
    re.IGNORECASE,
)
INSTEAD: Final = re.compile(  # one thing for another, and nothing else said
    r"(?:^|[\s,.!])(?P<wrong>[가-힣A-Za-z0-9]{1,12}?)(?:이|가|은|는)?\s?(?:말고|아니라|아니고|아니야|아니에요)[,.!]?\s+(?:그냥\s|사실\s)?(?P<right>[가-힣A-Za-z0-9]{1,12}?)(?:이라고|라고|이에요|예요|이요|입니다|임|이야|야|이다|인데|이거든|거든)?[\s.!~ㅋㅎㅠㅜ]*$"
    r"|^\W*(?:(?:oh|no|nope|actually|sorry|wait|i\s+mean(?:t)?)\b[,.!\s]*)+(?:(?:it's|it\s+is|i\s+said|i\s+meant?)\s+)?(?:an?\s+|the\s+|my\s+)?(?P<right_en>[a-z'-]+(?:\s[a-z'-]+)?)\s*,?\s+not\s+(?:an?\s+|the\s+|my\s+)?(?P<wrong_en>[a-z'-]+)[\s.!]*$"
    r"|^\W*(?:(?:oh|no|nope|actually|sorry|wait)\b[,.!\s]*)*not\s+(?:an?\s+|the\s+|my\s+)?(?P<wrong_of>[a-z'-]+),?\s+(?:but\s+|it's\s+)?(?:an?\s+|the\s+|my\s+)?(?P<right_of>[a-z'-]+)[\s.!]*$",
    re.IGNORECASE,
)
FOUND_OUT: Final = re.compile(
    r"(?:병원|의사|검사|진단|엑스레이)\S{0,20}\s.{0,200}(?:래|대|라고|결과|판정)|알고\s?보니|\b(?:diagnosed|turns\s+out|doc(?:tor)?\s+says?|x-?ray|scan)\b",
    re.IGNORECASE,
)
CHANGED: Final = re.compile(r"심해|악화|도[졌져]|나빠|한결|호전|\b(?:worse|flared)\b", re.IGNORECASE)
