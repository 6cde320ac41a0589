"""Korean particles: the form a particle takes after a word, and swapping a word inside a sentence.

Rules of the Standard Korean Orthography on particle alternants (은/는, 이/가, 을/를, 과/와, 으로/로,
이야/야, 아/야): the form follows from whether the word before ends in a consonant. Digits and
Latin letters are read as Korean would read them aloud.
"""

from __future__ import annotations

import re
from typing import Final

PAIRS: Final = (
    ("이라면서", "라면서"), ("이라서", "라서"), ("이라고", "라고"), ("이라니", "라니"), ("이라며", "라며"),
    ("이라면", "라면"), ("이랑", "랑"), ("이네", "네"), ("이야", "야"), ("이지", "지"), ("이니까", "니까"),
    ("이구나", "구나"), ("이었지", "였지"), ("이었", "였"), ("이잖아", "잖아"), ("이면", "면"),
    ("이랬", "랬"), ("이라", "라"), ("이나", "나"), ("으로", "로"), ("은", "는"), ("이", "가"), ("을", "를"),
    ("과", "와"), ("아", "야"),
)  # fmt: skip
_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS: Final = (
    "", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ",
    "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
)  # fmt: skip
_DIGIT_FINALS: Final = {"0": "ㅇ", "1": "ㄹ", "3": "ㅁ", "6": "ㄱ", "7": "ㄹ", "8": "ㄹ"}
_LETTER_FINALS: Final = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "r": "ㄹ"}
_AMBIGUOUS: Final = frozenset({"네", "야", "지", "면", "라", "나", "이", "아", "이나", "이지"})


def letters(text: str) -> str:
    """A text with its syllables spelt out in letters: "힘듦" is "ㅎㅣㅁㄷㅡㄹㅁ"."""
    out: list[str] = []
    for char in text:
        out += _parted(char) if "가" <= char <= "힣" else (char,)
    return "".join(out)


def _parted(syllable: str) -> tuple[str, str, str]:
    rest, final = divmod(ord(syllable) - ord("가"), len(_FINALS))
    return _INITIALS[rest // len(_VOWELS)], _VOWELS[rest % len(_VOWELS)], _FINALS[final]


def compose(first: str, vowel: str, final: str) -> str:
    """A syllable of its letters; ``final`` is "" for none."""
    lead = _INITIALS.index(first) * len(_VOWELS) + _VOWELS.index(vowel)
    return chr(ord("가") + lead * len(_FINALS) + _FINALS.index(final))


_STEM_VOWELS: Final = {  # before the ending -아/-어 went into them
    "ㅏ": "ㅏㅡ", "ㅓ": "ㅓㅡ", "ㅐ": "ㅐㅏ", "ㅕ": "ㅣㅕ", "ㅘ": "ㅗ", "ㅝ": "ㅜ", "ㅙ": "ㅚ",
}  # fmt: skip


_SHORT: Final = frozenset(
    "나 난 날 내 너 넌 네 널 저 전 제 그 이 걔 뭐 왜 안 못 잘 더 또 좀 다 참 딱 꼭".split()
)


_AFTER_STEM: Final = frozenset({"", *(  # how an ending begins
    "고는은을를기러려면서자지네니나다더던겠었았어아여요야게도거길습잖구군셔시셨해했하한할함되될됐돼된데라랐렀"
    "ㅋㅎㅠㅜ~!."
)})  # fmt: skip


def noun_forms(word: str) -> set[str]:
    """What an inflected verb may be as a noun: "봤어" as "봄" or "보기", among forms that do not exist.

    Where the stem ends is not known, so every syllable is tried as its end: the caller chooses.
    """
    forms: set[str] = set()
    if word in _SHORT:
        return forms
    for i, char in enumerate(word):
        if not "가" <= char <= "힣" or word[i + 1 : i + 2] not in _AFTER_STEM:
            continue
        first, vowel, final = _parted(char)
        head = word[:i]
        if final in ("", "ㅆ", "ㄴ", "ㄹ", "ㅂ"):
            forms |= {head + compose(first, stem, "ㅁ") for stem in _STEM_VOWELS.get(vowel, vowel)}
        if final in ("ㄹ", "ㄴ"):
            forms.add(head + compose(first, vowel, "ㄹㅁ"))
        if final == "ㄹ" and word[i + 1 : i + 2] in ("라", "러", "랐", "렀"):
            forms.add(head + compose(first, vowel, "") + "름")
        if final == "ㅂ":
            forms.add(head + compose(first, vowel, "") + "움")
        if final not in ("", "ㄴ"):
            forms.add(word[: i + 1] + "음")
        forms.add(word[: i + 1] + "기")
    return forms


def final_sound(word: str) -> str:
    """The last consonant sound of a word as one jamo class: '' for a vowel, 'ㄹ', or another."""
    match = re.search(r"[0-9A-Za-z가-힣](?=[^0-9A-Za-z가-힣]*$)", word)
    if match is None:
        return ""
    char = match.group().lower()
    if "가" <= char <= "힣":
        index = (ord(char) - ord("가")) % 28
        return "" if index == 0 else "ㄹ" if index == 8 else "ㅇ"
    return _DIGIT_FINALS.get(char) or _LETTER_FINALS.get(char, "")


def particle(word: str, form: str) -> str:
    """The alternant of ``form`` (either member of a pair) that fits ``word``; others unchanged."""
    for closed, open_ in PAIRS:
        if form in (closed, open_):
            sound = final_sound(word)
            if closed == "으로":
                return closed if sound and sound != "ㄹ" else open_
            return closed if sound else open_
    return form


def _fix_after(new: str, old: str, rest: str, *, opens: bool) -> str:
    """``rest`` follows the swapped word: give its leading particle the right form.

    ``opens`` says that the word opens the sentence, where 아/야 is a call, not "it is".
    """
    if opens and re.match(r"[아야](?![가-힣])", rest):
        return ("아" if final_sound(new) else "야") + rest[1:]
    for closed, _ in PAIRS:
        now = particle(old, closed)
        if rest.startswith(now):
            after = rest[len(now) :]
            if now in _AMBIGUOUS and after[:1].isalpha():
                continue
            return particle(new, now) + after
    return rest


def swap(sentence: str, old: str, new: str) -> str:
    """``sentence`` with every ``old`` replaced by ``new``, particles following along."""
    if not old or old not in sentence:
        return sentence
    head, *tails = sentence.split(old)
    out = head
    for tail in tails:
        out += new + _fix_after(new, old, tail, opens=not out.strip())
    return out
