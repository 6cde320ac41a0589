"""Which messages she answers, and what she reads of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord_chat.translate import Seen, plain
from adapters.shared.decisions import Act, Decision, decide
from core.places import PlaceSettings

ME = 42
SAID = Seen(text="안녕", channels=frozenset({"7"}))
ANYWHERE = PlaceSettings()
ALWAYS = PlaceSettings(always_answer=frozenset({"7"}))
ELSEWHERE = PlaceSettings(channels=frozenset({"8"}))
BOTH = PlaceSettings(channels=frozenset({"8"}), always_answer=frozenset({"7"}))


@pytest.mark.parametrize(
    ("seen", "here", "act", "reason"),
    [
        (SAID, ANYWHERE, Act.IGNORE, "not addressed"),
        (replace(SAID, mentioned=True), ANYWHERE, Act.ANSWER, "mention"),
        (replace(SAID, reply_to_her=True), ANYWHERE, Act.ANSWER, "reply"),
        (replace(SAID, direct=True), ANYWHERE, Act.ANSWER, "direct"),
        (replace(SAID, her_thread=True), ANYWHERE, Act.ANSWER, "thread"),
        (SAID, ALWAYS, Act.ANSWER, "always"),
        (replace(SAID, mentioned=True), ALWAYS, Act.ANSWER, "mention"),
        (replace(SAID, channels=frozenset({"9"})), ALWAYS, Act.IGNORE, "not addressed"),
        (replace(SAID, channels=frozenset({"9", "7"})), ALWAYS, Act.ANSWER, "always"),
        (replace(SAID, mentioned=True), ELSEWHERE, Act.IGNORE, "channel"),
        (replace(SAID, mentioned=True, channels=frozenset({"8"})), ELSEWHERE, Act.ANSWER, "mention"),
        (replace(SAID, direct=True), ELSEWHERE, Act.ANSWER, "direct"),
        (SAID, BOTH, Act.ANSWER, "always"),
        (replace(SAID, mentioned=True, channels=frozenset({"9"})), BOTH, Act.IGNORE, "channel"),
        (replace(SAID, mentioned=True, own=True), ANYWHERE, Act.IGNORE, "own"),
        (replace(SAID, mentioned=True, machine=True), ANYWHERE, Act.IGNORE, "machine"),
        (replace(SAID, mentioned=True, system=True), ANYWHERE, Act.IGNORE, "system"),
        (replace(SAID, text="", mentioned=True), ANYWHERE, Act.ANSWER, "mention"),
        (replace(SAID, text="", mentioned=True, things=True), ANYWHERE, Act.ONLY_TEXT, "mention"),
        (replace(SAID, mentioned=True, things=True), ANYWHERE, Act.ANSWER, "mention"),
        (replace(SAID, text="", direct=True, things=True), ANYWHERE, Act.ONLY_TEXT, "direct"),
        (replace(SAID, text="", things=True, reads_all=True), ALWAYS, Act.IGNORE, "always"),
        (replace(SAID, text="", reply_to_her=True), ANYWHERE, Act.CANNOT_READ, "reply"),
        (replace(SAID, text="", role_mentioned=True), ANYWHERE, Act.CANNOT_READ, "mention"),
        (replace(SAID, role_mentioned=True, reads_all=True), ANYWHERE, Act.ANSWER, "mention"),
        (replace(SAID, text="", her_thread=True), ANYWHERE, Act.CANNOT_READ, "thread"),
        (replace(SAID, text=""), ALWAYS, Act.IGNORE, "always"),
    ],
)
def test_decisions(seen: Seen, here: PlaceSettings, act: Act, reason: str) -> None:
    assert decide(seen, here) == Decision(act, reason, seen.text if act is Act.ANSWER else "")


@given(
    seen=st.builds(
        Seen, text=st.sampled_from(["", "hi"]), direct=st.booleans(), mentioned=st.booleans(),
        reply_to_her=st.booleans(), her_thread=st.booleans(), channels=st.just(frozenset({"7"})),
        machine=st.booleans(), own=st.booleans(), system=st.booleans(), things=st.booleans(),
        reads_all=st.booleans(),
    ),
    here=st.sampled_from([ANYWHERE, ALWAYS, ELSEWHERE, BOTH]),
)  # fmt: skip
def test_machines_are_never_answered(seen: Seen, here: PlaceSettings) -> None:
    decision = decide(seen, here)
    if seen.machine or seen.own or seen.system:
        assert decision.act is Act.IGNORE
    if decision.act is Act.ANSWER:
        assert decision.text == seen.text
    if decision.act is not Act.IGNORE:
        assert seen.reason or (here is not ANYWHERE and seen.text)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<@42> 안녕", "안녕"),
        ("<@!42>   안녕", "안녕"),
        ("안녕 <@42> 로라", "안녕 로라"),
        ("<@42>", ""),
        ("<@42> <@7> 알아?", "@미나 알아?"),
        ("<@8> 누구야", "누구야"),
        ("<:heart:123> 좋아 <a:dance:9>", ":heart: 좋아 :dance:"),
        ("<#55> 봐 <@&66>", "봐"),
        ("</forget:99> 가 뭐야", "/forget 가 뭐야"),
        ("<@42>\n첫 줄\n둘째  줄", "첫 줄\n둘째 줄"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("[내일 일정: 친구 만나기] <@42>", "[내일 일정: 친구 만나기]"),
    ],
)
def test_the_words(content: str, text: str) -> None:
    assert plain(content, ME, {7: "미나", 42: "오로라"}) == text


@given(content=st.text(max_size=80))
def test_any_content_can_be_read(content: str) -> None:
    assert f"<@{ME}>" not in plain(content, ME, {})
