"""The fake Telegram against an unmodified python-telegram-bot: what it promises, over real sockets."""

from __future__ import annotations

import argparse
import asyncio
import html
import io
import json
import logging
import re
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import (
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeChatAdministrators,
    BotCommandScopeChatMember,
    ChatMemberAdministrator,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaAnimation,
    InputMediaPhoto,
    Update,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import AIORateLimiter, Application, ExtBot, TypeHandler
from telegram.request import HTTPXRequest

from tests import crowds
from tests.fake_telegram import Chat, FakeTelegram, User, Version, clean, load, units
from tests.fake_telegram.entities import complete, part
from tests.fake_telegram.errors import ApiError
from tests.fake_telegram.load import Person, first_answer, turns
from tests.fake_telegram.markup import parse_html
from tests.fake_telegram.media import picture_size
from tests.fake_telegram.model import Draft, monotonic
from tests.fake_telegram.verbs import PIXEL
from tests.fake_telegram.webhook import SECRET_HEADER
from tests.fake_telegram.world import Post

HELLO = "안녕! 👋"
GIF = b"GIF89a" + struct.pack("<HH", 8, 4) + b"\x00" * 20
ALL = ["message", "edited_message", "callback_query", "my_chat_member", "chat_member", "message_reaction",
       "stopped_message_generation"]  # fmt: skip


@dataclass
class Desk:
    """A library's application and what has reached it."""

    app: Application[Any, Any, Any, Any, Any, Any]
    got: list[Update] = field(default_factory=list)
    telegram: FakeTelegram = field(init=False)

    @property
    def bot(self) -> ExtBot[Any]:
        bot: ExtBot[Any] = self.app.bot
        return bot

    async def receive(self, number: int = 1) -> Update:
        """The n-th update; arrivals tell the fake's waiters."""
        await self.telegram.wait_for(lambda: len(self.got) >= number, what=f"update {number}")
        return self.got[number - 1]

    @property
    def texts(self) -> list[str | None]:
        return [one.effective_message.text if one.effective_message else None for one in self.got]


def plain_request(read_s: float = 8.0) -> HTTPXRequest:
    """The library's own, but without loading all of the world's certificates (60 ms) for a loopback address."""
    return HTTPXRequest(connection_pool_size=8, read_timeout=read_s, httpx_kwargs={"verify": False})


def application(telegram: FakeTelegram, *, limiter: bool = False, read_s: float = 8.0) -> Desk:
    builder: Any = Application.builder().token(telegram.token)
    builder = builder.base_url(f"{telegram.base_url}/bot").base_file_url(f"{telegram.base_url}/file/bot")
    builder = builder.request(plain_request(read_s)).get_updates_request(plain_request(read_s))
    if limiter:
        builder = builder.rate_limiter(AIORateLimiter(max_retries=2))
    desk = Desk(builder.build())
    desk.telegram = telegram

    async def keep(update: Update, _context: Any) -> None:
        desk.got.append(update)
        telegram.tell()

    desk.app.add_handler(TypeHandler(Update, keep))
    return desk


@asynccontextmanager
async def polling(desk: Desk, allowed: list[str] | None = None) -> AsyncIterator[Desk]:
    async with desk.app:
        await desk.app.start()
        assert desk.app.updater is not None
        await desk.app.updater.start_polling(timeout=5, allowed_updates=allowed)
        try:
            yield desk
        finally:
            await desk.app.updater.stop()
            await desk.app.stop()


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest_asyncio.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[ExtBot[Any]]:
    """The library's bot without an updater: enough for everything that it sends."""
    desk = application(telegram)
    async with desk.app:
        yield desk.bot


@pytest.fixture
def mina(telegram: FakeTelegram) -> User:
    user = telegram.add_user("Mina")
    user.started = True
    return user


@pytest.fixture
def room(telegram: FakeTelegram, mina: User) -> Chat:
    return telegram.private_chat(mina)


@pytest.fixture
def group(telegram: FakeTelegram, mina: User) -> Chat:
    return telegram.add_group("Friends", mina, telegram.add_user("Jun"))


def refused(why: str, kind: type[TelegramError] = BadRequest) -> pytest.RaisesExc[TelegramError]:
    """The library writes refusals in small letters."""
    return pytest.raises(kind, match=f"(?i){why}")


def keyboard(*data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(f"<{one}>", callback_data=one)] for one in data])


# updates by polling


async def test_a_message_goes_in_and_its_answer_comes_out(telegram: FakeTelegram) -> None:
    mina = telegram.add_user("Mina", language_code="en")
    async with polling(application(telegram)) as desk:
        await telegram.connected()
        await telegram.dm(mina, "/start@ohlora_bot 안녕")
        update = await desk.receive()
        assert update.effective_user is not None and update.effective_message is not None
        assert (update.effective_user.language_code, update.effective_user.username) == ("en", "mina")
        assert update.effective_message.parse_entities() == {
            update.effective_message.entities[0]: "/start@ohlora_bot"
        }
        await update.effective_message.reply_text(HELLO, do_quote=True)
        answer = await telegram.answer(telegram.private_chat(mina))
        assert (answer.text, answer.reply_to) == (HELLO, telegram.private_chat(mina).log[0])
        await telegram.fetched()
    assert telegram.updates[0].confirmed and telegram.updates[0].delivered == 1


async def test_polling_waits_for_news_instead_of_asking_again_and_again(telegram: FakeTelegram) -> None:
    mina = telegram.add_user("Mina")
    async with polling(application(telegram)) as desk:
        await telegram.connected()
        polls = telegram.world.updates.polls
        with pytest.raises(TimeoutError):
            await telegram.wait_for(lambda: telegram.world.updates.polls > polls + 1, 0.4)
        since = monotonic()
        await telegram.dm(mina, "hi")
        await desk.receive()
        assert monotonic() - since < 4  # the poll would have lasted 5


async def test_updates_come_again_until_an_offset_confirms_them(
    telegram: FakeTelegram, bot: ExtBot[Any], mina: User
) -> None:
    for text in ("a", "b", "c"):
        await telegram.dm(mina, text)
    first = await bot.get_updates(timeout=0)
    again = await bot.get_updates(timeout=0, limit=2)
    assert [one.update_id for one in again] == [one.update_id for one in first][:2]
    rest = await bot.get_updates(offset=first[0].update_id + 1, timeout=0)
    assert [one.message.text for one in rest if one.message] == ["b", "c"]
    last = await bot.get_updates(offset=-1, timeout=0)
    assert [one.message.text for one in last if one.message] == ["c"]
    assert [one.confirmed for one in telegram.updates] == [True, True, False]


async def test_only_the_updates_that_were_asked_for_come(
    telegram: FakeTelegram, bot: ExtBot[Any], mina: User, group: Chat
) -> None:
    await telegram.promote(telegram.bot, group)
    await bot.get_updates(timeout=0, allowed_updates=["chat_member", "edited_message"])
    message = await telegram.dm(mina, "not asked for")
    await telegram.edit(message, "asked for")
    await telegram.promote(telegram.add_user("Ara"), group)
    kinds = [one.kind for one in telegram.updates]
    assert kinds == ["my_chat_member", "edited_message", "chat_member"]
    await bot.get_updates(timeout=0, allowed_updates=[])
    await telegram.demote(telegram.add_user("Bora"), group)  # chat_member is not among the usual ones
    await telegram.dm(mina, "usual")
    assert [one.kind for one in telegram.updates][3:] == ["message"]


