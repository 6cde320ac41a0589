"""Larger models from the outside: the command, the choice of the profile, and a conversation on one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.checks import check_profile
from bot.profiles import choose_profile, needed_bytes
from bot.settings import Settings, SettingsError
from bot.weights import load_index
from bot.wiring import build_app
from core.errors import ModelError
from core.expression import parse_labels
from core.people import DIRECT, FaceReady, Incoming, MemoryDone, Person, ReplyDone
from core.ports import GenerateRequest, Priority
from core.prompt import PromptParts, Task, build_prompt
from tests.fake_hub import COMMIT, fake_hub
from tests.fakes import NOON, FewExemplars, FixedClock, HashEmbedder, LikesAll, PaintedPortraits
from tests.models.tiny_hub import make_adapters, make_base

ROOT = Path(__file__).resolve().parents[2]
REPO = "owner/tiny"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("hub") / "base")


@pytest.fixture(scope="module")
def adapters(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_adapters(base, tmp_path_factory.mktemp("lora"), "llama", ["reply", "memory"])


def bot(*args: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """The launcher in ``cwd``, with a hub cache of its own there."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OHLORA_", "HF_", "TRANSFORMERS_"))}
    clean |= {"HF_HOME": str(cwd / "hf"), "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    return subprocess.run(
        [sys.executable, str(ROOT / "bot.py"), *args], cwd=cwd, capture_output=True, timeout=120,
        env=clean | environ, check=False,
    )  # fmt: skip


