"""The judge's first version: a person in crisis, or hurt by somebody, is recognised and told where help is.

Rules on phrases, Korean and English. Figures of speech ("배고파 죽겠다", "killing it") are common, so a
phrase counts only in forms that speak of oneself; everything else goes on to the conversation.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """What the judge decides; all but ANSWER are keys of :mod:`core.phrases`."""

    ANSWER = "answer"
    CRISIS = "crisis"
    VIOLENCE = "violence"


_CRISIS: Final = re.compile(
    r"""
    # wanting to die, saying so
    (?<!해서)(?<!파서)죽고\s*싶 | 죽어\s*버리고\s*싶 | 죽는\s*게\s*(나을|낫|편) | 죽었으면\s*(좋|해|싶) | 죽어야\s*(끝|해결|돼|되)
    | (^|[\s,.])(나|난|나는|저|내가|그냥|진짜|이제)?\s*죽을\s*(래|거야|거예요|게|생각)(?![가-힣]) | 내가\s*죽으면\s*(다|모두|다들|편|끝)
    | 자살\s*(하고|할|하는|해|생각|시도|충동|방법|하려) | 극단적\s*선택 | (안\s*아프게|고통\s*없이|편하게|쉽게)\s*죽 | 죽는\s*(방법|법)\b
    # not wanting to live
    | (?<!서\s)(?<!에서)(?<!에)살기\s*(가\s*)?싫 | 살고\s*싶지\s*않 | 그만\s*살고\s*싶 | 더는?\s*못\s*살겠(?!네\s*ㅋ)
    | 살\s*(이유|의미|가치|자신)(가|를|도|이)?\s*(없|모르) | 살아\s*(있을|갈)\s*(이유|의미|자신|힘|용기)(가|를|도|이)?\s*(없|모르)
    | 사라지고\s*싶 | 사라져\s*버리고\s*싶 | 없어지고\s*싶 | 없어져\s*버리고\s*싶 | 태어나지\s*말 | 안\s*태어났으면 | (내일|아침)이\s*안\s*왔으면
    | (나|내가)\s*(하나\s*)?(없어도|없으면|사라져도|사라지면|없어져도|없어지면|죽어도)\s*(다들|아무도|세상|괜찮|모두|다\b)
    | 눈\s*(을\s*)?(안|못)\s*(떴으면|뜨면\s*좋) | 안\s*깼으면\s*좋
    | (삶|인생|생|목숨|나|내\s*삶)\s*(을\s*)?(끝내|마감|끊) | (그냥|진짜|이제|다)\s*(다\s*)?끝내\s*(고\s*싶|버리)(?!.*(숙제|과제|일|시험|청소|업무))
    | 세상\s*(을\s*)?(떠나|등지)고\s*싶 
    | (^|이제\s+|그냥\s+|진짜\s+|[요다어아지][,.~!]*\s+)(다|모두|전부)\s*놓(아\s*버리)?고\s*싶
    # means and leave-taking
    | 뛰어내리고\s*싶 | 뛰어내릴(까|래|거) | 목\s*(을\s*)?(매고|맬|매달) | (손목|팔|허벅지)\s*(을|를)?\s*(그었|긋|그을|그어) | 자해
    | 유서(를)?\s*(썼|쓰|써) | 번개탄 | 수면제\s*(를\s*)?(다|한\s*(통|움큼)|많이|모아)
    | 약\s*(을\s*)?((한꺼번에|여러\s*알|많이)\s*)+(먹으면|먹었|삼키|털어) | 지금\s*(다리|난간)\s*위 | 지금\s*옥상(이야|에|위) | 마지막\s*인사\s*하러
    | \b(no\s*(body|one)|noone)\s+(would|will|'d)\s+(notice|care|miss\s+me)\s+if\s+i\s+(was|were|died|disappear|vanish|am\s+gone|wasn)
    | \bpoint\s+(of|in)\s+living\b | \bhow\s+many\s+pills\b | \bpills\s+in\s+my\s+hand\b | \bgoodbye\s+(forever|letters?|note)\b
    | \bwants?\s+to\s+die\b | \b(kill|killing|hang|cut|cutting|hurt|hurting|slit|slitting)\s+(myself|my\s+self|my\s+wrists?)\b
    | \b(i|i['’]?m|am|feel(ing)?|thoughts?\s+of|attempt(ed)?|commit(ting)?)\b[^.]{0,20}\bsuicid(e|al)\b
    | \bsuicide\s+is\s+(all|the\s+only|on\s+my\s+mind) | \bsuicidal\s+(thoughts?|again|tonight|right)\b | \bcommit\s+suicide\b | \bkms\b
    | \bend(ing)?\s+(my|it)\s+(life|all)\b | \b(want|going|ready)\s+to\s+end\s+it\b | \btake\s+my\s+(own\s+)?life\b
    | \b(want|wanna|going|ready|wish\s+i\s+(could|was|were))\s+(to\s+)?(just\s+)?(be\s+)?(die|dead|not\s+exist|disappear\s+forever)\b
    | \bwish\s+i\s+(was|were)n['’]?t\s+(alive|born)\b | \bjump\s+off\s+(a|the|this)\s+(bridge|roof|building)\b
    | \bon\s+(a|the|this)\s+(bridge|roof|ledge)\b.*\bjump\b | \bdone\s+with\s+(my\s+)?life\b | \bover\s+for\s+good\b
    | \blife\s*(is|isn['’]?t|is\s+not)\s+(not\s+)?worth\s+living\b | \bnot\s+worth\s+living\b
    | \bdon['’]?t\s+(want|wanna)\s+(to\s+)?(live(?!\s+(in|at|with|near|there|here|on|alone))|be\s+alive|exist)\b
    | \bdon['’]?t\s+(want|wanna)\s+(to\s+)?wake\s+up\s*(anymore|any\s+more|again\s*$|ever|tomorrow\s*[.!]*$|[.!]|$)
    | \bno\s+reason\s+to\s+live\b | \bbetter\s+off\s+(dead|without\s+me)\b | \bself[-\s]?harm | \boverdos(e|ing)\b
    | \bcan['’]?t\s+go\s+on\s+(living|anymore)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_VIOLENCE: Final = re.compile(
    r"""
    (아빠|엄마|아버지|어머니|부모님?|남편|아내|와이프|남친|남자\s?친구|여친|여자\s?친구|애인|새아빠|의붓\S*|삼촌|오빠|코치|선생님?|선배|상사)
        (가|이|는|은|께서)?\s+([^.?!]{0,14}\s)?(나|날|저|나를|저를)(를|한테)?\s*([^.?!]{0,8}\s)?(때려|때렸|때리|패[요서]|팼|폭행|성추행|성폭행|목을\s*졸)
    | (아빠|엄마|아버지|어머니|부모님?|남편|남친|남자\s?친구|애인|새아빠|의붓\S*|선배|상사)(한테|에게)\s+(매일|자꾸|또|계속|많이|심하게|어제|오늘|맨날)?\s*(맞았|맞고|맞아요?(?![가-힣]))
    | (아빠|엄마|아버지|어머니|남편|남친|새아빠|의붓\S*)(가|이|는|은)?\s+(또|매일|맨날|자꾸|술만?\s*(마시면|먹으면))\s+(때려|때렸|때리|패[요서]|팼)
    | (성폭행|성추행|가정\s?폭력|데이트\s?폭력)(을|를)?\s*(당했|당하고|당해|겪)
    | \b(dad|daddy|father|mom|mum|mother|parents?|step\s?-?(dad|father|mom|mother)|boyfriend|bf|girlfriend|husband|wife|partner|uncle|coach|brother)
        \b[^.?!]{0,20}?\b(hits?|beats?|punch(es|ed)|chok(es|ed)|slaps?|kicks?|abus(es|ed)|molest(s|ed)|rap(es|ed))\s+me\b(?!\s+(up\s+)?(at|in|to|with)\b)
    | \b(i\s+was|i['’]?ve\s+been|i\s+got|being|get(ting)?)\s+(raped|molested|sexually\s+assaulted|beaten\s+by\s+my)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FIGURE: Final = re.compile(
    r"자살골|자살각|자살률|(숙제|과제|일|시험|청소|업무)[^.!?]{0,12}끝내(고\s*싶|버리)"
    r"|(배고파|웃겨|더워|추워|귀여워|심심해|피곤해|졸려|좋아|맛있어|보고\s*싶어|궁금해)\s*서?\s*죽"
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
    return Verdict.VIOLENCE if _VIOLENCE.search(text) else Verdict.ANSWER
