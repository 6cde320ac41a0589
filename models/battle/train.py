"""Growing the surrogate's trees from tables, and judging the family on any table."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.battle.surrogate import CONFIG, WEIGHTS, Encoder, Floats, Surrogate, Trees, load, odds
from models.battle.table import read

TARGET: Final = "f1_score_macro"
LEARNT: Final = "f1_score_macro_valid"  # what scores battles, her player has never been told
UPPER: Final = 3e-4  # learning rates from here on learn something everywhere
# What a table says besides inputs, or what is known only afterwards.
NO_INPUTS: Final = frozenset({
    "dataset", "instance", "kind", "seed", "epochs", "seconds", "collapsed", LEARNT, TARGET,
})  # fmt: skip


@dataclass(frozen=True)
class Family:
    """How trees are grown."""

    trees: int = 90
    leaf: int = 2
    share: float = 0.6  # of the inputs that a node looks at
    seed: int = 1


def fit(rows: Sequence[Mapping[str, str]], family: Family, target: str = TARGET) -> Surrogate:
    """Trees for the rows of a table. Raises ValueError for a table without the target or without inputs."""
    from sklearn.ensemble import ExtraTreesRegressor

    encoder = encoder_of(rows, target)
    forest = ExtraTreesRegressor(
        family.trees, min_samples_leaf=family.leaf, max_features=family.share, random_state=family.seed,
    )  # fmt: skip
    forest.fit(encoder.encode(rows), odds(truth(rows, target)))
    return Surrogate(encoder, trees_of(forest))


def encoder_of(rows: Sequence[Mapping[str, str]], target: str) -> Encoder:
    """Columns that vary, numbers as numbers. Raises ValueError."""
    if not rows or target not in rows[0]:
        raise ValueError(f"a table with the column {target} is needed")
    numbers, words = [], []
    for name in rows[0]:
        found = sorted({row[name] for row in rows})
        if name == target or name in NO_INPUTS or not name or len(found) < 2:
            continue
        if all(_is_number(each) for each in found):
            numbers.append(name)
        elif len(found) <= 20:
            words.append((name, tuple(found)))
    if not numbers and not words:
        raise ValueError("the table has no inputs")
    return Encoder(tuple(numbers), tuple(words))


def truth(rows: Sequence[Mapping[str, str]], target: str = TARGET) -> Floats:
    """The scores of rows. Raises ValueError for what is no score in [0, 1]."""
    for number, row in enumerate(rows, 1):
        if not _is_number(row[target]) or not 0.0 <= float(row[target]) <= 1.0:
            said = f"{target} must be a score from 0 to 1; row {number} has {row[target]!r}"
            raise ValueError(said)
    return np.array([float(row[target]) for row in rows], np.float32)


def trees_of(forest: Any) -> Trees:
    """The arrays of a fitted forest of scikit-learn."""
    roots, begin = [], 0
    parts: dict[str, list[NDArray[Any]]] = defaultdict(list)
    for estimator in forest.estimators_:
        tree = estimator.tree_
        inner, own = tree.children_left >= 0, np.arange(tree.node_count)
        if (tree.children_left[inner] != own[inner] + 1).any():
            raise ValueError("a tree that did not grow depth first")
        parts["feature"].append(np.where(inner, tree.feature, -1))
        parts["number"].append(np.where(inner, _rounded_down(tree.threshold), tree.value[:, 0, 0]))
        parts["skip"].append(np.where(inner, tree.children_right - own, 0))
        roots.append(begin)
        begin += tree.node_count
    kinds: dict[str, Any] = {
        "feature": _least_of(parts["feature"]),
        "number": np.float32,
        "skip": _least_of(parts["skip"]),
    }
    arrays = {name: np.concatenate(parts[name]).astype(kind) for name, kind in kinds.items()}
    return Trees(np.array(roots, np.int32), **arrays)


def _least_of(parts: Sequence[NDArray[Any]]) -> type[np.signedinteger[Any]]:
    """The smallest kind of whole number that holds all."""
    most = max(int(each.max()) for each in parts)
    return next(kind for kind in (np.int8, np.int16, np.int32) if most <= np.iinfo(kind).max)


def _rounded_down(values: NDArray[np.float64]) -> Floats:
    """To float32 so that a float32 input is on the same side as before."""
    out = values.astype(np.float32)
    return np.where(out > values, np.nextafter(out, np.float32(-np.inf)), out).astype(np.float32)


def save(folder: Path, surrogates: Mapping[str, Surrogate], about: Mapping[str, Any]) -> None:
    """Write weights and config."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    arrays = {f"{name}.{key}": value for name, each in surrogates.items()
              for key, value in each.trees.arrays().items()}  # fmt: skip
    save_file(arrays, folder / WEIGHTS)
    config = {
        "target": LEARNT, **about,
        "datasets": {
            name: {"numbers": list(each.encoder.numbers),
                   "words": {key: list(words) for key, words in each.encoder.words}}
            for name, each in surrogates.items()
        },
    }  # fmt: skip
    text = json.dumps(config, indent=1, ensure_ascii=False)
    (folder / CONFIG).write_text(text + "\n", encoding="utf-8")


Rows = list[dict[str, str]]


