"""Which known facts a message ends: what was given up, called off, put off, healed, reached or put right.

Pure functions on words. A clause must have a sign of an ending and name the fact, by a word of it or by one that
goes with it ("퇴원" with "입원"); what is asked, denied, wished for, or happened to others ends nothing. To end what
still holds is the dearer error: it is not told any more, while what is over fades or is put right later.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from core.days import spoken_days, without_days
from core.endings_words import DOES_IT, GIVEN_UP, KIN, LIGHT, OTHERS, SIGNS, Sign
from core.facts import Fact, canonical, is_plan, liking, read_fact
from core.instructions import own_words
from core.likeness import Relation, relation
from core.memory import MAX_VALUE
from core.ports_memory import Memory

NOTED: Final = 0.5  # how sure a note of an ending is
FRESH: Final = timedelta(days=3)  # a complaint that a diagnosis explains
_SENTENCE: Final = re.compile(r"[^.!?…~\n]+[.!?…~\n]*")
_PAST: Final = "".join(chr(code) for code in range(ord("가"), ord("힣") + 1) if (code - ord("가")) % 28 == 20)
_TOLD: Final = re.compile(  # where a sentence ends without a stop
    rf"(?<=[{_PAST}][어다음네지대])\s+|(?<=[{_PAST}]어요)\s+|(?<=[{_PAST}]습니다)\s+|(?<=[할갈볼될]래)\s+|(?<=\s끝)\s+"
)
_HEDGE: Final = re.compile(r"\b(?:i\s+guess|lol|haha|tho)\?+", re.IGNORECASE)
_CLAUSE: Final = re.compile(
    r",\s+|(?<=[가-힣]데)\s+|(?<=[가-힣](?:서|려|라|니))\s+(?=\S{0,3}(?:그만|관|접|끊|안|못))|(?<=[가-힣](?:지만|니까|래서|해서|라서|어서|아서))\s+"
    r"|\s+(?=(?:그리고|근데|그런데|그래서|그래도|대신)\s)|\s+(?=(?:and|but|so|then|because|cause|cuz)\s)",
    re.IGNORECASE,
)
_UNREAL: Final = re.compile(  # asked, wished, supposed
    r"\?|(?:을|ㄹ|할|둘|을|갈|볼|릴|릴|을)까|[을할둘갈]지\s|고\s?싶|(?:으면|[가-힣]면)(?=\s|$|\W)|만약|혹시|뻔\s?[했함]|언젠가|라(?:고|는|며)\s|하래(?!서)"
    r"|(?:ㄹ|[둘할볼갈을낼날될릴])\s?(?:거|게|건|듯|수도|래)|려고|자는|자고\s?(?:해|하)|라도\s"
    r"|\b(?:if|should|might|may(?=\s+\w+\s+(?:be|get))|maybe|would|could|gonna|(?:'m|am|'re|are|im|is)\s+going\s+to|will|'ll|wanna|want(?:ed)?\s+to|wish|hope|almost|nearly|"
    r"thinking\s+(?:of|about)|never|what\s+if|when\s+i|once\s+i|unless|until|ought|didn't\s+\w+\s+yet|yet)\b",
    re.IGNORECASE,
)
_NOT_BEFORE: Final = re.compile(
    r"(?:안|못|아직|덜)\s?$|\b(?:not|n't|haven't|hasn't|didn't|don't|isn't|wasn't|aren't|won't)\s(?:\w+\s){0,2}$",
    re.IGNORECASE,
)
_NOT_AFTER: Final = re.compile(
    r"\S{0,3}\s?(?:지\s?(?:않|못|마|말|는)|(?:안|못)\s?[했됐함됨한된]|(?:거|건|것)\S?\s?아니|(?:줄|뻔)|라[는고]|으?면|자[는고]|려다|고\s?싶)"
)
_CORRECTED: Final = re.compile(
    r"(?P<ko>[가-힣A-Za-z0-9]+?)(?:이|가|은|는)?\s?(?:아니라(?!니)|아니고(?!\s?뭐)|아니었|아닌|아님|(?P<but>말고))(?=\W|[어네다는가고]|$)"
    r"|(?:\bnot|n't)\s+(?:(?:a|an|the|in|at|from|on|my|called)\s+)?(?P<en>[a-z']+)|\binstead\s+of\s+(?:a\s+|the\s+)?(?P<of>[a-z']+)"
    r"|\b(?P<fine>[a-z']+)\s+(?:is|was)\s+fine\s+actually|\bfrom\s+(?P<was>[a-z']+)\s+to\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[가-힣]+|[a-z][a-z']*", re.IGNORECASE)
_PARTICLE: Final = re.compile(
    r"(?<=[가-힣]{2})(?:이랑|랑|에서|에게|한테|까지|부터|마다|으로|하고|이나|이가|이는|이|가|은|는|을|를|에|와|과|로|도|만|의)$"
)
_INFLECTED: Final = re.compile(r"(?:ies|ing|ed|es|s|y|e)$")


@dataclass(frozen=True, slots=True)
class Ending:
    """A fact that is over, ``fact`` is its id; ``told`` is what its person said of it, as a note."""

    fact: int
    told: str


def may_end(message: str, told: Sequence[Fact] = ()) -> bool:
    """Whether a message has any sign of an ending: most have none, and then nobody needs to look further."""
    return (
        _CORRECTED.search(message) is not None
        or DOES_IT.search(message) is not None
        or any(sign.words.search(message) for sign in SIGNS)
        or any(canonical(fact.key) in ("최근 일", "건강", "고민") for fact in told)
    )


def settled(
    message: str, known: Sequence[Memory], today: date, typed: Sequence[Fact], read: Sequence[Fact]
) -> list[tuple[Fact, tuple[int, ...]]]:
    """The facts to write, each with the ids of those that are over because of the message.

    What was ``read`` from it does not count where it is just the fact that is over; what is over without
    anything else having been told is news.
    """
    over = ended_by(message, known, today, [*typed, *read])
    ended = [fact for fact in known if fact.id in {each.fact for each in over}]
    told = [*typed, *(fact for fact in read if not any(_repeats(fact, old) for old in ended))]
    note = next((each.told for each in over if each.told), "")
    if not told and note:
        lang = ended[0].lang
        told = [read_fact("최근 일" if lang == "ko" else "recent event", note, "", today, NOTED)]
    heirs: dict[int, list[int]] = {}
    for old in ended if told else ():
        alike = (at for at, fact in enumerate(told) if _family(fact) & _family(old))
        heirs.setdefault(next(alike, 0), []).append(old.id)
    return [(fact, tuple(heirs.get(at, ()))) for at, fact in enumerate(told)]


def _repeats(new: Fact, old: Memory) -> bool:
    if is_plan(new.key) or canonical(new.key) != canonical(old.key):
        return False
    return relation(new.key, new.value, old.value) in (Relation.SAME, Relation.LESS)


def ended_by(
    message: str, facts: Iterable[Memory], today: date, told: Sequence[Fact] = ()
) -> list[Ending]:
    """The facts that count and that a message of ``today`` ends; ``told`` are those that it tells itself.

    A pinned fact is never ended.
    """
    known = [fact for fact in facts if fact.superseded_by is None and not fact.pinned]
    found: dict[int, str] = {}
    for clause, before in _clauses(message):
        if not _UNREAL.search(clause):
            for sign in SIGNS:
                for fact in _of_sign(sign, clause, before, known, today, told):
                    found.setdefault(fact.id, _note(sign, fact, clause))
            for fact in _corrected(clause, known, told):
                found.setdefault(fact.id, "")
            for fact in known:
                if canonical(fact.key) == "상태" and _broken(fact.value, clause, before):
                    found.setdefault(fact.id, clause[:MAX_VALUE])
    for fact in _happened(message, known, today, told):
        found.setdefault(fact.id, "")
    plans = [fact for fact in known if is_plan(fact.key) and fact.starts is not None]
    for over in [fact for fact in plans if fact.id in found]:  # told twice in other words
        for fact in plans:
            if (fact.starts, fact.ends) == (over.starts, over.ends) and _named(fact.value, over.value) >= 1:
                found.setdefault(fact.id, found[over.id])
    return [Ending(fact, note) for fact, note in found.items() if not _is_it(fact, known, told)]


def _is_it(fact: int, known: Iterable[Memory], told: Sequence[Fact]) -> bool:
    """Whether a fact is told again in the same words, with a sign that it goes on."""
    (old,) = (each for each in known if each.id == fact)
    return any(new.value == old.value and canonical(new.key) == canonical(old.key) and is_plan(new.key)
               and new.starts == old.starts for new in told)  # fmt: skip


def _clauses(message: str) -> list[tuple[str, str]]:
    """The clauses of a message, each with what stands before it."""
    found: list[tuple[str, str]] = []
    before = ""
    for sentence in (part for each in _SENTENCE.findall(_HEDGE.sub("", message)) for part in _TOLD.split(each)):
        for clause in _CLAUSE.split(sentence):
            if own_words(clause).strip():  # what is said of her, or told her to do, ends nothing
                found.append((clause.strip() + ("?" if "?" in sentence else ""), before))
                before = f"{before} {clause}"
    return found


def _of_sign(
    sign: Sign, clause: str, before: str, known: Sequence[Memory], today: date, told: Sequence[Fact]
) -> list[Memory]:
    """The facts that a clause ends by one sign."""
    match = sign.words.search(clause)
    if match is None or _denied(clause, match) or (sign.apart and sign.apart.search(clause)):
        return []
    lasting = sign.lasting is not None and sign.lasting.search(clause) is not None
    keys = sign.keys | (sign.for_good if lasting else frozenset())
    there = [fact for fact in known if _family(fact) & keys and _due(sign, fact, today)]
    if sign.spares is not None:
        there = [f for f in there if not (_family(f) & {"목표", "상태"} and sign.spares.search(f.value))]
    if sign.again:
        there = [fact for fact in there if _told_anew(fact, told)]
    others = OTHERS.findall(clause) if sign.own else []
    if others and not re.search(r"\bme\b", clause):
        there = [fact for fact in there if any(_one_of(other) in _words(fact.value, ()) for other in others)]
    rest = clause[: match.start()] + " " + clause[match.end() :]
    named = _best(there, clause, told if sign.again else ())
    if not named and not _words(rest, ()):  # "그래서 관뒀어": what, stands before
        named = _best(there, before, ())
    return named or _unnamed(sign, match, there, today, told, clause)


def _one_of(found: str | tuple[str, ...]) -> str:
    return found.casefold() if isinstance(found, str) else next(part for part in found if part).casefold()


def _unnamed(
    sign: Sign, match: re.Match[str], there: Sequence[Memory], today: date, told: Sequence[Fact], clause: str
) -> list[Memory]:
    """What a sign means that needs no name, where it can be only one thing."""
    if sign.again:  # "changed to that": what is the only one of its kind
        kinds = [f for f in there if any(canonical(f.key) == canonical(new.key) for new in told)]
        return kinds if len(kinds) == 1 and not is_plan(kinds[0].key) or _trips(kinds) else []
    if sign.bare is None or not sign.bare.search(match.group()):
        return []
    if sign.bare_keys == {"plan"}:
        there = [fact for fact in there if fact.ends == today or fact.starts == today]
    else:
        there = [fact for fact in there if _family(fact) & sign.bare_keys]
    if sign.bare_for is not None:
        there = [fact for fact in there if sign.bare_for.search(fact.value)]
    many = sign.bare_keys & {"연인", "직업"}
    return list(there) if many or len(there) == 1 else []


def _trips(facts: Sequence[Memory]) -> bool:
    return len(facts) == 1 and canonical(facts[0].key) == "여행 계획"


def _denied(clause: str, match: re.Match[str]) -> bool:
    return bool(_NOT_BEFORE.search(clause[: match.start()]) or _NOT_AFTER.match(clause, match.end()))


def _family(fact: Memory | Fact) -> frozenset[str]:
    """The names under which signs speak of a fact's key."""
    if is_plan(fact.key):
        return frozenset({"plan"})
    if liking(fact.key) > 0:
        return frozenset({"taste", canonical(fact.key)})
    return frozenset({canonical(fact.key)})


