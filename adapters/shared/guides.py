"""Help and privacy, for each platform."""

from __future__ import annotations

from typing import Final

from core.people import Lang

GUIDES: Final[dict[str, dict[Lang, str]]] = {
    "help_console": {
        "ko": """/memory            기억해 둔 것 보기
                   (/memory search 말 · edit 번호 말 · delete 번호 · pin 번호 · off · on
                    · export · export 파일.txt · export 파일.json)
/why               마지막 대답에 어떤 기억을 떠올렸는지
/forget            너에 대한 것을 지우기 (먼저 물어봐 · here · everywhere)
/privacy           무엇을 간직하는지
/profile           네가 고른 것
                   (/language ko · en · auto   /timezone Asia/Seoul · default)
/reset             새 대화 시작 (기억은 남아)
/face              얼굴 보기
                   (/face choose 번호나 이름 · hair 색 · off · on · on still · on animated
                    · express 눈 입 고개, 각각 -1~1)
/battle            하이퍼파라미터 배틀 (/battle 데이터 · optuna 5 · easy, 하는 중엔 /battle lr=3e-4 …)
                   (/battles leaderboard · history · replay 번호 · join · leave · stop · reset)
/quit              끝내기 (Ctrl+D, Ctrl+C)""",
        "en": """/memory            what is remembered
                   (/memory search WORDS · edit NUMBER WORDS · delete NUMBER · pin NUMBER
                    · off · on · export · export FILE.txt · export FILE.json)
/why               which memories the last reply had in mind
/forget            erase what there is about you (asks first · here · everywhere)
/privacy           what is kept
/profile           what you chose
                   (/language ko · en · auto   /timezone Asia/Seoul · default)
/reset             a fresh conversation (memories stay)
/face              show the face
                   (/face choose NUMBER or NAME · hair COLOUR · off · on · on still · on animated
                    · express EYES MOUTH POSE, each -1 to 1)
/battle            a battle over hyperparameters (/battle DATA SET · optuna 5 · easy; then /battle lr=3e-4 …)
                   (/battles leaderboard · history · replay NUMBER · join · leave · stop · reset)
/quit              leave (Ctrl+D, Ctrl+C)""",
    },
    "help_discord": {
        "ko": """나를 부르거나(@), 내 말에 답장하거나, DM으로 말 걸어 줘!
`/chat` 말 걸기 · `/reset` 새 대화 (기억은 남아) · 메시지 메뉴 > 앱 > **오로라에게 묻기**
`/memory list · search · edit · delete · pin · export · on · off` 기억해 둔 것
`/forget` 너에 대한 것을 지우기 (여기 또는 모든 곳)
`/face show · choose · hair · express · on · off` 내 얼굴 (켤 때 멈춘 그림과 움직이는 그림 중에 골라도 돼)
`/profile` `/language` `/timezone` 네 설정 · `/privacy` 무엇을 간직하는지
`/link` · `/unlink` 텔레그램에 있는 네 계정과 잇고 나누기 (DM에서만)
`/battle` 하이퍼파라미터 배틀 (나, Optuna, 아니면 다른 사람과) · `/battles leaderboard · history · replay · join · leave · stop`
내 대답 아래 버튼: 다시 · 왜? · 그만""",
        "en": """Mention me (@), reply to me, or write me a direct message!
`/chat` talk to me · `/reset` a fresh conversation (memories stay) · menu of a message > Apps > **Ask Oh-LoRA**
`/memory list · search · edit · delete · pin · export · on · off` what I remember
`/forget` erase everything about you (here or everywhere)
`/face show · choose · hair · express · on · off` my face (on: still or animated, as you like)
`/profile` `/language` `/timezone` your settings · `/privacy` what is kept
`/link` · `/unlink` join and split your account on Telegram (direct messages only)
`/battle` a battle over hyperparameters (me, Optuna or somebody else) · `/battles leaderboard · history · replay · join · leave · stop`
Buttons under my replies: try again · why? · stop""",
    },
    "help_telegram": {
        "ko": """그냥 말 걸어 줘! 그룹에서는 내 말에 답장하거나 나를 불러(@) 줘.
/chat 말 걸기 (그룹에서) · /reset 새 대화 (기억은 남아)
/memory 기억해 둔 것: list · search · edit · delete · pin · export · on · off
/forget 너에 대한 것을 지우기 (여기 또는 모든 곳)
/face 내 얼굴: show · choose · hair 색 · express · on (still · animated) · off
/battle 하이퍼파라미터 배틀 · /battles 순위와 지난 배틀: leaderboard · history · replay 번호 · join · leave
/profile /language /timezone 네 설정 · /privacy 무엇을 간직하는지
/link 다른 플랫폼의 네 계정과 잇기 · /unlink 나누기
내 대답 아래 버튼: 다시 · 왜? · 그만""",
        "en": """Just write to me! In groups, reply to me or mention me (@).
/chat talk to me (in groups) · /reset a fresh conversation (memories stay)
/memory what I remember: list · search · edit · delete · pin · export · on · off
/forget erase everything about you (here or everywhere)
/face my face: show · choose · hair COLOUR · express · on (still · animated) · off
/battle a battle over hyperparameters · /battles leaderboard · history · replay NUMBER · join · leave
/profile /language /timezone your settings · /privacy what is kept
/link join your accounts on two platforms · /unlink split them
Buttons under my replies: try again · why? · stop""",
    },
    "privacy_console": {
        "ko": """나는 AI야. 네가 한 말, 내 대답과 짧은 요약, 네가 알려 준 것, 네가 고른 설정을 이 컴퓨터에만 간직해.
다른 곳으로는 보내지 않아. /memory off 로 새로 기억하기를 끄고, /forget 으로 지울 수 있어.
지우면 파일에도 남지 않아. 백업에는 새 백업으로 바뀔 때까지 남을 수 있지만, 그걸 되살려도
지운 건 다시 지워져. 운영자가 기한을 정해 두면 오래된 건 저절로 지워져.""",
        "en": """I'm an AI. What you say, my replies with short summaries, what you told me and what you chose are
kept on this computer only and sent nowhere. /memory off stops learning, /forget erases; nothing stays
in the file. A backup may hold it until a newer one takes its place; should it be restored, what you
erased is erased again. Where the operator set a limit, what is old goes by itself.""",
    },
    "privacy_discord": {
        "ko": """나는 AI야. 나에게 한 말과 내 대답, 짧은 요약, 네가 알려 준 것, 네가 고른 설정을 나를 운영하는 컴퓨터에 간직해.
내게 하지 않은 말은 읽어도 간직하지 않고, 다른 사람의 말은 네 대화에 섞지 않아.
DM에서 한 말은 DM에서만, 서버에서 한 말은 그 서버에서만 떠올려. 숨은 채널은 따로야.
네가 `/link` 로 두 플랫폼의 계정을 이으면, 알려 준 것을 두 쪽 DM에서 떠올려. 그러려고 두 계정의 ID와 이름을 적어 둬.
내가 접속해 있을 때 메시지를 지우면 거기서 알게 된 것도 지워. `/memory off` 로 새로 기억하기를 끄고, `/memory list` 로 보고, `/forget` 으로 지워. 지우면 파일에도 남지 않아.
백업에는 새 백업으로 바뀔 때까지 남을 수 있지만, 그걸 되살려도 지운 건 다시 지워져. 운영자가 기한을 정해 두면 오래된 건 저절로 지워져.
서버 관리자는 그 서버 안의 개수만 보고 지울 수 있어, 내용은 못 봐. 내가 서버에서 내보내지면 유예 기간(보통 30일) 뒤에 모두 지워.
누가 누구를 막거나 지웠는지는 ID와 개수만 기록해.""",
        "en": """I'm an AI. What you say to me, my replies with short summaries, what you told me and what you chose are kept on the computer that runs me.
What is not said to me is not kept, and other people's words never enter your conversation.
I recall what you said in direct messages only there, and what you said in a server only in that server; hidden channels stand apart.
If you join your accounts on two platforms with `/link`, I recall what you told me in the direct messages of both; for that I keep both ids and names.
If you delete a message while I am connected, what I learned from it goes too. `/memory off` stops learning, `/memory list` shows, `/forget` erases; nothing of it stays in the file.
A backup may hold it until a newer one takes its place; should it be restored, what you erased is erased again. Where the operator set a limit, what is old goes by itself.
Admins of a server can see counts and erase inside that server only, never read. After I am removed from a server, all of it goes after a grace period (usually 30 days).
Who blocked or erased whom is recorded by ids and counts only.""",
    },
    "privacy_telegram": {
        "ko": """나는 AI야. 나에게 한 말과 내 대답, 짧은 요약, 네가 알려 준 것, 네가 고른 설정을 나를 운영하는 컴퓨터에 간직해.
내게 하지 않은 말은 읽어도 간직하지 않고, 다른 사람의 말은 네 대화에 섞지 않아.
둘이서 한 말은 둘이서만, 그룹에서 한 말은 그 그룹에서만 떠올려. 주제(토픽)는 그룹과 하나야.
텔레그램은 네가 메시지를 지워도 나에게 알려 주지 않아. 그러니 잊었으면 하는 건 /memory 로 보고 지우거나 /forget 으로 지워 줘. 지우면 파일에도 남지 않아. /memory off 로 새로 기억하기를 꺼.
백업에는 새 백업으로 바뀔 때까지 남을 수 있지만, 그걸 되살려도 지운 건 다시 지워져. 운영자가 기한을 정해 두면 오래된 건 저절로 지워져.
/link 로 이은 계정끼리는 둘이서 한 말의 기억을 함께 떠올려. 그룹의 기억은 아니야.
그룹 관리자는 그 그룹 안의 개수만 보고 지울 수 있어, 내용은 못 봐. 내가 그룹에서 내보내지면 유예 기간(보통 30일) 뒤에 모두 지워.
누가 누구를 막거나 지웠는지는 ID와 개수만 기록해.""",
        "en": """I'm an AI. What you say to me, my replies with short summaries, what you told me and what you chose are kept on the computer that runs me.
What is not said to me is not kept, and other people's words never enter your conversation.
I recall what you said to me alone only there, and what you said in a group only in that group; topics belong to their group.
Telegram does not tell me when you delete a message. What I shall not know any more: see and delete it with /memory, or erase it with /forget; nothing of it stays in the file. /memory off stops learning.
A backup may hold it until a newer one takes its place; should it be restored, what you erased is erased again. Where the operator set a limit, what is old goes by itself.
Accounts that you joined with /link share the memories of what was said to me alone, never those of groups.
Admins of a group can see counts and erase inside that group only, never read. After I am removed from a group, all of it goes after a grace period (usually 30 days).
Who blocked or erased whom is recorded by ids and counts only.""",
    },
}
