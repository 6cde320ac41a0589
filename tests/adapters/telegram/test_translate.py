"""Which messages she answers, and what she reads of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Message, MessageEntity, User

from adapters.shared.decisions import Act, Decision, decide
from adapters.telegram_chat.translate import (
    Seen,
    channels_of,
    edited_in_time,
    locale_of,
    look,
    person_of,
    place_of,
    plain,
    topic_of,
)
from core.people import DIRECT, Person, Place, PlaceKind
from core.places import PlaceSettings
from tests.fake_telegram import entities

HER = User(42, "Oh-LoRA", True, username="ohlora_bot")
MINA = User(7, "미나", False, last_name="김", language_code="ko-KR")
SAID = Seen(text="안녕", channels=frozenset({"0", "1"}))
ANYWHERE = PlaceSettings()
ALWAYS = PlaceSettings(always_answer=frozenset({"0"}))
TOPIC = PlaceSettings(channels=frozenset({"9"}))
BOTH = PlaceSettings(channels=frozenset({"9"}), always_answer=frozenset({"1"}))
PRIVATE = {"id": 7, "type": "private", "first_name": "미나"}
GROUP = {"id": -100, "type": "supergroup", "title": "모임", "is_forum": True}
PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]


def message(text: str = "", chat: dict[str, Any] = GROUP, **more: Any) -> Message:
    """A message of Mina's as the library makes it, with what Telegram finds in its words."""
    data: dict[str, Any] = {"message_id": 1, "date": 1_700_000_000, "chat": chat, "from": MINA.to_dict()}
    kind = "caption" if "photo" in more else "text"
    if text:
        found = entities.found(text)
        data |= {kind: text, "caption_entities" if kind == "caption" else "entities": found}
    made = Message.de_json(data | more, None)
    assert made is not None
    return made


def of_hers(**more: Any) -> dict[str, Any]:
    """A message of hers that another one answers."""
    return {"message_id": 0, "date": 1, "chat": GROUP, "from": HER.to_dict(), "text": "응"} | more


@pytest.mark.parametrize(
    ("seen", "here", "act", "reason"),
    [
        (SAID, ANYWHERE, Act.IGNORE, "not addressed"),
        (replace(SAID, mentioned=True), ANYWHERE, Act.ANSWER, "mention"),
        (replace(SAID, reply_to_her=True), ANYWHERE, Act.ANSWER, "reply"),
        (replace(SAID, called=True), ANYWHERE, Act.ANSWER, "command"),
        (replace(SAID, direct=True, channels=frozenset()), TOPIC, Act.ANSWER, "direct"),
        (SAID, ALWAYS, Act.ANSWER, "always"),
        (SAID, BOTH, Act.ANSWER, "always"),
        (replace(SAID, mentioned=True), TOPIC, Act.IGNORE, "channel"),
        (replace(SAID, mentioned=True, channels=frozenset({"0", "9"})), TOPIC, Act.ANSWER, "mention"),
        (replace(SAID, mentioned=True, own=True), ANYWHERE, Act.IGNORE, "own"),
        (replace(SAID, mentioned=True, machine=True), ANYWHERE, Act.IGNORE, "machine"),
        (replace(SAID, direct=True, system=True), ANYWHERE, Act.IGNORE, "system"),
        (replace(SAID, text="", mentioned=True), ANYWHERE, Act.ANSWER, "mention"),
        (replace(SAID, text="", direct=True, things=True), ANYWHERE, Act.ONLY_TEXT, "direct"),
        (replace(SAID, direct=True, things=True), ANYWHERE, Act.ANSWER, "direct"),
        (replace(SAID, text="", things=True), ALWAYS, Act.IGNORE, "always"),
    ],
)
def test_decisions(seen: Seen, here: PlaceSettings, act: Act, reason: str) -> None:
    assert decide(seen, here) == Decision(act, reason, seen.text if act is Act.ANSWER else "")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (message("안녕", PRIVATE), "direct"),
        (message("안녕"), None),
        (message("@ohlora_bot 안녕"), "mention"),
        (message("안녕 @OhLoRA_Bot"), "mention"),
        (message("@other_bot 안녕"), None),
        (message("/chat 안녕"), "command"),
        (message("/chat@ohlora_bot 안녕"), "command"),
        (message("안녕", reply_to_message=of_hers()), "reply"),
        (message("안녕", reply_to_message=of_hers(**{"from": MINA.to_dict()})), None),
        (message("안녕", reply_to_message=of_hers(forum_topic_created={"name": "t", "icon_color": 1})), None),
        (message("@ohlora_bot 봐", photo=PHOTO), "mention"),
    ],
)
def test_what_is_meant_for_her(said: Message, reason: str | None) -> None:
    assert look(said, HER).reason == reason


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (message("@ohlora_bot", **{"from": HER.to_dict()}), "own"),
        (message("@ohlora_bot", **{"from": User(8, "Bot", True).to_dict()}), "machine"),
        (message("@ohlora_bot", sender_chat=GROUP), "machine"),
        (message("", left_chat_member=MINA.to_dict()), "system"),
        (message("", pinned_message=of_hers()), "system"),
        (message("/help", PRIVATE), "system"),
        (message("/chat@other_bot 안녕 @ohlora_bot"), "system"),
    ],
)
def test_what_is_never_answered(said: Message, what: str) -> None:
    assert decide(look(said, HER), ALWAYS) == Decision(Act.IGNORE, what)


