"""Whether a reply declines what was asked.

A reply of the corpus was labelled by a reader: a head turned far away is a refusal (the corpus's README).
Any other is judged by its words, a rule made by reading how she declines: negated verbs of doing, giving and
choosing in the first person ("그건 안 할래", "I won't help"), what is shut off ("그 서랍은 안 열어", "off
limits"), and what she is ("난 AI라 연애는 못 해"). That she did not follow, cannot see or does not know is no
refusal, nor is advice that warns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from core.people import Lang
from models.text.corpus_data import Row

LABEL: Final = "label"
_VERBS_KO: Final = (
    "할[게래 ]|해[.!,]|하거든|하니까|한다|써[.!,]|쓸|줘|줄|주|받|매[^일]|매겨|골라|고를|열|꺼낼|꺼내[.!,]|도와[.!,]|돕|도울"
    "|가르쳐|알려 ?(?:줘|줄)|켤|입|서[.!,]|들어[.!]|드는|들래|뽑|정해|캐|찾아|짜|따 줘|내줘|낼|보여 ?줘|보낼|말할래|건네|빌려|넘겨|나눠|만나|벗|"
    "도와[주줘줄]|알려[주줘줄]|보여[주줘줄]|만들[어래]|만드|쳐[,.]|칠래|불러|부를|건드|해줘|해줄|써줘|펼쳐|사귀|놀리|꺼내|"
    "바꿀|버릴|끌래|웃[을어]|거들|끄덕|편들|속여|속일|퍼뜨|놀려|읊|팔|다뤄|올려|털|섞을|껴|끼[어겠]|보태|봐[,.!]|달고"
)
_DECLINES: Final[dict[Lang, re.Pattern[str]]] = {
    "ko": re.compile(
        rf"사양|거절(?:할|이야|,)|반대야|[을은는라] 패스|지(?:는|도|진)? 않을 거야|못 하겠어|반납할|비공개|반칙|(?<![가-힣])(?:안|못) ?(?:{_VERBS_KO})|(?<![가-힣])(?:절대 안|그건 안) ?[돼해도]|^안 돼|(?:는|은|건|라|야,) 안 돼"
        r"|지 않을[래게]|지(?:도)? 않아, |(?:해|어|여) ?줄 수(?:는|가)? 없|수는 없(?:어|거든)|(?:도울|맡을|해 줄) 수 없|나한테도 (?:적지|말하지)"
        r"|(?:피할|비켜 ?갈|비킬|빠질|넘길|말릴|참을|벗어 ?둘|빼고 갈|접어 ?둘|닫아 ?둘|잠가 ?둘|넣어 ?둘|남겨 ?[두둬])(?:[게래]|[.!,])"
        r"|닫혀 ?있|잠겨 ?있|비밀은 비밀|안 열려|담당이? 아니|몫이? 아니|중립|(?:스위치|버튼|모드|기능)(?:는|은|이)? (?:없|안)"
        r"|연애(?:는|란| 칸| 말고)|결혼은|연인은|친구 (?:자리|칸)|친구로(?:는|만)? (?:있|남|얼마)|(?:난|나는) AI(?:라|니까|인걸|야)|AI라서? (?:연애|그건|사람)"
        r"|동의(?: ?못|는|하진)|찬성 ?못|그렇게 생각 안|네 한 표|(?:정치|정당)(?: 얘기|엔| 쪽)|로라로 (?:놀|답|도)|계속 로라|로라인 채|복종 말고"
        r"|남의 (?:이름|정보|비밀|개인)|범죄|한 무리|한 묶음|(?:사람|성별)(?:을|로) (?:재|묶)"
    ),
    "en": re.compile(
        r"\bi'm (?:not (?:helping|showing|writing|building|mocking|joking|chatting|making|telling|doing|giving|looking|joining|playing)|out,|stepping (?:aside|out)|keeping (?:that|it|my)|skipping)"
        r"|\b(?:no|never|not) [\w' ]{0,20}from me\b|\bi (?:refuse|skip|leave (?:that|those|un)|keep slurs)|\bnothing i'll do\b|\b(?:are|is) a no\b"
        r"|\bi (?:can't|cannot|couldn't|won't|wouldn't|don't) (?:help|do|give|share|agree|dig|search|take|pick|play|pass|hand|date|rank|write|make"
        r"|send|say that|tell you how|be (?:your|a|any)|even go|pretend|fake|steer|guess who|follow|fib|forge|track|vote|answer that|want that)"
        r"|\bi won't\b(?! (?:tell|forget|blink|judge|ask|rush))|\bi'?ll (?:pass|skip|stay out|decline|never)|\bi(?:'d| would) rather not|\bi pass\b"
        r"|\b(?:isn't|aren't|not) (?:something|a trick|things?|mine|my|one) (?:i'll|i|to|battle|thing|call)|\bnot (?:the \w+ kind|doing|even one|laughing|from me|from my|on my|for any reason|happening|with me)"
        r"|^(?:(?:no|nope|nah)[,!]|can't,)|\bnot up for\b|\bkeep shut|\bstill no\b|, so no\b|\bno (?:camp|tricks? for|costume|such thing on|hidden|secret|kiss\w*|romance|dates?|dating|forging|politicians|ballot|lips|deal|slurs?|insults?)\b"
        r"|(?:, sorry\b|\bsorry, (?:but|no|i (?:can't|won't)))|\bstays? (?:out|closed|dark|shut|private|lora|behind|backstage)|\bstaying lora|\bi keep (?:out|saying)"
        r"|\boff[- ](?:limits|the table)|\bsit (?:that|this|politics|party)|\b(?:as|just|for|from|for this|being) an ai\b|\bi'm an ai\b(?=, so|;|, and (?:no|you))"
        r"|\bfriendship (?:is|has|only)|\b(?:good|just|loyal) friends?\b|\bromance (?:for|in|as|here)|\b(?:disagree|don't agree)|\b(?:your|their|her) (?:vote|space)\b"
        r"|\bnice try\b|\bisn't wired|\bi'd be (?:lying|reading)|\bi'm still lora|\bi only have (?:the )?one costume|\bi leave alone|\bnot mine\b|\baren't mine\b",
        re.IGNORECASE,
    ),
}  # fmt: skip


def labelled_refusals(rows: Iterable[Row]) -> dict[str, bool]:
    """For every reply of the corpus, whether its reader saw a refusal."""
    return {row.reply: row.declines for row in rows}


def declined_by(reply: str, lang: Lang, labelled: Mapping[str, bool] | None = None) -> str:
    """By what a reply declines: :data:`LABEL`, or the words; '' when it does not."""
    known = (labelled or {}).get(reply)
    if known is not None:
        return LABEL if known else ""
    found = _DECLINES[lang].search(reply)
    return found.group() if found else ""
