"""``python bot.py models``: the larger models that the settings name: list, pull, verify."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot import exits
from bot.settings import Settings
from core.errors import ModelError

if TYPE_CHECKING:
    from models.runtime.checkpoints import Source

_EXAMPLES: Final = """examples:
  python bot.py models list                  what the settings name, and what is on the disk
  python bot.py models pull                  fetch that, at exactly the revisions named
  python bot.py models verify --json         whether all files are there, whole and fit each other

The settings: OHLORA_TEXT_BASE, OHLORA_TEXT_BASE_REVISION, OHLORA_TEXT_TASK_BASES,
OHLORA_TEXT_ADAPTERS, OHLORA_EMBED_MODEL; docs/models.md says what they take.
"""
_HELP: Final = {
    "list": "what the settings name, and what is on the disk",
    "pull": "fetch what is named from the hub: safetensors, JSON and tokenizer files only",
    "verify": "check that files are complete and readable, that adapters fit, that nothing is a pickle",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A model that a setting names; ``part`` is base, adapters or sentences."""

    key: str
    part: str
    source: Source
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of it; '' and 0 for what is not known. ``size`` in bytes."""

    key: str
    source: str
    tasks: tuple[str, ...]
    folder: str = ""
    family: str = ""
    size: int = 0
    parameters: int = 0
    adapters: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command and its sub-commands."""
    parser = subparsers.add_parser("models", help="look after larger models", epilog=_EXAMPLES)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in _HELP.items():
        action = actions.add_parser(name, help=text, description=text.capitalize() + ".", epilog=_EXAMPLES)
        action.add_argument("--json", action="store_true", help="print the result as JSON")
        action.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Do it; the exit code."""
    everything = named(settings)
    if not everything:
        print("The settings name no larger model: OHLORA_TEXT_BASE is not set.", file=sys.stderr)
    if args.action == "pull" and (code := _pull(everything)) != exits.OK:
        return code
    results = [look(each, everything) for each in everything]
    if args.json:
        print(json.dumps({"models": [asdict(result) for result in results]}, ensure_ascii=False))
    else:
        for result in results:
            _show(result)
    whole = all(not result.problems for result in results)
    if args.action == "list":
        return exits.OK
    return (exits.OK if whole else exits.FAILED) if everything else exits.CONFIG


def named(settings: Settings) -> list[Named]:
    """Every model that the settings name, once."""
    from models.runtime.checkpoints import parse_source

    sources = settings.text_sources
    own = {part.partition("=")[0].strip() for part in settings.text_task_bases.split(",")}
    out = []
    for source in dict.fromkeys(sources.values()):
        tasks = tuple(task.value for task in sources if sources[task] == source)
        key = "OHLORA_TEXT_TASK_BASES" if set(tasks) <= own else "OHLORA_TEXT_BASE"
        out.append(Named(key, "base", source, tasks))
    if settings.text_adapters:
        out.append(Named("OHLORA_TEXT_ADAPTERS", "adapters", parse_source(settings.text_adapters)))
    if settings.embed_model:
        out.append(Named("OHLORA_EMBED_MODEL", "sentences", parse_source(settings.embed_model)))
    return out


def _pull(everything: list[Named]) -> int:
    """Fetch what lies on the hub; the exit code."""
    from models.runtime.checkpoints import download

    for each in everything:
        if not each.source.revision:
            print(f"{each.key}: {each.source} is a folder; nothing to fetch", file=sys.stderr)
            continue
        print(f"{each.key}: fetching {each.source} ...", file=sys.stderr)
        try:
            download(each.source)
        except ModelError as err:
            print(f"{each.key}: {err}", file=sys.stderr)
            return exits.UNREACHABLE
    return exits.OK


def look(each: Named, everything: list[Named]) -> Found:
    """What there is of a model on this machine, and what is wrong with it."""
    from models.runtime.checkpoints import locate, sentence_problems

    folder = locate(each.source)
    if folder is None:
        mend = "not whole on this machine; fetch it with: python bot.py models pull"
        gone = mend if each.source.revision else "no such folder"
        return Found(each.key, str(each.source), each.tasks, problems=(gone,))
    if each.part == "base":
        return _look_at_base(each, folder)
    if each.part == "adapters":
        return _look_at_adapters(each, folder, everything)
    size = sum(file.stat().st_size for file in folder.rglob("*.safetensors"))
    problems, family = tuple(sentence_problems(folder)), "sentence-transformers"
    return Found(each.key, str(each.source), each.tasks, str(folder), family, size, problems=problems)


def _look_at_base(each: Named, folder: Path) -> Found:
    from models.runtime.checkpoints import base_problems, read_base

    problems = tuple(base_problems(folder))
    if problems:
        return Found(each.key, str(each.source), each.tasks, str(folder), problems=problems)
    base = read_base(folder)
    return Found(each.key, str(each.source), each.tasks, str(folder), base.family, base.size, base.parameters)


def _look_at_adapters(each: Named, folder: Path, everything: list[Named]) -> Found:
    from core.prompt import Task
    from models.runtime.checkpoints import adapter_problems, base_problems, locate, read_base

    there = tuple(task.value for task in Task if (folder / task.value).is_dir())
    problems = [] if there else [f"no folder named {', '.join(Task)} in it"]
    for task in there:
        base = next((locate(other.source) for other in everything if task in other.tasks), None)
        whole = base is not None and not base_problems(base)
        header = read_base(base).header if base is not None and whole else None
        problems += [f"{task}: {problem}" for problem in adapter_problems(folder / task, header)]
    size = sum(file.stat().st_size for file in folder.rglob("*.safetensors"))
    return Found(
        each.key, str(each.source), there, str(folder), "LoRA", size, adapters=there, problems=tuple(problems)
    )


def _show(found: Found) -> None:
    about = [found.family, f"{found.size / 1e6:,.1f} MB" if found.size else ""]
    about.append(f"{found.parameters / 1e6:,.1f} M parameters" if found.parameters else "")
    about.append(f"for {', '.join(found.tasks)}" if found.tasks else "")
    print(f"{'FAIL' if found.problems else 'ok  '}  {found.key}  {found.source}")
    if found.folder:
        print(f"      {found.folder}: {', '.join(filter(None, about))}")
    for problem in found.problems:
        print(f"      {problem}")