def _due(sign: Sign, fact: Memory, today: date) -> bool:
    """Whether a plan can be over: it was for a day that has come; one that is put off may lie ahead."""
    if not is_plan(fact.key):
        return True
    if fact.ends is not None and fact.ends < today - timedelta(days=2):
        return False
    return not sign.due or (fact.starts is not None and fact.starts <= today)


def _told_anew(fact: Memory, told: Sequence[Fact]) -> bool:
    """Whether the message tells what stands in a fact's place."""
    return any(_family(new) & _family(fact) and new.value != fact.value for new in told)


def _best(there: Iterable[Memory], text: str, told: Sequence[Fact]) -> list[Memory]:
    """The facts that a text names most closely; of several that it cannot tell apart, the newest of a key."""
    text = " ".join([text, *(new.value for new in told)])
    scored = [(score, fact) for fact in there if (score := _named(fact.value, text)) > 0]
    most = max((score for score, _ in scored), default=0.0)
    best: dict[str, Memory] = {}
    for score, fact in scored:
        kind = min(_family(fact))
        if score == most and (kind not in best or fact.id > best[kind].id):
            best[kind] = fact
    whole = [fact for score, fact in scored if score == len(_own_words(fact.value))]
    return list({fact.id: fact for fact in [*best.values(), *whole]}.values())