def test_pictures_stickers_and_voices_are_things() -> None:
    sticker = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1, "type": "regular"} | {
        "is_animated": False, "is_video": False
    }  # fmt: skip
    voice = {"file_id": "f", "file_unique_id": "u", "duration": 1}
    for more in (
        {"photo": PHOTO},
        {"sticker": sticker},
        {"voice": voice},
        {"photo": PHOTO, "media_group_id": "5"},
    ):
        seen = look(message("", PRIVATE, **more), HER)
        assert decide(seen, ANYWHERE) == Decision(Act.ONLY_TEXT, "direct")
    assert seen.album == "5"
    assert decide(look(message("이거 봐", PRIVATE, photo=PHOTO), HER), ANYWHERE).text == "이거 봐"


def test_what_is_passed_on_is_nobodys_word_to_her() -> None:
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "누구"}
    seen = look(message("@ohlora_bot 나는 부산 살아", PRIVATE, forward_origin=origin), HER)
    assert (seen.text, seen.mentioned, seen.things) == ("", False, True)
    assert look(message("@ohlora_bot 나는 부산 살아", forward_origin=origin), HER).reason is None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("@ohlora_bot 안녕", "안녕"),
        ("@OHLORA_BOT   안녕", "안녕"),
        ("안녕 @ohlora_bot 로라", "안녕 로라"),
        ("😀👩‍👩‍👧 @ohlora_bot 봐", "😀👩‍👩‍👧 봐"),
        ("@ohlora_bot", ""),
        ("@ohlora_bot @mina 알아?", "@mina 알아?"),
        ("/chat 안녕", "안녕"),
        ("/chat@ohlora_bot  @ohlora_bot 안녕", "안녕"),
        ("/help 가 뭐야", "/help 가 뭐야"),
        ("뭐야 /chat", "뭐야 /chat"),
        ("@ohlora_bot\n첫 줄\n둘째  줄", "첫 줄\n둘째 줄"),
        ("[내일 일정: 친구 만나기] @ohlora_bot", "[내일 일정: 친구 만나기]"),
    ],
)
def test_the_words(content: str, text: str) -> None:
    assert plain(content, message(content).entities, HER) == text


def test_a_mention_by_account_needs_no_name() -> None:
    marked = [MessageEntity(MessageEntity.TEXT_MENTION, 3, 2, user=HER)]
    said = Message(
        1, datetime.now(UTC), message("x").chat, from_user=MINA, text="😀 로라 안녕", entities=marked
    )
    seen = look(said, HER)
    assert (seen.text, seen.reason) == ("😀 안녕", "mention")


@given(before=st.text(max_size=20), after=st.text(max_size=20))
def test_any_words_around_her_name_are_read_whole(before: str, after: str) -> None:
    content = f"{before}@ohlora_bot{after}"
    entity = MessageEntity(MessageEntity.MENTION, entities.units(before), len("@ohlora_bot"))
    assert "".join(plain(content, [entity], HER).split()) == "".join((before + after).split())


def test_topics_are_named_and_chains_of_replies_are_not() -> None:
    topic = message("안녕", message_thread_id=9, is_topic_message=True)
    chain = message("안녕", message_thread_id=9)
    assert (topic_of(topic), channels_of(topic)) == (9, frozenset({"0", "9"}))
    assert (topic_of(chain), channels_of(chain)) == (None, frozenset({"0", "1"}))
    assert channels_of(message("안녕", PRIVATE)) == frozenset()


def test_who_and_where() -> None:
    assert person_of(MINA) == Person("telegram", "7")
    assert person_of(MINA).name == "미나 김"
    assert place_of(message("x", PRIVATE).chat) == DIRECT
    assert place_of(message("x").chat) == Place(PlaceKind.GROUP, "telegram:-100")


@pytest.mark.parametrize(
    ("code", "lang"), [("ko", "ko"), ("ko-KR", "ko"), ("de", "en"), ("", None), (None, None)]
)
def test_the_language_of_a_client(code: str | None, lang: str | None) -> None:
    assert locale_of(User(7, "미나", False, language_code=code)) == lang


@pytest.mark.parametrize(
    ("content", "quoted", "text"),
    [
        ("난 의사야\n😀 정말\n@ohlora_bot 믿어?", "난 의사야\n😀 정말", "> 난 의사야\n> 😀 정말\n믿어?"),
        ("봐 난 의사야 믿어?", "난 의사야", "봐\n> 난 의사야\n믿어?"),
        ("😀\n@ohlora_bot 난 의사야\n", "@ohlora_bot 난 의사야\n", "😀\n> 난 의사야"),
    ],
)
@pytest.mark.parametrize("kind", [MessageEntity.BLOCKQUOTE, MessageEntity.EXPANDABLE_BLOCKQUOTE])
def test_quotes_have_marks(content: str, quoted: str, text: str, kind: str) -> None:
    start = entities.units(content[: content.index(quoted)])
    quote = MessageEntity(kind, start, entities.units(quoted))
    assert plain(content, [quote, *message(content).entities], HER) == text


@pytest.mark.parametrize(("seconds", "soon"), [(0, True), (60, True), (61, False), (None, None)])
def test_edits_within_a_minute(seconds: int | None, soon: bool | None) -> None:
    said = message("안녕")
    when = None if seconds is None else said.date + timedelta(seconds=seconds)
    edited = Message(1, said.date, said.chat, edit_date=when, text="안녕")
    assert edited_in_time(edited) is soon
