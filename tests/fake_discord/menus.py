"""What a user's client does first: finds the command, checks and resolves its options."""

from __future__ import annotations

from typing import Any

from tests.fake_discord import payloads
from tests.fake_discord.model import Attachment, Channel, Json, Message, User
from tests.fake_discord.permissions import Permission, in_channel
from tests.fake_discord.world import World

CHAT, ON_USER, ON_MESSAGE = 1, 2, 3
SUB, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, NUMBER, FILE = 1, 2, 3, 4, 5, 6, 7, 10, 11

_FITS: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), NUMBER: (int, float)}


def label(item: Json, locale: str) -> str:
    """A command's or option's name as someone with this language sees it."""
    return str((item.get("name_localizations") or {}).get(locale) or item["name"])


def find(world: World, user: User, channel: Channel, name: str, kind: int, locale: str) -> Json:
    """The command that someone sees under a name, its own or that of their language.

    Raises:
        LookupError: There is none, or not here, or not for them.
    """
    for command in world.available(channel.guild):
        if command["type"] == kind and name in {command["name"], label(command, locale)}:
            break
    else:
        raise LookupError(f"no command {name!r} is registered here")
    if channel.guild is not None and world.bot.id not in channel.guild.members:
        raise LookupError("the application is not in this guild")
    contexts = command.get("contexts")
    private = channel.guild is None
    if (private and command.get("dm_permission") is False) or (
        contexts is not None and int(private) not in contexts
    ):
        raise LookupError(f"{name!r} is not offered in this kind of place")
    needed = Permission.USE_APPLICATION_COMMANDS
    if command.get("default_member_permissions") is not None and channel.guild is not None:
        needed |= Permission(int(command["default_member_permissions"]) or Permission.ADMINISTRATOR)
    if needed & ~in_channel(channel, user):
        raise LookupError(f"{name!r} is not offered to {user.name}")
    return command


def command_data(
    world: World, user: User, channel: Channel, path: str, given: dict[str, Any], locale: str,
    focused: str | None = None,
) -> Json:  # fmt: skip
    """The data of a slash command; ``path`` may name a subcommand: "memory list"."""
    name, *below = path.split()
    command = find(world, user, channel, name, CHAT, locale)
    data: Json = {"id": command["id"], "name": command["name"], "type": CHAT}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    place, target = command, data
    for step in below:
        place = _named(place.get("options") or [], step, locale)
        entry: Json = {"name": place["name"], "type": place["type"]}
        target["options"] = [entry]
        target = entry
    resolved: Json = {}
    target["options"] = _options(place, given, locale, channel, focused, resolved, world)
    if resolved and focused is None:
        data["resolved"] = resolved
    return data


def menu_data(
    world: World, user: User, target: Message | User, channel: Channel, name: str, locale: str
) -> Json:
    """The data of a command from the menu of a message or user."""
    kind = ON_MESSAGE if isinstance(target, Message) else ON_USER
    command = find(world, user, channel, name, kind, locale)
    resolved: Json = {}
    if isinstance(target, Message):
        # Even without the message content intent, the target comes in full.
        resolved["messages"] = {str(target.id): payloads.message(target, world.base_url)}
    else:
        _resolve_user(target, channel, resolved)
    data: Json = {
        "id": command["id"], "name": command["name"], "type": kind, "target_id": str(target.id),
        "resolved": resolved,
    }  # fmt: skip
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return data


def _named(items: list[Json], name: str, locale: str) -> Json:
    for item in items:
        if name in {item["name"], label(item, locale)}:
            return item
    raise LookupError(f"there is no option {name!r}")


