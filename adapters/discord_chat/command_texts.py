"""What only Discord's commands say, beside :mod:`adapters.shared.texts`."""

from __future__ import annotations

from typing import Final

from core.people import Lang

_TEXTS: Final[dict[str, dict[Lang, str]]] = {
    "gallery": {
        "ko": "어떤 얼굴이 좋아? 사진에 있는 번호를 아래에서 골라 줘.",
        "en": "Which face do you like? The pictures have their numbers; choose one below.",
    },
    "gallery_menu": {"ko": "얼굴 고르기: {first}~{last}번", "en": "Choose a face: {first} to {last}"},
    "other_channels": {
        "ko": "여기서는 말하지 않기로 했어. 서버 관리자가 다른 채널을 정해 뒀어.",
        "en": "I don't talk in this channel: the admins of this server chose others.",
    },
    "synced": {"ko": "명령을 다시 등록했어.", "en": "The commands are registered again."},
    "sync_failed": {
        "ko": "디스코드가 명령을 받지 않았어. 로그를 봐 줘.",
        "en": "Discord did not take the commands. See the log.",
    },
    "ask_title": {"ko": "오로라에게 묻기", "en": "Ask Oh-LoRA"},
    "ask_label": {
        "ko": "고쳐서 물어봐도 돼 (네 얘기로 기억하진 않아)",
        "en": "Change it if you like (not kept as about you)",
    },
    "ask_herself": {"ko": "그건 내가 한 말이잖아!", "en": "But I said that myself!"},
    "value_unknown": {"ko": "그런 값은 몰라: {value}", "en": "I don't know that value: {value}"},
    "nobody_named": {
        "ko": "누구인지 모르겠어. 목록에서 골라 줘.",
        "en": "I don't know who that is. Please choose from the list.",
    },
    "broke": {
        "ko": "앗, 방금 뭔가 잘못됐어. 조금 뒤에 다시 해 줄래?",
        "en": "Oops, something went wrong. Could you try again in a moment?",
    },
    "setting_add": {"ko": "더하기: {name}", "en": "add {name}"},
    "setting_remove": {"ko": "빼기: {name}", "en": "remove {name}"},
    "setting_default": {"ko": "기본값으로", "en": "back to the default"},
    "needs_content": {
        "ko": "이 채널의 말을 읽으려면 개발자 포털의 Message Content Intent가 필요해. 켠 다음 나를 다시 시작해 줘.",
        "en": "To read that channel I need the Message Content Intent (developer portal), and a restart after that.",
    },
    "thread_name": {"ko": "{name} · 오로라", "en": "{name} & Oh-LoRA"},
    "no_thread_here": {"ko": "여기서는 스레드를 열 수 없어.", "en": "I can't open a thread here."},
    "no_thread": {
        "ko": "스레드를 열지 못했어. 서버 관리자가 나에게 '공개 스레드 만들기'를 허락해야 해.",
        "en": "I couldn't open the thread. An admin has to allow me to create public threads.",
    },
    "battle_call": {
        "ko": "{who}, 배틀 신청이 왔어! 위에 있는 버튼으로 받아 줘.",
        "en": "{who}, you are challenged to a battle! The buttons above accept it.",
    },
    "battle_words": {"ko": "직접 쓰기", "en": "In your own words"},
    "battle_words_about": {
        "ko": "범위는 위 카드에 있어. 아래에서 고르면 그게 먼저야.",
        "en": "The card above has the ranges. What you pick below wins.",
    },
    "battle_default": {"ko": "쓴 대로, 안 썼으면 기본값", "en": "as written, or the default"},
    "latency": {"ko": "디스코드까지 {ms} ms · 샤드 {shards}", "en": "{ms} ms to Discord · shards {shards}"},
}


def text(key: str, lang: Lang, **values: object) -> str:
    """The text of ``key``. Raises KeyError for an unknown one."""
    return _TEXTS[key][lang].format(**values)


def keys() -> tuple[str, ...]:
    """Every key, for tests."""
    return tuple(_TEXTS)
