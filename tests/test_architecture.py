"""Rules of the house that no single module can show: size, breadth of excepts, imports without effects."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("bot", "core", "adapters", "db", "models", "migrations")
MAX_MODULE = 300
MAX_FUNCTION = 40
LONG_MODULES: set[str] = set()
MAX_BROAD = 9
# A broad except says on its line which of the allowed places it is.
BROAD_IS_MEANT = re.compile(r"#.*\b(edge|side act|worker boundary)\b")


@cache
def sources() -> dict[str, str]:
    """Every module of ours by its path."""
    files = [ROOT / "bot.py", *(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))]
    return {str(file.relative_to(ROOT)): file.read_text("utf-8") for file in sorted(files)}


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def modules(*rooms: str) -> list[str]:
    """Importable modules of some rooms; migrations run inside alembic and are left out."""
    return [module_name(path) for path in sources() if path.split("/")[0] in rooms]


def functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def broad_excepts(source: str) -> Iterator[int]:
    """Line numbers of ``except:``, ``except Exception`` and ``except BaseException``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(c is None or ast.unparse(c) in {"Exception", "BaseException"} for c in caught):
                yield node.lineno


def run_python(program: str, *arguments: str) -> str:
    """The output of a program in a fresh interpreter that sees no settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OHLORA_")}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_is_something_to_look_at() -> None:
    assert {path.split("/")[0] for path in sources()} == {"bot.py", *ROOMS}
    assert len(sources()) > 50
    assert sum(1 for source in sources().values() for _ in functions(source)) > 200
    assert LONG_MODULES <= set(sources())


def test_modules_stay_short() -> None:
    long = {path: source.count("\n") for path, source in sources().items() if path not in LONG_MODULES}
    assert {path: lines for path, lines in long.items() if lines > MAX_MODULE} == {}


def test_functions_stay_short() -> None:
    long = {
        f"{path}:{node.lineno} {node.name}": lines
        for path, source in sources().items()
        for node in functions(source)
        if path not in LONG_MODULES and (lines := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION
    }
    assert long == {}


def test_every_module_says_what_it_is() -> None:
    silent = [
        path for path, source in sources().items() if source and not ast.get_docstring(ast.parse(source))
    ]
    assert silent == []


def test_broad_excepts_stand_in_marked_places_only() -> None:
    found = {
        f"{path}:{line}": bool(BROAD_IS_MEANT.search(source.splitlines()[line - 1]))
        for path, source in sources().items()
        for line in broad_excepts(source)
    }
    assert [place for place, meant in found.items() if not meant] == []
    assert 0 < len(found) <= MAX_BROAD


@pytest.mark.parametrize(
    ("handler", "broad"),
    [
        ("", True),
        (" Exception", True),
        (" (OSError, BaseException)", True),
        (" OSError", False),
        (" (OSError, KeyError)", False),
    ],
)
def test_broad_excepts_are_recognised(handler: str, broad: bool) -> None:
    assert bool([*broad_excepts(f"try:\n    x()\nexcept{handler}:\n    pass\n")]) is broad


def test_only_the_settings_read_the_environment() -> None:
    reads = re.compile(
        r"\bos\.environ\b(?!\.update\()|\bos\.getenv\b|\bfrom os import .*\b(environ|getenv)\b"
    )
    assert [path for path, source in sources().items() if reads.search(source)] in ([], ["bot/settings.py"])


def test_the_core_imports_the_standard_library_only() -> None:
    program = (
        "import sys, json; before = set(sys.modules)\n"
        "for name in sys.argv[1:]: __import__(name)\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in set(sys.modules) - before})))"
    )
    names = modules("core")
    assert len(names) > 15
    loaded = set(json.loads(run_python(program, *names)))
    assert "core" in loaded
    # zoneinfo reads how Python was built from a module that is named after the machine
    loaded = {name for name in loaded if not name.startswith("_sysconfigdata_")}
    assert loaded - set(sys.stdlib_module_names) - {"core"} == set()


def test_the_adapters_and_the_database_load_no_model_library() -> None:
    program = "import sys\nfor name in sys.argv[1:]: __import__(name)\nprint('torch' in sys.modules)"
    names = modules("adapters", "db")
    assert len(names) > 10
    assert run_python(program, *names).strip() == "False"


# Imports modules while watching who reads the environment, opens a file, connects or starts a thread: only code
# of ours that does so itself counts, not the libraries that it imports.
WATCHER = """
import collections.abc, json, os, sys
root, seen = os.getcwd() + os.sep, []
def ours(frame):
    while frame and frame.f_code.co_filename in (os.__file__, collections.abc.__file__, '<string>'):
        frame = frame.f_back
    while frame and frame.f_code.co_filename.startswith('<frozen '):
        return None
    name = frame.f_code.co_filename if frame else ''
    return name[len(root):] if name.startswith(root) and '.venv' not in name else None
class Watched(dict):
    def _note(self, key):
        place = ours(sys._getframe(2))
        if place: seen.append([place, f'reads {key}'])
    def __getitem__(self, key): self._note(key); return super().__getitem__(key)
    def get(self, key, default=None): self._note(key); return super().get(key, default)
    def __contains__(self, key): self._note(key); return super().__contains__(key)
    def __iter__(self): self._note('everything'); return super().__iter__()
    def copy(self): self._note('everything'); return dict(self)
os.environ = Watched(os.environ)
os.getenv = os.environ.get
def audit(event, arguments):
    if event in ('open', 'socket.connect', 'sqlite3.connect', 'subprocess.Popen', '_thread.start_new_thread'):
        place = ours(sys._getframe(1))
        if place: seen.append([place, event])
sys.addaudithook(audit)
for name in sys.argv[1:]: __import__(name)
print('WATCHED ' + json.dumps(seen))
"""


def effects(*names: str) -> list[list[str]]:
    """What our own code did while modules were imported."""
    output = run_python(WATCHER, *names)
    found: list[list[str]] = json.loads(output.rpartition("WATCHED ")[2])
    return found


def test_importing_has_no_effect() -> None:
    names = modules("core", "db", "adapters", "bot")
    assert len(names) > 30
    assert effects(*names) == []


@pytest.mark.slow
def test_importing_the_models_has_no_effect() -> None:
    names = modules("models")
    assert len(names) > 20
    assert effects(*names) == []


def test_effects_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watcher itself: a module that does what is forbidden is caught."""
    (tmp_path / "guilty.py").write_text("import os\nos.environ.get('HOME')\nopen(__file__).close()\n")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    assert effects("guilty") == [["guilty.py", "reads HOME"], ["guilty.py", "open"]]