async def test_a_second_poller_ends_the_first(telegram: FakeTelegram, bot: ExtBot[Any]) -> None:
    other = application(telegram)
    async with other.app:
        first = asyncio.create_task(bot.get_updates(timeout=9))
        await telegram.wait_for(lambda: telegram.world.updates.polls == 1)
        second = asyncio.create_task(other.bot.get_updates(timeout=9))
        with refused("terminated by other getUpdates", Conflict):
            await first
        await telegram.dm(telegram.add_user("Mina"), "hi")
        assert len(await second) == 1


async def test_a_library_meets_a_conflict_and_goes_on(telegram: FakeTelegram) -> None:
    errors: list[Exception] = []
    desk = application(telegram)
    telegram.faults.conflict()
    async with desk.app:
        await desk.app.start()
        assert desk.app.updater is not None
        await desk.app.updater.start_polling(timeout=5, error_callback=errors.append)
        await telegram.dm(telegram.add_user("Mina"), "hi")
        await desk.receive()
        await desk.app.updater.stop()
        await desk.app.stop()
    assert [type(one) for one in errors] == [Conflict]


async def test_updates_come_a_second_time_or_are_lost_by_age(telegram: FakeTelegram) -> None:
    mina = telegram.add_user("Mina")
    await telegram.dm(mina, "too old")
    telegram.faults.expire_updates()
    async with polling(application(telegram)) as desk:
        await telegram.dm(mina, "one")
        await telegram.dm(mina, "two")
        await desk.receive(2)
        await telegram.fetched()
        [repeated] = telegram.faults.repeat_updates()
        assert (await desk.receive(3)).update_id == repeated.id
        await telegram.dm(mina, "three")
        await desk.receive(4)
    assert desk.texts == ["one", "two", "two", "three"]


# the webhook


