"""``battle data``, ``battle surrogate eval``, ``battle bench`` and ``train battle`` by the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot import exits
from bot.cli import main


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OHLORA_VAR_DIR", str(tmp_path / "var"))


def test_the_shipped_sets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["battle", "data", "list", "--json"]) == exits.OK
    found = {each["id"]: each for each in json.loads(capsys.readouterr().out)}
    assert list(found) == ["moods", "hair", "digits"]
    assert all(each["problems"] >= 200 and 5 <= each["classes"] <= 10 for each in found.values())


def test_a_damaged_set_is_named_beside_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "var" / "battle").mkdir(parents=True)
    (tmp_path / "var" / "battle" / "half.npz").write_bytes(b"cut")
    assert main(["battle", "data", "list"]) == exits.FAILED
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 3 and "half is left out of battles" in err


def test_what_cannot_be_added_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["battle", "data", "add", "mine", str(tmp_path / "nowhere")]) == exits.BAD_INPUT
    (tmp_path / "a").mkdir()
    Image.new("RGB", (20, 20)).save(tmp_path / "a" / "one.png")
    assert main(["battle", "data", "add", "mine", str(tmp_path)]) == exits.BAD_INPUT
    assert "5 to 100 classes" in capsys.readouterr().err


def test_a_foreign_table_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng, path = np.random.default_rng(1), tmp_path / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["total_train_images", "hp_lr", "hp_scheduler", "encoding_mean_0", "f1_score_macro"])
        for _ in range(120):
            rate = 10 ** rng.uniform(-5, -2)
            score = 0.8 - 0.2 * abs(np.log10(rate) + 3.5)
            writer.writerow(
                [rng.integers(700, 1500), rate, rng.choice(["cosine", "exp_95"]), rng.random(), score]
            )
    command = ["battle", "surrogate", "eval", "--data", str(path), "--target", "f1_score_macro", "--head"]
    assert main([*command, "90", "--json"]) == exits.OK
    figures = json.loads(capsys.readouterr().out)
    assert figures["n"] == 30 and figures["spearman"] > 0.8 and figures["mae"] < 0.1
    assert main([*command, "119"]) == exits.BAD_INPUT
    assert (
        main(["battle", "surrogate", "eval", "--data", str(tmp_path / "no.csv"), "--head", "20"])
        == exits.BAD_INPUT
    )


@pytest.mark.parametrize(
    ("scores", "said"),
    [(["0.5"] * 39 + ["1.2"], "row 40 has '1.2'"), (["-0.1"] + ["0.5"] * 39, "row 1 has '-0.1'"),
     (["0.5"] * 20 + ["nan"] * 20, "has 'nan'"), (["0.5"] * 20 + [""] * 20, "has ''")],
)  # fmt: skip
def test_a_target_that_is_no_score_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], scores: list[str], said: str
) -> None:
    assert judged(tmp_path, scores) == exits.BAD_INPUT
    err = capsys.readouterr().err
    assert "f1_score_macro must be a score from 0 to 1" in err and said in err


def test_figures_that_there_are_not_are_null(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--json"], []):
        assert judged(tmp_path, ["0.5"] * 40, *words) == exits.OK
    out, err = capsys.readouterr()
    figures = json.loads(out[: out.rindex("}") + 1], parse_constant=lambda name: pytest.fail(name))
    assert (figures["pearson"], figures["spearman"], figures["spearman_within"]) == (None, None, None)
    assert figures["mae"] < 0.01 and not err and "spearman_within              -" in out


def judged(tmp_path: Path, scores: list[str], *words: str) -> int:
    """A table with two problems of twenty choices; thirty rows are learnt from."""
    path = tmp_path / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["instance", "hp_lr", "f1_score_macro"])
        writer.writerows([f"p-{i // 20}", 1e-4 * (i + 1), score] for i, score in enumerate(scores))
    return main(["battle", "surrogate", "eval", "--data", str(path), "--head", "30", *words])


def test_a_bench_needs_sense(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["battle", "bench", "--instances", "0"]) == exits.USAGE
    assert main(["battle", "bench", "--dataset", "nothing"]) == exits.USAGE
    assert main(["train", "battle", "nonsense"]) == exits.USAGE
    assert main(["train", "battle", "--dry-run"]) == exits.OK
    assert '"surrogate"' in capsys.readouterr().out
