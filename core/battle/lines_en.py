"""Her own English lines on a result, by grade and by what was particular about it; and the tips."""

from __future__ import annotations

from typing import Final

from core.battle.grades import Grade
from core.battle.moments import Moment

# The challenger is "you", she is "I".
MINE: Final[dict[Grade, tuple[str, ...]]] = {
    Grade.BIG_WIN: (
        "Wow, you won by a lot! {you} to {me}, and now I'm sulking 😤",
        "You scored {you}, I scored {me}. You crushed me, congrats!",
        "You won by a huge {gap}! Congratulations, I'll go cry in my room 😭",
        "I lost by a lot, {me} to your {you}. I want revenge!",
        "You crushed me! I need a minute with my pillow 🫠",
        "I checked the board and you won by a lot. Teach me that trick!",
        "You demolished me! My dignity is in the recycle bin 🗑️",
        "That's a huge win for you! I stopped at {me}, you flew to {you} 🚀",
        "I lost by a mile. One more game, I beg you 😭",
        "You won by a huge {gap}, so the malatang is on me. In spirit 🌶️",
    ),
    Grade.WIN: (
        "You won, {you} to {me}! Congrats 🎉",
        "I lost by {gap}. Congrats, and watch out next time!",
        "You got {you}, I got {me}. You beat me!",
        "Congratulations, you won by {gap}, I have no excuse 😤",
        "You won! I'll be over there, quietly reading my logs 🔍",
        "Okay, you beat me. I'm already planning my revenge 😏",
        "I lost, fair and square! Nice hands 👏",
        "You won this one. The bingsu is on me, in spirit 🍧",
        "My math stopped at {me}, your hunch went to {you}. You won!",
        "You beat me by {gap}! What was that, magic? ✨",
    ),
    Grade.NARROW_WIN: (
        "Argh, you won by a hair! {you} to {me}, I'm so sulking!",
        "You narrowly won, by {gap}. Congrats, but that was close!",
        "You barely beat me, {you} to {me}! Congrats 😤",
        "I lost by a hair, by {gap} only! I want revenge 😭",
        "You edged me out! No sleep for me tonight 😤",
        "A tiny {gap}, and you won! One other seed and... never mind 🥲",
        "You won by a whisker. I'd like a word with that whisker 😾",
        "You barely won, I barely keep calm. One more!",
        "You won by a hair! My cheeks are all puffed up now 😤",
        "I narrowly lost, {me} to your {you}. My heart is still racing!",
    ),
    Grade.DRAW: (
        "It's a draw! {you} to {me}, are we twins or what?",
        "A gap of {gap} is within the noise, so it's a tie. Great minds 😊",
        "Wow, we tied! You {you}, me {me}, neck and neck!",
        "A draw! {gap} is luck, they say. One more?",
        "We tied! Did you peek at my notes? 👀",
        "It's a draw, the most awkward and most fun of endings. Again?",
        "We tied! Let's cut a pizza in two 🍕",
        "{you} to {me}, that's a draw. Shall we flip a coin? 🪙",
        "A tie! I think we share one brain 📡",
        "It's a draw! I held my breath for this? 😆",
    ),
    Grade.NARROW_LOSS: (
        "Phew, I won by a hair! {me} to {you}, my heart!",
        "I narrowly won, by {gap}. That was close 😆",
        "I barely beat you, {me} to {you}. You're good!",
        "I won by a hair, by {gap} only! Pride barely saved ✨",
        "I edged you out! I'm sweating data here 💦",
        "I barely won. Since when are you this good? 👀",
        "I won by a tiny {gap}. No promises for the next game 😅",
        "I won by a whisker! I'm framing that whisker 🖼️",
        "You narrowly lost, {you} to {me}. The next one scares me!",
        "I won by a hair! I kept my eyes shut for the last seed 🙈",
    ),
    Grade.LOSS: (
        "I won! {me} to {you}, hehe 😆",
        "I won by {gap}. One more?",
        "I got {me}, you got {you}. I beat you ✨",
        "My win this time, by {gap}! Another one? 😊",
        "I won! This is why I love picking learning rates 😎",
        "Yay, I won! I'm spinning in my chair 💃",
        "This one is my win. You can have a rematch any time 😊",
        "Your {you} made me nervous, but I won with {me}. Phew!",
        "I won, so the malatang is on you. In spirit 🌶️",
        "I won by {gap}. Your picks were fun to play against, really!",
    ),
    Grade.BIG_LOSS: (
        "I won by a lot! {me} to {you}, hehe 😜",
        "I won by a huge {gap}! Cheer up and try again 😆",
        "I got {me}, you got {you}. I crushed you, cheer up!",
        "I beat you by a lot, by {gap}! Better luck next time 😜",
        "I won by a lot! Did you pick with your eyes closed? 😆",
        "I won by a huge {gap}. Enough bragging, let's get bingsu 🍧",
        "A big win for me! I'll keep the dance short 💃",
        "I won by a mile. It was fun with you all the same 😊",
        "I won by a huge {gap}! Stretch your fingers, we go again ✊",
        "I won by a lot, {me} to {you}! Teasing over, I promise 😜",
    ),
}

