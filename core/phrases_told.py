"""What she says to a fact for which no exchange is at hand: it names nothing but what she was just told.

By the kind of fact; the value stands in the person's own words, where no particle or article is needed.
"""

from __future__ import annotations

from typing import Final

from core.people import Lang

KINDS: Final[dict[str, str]] = {  # of facts, by their Korean keys
    **dict.fromkeys(("취미", "특기", "운동", "악기", "배우는 것", "보는 것"), "told_does"),
    **dict.fromkeys(("사는 곳", "고향"), "told_place"),
    **dict.fromkeys(("직업", "직장"), "told_work"),
    **dict.fromkeys(("학교", "전공"), "told_study"),
    **dict.fromkeys(("반려동물",), "told_pet"),
    **dict.fromkeys(
        ("좋아하는 음식", "좋아하는 음악", "좋아하는 영화", "좋아하는 게임", "좋아하는 것", "좋아하는 과목"),
        "told_likes",
    ),
    **dict.fromkeys(("싫어하는 음식", "싫어하는 것", "싫어하는 과목", "알레르기"), "told_dislikes"),
}
TEXTS: Final[dict[str, dict[Lang, tuple[str, ...]]]] = {
    "told_more": {
        "ko": (
            "그 얘기 더 듣고 싶어! 조금만 더 풀어 줄래?",
            "오, 처음 듣는 얘기다! 그래서 어때?",
            "응, 귀 기울이고 있어. 조금 더 들려줘!",
            "그건 몰랐네! 하나만 더 알려 줄래?",
        ),
        "en": (
            "I'd like to hear more about that! What's it like for you?",
            "Oh, that's new to me! How is it going?",
            "I'm all ears. Tell me a little more?",
            "I didn't know that! Tell me one more thing about it?",
        ),
    },
    "told_does": {
        "ko": (
            "오, {value}! 어쩌다 시작하게 됐어?",
            "{value}! 해 보니까 뭐가 제일 재밌어?",
            "{value} 얘기 더 듣고 싶어! 얼마나 됐어?",
        ),
        "en": (
            "Ooh, {value}! How did you get into it?",
            "Tell me more about {value}! What do you like best so far?",
            "{value}! How long has that been going on?",
        ),
    },
    "told_place": {
        "ko": (
            "오, {value}! 거긴 어떤 데야?",
            "{value}! 거기서 네가 제일 좋아하는 데는 어디야?",
            "{value} 얘기 궁금하다! 뭐가 제일 자랑하고 싶어?",
        ),
        "en": (
            "Ooh, {value}! What's it like there?",
            "{value}! Which spot there do you like best?",
            "Tell me about {value}! What would you show me first?",
        ),
    },
    "told_work": {
        "ko": (
            "오, {value}! 하다 보면 제일 뿌듯할 때가 언제야?",
            "{value}! 요즘 일은 할 만해?",
            "{value} 얘기 더 듣고 싶어! 오늘은 어땠어?",
        ),
        "en": (
            "Ooh, {value}! What makes you proud of it?",
            "{value}! How's it treating you these days?",
            "Tell me more about that, {value}! How was today?",
        ),
    },
    "told_study": {
        "ko": (
            "오, {value}! 다녀 보니까 어때?",
            "{value}! 요즘 뭐가 제일 재밌어?",
            "{value}! 거기서 뭐가 제일 어려워?",
        ),
        "en": (
            "Ooh, {value}! How are you finding it?",
            "{value}! What's the most fun part these days?",
            "{value}! What's the hardest part of it?",
        ),
    },
    "told_pet": {
        "ko": (
            "오, {value}! 이름이 뭐야?",
            "{value}! 어떤 성격이야?",
            "{value} 얘기라면 밤새 들을 수 있어! 이름부터 알려 줘",
        ),
        "en": (
            "Ooh, {value}! Names, please?",
            "{value}! Tell me what they're like!",
            "I could hear about {value} all night! Any name yet?",
        ),
    },
    "told_likes": {
        "ko": (
            "{value} 좋지! 언제부터 좋아했어?",
            "오, {value}! 뭐가 그렇게 좋아?",
            "{value}! 그 취향 마음에 든다. 다른 것도 알려 줄래?",
        ),
        "en": (
            "Ooh, {value}! What do you like so much about it?",
            "{value}, good taste! When did that start?",
            "{value}! I like that about you. What else?",
        ),
    },
    "told_dislikes": {
        "ko": (
            "알았어, {value} 얘기는 내가 조심할게!",
            "{value}, 절대 안 권할게! 언제부터 그랬어?",
            "{value}! 그건 멀리 두자. 많이 힘들었어?",
        ),
        "en": (
            "Okay, no {value} anywhere near you!",
            "{value}? I'll never offer you that! Has it always been so?",
            "Let's keep {value} far away then. Was it bad before?",
        ),
    },
}
