"""Texts of the commands beside those in ``core.phrases``: labels, help, questions."""

from __future__ import annotations

from typing import Final

from adapters.shared.admin_texts import ADMIN_TEXTS
from adapters.shared.battle_texts import BATTLE_TEXTS
from adapters.shared.guides import GUIDES
from adapters.shared.link_texts import LINK_TEXTS
from core.people import Lang

_TEXTS: Final[dict[str, dict[Lang, str]]] = {
    "forget_counts": {
        "ko": "여기: 기억 {here_memories}개, 대화 {here_turns}개 · "
        "모든 곳: 기억 {all_memories}개, 대화 {all_turns}개",
        "en": "here: memories {here_memories}, exchanges {here_turns} · "
        "everywhere: memories {all_memories}, exchanges {all_turns}",
    },
    "forget_how": {
        "ko": "지우려면: /forget {where} yes",
        "en": "To do it: /forget {where} yes",
    },
    "forget_how_both": {
        "ko": "지우려면: /forget yes · 네 설정까지 모두 지우려면: /forget everywhere yes",
        "en": "To do it: /forget yes · to erase your settings, too: /forget everywhere yes",
    },
    "forgot_left_chat": {
        "ko": "이 채팅에 남은 메시지는 내가 못 지우니까 직접 지워 줘. 백업에는 새 백업으로 바뀔 때까지 남을 수 있는데, "
        "그걸 되살려도 지운 건 다시 지워져.",
        "en": "The messages in this chat I can't delete; please do that yourself. A backup may hold them until a newer "
        "one takes its place; should it be restored, what you erased is erased again.",
    },
    "forgot_left_console": {
        "ko": "이 창에 보이는 글과 네가 파일로 내보낸 것은 그대로야. 백업에는 새 백업으로 바뀔 때까지 남을 수 있는데, "
        "그걸 되살려도 지운 건 다시 지워져.",
        "en": "What this window shows and what you exported into files stays. A backup may hold it until a newer one "
        "takes its place; should it be restored, what you erased is erased again.",
    },
    "forgot_left_server": {
        "ko": "데이터베이스 서버의 변경 기록에는 새 기록이 덮어쓸 때까지 조금 더 남아 있을 수 있어.",
        "en": "The log of changes of the database server may hold it a little longer, until newer ones are written over it.",
    },
    "forgot_but_off": {
        "ko": "새로 기억하지 말라던 것만 남겨 뒀어.",
        "en": "Only that I shall not learn anything is still noted.",
    },
    "forgot_pictures": {
        "ko": "얼굴 그림 {count}장도 지웠어.",
        "en": "Pictures of my face that went too: {count}",
    },
    "forget_failed": {
        "ko": "지금은 수첩이 잠겨서 지우지 못했어. 조금 뒤에 다시 해 줘, 꼭!",
        "en": "My notebook is locked, so nothing is erased yet. Please try again in a moment!",
    },
    "store_failed": {
        "ko": "지금은 수첩을 펼 수가 없어. 조금 뒤에 다시 해 줄래?",
        "en": "I can't open my notebook right now. Could you try again in a moment?",
    },
    "forget_here": {
        "ko": "여기서 나눈 기억 {memories}개와 대화 {turns}개를 지울까? 되돌릴 수 없어.",
        "en": "Erase what there is from here (memories: {memories}, exchanges: {turns})? This can't be undone.",
    },
    "forget_everywhere": {
        "ko": "모든 곳의 기억 {memories}개와 대화 {turns}개를 네 설정까지 지울까? 되돌릴 수 없어.",
        "en": "Erase what there is everywhere (memories: {memories}, exchanges: {turns}), your settings too? This can't be undone.",
    },
    "forget_battles": {
        "ko": "배틀 {battles}개(훈련과 약속까지)와 순위표 기록 {standings}개도 같이 지워져. 둘이 한 배틀은 상대에게서도 사라져.",
        "en": "Battles ({battles}, with their trainings and promises) and leaderboard entries ({standings}) go, too. A battle of two is gone for both.",
    },
    "forgot_battles": {
        "ko": "배틀 {battles}개와 순위표 기록 {standings}개도 지웠어.",
        "en": "Battles ({battles}) and leaderboard entries ({standings}) are gone, too.",
    },
    "forget_button_here": {"ko": "여기서 지우기", "en": "Erase here"},
    "forget_button_everywhere": {"ko": "모든 곳에서 지우기", "en": "Erase everywhere"},
    "forget_button_no": {"ko": "그만두기", "en": "Leave it"},
    "forget_left": {"ko": "알았어, 그대로 둘게.", "en": "Okay, everything stays."},
    "forget_late": {
        "ko": "2분이 지났어. 정말 지우려면 /forget 을 다시 해 줘.",
        "en": "Two minutes have passed. To erase, use /forget again.",
    },
    "forget_not_yours": {
        "ko": "이건 다른 사람이 부른 거라 네가 누를 수 없어.",
        "en": "Someone else asked for this, so you can't press it.",
    },
    "memory_not_found": {
        "ko": "그런 기억은 못 찾았어.",
        "en": "I found no memory like that.",
    },
    "memory_unusable": {
        "ko": "그렇게는 적어 둘 수 없어. 짧게, 예를 들면 「취미: 등산」처럼 써 줘.",
        "en": "I can't write that down. Keep it short, for example: hobby: hiking",
    },
    "memory_edited": {"ko": "고쳐 적었어: {old} → {new}", "en": "Changed: {old} → {new}"},
    "memory_exported": {
        "ko": "여기에 기억해 둔 {count}개야. 읽을 글과 프로그램이 읽을 JSON이야.",
        "en": "What I remember here, to read and as JSON. Memories: {count}",
    },
    "export_title": {
        "ko": "오로라가 너에 대해 기억해 둔 것 · {at}",
        "en": "What Oh-LoRA remembers about you · {at}",
    },
    "export_battle": {
        "ko": "배틀 {id} · {at} · {instance} · {grade} · 네 선택: {choices}",
        "en": "battle {id} · {at} · {instance} · {grade} · your choices: {choices}",
    },
    "export_owner": {"ko": "계정: {person} · 곳: {scope}", "en": "account: {person} · place: {scope}"},
    "export_direct": {"ko": "둘만의 대화", "en": "direct messages"},
    "export_choices": {"ko": "네가 고른 것: {choices}", "en": "what you chose: {choices}"},
    "choice_language": {"ko": "언어", "en": "language"},
    "choice_timezone": {"ko": "시간대", "en": "time zone"},
    "choice_face_id": {"ko": "얼굴", "en": "face"},
    "choice_face": {"ko": "얼굴 보이기", "en": "show the face"},
    "choice_hair": {"ko": "머리", "en": "hair"},
    "choice_learning": {"ko": "새로 기억하기", "en": "learning"},
    "export_count": {"ko": "기억 {count}개", "en": "memories: {count}"},
    "export_told": {"ko": "{at}에 들음 · 메시지 {source}", "en": "told {at} · message {source}"},
    "export_how": {
        "ko": "파일로 받으려면: /memory export 이름.txt (또는 이름.json)",
        "en": "Into a file: /memory export NAME.txt (or NAME.json)",
    },
    "export_written": {"ko": "여기에 적어 뒀어: {path}", "en": "Here it is: {path}"},
    "export_exists": {
        "ko": "{path} 파일이 벌써 있어. 다른 이름으로 해 줘.",
        "en": "{path} is there already. Choose another name.",
    },
    "export_failed": {
        "ko": "{path} 파일을 쓸 수가 없어. 폴더가 있는지 봐 줘.",
        "en": "I can't write {path}. Is its folder there?",
    },
    "why_none": {"ko": "아직 대답한 게 없어.", "en": "I haven't answered anything yet."},
    "why_unknown": {"ko": "그 대답은 이제 기억에 없어.", "en": "I no longer remember that reply."},
    "why_memories": {"ko": "이 기억들을 떠올리며 대답했어:", "en": "I had these memories in mind:"},
    "why_gone": {
        "ko": "그때 떠올린 기억 중에 이제 없는 것도 있어.",
        "en": "Some of what I had in mind then is no longer there.",
    },
    "why_nothing": {"ko": "기억은 쓰지 않았어.", "en": "I used no memory."},
    "why_face": {"ko": "표정은 {face}", "en": "My expression: {face}"},
    "on": {"ko": "켜짐", "en": "on"},
    "off": {"ko": "꺼짐", "en": "off"},
    "profile": {
        "ko": "언어: {language} · 시간대: {zone} · 얼굴: {face} ({face_shown}) · 머리: {hair} · 새로 기억하기: {learning}",
        "en": "language: {language} · time zone: {zone} · face: {face} ({face_shown}) · hair: {hair} · learning: {learning}",
    },
    "profile_usual": {"ko": "정하지 않음", "en": "not set"},
    "profile_as_written": {"ko": "네가 쓰는 말 그대로", "en": "the one you write in"},
    "language_ko": {"ko": "이제부터 한국어로 말할게!", "en": "이제부터 한국어로 말할게!"},
    "language_en": {"ko": "From now on I'll speak English!", "en": "From now on I'll speak English!"},
    "language_auto": {
        "ko": "네가 쓰는 말로 대답할게.",
        "en": "I'll answer in the language you write in.",
    },
    "timezone_set": {"ko": "이제 네 시간은 {zone} 기준이야.", "en": "Your time is that of {zone} now."},
    "timezone_cleared": {"ko": "시간대를 기본값으로 돌려놨어.", "en": "Your time zone is the default again."},
    "timezone_unknown": {
        "ko": "그런 시간대는 몰라. 예를 들면 Asia/Seoul 처럼, 또는 큰 도시 이름으로 써 줘.",
        "en": "I don't know that time zone. Write it as in Asia/Seoul.",
    },
    "memory_deleted": {"ko": "지웠어: {tag}", "en": "It is gone: {tag}"},
    "memory_pinned": {
        "ko": "📌 꼭 기억해 둘게: {tag}",
        "en": "📌 Pinned, I'll go by this one: {tag}",
    },
    "memory_unpinned": {"ko": "고정을 풀었어: {tag}", "en": "No longer pinned: {tag}"},
    "memory_former": {"ko": "예전:", "en": "earlier:"},
    "memory_former_why": {
        "ko": "(예전: 더 새로운 것이 그 자리를 대신해. 지우려면 /memory delete 번호)",
        "en": "(earlier: something newer counts in its place; /memory delete NUMBER erases it)",
    },
    "memory_already_on": {"ko": "벌써 잘 기억하고 있어!", "en": "I'm remembering things already!"},
    "memory_already_off": {
        "ko": "새로 기억하기는 벌써 꺼져 있어. 나눈 말까지 지우려면 /forget!",
        "en": "Learning is off already. /forget erases our talks, too.",
    },
    "memory_unknown": {"ko": "{id}번 기억은 없어.", "en": "There is no memory {id}."},
    "memory_is_off": {"ko": "(새로 기억하기는 꺼져 있어)", "en": "(learning is off)"},
    "face_now": {
        "ko": "지금 얼굴: {face} · 고를 수 있는 얼굴 {count}개: /face choose",
        "en": "face: {face} · to choose from: {count}, see /face choose",
    },
    "face_chosen": {"ko": "이제부터 {face} 얼굴이야.", "en": "From now on my face is {face}."},
    "gallery_alt": {
        "ko": "오로라의 얼굴 {first}~{last}번: {labels}",
        "en": "Oh-LoRA's faces {first} to {last}: {labels}",
    },
    "gallery_names": {
        "ko": "어떤 얼굴이 좋아? 그림에 번호가 있어. 고르기: /face choose 번호 (또는 이름)\n{labels}",
        "en": "Which face do you like? The picture has their numbers. To choose: /face choose NUMBER (or name)\n{labels}",
    },
    "hair_unknown": {
        "ko": "그 색은 모르는 색이거나 물들지 않는 색이야 (흰색·회색·검정). 보라색이나 #8a2be2 처럼 써 줘. 오로라, 원래 색도 좋아!",
        "en": "I don't know that colour, or it doesn't dye (white, grey, black). Write violet or #8a2be2, or aurora, or natural.",
    },
    "hair_natural": {
        "ko": "알았어, 원래 내 머리 색으로 돌아갈게!",
        "en": "Okay, back to my own hair colour!",
    },
    "hair_aurora": {
        "ko": "좋아, 이제 내 머리는 오로라야! 시간이 흐르면 색도 같이 흘러가 ✨",
        "en": "Great, my hair is an aurora now: its colour drifts with the time ✨",
    },
    "hair_dyed": {
        "ko": "짠, 머리를 물들였어! 새 색은 {colour} ✨",
        "en": "Ta-da, I dyed my hair: {colour} ✨",
    },
    "face_off": {"ko": "알았어, 얼굴은 안 보여 줄게.", "en": "Okay, no face from now on."},
    "face_on": {"ko": "좋아, 다시 얼굴을 보여 줄게!", "en": "Great, my face is back!"},
    "face_still": {
        "ko": "좋아, 얼굴은 그림 한 장으로 보여 줄게!",
        "en": "Great, my face is a still picture now!",
    },
    "face_animated": {
        "ko": "좋아, 이제 내 표정이 움직일 거야! 그룹에서는 관리자가 켜 둔 곳에서만 그래.",
        "en": "Great, my face moves now! In groups, only where the admins have switched it on.",
    },
    "button_again": {"ko": "다시", "en": "Try again"},
    "button_why": {"ko": "왜?", "en": "Why?"},
    "button_stop": {"ko": "그만", "en": "Stop"},
    "button_drop": {"ko": "{id}번 기억 지우기", "en": "Delete memory {id}"},
    "button_not_yours": {
        "ko": "이 버튼은 내가 대답한 사람만 누를 수 있어.",
        "en": "Only the person I answered can press this.",
    },
    "reply_unknown": {
        "ko": "그 대화는 이제 기억에 없어. 새로 말 걸어 줄래?",
        "en": "I no longer have that exchange. Talk to me anew?",
    },
    "still_writing": {"ko": "아직 쓰는 중이야, 잠깐만!", "en": "I'm still writing, one moment!"},
    "nothing_to_stop": {"ko": "벌써 다 말했어!", "en": "I'm already done!"},
    "face_alt": {"ko": "오로라의 얼굴: {words}", "en": "Oh-LoRA's face: {words}"},
    "usage_memory": {
        "ko": "/memory [list | search 말 | edit 번호 말 | delete 번호 | pin 번호 | off | on"
        " | export [이름.txt | 이름.json | text | json]]",
        "en": "/memory [list | search WORDS | edit NUMBER WORDS | delete NUMBER | pin NUMBER | off | on"
        " | export [NAME.txt | NAME.json | text | json]]",
    },
    "usage_export": {
        "ko": "/memory export [이름.txt | 이름.json | text | json]",
        "en": "/memory export [NAME.txt | NAME.json | text | json]",
    },
    "usage_face": {
        "ko": "/face [show | choose [번호 | 이름] | hair 색 | off | on [still | animated] | express 눈 입 고개]",
        "en": "/face [show | choose [NUMBER | NAME] | hair COLOUR | off | on [still | animated]"
        " | express EYES MOUTH HEAD]",
    },
    "usage_forget": {"ko": "/forget [here | everywhere] [yes]", "en": "/forget [here | everywhere] [yes]"},
    "usage_language": {"ko": "/language ko | en | auto", "en": "/language ko | en | auto"},
    "usage_timezone": {"ko": "/timezone 서울 | Asia/Seoul | default", "en": "/timezone Asia/Seoul | default"},
    "wrong_use": {"ko": "이렇게 써 줘: {usage}", "en": "Use it like this: {usage}"},
}
_ALL: Final = _TEXTS | ADMIN_TEXTS | BATTLE_TEXTS | GUIDES | LINK_TEXTS


def text(key: str, lang: Lang, **values: object) -> str:
    """The text of ``key``. Raises KeyError for an unknown one."""
    return _ALL[key][lang].format(**values)


_EYES: Final = {"작게": "narrow", "보통": "normal", "크게": "wide", "아주 크게": "very wide"}
_MOUTH: Final = {"보통": "closed", "크게": "open", "아주 크게": "wide open"}
_POSE: Final = {"없음": "straight", "보통": "turned", "많이": "turned far"}


def expression_words(eyes: str, mouth: str, pose: str, lang: Lang) -> str:
    """The labels of an expression as a person reads them."""
    if lang == "ko":
        return f"눈 {eyes} · 입 {mouth} · 고개 돌림 {pose}"
    return f"eyes {_EYES.get(eyes, eyes)} · mouth {_MOUTH.get(mouth, mouth)} · head {_POSE.get(pose, pose)}"
