"""Texts of the admins' commands."""

from __future__ import annotations

from typing import Final

from core.people import Lang

ADMIN_TEXTS: Final[dict[str, dict[Lang, str]]] = {
    "owner_only": {"ko": "이건 봇 주인만 할 수 있어.", "en": "Only the bot's owner can do that."},
    "admin_only_discord": {
        "ko": "이건 서버 관리자만 할 수 있어 (서버 관리하기 권한이나 정해 둔 역할).",
        "en": "Only admins of this server can do that (Manage Server, or a role set for it).",
    },
    "admin_only_telegram": {
        "ko": "이건 이 그룹의 관리자만 할 수 있어.",
        "en": "Only admins of this group can do that.",
    },
    "group_only_discord": {"ko": "이건 서버 안에서만 돼.", "en": "That works in a server only."},
    "group_only_telegram": {"ko": "이건 그룹 안에서만 돼.", "en": "That works in a group only."},
    "settings_title": {"ko": "여기 설정이야:", "en": "The settings here:"},
    "setting_line": {"ko": "{name}: {value} · {about}", "en": "{name}: {value} · {about}"},
    "setting_default": {"ko": "(기본값)", "en": "(default)"},
    "setting_set": {"ko": "바꿨어. {name}: {value}", "en": "Changed. {name}: {value}"},
    "setting_cleared": {"ko": "{name}: 기본값으로 돌려놨어.", "en": "{name}: back to the default."},
    "setting_unknown": {
        "ko": "그런 설정은 없어. 바꿀 수 있는 설정: {names}",
        "en": "There is no such setting. There are: {names}",
    },
    "setting_wrong": {
        "ko": "그 값은 쓸 수 없어. {name}: {about}",
        "en": "That value can't be used. {name}: {about}",
    },
    "about_channels": {
        "ko": "대답할 채널 ID (띄어쓰기로 여러 개, 없으면 모든 채널)",
        "en": "ids of the channels where I answer (by spaces; none: everywhere)",
    },
    "about_always_answer": {
        "ko": "부르지 않아도 대답할 채널 ID",
        "en": "ids of the channels where I answer without being called",
    },
    "telegram_about_channels": {
        "ko": "대답할 주제 (0은 그룹 전체, 없으면 모든 주제), 예: +here",
        "en": "topics where I answer (0: the whole group; none: everywhere), such as +here",
    },
    "telegram_about_always_answer": {
        "ko": "부르지 않아도 대답할 주제 (0은 그룹 전체), 예: +here",
        "en": "topics where I answer without being called (0: the whole group), such as +here",
    },
    "about_cooldown_seconds": {
        "ko": "그런 채널에서 쉬는 시간, 0~3600초",
        "en": "pause between answers in such a channel, 0 to 3600 seconds",
    },
    "about_image": {"ko": "얼굴: off, still, animated", "en": "the face: off, still, animated"},
    "about_hair": {
        "ko": "머리 색: 색 이름(보라색)이나 #8a2be2, 오로라, 원래 색 (흰색·회색·검정은 물들지 않아)",
        "en": "the hair: a colour (violet) or #8a2be2, aurora, natural (white, grey and black don't dye)",
    },
    "about_language": {"ko": "기본 언어: ko, en", "en": "the usual language: ko, en"},
    "about_timezone": {"ko": "시간대, 예: Asia/Seoul", "en": "a time zone such as Asia/Seoul"},
    "about_rate_messages": {
        "ko": "한 사람이 한동안 보낼 수 있는 메시지 수, 1~1000",
        "en": "messages that a person may send in a while, 1 to 1000",
    },
    "about_rate_seconds": {"ko": "그 한동안의 길이, 1~86400초", "en": "how long that while is, 1 to 86400 seconds"},
    "about_admin_roles": {
        "ko": "관리 명령을 쓸 수 있는 역할 ID",
        "en": "ids of roles that may use the admin commands",
    },
    "about_grace_days": {
        "ko": "내가 내보내진 뒤 데이터를 지우기까지의 날수, 0~365",
        "en": "days until the data goes after I was removed, 0 to 365",
    },
    "block_length_wrong": {
        "ko": "기간은 30m, 2h, 7d, 1w 처럼 써 줘. 비워 두면 끝이 없어.",
        "en": "Write the time as 30m, 2h, 7d or 1w. Left out, it has no end.",
    },
    "blocked_now": {"ko": "이제 {person} 님에게는 대답하지 않을게. {until}", "en": "I won't answer {person} from now on. {until}"},
    "unblocked_now": {"ko": "{person} 님에게 다시 대답할게.", "en": "I'll answer {person} again."},
    "not_blocked": {"ko": "{person} 님은 막혀 있지 않아.", "en": "{person} is not blocked."},
    "no_blocks": {"ko": "막힌 사람이 없어.", "en": "Nobody is blocked."},
    "block_line": {
        "ko": "{person} · {until} · 이유: {reason} · 막은 사람: {by}",
        "en": "{person} · {until} · reason: {reason} · by: {by}",
    },
    "block_until": {"ko": "{until}까지", "en": "until {until}"},
    "block_forever": {"ko": "끝없이", "en": "without end"},
    "no_reason": {"ko": "없음", "en": "none"},
    "no_audit": {"ko": "아직 기록이 없어.", "en": "Nothing is recorded yet."},
    "audit_line": {"ko": "{at} · {actor} · {action} · {target}{counts}", "en": "{at} · {actor} · {action} · {target}{counts}"},
    "act_set": {"ko": "설정 바꾸기", "en": "set"},
    "act_clear": {"ko": "설정 되돌리기", "en": "clear"},
    "act_block": {"ko": "차단", "en": "block"},
    "act_unblock": {"ko": "차단 해제", "en": "unblock"},
    "act_maintenance_on": {"ko": "점검 켜기", "en": "maintenance on"},
    "act_maintenance_off": {"ko": "점검 끄기", "en": "maintenance off"},
    "act_preview": {"ko": "지울 것 세기", "en": "preview"},
    "act_forget": {"ko": "지우기", "en": "forget"},
    "act_forget_own": {"ko": "스스로 지우기", "en": "forget oneself"},
    "act_forget_silent": {"ko": "오래 말이 없어 지우기", "en": "forget after long silence"},
    "act_battle_stop": {"ko": "배틀 멈추기", "en": "stop a battle"},
    "act_battle_reset": {"ko": "배틀 순위 새로 시작", "en": "reset battle ratings"},
    "count_standings": {"ko": "순위", "en": "ratings"},
    "act_restore": {"ko": "백업 되살리기", "en": "restore a backup"},
    "count_memories": {"ko": "기억", "en": "memories"},
    "count_turns": {"ko": "대화", "en": "turns"},
    "status": {
        "ko": "버전 {version} · 모델: {models}\n답하는 중 {working}개 · 대기 {waiting}개 · 답까지 {times}\n문제: {problems}",
        "en": "version {version} · models: {models}\nanswering {working} · waiting {waiting} · time to reply {times}\nproblems: {problems}",
    },
    "status_times": {"ko": "보통 {median}ms, 느릴 때 {p95}ms", "en": "{median} ms in the middle, {p95} ms at p95"},
    "status_no_times": {"ko": "아직 잰 적 없음", "en": "not measured yet"},
    "status_unknown": {"ko": "상태를 알 수 없어.", "en": "The status is not known."},
    "none": {"ko": "없음", "en": "none"},
    "maintenance_on": {
        "ko": "정비 모드를 켰어. 끌 때까지 정비 중이라고만 할게.",
        "en": "Maintenance is on. Until it is off I only say so.",
    },
    "maintenance_off": {"ko": "정비 모드를 껐어. 다시 대답할게!", "en": "Maintenance is off. I answer again!"},
    "admin_forget_ask": {
        "ko": "{person} 님에 대해 여기에 있는 것: 기억 {memories}개, 대화 {turns}개. 지울까? 되돌릴 수 없어.",
        "en": "Of {person} there is here: memories {memories}, exchanges {turns}. Erase it? This can't be undone.",
    },
    "admin_forgot": {
        "ko": "{person} 님에 대한 기억 {memories}개와 대화 {turns}개를 여기서 지웠어.",
        "en": "Erased here of {person}: memories {memories}, exchanges {turns}.",
    },
}  # fmt: skip
