"""Her own lines on a result, for when what the model wrote did not fit; and the tips, which nobody invents.

``{left}`` and ``{right}`` are the means of both sides, ``{gap}`` the size of their difference.
"""

from __future__ import annotations

from typing import Final

from core.battle.grades import Grade
from core.people import Lang

# The challenger is "you", she is "I".
MINE: Final[dict[Grade, dict[Lang, tuple[str, ...]]]] = {
    Grade.BIG_WIN: {
        "ko": (
            "와, 네가 큰 차이로 이겼어! {left} 대 {right}, 나 오늘 완전 삐졌어 😤",
            "네 점수가 {left}, 나는 {right}… 네가 압도적으로 이겼네. 축하해, 분하지만!",
            "{gap} 차이로 네가 압승이야! 축하해, 나 방에 들어가서 좀 울게 😭",
            "네가 {left}까지 갈 줄은 몰랐어. 큰 차이로 내가 졌다, 두고 봐!",
        ),
        "en": (
            "Wow, you won by a lot! {left} to {right}, and now I'm sulking 😤",
            "You scored {left}, I scored {right}. You crushed me, congrats!",
            "You won by a huge {gap}! Congratulations, I'll go cry in my room 😭",
            "I lost by a lot, {right} to your {left}. I want revenge!",
        ),
    },
    Grade.WIN: {
        "ko": (
            "네가 이겼어! {left} 대 {right}, 축하해 🎉",
            "{gap} 차이로 내가 졌네. 축하해, 다음엔 각오해!",
            "네가 {left}, 내가 {right}. 분하지만 네가 이겼어!",
            "축하해, 네 승리야! {gap} 차이면 할 말이 없다 😤",
        ),
        "en": (
            "You won, {left} to {right}! Congrats 🎉",
            "I lost by {gap}. Congrats, and watch out next time!",
            "You got {left}, I got {right}. You beat me!",
            "Congratulations, you won by {gap}, I have no excuse 😤",
        ),
    },
    Grade.NARROW_WIN: {
        "ko": (
            "으악, 네가 간발의 차이로 이겼어! {left} 대 {right}, 너무 분해!",
            "{gap} 차이로 네가 근소하게 이겼네. 축하해, 근데 진짜 아까웠어!",
            "네가 아슬아슬하게 이겼어, {left} 대 {right}! 축하해 😤",
            "간신히 네가 이겼어! 겨우 {gap} 차이인데 분하다 😭",
        ),
        "en": (
            "Argh, you won by a hair! {left} to {right}, I'm so sulking!",
            "You narrowly won, by {gap}. Congrats, but that was close!",
            "You barely beat me, {left} to {right}! Congrats 😤",
            "I lost by a hair, by {gap} only! I want revenge 😭",
        ),
    },
    Grade.DRAW: {
        "ko": (
            "무승부야! {left} 대 {right}, 이 정도면 우리 쌍둥이 아니야?",
            "{gap} 차이면 오차 안이라 비겼어. 우리 생각이 통했나 봐 😊",
            "우와, 비겼다! 너 {left}, 나 {right}, 박빙이었어!",
            "무승부! {gap} 차이는 실력이 아니라 우연이래. 한 판 더?",
        ),
        "en": (
            "It's a draw! {left} to {right}, are we twins or what?",
            "A gap of {gap} is within the noise, so it's a tie. Great minds 😊",
            "Wow, we tied! You {left}, me {right}, neck and neck!",
            "A draw! {gap} is luck, they say. One more?",
        ),
    },
    Grade.NARROW_LOSS: {
        "ko": (
            "휴, 내가 간발의 차이로 이겼어! {right} 대 {left}, 심장 떨어질 뻔!",
            "{gap} 차이로 내가 근소하게 이겼네. 진짜 아슬아슬했다 😆",
            "내가 아슬아슬하게 이겼어, 나 {right} 너 {left}. 잘하는데?",
            "겨우 {gap} 차이로 내가 이겼다! 간신히 체면은 지켰어 ✨",
        ),
        "en": (
            "Phew, I won by a hair! {right} to {left}, my heart!",
            "I narrowly won, by {gap}. That was close 😆",
            "I barely beat you, {right} to {left}. You're good!",
            "I won by a hair, by {gap} only! Pride barely saved ✨",
        ),
    },
    Grade.LOSS: {
        "ko": (
            "내가 이겼다! {right} 대 {left}, 헤헤 😆",
            "{gap} 차이로 내가 이겼어. 한 판 더 할래?",
            "나 {right}, 너 {left}. 이번 판은 내가 이겼지 ✨",
            "이번엔 내 승리! {gap} 차이야, 다음엔 더 재밌게 하자 😊",
        ),
        "en": (
            "I won! {right} to {left}, hehe 😆",
            "I won by {gap}. One more?",
            "I got {right}, you got {left}. I beat you ✨",
            "My win this time, by {gap}! Another one? 😊",
        ),
    },
    Grade.BIG_LOSS: {
        "ko": (
            "내가 큰 차이로 이겼어! {right} 대 {left}, 메롱 😜",
            "{gap} 차이로 내가 압승! 힘내, 다시 하면 되지 😆",
            "나 {right}, 너 {left}. 내가 크게 이겼네, 너무 상심하지 마!",
            "압도적으로 내가 이겼다! {gap} 차이야, 다시 덤벼 봐 😜",
        ),
        "en": (
            "I won by a lot! {right} to {left}, hehe 😜",
            "I won by a huge {gap}! Cheer up and try again 😆",
            "I got {right}, you got {left}. I crushed you, cheer up!",
            "I beat you by a lot, by {gap}! Better luck next time 😜",
        ),
    },
}

