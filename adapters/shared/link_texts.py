"""Texts about linked accounts."""

from __future__ import annotations

from typing import Final

from core.people import Lang

LINK_TEXTS: Final[dict[str, dict[Lang, str]]] = {
    "platform_discord": {"ko": "디스코드", "en": "Discord"},
    "platform_telegram": {"ko": "텔레그램", "en": "Telegram"},
    "link_on_discord": {"ko": "/계정잇기(/link)", "en": "/link"},
    "link_on_telegram": {"ko": "/link", "en": "/link"},
    "unlink_on_discord": {"ko": "/계정나누기(/unlink)", "en": "/unlink"},
    "unlink_on_telegram": {"ko": "/unlink", "en": "/unlink"},
    "link_direct": {
        "ko": "계정 잇기는 나랑 단둘이 있는 DM에서만 돼.",
        "en": "Accounts are joined in a direct message with me only.",
    },
    "link_spoilt": {
        "ko": "여기서는 다른 사람이 볼 수 있으니까 그 코드는 이제 못 써. "
        "{other}에서 {there} 명령으로 새로 받아 줘.",
        "en": "Others may have seen that code, so it is worth nothing now. "
        "Use {there} on {other} for a new one.",
    },
    "link_code": {
        "ko": "네 {other} 계정에서 나한테 DM으로 이렇게 보내 줘: {there} {code}\n"
        "10분 동안만 되고, 한 번만 쓸 수 있어. 아무한테도 알려 주지 마!",
        "en": "From your {other} account, send me in a direct message: {there} {code}\n"
        "It works for 10 minutes and once. Don't show it to anybody!",
    },
    "link_format": {
        "ko": "코드는 숫자 여섯 자리야. 예: {link} 123456",
        "en": "The code has six digits, for example: {link} 123456",
    },
    "link_wrong": {
        "ko": "그 코드로는 이을 수 없어. 틀렸거나, 시간이 지났거나, 이미 썼을 수 있어. "
        "{other}에서 {there} 명령을 다시 쓰면 새 코드를 줄게.",
        "en": "That code joins nothing: it may be wrong, too old or used up. "
        "Use {there} on {other} again for a new one.",
    },
    "link_ask": {
        "ko": "{platform} 계정 「{name}」 ({number})하고 이을까? 네 계정일 때만 이어 줘!\n"
        "이으면 DM에서 알려 준 것을 두 쪽 DM에서 모두 떠올려. 그룹에서 한 말은 그대로 따로야. "
        "언제든 나눌 수 있어: {unlink}",
        "en": "Join with the {platform} account “{name}” ({number})? Only if it is yours!\n"
        "Then I recall what you told me in direct messages on both sides. What was said in groups stays "
        "apart. {unlink} splits them at any time.",
    },
    "link_waits": {
        "ko": "좋아! 이제 {platform} 계정 「{name}」에서 나한테 {there} 라고 보내고, "
        "거기서도 확인해 줘. 10분 안에!",
        "en": "Good! Now send me {there} from the {platform} account “{name}” and confirm there, too, "
        "within 10 minutes.",
    },
    "link_waiting": {
        "ko": "{platform} 계정 「{name}」에서 너랑 잇고 싶대. 네 계정이면 {link} 라고 보내 줘. "
        "아니면 그냥 두면 돼.",
        "en": "The {platform} account “{name}” wants to be joined with you. If it is yours, send me {link}; "
        "if not, just leave it.",
    },
    "link_done": {
        "ko": "이었어! 이제 {platform} DM에서 알려 준 것도 여기서 떠올릴게. 나누려면 {unlink}.",
        "en": "Joined! From now on I recall what you told me in direct messages on {platform} here, too. "
        "To split: {unlink}",
    },
    "link_refused": {"ko": "알았어, 잇지 않을게.", "en": "Okay, nothing is joined."},
    "link_gone": {
        "ko": "그 물음은 이제 없어. 이으려면 {link} 부터 다시 해 줘.",
        "en": "That question is over. To join accounts, begin with {link} again.",
    },
    "link_already": {
        "ko": "벌써 {platform} 계정 「{name}」하고 이어져 있어. 나누려면 {unlink}.",
        "en": "You are joined with the {platform} account “{name}” already. To split: {unlink}",
    },
    "unlinked": {
        "ko": "나눴어. 기억은 네가 알려 준 계정에 그대로 남아 있어. "
        "다른 계정에서 알려 준 것을 떠올린 DM 대화는 지웠어.",
        "en": "Split. Each account keeps what it told me; talks in which I recalled "
        "what the other one had told me are gone.",
    },
    "unlink_none": {"ko": "이어진 계정이 없어.", "en": "No account is joined with this one."},
    "button_link_yes": {"ko": "응, 내 계정이야", "en": "Yes, it's mine"},
    "button_link_no": {"ko": "아니, 잇지 마", "en": "No, don't"},
    "forget_covers": {
        "ko": "이어진 {platform} 계정 「{name}」의 것도 모두 들어가고, 계정은 나뉘어.",
        "en": "This takes in all of the joined {platform} account “{name}”, and splits the two.",
    },
    "forget_joins": {
        "ko": "이어진 {platform} 계정 「{name}」의 DM에 있는 것도 함께 지워져: 이은 계정의 DM은 하나로 쳐. "
        "그 계정의 그룹 것은 그대로고, 계정도 이어진 채로 남아.",
        "en": "What there is from direct messages with the joined {platform} account “{name}” goes, too: "
        "joined accounts share theirs. What it told me in groups stays, and so does the link.",
    },
}
