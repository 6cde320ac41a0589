"""Checkpoints on disk: names, headers, shards, damage; nothing of them is trusted."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from safetensors.torch import save_file
from torch import zeros

from core.errors import ModelError
from core.prompt import Task
from models.runtime.checkpoints import (
    Source,
    adapter_problems,
    base_problems,
    fingerprint,
    locate,
    parse_source,
    read_base,
    read_header,
)
from models.text.hub import HubEngine
from models.text.process import HubConfig
from tests.models.tiny_hub import FAMILIES, make_adapters, make_base


@pytest.mark.parametrize(
    ("text", "revision", "source"),
    [
        ("owner/name", "abc", Source("owner/name", "abc")),
        ("owner/name@v1.0", "", Source("owner/name", "v1.0")),
        ("owner/name@refs/pr/1", "abc", Source("owner/name", "refs/pr/1")),
        ("/models/kanana", "", Source("/models/kanana")),
        ("./owner/name", "", Source("./owner/name")),
        ("~/name", "", Source("~/name")),
        ("folder", "", Source("folder")),
        ("C:\\models\\x", "", Source("C:\\models\\x")),
    ],
)
def test_sources(text: str, revision: str, source: Source) -> None:
    assert parse_source(text, revision) == source


def test_an_id_without_a_revision_is_refused() -> None:
    with pytest.raises(ValueError, match="revision"):
        parse_source("owner/name")


def test_a_folder_is_located_and_a_missing_one_is_not(tmp_path: Path) -> None:
    assert locate(Source(str(tmp_path))) == tmp_path
    assert locate(Source(str(tmp_path / "none"))) is None
    assert locate(Source("owner/name-that-nobody-pulled", "0" * 40)) is None


def test_headers(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"a": zeros(2, 3), "b": zeros(5)}, path, metadata={"format": "pt"})
    assert read_header(path) == {"a": ("F32", (2, 3)), "b": ("F32", (5,))}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"short", struct.pack("<Q", 2**60) + b"{}", struct.pack("<Q", 2) + b"{", struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 8) + b'{"a": 1}', struct.pack("<Q", 2) + b"{}" + b"too much", struct.pack("<Q", 3) + b"\xff\xff\xff",
        struct.pack("<Q", 10) + b'{"a": null',
    ],
)  # fmt: skip
def test_what_is_no_header(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError):
        read_header(path)


def test_shards(tmp_path: Path) -> None:
    """A base in several files loads; one that is missing is named; none may lie elsewhere."""
    base = make_base(tmp_path)
    FAMILIES["llama"][1].from_pretrained(base).save_pretrained(tmp_path, max_shard_size="40KB")
    (tmp_path / "model.safetensors").unlink()
    assert base_problems(tmp_path) == [] and read_base(tmp_path).family == "llama"
    HubEngine.load(HubConfig(dict.fromkeys(Task, tmp_path)), {})
    victim = sorted(tmp_path.glob("model-*.safetensors"))[1]
    victim.rename(tmp_path / "elsewhere")
    assert base_problems(tmp_path) == [f"{victim.name} is missing"]
    with pytest.raises(ModelError, match=victim.name):
        read_base(tmp_path)
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "../../secret.safetensors"}}))
    assert base_problems(tmp_path) == ["model.safetensors.index.json is damaged"]


def test_adapters(tmp_path: Path) -> None:
    base = make_base(tmp_path / "base")
    folder = make_adapters(base, tmp_path / "lora", "llama", ["reply"]) / "reply"
    assert adapter_problems(folder, read_base(base).header) == []
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(config | {"peft_type": "PROMPT_TUNING"}))
    assert adapter_problems(folder) == ["adapter_config.json: only LoRA adapters are served"]
    (folder / "optimizer.pt").write_bytes(b"x")
    assert "pickle" in adapter_problems(folder)[0]
    (folder / "adapter_model.safetensors").unlink()
    assert adapter_problems(folder)[0] == "adapter_model.safetensors is missing"


def test_a_fingerprint_changes_with_the_weights(tmp_path: Path) -> None:
    save_file({"a": zeros(100)}, tmp_path / "x.safetensors")
    before = fingerprint(tmp_path)
    assert before == fingerprint(tmp_path)
    save_file({"a": zeros(100) + 1}, tmp_path / "x.safetensors")
    assert fingerprint(tmp_path) != before
