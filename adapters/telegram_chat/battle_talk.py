"""Playing a battle on Telegram: the buttons of its card, and values as people write them.

Nothing that one person alone may see can stand in a group: who plays against another person chooses in the
private chat.
"""

from __future__ import annotations

import html
import re
from typing import Final

from telegram import ForceReply, Message

from adapters.shared.answers import Answer
from adapters.shared.battle_asks import PRESETS, Press, typed
from adapters.shared.battle_asks import pressed as meaning
from adapters.shared.battles import BattleDesk, Begun
from adapters.shared.desk import Caller
from adapters.shared.edges import GoneError, RefusedError
from adapters.shared.texts import text as shared_text
from adapters.telegram_chat.answers import Said, show
from adapters.telegram_chat.battle_hall import channel_of
from adapters.telegram_chat.command_texts import text
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.doors import PLATFORM, message_key
from adapters.telegram_chat.sender import Spot
from adapters.telegram_chat.talk import Talk
from adapters.telegram_chat.text import JOINER, NON_JOINER, Page, defused, naming, safe
from adapters.telegram_chat.translate import look, person_of
from core.battle.events import BattleView
from core.battle.game import Rival
from core.battle.parsing import EXAMPLE
from core.people import Owner

PATTERN: Final = r"^bt:"
CHOICES: Final = (*PRESETS, "hers")  # what stands for values
_ASKED: Final = re.compile(r"⚔️ #(\d{1,18})\s")  # begins what she writes to ask for values
_JOINERS: Final = re.compile(f"[{JOINER}{NON_JOINER}]")
_VALUES: Final = re.compile(r"\s*(?:lr|학습률)\s*[=:]?\s*[\d.]", re.IGNORECASE)


def meant(desk: Desk, talk: Talk) -> BattleView | None:
    """The battle for which a message has values: a reply to its card, or to her question for them; in
    private also what begins like them.
    """
    message, battles = talk.message, desk.hall.battles
    if message is None or battles is None or not message.text or talk.anonymous or message.forward_origin:
        return None
    on = battles.battles.current(person_of(talk.user).id)
    if on is None or not (_answers(desk, message, on) or (talk.direct and _VALUES.match(message.text))):
        return None
    talk.words = look(message, desk.chat.me).text  # without her name in front
    return on


def _answers(desk: Desk, message: Message, on: BattleView) -> bool:
    other = message.reply_to_message
    if other is None or other.from_user is None or other.from_user.id != desk.chat.me.id:
        return False
    asked = _ASKED.match(_JOINERS.sub("", other.text or ""))
    return message_key(other.chat.id, other.message_id) == on.card or (
        asked is not None and int(asked[1]) == on.id
    )


async def values(desk: Desk, talk: Talk, on: BattleView) -> None:
    """Play what somebody wrote, values or a button's word; an error is told, and may be answered."""
    battles, message = desk.hall.battles, talk.message
    if battles is None or message is None:
        return
    who, press = await desk.caller(talk), typed(talk.words, on.id)
    number, refused = await battles.round_of(_here(who, on), on.id, who.lang)
    key = message_key(message.chat.id, message.message_id)
    if press is not None and press.act not in CHOICES:
        await say(desk, talk, await battles.press(_here(who, on), press, who.lang, key))
        return
    if not number:
        await say(desk, talk, refused)
        return
    if on.rival is Rival.PERSON and not talk.direct:
        answer = Answer(text("battle_hidden", who.lang), done=False)
    elif press is not None:
        answer = await battles.press(_here(who, on), press, who.lang, key)
    else:
        answer = await battles.play(who.person.id, talk.words, who.lang, key, on.id)
    if answer.done:
        await say(desk, talk, answer)
        return
    line = f"⚔️ #{on.id} {answer.text}"
    spot = Spot(talk.chat.id, talk.spot.thread, message.message_id)
    await desk.sender.send(spot, Page(safe(line), defused(line)), _reply())


def _here(who: Caller, on: BattleView) -> Owner:
    """Who plays, where the battle is: it may be played from another chat."""
    return Owner(who.person.id, on.scope)