@dataclass
class Door:
    """A bot's address: what was posted there; ``statuses`` are the next answers, then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    posted: list[tuple[str | None, Any]] = field(default_factory=list)


@asynccontextmanager
async def door(desk: Desk) -> AsyncIterator[Door]:
    result = Door()

    async def receive(request: web.Request) -> web.Response:
        result.posted.append((request.headers.get(SECRET_HEADER), await request.json()))
        status = result.statuses.pop(0) if result.statuses else 200
        if status == 200:
            await desk.app.update_queue.put(Update.de_json(result.posted[-1][1], desk.bot))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    result.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield result
    finally:
        await runner.cleanup()


async def test_a_webhook_is_pushed_to_until_it_accepts(telegram: FakeTelegram) -> None:
    mina = telegram.add_user("Mina")
    desk = application(telegram)
    async with desk.app, door(desk) as hook:
        await desk.app.start()
        hook.statuses = [500, 403]
        await desk.bot.set_webhook(hook.url, secret_token="s3cret", allowed_updates=["message"])
        await telegram.connected()
        await telegram.dm(mina, "one")
        await telegram.edit(await telegram.dm(mina, "two"), "nobody asked")
        await desk.receive(2)
        await telegram.fetched()
        info = await desk.bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == (hook.url, 0)
        assert info.last_error_message == "Wrong response from the webhook: 403"
        with refused("webhook is active", Conflict):
            await desk.bot.get_updates(timeout=0)
        assert await desk.bot.delete_webhook()
        await telegram.dm(mina, "three")
        assert [one.message.text for one in await desk.bot.get_updates(timeout=0) if one.message] == ["three"]
        await desk.app.stop()
    assert desk.texts == ["one", "two"]
    assert [push.status for push in telegram.webhook.pushes] == [500, 403, 200, 200]
    assert {secret for secret, _ in hook.posted} == {"s3cret"}
    assert telegram.updates[0].delivered == 3


async def test_a_webhook_that_nobody_answers_is_tried_again(telegram: FakeTelegram) -> None:
    desk = application(telegram)
    async with desk.app, door(desk) as hook:
        await desk.bot.set_webhook("http://127.0.0.1:9/closed")
        await telegram.dm(telegram.add_user("Mina"), "hi")
        await telegram.wait_for(lambda: len(telegram.webhook.pushes) >= 2)
        assert (await desk.bot.get_webhook_info()).pending_update_count == 1
        await desk.bot.set_webhook(hook.url)
        await telegram.fetched()
        telegram.faults.repeat_updates()
        await telegram.wait_for(lambda: len(hook.posted) == 2)
    assert hook.posted[0] == hook.posted[1] and hook.posted[0][0] is None


async def test_setting_a_webhook_ends_a_poll(telegram: FakeTelegram, bot: ExtBot[Any]) -> None:
    await telegram.dm(telegram.add_user("Mina"), "dropped")
    await bot.set_webhook("http://127.0.0.1:9/", drop_pending_updates=True)
    assert (await bot.get_webhook_info()).pending_update_count == 0
    await bot.delete_webhook()
    poll = asyncio.create_task(bot.get_updates(timeout=9))
    await telegram.wait_for(lambda: telegram.world.updates.polls)
    await bot.set_webhook("http://127.0.0.1:9/")
    with pytest.raises(Conflict):
        await poll


async def test_the_library_s_own_webhook_server_is_served(telegram: FakeTelegram) -> None:
    pytest.importorskip("tornado", reason="python-telegram-bot[webhooks] is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    desk = application(telegram)
    async with desk.app:
        await desk.app.start()
        assert desk.app.updater is not None
        await desk.app.updater.start_webhook(
            "127.0.0.1", port, "hook", secret_token="s3cret", webhook_url=f"http://127.0.0.1:{port}/hook"
        )
        await telegram.dm(telegram.add_user("Mina"), HELLO)
        await desk.receive()
        telegram.webhook.settings["secret_token"] = "wrong"
        await telegram.dm(telegram.add_user("Jun"), "by a stranger")
        await telegram.wait_for(lambda: len(telegram.webhook.pushes) >= 2)
        await telegram.webhook.shut()
        await desk.app.updater.stop()
        await desk.app.stop()
    assert desk.texts == [HELLO]
    assert [push.status for push in telegram.webhook.pushes][:2] == [200, 403]


async def test_strict_webhooks_keep_telegram_s_rules() -> None:
    async with FakeTelegram(strict_webhooks=True) as telegram:
        desk = application(telegram)
        async with desk.app:
            with refused("HTTPS"):
                await desk.bot.set_webhook("http://example.org/")
            with refused("ports 80, 88, 443 or 8443"):
                await desk.bot.set_webhook("https://example.org:8080/")
            with refused("unallowed characters"):
                await desk.bot.set_webhook("https://example.org/", secret_token="a b")


# texts


@pytest.mark.parametrize(("source", "text", "expected"), [
    ("<b>a</b> <i>b</i>", "a b", [("bold", "a"), ("italic", "b")]),
    ("<strong>🙂 <u>x</u></strong>", "🙂 x", [("bold", "🙂 x"), ("underline", "x")]),
    ("&lt;b&gt; &amp;amp; &quot;&#65;&#x42;", '<b> &amp; "AB', []),
    ("a & b &unknown; c > d", "a & b &unknown; c > d", []),
    ('<a href="http://x.y/?a=1&amp;b=2">go</a>', "go", [("text_link", "go")]),
    ("<pre><code class=\"language-python\">x=1</code></pre>", "x=1", [("pre", "x=1")]),
    ("<code>/help @mina</code>", "/help @mina", [("code", "/help @mina")]),
    ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", "q")]),
    ('<span class="tg-spoiler">s</span><tg-spoiler>t</tg-spoiler>', "st", [("spoiler", "s"), ("spoiler", "t")]),
    ("<del>d</del><s>e</s><b></b>", "de", [("strikethrough", "d"), ("strikethrough", "e")]),
    ("  <b> a</b>  \n", "a", []),
])  # fmt: skip
async def test_html_is_parsed(
    telegram: FakeTelegram, bot: ExtBot[Any], room: Chat, source: str, text: str,
    expected: list[tuple[str, str]],
) -> None:  # fmt: skip
    sent = await bot.send_message(room.id, source, parse_mode=ParseMode.HTML)
    message = telegram.said(room)[0]
    if source.startswith("  "):  # blanks go as far as the first entity
        assert (message.text, message.entities) == (" a", [{"type": "bold", "offset": 0, "length": 2}])
        return
    assert message.text == sent.text == text
    assert [(one["type"], part(text, one)) for one in message.entities] == expected
    assert [one.type for one in sent.entities] == [kind for kind, _ in expected]


@pytest.mark.parametrize(("source", "why"), [
    ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
    ("안 <b>x", 'Can\'t find end tag corresponding to start tag "b"'),
    ("안 </b>", "Unexpected end tag at byte offset 4"),
    ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ("a < b", 'Unsupported start tag "" at byte offset 2'),
    ("1 <3", 'Unsupported start tag "3" at byte offset 2'),
    ("<b", 'Unclosed start tag "b"'),
    ("<span>x</span>", 'must have class "tg-spoiler"'),
    ("<b>x</b", "Unclosed end tag"),
    ("<script>alert(1)</script>", "Unsupported start tag"),
])  # fmt: skip
async def test_broken_html_is_refused(
    telegram: FakeTelegram, bot: ExtBot[Any], room: Chat, source: str, why: str
) -> None:
    with refused(f"can't parse entities: .*{re.escape(why)}"):
        await bot.send_message(room.id, source, parse_mode=ParseMode.HTML)
    assert telegram.said(room) == []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_escaped_text_is_that_text_again(text: str) -> None:
    assert parse_html(html.escape(text)) == (text, [])
    assert parse_html(f"<b>{html.escape(text)}</b>")[0] == text


@settings(max_examples=40)
@given(st.text(), st.text())
def test_any_html_is_parsed_or_refused(text: str, more: str) -> None:
    for source in (text, f"<b>{text}</i>{more}", f'<a href="{text}">{more}</a>', f"&{text};<{more}>"):
        try:
            plain, entities = complete(*parse_html(source))
        except ApiError as refusal:
            assert refusal.status == 400
        else:
            assert all(0 <= e["offset"] and 0 < e["length"] <= units(plain) - e["offset"] for e in entities)


async def test_lengths_count_utf16_units_after_parsing(
    telegram: FakeTelegram, bot: ExtBot[Any], room: Chat
) -> None:
    await bot.send_message(room.id, "&lt;" * 4096, parse_mode=ParseMode.HTML)
    await bot.send_message(room.id, f"{'👋' * 2048}\n ")
    assert [units(one.text) for one in telegram.said(room)] == [4096, 4096]
    with refused("too long"):
        await bot.send_message(room.id, "👋" * 2048 + "a")
    with refused("message_too_long"):
        await bot.edit_message_text("a" * 4097, room.id, telegram.said(room)[0].id)
    await bot.send_photo(room.id, PIXEL, "👋" * 512)
    with refused("caption is too long"):
        await bot.send_photo(room.id, PIXEL, "👋" * 512 + "a")
    for empty in ("", " \n", "<b></b>"):
        with refused("text is empty"):
            await bot.send_message(room.id, empty, parse_mode=ParseMode.HTML)
    assert clean("a\x00b\r\nc\u202e") == "a b\nc"


async def test_an_unmarked_text_gets_its_entities(
    telegram: FakeTelegram, bot: ExtBot[Any], room: Chat
) -> None:
    sent = await bot.send_message(room.id, "👋 /help by @mina at https://x.org/a, #tag a/b m@x.org")
    assert {part(str(sent.text), e.to_dict()): e.type for e in sent.entities} == {
        "/help": "bot_command", "@mina": "mention", "https://x.org/a": "url", "#tag": "hashtag",
    }  # fmt: skip
    with refused("unsupported parse_mode"):
        await bot.send_message(room.id, "*a*", parse_mode=ParseMode.MARKDOWN_V2)


# files


async def test_a_file_is_sent_kept_reused_and_fetched(
    telegram: FakeTelegram, bot: ExtBot[Any], room: Chat
) -> None:
    first = await bot.send_photo(room.id, io.BytesIO(PIXEL), "<b>face</b>", parse_mode=ParseMode.HTML)
    second = await bot.send_photo(room.id, first.photo[-1].file_id)
    shown = telegram.said(room)
    assert [one.last.reused for one in shown] == [False, True]
    assert shown[0].media is shown[1].media and shown[0].media is not None
    assert (first.caption, first.caption_entities[0].type) == ("face", "bold")
    assert (second.photo[-1].width, second.photo[-1].height) == (1, 1)
    assert telegram.requested("sendPhoto")[0].uploads["photo"].content == PIXEL
    assert telegram.requested("sendPhoto")[1].uploads == {}
    file = await (await bot.get_file(second.photo[-1].file_id)).download_as_bytearray()
    assert bytes(file) == PIXEL and telegram.downloads == [shown[0].media.path]
    with refused("wrong file identifier"):
        await bot.send_photo(room.id, "AgACinvented")
    with refused("can't use file of type Photo as Animation"):
        await bot.send_animation(room.id, first.photo[-1].file_id)


async def test_every_kind_of_file_comes_back_as_its_kind(
    telegram: FakeTelegram, bot: ExtBot[Any], room: Chat
) -> None:
    moving = await bot.send_animation(room.id, GIF, filename="face.gif")
    video = await bot.send_video(room.id, b"mp4", filename="face.mp4")
    paper = await bot.send_document(room.id, b"{}", filename="export.json")
    silent = await bot.send_document(room.id, GIF, filename="a.gif")
    plain = await bot.send_document(room.id, GIF, filename="a.gif", disable_content_type_detection=True)
    assert moving.animation and (moving.animation.width, moving.animation.mime_type) == (8, "video/mp4")
    assert video.video and video.video.file_name == "face.mp4"
    assert paper.document and paper.document.mime_type == "application/json"
    assert silent.animation and plain.document and not plain.animation
    media = [one.media for one in telegram.said(room)]
    assert [one.kind for one in media if one] == ["animation", "video", "document", "animation", "document"]


async def test_photos_that_telegram_would_refuse(bot: ExtBot[Any], room: Chat) -> None:
    wide = PIXEL[:16] + struct.pack(">II", 2100, 100) + PIXEL[24:]
    large = PIXEL[:16] + struct.pack(">II", 6000, 4001) + PIXEL[24:]
    for content, why in ((b"text", "IMAGE_PROCESS_FAILED"), (wide, "DIMENSIONS"), (large, "DIMENSIONS")):
        with refused(why):
            await bot.send_photo(room.id, content)
    with refused("too big"):
        await bot.send_photo(room.id, PIXEL + bytes(10 * 1024 * 1024))
    with refused("non-empty"):
        await bot.send_document(room.id, b"", filename="empty")


def test_sizes_of_pictures() -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 30, 40) + bytes(9)
    webp = b"RIFF\x00\x00\x00\x00WEBPVP8X" + bytes(8) + b"\x09\x00\x00\x13\x00\x00"
    assert [picture_size(one) for one in (PIXEL, GIF, jpeg, webp, b"", b"\x89PNG")] == [
        (1, 1), (8, 4), (40, 30), (10, 20), None, None,
    ]  # fmt: skip


async def test_an_album_is_several_messages_of_one(
    telegram: FakeTelegram, bot: ExtBot[Any], room: Chat
) -> None:
    known = (await bot.send_photo(room.id, PIXEL)).photo[-1].file_id
    sent = await bot.send_media_group(
        room.id, [InputMediaPhoto(PIXEL, caption="first"), InputMediaPhoto(known), InputMediaPhoto(PIXEL)]
    )
    shown = telegram.said(room)[1:]
    assert len({one.media_group_id for one in sent}) == 1 and len(shown) == 3
    assert sent[0].media_group_id and sent[0].media_group_id == shown[0].album
    assert [one.text for one in shown] == ["first", "", ""]
    assert [one.last.reused for one in shown] == [False, True, False]
    with pytest.raises(BadRequest):
        await bot.send_media_group(room.id, [InputMediaPhoto(known)])


# edits, deletions, presses


async def test_edits_make_versions(telegram: FakeTelegram, bot: ExtBot[Any], room: Chat) -> None:
    sent = await bot.send_message(room.id, "one", reply_markup=keyboard("stop"))
    message = telegram.said(room)[0]
    edited = await bot.edit_message_text("two", room.id, sent.message_id)
    assert isinstance(edited, type(sent)) and edited.edit_date and edited.reply_markup is None
    await bot.edit_message_reply_markup(room.id, sent.message_id, reply_markup=keyboard("again"))
    with refused("not modified"):
        await bot.edit_message_text("two", room.id, sent.message_id, reply_markup=keyboard("again"))
    assert [one.text for one in message.versions] == ["one", "two", "two"]
    assert [bool(one.keyboard) for one in message.versions] == [True, False, True]
    assert message.versions[0].at < message.edit_times[0] < message.edit_times[1]
    assert (await message.settled(0.05)) is message


async def test_a_text_becomes_a_picture(telegram: FakeTelegram, bot: ExtBot[Any], room: Chat) -> None:
    sent = await bot.send_message(room.id, "thinking")
    await bot.edit_message_media(
        InputMediaPhoto(PIXEL, caption="<i>face</i>", parse_mode=ParseMode.HTML), room.id, sent.message_id
    )
    message = telegram.said(room)[0]
    assert message.media is not None and (message.text, message.entities[0]["type"]) == ("face", "italic")
    await bot.edit_message_caption(room.id, sent.message_id, caption="other")
    with refused("no text in the message"):
        await bot.edit_message_text("x", room.id, sent.message_id)
    await bot.edit_message_media(InputMediaPhoto(message.media.id, caption="x"), room.id, sent.message_id)
    await bot.edit_message_media(InputMediaAnimation(GIF), room.id, sent.message_id)
    assert [one.reused for one in message.versions] == [False, False, False, True, False]
    assert [one.media.kind for one in message.versions if one.media] == ["photo"] * 3 + ["animation"]
    text = await bot.send_message(room.id, "text")
    with refused("no caption"):
        await bot.edit_message_caption(room.id, text.message_id, caption="x")


async def test_only_own_messages_that_are_there_can_be_edited(
    telegram: FakeTelegram, bot: ExtBot[Any], mina: User, room: Chat, group: Chat
) -> None:
    theirs = await telegram.dm(mina, "mine")
    with refused("message to edit not found"):
        await bot.edit_message_text("x", room.id, 999)
    with refused("can't be edited"):
        await bot.edit_message_text("x", room.id, theirs.id)
    own = await bot.send_message(room.id, "own")
    assert await bot.delete_message(room.id, own.message_id)
    for method in (bot.edit_message_reply_markup, bot.delete_message):
        with refused("not found"):
            await method(room.id, own.message_id)
    assert await bot.delete_message(room.id, theirs.id) and room.log == []
    spoken = await telegram.say(mina, group, "mine")
    with refused("can't be deleted"):
        await bot.delete_message(group.id, spoken.id)
    more = [(await bot.send_message(group.id, str(i))).message_id for i in range(3)]
    assert await bot.delete_messages(group.id, [*more, spoken.id, 999])
    assert group.log == [spoken]
    await telegram.promote(telegram.bot, group)
    assert await bot.delete_message(group.id, spoken.id)


async def test_a_reply_needs_what_it_answers(
    telegram: FakeTelegram, bot: ExtBot[Any], mina: User, room: Chat
) -> None:
    message = await telegram.dm(mina, "hi")
    sent = await bot.send_message(room.id, "x", reply_to_message_id=message.id)
    assert sent.reply_to_message is not None and sent.reply_to_message.text == "hi"
    await telegram.delete(message)
    with refused("message to be replied not found"):
        await bot.send_message(room.id, "x", reply_to_message_id=message.id)
    sent = await bot.send_message(
        room.id, "x", reply_to_message_id=message.id, allow_sending_without_reply=True
    )
    assert sent.reply_to_message is None


async def test_a_press_is_answered_once(telegram: FakeTelegram) -> None:
    mina = telegram.add_user("Mina")
    async with polling(application(telegram)) as desk:
        await telegram.dm(mina, "hi")
        chat = telegram.private_chat(mina)
        await desk.bot.send_message(chat.id, "choose", reply_markup=keyboard("why", "stop"))
        press = await telegram.press(mina, telegram.said(chat)[0], "<why>")
        update = await desk.receive(2)
        query = update.callback_query
        assert query is not None and (query.data, query.from_user.id) == ("why", mina.id)
        assert query.message is not None and query.message.message_id == telegram.said(chat)[0].id
        assert not press.answered
        await query.answer("because", show_alert=True)
        assert ((await press.done()).text, press.alert) == ("because", True)
        with refused("query is too old"):
            await query.answer()
        late = await telegram.press(mina, telegram.said(chat)[0], "stop")
        late.grow_older(telegram.traits.query_lifetime_s)
        with refused("query is too old"):
            await desk.bot.answer_callback_query(late.id)
        with pytest.raises(LookupError):
            await telegram.press(mina, telegram.said(chat)[0], "other")
        with pytest.raises(LookupError):
            await telegram.press(telegram.add_user("Jun"), telegram.said(chat)[0], "stop")


@pytest.mark.parametrize("data", ["", "x" * 65, "안" * 22])
async def test_callback_data_is_1_to_64_bytes(bot: ExtBot[Any], room: Chat, data: str) -> None:
    await bot.send_message(room.id, "x", reply_markup=keyboard("안" * 21 + "x"))
    with refused("button"):
        await bot.send_message(room.id, "x", reply_markup=keyboard(data))


async def test_reactions(telegram: FakeTelegram, bot: ExtBot[Any], mina: User, group: Chat) -> None:
    message = await telegram.say(mina, group, "hi")
    await bot.set_message_reaction(group.id, message.id, "👍")
    assert message.reactions == [{"type": "emoji", "emoji": "👍"}]
    await bot.get_updates(timeout=0, allowed_updates=ALL)
    await telegram.react(mina, message, "🔥")
    await telegram.promote(telegram.bot, group)
    await telegram.react(mina, message, "🔥")
    [_, update] = await bot.get_updates(timeout=0)
    assert update.message_reaction is not None and update.message_reaction.user is not None


# drafts and actions


async def test_drafts_are_recorded_until_the_message_comes(
    telegram: FakeTelegram, bot: ExtBot[Any], room: Chat
) -> None:
    await bot.send_message_draft(room.id, 7)
    await bot.send_message_draft(room.id, 7, "<b>안</b>", parse_mode=ParseMode.HTML)
    await telegram.drafted(room, 2)
    assert [(one.id, one.text) for one in room.drafts] == [(7, ""), (7, "안")]
    assert room.drafts[0].at < room.drafts[1].at and room.drafts[1].entities[0]["type"] == "bold"
    assert room.visible_draft() is room.drafts[1] and telegram.said(room) == []
    room.drafts[1].at -= 31
    assert room.visible_draft() is None
    await bot.send_message_draft(room.id, 7, "안녕")
    await bot.send_message(room.id, "안녕")
    assert room.visible_draft() is None


async def test_drafts_that_are_refused(
    telegram: FakeTelegram, bot: ExtBot[Any], room: Chat, group: Chat
) -> None:
    with refused("textdraft_peer_invalid"):
        await bot.send_message_draft(group.id, 1, "x")
    with pytest.raises(BadRequest):
        await bot.send_message_draft(room.id, 0, "x")
    with refused("too long"):
        await bot.send_message_draft(room.id, 1, "x" * 4097)
    room.drafts_allowed = False
    with pytest.raises(BadRequest):
        await bot.send_message_draft(room.id, 1, "x")
    telegram.faults.without("sendMessageDraft")
    with refused("Not Found", InvalidToken):  # so the library reads every 404
        await bot.send_message_draft(room.id, 1, "x")
    assert room.drafts == []


async def test_a_draft_can_be_stopped(telegram: FakeTelegram, bot: ExtBot[Any], room: Chat) -> None:
    await bot.get_updates(timeout=0, allowed_updates=ALL)
    await bot.send_message_draft(room.id, 7, "x")
    with pytest.raises(LookupError):
        await telegram.stop(room)
    await bot.send_message_draft(room.id, 7, "xy", api_kwargs={"can_stop": True})
    await telegram.stop(room)
    [update] = await bot.get_updates(timeout=0)
    assert update.api_kwargs["stopped_message_generation"]["draft_id"] == 7


async def test_actions_stand_five_seconds_or_until_a_message(
    telegram: FakeTelegram, bot: ExtBot[Any], room: Chat
) -> None:
    await bot.send_chat_action(room.id, ChatAction.TYPING)
    assert room.visible_action() is room.actions[0] and room.actions[0].action == "typing"
    room.actions[0].at -= 5.1
    assert room.visible_action() is None
    await bot.send_chat_action(room.id, ChatAction.UPLOAD_PHOTO)
    await bot.send_message(room.id, "done")
    assert room.visible_action() is None and len(room.actions) == 2
    with pytest.raises(BadRequest):
        await bot.send_chat_action(room.id, "dancing")


# menus and descriptions


async def test_menus_by_scope_and_language(
    telegram: FakeTelegram, bot: ExtBot[Any], mina: User, group: Chat
) -> None:
    eve = telegram.add_user("Eve", language_code="en-GB")
    await telegram.join(eve, group)

    def menu(user: User, chat: Chat | None = None) -> str:
        return " ".join(one["command"] for one in telegram.menu(user, chat))

    assert menu(mina) == ""
    await bot.set_my_commands([("chat", "말하기")])
    await bot.set_my_commands([("talk", "talk")], language_code="en")
    assert (menu(mina), menu(eve), menu(eve, group)) == ("chat", "talk", "talk")
    await bot.set_my_commands([("wide", "x")], scope=BotCommandScopeAllGroupChats())
    await bot.set_my_commands([("alone", "x")], scope=BotCommandScopeAllPrivateChats(), language_code="en")
    assert (menu(mina), menu(eve), menu(eve, group)) == ("chat", "alone", "wide")
    await bot.set_my_commands([("here", "x")], scope=BotCommandScopeChat(group.id))
    await bot.set_my_commands([("admin", "x")], scope=BotCommandScopeChatAdministrators(group.id))
    assert (menu(mina, group), menu(eve, group)) == ("admin", "here")  # Mina made the group
    await bot.set_my_commands([("eve", "x")], scope=BotCommandScopeChatMember(group.id, eve.id))
    assert menu(eve, group) == "eve"
    assert [one.command for one in await bot.get_my_commands(language_code="en")] == ["talk"]
    assert await bot.delete_my_commands(language_code="en")
    assert await bot.get_my_commands(language_code="en") == () and menu(mina) == "chat"


@pytest.mark.parametrize(
    "command", [("Chat", "x"), ("c" * 33, "x"), ("", "x"), ("chat", ""), ("c", "x" * 257)]
)
async def test_commands_have_limits(bot: ExtBot[Any], command: tuple[str, str]) -> None:
    await bot.set_my_commands([("c" * 32, "x" * 256)] * 100)
    for wrong in ([command], [("a", "b")] * 101):
        with pytest.raises(BadRequest):
            await bot.set_my_commands(wrong)
    with refused("language code"):
        await bot.set_my_commands([("a", "b")], language_code="english")
    with refused("not found"):
        await bot.set_my_commands([("a", "b")], scope=BotCommandScopeChat(-5))


async def test_names_and_descriptions_by_language(telegram: FakeTelegram, bot: ExtBot[Any]) -> None:
    await bot.set_my_name("오로라", language_code="ko")
    await bot.set_my_description("A virtual human")
    await bot.set_my_short_description("짧게", language_code="ko")
    assert (await bot.get_my_name(language_code="ko")).name == "오로라"
    assert (await bot.get_my_name()).name == telegram.bot.first_name
    assert (await bot.get_my_description(language_code="ko")).description == "A virtual human"
    assert (await bot.get_my_short_description()).short_description == ""
    with pytest.raises(BadRequest):
        await bot.set_my_name("x" * 65)


async def test_the_bot_learns_who_it_is(telegram: FakeTelegram) -> None:
    telegram.traits.can_read_all_group_messages = telegram.traits.has_topics_enabled = True
    desk = application(telegram)
    async with desk.app:
        me = desk.bot.bot
        assert (me.username, me.can_read_all_group_messages, me.is_bot) == ("ohlora_bot", True, True)
        assert me.has_topics_enabled


# chats and people


async def test_chats_and_their_people(
    telegram: FakeTelegram, bot: ExtBot[Any], mina: User, room: Chat, group: Chat
) -> None:
    jun = next(one.user for one in group.members.values() if one.user.first_name == "Jun")
    ara = telegram.add_user("Ara")
    assert (await bot.get_chat(room.id)).first_name == "Mina"
    assert (await bot.get_chat(group.id)).title == "Friends"
    statuses = [
        (await bot.get_chat_member(group.id, one.id)).status for one in (mina, jun, ara, telegram.bot)
    ]
    assert statuses == ["creator", "member", "left", "member"]
    await telegram.promote(jun, group)
    assert {one.user.id for one in await bot.get_chat_administrators(group.id)} == {mina.id, jun.id}
    await telegram.leave(jun, group, by=mina)
    assert (await bot.get_chat_member(group.id, jun.id)).status == "kicked"
    assert (await bot.get_chat_member_count(group.id), await bot.get_chat_member_count(room.id)) == (2, 2)
    assert (await bot.get_user_profile_photos(mina.id)).total_count == 0
    with refused("not found"):
        await bot.get_chat(-1)
    with refused("private chat"):
        await bot.get_chat_administrators(room.id)
    assert await bot.leave_chat(group.id)
    with refused("not a member", Forbidden):
        await bot.send_message(group.id, "x")


async def test_a_group_may_forbid_pictures(telegram: FakeTelegram, bot: ExtBot[Any], group: Chat) -> None:
    telegram.deny(group, "photo")
    with refused("not enough rights to send photos"):
        await bot.send_photo(group.id, PIXEL)
    await bot.send_message(group.id, "text")
    telegram.deny(group)
    await bot.send_photo(group.id, PIXEL)
    assert len(telegram.said(group)) == 2


async def test_comings_and_goings_are_told(telegram: FakeTelegram, mina: User) -> None:
    async with polling(application(telegram), ALL) as desk:
        await telegram.connected()
        group = telegram.add_group("Friends", mina, with_bot=False)
        await telegram.say(mina, group, "nobody hears it")
        await telegram.join(telegram.bot, group)
        status = (await desk.receive(1)).my_chat_member
        assert status is not None and status.from_user.id == mina.id
        assert (status.old_chat_member.status, status.new_chat_member.status) == ("left", "member")
        joined = (await desk.receive(2)).message
        assert joined is not None and joined.new_chat_members[0].id == telegram.bot.id
        jun = telegram.add_user("Jun")
        await telegram.join(jun, group)
        await telegram.leave(jun, group)
        left = (await desk.receive(4)).message
        assert left is not None and left.left_chat_member is not None and left.left_chat_member.id == jun.id
        with pytest.raises(PermissionError):
            await telegram.say(jun, group, "/chat@ohlora_bot")
        await telegram.promote(telegram.bot, group)
        await telegram.promote(jun, group)
        risen = (await desk.receive(6)).chat_member
        assert risen is not None and risen.new_chat_member.status == "administrator"
        await telegram.kick_bot(mina, group)
        gone = (await desk.receive(7)).my_chat_member
        assert gone is not None and gone.new_chat_member.status == "kicked"
        with refused("kicked from the group", Forbidden):
            await desk.bot.send_message(group.id, "x")


async def test_whoever_blocks_the_bot_cannot_be_written_to(telegram: FakeTelegram) -> None:
    mina, jun = telegram.add_user("Mina"), telegram.add_user("Jun")
    async with polling(application(telegram)) as desk:
        with refused("not found"):
            await desk.bot.send_message(mina.id, "nobody knows her")
        telegram.private_chat(jun)
        with refused("can't initiate", Forbidden):
            await desk.bot.send_message(jun.id, "x")
        await telegram.start(mina, "deep-link")
        await desk.receive()
        assert desk.texts == ["/start deep-link"]
        await telegram.block(mina)
        change = (await desk.receive(2)).my_chat_member
        assert change is not None and change.new_chat_member.status == "kicked"
        assert change.chat.id == mina.id
        for attempt in (desk.bot.send_message(mina.id, "x"), desk.bot.send_chat_action(mina.id, "typing")):
            with refused("blocked by the user", Forbidden):
                await attempt
        with pytest.raises(PermissionError):
            await telegram.dm(mina, "she would have to unblock first")
        await telegram.start(mina)
        back = (await desk.receive(3)).my_chat_member
        assert back is not None and back.new_chat_member.status == "member"
        await desk.bot.send_message(mina.id, "welcome back")
        await telegram.deactivate(mina)
        with refused("deactivated", Forbidden):
            await desk.bot.send_message(mina.id, "x")


async def test_a_group_migrates(telegram: FakeTelegram, mina: User, group: Chat) -> None:
    async with polling(application(telegram)) as desk:
        await telegram.connected()
        new = await telegram.migrate(group)
        first, second = (await desk.receive(1)).message, (await desk.receive(2)).message
        assert first is not None and (first.chat.id, first.migrate_to_chat_id) == (group.id, new.id)
        assert second is not None and (second.chat.id, second.migrate_from_chat_id) == (new.id, group.id)
        with pytest.raises(ChatMigrated) as moved:
            await desk.bot.send_message(group.id, "x")
        assert moved.value.new_chat_id == new.id
        await desk.bot.send_message(new.id, "here")
        assert (await telegram.answer(new)).text == "here"
        await telegram.say(mina, new, "/chat@ohlora_bot")
        with pytest.raises(PermissionError):
            await telegram.say(mina, group, "too late")


# what a bot in a group sees


@pytest.mark.parametrize(("text", "seen"), [
    ("hello", False), ("/chat@ohlora_bot hi", True), ("/chat@other_bot hi", False), ("/chat hi", False),
    ("hi @ohlora_bot", True), ("hi @ohlora_bot2", False), ("see x/chat@ohlora_bot", False),
])  # fmt: skip
async def test_privacy_mode(telegram: FakeTelegram, mina: User, group: Chat, text: str, seen: bool) -> None:
    await telegram.say(mina, group, text)
    assert bool(telegram.updates) is seen


async def test_privacy_mode_depends_on_what_was_said_before(
    telegram: FakeTelegram, bot: ExtBot[Any], mina: User, group: Chat
) -> None:
    def seen() -> list[str]:
        return [one.data["text"] for one in telegram.updates if "text" in one.data]

    await bot.send_message(group.id, "hello all")
    await telegram.say(mina, group, "/bare")  # the bot was the last one to post
    await telegram.say(mina, group, "reply", reply_to=telegram.said(group)[0])
    other = telegram.add_user("Other", bot=True)
    await telegram.join(other, group)
    await telegram.say(other, group, "beep @ohlora_bot")  # bots do not hear each other
    await telegram.say(mina, group, "/bare again")
    assert seen() == ["/bare", "reply"]
    telegram.traits.mentions_delivered = False
    await telegram.say(mina, group, "@ohlora_bot?")
    edited = await telegram.say(mina, group, "nothing")
    await telegram.edit(edited, "nothing still")
    await telegram.edit(edited, "/now@ohlora_bot")
    assert seen() == ["/bare", "reply", "/now@ohlora_bot"]
    telegram.traits.can_read_all_group_messages = True
    await telegram.say(mina, group, "all")
    telegram.traits.can_read_all_group_messages = False
    await telegram.say(mina, group, "not all")
    await telegram.promote(telegram.bot, group)
    await telegram.say(mina, group, "as admin")
    assert seen()[3:] == ["all", "as admin"]


async def test_an_anonymous_administrator(telegram: FakeTelegram, mina: User, group: Chat) -> None:
    async with polling(application(telegram)) as desk:
        await telegram.say(mina, group, "/admin@ohlora_bot", anonymous=True)
        message = (await desk.receive()).message
        assert message is not None and message.from_user is not None and message.sender_chat is not None
        assert (message.from_user.username, message.sender_chat.id) == ("GroupAnonymousBot", group.id)
        jun = list(group.members.values())[1].user
        with pytest.raises(PermissionError):
            await telegram.say(jun, group, "x", anonymous=True)
        await telegram.promote(jun, group, anonymous=True)
        [_, hidden] = await desk.bot.get_chat_administrators(group.id)
        assert isinstance(hidden, ChatMemberAdministrator) and hidden.is_anonymous
        assert (await telegram.say(jun, group, "x")).anonymous


# topics


async def test_topics_of_a_forum(telegram: FakeTelegram, mina: User) -> None:
    forum = telegram.add_group("Forum", mina, forum=True)
    async with polling(application(telegram)) as desk:
        await telegram.connected()
        topic = await telegram.add_topic(mina, forum, "Games")
        message = await telegram.say(mina, forum, "/chat@ohlora_bot", thread=topic)
        got = (await desk.receive(2)).message
        assert got is not None and (got.is_topic_message, got.message_thread_id) == (True, topic.id)
        assert got.chat.is_forum
        await got.reply_text("in the topic")
        await desk.bot.send_message(forum.id, "in general")
        await desk.bot.send_message(forum.id, "by reply", reply_to_message_id=message.id)
        assert [one.text for one in telegram.said(forum, topic)] == ["in the topic", "by reply"]
        assert (await telegram.answer(forum, thread=topic)).in_topic
        await desk.bot.send_chat_action(forum.id, "typing", message_thread_id=topic.id)
        await desk.bot.send_chat_action(forum.id, "typing", message_thread_id=1)
        assert [one.thread for one in forum.actions] == [topic.id, 1]
        for thread in (1, 999):
            with refused("thread not found"):
                await desk.bot.send_message(forum.id, "x", message_thread_id=thread)
        await telegram.close_topic(topic)
        with refused("topic_closed"):
            await desk.bot.send_message(forum.id, "x", message_thread_id=topic.id)
        with pytest.raises(PermissionError):
            await telegram.say(mina, forum, "x", thread=topic)
        with refused("rights"):
            await desk.bot.create_forum_topic(forum.id, "Own")
        await telegram.promote(telegram.bot, forum)
        own = await desk.bot.create_forum_topic(forum.id, "Own")
        await desk.bot.send_message(forum.id, "x", message_thread_id=own.message_thread_id)
        assert await desk.bot.delete_forum_topic(forum.id, own.message_thread_id)
        assert own.message_thread_id not in forum.topics


async def test_the_thread_of_a_plain_group_cannot_be_sent_back(telegram: FakeTelegram, mina: User) -> None:
    group = telegram.add_group("Big", mina, supergroup=True)
    async with polling(application(telegram)) as desk:
        await desk.bot.send_message(group.id, "root")
        await telegram.say(mina, group, "reply", reply_to=telegram.said(group)[0])
        got = (await desk.receive()).message
        assert got is not None and got.message_thread_id == telegram.said(group)[0].id
        assert not got.is_topic_message
        with refused("thread not found"):
            await desk.bot.send_message(group.id, "x", message_thread_id=got.message_thread_id)
        await got.reply_text("the library leaves it out")


async def test_topics_of_a_private_chat(
    telegram: FakeTelegram, bot: ExtBot[Any], mina: User, room: Chat
) -> None:
    with pytest.raises(PermissionError):
        await telegram.add_topic(mina, room, "Work")
    telegram.traits.has_topics_enabled = True
    topic = await telegram.add_topic(mina, room, "Work")
    await telegram.say(mina, room, "hi", thread=topic)
    await bot.send_message_draft(room.id, 1, "dra", message_thread_id=topic.id)
    sent = await bot.send_message(room.id, "draft", message_thread_id=topic.id)
    assert sent.is_topic_message and room.drafts[0].thread == topic.id
    assert telegram.updates[-1].data["message_thread_id"] == topic.id


# what people send besides texts


async def test_what_people_send(telegram: FakeTelegram) -> None:
    mina = telegram.add_user("Mina", language_code=None)
    chat = telegram.private_chat(mina)
    async with polling(application(telegram)) as desk:
        photo = await telegram.send_photo(mina, chat, "look")
        await telegram.send_sticker(mina, chat)
        await telegram.send_voice(mina, chat)
        await telegram.send_video(mina, chat, "film")
        await telegram.send_document(mina, chat, "cv.pdf", b"%PDF")
        await telegram.send_album(mina, chat, 3, "trip")
        await telegram.forward(mina, photo, chat)
        await telegram.edit(photo, "look again")
        await desk.receive(10)
        got = [one.effective_message for one in desk.got]
        kinds = [
            next(k for k in ("photo", "sticker", "voice", "video", "document") if m and getattr(m, k))
            for m in got
        ]
        assert kinds == ["photo", "sticker", "voice", "video", "document"] + ["photo"] * 5
        assert len({m.media_group_id for m in got[5:8] if m}) == 1
        assert [m.caption for m in got[5:8] if m] == ["trip", None, None]
        assert got[8] and got[8].forward_origin
        assert desk.got[9].edited_message and desk.got[9].edited_message.caption == "look again"
        assert desk.got[0].effective_user and desk.got[0].effective_user.language_code is None
        document = got[4] and got[4].document
        assert document and bytes(await (await document.get_file()).download_as_bytearray()) == b"%PDF"
    for wrong in ("", " \n", "x" * 4097):
        with pytest.raises(ValueError, match="nobody can"):
            await telegram.dm(mina, wrong)


# bad days


async def test_floods_are_waited_out_by_the_library_s_limiter(
    telegram: FakeTelegram, room: Chat, mina: User
) -> None:
    desk = application(telegram, limiter=True)
    async with desk.app:
        telegram.faults.flood("sendMessage", retry_after=0.05, times=2)
        await desk.bot.send_message(room.id, "x")
    assert [one.status for one in telegram.requested("sendMessage")] == [429, 429, 200]
    assert len(telegram.said(room)) == 1


async def test_floods_of_one_method_and_of_all(telegram: FakeTelegram, bot: ExtBot[Any], room: Chat) -> None:
    telegram.faults.flood("sendMessage", retry_after=7, skip=1)
    await bot.send_message(room.id, "passes")
    await bot.send_chat_action(room.id, "typing")
    with pytest.raises(RetryAfter) as flood:
        await bot.send_message(room.id, "x")
    assert flood.value.retry_after == 7
    telegram.faults.flood(times=2)
    await bot.get_updates(timeout=0)  # »all« leaves polling alone
    for attempt in (bot.send_message(room.id, "x"), bot.send_chat_action(room.id, "typing")):
        with pytest.raises(RetryAfter):
            await attempt
    telegram.faults.flood("getUpdates")
    with pytest.raises(RetryAfter):
        await bot.get_updates(timeout=0)


async def test_limits_of_speed(telegram: FakeTelegram, bot: ExtBot[Any], room: Chat, group: Chat) -> None:
    telegram.limit("private", 1, 60)
    telegram.limit("group", 2, 60)
    await bot.send_message(room.id, "x")
    await bot.send_chat_action(room.id, "typing")
    await bot.send_message_draft(room.id, 1, "x")
    with pytest.raises(RetryAfter) as flood:
        await bot.edit_message_text("y", room.id, telegram.said(room)[0].id)
    assert 50 < float(str(flood.value.retry_after)) <= 61
    telegram.limit("draft", 1, 60)
    await bot.send_message_draft(room.id, 1, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message_draft(room.id, 1, "xy")
    for text in ("x", "y"):
        await bot.send_message(group.id, text)
    with pytest.raises(RetryAfter):
        await bot.send_message(group.id, "z")


@pytest.mark.parametrize("status", [500, 502])
async def test_server_errors(
    telegram: FakeTelegram, bot: ExtBot[Any], room: Chat, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)  # the library shows pages that are no JSON
    telegram.faults.server_error("sendMessage", status=status)
    with pytest.raises(NetworkError):
        await bot.send_message(room.id, "x")
    assert telegram.said(room) == [] and telegram.requests[-1].status == status


@pytest.mark.parametrize(("fault", "error", "done"), [
    ({"drop": True}, NetworkError, False), ({"drop": "after"}, NetworkError, True),
    ({"silent": True}, TimedOut, False), ({"silent": "after"}, TimedOut, True),
])  # fmt: skip
async def test_a_send_of_unknown_fate(
    telegram: FakeTelegram,
    bot: ExtBot[Any],
    room: Chat,
    fault: dict[str, Any],
    error: type[Exception],
    done: bool,
) -> None:
    await bot.send_message(room.id, "the connection is open")
    planned = telegram.faults.next("sendMessage", **fault)
    with pytest.raises(error) as met:
        await bot.send_message(room.id, "x", read_timeout=0.3)
    await planned.reached.wait()
    await telegram.wait_for(lambda: len(telegram.said(room)) == 1 + done)
    assert type(met.value) is error and len(telegram.requested("sendMessage")) == 2
    assert telegram.requests[-1].status == 0


async def test_other_planned_failures(telegram: FakeTelegram, bot: ExtBot[Any], room: Chat) -> None:
    telegram.faults.next("sendMessage", status=400, description="Bad Request: whatever", times=2, skip=1)
    await bot.send_message(room.id, "passes")
    for _ in range(2):
        with refused("whatever"):
            await bot.send_message(room.id, "x")
    telegram.faults.next("sendMessage", status=400, parameters={"migrate_to_chat_id": -100123})
    with pytest.raises(ChatMigrated):
        await bot.send_message(room.id, "x")
    slow = telegram.faults.next("sendMessage", delay_s=0.1)
    since = monotonic()
    await bot.send_message(room.id, "slow")
    assert monotonic() - since >= 0.09 and slow.hits == 1
    held = telegram.faults.hold("sendMessage")
    sending = asyncio.create_task(bot.send_message(room.id, "held"))
    await held.reached.wait()
    assert len(telegram.said(room)) == 2 and not sending.done()
    held.release()
    await sending
    telegram.faults.timeout_after("sendMessage")
    with pytest.raises(TimedOut):
        await bot.send_message(room.id, "lost", read_timeout=0.2)
    await telegram.answer(room, 4)
    telegram.faults.server_error("sendMessage", times=99)
    telegram.faults.clear()
    await bot.send_message(room.id, "clear")
    assert [one.text for one in telegram.said(room)] == ["passes", "slow", "held", "lost", "clear"]


async def test_a_revoked_token(telegram: FakeTelegram, bot: ExtBot[Any], room: Chat) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=9))
    await telegram.wait_for(lambda: telegram.world.updates.polls)
    telegram.faults.revoke_token()
    for attempt in (poll, bot.send_message(room.id, "x")):
        with refused("Unauthorized", InvalidToken):
            await attempt


async def test_unknown_methods_and_tokens(telegram: FakeTelegram, room: Chat) -> None:
    async with aiohttp.ClientSession(f"{telegram.base_url}/bot{telegram.token}/") as session:
        async with session.post("noSuchMethod") as response:
            assert (response.status, (await response.json())["ok"]) == (404, False)
        async with session.post("SENDMESSAGE", json={"chat_id": room.id, "text": "json"}) as response:
            assert response.status == 200
        async with session.get("sendMessage", params={"chat_id": room.id, "text": "get"}) as response:
            assert (await response.json())["result"]["text"] == "get"
        async with session.post("sendMessage", json={"chat_id": "@nobody", "text": "x"}) as response:
            assert (await response.json())["description"] == "Bad Request: chat not found"
        async with session.post(
            "sendMessage", data={"chat_id": "x", "text": "x", "reply_markup": "{"}
        ) as response:
            assert response.status == 400
        async with session.get(f"{telegram.base_url}/bot110:wrong/getMe") as response:
            assert response.status == 401
        async with session.get(f"{telegram.base_url}/botnone/getMe") as response:
            assert response.status == 404
        async with session.get(f"{telegram.base_url}/file/bot{telegram.token}/photos/none.jpg") as response:
            assert response.status == 404
    assert [one.text for one in telegram.said(room)] == ["json", "get"]
    assert telegram.requested("noSuchMethod")[0].description == "Not Found"


async def test_requests_are_recorded_as_sent(telegram: FakeTelegram, bot: ExtBot[Any], room: Chat) -> None:
    await bot.send_message(room.id, "123", reply_markup=keyboard("stop"), disable_notification=True)
    request = await telegram.called("sendMessage")
    assert request.params["chat_id"] == room.id and request.params["text"] == "123"
    assert request.params["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "stop"
    assert request.ok and request.ended is not None and request.at < request.ended
    assert json.loads(request.params["disable_notification"]) is True


async def test_a_quiet_bot(telegram: FakeTelegram, bot: ExtBot[Any], room: Chat) -> None:
    async def chatter() -> None:
        for text in "abc":
            await bot.send_message(room.id, text)
            await asyncio.sleep(0.02)

    busy = asyncio.create_task(chatter())
    await telegram.answer(room)
    await telegram.quiet(0.5)
    assert busy.done() and len(telegram.said(room)) == 3
    with pytest.raises(TimeoutError):
        await telegram.quiet(0.2, timeout=0.1)


async def test_waiting_looks_a_last_time_and_gives_up(telegram: FakeTelegram, room: Chat) -> None:
    seen: list[int] = []
    asyncio.get_running_loop().call_later(0.02, seen.append, 1)  # tells nobody
    assert await telegram.wait_for(lambda: seen, 0.2) == [1]
    with pytest.raises(TimeoutError, match="message 1 of the bot"):
        await telegram.answer(room, timeout=0.05)


# load


def test_replies_are_told_apart() -> None:
    telegram = FakeTelegram()
    mina = telegram.add_user("Mina")
    chat, person = telegram.private_chat(mina), Person(mina, telegram.private_chat(mina))

    def at(time: float, author: User, *versions: Version) -> None:
        for version in versions:
            version.at, time = time, time + 1
        message = telegram.world.post(chat, author, Post(versions[0]))
        message.versions[:] = versions
        if author is mina:
            person.written.append(message)

    photo = telegram.world.files.keep("photo", "", PIXEL)
    at(10, mina, Version("one"))
    chat.drafts += [
        Draft(1, "", [], None, at=11),
        Draft(1, "a", [], None, at=12),
        Draft(1, "ab", [], None, at=14),
    ]
    at(13, mina, Version("two, while the first is being answered"))
    at(15, telegram.bot, Version("abc"), Version("abc", media=photo))
    at(20, telegram.bot, Version("second"))
    at(21, telegram.bot, Version(media=photo))
    at(30, mina, Version("three"))
    replies = turns(chat, telegram.bot)
    assert [(one.first, one.face_at) for one in replies] == [(12, 16), (20, 21)]
    found = [first_answer(person, one, replies) for one in person.written]
    assert found == [replies[0], replies[1], None]


async def test_load_reports_what_people_saw(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(crowds, "EVERY_S", 0.2)
    monkeypatch.setattr(load, "FACES_WAIT_S", 0.3)
    given = argparse.Namespace(people=6, groups=0.4, seed=1, warm=0.0, seconds=1.0)
    running = asyncio.create_task(load.main(given, ["hi", "<b>"]))
    out = ""
    while "\n" not in out:
        await asyncio.sleep(0.01)
        out += capsys.readouterr().out
    where = json.loads(out)
    async with echoing(where["api"], where["token"]):
        await running
    result = json.loads(capsys.readouterr().out)
    assert result["messages"] > 3 and result["not answered"] == 0
    assert 0 < result["first visible text p50 ms"] <= result["first visible text p95 ms"]
    assert result["with face"] > 0


def echoing(api: str, token: str) -> AbstractAsyncContextManager[Desk]:
    """A bot that answers everything with a draft (where people are alone), a text and a face."""
    builder = Application.builder().token(token).base_url(f"{api}/bot").concurrent_updates(True)
    app = builder.request(plain_request()).get_updates_request(plain_request()).build()

    async def answer(update: Update, _context: Any) -> None:
        message = update.effective_message
        assert message is not None
        if message.chat.type == "private":
            await message.get_bot().send_message_draft(message.chat_id, message.message_id, "…")
        sent = await message.reply_text("hello", do_quote=message.chat.type != "private")
        await sent.edit_media(InputMediaPhoto(PIXEL, caption="hello"))

    app.add_handler(TypeHandler(Update, answer))
    return polling(Desk(app))
