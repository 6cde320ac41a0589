"""Texts of the commands beside those in ``core.phrases``: labels, help, questions."""

from __future__ import annotations

from typing import Final

from core.people import Lang

_TEXTS: Final[dict[str, dict[Lang, str]]] = {
    "forget_counts": {
        "ko": "여기: 기억 {here_memories}개, 대화 {here_turns}개 · "
        "모든 곳: 기억 {all_memories}개, 대화 {all_turns}개",
        "en": "here: {here_memories} memories, {here_turns} exchanges · "
        "everywhere: {all_memories} memories, {all_turns} exchanges",
    },
    "forget_how": {
        "ko": "모든 곳에서 지우려면 /forget everywhere yes",
        "en": "To erase everywhere: /forget everywhere yes",
    },
    "forget_failed": {
        "ko": "지금은 수첩이 잠겨서 지우지 못했어. 조금 뒤에 다시 해 줘, 꼭!",
        "en": "My notebook is locked, so nothing is erased yet. Please try again in a moment!",
    },
    "store_failed": {
        "ko": "지금은 수첩을 펼 수가 없어. 조금 뒤에 다시 해 줄래?",
        "en": "I can't open my notebook right now. Could you try again in a moment?",
    },
    "memory_deleted": {"ko": "지웠어: {tag}", "en": "It is gone: {tag}"},
    "memory_unknown": {"ko": "{id}번 기억은 없어.", "en": "There is no memory {id}."},
    "memory_is_off": {"ko": "(새로 기억하기는 꺼져 있어)", "en": "(learning is off)"},
    "face_now": {
        "ko": "지금 얼굴: {face} · 고를 수 있는 얼굴: {faces}",
        "en": "face: {face} · to choose from: {faces}",
    },
    "face_chosen": {"ko": "이제부터 {face} 얼굴이야.", "en": "From now on my face is {face}."},
    "face_off": {"ko": "알았어, 얼굴은 안 보여 줄게.", "en": "Okay, no face from now on."},
    "face_on": {"ko": "좋아, 다시 얼굴을 보여 줄게!", "en": "Great, my face is back!"},
    "wrong_use": {"ko": "이렇게 써 줘: {usage}", "en": "Use it like this: {usage}"},
    "help": {
        "ko": """/memory            기억해 둔 것 보기 (/memory off · on · delete 번호)
/forget            나에 대한 것을 모두 지우기
/reset             새 대화 시작 (기억은 남아)
/face              얼굴 보기 (/face choose 이름 · off · on · express 눈 입 고개, 각각 -1~1)
/quit              끝내기 (Ctrl+D, Ctrl+C)""",
        "en": """/memory            what is remembered (/memory off · on · delete ID)
/forget            erase everything about you
/reset             a fresh conversation (memories stay)
/face              show the face (/face choose ID · off · on · express EYES MOUTH POSE, each -1 to 1)
/quit              leave (Ctrl+D, Ctrl+C)""",
    },
}


def text(key: str, lang: Lang, **values: object) -> str:
    """The text of ``key``. Raises KeyError for an unknown one."""
    return _TEXTS[key][lang].format(**values)


_EYES: Final = {"작게": "narrow", "보통": "normal", "크게": "wide", "아주 크게": "very wide"}
_MOUTH: Final = {"보통": "closed", "크게": "open", "아주 크게": "wide open"}
_POSE: Final = {"없음": "straight", "보통": "turned", "많이": "turned far"}


def expression_words(eyes: str, mouth: str, pose: str, lang: Lang) -> str:
    """The labels of an expression as a person reads them."""
    if lang == "ko":
        return f"눈 {eyes} · 입 {mouth} · 고개 돌림 {pose}"
    return f"eyes {_EYES.get(eyes, eyes)} · mouth {_MOUTH.get(mouth, mouth)} · head {_POSE.get(pose, pose)}"
