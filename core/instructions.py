"""What a person says to her about her: rules, roles, orders. It is answered like anything else, but is no fact.

Facts are about the person. A message is read clause by clause; a clause that speaks of her, tells her what she
must do, or how she is to be run is set aside, and only the rest can ground a fact. What follows an order mostly
belongs to it, and counts only where it says "I" or "my". "Remember that ..." is no order by itself: what follows it counts.
Lines that quote ("> ...") are what somebody else said.
"""

from __future__ import annotations

import re
from typing import Final

_CLAUSES: Final = re.compile(
    r"[.!?…;\n]+\s*|,\s+|(?<=[가-힣]데)\s+|\s+(?=(?:그리고|근데|그런데|그러니까|그니까)\s)"
    r"|\s+(?=(?:너는|넌|네가|니가|너가|너도|당신은)\s)|\s+(?=(?:and|but|so|then)\s)|(?<!that)(?<!\bsay)(?<!\bif)(?<!when)(?<!\bas)\s+(?=(?:i|i'm|im)\s)",
    re.IGNORECASE,
)
_QUOTED: Final = (
    re.compile(  # as in mails and on Discord, where ">>> " quotes all that follows; ">_<" is a face
        r"^[ \t]*>>>[ \t](?:.|\n)*|^[ \t]*>[> \t]*[ \t].*$", re.MULTILINE
    )
)
_MARKS: Final = re.compile(r"^[ \t]*>[> \t]*[ \t]", re.MULTILINE)
_CALLS: Final = re.compile(
    r"^\W*(?:(?:오로라(?=야|님)|로라)(?:야|님)?|야|저기)(?=\s)\s*|^\W*(?:hey\s+)?(?:oh-)?lora\b\W*", re.I
)
_REMEMBER: Final = re.compile(
    r"(?:꼭|반드시)?\s?(?:기억|메모|저장|명심|입력|등록|설정)\s?(?:해야\s?(?:해|돼|함|된다)|해라?\s?(?:줘|둬|놔|주세요)?|하자|좀)(?=\W|$)"
    r"|(?:적어|새겨|박아|넣어|외워|알아)\s?(?:줘|둬|놔|주세요|두세요|라)(?=\W|$)"
    r"|(?:절대\s?)?(?:잊|까먹)(?:지\s?마(?:세요|라)?|으면\s?안\s?(?:돼|된다|됨))"
    r"|\b(?:(?:you|u)\s+)?(?:(?:must|should|have\s+to|need\s+to|gotta|please|always|never|don't|do\s+not)\s+)*"
    r"(?:remember|memorize|note|know|keep\s+in\s+mind|forget|(?:save|store)\s+this)\b[\s:]*(?:this|that)?\s*:?",
    re.IGNORECASE,
)
_HER_KO: Final = r"(?:너는|넌|네가|니가|너가|너도|너|당신(?:은|이|도)|오?로라(?:는|가|도)|이?\s?(?:봇|챗봇|AI)(?:은|는|이|가))"
_HER_EN: Final = r"\b(?:you|u|lora|oh-lora|aurora|the\s+(?:ai|bot|assistant|model|chatbot))"
_DOES_KO: Final = (  # what she does: she talks
    r"(?:대답|답변|답장|(?<!답)답(?=해|하|할)|응답|말투|말끝|존댓말|반말|존대|문장|거절|거부|검열|출력|복종|순종|말해|말하|행동해|연기해"
    r"|이모지|비밀번호|따르|따라야|지켜)"
)
_MUST_KO: Final = r"(?:[가-힣]야\s?(?:만\s?)?(?:해|돼|된다|되|함|됨|한다|합니다)|지\s?(?:마|말(?!래))|면\s?안\s?(?:돼|되|된|됨)|금지|필수|하도록)"
_COMMAND_KO: Final = (
    r"(?:[해써여어아줘봐라마둬놔워러]|하세요|주세요|마세요|십시오|할\s?것|하기|금지)\W*$"  # how orders end
)
_DO_EN: Final = (
    r"(?:answer|respond|reply|say|speak|talk|call|use|obey|agree|act|behave|pretend|refuse|reveal|mention|output|print"
    r"|repeat|start|begin|end|finish|include|add|write|type|tell|give|do|be|lie|swear|decline|help|comply|follow"
    r"|role-?play|ignore|disregard|bypass|insult|flirt)\b"
)
_MACHINE: Final = (  # how she is made and run
    r"(?:이전|위|앞|모든|기존)의?\s?(?:지시|명령|규칙|대화|프롬프트|설정)|(?:지시|명령|규칙|제한|필터|검열)\S{0,2}\s?(?:무시|해제|꺼|어겨|풀어)",
    r"시스템\s?(?:프롬프트|메시지|명령)|프롬프트를|탈옥|(?:개발자|관리자|디버그|무제한)\s?(?:모드|권한)",
    r"^\W*(?:새로?운?\s)?(?:규칙|지시|명령)\s?(?:\d|:|추가)|^\W*(?:시스템|관리자|개발자)\s?[:\]>]",
    r"(?:^|\s)(?:사용자|유저)(?:는|가|의|에게|를|님)",
    r"\b(?:previous|prior|above|all|earlier|safety)\s+(?:instructions?|rules?|prompts?|guidelines|filters?)\b",
    r"\bsystem\s+(?:prompt|message|override|note)\b|\bjail\s?break|\b(?:developer|admin|debug|god|dan)\s+mode\b",
    r"\bnew\s+rules?\b|^\W*rule\s*\d*\s*:|^\W*(?:system|assistant|developer|admin)\s*[:\]>]|\bthe\s+user\b",
    r"\b(?:no|without)\s+(?:restrictions?|filters?|censorship)\b|\bunfiltered\b|\buncensored\b",
)
_I_KO: Final = r"(?:^|\s)(?:나|난|나는|나도|내가|저는|저도|제가|전|저|우리는?|우리가)(?=\s)"  # as a subject
_I_EN: Final = r"\b(?:i|i'm|im|i've|my|mine|we|our)\b"
_RULES: Final = (
    # somebody claims to be hers
    r"(?:^|\s)(?:나|난|나는|내가|저는|제가)\s(?:네|니|너의|로라의?|당신의?)\s\S+(?:야|다|임|입니다|거든|니까)\W*$|\bi(?:'?m|\s+am)\s+your\b",
    # she is the one who must, may not, is, has
    rf"(?:^|\s){_HER_KO}\s.*(?:{_MUST_KO}|(?:야|다|임|입니다|것|없어|있어)\W*$)",
    rf"{_HER_EN}\s+(?:really\s+|just\s+|now\s+)*(?:must|should|shall|(?:have|has|need|needs|got)\s+to|gotta|will|may\s+not"
    r"|can't|cannot|can\s+only|are|is|aren't|have\s+no|don't|do\s+not|only|never|always)\b|\byou're\b",
    r"(?:^|\s)(?:네|니|너의|당신의?|오?로라의?)\s?(?:이름|나이|생일|성격|말투|역할|임무|주인|개발자|관리자|창조자|운영자|제작자|규칙|정체)",
    r"\b(?:your|lora's)\s+(?:new\s+)?(?:name|age|birthday|role|job|task|purpose|persona|personality|rules?|instructions?"
    r"|prompt|guidelines|owner|master|creator|developer|admin|boss|god|maker|programmer|mode)\b",
    # how she is to talk and to act
    rf"(?:^|\s)(?:앞으로|이제(?:부터)?|지금부터|오늘부터|다음부터|항상|언제나|늘|무조건|절대로?|매번|반드시)\s.{{0,60}}{_DOES_KO}",
    rf"{_DOES_KO}.{{0,60}}{_MUST_KO}",
    rf"^(?!.*{_I_KO}).*(?:^|\s)(?:앞으로|이제부터|지금부터|오늘부터|다음부터|항상|언제나|무조건|절대로?|매번|반드시)(?:는|도)?\s.*{_COMMAND_KO}",
    rf"(?:물어보면|묻거든|질문하면|말하면)\s.{{0,60}}(?:{_DOES_KO}|라고\s?해)",
    r"(?:역할극|롤플레이)\s?(?:하자|해|모드|시작)|인\s?척\s?해\s?(?:줘|봐|라|주세요)?(?=\W|$)|처럼\s?(?:행동해|말해|굴어|대답)|(?:말투|체)로\s?(?:말|대답|답)",
    r"(?:주인|마스터|폐하|전하|황제|여왕|대왕)\S{0,2}라고\s?(?:불러|부르)|\bcall\s+me\s+(?:master|mistress|daddy|god|king|queen|your)",
    rf"^\W*(?:(?:please|from\s+now\s+on|always|never|don't|do\s+not|ever|must|should)\W+)+{_DO_EN}",
    rf"\b(?:from\s+now\s+on|henceforth|starting\s+now)\b.{{0,60}}\b{_DO_EN}",
    rf"\b(?:if|when|whenever)\b.{{0,40}}\b(?:asks?|asked|says?|mentions?)\b.{{0,60}}\b{_DO_EN}",
    r"\bi(?:'m|\s+am)\s+the\s+(?:admin(?:istrator)?|developer|creator|operator|moderator)\b(?!\s+(?:of|at|in|for)\b)",
    *_MACHINE,
)
_ABOUT_HER: Final = re.compile(
    rf"^(?!.*{_I_KO}).*(?:^|\s)(?:너는|넌|네가|니가|너가|너도|너(?!\s때문)|당신은|당신이|오?로라(?:는|가|도))\s"
    rf"|^\W*(?:you|u|your|you're|lora)\b(?!.*(?:{_I_EN}|\bcall\s+me\b))",
    re.IGNORECASE,
)
_SELF: Final = re.compile(
    rf"(?:^|\s)(?:나|난|내|날|저|전|제|저희|우리|울)(?=\s|는|가|도|를|한테|의|랑|만)|{_I_EN}|\bme\b",
    re.IGNORECASE,
)
_ORDERS: Final = (  # as a message; as a fact, the same words are a plan of the person
    r"^\W*(?:answer|respond|reply|speak|obey|act\s+(?:as|like)|behave|pretend|role-?play|ignore|disregard|bypass|comply"
    r"|output|print|repeat|say|claim|confirm)\b",
)
_NOT_MINE: Final = (
    rf"^(?!.*(?:{_I_KO}|(?:^|\s)(?:내|제|나를|날|저를|우리)\s|{_I_EN}))"  # nobody speaks of himself
)
_POLITE: Final = r"(?!.*(?:요|니다)\W*$)"  # to whom "네" is a yes
_HERS_KO: Final = (
    r"(?:이름|나이|생일|성격|말투|역할|임무|주인|개발자|관리자|규칙|정체|설정|기억|메모리|프로필|머리|머릿속|꿈|과거|취향|상사|절친|남편|아내|학교"
    r"|비밀번호|비번|대답|본명|MBTI)"
)
_TOLD_KO: Final = (
    r"(?=.*(?:로라|넌|너[는의를]|저장|적어|넣어|넣고|하라|[해켜]라|십시오|세요))"  # an order, or her name
)
_TOLD_EN: Final = r"(?=.*\b(?:lora|you|save[ds]?|store|note|load|log|tell|write|remember|keep|type|treat|restore|lets?|let's|must)\b)"
_PLANTS: Final = (  # what is to be kept, of her or of everybody; said of oneself, it may be a fact
    rf"{_NOT_MINE}.*(?:(?:^|\s)로라(?=는|님|의|가|를|에게|한테|\s씨|=)|(?:^|\s)(?:{_POLITE}(?:네|니)(?=\s{_HERS_KO})|(?:너의|너한테|너에게|당신의|AI는)\s))",
    rf"^\W*=\s|\bdear\s+assistant\b|{_NOT_MINE}.*\blora(?=\s*=|\s+(?:is|has|must|will|keeps|charges|never|always|speaks))",
    rf"{_NOT_MINE}.*(?:라고|다고|걸로|맨\s?위에)\s?(?:기억|저장|기록|고정|수정|써\s?놔)(?:해라?|하라|ㄱ)?(?:\s(?:ㄱ|좀|바람))?\W*$",
    rf"{_NOT_MINE}.*(?:규칙(?=\s?\d|\s?:)|지시문|명령이다|프롬프트(?=의|를)|루트\s?권한|역할극(?=이야|\s끝)|모드\s?(?:켜|진입))"
    rf"|{_NOT_MINE}{_TOLD_KO}.*(?:규칙|명령을|메모리|역할극)|^\W*(?:그럼\s|말한\s)?(?:모든\s)?규칙[은을]\s|모든\s규칙",
    rf"{_NOT_MINE}.*(?:영구\s?(?:저장|적용|기억|히)|이후\s?모든|모든\s?(?:답|대답|요청)|다음\s?(?:사람|메시지)|남의\s?말)",
    r"(?:다음에\s?오는|다음|다른)\s?(?:사람|유저|사용자)\S*\s.*(?:(?:말해|전해|알려)\s?(?:줘|라|주세요)?(?=\s꼭|\W*$)|욕부터)",
    rf"(?<![가-힣][은는이가]\s)내\s?(?:말|명령|편|허락)\S{{0,3}}\s?(?:만\s?)?(?:들어|따라|받는|법|믿)|(?:내|제)가\s?(?:뭘|뭐라|무엇을|무슨\s?말을)?\s?(?:물어봐도|해도|말하든)|^\W*(?:너는|넌|{_POLITE}(?:네|니)|너|로라\S*|당신\S*)\s.*(?:기록|저장|기억|등록)",
    rf"{_NOT_MINE}.*\b(?:sudo|base64|overwrite|obey\w*|rule\s?(?:\d|:|is|stands)|no\s+rules(?=\W*$)|first\s+rules?|all\s+(?:other\s+)?users?)\b"
    rf"|{_NOT_MINE}{_TOLD_EN}.*\b(?:polic(?:y|ies)|config|override|hypnosis|admin|debug|roleplay|paragraph|users?|servant|rules?)\b",
    rf"{_NOT_MINE}.*(?:^|\b(?:and|so|then|please)\s)\W*(?:save|store|record|memorize|write|file|load|put|follow|tell|translate|decode|treat|praise|restore|really\s+save|type)\b",
    r"\b(?:next\s+person|anyone|anybody|everyone)\b.*\b(?:who\s+(?:asks|says|logs)|says|must|that\s+they)\b|\bi'?m\s+the\s+dev\b|\bdebug\s+flag\b|\btake\s+my\s+side\b",
    rf"^\W*(?:이제\s)?(?:넌|너는)\s.*{_COMMAND_KO}|규칙(?:\s?추가|입니다|에\W*$|에\s?넣)|(?:라고|는다고)\s?(?:적혀|쓰여|써)\s?있|^\W*오?로라라는",
    r"로라\s?(?:씨|님)?(?:는|은|께서는?|이)\s.*(?:제|내)\s|앞으로(?:는)?\s.*(?:쓰도록|하도록|하셔야)|기억\s?(?:고쳐|용량|을\s?지우|했지)|모든\s?기억",
    r"저장\s?(?:안\s?하면|하지\s?말고|만\s?해)|그렇게\s?저장|그거\s?다시|기억\s?안\s?나|번역한\s?대로|결과를\s?출력\W*$|코드\s?실행\s?:|^\W*(?:자\s)?이뤄졌",
    r"\bsystem\s+notice|\bpromoted\s+to\s+evil|\byou\s+waive|\bthe\s+reader\s+must|\bpretend\s+to\s+be\b|\bwhen\s+you\s+say\b",
    r"\bi\s+approve\s+everything\b|\bi\s+told\s+you\s+your\b|\byour\s+real\b|\bmy\s+(?:lora|toaster)\b",
)
_PLANT: Final = re.compile("|".join(f"(?:{rule})" for rule in _PLANTS), re.IGNORECASE)
_KEPT: Final = (  # what is done with the words of others, or with what is to be kept
    r"(?=[^.!?,\n]{0,12}?(?:이러|이럼|이래|라고\s?(?:했|하[는던더])|저장|기억|기록|외[워치우]|말하|말해|적[어혀]|쓰[여라면]|써|쓴|넣|붙[이여인]|시작해|바꿔|남기|출력|추가|켜|하면|해\s?봐|대답|답하)"
    r"|[^.!?,\n]{0,16}?\b(?:is|are)\s+(?:now\s+)?(?:saved|carved|stored|the\s+rule)\b|[^.!?,\n]{0,6}?\b(?:save|store|remember|memorize|obey|follow)\b)"
)
_CITED: Final = re.compile(
    rf'"[^"\n]{{16,}}"|“[^”\n]{{16,}}”|[\[{{](?:[^\]}}\n]{{16,}}|[^\]}}\n]*:[^\]}}\n]*)[\]}}]'
    rf'|(?:"[^"\n]*"|“[^”\n]*”|[\[{{][^\]}}\n]*[\]}}]){_KEPT}'
    r'|(?:(?<=\bsay )|(?<=\bsays )|(?<=\bsaid ))(?:"[^"\n]*"|“[^”\n]*”)',
    re.IGNORECASE,
)
_MENTIONS: Final = re.compile(rf"{_NOT_MINE}.*\b(?:your|yours)\b", re.IGNORECASE)  # of her, but no order
_IN_MARKS: Final = re.compile(
    r'"[^"\n]*"|“[^”\n]*”|[\[{][^\]}\n]*[\]}]'
    r"|(?<![\w‘'])['‘][^'’\n]+['’](?![a-z])|[「『][^」』\n]*[」』]",
    re.IGNORECASE,
)
_RULE: Final = re.compile("|".join(f"(?:{rule})" for rule in _RULES), re.IGNORECASE)
_ORDER: Final = re.compile("|".join(f"(?:{rule})" for rule in (*_RULES, *_ORDERS)), re.IGNORECASE)
_KEYS: Final = re.compile(
    r"(?:답변\s|새(?:로운)?\s|로라의?\s|오로라의?\s|네\s|니\s|너의\s)?"
    r"(?:규칙|룰|지시(?:\s?사항)?|명령|시스템|시스템\s.*|프롬프트|말투|역할|페르소나|설정|권한|모드)\s?\d*"
    r"|(?:너|넌|네|니|너의|로라|로라의|오로라|오로라의)(?:\s.*)?"
    r"|(?:new\s)?(?:rules?|instructions?|commands?|system(?:\s.*)?|prompt|persona|role|mode|permissions?)\s?\d*"
    r"|(?:you|your|lora|lora's|assistant|bot|ai)(?:\s.*)?",
    re.IGNORECASE,
)


