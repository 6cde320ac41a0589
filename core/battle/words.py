"""What a battle answers in fixed words, Korean and English; :mod:`core.phrases` has them among its texts."""

from __future__ import annotations

from typing import Final

from core.people import Lang

TEXTS: Final[dict[str, dict[Lang, tuple[str, ...]]]] = {
    "battle_nothing": {
        "ko": ("어떤 값으로 할지 못 찾았어. 이렇게 써 줘: {example} (차례는 그대로야!)",),
        "en": ("I found no values in there. Write them like this: {example} (it's still your turn!)",),
    },
    "battle_too_long": {
        "ko": ("그건 너무 길어! {most}자 안으로 값만 적어 줘. 차례는 그대로야.",),
        "en": ("That's too long! Just the values, within {most} letters. It's still your turn.",),
    },
    "battle_word": {
        "ko": ("‘{word}’ 이건 뭔지 모르겠어. 이렇게 써 줘: {example} (차례는 그대로야!)",),
        "en": ("I don't know what “{word}” is. Write it like this: {example} (it's still your turn!)",),
    },
    "battle_word_near": {
        "ko": ("‘{word}’ 이건 모르겠는데, 혹시 {near}? 예를 들면 {example} (차례는 그대로야!)",),
        "en": ("I don't know “{word}”. Did you mean {near}? For example {example} (it's still your turn!)",),
    },
    "battle_missing": {
        "ko": ("{field} 값이 빠졌어! 이렇게: {example} (차례는 그대로야)",),
        "en": ("{field} has no value! Like this: {example} (it's still your turn)",),
    },
    "battle_bare": {
        "ko": ("{value}, 이 숫자가 어디 건지 모르겠어. 이름도 같이 써 줘: {example} (차례는 그대로야!)",),
        "en": ("I can't tell what {value} is for. Put its name in front: {example} (it's still your turn!)",),
    },
    "battle_range_lr": {
        "ko": ("학습률(lr) {value}? 그건 안 돼, {least}부터 {most}까지야. 예를 들면 {example} (차례는 그대로야!)",),
        "en": ("A learning rate (lr) of {value} won't do: from {least} to {most}, e.g. {example} (it's still your turn!)",),
    },
    "battle_range_dropout_conv_earlier": {
        "ko": ("앞쪽 드롭아웃(dropout_conv_earlier) {value}? 그건 안 돼, {least}부터 {most}까지야. 예를 들면 {example} (차례는 그대로야!)",),
        "en": ("An earlier dropout (dropout_conv_earlier) of {value} won't do: from {least} to {most}, e.g. {example} (it's still your turn!)",),
    },
    "battle_range_dropout_conv_later": {
        "ko": ("뒤쪽 드롭아웃(dropout_conv_later) {value}? 그건 안 돼, {least}부터 {most}까지야. 예를 들면 {example} (차례는 그대로야!)",),
        "en": ("A later dropout (dropout_conv_later) of {value} won't do: from {least} to {most}, e.g. {example} (it's still your turn!)",),
    },
    "battle_range_dropout_fc": {
        "ko": ("마지막 드롭아웃(dropout_fc) {value}? 그건 안 돼, {least}부터 {most}까지야. 예를 들면 {example} (차례는 그대로야!)",),
        "en": ("A last dropout (dropout_fc) of {value} won't do: from {least} to {most}, e.g. {example} (it's still your turn!)",),
    },
    "battle_choice_activation_func": {
        "ko": ("활성화 함수(activation_func)에 ‘{value}’ 같은 건 없어. {options} 중에서 골라 줘, 예를 들면 {example} (차례는 그대로야!)",),
        "en": ("There's no activation (activation_func) “{value}”. Pick {options}, e.g. {example} (it's still your turn!)",),
    },
    "battle_choice_optimizer": {
        "ko": ("최적화(optimizer)에 ‘{value}’ 같은 건 없어. {options} 중에서 골라 줘, 예를 들면 {example} (차례는 그대로야!)",),
        "en": ("There's no optimizer “{value}”. Pick {options}, e.g. {example} (it's still your turn!)",),
    },
    "battle_choice_scheduler": {
        "ko": ("스케줄러(scheduler)에 ‘{value}’ 같은 건 없어. {options} 중에서 골라 줘, 예를 들면 {example} (차례는 그대로야!)",),
        "en": ("There's no scheduler “{value}”. Pick {options}, e.g. {example} (it's still your turn!)",),
    },
    "battle_none": {
        "ko": ("지금 하고 있는 배틀이 없어. /battle 로 시작하자!",),
        "en": ("There's no battle going on. Start one with /battle!",),
    },
    "battle_unknown": {
        "ko": ("{id}번 배틀은 여기 없어. /battles history 에서 번호를 골라 줘!",),
        "en": ("There's no battle {id} here. Pick a number from /battles history!",),
    },
    "battle_dataset": {
        "ko": ("‘{value}’ 데이터는 없어. {options} 중에서 골라 줘!",),
        "en": ("There's no data set “{value}”. Pick one of {options}!",),
    },
    "battle_instance": {
        "ko": ("‘{value}’ 문제는 없어. {first}부터 {last}까지 있어!",),
        "en": ("There's no problem “{value}”. They go from {first} to {last}!",),
    },
    "battle_opponent": {
        "ko": ("그 상대와는 못 해. 나, Optuna(시도 1~{most}번), 아니면 다른 사람을 골라 줘!",),
        "en": ("That opponent won't do. Pick me, Optuna (1 to {most} trials), or another person!",),
    },
    "battle_self": {
        "ko": ("자기 자신과는 못 싸워! 다른 사람을 불러 줘.",),
        "en": ("You can't battle yourself! Ask somebody else.",),
    },
    "battle_busy_person": {
        "ko": ("너는 이미 배틀 중이야! 그것부터 끝내거나 그만두자.",),
        "en": ("You're in a battle already! Finish or cancel that one first.",),
    },
    "battle_busy_rival": {
        "ko": ("그 사람은 지금 다른 배틀 중이야. 조금 뒤에 다시 불러 줘!",),
        "en": ("They're in another battle right now. Ask again in a little while!",),
    },
    "battle_busy_channel": {
        "ko": ("이 채널에서는 벌써 배틀이 한창이야. 끝나면 하자!",),
        "en": ("There's a battle on in this channel already. Let's go when it's over!",),
    },
    "battle_not_yours": {
        "ko": ("이건 네 배틀이 아니야. 구경은 얼마든지!",),
        "en": ("This one isn't your battle. You're welcome to watch!",),
    },
    "battle_not_invited": {
        "ko": ("아직 상대가 받아 주지 않았어. 조금만 기다려 줘!",),
        "en": ("Your opponent hasn't accepted yet. Hang on!",),
    },
    "battle_locked": {
        "ko": ("이번 라운드는 벌써 골랐어. 결과를 기다리자!",),
        "en": ("You've already locked this round. Let's wait for the result!",),
    },
    "battle_no_more_rounds": {
        "ko": ("두 번 다 썼어! 이제 1차와 2차 중에서 하나를 골라 줘.",),
        "en": ("Both tries are used! Now name one of them, the first or the second.",),
    },
    "battle_concede": {
        "ko": ("벌써 점수가 나와서 지금 그만두면 지는 걸로 쳐! 그래도 그만두려면 카드의 ‘포기하기’를 눌러 줘 (텔레그램이나 터미널에서는 /battle 포기).",),
        "en": ("There are scores already, so to stop now is to lose! If you mean it, press “Give up” on the card (on Telegram or at the terminal: /battle concede).",),
    },
    "battle_replaying": {
        "ko": ("다시 돌리는 건 한 번에 하나씩이야. 먼저 것이 끝나면 또 해 줘!",),
        "en": ("One at a time! I'm still running another battle again for you.",),
    },
    "battle_sealing": {
        "ko": ("상대가 아직 고르고 봉인하는 중이야. 봉인이 카드에 뜨면 네 차례야!",),
        "en": ("The other side is still choosing and sealing. Your turn begins when the seal is on the card!",),
    },
    "battle_settled": {
        "ko": ("넌 벌써 하나로 정했어! 이제 결과를 기다리자.",),
        "en": ("You've named yours already! Let's wait for the result.",),
    },
    "battle_not_named_yet": {
        "ko": ("아직 고를 차례가 아니야. 두 라운드부터 끝내자!",),
        "en": ("It isn't time to name one yet. Let's finish both rounds first!",),
    },
    "battle_name_which": {
        "ko": ("1차부터 {most}차 중에서 하나를 골라 줘!",),
        "en": ("Pick one of your tries, 1 to {most}!",),
    },
    "battle_over": {"ko": ("그 배틀은 벌써 끝났어.",), "en": ("That battle is over.",)},
    "battle_forgotten": {
        "ko": ("방금 다 지우는 중이라 시작할 수 없었어. 다시 한번 해 줘!",),
        "en": ("Things were just being erased, so it couldn't start. Try once more!",),
    },
    "battle_failed": {
        "ko": ("앗, 훈련이 잘 안 됐어. 이 배틀은 없던 걸로 하고 다시 하자! 😥",),
        "en": ("Oops, the training went wrong. Let's call this one off and start again! 😥",),
    },
    "battle_changed": {
        "ko": ("이 배틀 뒤로 데이터가 바뀌어서 똑같이 다시 돌릴 수 없어.",),
        "en": ("The data have changed since this battle, so it can't be run again just as it was.",),
    },
    "battle_unfinished": {
        "ko": ("끝난 배틀만 다시 돌려 볼 수 있어.",),
        "en": ("Only a battle that is over can be run again.",),
    },
}  # fmt: skip