# By who won: the challenger (1), nobody (0), she (-1); of any size.
MINE_WHEN: Final[dict[int, dict[Moment, tuple[str, ...]]]] = {
    1: {
        Moment.HOTTER: (
            "You went bold with a learning rate of {your_lr}, and you won! I played it safe 😅",
            "Your learning rate of {your_lr} outran my learning rate of {my_lr}. You won!",
        ),
        Moment.COOLER: (
            "I went wild with a learning rate of {my_lr}, you stayed calm, you won. Lesson learned 🐢",
            "Slow and steady! You won with a learning rate of {your_lr} 🐢",
        ),
        Moment.ALIKE: (
            "Our learning rates look like siblings, yet you won. That stings!",
            "Two learning rates around {your_lr}, and you won. What did I miss? 🤔",
        ),
        Moment.SCHEDULERS: (
            "You picked {your_scheduler}, I picked {my_scheduler}, and you won. Noted 📝",
            "You won with {your_scheduler}. My {my_scheduler} and I need to talk 😤",
        ),
        Moment.MORE_DROPOUT: (
            "A dropout of {your_drop}, and you won! I expected it to forget everything 😳",
        ),
        Moment.LESS_DROPOUT: ("I played safe with a dropout of {my_drop}. You dared, you won!",),
        Moment.FIRST: ("You trusted your first try. It paid off, you won!",),
        Moment.SECOND: ("Good call, naming your second try! You won 👏",),
        Moment.AHEAD: ("You led after round one, and you held on: in the end you won 👏",),
        Moment.BEHIND: ("I led after round one, but in the end you won. Such drama 😤",),
        Moment.DIGITS: ("Digits are my home turf, and still you won. Ouch!",),
        Moment.HAIR: ("I bet my ombre hair on this one, yet you won 💇‍♀️",),
        Moment.MOODS: ("I practise faces all day, and you won at moods. Look at mine now 😤",),
    },
    0: {
        Moment.HOTTER: (
            "You took a learning rate of {your_lr}, I took a learning rate of {my_lr}, and we tied 😊",
        ),
        Moment.COOLER: ("I ran at a learning rate of {my_lr}, you strolled, we tied. Funny!",),
        Moment.ALIKE: ("Our learning rates look like siblings. It's a draw, of course 😆",),
        Moment.SCHEDULERS: ("Your {your_scheduler}, my {my_scheduler}, one result: it's a draw 🤝",),
        Moment.FIRST: ("You trusted your first try. It ends in a draw!",),
        Moment.SECOND: ("You named your second try. It ends in a draw, one more?",),
        Moment.AHEAD: ("You led after round one, but in the end it's a draw. Phew!",),
        Moment.BEHIND: ("I led after round one, but in the end it's a draw. Well chased!",),
        Moment.DIGITS: ("Digits treat us all the same: it's a draw 🔢",),
        Moment.HAIR: ("We put our heads together over hair, it's a draw 💇‍♀️",),
        Moment.MOODS: ("A draw at moods! Let's make the same face 😊",),
    },
    -1: {
        Moment.HOTTER: (
            "Your learning rate of {your_lr} had spirit, but I stayed calm. I won 🐢",
            "A gentle learning rate of {my_lr}, and I won. Slow is smooth 😌",
        ),
        Moment.COOLER: (
            "I dared a learning rate of {my_lr}, and I won! My heart skipped 😆",
            "Your learning rate of {your_lr} stayed polite. I sprinted, I won ✨",
        ),
        Moment.ALIKE: (
            "Our learning rates look like siblings, but I won. The rest did the job ✨",
            "Two learning rates around {your_lr}, and I won. Still, great minds 📡",
        ),
        Moment.SCHEDULERS: (
            "I picked {my_scheduler}, you picked {your_scheduler}. I won this time!",
            "My {my_scheduler} behaved, I won! Your {your_scheduler} looked good, too 😊",
        ),
        Moment.MORE_DROPOUT: ("A dropout of {your_drop} is brave! I won all the same 😊",),
        Moment.LESS_DROPOUT: ("I won with a dropout of {my_drop}. Forgetting helps, sometimes 😌",),
        Moment.FIRST: ("You stuck with your first try, I like that. I won, though!",),
        Moment.SECOND: ("Naming your second try made sense. I won all the same 😆",),
        Moment.AHEAD: ("You led after round one, but in the end I won! I sweated, I swear 💦",),
        Moment.BEHIND: ("I led after round one, and in the end I won. A good day ✨",),
        Moment.DIGITS: ("Digits are my home turf. I won 😎",),
        Moment.HAIR: ("My ombre hair knows hair. I won 💇‍♀️",),
        Moment.MOODS: ("I practise faces every day. I won at moods 😉",),
    },
}

