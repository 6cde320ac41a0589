"""What a conversation makes of sentences, on a real database: whose facts they are, and what becomes of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from bot.app import App
from bot.wiring import build_app
from core.language import script_of
from core.people import DIRECT, Incoming, Owner, Person, ReplyDone
from core.phrases import phrase
from core.ports_memory import Memory
from core.prompt import Task
from tests.fakes import NOON, FewExemplars, FixedClock, HashEmbedder, LikesAll, ScriptedModel
from tests.houses import settings_in


@asynccontextmanager
async def conversation(folder: Path) -> AsyncIterator[App]:
    """A conversation with a database; its model reads what a test says. Opened once for many cases."""
    async with build_app(
        settings_in(folder), language_model=ScriptedModel(), exemplars=FewExemplars(), ranker=LikesAll(),
        embedder=HashEmbedder(), portraits=None, clock=FixedClock(),
    ) as app:  # fmt: skip
        yield app


async def say(app: App, who: str, *texts: str, reads: str = "") -> ReplyDone:
    """Say things and hear the last reply; ``reads`` is what the model takes from the last one."""
    model = app.conversation.aftermath.model
    assert isinstance(model, ScriptedModel)
    done = None
    for number, text in enumerate(texts):
        model.answers[Task.MEMORY] = reads if number == len(texts) - 1 else ""
        incoming = Incoming(f"{who}-{number}-{text}", Person("test", who), DIRECT, text, NOON)
        async for event in app.conversation.respond(incoming):
            done = event if isinstance(event, ReplyDone) else done
    assert done is not None
    return done


async def known(app: App, who: str) -> list[Memory]:
    """All facts of a person, history included."""
    return await app.memories.list(Owner(f"test:{who}", DIRECT.scope))


async def counting(app: App, who: str) -> list[str]:
    return [fact.tag for fact in await known(app, who) if fact.superseded_by is None]


async def test_what_others_are_is_not_the_persons_own(tmp_path: Path) -> None:
    cases: list[tuple[str, list[str]]] = [
        ("My friend lives in London", ["[friend: friend in London]"]),
        ("My sister lives in London", ["[family: sister in London]"]),
        ("우리 언니는 런던에 살아", ["[가족: 런던에 사는 언니]"]), ("내 친구는 부산에 살아", ["[친구: 부산에 사는 친구]"]),
        ("엄마가 견과류 알레르기야", ["[가족: 엄마 견과류 알레르기]"]), ("엄마 생일은 5월 3일이야", ["[가족: 엄마 생일 5월 3일]"]),
        ("my sister's birthday is on May 3", ["[family: sister's birthday May 3]"]),
        ("Emma lives in London", []), ("걔는 런던에 살아", []), ("do you live in London?", []), ("런던에 살면 좋겠다", []),
        ("I live in London with my sister", ["[lives in: London]"]), ("나 언니랑 런던에 살아", ["[사는 곳: 런던]"]),
        ("my friend and I live in London", ["[lives in: London]"]), ("내 생일은 5월 3일이야", ["[생일: 5월 3일]"]),
        ("I'm allergic to nuts", ["[allergy: nuts]"]),
    ]  # fmt: skip
    async with conversation(tmp_path) as app:
        for text, facts in cases:
            await say(app, text, text, reads="[사는 곳: 런던] [lives in: London]")
            assert await counting(app, text) == facts, text


async def test_names_are_names(tmp_path: Path) -> None:
    cases = [
        ("안녕 나는 민수야", "[이름: 민수]"), ("나는 지훈이야", "[이름: 지훈]"), ("난 미야야", "[이름: 미야]"), ("저는 김순자라고 합니다", "[이름: 김순자]"),
        ("Hi, I'm Alice", "[name: Alice]"), ("my name is Tom", "[name: Tom]"), ("나는 학생이야", ""), ("나는 백수야", ""),
        ("나는 가수야", ""), ("I'm Tired", ""), ("I'm Korean", ""), ("Hi, I'm back", ""), ("내 이름은 몰라도 돼", ""),
    ]  # fmt: skip
    async with conversation(tmp_path) as app:
        for text, fact in cases:
            await say(app, text, text)
            names = [each for each in await counting(app, text) if each.startswith(("[이름", "[name"))]
            assert names == [fact][: bool(fact)], text


async def test_a_plan_keeps_what_is_planned(tmp_path: Path) -> None:
    cases = [
        ("내일 3시에 치과 가", "내일 일정", "3시에 치과", date(2026, 11, 22)), ("모레 친구 결혼식인데 뭐 입지", "모레 일정", "친구 결혼식", date(2026, 11, 23)),
        ("나 내일 수학 시험 봐", "내일 일정", "수학 시험", date(2026, 11, 22)), ("금요일에 병원 가야 돼", "향후 일정", "병원", date(2026, 11, 27)),
        ("i have a dentist appointment tomorrow at 3", "plan for tomorrow", "dentist appointment at 3", date(2026, 11, 22)),
    ]  # fmt: skip
    async with conversation(tmp_path) as app:
        for text, key, value, day in cases:
            await say(app, text, text)
            (fact,) = await known(app, text)
            assert (fact.key, fact.value, fact.starts) == (key, value, day), text
        for text in (
            "내일 봐",
            "내일 비 온대",
            "내일 뭐 해?",
            "동생이 내일 시험 봐",
            "내일이 무서워",
            "see you tomorrow",
        ):
            await say(app, text, text)
            assert not any("일정" in fact or "plan" in fact for fact in await counting(app, text)), text


async def test_what_is_no_longer_so_ends_and_stays_as_history(tmp_path: Path) -> None:
    cases: list[tuple[tuple[str, str], str, list[str]]] = [
        (("I'm allergic to peanuts", "I'm not allergic to peanuts anymore"), "[allergy: not allergic to peanuts]",
         ["[recent event: no longer allergic to peanuts]"]),
        (("나 땅콩 알레르기 있어", "나 이제 땅콩 알레르기 없어"), "[알레르기: 땅콩]", ["[최근 일: 땅콩 알레르기 없어짐]"]),
        (("나 땅콩 알레르기 있어", "동생은 땅콩 알레르기 없어"), "", ["[알레르기: 땅콩]"]),
        (("내일 3시에 치과 가", "치과 취소됐어"), "[최근 일: 취소됨]", ["[최근 일: 치과 취소됨]"]),
        (("내일 3시에 치과 가", "회의 취소됐어"), "[최근 일: 취소됨]", ["[내일 일정: 3시에 치과]"]),
        (("나 강아지 키워", "아니 강아지 말고 고양이"), "[반려동물: 강아지 말고 고양이]", ["[반려동물: 고양이]"]),
        (("I have a dog", "No, a cat, not a dog"), "", ["[pet: cat]"]),
        (("나 강아지 키워", "아니 강아지 말고 고양이 키울까?"), "", ["[반려동물: 강아지]"]),
        (("나 강아지 키워", "강아지 말고 간식 얘기 하자"), "", ["[반려동물: 강아지]"]),
        (("I live in Berlin", "I moved to Munich"), "[recent event: moved]", ["[lives in: Munich]"]),
        (("나 서울 살아", "부산으로 이사했어"), "[최근 일: 이사]", ["[사는 곳: 부산]"]),
        (("I live in Berlin", "I was moved to tears"), "", ["[lives in: Berlin]"]),
        (("나 서울 살아", "친구가 부산으로 이사했어"), "", ["[사는 곳: 서울]"]),
    ]  # fmt: skip
    async with conversation(tmp_path) as app:
        for number, (texts, reads, facts) in enumerate(cases):
            who = f"p{number}"
            await say(app, who, texts[0])
            (first,) = await known(app, who)
            await say(app, who, texts[1], reads=reads)
            assert await counting(app, who) == facts, texts
            assert first.tag in [fact.tag for fact in await known(app, who)], "it is history"


async def test_what_is_typed_alone_is_noted_and_the_own_name_is_known(tmp_path: Path) -> None:
    async with conversation(tmp_path) as app:
        for text in ("[취미: 등산]", "[hobby: hiking]"):
            lang = script_of(text) or "ko"
            said = await say(app, text, text)
            assert said.text in [phrase("noted", lang, at, facts=text[1:-1]) for at in (0, 1)]
            assert await counting(app, text) == [text]
        await say(app, "minsu", "[이름: 민수] [취미: 등산] 안녕")
        for text, key in (
            ("내 이름이 뭐야?", "이름"),
            ("what's my name?", "name"),
            ("내 이름 기억해?", "이름"),
        ):
            assert [fact.text for fact in (await say(app, "minsu", text)).recalled] == [f"[{key}: 민수]"]
        assert all(fact.score < 1 for fact in (await say(app, "minsu", "네 이름이 뭐야?")).recalled)
