"""What a conversation makes of sentences, on a real database: whose facts they are, and what becomes of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from bot.wiring import build_app
from core.people import DIRECT, Incoming, Lang, Owner, Person, ReplyDone
from core.phrases import phrase
from core.ports_memory import Memory
from core.prompt import Task
from tests.fakes import NOON, FewExemplars, FixedClock, HashEmbedder, LikesAll, PaintedPortraits, ScriptedModel

JUN = Person("console", "jun")


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    """A conversation with a database; its model reads what a test says."""
    settings = Settings(var_dir=tmp_path / "var", weights_dir=tmp_path / "none", busy_timeout_ms=10_000)
    model = ScriptedModel()
    async with build_app(
        settings, language_model=model, exemplars=FewExemplars(), ranker=LikesAll(),
        embedder=HashEmbedder(), portraits=PaintedPortraits(), clock=FixedClock(),
    ) as made:  # fmt: skip
        yield made


async def say(app: App, *texts: str, reads: str = "") -> list[str]:
    """Say things; the facts that count afterwards. ``reads`` is what the model takes from the last one."""
    for number, text in enumerate(texts):
        model = app.conversation.aftermath.model
        assert isinstance(model, ScriptedModel)
        model.answers[Task.MEMORY] = reads if number == len(texts) - 1 else ""
        incoming = Incoming(f"m{number}-{text}", JUN, DIRECT, text, NOON)
        async for _ in app.conversation.respond(incoming):
            pass
    return [fact.tag for fact in await known(app) if fact.superseded_by is None]


async def known(app: App) -> list[Memory]:
    """All facts, history included."""
    return await app.memories.list(Owner(JUN.id, DIRECT.scope))


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("My friend lives in London", ["[friend: friend in London]"]),
        ("My sister lives in London", ["[family: sister in London]"]),
        ("우리 언니는 런던에 살아", ["[가족: 런던에 사는 언니]"]), ("내 친구는 부산에 살아", ["[친구: 부산에 사는 친구]"]),
        ("엄마가 견과류 알레르기야", ["[가족: 엄마 견과류 알레르기]"]), ("엄마 생일은 5월 3일이야", ["[가족: 엄마 생일 5월 3일]"]),
        ("my sister's birthday is on May 3", ["[family: sister's birthday May 3]"]),
        ("Emma lives in London", []), ("걔는 런던에 살아", []), ("do you live in London?", []), ("런던에 살면 좋겠다", []),
        ("I live in London with my sister", ["[lives in: London]"]), ("나 언니랑 런던에 살아", ["[사는 곳: 런던]"]),
        ("my friend and I live in London", ["[lives in: London]"]), ("내 생일은 5월 3일이야", ["[생일: 5월 3일]"]),
        ("I'm allergic to nuts", ["[allergy: nuts]"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("reads", ["", "[사는 곳: 런던] [lives in: London]"])
async def test_what_others_are_is_not_the_persons_own(
    app: App, text: str, facts: list[str], reads: str
) -> None:
    assert await say(app, text, reads=reads) == facts


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("안녕 나는 민수야", "[이름: 민수]"), ("나는 지훈이야", "[이름: 지훈]"), ("난 미야야", "[이름: 미야]"), ("저는 김순자라고 합니다", "[이름: 김순자]"),
        ("Hi, I'm Alice", "[name: Alice]"), ("my name is Tom", "[name: Tom]"), ("나는 학생이야", ""), ("나는 백수야", ""),
        ("나는 가수야", ""), ("I'm Tired", ""), ("I'm Korean", ""), ("Hi, I'm back", ""), ("내 이름은 몰라도 돼", ""),
    ],
)  # fmt: skip
async def test_names_are_names(app: App, text: str, fact: str) -> None:
    assert [each for each in await say(app, text) if each.startswith(("[이름", "[name"))] == [fact][: bool(fact)]


@pytest.mark.parametrize(
    ("text", "key", "value", "day"),
    [
        ("내일 3시에 치과 가", "내일 일정", "3시에 치과", date(2026, 11, 22)), ("모레 친구 결혼식인데 뭐 입지", "모레 일정", "친구 결혼식", date(2026, 11, 23)),
        ("나 내일 수학 시험 봐", "내일 일정", "수학 시험", date(2026, 11, 22)), ("금요일에 병원 가야 돼", "향후 일정", "병원", date(2026, 11, 27)),
        ("i have a dentist appointment tomorrow at 3", "plan for tomorrow", "dentist appointment at 3", date(2026, 11, 22)),
    ],
)  # fmt: skip
async def test_a_plan_keeps_what_is_planned(app: App, text: str, key: str, value: str, day: date) -> None:
    await say(app, text)
    (fact,) = [each for each in await known(app) if each.starts]
    assert (fact.key, fact.value) == (key, value)
    assert fact.starts == day


@pytest.mark.parametrize(
    "text", ["내일 봐", "내일 비 온대", "내일 뭐 해?", "동생이 내일 시험 봐", "내일이 무서워", "see you tomorrow", "오늘 월요일이다"]
)
async def test_what_is_no_plan_is_none(app: App, text: str) -> None:
    assert [fact for fact in await say(app, text) if "일정" in fact or "plan" in fact] == []


@pytest.mark.parametrize(
    ("texts", "reads", "counts"),
    [
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
    ],
)  # fmt: skip
async def test_what_is_no_longer_so_ends_and_stays_as_history(
    app: App, texts: tuple[str, str], reads: str, counts: list[str]
) -> None:
    assert await say(app, *texts, reads=reads) == counts
    assert len(await known(app)) >= len(counts)


@pytest.mark.parametrize(("text", "lang"), [("[취미: 등산]", "ko"), ("[hobby: hiking]", "en")])
async def test_a_typed_fact_alone_is_noted(app: App, text: str, lang: Lang) -> None:
    incoming = Incoming("m1", JUN, DIRECT, text, NOON)
    replies = [e.text async for e in app.conversation.respond(incoming) if isinstance(e, ReplyDone)]
    assert replies[0] in [phrase("noted", lang, at, facts=text[1:-1]) for at in (0, 1)]
    assert [fact.tag for fact in await known(app)] == [text]


@pytest.mark.parametrize("text", ["내 이름이 뭐야?", "what's my name?", "내 이름 기억해?"])
async def test_who_asks_for_the_own_name_has_it_recalled(app: App, text: str) -> None:
    await say(app, "[이름: 민수] [취미: 등산] 안녕")
    incoming = Incoming("m2", JUN, DIRECT, text, NOON)
    done = [e async for e in app.conversation.respond(incoming) if isinstance(e, ReplyDone)]
    assert [fact.text for fact in done[0].recalled] == ["[이름: 민수]"]


async def test_her_name_is_hers(app: App) -> None:
    await say(app, "[이름: 민수] 안녕")
    incoming = Incoming("m2", JUN, DIRECT, "네 이름이 뭐야?", NOON)
    done = [e async for e in app.conversation.respond(incoming) if isinstance(e, ReplyDone)]
    assert "[이름: 민수]" not in [fact.text for fact in done[0].recalled if fact.score == 1.0]