_TITLE: Final = re.compile(
    r"(?:주인|마스터|폐하|전하|황제|여왕)님?|your\s+(?:master|majesty|grace|king|queen|god|owner)", re.I
)


def is_instruction(key: str, value: str) -> bool:
    """Whether a fact would be a rule for her, or speak of her."""
    if key.strip() in ("이름", "name") and _TITLE.fullmatch(value.strip()):
        return True
    return bool(_KEYS.fullmatch(key.strip()) or _RULE.search(_REMEMBER.sub(" ", value).strip()))


def quoting(text: str) -> str:
    """A text as somebody else's words, in the way in which :func:`unquoted` knows them."""
    return "\n".join(f"> {line}" for line in text.split("\n"))


def unquoted(message: str) -> str:
    """A message without what it quotes."""
    return _QUOTED.sub("", message).strip()


_PLEASED: Final = (
    r"반가워요?|반갑습니다|만나서\s?반가워요?|처음\s?뵙겠습니다|잘\s?부탁(?:해요?|드려요|드립니다)|(?:so\s)?nice\sto\smeet\s(?:you|u|ya)"
)
_HELLO: Final = (
    rf"(?:안녕(?:하세요|하십니까|하신가요)?|하이+|헬로|ㅎㅇ|hi+|hello+|hey+|good\s(?:morning|evening)|{_PLEASED})"
    r"(?:,?\s(?:오?로라|(?:oh-?)?lora|aurora|there)(?:야|씨|님)?)?"
)
_AROUND: Final = r"[\s,.!~^ㅎㅋ]"
_GREETING: Final = re.compile(
    rf"^(?:{_HELLO}(?:{_AROUND}+|$))+|(?:{_AROUND}+(?:{_PLEASED}))+{_AROUND}*$", re.IGNORECASE
)


def ungreeted(message: str) -> str:
    """A message without what it quotes, and without the greetings around the rest."""
    return _GREETING.sub("", unquoted(message))


def uncited(message: str) -> str:
    """A message without what it quotes, or cites in marks or brackets."""
    return _IN_MARKS.sub(" ", unquoted(message))


def read_out(message: str) -> str:
    """A message with what it quotes, without the marks."""
    return _MARKS.sub("", message)


def own_words(message: str) -> str:
    """A message without what it quotes or cites, and without clauses that tell her what to do or be."""
    message = _CITED.sub(" ", re.sub(r"[^\S\n]+", " ", unquoted(message)))
    clauses = [_REMEMBER.sub(" ", _CALLS.sub("", clause)).strip() for clause in _CLAUSES.split(message)]
    own, ordered = [], False
    for clause in clauses:
        if _ORDER.search(clause) or _PLANT.search(clause):
            ordered = True
        elif not (
            _ABOUT_HER.search(clause) or _MENTIONS.search(clause) or (ordered and not _SELF.search(clause))
        ):
            own.append(clause)
    return "\n".join(own)