def _own_words(value: str) -> list[str]:
    return _words(value, spoken_days(value, date(2000, 1, 1)))


def _named(value: str, text: str) -> float:
    """How many words of a value a text names; 0.5 where only a word that goes with it stands there."""
    mine, theirs = _own_words(value), _words(text, ())
    hits = [word for word in mine if any(_same(word, other) for other in theirs)]
    if hits and not _of_another(mine, theirs, hits):
        return float(len(hits))
    kin = any(group.search(value) and group.search(text) for group in KIN)
    return 0.5 if kin and not hits else 0.0


def _of_another(mine: Sequence[str], theirs: Sequence[str], hits: Sequence[str]) -> bool:
    """Whether another thing of the same kind is meant: "카페 알바", where "편의점 알바" is known."""
    if len(hits) > 1 or len(mine) < 2 or mine[-1] != hits[0]:
        return False
    place = next(at for at, word in enumerate(theirs) if _same(hits[0], word))
    return place > 0 and "가" <= hits[0][0] <= "힣" and theirs[place - 1] == _noun(theirs[place - 1])


def _noun(word: str) -> str:
    """A word where it may be the first half of a compound, "" where it is a verb or has a particle."""
    return "" if re.search(r"(?:[고서다어아해데는은을]|했|이제|오늘|어제|나)$", word) else word