def _options(
    command: Json, given: dict[str, Any], locale: str, channel: Channel, focused: str | None, resolved: Json,
    world: World,
) -> list[Json]:  # fmt: skip
    declared = command.get("options") or []
    if any(option["type"] in {SUB, GROUP} for option in declared):
        raise LookupError(f"{command['name']!r} needs a subcommand")
    chosen = {_named(declared, name, locale)["name"]: value for name, value in given.items()}
    missing = [
        option["name"] for option in declared if option.get("required") and option["name"] not in chosen
    ]
    if missing and focused is None:
        raise ValueError(f"required options are missing: {missing}")
    entries = []
    for option in declared:
        if option["name"] not in chosen:
            continue
        value = chosen[option["name"]]
        entry: Json = {"name": option["name"], "type": option["type"]}
        if focused is not None and focused in {option["name"], label(option, locale)}:
            entry |= {"value": value, "focused": True}
        else:
            entry["value"] = _value(option, value, channel, resolved, world)
        entries.append(entry)
    return entries


def _value(option: Json, value: Any, channel: Channel, resolved: Json, world: World) -> Any:
    """A value as it is sent, refused where Discord's client would not let it through."""
    kind = option["type"]
    if isinstance(value, User):
        _resolve_user(value, channel, resolved)
        return str(value.id)
    if isinstance(value, Channel):
        entry = payloads.channel(value) | {"permissions": "0"}
        resolved.setdefault("channels", {})[str(value.id)] = entry
        return str(value.id)
    if isinstance(value, Attachment):
        entry = payloads.attachment(value, channel, world.base_url)
        resolved.setdefault("attachments", {})[str(value.id)] = entry
        return str(value.id)
    if type(value) not in _FITS.get(kind, ()):
        raise ValueError(f"{option['name']!r} does not take {value!r}")
    choices = [choice["value"] for choice in option.get("choices") or []]
    if choices and value not in choices:
        raise ValueError(f"{value!r} is none of {choices}")
    size = len(value) if kind == STRING else value
    low, high = ("min_length", "max_length") if kind == STRING else ("min_value", "max_value")
    if size < option.get(low, size) or size > option.get(high, size):
        raise ValueError(f"{value!r} is outside the bounds of {option['name']!r}")
    return value


def _resolve_user(user: User, channel: Channel, resolved: Json) -> None:
    resolved.setdefault("users", {})[str(user.id)] = payloads.user(user)
    if channel.guild is not None and user.id in channel.guild.members:
        member = payloads.member(channel.guild.members[user.id], with_user=False)
        member["permissions"] = payloads.permissions(channel, user)
        resolved.setdefault("members", {})[str(user.id)] = member


def filled_form(form: Json, answers: dict[str, Any]) -> list[Json]:
    """A form's components with what someone typed; answers go by custom_id or label.

    Raises:
        LookupError: An answer fits no field.
        ValueError: A field that must be filled is empty, or an answer is too long.
    """
    left = dict(answers)
    filled = []
    for component in form["components"]:
        kind, inner = (
            component["type"],
            component.get("component") or (component.get("components") or [None])[0],
        )
        if inner is None or "custom_id" not in inner:
            filled.append({"type": kind, "id": component.get("id", 0)})
            continue
        names = [inner["custom_id"], inner.get("label"), component.get("label")]
        value = next((left.pop(name) for name in names if name in left), inner.get("value"))
        if inner.get("required", True) and value in (None, "", []):
            raise ValueError(f"{names} must be filled in")
        entry: Json = {"type": inner["type"], "custom_id": inner["custom_id"], "id": inner.get("id", 0)}
        if inner["type"] == 4:
            entry["value"] = value or ""
            if not inner.get("min_length", 0) <= len(entry["value"]) <= inner.get("max_length", 4000):
                raise ValueError(f"{names} has a wrong length")
        else:
            entry["value" if isinstance(value, str | bool) else "values"] = [] if value is None else value
        wrap = {"component": entry} if "component" in component else {"components": [entry]}
        filled.append({"type": kind, "id": component.get("id", 0)} | wrap)
    if left:
        raise LookupError(f"the form has no {sorted(left)}")
    return filled
