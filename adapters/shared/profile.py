"""The commands about a person's own settings, and the texts of help and privacy of each platform."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cache
from zoneinfo import available_timezones

from adapters.shared.answers import Answer, guarded
from adapters.shared.hair import hair_words
from adapters.shared.settings import DEFAULT
from adapters.shared.texts import text
from core.errors import StoreError, logged
from core.language import chosen_language
from core.people import Incoming, Lang, Owner
from core.places import checked_zone
from core.ports import HistoryStore, PortraitModel
from core.ports_memory import MemoryStore

log = logging.getLogger(__name__)

# offered first while a time zone is typed: where most people who talk to her are
USUAL_ZONES = (
    "Asia/Seoul", "Asia/Tokyo", "Asia/Singapore", "Europe/London", "Europe/Berlin", "America/New_York",
    "America/Chicago", "America/Los_Angeles", "Australia/Sydney", "UTC",
)  # fmt: skip


_NAMES = {"ko": "한국어", "en": "English"}
_KOREAN_NAMES = {
    "Asia/Seoul": "한국 서울 부산 대구 인천 광주 대전 울산 세종 수원 제주",
    "Asia/Tokyo": "일본 도쿄 오사카 후쿠오카",
    "Asia/Shanghai": "중국 베이징 상하이", "Asia/Hong_Kong": "홍콩", "Asia/Taipei": "대만 타이베이",
    "Asia/Singapore": "싱가포르", "Asia/Bangkok": "태국 방콕",
    "Asia/Ho_Chi_Minh": "베트남 하노이 호찌민 호치민",
    "Asia/Jakarta": "자카르타", "Asia/Manila": "필리핀 마닐라", "Asia/Dubai": "두바이",
    "Europe/London": "영국 런던", "Europe/Paris": "프랑스 파리", "Europe/Berlin": "독일 베를린 뮌헨",
    "Europe/Madrid": "스페인 마드리드", "Europe/Rome": "이탈리아 로마", "Europe/Moscow": "모스크바",
    "America/New_York": "뉴욕 보스턴 워싱턴", "America/Chicago": "시카고",
    "America/Los_Angeles": "로스앤젤레스 샌프란시스코 시애틀", "America/Vancouver": "밴쿠버",
    "America/Toronto": "토론토", "Australia/Sydney": "시드니", "Australia/Melbourne": "멜버른",
    "Pacific/Auckland": "뉴질랜드 오클랜드",
}  # fmt: skip


async def arrived(memories: MemoryStore, incoming: Incoming) -> Incoming:
    """A message with its person's epoch, read before anything else: after a /forget it writes nothing."""
    try:
        return replace(incoming, epoch=await memories.epoch(incoming.person.id))
    except StoreError as err:
        log.warning("no epoch for %s: %s", incoming.id, logged(err))
        return incoming


async def language_of(history: HistoryStore, person: str, otherwise: Lang) -> Lang:
    """The language of a fixed line for someone who wrote no message; a store that fails costs the choice."""
    try:
        return chosen_language(await history.choices(person)) or otherwise
    except StoreError as err:
        log.warning("no choices for a line: %s", logged(err))
        return otherwise


@dataclass(frozen=True)
class Profile:
    """What a person chose; ``platform`` ("console", "discord") is that of the texts."""

    memories: MemoryStore
    history: HistoryStore
    platform: str = "console"
    portraits: PortraitModel | None = None

    async def show(self, owner: Owner, lang: Lang) -> Answer:
        """What is chosen, and how much is kept here and everywhere."""

        async def work() -> Answer:
            chosen = await self.history.choices(owner.person)
            here = await self.memories.counts(owner.person, owner.scope)
            everywhere = await self.memories.counts(owner.person, None)
            usual = text("profile_usual", lang)
            spoken = _NAMES.get(chosen.get("language", ""), text("profile_as_written", lang))
            lines = text(
                "profile", lang, language=spoken, zone=chosen.get("timezone", usual),
                face=self._face(chosen.get("face_id", "")) or usual,
                hair=hair_words(chosen["hair"], lang) if "hair" in chosen else usual,
                face_shown=text("off" if chosen.get("face") == "off" else "on", lang),
                learning=text("off" if chosen.get("learning") == "off" else "on", lang),
            )  # fmt: skip
            counts = text(
                "forget_counts", lang, here_memories=here["memories"], here_turns=here["turns"],
                all_memories=everywhere["memories"], all_turns=everywhere["turns"],
            )  # fmt: skip
            return Answer(f"{lines}\n{counts}")

        return await guarded(work, "store_failed", lang)

    def _face(self, face: str) -> str:
        """What a chosen face is called; "" for one that is not on offer any more."""
        if self.portraits is None:
            return face
        return self.portraits.name(face) if face in self.portraits.faces else ""

    async def language(self, owner: Owner, value: Lang | None, lang: Lang) -> Answer:
        """Always answer in one language; None follows the message again."""

        async def work() -> Answer:
            await self.history.choose(owner.person, "language", value)
            return Answer(text(f"language_{value or 'auto'}", value or lang))

        return await guarded(work, "store_failed", lang)

    async def timezone(self, owner: Owner, name: str | None, lang: Lang) -> Answer:
        """The time zone that "today" and "tomorrow" are meant in; None goes back to the default.

        So does the word "default". A large city may have its Korean name.
        """
        name = None if name is not None and name.strip().lower() == DEFAULT else name
        zone = None if name is None else checked_zone(name.strip()) or next(iter(_korean(name)), None)
        if name is not None and zone is None:
            return Answer(text("timezone_unknown", lang), done=False)

        async def work() -> Answer:
            await self.history.choose(owner.person, "timezone", zone)
            key = "timezone_cleared" if zone is None else "timezone_set"
            return Answer(text(key, lang, zone=zone))

        return await guarded(work, "store_failed", lang)

    def privacy(self, lang: Lang) -> Answer:
        """What is kept, for how long, who sees it, and how it goes."""
        return Answer(text(f"privacy_{self.platform}", lang))

    def help(self, lang: Lang) -> Answer:
        """The commands of this platform."""
        return Answer(text(f"help_{self.platform}", lang))


@cache
def _zones() -> tuple[str, ...]:
    """Every time zone by name; finding them walks through the disk."""
    return tuple(sorted(available_timezones()))


def _korean(typed: str) -> list[str]:
    """Zones of the places whose Korean name begins as was typed ("서울", "뉴욕 시간")."""
    name = typed.strip().removesuffix("시간").strip()
    if not name:
        return []
    return [
        zone
        for zone, places in _KOREAN_NAMES.items()
        if any(place.startswith(name) for place in places.split())
    ]


def zones_like(typed: str, most: int = 25) -> list[str]:
    """Time zones whose name holds what was typed, for autocompletion; the usual ones first."""
    if near := _korean(typed):
        return near[:most]
    wanted = typed.strip().lower().replace(" ", "_")
    found = [zone for zone in USUAL_ZONES if wanted in zone.lower()]
    if wanted:
        found += [zone for zone in _zones() if wanted in zone.lower() and zone not in USUAL_ZONES]
    return found[:most]