# Of others: {winner} and {loser} are words for the sides, {best} and {rest} their means.
OTHERS: Final[dict[str, dict[Lang, tuple[str, ...]]]] = {
    "big": {
        "ko": ("{winner} 쪽이 큰 차이로 이겼어! {best} 대 {rest}, 구경하는 나도 놀랐다!", "{gap} 차이, {winner} 쪽의 압승이야! 팝콘이 모자랐어 😆"),
        "en": ("{winner} won by a lot! {best} to {rest}, I'm stunned!", "{winner} won by a huge {gap}! I ran out of popcorn 😆"),
    },
    "clear": {
        "ko": ("{winner} 쪽이 이겼어! {best} 대 {rest}, 좋은 승부였다 🎉", "{gap} 차이로 {winner} 쪽의 승리! 둘 다 고생했어 😊"),
        "en": ("{winner} won, {best} to {rest}! What a game 🎉", "{winner} won by {gap}! Well played, everybody 😊"),
    },
    "narrow": {
        "ko": ("{winner} 쪽이 간발의 차이로 이겼어! {best} 대 {rest}, 손에 땀이 다 났다!", "겨우 {gap} 차이로 {winner} 쪽이 근소하게 이겼어! 내 심장 😆"),
        "en": ("{winner} won by a hair! {best} to {rest}, my palms are sweating!", "{winner} narrowly won, by {gap}! My heart 😆"),
    },
    "draw": {
        "ko": ("무승부야! {best} 대 {rest}, 우열을 가릴 수가 없네!", "{gap} 차이면 오차 안이라 무승부! 한 판 더 보고 싶다 😊"),
        "en": ("It's a draw! {best} to {rest}, nobody could tell you apart!", "A gap of {gap} is within the noise, so it's a draw! One more? 😊"),
    },
}  # fmt: skip

TIPS: Final[dict[str, dict[Lang, tuple[str, ...]]]] = {
    "collapsed_high": {
        "ko": ("참고로 학습률이 {lr}면 너무 세서 아예 무너졌어. 좀 낮춰 봐!",),
        "en": ("By the way, a learning rate of {lr} was too hot and it collapsed. Try a lower one!",),
    },
    "collapsed_low": {
        "ko": ("참고로 학습률 {lr}로는 거의 못 배웠어. 좀 올려 봐!",),
        "en": ("By the way, at a learning rate of {lr} it hardly learned. Try a higher one!",),
    },
    "overfit": {
        "ko": ("참고로 검증 손실이 훈련 손실보다 {loss}나 커졌어. 드롭아웃을 올려 봐!",),
        "en": ("By the way, the validation loss was {loss} above the training loss. Try more dropout!",),
    },
    "smothered": {
        "ko": ("참고로 드롭아웃이 세서 훈련 손실이 더 컸어. 조금 낮춰 봐!",),
        "en": ("By the way, so much dropout kept the training loss up. Try a bit less!",),
    },
    "slow": {
        "ko": ("참고로 끝까지 훈련 손실이 {loss}에서 안 내려갔어. 학습률을 올려 봐!",),
        "en": ("By the way, the training loss was still {loss} at the end. Try a higher learning rate!",),
    },
    "decayed": {
        "ko": ("참고로 exp_80은 학습률이 금방 식어. exp_95나 cosine도 써 봐!",),
        "en": ("By the way, exp_80 cools down fast. Try exp_95 or cosine!",),
    },
}  # fmt: skip