# Of others, as one who watches, by size: {winner} does it, {winners} is whose it is.
OTHERS: Final[dict[str, tuple[str, ...]]] = {
    "big": (
        "{winner} won by a lot! {best} to {rest}, I'm stunned!",
        "{winner} won by a huge {gap}! I ran out of popcorn 😆",
        "A huge win for {winner}! I nearly let go of my microphone 🎤",
        "{winner} won by a mile! The board says {best} 👀",
        "{winner} won by a lot. Water break, everybody 😆",
        "{winner} won by a huge {gap}, over three seeds. Wow!",
        "{winner} won by a lot! Somebody should have taped this 📼",
        "That's a massive win for {winner}! {best} to {rest} 🤯",
    ),
    "clear": (
        "{winner} won, {best} to {rest}! What a game 🎉",
        "{winner} won by {gap}! Well played, everybody 😊",
        "{winner} won! Good eyes for numbers 👀",
        "{winner} won this one. Worth the popcorn 🍿",
        "{winner} won! My fingers itched to join in",
        "{winner} won by {gap}. I'll call the next game, too 🎤",
        "The board says {best} to {rest}: {winner} won 👏",
        "{winner} won! I watched to the last seed 🍿",
    ),
    "narrow": (
        "{winner} won by a hair! {best} to {rest}, my palms are sweating!",
        "{winner} narrowly won, by {gap}! My heart 😆",
        "{winner} barely won. I forgot to breathe 😮‍💨",
        "{winner} won by a whisker! I want to see that again 🍿",
        "A narrow win for {winner}! My nerves 😵",
        "{winner} won by a tiny {gap}, a blink!",
        "{winner} won by a hair. Three seeds say {best} to {rest} 😳",
        "{winner} won by a hair! A rematch could go any way 👀",
    ),
    "draw": (
        "It's a draw! {best} to {rest}, nobody could tell you apart!",
        "A gap of {gap} is within the noise, so it's a draw! One more? 😊",
        "It's a tie! Off you go, hand in hand 🤝",
        "A draw! I jumped up from my seat 🎤",
        "{best} to {rest}, it's a draw. One more, pretty please!",
        "It's a draw! The scales just shrug ⚖️",
        "A tie! There's popcorn left, so one more 🍿",
        "Call it a draw! {gap} is seeds playing tricks 😆",
    ),
}
OTHERS_WHEN: Final[dict[Moment, tuple[str, ...]]] = {  # where somebody won
    Moment.CHEER: (
        "You beat Optuna! As a machine I feel that one, too 😅",
        "You beat Optuna by {gap}. Congrats, human touch 🎉",
    ),
    Moment.COMFORT: (
        "Optuna won. Your {rest} had bite, cheer up 🌶️",
        "Optuna won by {gap}. Next time we plan together 😊",
    ),
    Moment.HOTTER: ("A bold learning rate of {best_lr}, and {winner} won!",),
    Moment.COOLER: ("A calm learning rate of {best_lr}, and {winner} won 🐢",),
    Moment.SCHEDULERS: ("{winner} won with {best_scheduler}. {rest_scheduler} looked good, too 😊",),
    Moment.BEHIND: ("{loser} led after round one, but in the end {winner} won. This is why I watch 🍿",),
    Moment.AHEAD: ("{winner} led after round one, and in the end {winner} won. Steady hands 👏",),
}

TIPS: Final[dict[str, str]] = {
    "collapsed_high": "By the way, a learning rate of {lr} was too hot and it collapsed. Try a lower one!",
    "collapsed_low": "By the way, at a learning rate of {lr} it hardly learned. Try a higher one!",
    "overfit": "By the way, the validation loss was {loss} above the training loss. Try more dropout!",
    "smothered": "By the way, so much dropout kept the training loss up. Try a bit less!",
    "slow": "By the way, the training loss was still {loss} at the end. Try a higher learning rate!",
    "decayed": "By the way, exp_80 cools down fast. Try exp_95 or cosine!",
}