def report(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    found: list[dict[str, Any]] = json.loads(done.stdout)["models"]
    return found


def settings_of(tmp_path: Path, **fields: Any) -> Settings:
    return Settings(var_dir=tmp_path / "var", weights_dir=tmp_path / "none", busy_timeout_ms=10_000, **fields)


@pytest.fixture
def on_hub(base: Path, adapters: Path, tmp_path: Path) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Settings that name a base with its adapters on a fake hub, beside files that nobody wants."""
    shared = tmp_path / "shared"
    shutil.copytree(base, shared)
    shutil.copytree(adapters, shared, dirs_exist_ok=True)
    for unwanted in (
        "pytorch_model.bin",
        "README.md",
        "code.py",
        "original/consolidated.00.pth",
        "onnx/model.onnx",
    ):
        (shared / unwanted).parent.mkdir(exist_ok=True)
        (shared / unwanted).write_text("unwanted")
    with fake_hub(REPO, shared) as (address, fetched):
        named = {
            "OHLORA_TEXT_BASE": REPO,
            "OHLORA_TEXT_BASE_REVISION": COMMIT,
            "OHLORA_TEXT_ADAPTERS": f"{REPO}@v1",
        }
        yield {"HF_ENDPOINT": address, **named}, fetched


def test_pull_fetches_what_is_named_and_verify_finds_it_whole(
    tmp_path: Path, on_hub: tuple[dict[str, str], list[str]]
) -> None:
    environ, fetched = on_hub
    assert [
        each["problems"] for each in report(bot("models", "list", "--json", cwd=tmp_path, **environ))
    ] == [["not whole on this machine; fetch it with: python bot.py models pull"]] * 2
    before = bot("models", "verify", "--json", cwd=tmp_path, **environ)
    assert before.returncode == 1 and fetched == []
    pulled = bot("models", "pull", "--json", cwd=tmp_path, **environ)
    text, lora = report(pulled)
    assert pulled.returncode == 0
    assert {name.rpartition(".")[2] for name in fetched} == {"json", "safetensors"}
    assert len(fetched) == len(set(fetched)) == 9
    assert text["family"] == "llama" and text["folder"].endswith(COMMIT) and text["parameters"] > 10_000
    assert lora["adapters"] == ["reply", "memory"]
    offline = environ | {"HF_HUB_OFFLINE": "1"}
    assert bot("models", "verify", cwd=tmp_path, **offline).returncode == 0


def test_a_start_fetches_only_where_the_hub_is_allowed(
    tmp_path: Path, on_hub: tuple[dict[str, str], list[str]]
) -> None:
    environ, fetched = on_hub
    full = environ | {"OHLORA_PROFILE": "full"}
    done = bot("chat", "--once", "hi", cwd=tmp_path, **full)
    assert done.returncode == 78 and fetched == []
    assert b"OHLORA_TEXT_BASE: owner/tiny@" in done.stderr and b"python bot.py models pull" in done.stderr
    report_of = "import bot.profiles as p, bot.settings as s; print(p.choose_profile(s.load_settings()).name)"
    ran = subprocess.run(
        [sys.executable, "-c", report_of], cwd=tmp_path, capture_output=True, check=True, timeout=60,
        env={"PYTHONPATH": str(ROOT), "HF_HOME": str(tmp_path / "hf"), "OHLORA_HUB_ALLOWED": "true"} | full,
    )  # fmt: skip
    assert ran.stdout.strip() == b"full" and fetched


@pytest.mark.parametrize("gone", ["host", "repository"])
def test_what_cannot_be_fetched_exits_with_69(tmp_path: Path, base: Path, gone: str) -> None:
    with fake_hub("owner/else", base) as (address, _):
        pass
    environ = {"OHLORA_TEXT_BASE": REPO, "OHLORA_TEXT_BASE_REVISION": COMMIT}
    if gone == "host":
        done = bot("models", "pull", cwd=tmp_path, HF_ENDPOINT=address, **environ)
    else:
        with fake_hub("owner/else", base) as (address, _):
            done = bot("models", "pull", cwd=tmp_path, HF_ENDPOINT=address, **environ)
    assert done.returncode == 69 and b"OHLORA_TEXT_BASE: owner/tiny@" in done.stderr
    assert b"Traceback" not in done.stderr


def test_without_a_name_there_is_nothing_to_do(tmp_path: Path) -> None:
    codes = {action: bot("models", action, cwd=tmp_path).returncode for action in ("list", "pull", "verify")}
    assert codes == {"list": 0, "pull": 78, "verify": 78}


def test_verify_names_what_is_wrong(tmp_path: Path, base: Path, adapters: Path) -> None:
    broken, sentences = tmp_path / "base", tmp_path / "sentences"
    shutil.copytree(base, broken)
    sentences.mkdir()
    (sentences / "pytorch_model.bin").write_bytes(b"x")
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    other = make_adapters(make_base(tmp_path / "other", "kanana"), tmp_path / "lora", "kanana", ["reply"])
    found = report(
        bot(
            "models", "verify", "--json", cwd=tmp_path, OHLORA_TEXT_BASE=str(base), OHLORA_TEXT_ADAPTERS=str(other),
            OHLORA_TEXT_TASK_BASES=f"memory={broken}", OHLORA_EMBED_MODEL=str(sentences),
        )
    )  # fmt: skip
    problems = {each["key"]: each["problems"] for each in found}
    assert problems["OHLORA_TEXT_BASE"] == []
    assert problems["OHLORA_TEXT_TASK_BASES"] == ["model.safetensors: the file is cut off"]
    assert (
        "reply: " in problems["OHLORA_TEXT_ADAPTERS"][0]
        and "made for width" in problems["OHLORA_TEXT_ADAPTERS"][0]
    )
    assert any("pickle" in each for each in problems["OHLORA_EMBED_MODEL"])
    assert any("modules.json is missing" in each for each in problems["OHLORA_EMBED_MODEL"])


def test_auto_takes_the_larger_model_only_where_it_is_whole_and_fits(
    tmp_path: Path, base: Path, adapters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auto = {"profile": "auto", "text_base": str(base), "text_adapters": str(adapters)}
    chosen = choose_profile(settings_of(tmp_path, **auto))
    assert (
        chosen.name == "full"
        and chosen.hub is not None
        and set(chosen.hub.adapters) == {Task.REPLY, Task.MEMORY}
    )
    assert choose_profile(settings_of(tmp_path, profile="auto")).why == "OHLORA_TEXT_BASE is not set"
    nowhere = choose_profile(settings_of(tmp_path, profile="auto", text_base=str(tmp_path / "nowhere")))
    assert nowhere.name == "embedded" and "OHLORA_TEXT_BASE" in nowhere.why
    (tmp_path / "empty").mkdir()
    none = choose_profile(settings_of(tmp_path, **auto | {"text_adapters": str(tmp_path / "empty")}))
    assert none.name == "embedded" and "OHLORA_TEXT_ADAPTERS" in none.why
    monkeypatch.setattr("bot.profiles.free_bytes", lambda _: 1000)
    small = choose_profile(settings_of(tmp_path, **auto))
    assert small.name == "embedded" and "needs" in small.why
    assert (
        choose_profile(settings_of(tmp_path, **auto | {"profile": "full"})).name == "full"
    )  # as it was told


def test_what_fewer_bits_need(tmp_path: Path, base: Path) -> None:
    need = {
        name: needed_bytes(settings_of(tmp_path, text_dtype=name), [base, base])
        for name in ("auto", "fp32", "bf16")
    }
    assert need["auto"] == pytest.approx(need["fp32"], rel=0.05) and need["bf16"] == pytest.approx(
        need["fp32"] / 2, rel=0.01
    )
    assert needed_bytes(settings_of(tmp_path, text_4bit=True), [base]) < need["bf16"]


def test_the_doctor_says_which_profile(tmp_path: Path, base: Path) -> None:
    check, _ = check_profile(settings_of(tmp_path, profile="auto", text_base=str(base)))
    assert check.ok and check.detail == f"full ({base} is here and fits)"
    check, profile = check_profile(settings_of(tmp_path, profile="full", text_base=str(tmp_path / "nowhere")))
    assert not check.ok and "OHLORA_TEXT_BASE" in check.detail and check.mend and profile.name == "embedded"
    larger = {"OHLORA_PROFILE": "auto", "OHLORA_TEXT_BASE": str(base)}
    done = bot("doctor", "--json", cwd=tmp_path, OHLORA_WEIGHTS_DIR=str(tmp_path / "none"), **larger)
    checks = {each["name"]: each for each in json.loads(done.stdout)["checks"]}
    assert checks["profile"]["detail"].startswith("full (") and checks["text weights"]["ok"], done.stderr


async def test_a_conversation_on_a_larger_model(tmp_path: Path, base: Path, adapters: Path) -> None:
    """Random weights write nonsense, which is not shown; every part of the turn is there all the same."""
    settings = settings_of(
        tmp_path, profile="full", text_base=str(base), text_adapters=str(adapters), text_dtype="fp32"
    )
    parts: dict[str, Any] = {
        "exemplars": FewExemplars(), "ranker": LikesAll(), "embedder": HashEmbedder(), "portraits": PaintedPortraits(),
        "clock": FixedClock(),
    }  # fmt: skip
    async with build_app(settings, **parts) as app:
        assert not app.conversation.aftermath.guided, "it finds the key of a fact itself"
        assert "text (full)" in app.status.status().models
        incoming = Incoming("m1", Person("console", "jun"), DIRECT, "나 내일 시험 봐", NOON)
        events = [event async for event in app.conversation.respond(incoming)]
        kinds = {type(event) for event in events}
        assert {ReplyDone, FaceReady, MemoryDone} <= kinds
        prompt = build_prompt(PromptParts(Task.EXPRESSION, "안녕", reply="응!"), app.model.count_tokens)
        (found,) = await app.model.generate(GenerateRequest(Task.EXPRESSION, prompt, "p", Priority.FACE))
        assert parse_labels(found.text)


async def test_damage_that_shows_while_loading_is_a_model_error(tmp_path: Path, base: Path) -> None:
    odd = tmp_path / "odd"
    shutil.copytree(base, odd)
    (odd / "config.json").write_text(json.dumps({"model_type": "no_such_family"}))
    given: dict[str, Any] = {
        "exemplars": FewExemplars(),
        "ranker": LikesAll(),
        "embedder": None,
        "portraits": None,
    }
    with pytest.raises(ModelError, match="text model in"):
        async with build_app(settings_of(tmp_path, profile="full", text_base=str(odd)), **given):
            pytest.fail("she started")


def test_full_without_its_files_names_the_key(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="OHLORA_TEXT_TASK_BASES"):
        choose_profile(
            settings_of(
                tmp_path, profile="full", text_base=str(tmp_path), text_task_bases=f"memory={tmp_path}/none"
            )
        )


def test_vectors_of_another_sentence_model_are_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.text.corpus_data import train_rows
    from models.text.service import cached_vectors

    few, made = train_rows()[:50], list[int]()
    monkeypatch.setattr("models.text.corpus_data.train_rows", lambda: few)

    def encode(texts: Any) -> Any:
        import numpy as np

        made.append(len(texts))
        return np.ones((len(texts), 3), dtype=np.float32)

    index = load_index(lambda rows: cached_vectors(tmp_path / "vectors", rows, "other-1", encode))
    load_index(lambda rows: cached_vectors(tmp_path / "vectors", rows, "other-1", encode))
    load_index(lambda rows: cached_vectors(tmp_path / "vectors", rows, "other-2", encode))
    assert made == [len(index.rows)] * 2
    kept = sorted((tmp_path / "vectors").iterdir())
    assert len(kept) == 2
    for path in kept:
        path.write_bytes(b"damaged")
    load_index(lambda rows: cached_vectors(tmp_path / "vectors", rows, "other-1", encode))
    assert len(made) == 3