async def ask(desk: Desk, talk: Talk, battle: int) -> None:
    """Ask who pressed, or used the command, for values: here, or alone where an opponent would see them."""
    battles = desk.hall.battles
    if battles is None:
        return
    who = await desk.caller(talk)
    on = battles.battles.current(who.person.id)
    number, refused = await battles.round_of(who.owner if on is None else _here(who, on), battle, who.lang)
    if not number:
        await say(desk, talk, refused)
        return
    alone = on is not None and on.rival is Rival.PERSON and not talk.direct
    spot = Spot(talk.user.id) if alone else Spot(talk.chat.id, talk.spot.thread)
    try:
        await desk.sender.send(spot, _question(talk, who, battle, number), _reply())
    except (GoneError, RefusedError):
        if not alone:
            raise
        await desk.tell(talk, url=desk.link(f"battle-choose_{talk.chat.id}"))
        return
    if talk.query is not None or alone:
        await say(desk, talk, Answer(text("battle_asked_alone" if alone else "battle_asked", who.lang)))


def _question(talk: Talk, who: Caller, battle: int, number: int) -> Page:
    """Names who is asked, so that a group's other members are not."""
    line = text("battle_ask", who.lang, id=battle, name="{}", number=number, example=EXAMPLE)
    return naming(line, talk.user.id, who.person.name or who.person.account)


def _reply() -> ForceReply:
    return ForceReply(selective=True, input_field_placeholder=EXAMPLE)


async def pressed(desk: Desk, talk: Talk) -> None:
    """A button of a card."""
    query, battles = talk.query, desk.hall.battles
    press = meaning(query.data or "") if query is not None else None
    if query is None or press is None or battles is None:
        await desk.tell(talk, text("button_unknown", await desk.lang(talk)), alert=True)
        return
    if press.act == "choose":
        await ask(desk, talk, press.battle)
        return
    who = await desk.caller(talk)
    if press.act == "again":
        channel, key = channel_of(talk.spot), f"{PLATFORM}:press/{query.id}"
        begun = await battles.again(who.owner, press.battle, channel, key, who.lang)
        await begin(desk, talk, who, battles, begun)
    elif press.act == "proof":
        await _proof(desk, talk, battles, who, press)
    else:
        answer = await battles.press(who.owner, press, who.lang, f"{PLATFORM}:press/{query.id}")
        await say(desk, talk, answer)


async def begin(
    desk: Desk, talk: Talk, who: Caller, battles: BattleDesk, begun: Begun,
    names: dict[str, str] | None = None, number: int = 0,
) -> None:  # fmt: skip
    """Show the card of a battle that began, or say why there is none; ``number`` is a message that becomes
    the card, ``names`` are those of others.
    """
    if begun.view is None or talk.query is not None:
        await say(desk, talk, begun.answer)
    if begun.view is not None:
        known = {who.person.id: who.person.name or who.person.account, **(names or {})}
        await desk.hall.follow(battles, begun.view, who.lang, talk.spot, known, number)


async def _proof(desk: Desk, talk: Talk, battles: BattleDesk, who: Caller, press: Press) -> None:
    """The seals, so that they can be copied just as they are."""
    answer = await battles.press(who.owner, press, who.lang)
    if not answer.done:
        await say(desk, talk, answer)
        return
    await desk.tell(talk)
    title, *seals = answer.text.split("\n\n")
    found = [safe(title)]
    for seal in seals:
        line, _, shell = seal.partition("\n")
        name, _, digest = line.rpartition(" ")
        found.append(f"{safe(name)} <code>{digest}</code>\n<pre>{html.escape(shell, quote=False)}</pre>")
    await desk.sender.send(talk.spot, Page("\n\n".join(found), answer.text))


async def say(desk: Desk, talk: Talk, answer: Answer) -> None:
    """What she answers to a press or command; a card says by itself that something ended."""
    said = answer.text or shared_text("b_end_cancelled", await desk.lang(talk))
    if talk.query is not None:
        await desk.tell(talk, said, alert=not answer.done)
    else:
        await show(desk, talk.spot, Said(Answer(said)))