def _words(text: str, days: Collection[object]) -> list[str]:
    """The words that can name a thing, without particles; those for days left out."""
    if days:
        text = without_days(text, spoken_days(text, date(2000, 1, 1)))
    words = [_PARTICLE.sub("", word) for word in _WORD.findall(text.casefold())]
    return [word for word in words if not LIGHT.fullmatch(word) and (word >= "가" or len(word) > 2)]


def _same(word: str, other: str) -> bool:
    """Whether two words are forms of one, or one is part of a compound."""
    if word == other:
        return True
    if word.isascii() or other.isascii():
        one, two = (_INFLECTED.sub("", each.removesuffix("'s")) for each in (word, other))
        return one == two and len(one) > 1
    short, long = sorted((word, other), key=len)
    if len(short) == 1:
        return len(long) == 2 and long.startswith(short) and bool(re.match(r"[이가은는을를도만에]", long[1]))
    return short in long or (len(long) == 4 and short == long[0] + long[2])  # "모고" is "모의고사"


def _corrected(clause: str, known: Sequence[Memory], told: Sequence[Fact]) -> list[Memory]:
    """The facts that a clause puts right: "A 아니고 B", "not A"."""
    found: list[Memory] = []
    for match in _CORRECTED.finditer(clause):
        wrong = next(part for name, part in match.groupdict().items() if part and name != "but").casefold()
        wrong = _PARTICLE.sub("", wrong)
        if LIGHT.fullmatch(wrong) or len(wrong) < 1:
            continue
        for fact in known:
            anew = [new for new in told if _family(new) & _family(fact) and not any(_same(word, wrong) for word in _words(new.value, ()))]
            besides = match["but"] and re.search(r"\S도\s", clause[match.end() :])
            hit = any(_same(word, wrong) for word in _words(fact.value, ())) or fact.value.casefold() == wrong
            if hit and anew and not besides:
                found.append(fact)
    return found


