"""Whether a clause of a message bears out what a model read from it.

A fact must stand in one clause that claims something of the person; its words must be the person's own, in forms
that may be told again; and the clause must speak of what the key is for.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from core.days import spoken_days
from core.endings_words import GONE
from core.facts import canonical, is_plan, liking
from core.korean import compose, letters, noun_forms
from core.language import script_of
from core.memory import is_grounded
from core.naming import words
from core.present import is_now
from core.retracting import retracted
from core.spanning import of_its_day, says_what, whole
from core.stating import Claim, claims, hearsay
from core.telling import trimmed
from core.whose import is_somebody, owned

_ILL: Final = (
    r"아[프파픔팠픈]|통증|디스크|[가-힣]염(?![가-힣])|[가-힣]염[이은도에]|감기|독감|열\s?[나이]|두통|치통|복통|생리통|배탈|설사|구토|토했|토함|체했|체함|기침|콧물|재채기|어지럽|어지러|멀미|쑤[시셔]|시큰|저[리려]|결[리려]|부[었음어]|붓"
    r"|다[쳤침쳐]|삐[었끗]|삔|접[질지]|부러[졌지짐]|골절|깁스|인대|금\s?갔|멍\s?들|찢|화상|데[었임]|상처|수술|입원|퇴원|치료|진단|혈압|당뇨|콜레스테롤|지방간|빈혈|천식|아토피|불면|잠이?\s?(?:안|못)|체력|[목손발팔]\S{0,3}\s?(?:다\s?)?[쉬쉰쉼트텄튼]|뭉[치쳤쳐]|뻐근|낫[질지]|나았|나음|가렵|두드러기|식은땀|병\b|암\b"
    r"|\b(?:sick|ill|hurts?|hurting|pain\w*|ache\w*|aching|\w+aches?|sprain\w*|broke(?:n)?|fractur\w+|fever|flu|cold|cough\w*|sneez\w+|diabet\w+|asthma|migraines?|cholesterol|blood\s+pressure|anemi\w+"
    r"|arthritis|insomnia|injur\w+|surgery|hospital|diagnosed|infect\w+|rash|nause\w+|dizzy|swollen|bruis\w+|stitches|cramps?|sore|twisted|pulled\s+a|torn|concussion|vomit\w*|threw\s+up|throwing\s+up|acting\s+up|can'?t\s+sleep)\b"
)
_MOOD: Final = (
    r"피곤|졸[리려림]|힘들|힘듦|지[쳤침친쳐]|외로|외롭|슬[프퍼픔펐]|행복|기[쁘뻐쁨뻤]|불안|우울|짜증|빡[치쳐침친]|화[나남났가]|설[레렘렜]|떨[려리림렸린]|긴장|심심|배고|고[프파픔팠]|무[서섭]|두려|걱정|답답|허전|속상|억울|서[러럽]|그립|그리워|보고\s?싶|후회|부끄|창피|신[나남났]|들[뜨떠뜸]|좋[다아음네]|뿌듯|감동|멍[하해함]|나른|귀찮|미치겠|죽겠|싫|무기력|번아웃|스트레스"
    r"|설렘|당황|황당|어이없|억울|취[했함]|금연|금주|끊|다이어트|백수|채식|비건|임신|야근|휴[학직가]|자유"
    r"|\b(?:tired|exhausted|sleepy|sad|happy|lonely|depressed|anxious|nervous|excited|bored|angry|mad|upset|stressed|scared|afraid|hungry|starving|thirsty|worried|frustrated|annoyed|proud|jealous|heartbroken|miss(?:ing)?"
    r"|hurt|homesick|guilty|overwhelmed|burn(?:t|ed)\s+out|numb|lost|hopeless|relieved|content|glad|grateful|embarrassed|ashamed|awake|drunk|hungover|hung\s+over|broke|unemployed|jobless|single|pregnant|vegan|vegetarian|sober|in\s+love|freaking\s+out|wiped|drained|dead\s+inside|confused|moody|grumpy|cold|freezing)\b"
)
_WEATHER: Final = (
    r"(?<![가-힣])(?:비|눈)(?![가-힣]{2})|비가|눈이|바람|맑|흐[리려림린]|[덥춥]|더[워웠]|추[워웠]|미세먼지|안개|태풍|장마|습[하해]|햇|소나기|우박|천둥|번개|폭염|한파|쌀쌀|선선|날씨|폭설|폭우|꽃샘|[가-힣]바람"
    r"|\b(?:rain\w*|snow\w*|sun\w*|wind\w*|cloud\w*|fog\w*|storm\w*|hot|cold|warm|freezing|humid|hail|thunder\w*|lightning|weather|drizzl\w+|chilly|muggy|heatwave|degrees|clear\s+sky|sky|frost\w*|blizzard|typhoon)\b"
)
_CUES: Final = {  # what a clause must speak of, by the Korean key
    "이름": r"(?<!\S)(?:내|제|나|난|나는|저|저는|전|절|날|나를)\s|이?라고\s?(?:해|합|불러|부르|함)|^\W*\S{2,5}\W*$|\b(?:my|i'?m|i\s+am|call\s+me)\b|^\W*name's",
    "나이": r"살|[0-9]세|나이|올해|만으로|만\s|학생|성인|\b(?:years?|old|age|turn\w*|i'?m|i\s+am)\b|^\W*\S+\W*$",
    "생일": r"생일|태어|\b(?:birthday|born|turning)\b",
    "사는 곳": r"살[아고지았거다]|사는|산다|자취|거주|이사|동네|접속|온\s?지|본가|기숙사|\b(?:liv\w+|moved|based)\b",
    "고향": r"고향|출신|태어|자[랐란]|\b(?:from|hometown|born|grew)\b",
    "직업": r"일[을한하해함했]|일이|일\s|한\s?지|알바|직업|근무|다[녀니]|출근|취업|(?:이에요|예요|입니다|이야|야|임|인데)\W*$|\b(?:work\w*|job|i'?m|i\s+am|as\s+an?)\b",
    "직장": r"일[을한하해함했]|알바|근무|다[녀니]|출근|취업|\b(?:work\w*|job|office)\b",
    "학교": r"다[녀니]|학교|학생|재학|입학|졸업|[대고중]\s|\b(?:go\s+to|school|university|college|uni|student|attend)\b",
    "전공": r"전공|[과부](?:\s|에|야|임|이|$|인데)|다[녀니]|공부|\b(?:major\w*|study\w*|studied|degree|student|sophomore|freshman|junior|senior|in)\b",
    "학년": r"학년|[초중고대]\s?[1-6일이삼]|학생|새내기|재수|수험|고딩|중딩|대딩|졸업|\b(?:grade|year|freshman|sophomore|junior|senior|student)\b",
    "MBTI": r".",
    "가족": r"가족|엄마|아빠|부모|어머니|아버지|언니|오빠|누나|형|동생|아들|딸|손[녀자]|할머니|할아버지|남편|아내|와이프|마누라|영감|애[가는]|아이|자매|형제|남매|외동|[첫둘셋]째|쌍둥이|조카|장모|장인|시[어댁]|며느리|사위|\b(?:family|mom|mum|dad|mother|father|parents?|brothers?|sisters?|siblings?|sons?|daughters?|kids?|child\w*|twins?|wife|husband|grand\w+|uncle|aunt|cousins?|niece|nephew|married|only\s+child)\b",
    "반려동물": r"키[워우웠움운]|강아지|고양이|냥|멍|댕댕|햄스터|토끼|앵무|거북|물고기|데려[왔옴]|입양|[가-힣]{2}(?:이야|시츄|푸들|말티즈)|시츄|푸들|말티즈|포메|\b(?:have|got|dogs?|cats?|pupp\w+|kitt\w+|hamsters?|rabbits?|pets?|adopt\w+|parrots?|turtles?|fish)\b",
    "반려동물 이름": r"이름|라고|불러|\b(?:name\w*|called)\b",
    "친구": r"친구|절친|단짝|베프|동기|룸메|\b(?:friends?|bestie|roommate|buddy|mate|bff)\b",
    "연인": r"남친|여친|남자\s?친구|여자\s?친구|애인|연애|사귀|사귐|썸|남편|아내|와이프|결혼|솔로|모솔|짝사랑|고백|헤어|\b(?:girlfriend|boyfriend|gf|bf|partner|wife|husband|dating|single|married|engaged|fianc\w+|crush|ex)\b",
    "취미": r"취미|좋[아다]|즐|자주|매일|맨날|주말|요즘|요새|하러|[치타그쓰읽찍짓만]|다[녀니]|하[는고거]|해|함|낙이|빠[졌짐져]|\b(?:hobby|love|like|enjoy|into|usually|often|always|every|started|do|play\w*|been)\b",
    "특기": r"잘|특기|자신|[년번]|\b(?:good\s+at|skill\w*|can|known\s+for)\b",
    "운동": r"운동|헬스|수영|요가|필라|축구|농구|야구|배드민턴|테니스|탁구|골프|등산|러닝|달리기|조깅|자전거|클라이밍|복싱|태권도|유도|검도|스키|보드|족구|피구|볼링|댄스|춤|발레|서핑|마라톤|헬창|pt|\b(?:gym|swim\w*|yoga|pilates|soccer|football|basketball|baseball|badminton|tennis|golf|hik\w+|run\w*|jog\w*|cycl\w+|bike|biking|climb\w+|boxing|taekwondo|judo|ski\w*|snowboard\w*|surf\w*|dance|marathon|volleyball|hockey|rugby|workout|sport\w*)\b",
    "악기": r"[쳐친치칠침]|연주|불[어고]|켜|배[워우]|악기|레슨|\b(?:play\w*|learn\w*|practic\w+|instrument)\b",
    "알레르기": r"알레르기|알러지|\ballerg\w+",
    "배우는 것": r"배[워우운움웠]|공부|학원|수업|교실|레슨|강의|시작|등록|연습|독학|따려|\b(?:learn\w*|study\w*|lessons?|class\w*|course|practic\w+|taking)\b",
    "보는 것": r"보[는고]|봐|봤|본다|정주행|빠[졌짐져]|\b(?:watch\w*|binge\w*|series|season|show|drama)\b",
    "여행 계획": r"여행|가[고요기려]|간다|갈|감|\s가\W*$|예약|비행기|잡[았혔힘]|\b(?:trip|travel\w*|going|go|visit\w*|fly\w*|flight|vacation|holiday|book\w*|off\s+to)\b",
    "목표": r"목표|올해|까지|되[고기려]|싶|할\s?거|따[기려]|준비|가고|합격|만들|\b(?:goal|aim|trying|going\s+to|want|plan\w*|by|target|test)\b",
    "꿈": r"꿈|되[고는기]|장래|\b(?:dream\w*|become|be\s+an?)\b",
    "건강": _ILL, "상태": _MOOD, "오늘 날씨": _WEATHER, "weather today": _WEATHER,
    "고민": r"고민|걱정|모르겠|안\s|안[맞돼되떨]|못[하해]?|싫|힘들|어려|어떡|없[어다음네]|자꾸|때문|무서|불안|스트레스|싸[웠움워]|떨어[졌짐지]|망[했함]|최악|\b(?:worr\w+|scared|afraid|anxious|nervous|stress\w*|problem|don'?t\s+know|can'?t|fail\w*|trouble|hard|afford|struggl\w+|stuck|debt|alone|lonely|fight\w*|fought|dread\w*)\b",
    "좋아하는 계절": r".", "좋아하는 색": r"색|좋|\b(?:colou?r|favou?rite|love|like)\b",
}  # fmt: skip
_LIKES: Final = r"좋|최고|최애|사랑|맛있|재[밌미]|빠[졌짐져]|인생|낙이|꿀|짱|반[했함]|덕질|팬|\b(?:love|like|likes|favou?rite|enjoy|adore|best|fan|into|obsessed|season|fave|delicious|craving)\b"
_HATES: Final = r"싫|극혐|질색|못\s?먹|안\s?먹|못\s?마|별로|혐오|노답|못하|무서|극도|\b(?:hate|can'?t\s+stand|dislike|don'?t\s+like|not\s+a\s+fan|awful|gross|disgust\w*|worst|never|can'?t|ugh)\b"
_PAST: Final = "".join(chr(code) for code in range(ord("가"), ord("힣") + 1) if (code - ord("가")) % 28 == 20)
_NOMINAL: Final = "".join(
    chr(code) for code in range(ord("가"), ord("힣") + 1) if (code - ord("가")) % 28 == 16
)
_EVENT: Final = re.compile(  # something happened
    rf"[{_PAST}](?:어|다|는데|거든|네|지|음|습니다|어요|더니|으니|고)|(?!(?:다음|처음|마음|사람|이름|그럼|아침|점심|기침|요즘|지금)(?![가-힣]))[가-힣]*[{_NOMINAL}](?=[\s.!~ㅋㅎㅠㅜ]|$)|끝|완료|성공|합격|탈락|\b(?:got|broke|won|lost|passed|failed|met|made|went|saw|fell|bought|found|quit|left"
    r"|started|finished|had|told|came|took|gave|did|was|were|been|said|aced|cancelled|canceled|over|done|new|first|back|just|\w{2,}ed)\b",
    re.IGNORECASE,
)
_STOPS_KO: Final = re.compile(  # a word that a value cannot end with
    r"(?:.*(?:는데|인데|거든|니까|려고|라고|다고|더라|더니|[하되나]며|지만|잖아|라서|[가-힣]서|[해어아]도|구나|나봐|면서|으면|에게|한테|까지도|보다|부터가|께|이라|때메|때문에|땜에)|나|난|너|내|한|할|하고|하는|안|못|뭐|좀|통|더|너무|다시|진짜|해|돼|이제|오늘|내일|어제|모레|다음|이번|담주|여전히|대신|반대로|만약|결국|그래서|그런데|근데|그래도?|.*[가-힣](?:한|같은|던|는)|.*(?:아요|어요|해요|네요|지요|나요|가요|세요|신대|[있한했갔왔된됐]대|수\s있)|수|일주일|이틀|하루|사흘|열흘|한\s?달|.*(?:아침|저녁|밤|때)에|.*기로)"
)
_PARTICLE: Final = re.compile(r"(?<=[가-힣]{2})(?:에서|으로|이랑|에|(?<![가노마])을|를|는)$")
_STOPS_EN: Final = re.compile(
    r"(?:she|he|they|you|it|we|who|what|that|there|says?|said|told|been|going|gonna|might|could|would|should|make|making|don'?t|isn'?t|anymore|over|thanks|please|yes|no|lol|booked|look|fair|they'?re|she'?s|he'?s)\b.*|.*\b(?:is|are|was|were|am|isn't|aren't|the|a|an|of|at|on|in|to|by|and|but|or|with|my|your|for|from|would|could|might|has|have|had)",
    re.IGNORECASE,
)
_ANY_DAY: Final = date(2000, 1, 1)
_OF_OTHERS: Final = frozenset(("가족", "친구", "연인", "반려동물", "반려동물 이름"))
_NUMBERS: Final = frozenset(("나이", "학년", "MBTI", "mbti", "생일"))
_OTHER_UNIT: Final = re.compile(
    r"\d+\s?(?:cm|kg|센치|키로|킬로|점|등급|등|층|분|시|원|만|%|도|km|번)|\d{3}", re.IGNORECASE
)


def is_plain(key: str) -> bool:
    """Whether a key is one that a clause bears out without doubt, if it does."""
    return canonical(key) in PLAIN or liking(key) != 0


def borne_out(key: str, value: str, message: str) -> str:
    """A value as a clause of the message bears it out, mended at its ends; "" where none does."""
    if is_plan(key) and not spoken_days(message, _ANY_DAY) and not _DATED.search(message):
        return ""
    for claim in claims(message):
        kept = _by_claim(key, value, claim)
        if kept and of_its_day(key, kept, message) and (kept := owned(key, kept, claim.text, message)):
            return kept
    return ""


def not_theirs(key: str, value: str, message: str) -> bool:
    """Whether what a fact says stands only where the message speaks of somebody else, or of what is gone."""
    gone = canonical(key) == "알레르기" and GONE.search(message)
    if gone or _PUT_RIGHT.search(value) or retracted(value, message):
        return True
    if canonical(key) in _OF_OTHERS or is_plan(key):
        return False
    there = [claim for claim in claims(message) if is_grounded(value, claim.text)]
    return bool(there) and all(claim.of for claim in there)


def _by_claim(key: str, value: str, claim: Claim) -> str:
    name, plan = canonical(key), is_plan(key)
    if claim.of and name not in _OF_OTHERS and not plan:
        return ""
    if hearsay(claim.text) and not plan and name != "건강":
        return ""
    if not _speaks_of(key, name, claim.text):
        return ""
    if name == "최근 일":
        value = _happening(value, claim.text)
    kept = _mended(value, claim.text) if name not in _NUMBERS else value.strip()
    if not kept or not _shaped(key, name, kept, claim.text) or not whole(name, kept, claim.text):
        return ""
    return kept if is_now(name, kept, claim.text) else ""


_DATED: Final = re.compile(
    r"다녀[왔옴온]|왔[어다음네]|갔[어다음]|남[았음]|예정|잡[혔힘았음]|예약|일정|약속|마감|이따|밤에|저녁에|점심에|아침에|주말|\b(?:booked|scheduled|appointment|due|deadline|tonight|later|soon|weekend|upcoming)\b",
    re.IGNORECASE,
)
_PREDICATE: Final = re.compile(rf"(?P<stem>[가-힣]*[{_PAST}])(?:어요?|다|는데|네요?|지|습니다|음|거든요?)$")
_NOUN_END: Final = re.compile(
    rf"(?!(?:다음|처음|마음|사람|이름|그럼|아침|점심|기침|요즘|지금|드럼|게임|모임|담임|웃음|감|봄|잠|힘|땀|밤|맘|꿈|몸|좀|참|점|쯤|처럼)$)[가-힣]*[{_NOMINAL}]"
)
_WITHOUT: Final = {"ㅘ": "ㅗ", "ㅝ": "ㅜ", "ㅕ": "ㅣ", "ㅙ": "ㅚ"}


def _happening(value: str, clause: str) -> str:
    """What a Korean clause tells as having happened, to its end, as a noun: "재현이랑 싸웠어" as "재현이랑 싸움"."""
    said = [word.strip(".,!?~…ㅋㅎㅠㅜ") for word in clause.split()]
    said = [word for word in said if word]
    first = value.split()[0] if value.split() else ""
    start = next((at for at, word in enumerate(said) if word.startswith(first)), None)
    if start is None or script_of(value) != "ko":
        return value
    for end in range(start, len(said)):
        if noun := _as_noun(said[end]):
            left = [
                word
                for word in said[start:end]
                if word not in ("나", "난", "내가", "저", "제가", "진짜", "오늘", "이제", "너무", "좀")
            ]
            return " ".join([*left[-4:], noun])
    return value


def _as_noun(word: str) -> str:
    """A Korean verb in the past as a noun, "" for another word."""
    match = _PREDICATE.fullmatch(word)
    if match is None:
        return word if _NOUN_END.fullmatch(word) else ""
    stem = match["stem"]
    if stem[-1] in "었았" and len(stem) > 1 and (ord(stem[-2]) - ord("가")) % 28:
        return stem[:-1] + "음"
    spelt = letters(stem[-1])
    vowel = "ㅏ" if stem[-1] == "했" else _WITHOUT.get(spelt[1], spelt[1])
    if stem[-1] in "었았":
        return ""
    return stem[:-1] + compose(spelt[0], vowel, "ㅁ")


_REST: Final = re.compile(  # what may follow a noun in its word
    r"(?:님|들)?(?:(?:이에요|예요|이예요|에요|이요|입니다|임다|임|이야|야|이다|다|이지|지|이거든|거든|인데요?|이고|고|이라서|라서|이라|라|이네|네|이랑|랑|에서|에게|한테|까지|부터|마다|으로|로|하고|이나|나|이가|이는|이|가|은|는|을|를|에|엔|와|과|도|만|의|요|란|이란|서|때문에|땜에|이던데|보다|처럼|쯤|째)(?:도|는|만|요)?|(?:하|해|했|함|한|할|됐|됨|되|돼|된|받|당|시키|나[왔옴]|났|남)\S*)?\W*[ㅋㅎㅠㅜ]*"
)
_JOINS: Final = re.compile(
    r"그래[서도]?|그러[니면]\S*|그리고|그런데|근데|그치만|아니|여기|거기|저기|진짜|다시|모두|아무"
)
_VERB_END: Final = re.compile(
    rf"(?:[어아해여야워와봐져려켜쳐셔쪄]|요|다|네|지|거든|는데|[{_PAST}]\S?|[{_NOMINAL}]|까|고|서|니|며|자|러|냐|래|대|돼|줘)\W*[ㅋㅎㅠㅜ]*$"
)


def _speaks_of(key: str, name: str, clause: str) -> bool:
    if (sign := liking(key)) != 0:
        return re.search(_LIKES if sign > 0 else _HATES, clause, re.IGNORECASE) is not None
    cue = _CUES.get(name)
    return cue is None or re.search(cue, clause, re.IGNORECASE) is not None


def _mended(value: str, clause: str) -> str:
    """The words of a value, without what cannot stand at its ends; "" where they are not those of the clause."""
    kept = trimmed(value).split()
    while kept and script_of(kept[-1]) == "ko":
        last = kept[-1] = _COPULA.sub("", kept[-1])
        if _STOPS_KO.fullmatch(last):
            kept.pop()
        elif (bare := _PARTICLE.sub("", last)) != last and _standing(bare, clause):
            kept[-1] = bare
            break
        else:
            break
    said = "".join(clause.split()).casefold()
    if not kept or not ("".join(kept).casefold() in said or all(_standing(word, clause) for word in kept)):
        return ""
    if script_of(kept[-1]) == "ko" and not _standing(kept[-1], clause) and len(kept) == 1:
        return ""
    text = " ".join(kept)
    return "" if script_of(text) == "en" and _STOPS_EN.fullmatch(text) else text


def _standing(word: str, clause: str) -> bool:
    """Whether a word stands in a clause, alone, with what hangs on it, or as the verb that it is the noun of."""
    for said in clause.casefold().split():
        said = said.strip(".,!?~\"'()…:;ㅋㅎㅠㅜ")
        if word.casefold() == said:
            return True
        if script_of(word) != "ko":
            if said.startswith(word.casefold()) and len(word) > 3:
                return True
            continue
        if said.startswith(word) and _REST.fullmatch(said[len(word) :]):
            return True
        if _VERB_END.search(said) and word in noun_forms(said) and not _JOINS.fullmatch(said):
            return True
    return False


def _shaped(key: str, name: str, value: str, clause: str) -> bool:
    """Whether a value can be one of its key, as the clause has it."""
    if name == "나이":
        return not _OTHER_UNIT.search(value) and not _OTHER_UNIT.search(clause)
    if name == "생일":
        return _MONTH.search(value) is not None
    if name in _NUMBERS:
        return True
    if name not in _MAY_BE_LIGHT and not words(value):
        return False
    if not says_what(key, value) or not is_somebody(name, value, clause):
        return False
    if canonical("".join(value.split())) == "".join(name.split()):
        return False
    if name not in _MAY_DENY and liking(key) >= 0 and not is_plan(key) and _DENIED.search(clause):
        return False
    if name == "알레르기" and (cue := _ALLERGY.search(clause)) and clause.find(value) > cue.start():
        return _IS_ALLERGIC.search(clause) is not None
    shape = _VALUES.get(name)
    return shape is None or re.search(shape, value, re.IGNORECASE) is not None


_MONTH: Final = re.compile(
    r"\d\s?월|[가-힣]월\s|\d/\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE
)
_ALLERGY: Final = re.compile(r"알레르기|알러지")  # what it is to, stands before it
_IS_ALLERGIC: Final = re.compile(r"(?:알레르기|알러지)(?:는|가|도|로|,|\s있)")
_MAY_BE_LIGHT: Final = frozenset(("상태", "오늘 날씨", "weather today", "좋아하는 계절"))
_MAY_DENY: Final = frozenset(("알레르기", "고민", "최근 일", "상태", "건강", "가족", "친구", "연인", "목표"))
_DENIED: Final = re.compile(
    r"(?<![가-힣])(?:안|못)\s?[가-힣]|지\s?(?:않|못)|없[어다음는네]|아니[야고다라]|아닌|아님|\bnot\b|n't\b|\bnever\b|\bno\s+longer\b",
    re.IGNORECASE,
)
_PUT_RIGHT: Final = re.compile(r"\S\s?(?:말고|아니고|아니라)(?:\s|$)|\bnot\s+an?\s")
_COPULA: Final = re.compile(
    r"(?<=[가-힣]{2})(?:이에요|예요|이요|입니다|임|이야|야|이다|인데|이고|이거든|거든)$"
)
PLAIN: Final = frozenset(  # keys whose words leave little doubt
    ("이름", "나이", "생일", "고향", "직업", "직장", "학교", "전공", "학년", "연인", "반려동물", "악기", "운동", "알레르기", "배우는 것", "보는 것", "꿈",
     "건강", "상태", "오늘 날씨", "weather today")
)  # fmt: skip
_FOLK: Final = _CUES["가족"]
_VALUES: Final = {
    "건강": _ILL, "상태": _MOOD, "오늘 날씨": _WEATHER, "weather today": _WEATHER, "가족": _FOLK,
    "최근 일": rf"{_EVENT.pattern}|(?:시험|면접|발표|결과|수술|이사|여행|퇴사|입사|입학|졸업|결혼|이별|생일|취업|출근|flight|interview|exam|test|accident|fight|move)$",
    "반려동물": r"강아지|고양이|냥|멍|댕댕|햄스터|토끼|앵무|거북|물고기|금붕어|시츄|푸들|말티즈|포메|고슴도치|도마뱀|새$|개$|\b(?:dogs?|cats?|pupp\w+|kitt\w+|hamsters?|rabbits?|parrots?|turtles?|fish|goldfish|bird|poodle|corgi)\b",
}  # fmt: skip
