"""What only Telegram's commands and menus say, beside :mod:`adapters.shared.texts`."""

from __future__ import annotations

from typing import Final

from core.people import Lang

_TEXTS: Final[dict[str, dict[Lang, str]]] = {
    "start": {
        "ko": "안녕, 나 오로라야! 그냥 말 걸면 돼. 뭘 할 수 있는지는 /help, 뭘 간직하는지는 /privacy!",
        "en": "Hi, I'm Oh-LoRA! Just write to me. What I can do: /help, what I keep: /privacy",
    },
    "sent_private": {"ko": "{name}, 너한테 따로 보냈어.", "en": "{name}, I sent it to you directly."},
    "cannot_write": {
        "ko": "{name}, 이건 둘이서만 볼 거라 따로 보내고 싶은데, 네가 먼저 나한테 말을 걸어 줘야 해.",
        "en": "{name}, this is for your eyes only, but I can't write to you before you open our chat.",
    },
    "open_chat": {"ko": "오로라와 대화 열기", "en": "Open the chat with Oh-LoRA"},
    "as_yourself": {
        "ko": "지금은 그룹이나 채널 이름으로 쓰고 있어서 누구인지 모르겠어. 네 이름으로 다시 해 줘.",
        "en": "You write in the name of a group or channel, so I don't know who you are. Please use your own name.",
    },
    "chat_empty": {
        "ko": "할 말을 뒤에 붙여 줘. 예: /chat 오늘 뭐 했어?",
        "en": "Put your words behind it, like: /chat What did you do today?",
    },
    "memory_usage": {
        "ko": "/memory list · search 찾을말 · edit 번호 내용 · delete 번호 · pin 번호 · export · on · off",
        "en": "/memory list · search WORDS · edit NUMBER WORDS · delete NUMBER · pin NUMBER · export · on · off",
    },
    "button_export": {"ko": "파일로 받기", "en": "As a file"},
    "button_memory_off": {"ko": "기억하기 끄기", "en": "Stop remembering"},
    "button_memory_on": {"ko": "기억하기 켜기", "en": "Remember again"},
    "face_usage": {
        "ko": """/face show · on · on still · on animated · off
/face choose (번호나 이름)
/face hair 색 (예: /face hair 보라색, #8a2be2, 오로라, 원래 색)
/face express 눈 입 고개 (각각 -1~1, 예: /face express 0.5 0.2 0)""",
        "en": """/face show · on · on still · on animated · off
/face choose (NUMBER or NAME)
/face hair COLOUR (like /face hair violet, #8a2be2, aurora, natural)
/face express EYES MOUTH HEAD (each -1 to 1, like /face express 0.5 0.2 0)""",
    },
    "gallery": {
        "ko": "어떤 얼굴이 좋아? 사진에 번호가 있어.",
        "en": "Which face do you like? The pictures have their numbers.",
    },
    "language_ask": {"ko": "어떤 말로 대답할까?", "en": "Which language shall I answer in?"},
    "language_ko": {"ko": "한국어", "en": "한국어"},
    "language_en": {"ko": "English", "en": "English"},
    "language_auto": {"ko": "네가 쓰는 대로", "en": "As you write"},
    "timezone_ask": {
        "ko": "어디에 있어? 없으면 이렇게 써 줘: /timezone Asia/Seoul",
        "en": "Where are you? If it isn't here, type it: /timezone Asia/Seoul",
    },
    "timezone_default": {"ko": "기본값으로", "en": "back to the default"},
    "battle_data": {
        "ko": "어떤 데이터로 겨룰까? 바로 시작하려면: /battle digits hard",
        "en": "Which data shall we battle on? To start at once: /battle digits hard",
    },
    "battle_rival": {"ko": "{dataset}! 누구랑 할래?", "en": "{dataset}! Against whom?"},
    "battle_person": {"ko": "다른 사람", "en": "another person"},
    "battle_person_how": {
        "ko": "그 사람 메시지에 답장하면서 /battle {dataset} 라고 써 줘.",
        "en": "Reply to a message of theirs with /battle {dataset}",
    },
    "battle_in_group": {
        "ko": "다른 사람과는 그룹에서만 겨룰 수 있어. 거기서 그 사람 메시지에 답장하면서 /battle 해 줘.",
        "en": "Battles with another person happen in groups: reply to a message of theirs there with /battle",
    },
    "battle_called": {"ko": "🔔 {name}, 너를 불렀어!", "en": "🔔 {name}, this is for you!"},
    "battle_ask": {
        "ko": "⚔️ #{id} {name}, {number}차 값을 이 메시지에 답장으로 써 줘. 안 적은 건 기본값으로 할게.\n예: {example}",
        "en": "⚔️ #{id} {name}, reply to this with your values for round {number}. Defaults for what you leave out.\ne.g. {example}",
    },
    "battle_asked": {"ko": "이제 값을 답장으로 써 줘!", "en": "Now reply with your values!"},
    "battle_asked_alone": {
        "ko": "여기서는 다 보이니까, 나하고만 하는 대화에서 물어봤어!",
        "en": "Everybody would see it here, so I asked you in our own chat!",
    },
    "battle_hidden": {
        "ko": "여기 쓰면 상대가 다 봐! 나하고만 하는 대화에서 써 줘. (차례는 그대로야!)",
        "en": "Your opponent can read this here! Write it in our own chat. (It's still your turn!)",
    },
    "battles_usage": {
        "ko": "/battles leaderboard (데이터) · history · replay 번호 · join (이름) · leave · stop · reset (관리자)",
        "en": "/battles leaderboard (DATA SET) · history · replay NUMBER · join (NAME) · leave · stop · reset (admins)",
    },
    "forget_usage": {
        "ko": "이렇게 써 줘: /forget · /forget here · /forget everywhere",
        "en": "Use it like this: /forget · /forget here · /forget everywhere",
    },
    "button_unknown": {
        "ko": "이 버튼은 이제 쓸 수 없어. 명령을 다시 해 줘.",
        "en": "This button is of no use any more. Please give the command again.",
    },
    "nobody_named": {
        "ko": "누구인지 모르겠어. 그 사람 메시지에 답장하면서 하거나, 번호(ID)를 써 줘. @이름만으로는 텔레그램이 알려 주지 않아.",
        "en": "I don't know who that is. Reply to a message of theirs, or give their number (id): Telegram tells me nothing about an @name.",
    },
    "admin_usage": {
        "ko": """/admin settings (항목) (값) 설정 보기·바꾸기
/admin block (기간) (이유) 그 사람 메시지에 답장하면서, 또는 /admin block 번호
/admin unblock · blocks · audit (줄 수) · status
/admin maintenance on · off
주인: 둘째 말로 everywhere (예: /admin blocks everywhere), /admin sync""",
        "en": """/admin settings (NAME) (VALUE) see or change how I behave here
/admin block (TIME) (REASON) as a reply to a message of theirs, or /admin block NUMBER
/admin unblock · blocks · audit (LINES) · status
/admin maintenance on · off
The owner: everywhere as the second word (/admin blocks everywhere), /admin sync""",
    },
    "setting_values": {
        "ko": "{name}: 무엇으로 할까? 직접 쓰려면: /admin settings {name} 값",
        "en": "{name}: which value? To type it: /admin settings {name} VALUE",
    },
    "setting_list": {
        "ko": "{name}: 그 그룹이나 주제에서 /admin settings {name} +here, 빼려면 -here, 처음으로 돌리려면 default",
        "en": "{name}: in that group or topic, /admin settings {name} +here, to take it out -here, or default",
    },
    "setting_default": {"ko": "기본값으로", "en": "back to the default"},
    "needs_content": {
        "ko": "부르지 않은 말까지 읽으려면 BotFather에서 privacy mode를 끄고 나를 다시 초대해 줘.",
        "en": "To read what isn't said to me, switch privacy mode off at BotFather and invite me anew.",
    },
    "latency": {"ko": "텔레그램까지 {ms} ms", "en": "{ms} ms to Telegram"},
    "synced": {"ko": "명령 메뉴를 다시 등록했어.", "en": "The menus are registered again."},
    "sync_failed": {
        "ko": "텔레그램이 메뉴를 다 받지 않았어. 로그를 봐 줘.",
        "en": "Telegram did not take all of the menus. See the log.",
    },
    "broke": {
        "ko": "앗, 방금 뭔가 잘못됐어. 조금 뒤에 다시 해 줄래?",
        "en": "Oops, something went wrong. Could you try again in a moment?",
    },
    "mode_private": {
        "ko": "지금 이 봇은 그룹에서 나를 부른 말만 볼 수 있어 (privacy mode 켜짐): 내 말에 답장하거나, /chat@{bot} 이나 @{bot} 을 써 줘.",
        "en": "In groups I see only what is meant for me (privacy mode is on): reply to me, or write /chat@{bot} or @{bot}.",
    },
    "mode_all": {
        "ko": "지금 이 봇은 그룹의 모든 말을 볼 수 있지만 (privacy mode 꺼짐), 나를 부른 말에만 대답하고 그것만 간직해.",
        "en": "In groups I can see every message (privacy mode is off), but answer and keep only what is meant for me.",
    },
}