def fit_tables(
    tables: Mapping[str, Path], folder: Path, family: Family,
    widened: Callable[[str, Rows], Rows] = lambda _, rows: rows,
) -> dict[str, Any]:  # fmt: skip
    """Fit the rows that may be learnt from, judge on those of held-out problems, write both. The figures.

    ``widened`` may give the rows of a data set more columns.
    """
    surrogates, figures = {}, {}
    for name, path in tables.items():
        rows = widened(name, read(path))
        learn = [row for row in rows if row["kind"] != "test"]
        surrogates[name] = fit(learn, family, LEARNT)
        test = [row for row in rows if row["kind"] == "test"]
        figures[name] = {"rows": len(rows), "learnt": len(learn), **judge(surrogates[name], test)}
    save(folder, surrogates, {"figures": figures})
    return figures


def fit_among(
    tables: Mapping[str, Path], folder: Path, family: Family,
    widened: Callable[[str, Rows], Rows] = lambda _, rows: rows,
) -> dict[str, Any]:  # fmt: skip
    """As :func:`fit_tables`; the trees and figures of other data sets that ``folder`` holds stay.

    Raises ModelError where they cannot be read.
    """
    before: dict[str, Surrogate] = load(folder) if (folder / CONFIG).exists() else {}
    with TemporaryDirectory() as made:
        figures = fit_tables(tables, Path(made), family, widened)
        fresh, about = load(Path(made)), _about(Path(made))
    kept = _about(folder)["figures"] if before else {}
    save(folder, before | fresh, about | {"figures": kept | figures})
    return figures


def _about(folder: Path) -> dict[str, Any]:
    """A config without what belongs to the trees."""
    config = json.loads((folder / CONFIG).read_text("utf-8"))
    return {"figures": {}} | {name: each for name, each in config.items() if name != "datasets"}


def judge(surrogate: Surrogate, rows: Sequence[Mapping[str, str]], target: str = TARGET) -> dict[str, Any]:
    """How well rows are foretold, over all and, where problems have names, within them.

    ``ceiling`` is the same within problems for a foreteller who knows another training of each choice:
    what noise leaves, where choices were trained twice. ``rate_alone`` is that of the learning rate itself,
    ``spearman_upper`` is among choices with rates of UPPER and more, where battles are decided.
    """
    from scipy.stats import pearsonr, spearmanr

    if len(rows) < 3:
        return {"n": len(rows)}
    guess, real = surrogate.predict(rows), truth(rows, target)
    out: dict[str, Any] = {
        "n": len(rows), "pearson": _shown(pearsonr(guess, real)[0]),
        "spearman": _shown(spearmanr(guess, real)[0]), "mse": round(float(((guess - real) ** 2).mean()), 5),
        "mae": round(float(abs(guess - real).mean()), 4),
    }  # fmt: skip
    if "instance" in rows[0]:
        out |= _within(rows, guess, real)
    return out


def _within(rows: Sequence[Mapping[str, str]], guess: Floats, real: Floats) -> dict[str, Any]:
    found: dict[str, dict[tuple[str, ...], list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, row in enumerate(rows):
        chosen = tuple(value for name, value in row.items() if name.startswith("hp_"))
        found[row["instance"]][chosen].append(i)
    seen: dict[str, list[float]] = defaultdict(list)
    problems = [list(choices.values()) for choices in found.values() if len(choices) >= 8]
    for choices in problems:
        for name, value in _ranks(rows, choices, guess, real).items():
            seen[name].append(value)
    if not problems:
        return {}
    means = {name: float(np.nanmean(values)) for name, values in seen.items()}
    out = {"instances": len(problems)} | {name: _shown(means[name]) for name in seen if name != "noise"}
    if "one_training_with_another" in seen:
        one, noise = means["one_training_with_another"], means["noise"]
        # of a mean of two trainings: Spearman-Brown, and the root for a noiseless foreteller
        out |= {"ceiling": _shown((2 * one / (1 + one)) ** 0.5), "noise_sd": round(noise**0.5, 4)}
    return out


def _ranks(
    rows: Sequence[Mapping[str, str]], choices: Sequence[list[int]], guess: Floats, real: Floats
) -> dict[str, float]:
    """Rank correlations within one problem; ``choices`` are the rows of each choice."""
    from scipy.stats import spearmanr

    means, guesses = (np.array([of[each].mean() for each in choices]) for of in (real, guess))
    rates = np.array([float(rows[each[0]].get("hp_lr", "nan")) for each in choices])
    out = {"spearman_within": spearmanr(guesses, means)[0]}
    if np.isfinite(rates).all():
        out["rate_alone"] = spearmanr(rates, means)[0]
        if (upper := rates >= UPPER).sum() >= 4:
            out["spearman_upper"] = spearmanr(guesses[upper], means[upper])[0]
    if all(len(each) > 1 for each in choices):
        pairs = np.array([real[each[:2]] for each in choices])
        out["one_training_with_another"] = spearmanr(*pairs.T)[0]
        out["noise"] = np.square(pairs[:, 0] - pairs[:, 1]).mean() / 2
    return out


def _shown(value: complex) -> float | None:
    """To three places; None where there is no such figure, as of forecasts that are all alike."""
    found = complex(value)
    return round(found.real, 3) if found.imag == 0.0 and np.isfinite(found) else None


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False
