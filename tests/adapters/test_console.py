"""The terminal: what is shown where, and the commands."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from adapters.console.faces import FaceFolder
from adapters.console.rich_view import RichView
from adapters.console.session import Outcome, Until
from adapters.console.views import PipeView, TurnRecord
from adapters.shared.texts import text
from core.errors import StoreError
from core.people import Person, Scores
from core.phrases import lines, phrase
from core.prompt import Task
from tests.adapters.desk import JUN, OWNER, Open
from tests.adapters.faces import ManyFaces
from tests.fakes import ScriptedModel


async def test_one_line_per_reply_on_stdout_the_rest_on_stderr(desk: Open) -> None:
    async with desk() as d:
        err = await d.take("내 취미는 등산이야")
        assert d.out.getvalue() == "좋은 생각이야!\n"
        path = Path(err.strip().rpartition(" ")[2])
        assert "[눈 크게 · 입 크게 · 고개 돌림 보통]" in err and path.is_file() and path.is_absolute()


async def test_the_object_of_a_turn(desk: Open) -> None:
    async with desk(json=True) as d:
        await d.take("내 취미는 등산이야")
        await d.take("내 취미는 등산이야, 기억하지?")
        one, two = (json.loads(line) for line in d.out.getvalue().splitlines())
        assert list(one) == [
            "text", "reply", "lang", "expression", "face", "recalled", "learned", "timings_ms",
        ]  # fmt: skip
        assert (one["text"], one["reply"], one["lang"]) == ("내 취미는 등산이야", "좋은 생각이야!", "ko")
        assert set(one["expression"]) == {"eyes", "mouth", "pose", "intensity", "scores"}
        assert set(one["expression"]["scores"]) == {"eyes", "mouth", "pose"}
        assert Path(one["face"]).read_bytes().startswith(b"\x89PNG")
        assert [m["text"] for m in one["learned"]] == ["[취미: 등산]"] and one["recalled"] == []
        assert list(one["timings_ms"]) == ["first_token", "reply", "expression", "face", "memory"]
        assert all(value >= 0 for value in one["timings_ms"].values())
        assert [(m["id"], m["text"]) for m in two["recalled"]] == [(one["learned"][0]["id"], "[취미: 등산]")]
        assert two["recalled"][0]["score"] <= 1


async def test_a_phrase_has_an_object_too(desk: Open) -> None:
    async with desk(json=True) as d:
        await d.take("가" * 1001)
        found = json.loads(d.out.getvalue())
        assert found["reply"] in lines("too_long", "ko")
        assert found["expression"] is None and found["face"] is None
        assert found["timings_ms"]["face"] is None and found["timings_ms"]["reply"] is not None


async def test_the_reply_is_one_line_whatever_it_holds() -> None:
    view = PipeView(io.StringIO(), io.StringIO())
    view.reply(TurnRecord("x", "one\ntwo\r\u2028three"))
    assert view.out.getvalue() == "one two three\n"  # type: ignore[attr-defined]


async def test_a_turn_that_breaks_is_answered_all_the_same(desk: Open) -> None:
    async with desk(model=ScriptedModel({Task.REPLY: RuntimeError("a bug")})) as d:
        await d.take("안녕")
        assert d.out.getvalue().strip() == phrase("failed", "ko")


async def test_nobody_reads_any_more(desk: Open) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    view = PipeView(Closed(), Closed())
    view.reply(TurnRecord("x", "y"))
    view.told("z")
    assert view.broken


async def test_the_screen(tmp_path: Path, desk: Open) -> None:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    view = RichView(console, "none")
    async with desk(model=ScriptedModel({Task.REPLY: "와! 정말 좋겠다 [b]진짜[/b] :smile:"})) as d:
        d.session.view = view
        await d.session.take("나 여행 가", Until.FACE, patience=5)
        await d.session.settle()
        view.hold()
        view.told("late")
        assert "late" not in console.file.getvalue()  # type: ignore[attr-defined]
        view.release()
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "오로라 › 와! 정말 좋겠다 [b]진짜[/b] :smile:" in shown
    assert "[눈 크게" in shown and ".png" in shown and "late" in shown


async def test_first_contact_once_for_each_person(desk: Open) -> None:
    async with desk() as d:
        await d.session.greet()
        assert d.err.getvalue().splitlines() == list(lines("first_contact", "ko"))
        await d.session.greet()
        assert len(d.err.getvalue().splitlines()) == 2
    async with desk() as d:
        await d.session.greet("hello")
        assert d.err.getvalue() == ""


async def test_memory_search_edit_pin_export(desk: Open) -> None:
    async with desk() as d:
        await d.take("내 취미는 등산이야", Until.REPLY)
        listed = await d.take("/memory")
        number = next(word for word in listed.split() if word.isdigit())
        assert "[취미: 등산]" in await d.take("/memory search 취미 등산")
        assert "[취미: 밤 낚시]" in await d.take(f"/memory edit {number} 밤 낚시")
        number = next(word for word in (await d.take("/memory")).split()[::-1] if word.isdigit())
        assert "📌" in await d.take(f"/memory pin {number}")
        assert "📌 [취미: 밤 낚시]" in await d.take("/memory list")
        assert "📌 [취미: 밤 낚시]" in await d.take("/memory export")


async def test_memory_list_off_on_delete(desk: Open) -> None:
    async with desk() as d:
        assert phrase("memory_none", "ko") in await d.take("/memory")
        await d.take("내 취미는 등산이야", Until.REPLY)
        listed = await d.take("/memory")  # waits for what was just learned
        assert "[취미: 등산]" in listed
        number = listed.split()[0] if listed.split()[0].isdigit() else listed.split()[-3]
        assert phrase("memory_off", "ko") in await d.take("/memory off")
        assert "꺼져" in await d.take("/memory list")
        assert "[취미: 등산]" in await d.take(f"/memory delete {number}")
        assert number in await d.take(f"/memory delete {number}")
        await d.take("내 취미는 등산이야")
        assert "등산" not in await d.take("/memory")
        assert phrase("memory_on", "ko") in await d.take("/memory on")
        for wrong in ("/memory delete", "/memory delete x", "/memory what", "/memory delete " + "9" * 30):
            assert "/memory [" in await d.take(wrong)


async def test_forget_asks_then_erases(desk: Open) -> None:
    async with desk() as d:
        await d.take("내 취미는 등산이야")
        asked = await d.take("/forget")
        assert "여기: 기억 1개, 대화 1개 · 모든 곳: 기억 1개, 대화 1개" in asked and "/forget yes" in asked
        assert len(await d.app.memories.list(OWNER)) == 1
        assert phrase("forgot", "ko", memories=1, turns=1) in await d.take("/forget yes")
        assert await d.app.memories.list(OWNER) == [] and await d.app.history.last_turns(OWNER, 9) == []
        assert phrase("forgot", "ko", memories=0, turns=0) in await d.take("/forget everywhere yes")
        assert "/forget [" in await d.take("/forget maybe")


async def test_forget_takes_the_pictures_of_this_person_only(desk: Open, tmp_path: Path) -> None:
    folder = tmp_path / "var" / "faces"
    async with desk() as d:
        await d.take("안녕")
        (mine,) = folder.iterdir()
        theirs = FaceFolder(folder, "console:mina").save(b"of another person")
        assert text("forgot_pictures", "ko", count=1) in await d.take("/forget yes")
        assert not mine.exists() and theirs is not None and theirs.is_file()
        assert "장도" not in await d.take("/forget yes")


async def test_the_receipt_says_what_stays(desk: Open) -> None:
    async with desk() as d:
        await d.take("/memory off")
        here = await d.take("/forget yes")
        assert text("forgot_left_console", "ko") in here and text("forgot_but_off", "ko") not in here
        everywhere = await d.take("/forget everywhere yes")
        assert text("forgot_but_off", "ko") in everywhere
        assert await d.app.history.choices(JUN.id) == {"learning": "off"}


async def test_forget_right_after_a_message_leaves_nothing(desk: Open, tmp_path: Path) -> None:
    async with desk() as d:
        await d.take("비밀은 무지개송어", Until.REPLY)
        assert await d.session.take("/forget yes", Until.REPLY) is Outcome.FORGOTTEN
        await d.session.finish()
        assert (await d.app.memories.counts(JUN.id, None)) == {"memories": 0, "turns": 0}
    kept = b"".join(p.read_bytes() for p in (tmp_path / "var").rglob("*") if p.is_file())
    assert "무지개송어".encode() not in kept


async def test_reset_begins_anew_and_keeps_memories(desk: Open) -> None:
    async with desk() as d:
        await d.take("내 취미는 등산이야")
        assert phrase("reset", "ko") in await d.take("/reset")
        assert await d.app.history.last_turns(OWNER, 5) == []
        assert len(await d.app.memories.list(OWNER)) == 1


async def test_face_commands(desk: Open) -> None:
    async with desk() as d:
        shown = await d.take("/face")
        assert "Aurora" in shown and ".png" in shown
        assert phrase("unknown_face", "ko", count=2) in await d.take("/face choose nobody")
        assert "Dusk" in await d.take("/face choose dusk")
        await d.take("안녕")
        assert d.portraits.drawn[-1][0] == "dusk"
        await d.take("/face express 1 -1 0.5")
        assert d.portraits.drawn[-1] == ("dusk", Scores(1.0, -1.0, 0.5))
        for wrong in ("/face express 1 2 0", "/face express 1 nan 0", "/face express a b c", "/face up"):
            assert "/face [" in await d.take(wrong)
        await d.take("/face off")
        drawn = len(d.portraits.drawn)
        assert ".png" not in await d.take("뭐 해?")
        assert len(d.portraits.drawn) == drawn
        await d.take("/face on")
        assert ".png" in await d.take("뭐 해?")
        d.portraits.broken = True
        assert phrase("no_face", "ko") in await d.take("/face show")


async def test_the_gallery_is_a_list_and_pictures(desk: Open) -> None:
    async with desk(portraits=ManyFaces()) as d:
        shown = await d.take("/face choose")
        assert "1. 가람 · 2. 가온 · 3. 가윤 · 4. 가솔 · 5. 가빛\n6. 나람" in shown and "46. 차람" in shown
        assert shown.count(".png") == 2 and [first for _, first in d.portraits.sheets] == [1, 26]
        for wanted in ("2", "2번", "가온", "V7-0127"):
            assert "가온" in await d.take(f"/face choose {wanted}")
            await d.take("/face choose 가람")
        d.portraits.broken = True
        assert phrase("no_face", "ko") in await d.take("/face choose")


async def test_hair(desk: Open) -> None:
    async with desk() as d:
        for colour, kept in (
            ("하늘색", "200"),
            ("hot pink", "324"),
            ("원래 색", "natural"),
            ("오로라", "aurora"),
        ):
            await d.take(f"/face hair {colour}")
            await d.take("/face")
            assert d.portraits.hair[-1] == kept
        for wrong in ("흰색", "공룡"):
            assert "#8a2be2" in await d.take(f"/face hair {wrong}")
        assert "hair 색" in await d.take("/face hair")
        await d.take("안녕")
        assert d.portraits.hair[-1] == "aurora"


async def test_a_face_that_moves_is_a_film(desk: Open) -> None:
    async with desk() as d:
        assert "움직" in await d.take("/face on animated")
        film = Path((await d.take("안녕")).strip().rpartition(" ")[2])
        assert film.suffix == ".gif" and film.read_bytes().startswith(b"GIF8")
        assert "한 장" in await d.take("/face on still")
        assert ".png" in await d.take("뭐 해?")


async def test_help_unknown_and_quit(desk: Open) -> None:
    async with desk() as d:
        assert "/forget" in await d.take("/help")
        assert phrase("unknown_command", "ko") in await d.take("/dance")
        assert await d.session.take("/quit", Until.END) is Outcome.QUIT
        assert phrase("goodbye", "ko") in d.err.getvalue() and d.out.getvalue() == ""


async def test_a_failing_store_gets_a_polite_phrase(desk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(*_: object, **__: object) -> None:
        raise StoreError("disk on fire")

    async with desk() as d:
        for store in (d.app.memories, d.app.history):
            for name in ("list", "counts", "forget", "delete", "choices", "choose", "reset"):
                if hasattr(store, name):
                    monkeypatch.setattr(store, name, failing)
        memory = ("/memory", "/memory off", "/memory delete 1")
        for line in (*memory, "/forget", "/forget yes", "/reset", "/face off"):
            said = await d.take(line)
            assert "수첩" in said and "fire" not in said
        await d.session.greet()
        assert lines("first_contact", "ko")[0] in d.err.getvalue()


async def test_the_language_follows_the_message_unless_chosen(desk: Open) -> None:
    async with desk(model=ScriptedModel({Task.REPLY: "Sounds great!"})) as d:
        await d.take("hello there")
        assert "eyes wide" in d.err.getvalue()
        assert phrase("unknown_command", "en") in await d.take("/dance")
        d.session.chosen = "ko"
        assert phrase("unknown_command", "ko") in await d.take("/dance")


async def test_people_do_not_share_memories(desk: Open) -> None:
    async with desk() as d:
        await d.take("내 취미는 등산이야")
        d.session.person = Person("console", "mina")
        assert phrase("memory_none", "ko") in await d.take("/memory")
