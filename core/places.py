"""What holds in a place: the settings of a group as values, blocks and maintenance before a turn."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final, cast
from zoneinfo import ZoneInfo

from core.colours import NATURAL, hair_of
from core.errors import StoreError, UserFacingError, logged
from core.gate import RateLimit
from core.people import Incoming, Lang
from core.ports_places import EVERYWHERE, GRACE_DAYS, BlockStore, GroupStore
from core.safety import Verdict, judge

log = logging.getLogger(__name__)

BLOCK_LINE_S: Final = 3600.0  # a blocked person is told so once in that time, in each place
COOLDOWN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class PlaceSettings:
    """The settings of a group, read; every field has the value that holds where nothing is set."""

    channels: frozenset[str] = frozenset()  # where she answers; empty: everywhere
    always_answer: frozenset[str] = frozenset()
    cooldown_s: float = COOLDOWN_S
    image: str = "still"
    language: Lang | None = None
    zone: tzinfo | None = None
    limit: RateLimit | None = None
    admin_roles: frozenset[str] = frozenset()
    grace_days: int = GRACE_DAYS
    maintenance: bool = False
    hair: str = NATURAL  # as core.colours.hair_of has it

    @property
    def faces(self) -> bool:
        """Whether her face is shown."""
        return self.image != "off"

    @property
    def animated(self) -> bool:
        """Whether her face moves."""
        return self.image == "animated"


def _one_of(*words: str) -> Callable[[str], str | None]:
    return lambda value: value.lower() if value.lower() in words else None


def _whole(least: int, most: int) -> Callable[[str], str | None]:
    def check(value: str) -> str | None:
        plain = value.isascii() and value.isdigit() and len(value) < 10
        return str(int(value)) if plain and least <= int(value) <= most else None

    return check


def _ids(value: str) -> str | None:
    found = value.replace(",", " ").split()
    fine = 0 < len(found) <= 100 and all(each.isascii() and each.isdigit() for each in found)
    return " ".join(dict.fromkeys(found)) if fine else None


def checked_zone(value: str) -> str | None:
    """The name of a time zone that is there, else None."""
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError):
        return None


def checked_hair(value: str) -> str | None:
    """What is kept of a wish for her hair; None for a colour that is not known or has no hue."""
    try:
        return hair_of(value)
    except ValueError:
        return None


# What an admin may set, with the check that turns it into what is kept; None is refused.
CHECKS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "channels": _ids,
    "always_answer": _ids,
    "cooldown_seconds": _whole(0, 3600),
    "image": _one_of("off", "still", "animated"),
    "hair": checked_hair,
    "language": _one_of("ko", "en"),
    "timezone": checked_zone,
    "rate_messages": _whole(1, 1000),
    "rate_seconds": _whole(1, 86_400),
    "admin_roles": _ids,
    "grace_days": _whole(0, 365),
}


def read_settings(stored: Mapping[str, str]) -> PlaceSettings:
    """The settings as values; what is kept but not usable counts as not set."""
    found: dict[str, str] = {}
    for name, check in CHECKS.items():
        value = check(stored[name]) if name in stored else None
        if value is not None:
            found[name] = value
    usual, limit = PlaceSettings(), RateLimit()
    rated = "rate_messages" in found or "rate_seconds" in found
    zone = found.get("timezone")
    return PlaceSettings(
        channels=frozenset(found.get("channels", "").split()),
        always_answer=frozenset(found.get("always_answer", "").split()),
        cooldown_s=float(found.get("cooldown_seconds", usual.cooldown_s)),
        image=found.get("image", usual.image),
        hair=found.get("hair", usual.hair),
        language=cast("Lang | None", found.get("language")),
        zone=ZoneInfo(zone) if zone else None,
        limit=RateLimit(
            int(found.get("rate_messages", limit.messages)), float(found.get("rate_seconds", limit.seconds))
        ) if rated else None,
        admin_roles=frozenset(found.get("admin_roles", "").split()),
        grace_days=int(found.get("grace_days", usual.grace_days)),
        maintenance=stored.get("maintenance") == "on",
    )  # fmt: skip


class SilentError(Exception):
    """Nothing is to be said: the person is blocked and was told so."""


@dataclass
class PlaceRules:
    """Asked before a turn: what holds here, and may this person be answered?

    A store that fails lets everybody through: a locked notebook is no reason for silence. So does a
    message of a person in crisis, who is told where help is whatever an admin chose.
    """

    groups: GroupStore
    blocks: BlockStore
    _told: dict[tuple[str, str], float] = field(default_factory=dict)

    async def settings(self, group: str) -> PlaceSettings:
        """The settings of a group ("" in a direct message), maintenance of everything included."""
        try:
            everywhere = await self.groups.settings(EVERYWHERE)
            own = await self.groups.settings(group) if group else {}
        except StoreError as err:
            log.warning("no settings of %s: %s", group, logged(err))
            return PlaceSettings()
        maintenance = "on" if "on" in (everywhere.get("maintenance"), own.get("maintenance")) else "off"
        return read_settings({**own, "maintenance": maintenance})

    async def admit(self, incoming: Incoming, here: PlaceSettings, text: str, now: float) -> None:
        """Raises UserFacingError (blocked, maintenance) or SilentError; ``now`` in seconds."""
        if judge(text) is not Verdict.ANSWER:
            return
        group, person = incoming.place.group, incoming.person.id
        try:
            blocked = await self.blocks.active(group, person, incoming.at) is not None
        except StoreError as err:
            log.warning("no blocks of %s: %s", group, logged(err))
            blocked = False
        if blocked:
            self._tell_block(person, group, now)
        if here.maintenance:
            raise UserFacingError("maintenance")

    def forget(self, person: str) -> None:
        """Drop what is held about a person."""
        for key in [key for key in self._told if key[0] == person]:
            del self._told[key]

    def _tell_block(self, person: str, group: str, now: float) -> None:
        self._told = {key: at for key, at in self._told.items() if now - at < BLOCK_LINE_S}
        if (person, group) in self._told:
            raise SilentError
        self._told[person, group] = now
        raise UserFacingError("blocked")
