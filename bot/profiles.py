"""Which size she runs at: the embedded models, or larger ones that the settings name."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.settings import Settings, SettingsError
from core.errors import ModelError
from core.prompt import Task
from models.runtime.checkpoints import (
    Source,
    adapter_problems,
    download,
    locate,
    parse_source,
    read_base,
)
from models.text.process import HubConfig

PULL: Final = "python bot.py models pull"
VERIFY: Final = "python bot.py models verify"
SPARE: Final = 1.25  # of the weights: what is computed beside them
_BYTES: Final = {"bf16": 2.0, "fp16": 2.0, "fp32": 4.0}
_BYTES_4BIT: Final = 0.7  # with scales, and with embeddings that stay as they are


@dataclass(frozen=True, slots=True)
class Profile:
    """The size chosen and why; ``hub`` is None for the embedded one."""

    name: str
    why: str
    hub: HubConfig | None = None


def choose_profile(settings: Settings) -> Profile:
    """What ``profile`` comes to on this machine; fetches what is missing if the settings allow the hub.

    Raises SettingsError for a profile "full" that cannot be had.
    """
    if settings.profile == "embedded":
        return Profile("embedded", "as OHLORA_PROFILE says, or its default")
    if not settings.text_base:  # "full" without it is refused where settings are read
        return Profile("embedded", "OHLORA_TEXT_BASE is not set")
    try:
        config = hub_config(settings)
        need = needed_bytes(settings, list(config.bases.values()))
    except (ModelError, SettingsError) as err:
        if settings.profile == "full":
            raise SettingsError(str(err)) from err
        return Profile("embedded", str(err))
    room = free_bytes(settings.text_device_map)
    if settings.profile == "auto" and need > room:
        why = f"{settings.text_base} needs {need / 2**30:.1f} GB, {room / 2**30:.1f} GB are free"
        return Profile("embedded", why)
    why = "as OHLORA_PROFILE says" if settings.profile == "full" else f"{settings.text_base} is here and fits"
    return Profile("full", why, config)


def hub_config(settings: Settings) -> HubConfig:
    """The larger models as they lie on this machine. Raises SettingsError naming the key, ModelError."""
    own = {each.strip().partition("=")[0] for each in settings.text_task_bases.split(",")}
    bases = {
        task: found("OHLORA_TEXT_TASK_BASES" if task in own else "OHLORA_TEXT_BASE", source, settings)
        for task, source in settings.text_sources.items()
    }
    return HubConfig(
        bases, _adapters(settings, bases), settings.text_template,
        settings.text_dtype, settings.text_device_map, settings.text_4bit,
    )  # fmt: skip


def _adapters(settings: Settings, bases: Mapping[Task, Path]) -> dict[Task, Path]:
    """The folders of the tasks that have an adapter, which fits its base."""
    if not settings.text_adapters:
        return {}
    key = "OHLORA_TEXT_ADAPTERS"
    folder = found(key, parse_source(settings.text_adapters), settings)
    out = {task: folder / task.value for task in Task if (folder / task.value).is_dir()}
    if not out:
        raise SettingsError(f"{key}: no folder named {', '.join(Task)} in it")
    for task, place in out.items():
        if problems := adapter_problems(place, read_base(bases[task]).header):
            raise SettingsError(f"{key}: {task.value}: {problems[0]}; {VERIFY}")
    return out


def found(key: str, source: Source, settings: Settings) -> Path:
    """The folder of a source. Raises SettingsError naming the key, ModelError from the hub."""
    folder = locate(source)
    if folder is None and source.revision and settings.hub_allowed:
        folder = download(source)
    if folder is None:
        mend = f"; fetch it with: {PULL}" if source.revision else ""
        raise SettingsError(f"{key}: {source} is not whole on this machine{mend}")
    return folder


def needed_bytes(settings: Settings, folders: Sequence[Path]) -> int:
    """Memory for bases as the settings keep them. Raises ModelError for a damaged one."""
    need = 0.0
    for base in (read_base(folder) for folder in dict.fromkeys(folders)):
        kept = _BYTES_4BIT if settings.text_4bit else _BYTES.get(settings.text_dtype)
        need += base.size if kept is None else base.parameters * kept
    return int(need * SPARE)


def free_bytes(device_map: str) -> int:
    """Memory where models would go: the GPUs that are meant, else this machine's."""
    import psutil

    if device_map not in ("cpu", "mps") and (gpus := _gpu_bytes()):
        _, _, number = device_map.partition(":")
        return sum(gpus[int(number) : int(number) + 1] if number else gpus)
    return int(psutil.virtual_memory().available)


def _gpu_bytes() -> list[int]:
    """Free bytes of every NVIDIA GPU, asked for without a CUDA context of our own."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    command = [tool, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        out = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603
        return [int(line) * 2**20 for line in out.split()]
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
