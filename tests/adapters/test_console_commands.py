"""The terminal's commands about what is kept: export, why, what was chosen, forgetting everywhere."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest
from rich.cells import cell_len

from adapters.shared.texts import text
from core.people import Lang
from core.phrases import lines, phrase
from core.prompt import Task
from tests.adapters.desk import JUN, OWNER, Open
from tests.fakes import ScriptedModel


async def test_the_export_is_read_on_the_screen(desk: Open) -> None:
    async with desk() as d:
        await d.take("내 취미는 등산이야")
        shown = await d.take("/memory export")
        assert "[취미: 등산]" in shown and "/memory export" in shown and "console:jun" in shown
        assert "등산" not in d.out.getvalue()


async def test_the_export_on_standard_output(desk: Open) -> None:
    async with desk() as d:
        await d.take("내 취미는 등산이야")
        start = len(d.out.getvalue())
        assert await d.take("/memory export json") == ""
        assert [fact["value"] for fact in json.loads(d.out.getvalue()[start:])["memories"]] == ["등산"]
        start = len(d.out.getvalue())
        assert await d.take("/memory export text") == ""
        assert "[취미: 등산]" in d.out.getvalue()[start:]


async def test_the_export_among_objects_is_one_line(desk: Open) -> None:
    async with desk(json=True) as d:
        await d.take("내 취미는 등산이야")
        await d.take("/memory export json")
        assert "[취미: 등산]" in await d.take("/memory export text")
        _, exported = (json.loads(line) for line in d.out.getvalue().splitlines())
        assert exported["person"] == "console:jun"


async def test_the_export_in_a_file_of_ones_own(desk: Open, tmp_path: Path) -> None:
    async with desk() as d:
        await d.take("내 취미는 등산이야")
        for name in ("mine.json", "내 기억.txt"):
            file = tmp_path / name
            assert str(file) in await d.take(f"/memory export {file}")
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            before = file.read_text()
            assert text("export_exists", "ko", path=file) in await d.take(f"/memory export {file}")
            assert file.read_text() == before
        assert json.loads((tmp_path / "mine.json").read_text())["memories"][0]["account"] == JUN.id
        assert "[취미: 등산]" in (tmp_path / "내 기억.txt").read_text()
        for odd in ("me", '""', "json extra", "me.pdf"):
            assert "이름.txt" in await d.take(f"/memory export {odd}")
            assert not Path(odd).exists()
        for wrong in (tmp_path / "no" / "folder.txt", tmp_path / "\0.txt"):
            assert text("export_failed", "ko", path=wrong) in await d.take(f"/memory export {wrong}")


async def test_why_of_the_last_reply_also_after_a_restart(desk: Open) -> None:
    async with desk() as d:
        assert text("why_none", "ko") in await d.take("/why")
        await d.take("내 취미는 등산이야")
        await d.app.conversation.drain()  # the face comes after the reply
        first = await d.take("/why")
        assert "「좋은 생각이야!」" in first and text("why_nothing", "ko") in first and "눈 크게" in first
        await d.take("내 취미 등산 기억하지?")
    async with desk() as d:
        asked = await d.take("/why")
        assert text("why_memories", "ko") in asked and "[취미: 등산]" in asked
        await d.take("/forget yes")
        assert text("why_none", "ko") in await d.take("/why")


async def test_edits_are_found_by_their_meaning(desk: Open) -> None:
    async with desk() as d:
        await d.take("내 취미는 등산이야")
        (fact,) = await d.app.memories.list(OWNER)
        await d.take(f"/memory edit {fact.id} 밤 낚시")
        assert d.app.embedder is not None
        (vector,) = await d.app.embedder.encode(["[취미: 밤 낚시]"])
        ((_, score),) = await d.app.memories.search(OWNER, "", vector, d.app.embedder.model_id, 1)
        assert score > 0.7, "with a vector of the new words"


async def test_the_language_is_kept_and_wins(desk: Open) -> None:
    async with desk(model=ScriptedModel({Task.REPLY: "Sounds great!"})) as d:
        d.session.chosen = "ko"
        assert "English" in await d.take("/language english")
        assert phrase("unknown_command", "en") in await d.take("/dance")
        await d.take("안녕")
        assert d.out.getvalue() == "Sounds great!\n"
    async with desk() as d:
        assert phrase("unknown_command", "en") in await d.take("/dance")
        assert "language: English" in await d.take("/profile")
        await d.take("/language auto")
        assert "language" not in await d.app.history.choices(JUN.id)
        assert "/language ko" in await d.take("/language klingon")


async def test_the_time_zone(desk: Open) -> None:
    async with desk() as d:
        assert "Europe/Berlin" in await d.take("/timezone berlin")
        assert "Europe/Berlin" in await d.take("/profile")
        assert text("timezone_unknown", "ko") in await d.take("/timezone mars")
        assert text("timezone_cleared", "ko") in await d.take("/timezone default")
        assert "timezone" not in await d.app.history.choices(JUN.id)
        assert "/timezone 서울 | Asia/Seoul" in await d.take("/timezone")


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_privacy_and_help(desk: Open, lang: Lang) -> None:
    async with desk() as d:
        d.session.chosen = lang
        assert "/forget" in await d.take("/privacy")
        told = await d.take("/help")
        for command in ("why", "privacy", "profile", "language", "timezone", "memory", "forget", "quit"):
            assert f"/{command}" in told


async def test_what_is_kept_is_said_first_in_two_lines() -> None:
    for key in ("first_contact", "first_contact_discord", "first_contact_telegram"):
        for lang, kept in (("ko", ("나눈 대화", "알려 준 것")), ("en", ("our talks", "what you tell me"))):
            first, second = lines(key, "ko" if lang == "ko" else "en")
            assert all(words in first for words in kept)
            assert all(command in second for command in ("/memory", "/memory off", "/forget", "/privacy"))


@pytest.mark.parametrize(
    ("asks", "yes"), [("/forget", "응!"), ("/forget here", "yes"), ("/forget everywhere", "Yes")]
)
async def test_a_bare_yes_answers_her_question_and_nothing_else(desk: Open, asks: str, yes: str) -> None:
    async with desk() as d:
        await d.take("내 취미는 등산이야")
        await d.take(asks)
        await d.take("/memory")  # no answer
        await d.take(yes)
        assert len(await d.app.memories.list(OWNER)) == 1, "a word like others"
        await d.take(asks)
        await d.take(yes)
        assert (await d.app.memories.counts(JUN.id, None)) == {"memories": 0, "turns": 0}


@pytest.mark.parametrize("command", ["/memory shout", "/face dance", "/memory export a.pdf", "/timezone"])
async def test_how_a_command_is_used_is_told_in_ones_language(desk: Open, command: str) -> None:
    async with desk() as d:
        said = {}
        for lang in ("ko", "en"):
            d.session.chosen = lang
            said[lang] = await d.take(command)
        assert not re.search("[가-힣]", said["en"]) and not re.search(r"\b[A-Z]{4,}\b", said["ko"])


async def test_privacy_fits_a_terminal(desk: Open) -> None:
    async with desk() as d:
        for lang in ("ko", "en"):
            d.session.chosen = lang
            assert max(cell_len(line) for line in (await d.take("/privacy")).splitlines()) <= 110


async def test_forgetting_everywhere_asks_about_everywhere(desk: Open) -> None:
    async with desk() as d:
        await d.take("내 취미는 등산이야")
        await d.take("/timezone UTC")
        for asked, done in (
            ("/forget", "/forget yes"),
            ("/forget here", "/forget here yes"),
            ("/forget everywhere", "/forget everywhere yes"),
        ):
            shown = await d.take(asked)
            assert done in shown and ("설정" in shown) is (asked != "/forget here"), asked
        assert len(await d.app.memories.list(OWNER)) == 1
        await d.take("/forget here yes")
        assert (await d.app.history.choices(JUN.id))["timezone"] == "UTC"
        assert phrase("forgot", "ko", memories=0, turns=0) in await d.take("/forget  everywhere  yes")
        assert await d.app.history.choices(JUN.id) == {}