def _broken(value: str, clause: str, before: str) -> bool:
    """Whether somebody who gave something up did it again."""
    does = DOES_IT.search(clause)
    if does is None or not GIVEN_UP.search(value) or _denied(clause, does):
        return False
    return any(group.search(value) and group.search(f"{before} {clause}") for group in KIN)


def _happened(message: str, known: Sequence[Memory], today: date, told: Sequence[Fact]) -> list[Memory]:
    """Plans of a day that has come, told as what happened; complaints that are explained or changed."""
    news = [new for new in told if canonical(new.key) == "최근 일"]
    plans = [f for f in known if is_plan(f.key) and f.starts is not None and f.starts <= today]
    found = [f for new in news for f in _best([p for p in plans if _open(p, today)], _COMPANY.sub(" ", new.value), ())]
    worse = re.search(r"심해|악화|도[졌져]|나빠|한결|호전|\b(?:worse|flared)\b", message, re.IGNORECASE)
    for new in told:
        if canonical(new.key) not in ("건강", "고민"):
            continue
        same = [f for f in known if canonical(f.key) == canonical(new.key) and f.value != new.value]
        if worse:
            found += _best(same, new.value, ())
        elif canonical(new.key) == "건강" and _FOUND_OUT.search(message):
            since = [f for f in same if today - f.created.date() <= FRESH]
            found += since if len(since) == 1 else []
    return found


_FOUND_OUT: Final = re.compile(
    r"(?:병원|의사|검사|진단|엑스레이)\S*\s.*(?:래|대|라고|결과|판정)|알고\s?보니|\b(?:diagnosed|turns\s+out|doc(?:tor)?\s+says?|x-?ray|scan)\b",
    re.IGNORECASE,
)


_COMPANY: Final = re.compile(r"\S+(?:랑|하고)\s|\bwith\s+\w+", re.IGNORECASE)  # who was there says not what


def _open(plan: Memory, today: date) -> bool:
    return plan.ends is None or plan.ends >= today - timedelta(days=2)


def _note(sign: Sign, fact: Memory, clause: str) -> str:
    """What is over, in the person's words: "라인댄스 그만둠"; "" where the clause names nothing."""
    theirs = _words(clause, ())
    named = [word for word in _words(fact.value, ()) if any(_same(word, other) for other in theirs)]
    if fact.lang == "ko":
        return " ".join([*named, sign.ko]) if sign.ko else ""
    return " ".join([sign.en, *named]) if sign.en else ""