def text(key: str, lang: Lang, **values: object) -> str:
    """The text of ``key``. Raises KeyError for an unknown one."""
    return _TEXTS[key][lang].format(**values)


def keys() -> tuple[str, ...]:
    """Every key, for tests."""
    return tuple(_TEXTS)


# Behind the menu button: what each command does.
DESCRIPTIONS: Final[dict[str, dict[Lang, str]]] = {
    "chat": {"ko": "오로라와 이야기하기", "en": "Talk to Oh-LoRA"},
    "memory": {"ko": "너에 대해 기억하는 것", "en": "What she remembers about you"},
    "forget": {
        "ko": "너에 대해 아는 것을 지우기 (먼저 물어봐)",
        "en": "Erase what she knows about you; asks before it does",
    },
    "reset": {"ko": "새 대화 시작 (기억은 남아)", "en": "Begin a new conversation; memories stay"},
    "face": {
        "ko": "오로라의 얼굴 보기, 고르기, 머리 물들이기, 끄기",
        "en": "Her face: show, choose, hair, express, off, on",
    },
    "battle": {"ko": "오로라와 하이퍼파라미터 배틀", "en": "Battle her over hyperparameters"},
    "battles": {
        "ko": "배틀 순위, 지난 배틀, 다시 돌리기",
        "en": "Battles: leaderboard, history, replay, join, leave",
    },
    "profile": {"ko": "너에 대해 가지고 있는 것 한눈에", "en": "What she keeps about you, at a glance"},
    "language": {"ko": "오로라가 쓰는 언어", "en": "The language she answers you in"},
    "timezone": {"ko": "네 시간대 (오늘과 내일을 알기 위해)", "en": "Your time zone, for today and tomorrow"},
    "link": {"ko": "다른 플랫폼의 네 계정과 잇기", "en": "Join your accounts on two platforms"},
    "unlink": {"ko": "이은 계정 나누기", "en": "Split joined accounts again"},
    "privacy": {
        "ko": "무엇을 어디에 간직하고 어떻게 지우는지",
        "en": "What is kept, where, and how to erase it",
    },
    "help": {"ko": "여기서 할 수 있는 것", "en": "What you can do here"},
    "admin": {"ko": "그룹을 돌보는 사람들을 위한 명령", "en": "For those who look after this group"},
}

# The bot's page; a language without an own text sees the English one.
NAME: Final[dict[Lang, str]] = {"ko": "오로라", "en": "Oh-LoRA"}
SHORT: Final[dict[Lang, str]] = {
    "ko": "AI 버추얼 휴먼 오로라. 한국어와 영어로 이야기하고, 네가 알려 준 것을 기억해.",
    "en": "An AI virtual human. She talks in Korean and English, and remembers what you tell her.",
}
ABOUT: Final[dict[Lang, str]] = {
    "ko": "안녕, 나는 AI 버추얼 휴먼 오로라야! 말을 걸면 표정이 있는 얼굴로 대답해. 네가 알려 준 것(일정, 취향 같은 거)을 "
    "기억해 두는데, /memory 로 보고 /forget 으로 지울 수 있어.",
    "en": "Hi, I'm Oh-LoRA, an AI virtual human! Write to me and I answer, with a face that shows how I feel. I remember "
    "what you tell me (plans, tastes): /memory shows it, /forget erases it.",
}
