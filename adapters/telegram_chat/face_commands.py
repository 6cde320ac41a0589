"""``/face``: her face shown, chosen from a gallery, dyed, given an expression, switched off and on."""

from __future__ import annotations

import logging
import re
from functools import partial
from typing import Final, cast

from telegram import InputMediaPhoto, Message
from telegram.constants import ChatAction, MediaGroupLimit, MessageLimit

from adapters.shared.answers import Answer
from adapters.shared.commands import Picture
from adapters.shared.desk import Caller
from adapters.shared.edges import BusyError
from adapters.shared.gallery import ROW, Page, pages
from adapters.telegram_chat.answers import Said, change, keyboard
from adapters.telegram_chat.command_texts import text
from adapters.telegram_chat.desk import Desk
from adapters.telegram_chat.errors import WrongFileError, trying
from adapters.telegram_chat.sender import Spot
from adapters.telegram_chat.talk import Talk, data_of
from core.errors import EdgeError, HiddenError
from core.people import NEUTRAL, Lang, Scores
from core.phrases import phrase
from core.ports import PortraitModel

log = logging.getLogger(__name__)

KIND: Final = "c"
SHEETS: Final = 4  # of 25 faces: a message has room for a hundred buttons
COLOUR: Final = 40  # characters that are read of one
CAPTION: Final = MessageLimit.CAPTION_LENGTH
NAME_BYTES: Final = 24  # of a face, so that a button has room for it
_SCORE: Final = re.compile(r"[+-]?(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?|\.\d{1,6})", re.ASCII)


async def face(desk: Desk, talk: Talk) -> None:
    """The command; a face is shown to everybody."""
    act, _, rest = talk.words.partition(" ")
    commands, act, rest = desk.commands, act.lower(), rest.strip()
    if act in ("", "show"):
        await _show(desk, talk, NEUTRAL)
    elif act == "choose" and rest:
        name = rest[:100]
        await desk.answer(talk, lambda who: commands.face_choose(who.owner, name, who.lang), private=False)
    elif act == "choose":
        await desk.answer(talk, lambda who: _gallery(desk, talk, who.lang))
    elif act == "hair" and rest:
        colour = rest[:COLOUR]
        await desk.answer(talk, lambda who: commands.face_hair(who.owner, colour, who.lang), private=False)
    elif act == "express" and (scores := scores_of(rest)) is not None:
        await _show(desk, talk, scores)
    elif act == "off" or (act == "on" and rest.lower() in ("", "still", "animated")):
        picture = cast("Picture | None", rest.lower() or None) if act == "on" else None
        on = act == "on"
        await desk.answer(
            talk, lambda who: commands.face_switch(who.owner, on, who.lang, picture), private=False
        )
    else:
        await desk.line(talk, text("face_usage", await desk.lang(talk)))


async def pressed(desk: Desk, talk: Talk, rest: str) -> None:
    """A button under the gallery: the face."""
    who = await desk.caller(talk)
    answer = await desk.commands.face_choose(who.owner, rest, who.lang)
    await desk.tell(talk)
    await change(desk, talk, answer)


def scores_of(words: str) -> Scores | None:
    """One to three numbers from -1 to 1: eyes, mouth, head; None for anything else."""
    typed = words.replace(",", " ").split()
    if not 1 <= len(typed) <= 3 or not all(_SCORE.fullmatch(word) for word in typed):
        return None
    eyes, mouth, pose = [float(word) for word in typed] + [NEUTRAL.eyes, NEUTRAL.mouth, NEUTRAL.pose][
        len(typed) :
    ]
    return Scores(eyes, mouth, pose)


async def _show(desk: Desk, talk: Talk, scores: Scores) -> None:
    if talk.direct:  # a group has few calls in a minute
        drawing = partial(
            desk.bot.send_chat_action,
            talk.chat.id,
            ChatAction.UPLOAD_PHOTO,
            message_thread_id=talk.spot.thread,
        )
        try:
            await trying(drawing, ())
        except EdgeError:
            pass  # the picture says it, too

    async def work(who: Caller) -> Answer:
        here = await desk.doors.rules.settings(who.group)
        return await desk.commands.face_show(who.owner, who.lang, scores, here.hair)

    await desk.answer(talk, work, private=False)


async def _gallery(desk: Desk, talk: Talk, lang: Lang) -> Answer | Said:
    """Every face on sheets in an album, and after it the question with a button for each."""
    portraits = desk.commands.portraits
    offered = pages(portraits)[:SHEETS] if portraits is not None else []
    if portraits is None or not await _drawn(desk, portraits, offered):
        return Answer(phrase("no_face", lang), done=False)
    chat = talk.chat.id if talk.direct else talk.user.id
    spot = Spot(chat, talk.spot.thread if talk.direct else None)
    try:
        await _album(desk, spot, offered)
    except WrongFileError:  # an id of before
        for page in offered:
            desk.gallery.pop(page.faces, None)
        if not await _drawn(desk, portraits, offered):
            return Answer(phrase("no_face", lang), done=False)
        await _album(desk, spot, offered)
    buttons = [
        (label, data_of(KIND, talk, name))
        for page in offered
        for label, name in zip(page.labels, page.faces, strict=True)
        if len(name.encode()) <= NAME_BYTES
    ]
    rows = [buttons[start : start + ROW] for start in range(0, len(buttons), ROW)]
    return Said(Answer(text("gallery", lang)), keyboard(rows))


async def _drawn(desk: Desk, portraits: PortraitModel, offered: list[Page]) -> bool:
    """Draw what is not known yet; whether that could be done."""
    try:
        for page in offered:
            if page.faces not in desk.gallery:
                desk.gallery[page.faces] = await portraits.sheet(page.faces, page.first)
    except HiddenError as err:
        log.warning("gallery: %s", type(err).__name__)
        return False
    return True


async def _album(desk: Desk, spot: Spot, offered: list[Page]) -> None:
    """The sheets in one album; of one picture alone there is none. Raises EdgeError."""

    def photo(page: Page) -> InputMediaPhoto:
        caption = " · ".join(page.labels)[:CAPTION]
        return InputMediaPhoto(desk.gallery[page.faces], caption, filename=f"faces-{page.first}.png")

    async def call() -> tuple[Message, ...]:
        media = [photo(page) for page in offered]
        if len(media) >= MediaGroupLimit.MIN_MEDIA_LENGTH:
            return await desk.bot.send_media_group(media=media, **spot.fields)
        return (await desk.bot.send_photo(photo=media[0].media, caption=media[0].caption, **spot.fields),)

    await desk.sender.pace.turn(spot.chat_id)
    sent = await trying(call, passing=BusyError)
    for page, message in zip(offered, sent, strict=False):
        if message.photo:
            desk.gallery[page.faces] = message.photo[-1].file_id  # known to Telegram now
