"""The command line from outside: exit codes, help, and what it imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot import exits
from bot.checks import check_disk, check_packages, check_python
from bot.cli import build_parser, main

ROOT = Path(__file__).resolve().parents[2]


def bot(*args: str, cwd: Path, stdin: bytes = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run the launcher in ``cwd`` with nothing configured but ``environ``."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("OHLORA_")}
    return subprocess.run(
        [sys.executable, str(ROOT / "bot.py"), *args], cwd=cwd, input=stdin, capture_output=True, timeout=120,
        env=clean | environ, check=False,
    )  # fmt: skip


COMMANDS = [[], ["chat"], ["run"], ["face"], ["doctor"], ["db"], ["db", "upgrade"], ["models"]]
COMMANDS += [["db", action] for action in ("backup", "restore", "retain")]
COMMANDS += [["models", action] for action in ("list", "pull", "verify")]
COMMANDS += [
    ["eval"],
    *(["eval", what] for what in ("reply", "expression", "memory-extract", "summary", "faces")),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args([*command, "--help"])
    assert caught.value.code == 0
    assert "python bot.py" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        [], ["dance"], ["chat", "--lang", "fr"], ["chat", "--person", " "], ["chat", "extra"],
        ["face", "--out", "x.png", "--eyes", "1.5"], ["face", "--out", "x.png", "--eyes", "nan"], ["face"],
        ["db"], ["db", "downgrade"], ["db", "backup"], ["db", "restore"], ["db", "retain", "x"], ["doctor", "--wrong"], ["models"], ["models", "push"],
        ["eval"], ["eval", "replies"], ["eval", "reply", "--n", "-1"], ["eval", "reply", "--split", "train"],
        ["eval", "summary", "--data", "no/such/file"], ["eval", "faces", "--n", "3"],
        ["eval", "reply", "--split", "test", "--data", __file__],
    ],
)  # fmt: skip
def test_wrong_use_exits_with_64(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(wrong)
    assert caught.value.code == 64
    assert "usage:" in capsys.readouterr().err


def test_bad_settings_exit_with_78_and_name_the_key(tmp_path: Path) -> None:
    done = bot("db", "upgrade", cwd=tmp_path, OHLORA_TIMEZONE="Mars/Olympus")
    assert done.returncode == 78 and b"OHLORA_TIMEZONE" in done.stderr and b"Mars" not in done.stderr
    assert b"Traceback" not in done.stderr


def test_without_text_weights_chat_exits_with_78_and_the_mend(tmp_path: Path) -> None:
    done = bot("chat", "--once", "hi", cwd=tmp_path, OHLORA_WEIGHTS_DIR=str(tmp_path / "none"))
    assert done.returncode == 78 and done.stdout == b""
    assert b"To mend it" in done.stderr and b"Traceback" not in done.stderr


def test_without_face_weights_face_exits_with_78(tmp_path: Path) -> None:
    done = bot("face", "--out", "x.png", cwd=tmp_path, OHLORA_WEIGHTS_DIR=str(tmp_path / "none"))
    assert done.returncode == 78 and b"To mend it" in done.stderr and not (tmp_path / "x.png").exists()


def test_doctor_names_each_mend(tmp_path: Path) -> None:
    done = bot("doctor", "--json", cwd=tmp_path, OHLORA_WEIGHTS_DIR=str(tmp_path / "none"))
    found = json.loads(done.stdout)
    checks = {check["name"]: check for check in found["checks"]}
    assert done.returncode == 1 and found["ok"] is False
    assert checks["database"]["ok"] and checks["python"]["ok"] and checks["packages"]["ok"]
    for name in ("text weights", "sentence weights", "associations", "face weights"):
        assert not checks[name]["ok"] and checks[name]["mend"]


def test_db_upgrade(tmp_path: Path) -> None:
    done = bot("db", "upgrade", "--json", cwd=tmp_path)
    assert done.returncode == 0 and json.loads(done.stdout)["revision"]
    assert (tmp_path / "var" / "ohlora.sqlite3").is_file()


def test_db_upgrade_on_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "ohlora.sqlite3").write_bytes(b"not a database at all" * 100)
    done = bot("db", "upgrade", cwd=tmp_path)
    assert done.returncode == 1 and b"cannot be upgraded" in done.stderr and b"Traceback" not in done.stderr


def test_the_parser_imports_nothing_heavy() -> None:
    script = (
        "import sys, bot.cli; bot.cli.build_parser();"
        "heavy = ('torch', 'transformers', 'sqlalchemy', 'rich', 'numpy', 'sklearn');"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_checks_see_what_is_wrong(tmp_path: Path) -> None:
    assert not check_python((3, 10)).ok and check_python((3, 12)).ok
    assert "no_such_package" in check_packages(("json", "no_such_package")).detail
    assert check_disk(tmp_path / "not" / "there", needed_mb=0).ok
    assert "OHLORA_VAR_DIR" in check_disk(tmp_path, needed_mb=10**9).mend


def test_another_base_is_for_text_adapters_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "face", "--base", "x"]) == exits.USAGE
    assert main(["train", "text", "base", "--base", "x"]) == exits.USAGE
    assert "train text adapters" in capsys.readouterr().err
    assert main(["train", "text", "adapters", "--base", "no/where"]) == exits.CONFIG
    assert "revision" in capsys.readouterr().err
    assert main(["train", "text", "memory", "--base", "no/where@1234", "--dry-run"]) == exits.OK
    plan = json.loads(capsys.readouterr().out)
    assert plan["stages"] == ["memory"] and plan["weights"].endswith("where")
