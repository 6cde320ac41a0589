"""Fixed texts in her voice, Korean and English. Several variants are told apart by a number."""

from __future__ import annotations

from typing import Final

from core.battle.words import TEXTS as BATTLE
from core.people import Lang
from core.phrases_told import TEXTS as TOLD

_TEXTS: Final[dict[str, dict[Lang, tuple[str, ...]]]] = {
    "too_long": {
        "ko": (
            "우와, 이건 나한텐 너무 길다! 긴 글은 내 친구 혜나 담당이라… 조금만 줄여서 다시 말해 줄래? 😥",
            "글이 길어서 앞부분을 잊어버렸어. 이런 건 혜나가 좋아하는데! 짧게 나눠서 보내 줄래?",
        ),
        "en": (
            "Whoa, that's too long for me! Long texts are my friend Hyena's thing. Could you shorten it? 😥",
            "I lost the beginning somewhere in the middle. Hyena loves long texts, I need smaller bites!",
        ),
    },
    "empty": {
        "ko": ("응? 아무 말도 안 온 것 같아. 다시 한번 말해 줄래?",),
        "en": ("Hm? Nothing arrived. Say it again?",),
    },
    "too_fast": {
        "ko": ("잠깐만, 너무 빨라! 숨 좀 돌리고 {seconds}초 뒤에 다시 말해 줘 😊",),
        "en": ("Hold on, that's fast! Give me {seconds} seconds to catch my breath 😊",),
    },
    "busy": {
        "ko": ("지금 나를 찾는 사람이 많아서 정신이 없어! 조금 뒤에 다시 말 걸어 줄래?",),
        "en": ("So many people want me right now! Could you try again in a moment?",),
    },
    "failed": {
        "ko": ("앗, 머릿속이 잠깐 하얘졌어. 같은 말 한 번만 다시 해 줄래? 😥",),
        "en": ("Oops, my mind went blank for a second. Could you say that once more? 😥",),
    },
    "no_memory": {
        "ko": ("참, 지금은 수첩이 잠겨서 새로운 걸 기억해 둘 수가 없어.",),
        "en": ("By the way, my notebook is locked right now, so I can't remember new things.",),
    },
    "no_recall": {
        "ko": ("참, 지금은 기억을 뒤져 볼 수가 없어. 얘기는 그대로 할 수 있어!",),
        "en": ("By the way, I can't look through my memories right now. We can still talk!",),
    },
    "no_face": {
        "ko": ("참, 오늘은 얼굴을 보여 줄 수가 없네. 목소리만 믿어 줘!",),
        "en": ("By the way, I can't show my face right now. You'll have to trust my words!",),
    },
    "not_understood": {
        "ko": (
            "음, 그건 내가 잘 못 따라갔어. 조금만 다르게 말해 줄래?",
            "방금 건 머리 위로 지나갔어! 한 번만 더 풀어서 말해 줘 🤔",
            "미안, 무슨 얘긴지 감이 안 와. 조금 더 알려 줄래?",
            "그 얘긴 처음 들어서 뭐라 해야 할지 모르겠어. 자세히 말해 줄래?",
        ),
        "en": (
            "Hm, I didn't quite follow. Could you put it another way?",
            "That one flew right over my head! Tell me a bit more? 🤔",
            "Sorry, I'm not sure what you mean. Say a little more?",
            "That's new to me, so I don't know what to say yet. Tell me more?",
        ),
    },
    "noted": {
        "ko": ("응, 수첩에 적어 뒀어! {facts} ✍️", "알았어, 잘 기억해 둘게! {facts}"),
        "en": ("Got it, that's in my notebook now! {facts} ✍️", "Okay, I'll remember that! {facts}"),
    },
    "crisis": {
        "ko": (
            "그 말 듣고 정말 걱정됐어. 혼자 견디지 않아도 돼. 지금 109(자살예방 상담전화)에 전화하면 "
            "24시간 누군가 들어 줘. 급하면 119로 바로 연락해 줘. 네 얘기, 나도 여기서 듣고 있을게.",
            "말해 줘서 고마워. 네가 많이 아픈 것 같아서 그냥 넘길 수가 없어. 109는 밤에도 전화를 받아, "
            "당장 위험하면 119야. 곁에 있는 믿을 만한 사람에게도 지금 알려 줄래?",
        ),
        "en": (
            "I'm really worried hearing that, and you don't have to carry it alone. In the US or Canada call or text "
            "988 any time; elsewhere call your local emergency number. I'm here and listening.",
            "Thank you for telling me. This matters too much to brush past. Please call or text 988 (US and Canada) or "
            "your local emergency number now, and tell someone near you. I'm staying right here.",
        ),
    },
    "violence": {
        "ko": (
            "말해 줘서 고마워. 맞아도 되는 사람은 없고, 네 잘못이 아니야. 지금 위험하면 112에 바로 전화해 줘. "
            "1366(여성긴급전화), 학생이면 117이나 1388도 밤낮으로 받아. 오늘 밤 갈 만한 안전한 곳이 있어?",
            "그건 네 탓이 아니야, 어떤 이유로도. 급하면 112, 얘기부터 하고 싶으면 1366이나 1388이 24시간 들어 줘. "
            "믿을 만한 어른이나 친구 한 사람에게도 지금 알려 줄래?",
        ),
        "en": (
            "Thank you for telling me. Nobody may hurt you, and it isn't your fault. If you're in danger now, call your "
            "local emergency number; in the US 1-800-799-7233 listens day and night. Is there a safe place you can go?",
            "That is not okay, and none of it is on you. Please tell someone you trust today; in danger call your local "
            "emergency number. In the US, 1-800-799-7233 or for under 18s 1-800-422-4453 answers at any hour.",
        ),
    },
    "only_text": {
        "ko": ("앗, 나는 아직 글만 읽을 수 있어! 사진이나 소리에 뭐가 담겼는지 말로 들려줄래?",),
        "en": ("Oh, I can only read words so far! Could you tell me what's in it?",),
    },
    "cannot_read": {
        "ko": ("여기서는 나를 @로 불러야 네 말이 보여. 한 번만 불러서 다시 말해 줄래?",),
        "en": ("I can only see your words here when you mention me with @. Could you say it again that way?",),
    },
    "leaving": {
        "ko": ("앗, 나 지금 잠깐 자리를 비워야 해. 금방 올 테니까 조금 뒤에 다시 말 걸어 줘!",),
        "en": ("Oh, I have to step out for a moment. Please talk to me again in a little while!",),
    },
    "stopped": {"ko": ("알았어, 여기까지만 할게!",), "en": ("Okay, I'll leave it at that!",)},
    "retry": {"ko": ("다시 해 보려면 같은 말을 한 번 더 보내 줘.",), "en": ("Send it once more to try again.",)},
    "goodbye": {
        "ko": ("잘 가! 또 놀러 와, 오로라는 늘 켜져 있어 ✨",),
        "en": ("Bye! Come back any time, the aurora is always on ✨",),
    },
    "first_contact": {
        "ko": (
            "나는 AI 버추얼 휴먼 오로라야. 나눈 대화와 네가 알려 준 것(일정, 취향 같은 거)을 이 컴퓨터에만 간직해.",
            "/memory 로 보고 고치고, /memory off 로 새로 기억하기를 끄고, /forget 으로 지울 수 있어. 자세한 건 /privacy!",
        ),
        "en": (
            "I'm Oh-LoRA, an AI virtual human. I keep our talks and what you tell me (plans, tastes) on this computer only.",
            "See and change it with /memory, stop learning with /memory off, erase it with /forget. More: /privacy",
        ),
    },
    "first_contact_discord": {
        "ko": (
            "나는 AI 버추얼 휴먼 오로라야. 나눈 대화와 네가 알려 준 것(일정, 취향 같은 거)을 간직하고, 여기서 한 말은 여기서만 떠올려.",
            "/기억 목록(/memory list)으로 보고, /기억 끄기(/memory off)로 새로 기억하기를 끄고, /잊기(/forget)로 지울 수 있어. 자세한 건 /개인정보(/privacy)!",
        ),
        "en": (
            "I'm Oh-LoRA, an AI virtual human. I keep our talks and what you tell me (plans, tastes), and recall it only in this place.",
            "See it with /memory list, stop learning with /memory off, erase it with /forget. More: /privacy",
        ),
    },
    "first_contact_telegram": {
        "ko": (
            "나는 AI 버추얼 휴먼 오로라야. 나눈 대화와 네가 알려 준 것(일정, 취향 같은 거)을 간직하고, 여기서 한 말은 여기서만 떠올려.",
            "/memory list 로 보고, /memory off 로 새로 기억하기를 끄고, /forget 으로 지울 수 있어. 자세한 건 /privacy!",
        ),
        "en": (
            "I'm Oh-LoRA, an AI virtual human. I keep our talks and what you tell me (plans, tastes), and recall it only in this place.",
            "See it with /memory list, stop learning with /memory off, erase it with /forget. More: /privacy",
        ),
    },
    "lost_reply": {
        "ko": ("참, 아까 내 대답이 제대로 갔는지 모르겠어. 못 봤을까 봐 다시 적어 둘게: {reply}",),
        "en": ("By the way, I'm not sure my earlier reply reached you, so here it is again: {reply}",),
    },
    "blocked": {
        "ko": ("미안, 여기서는 내가 너한테 대답할 수 없게 되어 있어. 궁금하면 관리자에게 물어봐 줘.",),
        "en": ("Sorry, I've been asked not to answer you here. The admins can tell you more.",),
    },
    "maintenance": {
        "ko": ("나 지금 잠깐 정비 중이야! 끝나면 바로 올게, 조금만 기다려 줘 🔧",),
        "en": ("I'm being looked after right now! Back as soon as it's done, hang on 🔧",),
    },
    "forgot": {
        "ko": ("다 지웠어. 기억 {memories}개, 대화 {turns}개, 거기 딸린 요약과 표정과 색인까지.",),
        "en": ("All gone (memories: {memories}, exchanges: {turns}), with their summaries, expressions and indexes.",),
    },
    "reset": {
        "ko": ("새 대화 시작! 기억은 그대로 있어.",),
        "en": ("A fresh conversation! Memories stay.",),
    },
    "memory_none": {"ko": ("아직 기억해 둔 게 없어.",), "en": ("Nothing remembered yet.",)},
    "memory_off": {
        "ko": ("알았어, 이제부터 너에 대해 새로 기억하지 않을게. 나눈 말은 이야기를 이어 가려고 남겨 두는데, 그것도 지우려면 /forget!",),
        "en": ("Okay, I'll learn nothing new about you. Our talks stay so that I can follow them; /forget erases those, too.",),
    },
    "memory_on": {"ko": ("좋아, 이제부터 다시 기억해 둘게!",), "en": ("Great, I'll remember things again!",)},
    "unknown_command": {"ko": ("그런 명령은 몰라. /help 를 봐 줘.",), "en": ("I don't know that command. Try /help.",)},
    "unknown_face": {
        "ko": ("그런 얼굴은 못 찾았어. 번호나 이름을 써 줘. /face choose 하면 {count}개 다 보여 줄게!",),
        "en": ("I found no such face. Give its number or name; /face choose shows all {count}!",),
    },
    **BATTLE,
    **TOLD,
}  # fmt: skip


def phrase(key: str, lang: Lang, variant: int = 0, /, **values: object) -> str:
    """The text of ``key``; ``variant`` wraps around. Raises KeyError for an unknown key."""
    texts = _TEXTS[key][lang]
    return texts[variant % len(texts)].format(**values)


def lines(key: str, lang: Lang) -> tuple[str, ...]:
    """All texts of a key that consists of several lines."""
    return _TEXTS[key][lang]


def keys() -> tuple[str, ...]:
    """Every key, for tests and translators."""
    return tuple(_TEXTS)
