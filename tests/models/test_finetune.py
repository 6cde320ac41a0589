"""Fine-tunes of the face generator: recipes, losses, filters, resumed runs, and a real effect on toys."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from core.errors import ModelError
from models.face.charts import COLOURS, ticks
from models.face.finetune import data as finetune_data
from models.face.finetune import recipes
from models.face.finetune import run as finetune_run
from models.face.finetune.data import (
    Reals,
    all_within,
    concept,
    drawn,
    filtered,
    generated_set,
    jittered,
    labels_of,
    random_codes,
)
from models.face.finetune.recipes import RECIPES, FineTune, ScoreCritic, critic_layers, prepare, styles
from models.face.finetune.report import curves, report
from models.face.finetune.run import Judges, lay_base, load_step, run_finetune, run_vae, save_step
from models.face.finetune.training import FineTuner, critic_loss, read_log, repeated, run
from models.face.finetune.vae import PLACES, Encoder, VaeTrainer, VaeTune, judge, prepare_vae, vae_losses
from models.face.pixels import to_bytes
from models.face.scores.measures import NAMES
from models.face.scores.networks import PropertyScoreCNN
from models.face.stylegan.discriminator import Discriminator
from models.face.stylegan.generator import Generator, GeneratorConfig

TINY = GeneratorConfig(32, 6, 12, 3, 4, (8, 8, 6, 4))
WIDER = GeneratorConfig(64, 6, 12, 3, 4, (6, 6, 6, 4, 4))  # score networks want 64 pixels


class Light(nn.Module):
    """A filter: how light a picture is, beyond ``middle`` if ``sign`` is 1, below it if -1."""

    def __init__(self, sign: float = 1.0, middle: float = 0.0) -> None:
        super().__init__()
        self.sign, self.middle = nn.Parameter(torch.tensor(sign)), middle

    def forward(self, image: Tensor) -> Tensor:
        return torch.sigmoid(4 * self.sign * (image.mean(dim=(1, 2, 3)) - self.middle))[:, None]


class Sevenths(nn.Module):
    """A property network of seven linear readings of a picture."""

    def __init__(self, resolution: int = 32) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(7, 3 * resolution**2) / resolution)

    def forward(self, image: Tensor) -> Tensor:
        return image.flatten(1) @ self.weight.T


def tiny(config: GeneratorConfig = TINY, seed: int = 0) -> tuple[Generator, Discriminator]:
    torch.manual_seed(seed)
    return Generator(config).eval(), Discriminator(config)


def toy_judges(names: tuple[str, ...] = ("gender", "quality", "age", "glass")) -> Judges:
    torch.manual_seed(9)
    filters = {name: [Light(-1.0 if name in ("age", "glass") else 1.0)] for name in names}
    return Judges(cast(Any, filters), cast(Any, Sevenths()))


def noise_reals(config: GeneratorConfig, n_labels: int, n: int = 12) -> Reals:
    rng = np.random.default_rng(3)
    pictures = rng.integers(0, 256, (n, config.resolution, config.resolution, 3), dtype=np.uint8)
    return Reals(pictures, np.arange(n), rng.standard_normal((n, n_labels), np.float32))


def copied(module: nn.Module) -> dict[str, Tensor]:
    return {key: value.clone() for key, value in module.state_dict().items()}


def moved(module: nn.Module, before: dict[str, Tensor]) -> set[str]:
    return {key for key, value in module.state_dict().items() if not torch.equal(value, before[key])}


DENSE = {f"mapping.dense{i}.{kind}" for i in range(8) for kind in ("weight", "bias")}
MAPPING = DENSE | {"mapping.label_weight"}
BRANCH = {f"mapping.dense_new{i}.{kind}" for i in range(2) for kind in ("weight", "bias")}


def style_layers(n: int) -> set[str]:
    parts = ("weight", "bias", "apply_noise.weight", "style.weight", "style.bias")
    names = {f"synthesis.layer{i}.{part}" for i in range(n) for part in parts}
    return names - {"synthesis.layer0.weight"} | {"synthesis.layer0.const"}


def of_critic(*numbers: int) -> set[str]:
    return {f"layer{i}.{kind}" for i in numbers for kind in ("weight", "bias")}


# The small outputs, and fromRGB of small pictures, are listed for training by the original, and lie idle.
@pytest.mark.parametrize(
    ("name", "generator", "critic"),
    [
        ("v1", MAPPING, of_critic(6, 7, 8)),
        ("v4", MAPPING, of_critic(6, 7, 8)),
        ("v8", MAPPING | style_layers(2), of_critic(6, 7, 8)),
        ("v9", MAPPING | BRANCH | style_layers(6), of_critic(*range(2, 9))),
    ],
)
def test_a_recipe_moves_its_layers_and_no_others(name: str, generator: set[str], critic: set[str]) -> None:
    recipe = replace(RECIPES[name], batch=4)
    made, judge_net = prepare(recipe, *tiny())
    before, judged = copied(made), copied(judge_net)
    real, label = noise_reals(TINY, made.config.n_labels).batch(0, 0, 4)
    FineTuner(recipe, made, judge_net).step(real, label if recipe.labels else torch.zeros_like(label))
    assert moved(made, before) == generator
    assert moved(judge_net, judged) == critic


def test_version_5_moves_everything_and_judges_by_scores() -> None:
    torch.manual_seed(0)
    properties = PropertyScoreCNN(1 / 16, 64)
    recipe = replace(RECIPES["v5"], batch=2)
    made, critic = prepare(recipe, tiny(WIDER)[0], None, properties)
    before, judged = copied(made), copied(critic)
    assert isinstance(critic, ScoreCritic)
    kept = [key for key in judged if not key.startswith("head.")]
    assert all(torch.equal(judged[key], properties.state_dict()[key]) for key in kept) and len(kept) == 38
    FineTuner(recipe, made, critic).step(*noise_reals(WIDER, 3).batch(0, 0, 2))
    idle = {f"synthesis.output{i}.{kind}" for i in range(4) for kind in ("weight", "bias")}
    assert moved(made, before) == {name for name, _ in made.named_parameters()} - idle
    assert moved(critic, judged) == set(judged)
    assert not moved(properties, {**copied(properties), **{key: judged[key] for key in kept}})
    with torch.device("meta"):
        assert sum(p.numel() for p in ScoreCritic(PropertyScoreCNN()).parameters()) == 5_914_116
    with pytest.raises(ValueError, match="property network"):
        prepare(recipe, tiny(WIDER)[0], None)


def test_full_size_layers_are_the_originals() -> None:
    with torch.device("meta"):
        critic = Discriminator(GeneratorConfig.full())
    assert critic_layers(critic, 3) == ("layer12", "layer13", "layer14")
    v9 = RECIPES["v9"]
    named = critic_layers(critic, v9.critic_layers, v9.critic_inputs)
    assert named == (*(f"layer{i}" for i in range(8, 15)), "input5", "input6")


def test_what_fits_is_taken_over_and_the_rest_drawn() -> None:
    generator, critic = tiny()
    made, judged = prepare(RECIPES["v1"], generator, critic)  # from 3 labels to 7
    assert made.config.n_labels == 7 and not made.mapping.label_weight.shape == (3, 4)
    same = {key for key in made.state_dict() if key != "mapping.label_weight"}
    assert not moved(generator, {**copied(generator), **{key: made.state_dict()[key] for key in same}})
    other = {
        key for key, value in critic.state_dict().items() if value.shape != judged.state_dict()[key].shape
    }
    assert other == {"layer8.weight"}
    again, head = prepare(RECIPES["v4"], generator, critic)
    fresh = {"mapping.dense0.weight", "mapping.label_weight"}
    assert moved(again, copied(generator)) == fresh  # new biases are zeros, as the tiny one's are
    assert moved(head, copied(critic)) == {"layer8.weight"}
    split = prepare(RECIPES["v9"], generator, critic)[0]
    z, label = torch.randn(4, 6), torch.randn(4, 3)
    torch.testing.assert_close(split.mapping(z, label), generator.mapping(z, label), atol=0.01, rtol=0)
    narrow = tiny(replace(TINY, channels=(8, 8, 6, 3)))[1]
    assert cast(Any, prepare(RECIPES["v8"], generator, narrow)[1]).config.channels == (8, 8, 6, 3)
    with pytest.raises(ValueError, match="no layer synthesis"):
        prepare(replace(RECIPES["v8"], layers=("synthesis.layer8",)), generator, critic)


def test_without_a_critic_a_fresh_one_learns_whole() -> None:
    made = prepare(RECIPES["v8"], tiny()[0], None)[1]
    assert isinstance(made, Discriminator) and made.config.channels == (4, 4, 3, 2)
    assert all(p.requires_grad for p in made.parameters())


def test_zero_labels_leave_the_label_matrix_to_weight_decay() -> None:
    made, critic = prepare(RECIPES["v8"], *tiny())
    before = made.mapping.label_weight.detach().clone()
    real, _ = noise_reals(TINY, 3).batch(0, 0, 8)
    rounds = FineTuner(RECIPES["v8"], made, critic).step(real, torch.zeros(8, 3))["g_rounds"]
    wanted = before * (1 - 1e-4 * 0.01) ** rounds
    torch.testing.assert_close(made.mapping.label_weight.detach(), wanted, rtol=1e-7, atol=1e-7)


class Weighed(nn.Module):
    """A critic whose gradient is known: twice the sum of a picture, and the label."""

    def forward(self, image: Tensor, label: Tensor) -> Tensor:
        return (2 * image.sum(dim=(1, 2, 3)) + label[:, 0])[:, None]


def test_critic_loss_by_hand() -> None:
    real, fake, label = (
        torch.zeros(2, 3, 2, 2),
        torch.full((2, 3, 2, 2), 1 / 24),
        torch.tensor([[0.0], [1.0]]),
    )
    loss, r1, on_real, on_fake = critic_loss(Weighed(), real, fake, label)
    assert r1 is not None and r1.item() == pytest.approx(12 * 4)  # 12 numbers with a gradient of 2
    assert on_real.flatten().tolist() == [0.0, 1.0] and on_fake.flatten().tolist() == pytest.approx(
        [1.0, 2.0]
    )

    def softplus(x: float) -> float:
        return math.log1p(math.exp(x))

    logistic = (softplus(1) + softplus(2)) / 2 + (softplus(0) + softplus(-1)) / 2
    assert loss.item() == pytest.approx(logistic, rel=1e-6)
    loss, none, *_ = critic_loss(Weighed(), real, fake, label, penalised=False)
    assert none is None and loss.item() == pytest.approx(logistic, rel=1e-6)


def test_a_lazy_r1_is_found_once_at_every_nth_step() -> None:
    """The loss that is told, and that decides whether the critic is updated again, counts the last one."""
    real, told, asked = noise_reals(TINY, 3).batch(0, 0, 2)[0], [], list[int]()
    for every in (1, 2):
        recipe = replace(RECIPES["v9"], batch=2, r1_gamma=40.0, r1_every=every, again_d=0.0, again_g=math.inf)
        made, critic = prepare(recipe, *tiny())
        found = list[bool]()
        critic.register_forward_pre_hook(
            lambda _, given, found=found: found.append(given[0].is_leaf and given[0].requires_grad)
        )
        tuner = FineTuner(recipe, made, critic)
        told.append([tuner.step(real, torch.zeros(2, 3)) for _ in range(3)])
        asked.append(sum(found))
    eager, lazy = told
    assert [each["d_rounds"] for each in lazy] == [1, 4, 4]
    assert asked == [1 + 4 + 4, 1 + 0 + 1]
    assert lazy[0]["d"] == eager[0]["d"] > 20 * lazy[0]["r1"] > 0
    assert lazy[0]["r1"] == lazy[1]["r1"] != lazy[2]["r1"]


def test_in_the_warm_up_the_critic_learns_alone() -> None:
    recipe = replace(RECIPES["v8"], batch=2, warm_up=2, again_g=math.inf, ema=0.5)
    real = noise_reals(TINY, 3).batch(0, 0, 2)[0]
    tuner = FineTuner(recipe, *prepare(recipe, *tiny()))
    before, judged, told = copied(tuner.g), copied(tuner.d), []
    for wanted in (False, False, True):
        told.append(tuner.step(real, torch.zeros(2, 3)))
        assert bool(moved(tuner.g, before)) == bool(moved(tuner.result, before)) == wanted
        assert moved(tuner.d, judged)
        judged = copied(tuner.d)
    assert ["g" in each for each in told] == [False, False, True] and told[2]["g_rounds"] == 1
    figures = tuner.figures()
    assert figures["g"] == told[2]["g"] and figures["d"] == pytest.approx(np.mean([e["d"] for e in told]))


def test_convolutions_in_bfloat16_teach_about_the_same() -> None:
    recipe, seen = replace(RECIPES["v8"], batch=2, r1_every=2), []
    real = noise_reals(TINY, 3).batch(0, 0, 2)[0]
    for bf16 in (False, True):
        tuner = FineTuner(recipe, *prepare(recipe, *tiny()), bf16=bf16)
        seen.append([tuner.step(real, torch.zeros(2, 3))["d"] for _ in range(2)])
        assert all(p.dtype == torch.float32 for p in tuner.g.parameters())
    assert seen[0] == pytest.approx(seen[1], rel=0.05) and seen[0] != seen[1]


@pytest.mark.parametrize(
    ("losses", "outcome"),
    [([1.9, 9], (1.9, 1)), ([2.0, 1.0, 9], (1.0, 2)), ([5, 5, 5, 5, 9], (5, 4)), ([5, 4, 3, 1], (1, 4))],
)
def test_updates_are_repeated_four_times_at_most(losses: list[float], outcome: tuple[float, int]) -> None:
    given_losses = iter(losses)
    assert repeated(lambda: next(given_losses), lambda loss: loss >= 2.0) == outcome


def test_the_rules_compare_both_losses() -> None:
    """With factors of 0 both networks are updated as often as they may be, the critic not on its first step."""
    recipe = replace(RECIPES["v8"], again_g=0.0, again_d=0.0, batch=2)
    tuner = FineTuner(recipe, *prepare(recipe, *tiny()))
    real = noise_reals(TINY, 3).batch(0, 0, 2)[0]
    rounds = [tuner.step(real, torch.zeros(2, 3)) for _ in range(2)]
    assert [(each["d_rounds"], each["g_rounds"]) for each in rounds] == [(1, 4), (4, 4)]
    figures = tuner.figures()
    assert figures["d_rounds"] == 2.5 and figures["g"] == pytest.approx(np.mean([r["g"] for r in rounds]))
    assert 0 <= figures["auroc"] <= 1 and tuner.figures() == {}


def test_the_running_mean_and_the_mappings_own_rate() -> None:
    """Adam's first step is the rate itself; the mean takes 9/11 of it."""
    recipe = replace(RECIPES["v8"], batch=2, ema=0.99, speed=50.0, again_g=math.inf)
    tuner = FineTuner(recipe, *prepare(recipe, *tiny()))
    tuner.step(noise_reals(TINY, 3).batch(0, 0, 2)[0], torch.zeros(2, 3))
    assert tuner.result is not tuner.g
    for name, rate in (("mapping.dense7.bias", 5e-3), ("synthesis.layer1.bias", 1e-4)):
        now, mean = tuner.g.state_dict()[name], tuner.result.state_dict()[name]
        assert float(now.abs().max()) == pytest.approx(rate, rel=1e-2)  # it began with zeros
        torch.testing.assert_close(mean, now * 9 / 11)


def test_mixed_styles_by_hand() -> None:
    recipe = replace(RECIPES["v1"], mixing=1.0)
    made, critic = prepare(recipe, *tiny())
    label = torch.randn(3, 7)
    torch.manual_seed(4)
    found = FineTuner(recipe, made, critic).fake(label)
    torch.manual_seed(4)
    z, other = torch.randn(2, 3, 6)
    torch.rand(())
    first = int(torch.randint(1, 8, ()))
    wanted = made(z, label, mix_z=other, mix_from=first)  # the strength of noise begins with 0
    torch.testing.assert_close(found, wanted)
    assert not torch.allclose(found, made(z, label), atol=0.01)


def test_conditional_truncation_by_hand() -> None:
    generator, z, label = tiny()[0], torch.randn(2, 6), torch.randn(2, 3)
    torch.manual_seed(5)
    found = styles(generator, z, label, 0.25)
    torch.manual_seed(5)
    others = torch.randn(2000, 6)
    for i in range(2):
        same = label[i].expand(1000, 3)
        centre = generator.mapping(others[1000 * i : 1000 * i + 1000], same).mean(dim=0)
        w = generator.mapping(z, label)[i]
        for layer in found[i]:
            torch.testing.assert_close(layer, centre + 0.25 * (w - centre), atol=1e-5, rtol=1e-4)
    assert torch.equal(styles(generator, z, label), generator.truncation(generator.mapping(z, label)))


def odds(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def all_odds(*log_odds: float) -> np.ndarray:
    return np.array([odds(x) for x in log_odds])


def test_a_share_is_kept_by_the_joint_margin() -> None:
    scores = {"gender": all_odds(4, 1, -3, 6, 2), "age": all_odds(-5, -9, -9, 0, -4)}
    bounds = {"gender": odds(2), "age": odds(-3)}
    # margins: gender 2, -1, -5, 4, 0; age 2, 6, 6, -3, 1; the worse of both: 2, -1, -5, -3, 0
    kept = filtered(scores, bounds, 0.6)
    assert kept.within.tolist() == [0, 4] and kept.kept.tolist() == [0, 1, 4]
    assert kept.shift == pytest.approx(-1)
    assert kept.bounds == pytest.approx({"gender": odds(1), "age": odds(-2)})
    assert kept.figures()["within"] == 0.4 and kept.figures()["kept"] == 0.6
    stricter = filtered(scores, bounds, 0.2)
    assert stricter.kept.tolist() == [0] and stricter.shift == pytest.approx(2)
    assert stricter.bounds == pytest.approx({"gender": odds(4), "age": odds(-5)})


def test_the_originals_limits() -> None:
    v1, v3 = finetune_data.LIMITS["base"], finetune_data.LIMITS["v1"]
    scores = {
        "gender": np.array([0.92, 0.91, 0.99, 0.99, 0.99, 0.7]),
        "quality": np.array([0.9, 0.99, 0.89, 0.99, 0.99, 0.9]),
        "age": np.array([0.008, 0.0, 0.0, 0.009, 0.0, 0.9]),
        "glass": np.array([0.01, 0.0, 0.0, 0.0, 0.02, 0.9]),
    }
    assert all_within(scores, v3.bounds).tolist() == [True, False, False, False, False, False]
    assert all_within(scores, v1.bounds).tolist() == [True, True, False, True, True, True]
    assert 0.32 < v3.share < 0.38 and v1.share == pytest.approx(0.4703)


probabilities = st.lists(st.floats(0, 1), min_size=12, max_size=12).map(np.array)


@given(gender=probabilities, age=probabilities, count=st.integers(1, 12))
def test_the_best_are_kept_whatever_the_scores(gender: np.ndarray, age: np.ndarray, count: int) -> None:
    scores, bounds = {"gender": gender, "age": age}, {"gender": 0.9, "age": 0.01}
    kept = filtered(scores, bounds, count / 12)
    joint = finetune_data.margins(scores, bounds)
    dropped = np.setdiff1d(np.arange(12), kept.kept)
    assert len(kept.kept) >= count and (joint[dropped] < joint[kept.kept].min()).all()
    assert len(kept.kept) == count or (joint[kept.kept] == kept.shift).sum() > 1  # more only by ties


@pytest.mark.parametrize(
    ("scores", "share"), [({"age": [0.5]}, 1.0), ({"gender": [0.5]}, 0.1), ({"gender": [math.nan]}, 1.0)]
)
def test_what_cannot_be_filtered_is_refused(scores: dict[str, list[float]], share: float) -> None:
    with pytest.raises(ValueError, match=r"no scores|cannot keep"):
        filtered({key: np.array(value) for key, value in scores.items()}, {"gender": 0.5}, share)


def test_labels_are_z_scores_of_what_is_kept() -> None:
    scores = np.zeros((4, 7))
    scores[:, NAMES.index("mouth")] = [100, 1, 2, 3]
    found = labels_of(scores, np.array([1, 2, 3]), ("mouth", "eyes"))
    assert found.tolist() == [[-1, 0], [0, 0], [1, 0]]
    with pytest.raises(ValueError, match="2 pictures"):
        Reals(np.zeros((3, 4, 4, 3), np.uint8), np.arange(2), np.zeros((3, 1), np.float32))


def test_bytes_round_as_the_originals() -> None:
    levels = torch.tensor([-2.0, -1.0, 0.0, 1.0, 3.0]).view(1, 1, 1, 5).expand(1, 3, 1, 5)
    assert to_bytes(levels)[0, 0, :, 0].tolist() == [0, 0, 128, 255, 255]


def test_jitter_scales_light_and_contrast() -> None:
    torch.manual_seed(1)
    image = torch.full((64, 3, 2, 2), 0.0)
    image[:, :, 0] = 0.2  # light 0.6 above 0.5
    light = (jittered(image, 0.1) + 1) / 2
    bright = light.mean(dim=(1, 2, 3)) / 0.55
    contrast = (light[:, 0, 0, 0] - light[:, 0, 1, 0]) / (0.1 * bright)
    for factors in (bright, contrast):
        assert 0.9 - 1e-5 <= float(factors.min()) < 0.92 and 1.08 < float(factors.max()) <= 1.1 + 1e-5


def test_a_set_is_drawn_once_and_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune_data, "PART", 4)
    generator = tiny()[0]
    whole = generated_set(generator, 10, 1, tmp_path / "whole")

    class Cut(Exception):
        pass

    def cut(done: int) -> None:
        if done == 8:
            raise Cut

    with pytest.raises(Cut):
        generated_set(generator, 10, 1, tmp_path / "cut", cut)
    told: list[int] = []
    again = generated_set(generator, 10, 1, tmp_path / "cut", told.append)
    assert told == [10] and len(again) == 10
    assert np.array_equal(again.pictures, whole.pictures) and np.array_equal(again.z, whole.z)
    assert np.array_equal(drawn(generator, whole.z[5:6], whole.labels[5:6]), whole.pictures[5:6])
    told.clear()
    assert np.array_equal(generated_set(generator, 10, 1, tmp_path / "cut", told.append).labels, again.labels)
    assert not told
    for other, seed in ((generator, 2), (tiny(seed=1)[0], 1)):
        with pytest.raises(ValueError, match="another generator"):
            generated_set(other, 10, seed, tmp_path / "cut")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer pictures and draws where their number does not matter."""
    monkeypatch.setattr(finetune_run, "WATCHED", 8)
    monkeypatch.setattr(finetune_run, "COMPARED", 12)
    monkeypatch.setattr(recipes, "DRAWS", 10)


def based(work: Path, config: GeneratorConfig = TINY) -> Path:
    save_step(work / "base", *tiny(config))
    save_step(work / "v1", *tiny(config, seed=1))
    return work


EVERYTHING = replace(
    RECIPES["v9"], name="all", batch=2, ema=0.9, mixing=0.9, jitter=0.1, psi=0.9, again_d=1.0
)


@pytest.mark.usefixtures("few")
def test_a_resumed_run_ends_like_an_uninterrupted_one(tmp_path: Path) -> None:
    once, twice = based(tmp_path / "once"), based(tmp_path / "twice")
    judges = toy_judges()
    wanted = run_finetune(EVERYTHING, once, judges, steps=5, n=40, every=2)
    cut = run_finetune(EVERYTHING, twice, judges, steps=5, n=40, every=2, minutes=0)
    assert cut["steps"] == 1 and not cut["finished"]
    run_finetune(EVERYTHING, twice, judges, steps=3, n=40, every=2)
    with (twice / "all" / "log.jsonl").open("a") as file:
        file.write('{"step": 4, "d": 7.0}\n{"step": 6, "d"')  # of a run that was killed before it saved
    told: list[int] = []
    found = run_finetune(
        EVERYTHING, twice, judges, steps=5, n=40, every=2, report=lambda i, _: told.append(i)
    )
    assert found == wanted and told == [4, 5]
    for work_file in (
        "log.jsonl",
        "generator.safetensors",
        "critic.safetensors",
        "config.json",
        "outcome.json",
    ):
        assert (once / "all" / work_file).read_bytes() == (twice / "all" / work_file).read_bytes(), work_file
    log = read_log(once / "all" / "log.jsonl")
    assert [line["step"] for line in log] == [0, 2, 4]
    assert set(log[0]) == {"step", "gender", "quality", "age", "glass", "variety"} and log[0]["variety"] > 0
    assert set(log[1]) - set(log[0]) == {"d", "g", "r1", "d_rounds", "g_rounds", "auroc"}
    assert wanted["kept"]["kept"] == pytest.approx(15 / 40)
    generator, critic = load_step(once / "all")
    assert generator.config.split_mapping and critic is not None
    with pytest.raises(ValueError, match="another recipe"):
        run_finetune(replace(EVERYTHING, lr=1e-3), twice, judges, steps=9, n=40)
    with pytest.raises(ValueError, match="another generator, number"):
        run_finetune(EVERYTHING, twice, judges, steps=9, n=41)


@pytest.mark.usefixtures("few")
def test_only_a_fresh_critic_warms_up(tmp_path: Path) -> None:
    recipe, judges = replace(EVERYTHING, warm_up=3), toy_judges()
    assert run_finetune(recipe, based(tmp_path / "learnt"), judges, steps=1, n=40)["finished"]
    fresh = [based(tmp_path / name) for name in ("once", "twice")]
    for work in fresh:
        save_step(work / "v1", load_step(work / "v1")[0], None)
    with pytest.raises(ModelError, match="more than 3 steps"):
        run_finetune(recipe, fresh[0], judges, steps=3, n=40)
    wanted = run_finetune(recipe, fresh[0], judges, steps=4, n=40)
    run_finetune(recipe, fresh[1], judges, steps=4, n=40, minutes=0)
    assert run_finetune(recipe, fresh[1], judges, steps=4, n=40) == wanted
    first, second = ((work / "all" / "generator.safetensors").read_bytes() for work in fresh)
    assert first == second != (fresh[0] / "v1" / "generator.safetensors").read_bytes()


class Coarse(nn.Module):
    """A critic of sixteen coarse patches: it learns light and dark in a few steps."""

    def __init__(self) -> None:
        super().__init__()
        layers = nn.Flatten(), nn.Linear(48, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1)
        self.net = nn.Sequential(nn.AvgPool2d(8), *layers)

    def forward(self, image: Tensor, label: Tensor) -> Tensor:
        return cast(Tensor, self.net(image))


def test_outputs_become_as_bright_or_dark_as_what_is_learnt() -> None:
    """A real effect in both directions: what drifts by itself would drift alike."""
    recipe = FineTune("toy", layers=("mapping", "synthesis"), lr=8e-3, r1_gamma=300.0)
    z, labels = random_codes(tiny()[0], 100, 1)
    own = drawn(tiny()[0], z, labels)
    light = {0: float(own.mean())}
    for change in (-40, 40):
        pictures = np.clip(own.astype(int) + change, 0, 255).astype(np.uint8)
        reals = Reals(pictures, np.arange(100), np.zeros((100, 3), np.float32))
        tuner = FineTuner(recipe, prepare(recipe, *tiny())[0], Coarse())
        for number in range(25):
            tuner.step(*reals.batch(0, number, recipe.batch))
        light[change] = float(drawn(tuner.result, z, labels).mean())
    assert light[-40] + 3 < light[0] < light[40] - 10


def test_a_base_is_laid_from_a_checkpoint_of_the_first_training(tmp_path: Path) -> None:
    generator, critic = tiny()
    whole, part = tiny(replace(TINY, channels=(4, 4, 3, 2)), seed=3)[1], critic
    critics = nn.ModuleList([whole, part])
    state = {"ema": generator.state_dict(), "d": critics.state_dict(), "resolution": 32}
    torch.save(state, tmp_path / "adversarial.pt")
    lay_base(tmp_path / "adversarial.pt", tmp_path / "work")
    base, judged = load_step(tmp_path / "work" / "base")
    assert not moved(base, copied(generator))
    assert judged is not None and not moved(judged, copied(whole))
    torch.save({"ema": generator.state_dict()}, tmp_path / "paired.pt")
    lay_base(tmp_path / "paired.pt", tmp_path / "other")
    assert load_step(tmp_path / "other" / "base")[1] is None
    lay_base(tmp_path / "work" / "base", tmp_path / "third")
    assert load_step(tmp_path / "third" / "base")[1] is not None


def test_vae_losses_by_hand() -> None:
    found = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    wanted = torch.tensor([[0.0, 0.0, 2.0], [0.0, 1.0, 0.0]])
    mu, logvar = torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([[0.0, 4.0], [0.0, 0.0]])
    gender = torch.tensor([[0.5], [1.0]])
    losses = {
        key: float(value) for key, value in vae_losses(VaeTune(), found, wanted, gender, mu, logvar).items()
    }
    assert losses == pytest.approx(
        {"scores": 6 / 6, "gender": 0.125, "mu": 1.0, "logvar": 4.0, "loss": 1 + 0.125 + 0.2 + 0.2}
    )


def test_codes_are_judged_on_fifty_pictures() -> None:
    places = PLACES.astype(np.float64)
    assert places.shape == (50, 3) and len(np.unique(places, axis=0)) == 50
    still = places.copy()
    still[:, 1] = 0.0
    found = judge(np.stack([places, 2 * places + 0.5, still, -places]), torch.arange(8.0).view(4, 2))
    assert found.correlation == pytest.approx(np.array([[1, 1, 1], [1, 1, 1], [1, 0, 1], [-1, -1, -1]]))
    assert found.error[0].tolist() == [0, 0, 0]
    # |x + 0.5|: eyes (2.3 + 1.3) / 2; mouth of -1.2, -.6, 0, .8, 1.6; pose of -1.2, 0, 1.2, 2.4, 3.6
    assert found.error[1] == pytest.approx(
        [1.8, (0.7 + 0.1 + 0.5 + 1.3 + 2.1) / 5, (0.7 + 0.5 + 1.7 + 2.9 + 4.1) / 5]
    )
    assert found.error[2] == pytest.approx([0, (1.2 + 0.6 + 0.8 + 1.6) / 5, 0])
    assert found.passed.tolist() == [True, False, False, False] and found.best == 0
    assert judge(np.stack([-places, 2 * places + 0.5]), torch.zeros(2, 2)).best == 1


def vae_trainer(epoch: int = 2) -> VaeTrainer:
    recipe = VaeTune(labels=NAMES, batch=2, width=1 / 16)
    torch.manual_seed(0)
    scorers = PropertyScoreCNN(1 / 32, 64), Light()
    return VaeTrainer(
        recipe, *prepare_vae(recipe, tiny(WIDER)[0]), scorers[0], cast(Any, scorers[1]), epoch=epoch
    )


def test_a_step_of_the_autoencoder_by_hand() -> None:
    trainer = vae_trainer()
    real, label = noise_reals(WIDER, 7).batch(0, 0, 2)
    mu, logvar = trainer.encoder(real, label)
    finetune_data.seeded(trainer.recipe.seed, 0)
    z = mu + torch.randn(2, 6) * torch.exp(logvar) ** 0.5
    image = trainer.g(z, label)  # the strength of noise begins with 0
    eyes_mouth_pose = [0, 3, 4]
    found, wanted = trainer.properties(image)[:, eyes_mouth_pose], label[:, eyes_mouth_pose]
    losses = vae_losses(trainer.recipe, found, wanted, Light()(image), mu, logvar)
    assert trainer.step(real, label) == pytest.approx({key: v.item() for key, v in losses.items()}, rel=1e-5)
    torch.testing.assert_close(trainer.recent, z[:1].detach())


def test_the_autoencoder_moves_mapping_and_encoder_and_is_resumed() -> None:
    reals = noise_reals(WIDER, 7)
    once, twice = vae_trainer(), vae_trainer()
    before, encoded = copied(once.g), copied(once.encoder)
    scorer = copied(once.properties)
    for i in range(3):
        once.step(*reals.batch(0, i, 2))
    assert moved(once.g, before) == MAPPING
    assert moved(once.encoder, encoded) == set(encoded)
    assert not moved(once.properties, scorer)
    twice.step(*reals.batch(0, 0, 2))
    third = vae_trainer()
    third.load(twice.state())
    for i in (1, 2):
        third.step(*reals.batch(0, i, 2))
    assert not moved(third.g, copied(once.g)) and not moved(third.encoder, copied(once.encoder))
    assert torch.equal(third.recent, once.recent) and once.recent.shape == (3, 6)
    assert third.figures() == once.figures()
    swing = (1 + math.cos(math.pi / 10)) / 2  # the third step is of the second epoch
    assert [group["lr"] for group in once.opt.param_groups] == pytest.approx([1e-4 * swing, 1e-5 * swing])
    with pytest.raises(ValueError, match="another recipe"):
        vae_trainer(3).load(once.state())


def test_the_encoder_has_the_originals_size() -> None:
    """Five convolutions to 256 x 8 x 8, the label before and after the hidden layer."""
    convs = 0
    for a, b in ((3, 32), (32, 64), (64, 128), (128, 128), (128, 256)):
        convs += 16 * a * b + b
    dense = (256 * 64 + 7) * 512 + 512
    with torch.device("meta"):
        encoder = Encoder(GeneratorConfig.full())
    assert sum(p.numel() for p in encoder.parameters()) == convs + dense + 2 * ((512 + 7) * 512 + 512)
    mu, logvar = Encoder(WIDER, 1 / 16)(torch.randn(2, 3, 64, 64), torch.randn(2, 3))
    assert mu.shape == logvar.shape == (2, 6)


@pytest.mark.usefixtures("few")
def test_a_run_of_the_autoencoder_keeps_its_best_code(tmp_path: Path) -> None:
    work = based(tmp_path, WIDER)
    torch.manual_seed(0)
    judges = Judges(cast(Any, toy_judges(("gender", "quality")).filters), PropertyScoreCNN(1 / 32, 64))
    outcome = run_vae(VaeTune(batch=2, width=1 / 16), work, judges, epochs=2, n=10)
    log = read_log(work / "v3" / "log.jsonl")
    assert outcome["steps"] == 4 and [line["step"] for line in log] == [0, 2, 4]
    code = json.loads((work / "v3" / "code.json").read_text())
    assert outcome["chosen"] == code and len(code["z"]) == 6
    assert code["mean"] == pytest.approx(max(line["correlation"] for line in log[1:])) and not code["passed"]
    assert load_step(work / "v3")[0].config.n_labels == 7
    text = report(work)
    assert f"| v3, its best code (does not pass, epoch {code['epoch']}) | " in text
    assert "| v3, original's best code (passes, epoch 5) | 0.893 / 0.858 / 0.932 |" in text


def test_what_follows_its_labels_correlates_with_them() -> None:
    rng = np.random.default_rng(0)
    labels, properties = rng.standard_normal((50, 2)), rng.standard_normal((50, 7))
    properties[:, NAMES.index("mouth")] = 2 * labels[:, 0] + 1
    properties[:, NAMES.index("eyes")] = -labels[:, 1]
    scores = {"gender": rng.random(50), "properties": properties, "labels": labels}
    found = concept(scores, {}, ("mouth", "eyes"))
    assert found["correlation"] == pytest.approx([1, -1])
    assert found["error"] == pytest.approx([np.abs(labels[:, 0] + 1).mean(), 2 * np.abs(labels[:, 1]).mean()])
    assert "correlation" not in concept(scores, {}) and set(found["mean"]) == {"gender", "variety"}


def written_log(path: Path, up: float) -> Path:
    lines: list[dict[str, float]] = []
    for i in range(41):
        done = 1 - math.exp(-i / 12)
        line = {"step": 50 * i, "gender": 0.9 + up * done, "quality": 0.96 + 0.03 * done}
        line |= {"age": 0.06 - 0.05 * done, "glass": 0.05 * (1 - up * 10 * done)}
        if i:
            line |= {"d": 1.4 - 0.2 * done, "g": 0.9 + up, "auroc": 0.7 + 0.2 * done}
        lines.append(line)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_curves_are_drawn_in_two_colours(tmp_path: Path) -> None:
    logs = {"v8": written_log(tmp_path / "8.jsonl", 0.06), "v9": written_log(tmp_path / "9.jsonl", 0.08)}
    colours = {colour for _, colour in cast(Any, curves(logs).getcolors(1 << 20))}
    assert set(COLOURS[:2]) <= colours and not set(COLOURS[2:]) & colours
    with pytest.raises(ValueError, match="nothing to draw"):
        curves({"v8": tmp_path / "none.jsonl"})


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (0, 2000, [0, 500, 1000, 1500, 2000]),
        (0.918, 0.989, [0.9, 0.92, 0.94, 0.96, 0.98, 1.0]),
        (-1, 1, [-1, -0.5, 0, 0.5, 1]),
    ],
)
def test_ticks_are_round(low: float, high: float, wanted: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(wanted)


@given(low=st.floats(-1e6, 1e6), span=st.floats(0, 1e6))
def test_ticks_hold_everything(low: float, span: float) -> None:
    found = ticks(low, low + span)
    slack = 1e-6 * max(abs(low), span, 1e-3)
    assert 2 <= len(found) <= 8 and found[0] <= low + slack and found[-1] >= low + span - slack
    assert found == sorted(set(found))


def test_the_report_puts_the_originals_figures_beside(tmp_path: Path) -> None:
    each = {
        "mean": {"gender": 0.91, "quality": 0.9}, "share": {"gender": 0.7, "quality": 0.9}, "all": 0.6,
        "given": 0.31, "used": 0.42,
    }  # fmt: skip
    after = {
        "mean": {"gender": 0.98, "quality": 0.9}, "share": {"gender": 0.95, "quality": 0.9}, "all": 0.85,
        "given": 0.73, "used": 0.84,
    }  # fmt: skip
    kept = {"data": "v1", "n": 100, "within": 0.5, "kept": 0.38, "shift": 1.0, "bounds": {"gender": 0.95}}
    outcome = {"steps": 9, "finished": True, "kept": kept, "before": each, "after": after}
    for name in ("v1", "v8"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "outcome.json").write_text(json.dumps(outcome))
    text = report(tmp_path)
    assert "| v8 | v1 | 100 | 50.0 % | 38.0 % | 37.9 % | gender 0.95 | 9 |" in text
    assert (
        "| v8 | 31.0 % → 73.0 % | 42.0 % → 84.0 % | 60.0 % → 85.0 % | 70.0 % → 95.0 % | 90.0 % → 90.0 % |"
        in text
    )
    assert "| v1, original (by eye) |  |  |  | 55.6 % → 93.7 % |  |" in text
    assert "| v8 | 0.910 → 0.980 | 0.900 → 0.900 |" in text
    assert "| v8, original | 0.918 → 0.983 | 0.966 → 0.990 |" in text
    about = {
        "generator": TINY.to_json(), "recipe": asdict(replace(RECIPES["v8"], speed=20.0, r1_gamma=2.0)),
    }  # fmt: skip
    (tmp_path / "v8" / "config.json").write_text(json.dumps(about))
    differs = report(tmp_path).split("recipe\n")[1]
    assert "| v1 | batches | 9 | 11,500 |" in differs and "| v8 | pictures drawn | 100 | 13,000 |" in differs
    assert "| v8 | rate of the mapping, times | 20 | 1 |" in differs and "| v8 | R1 | 2 | 10 |" in differs
    assert "256 px, w 512" in differs and "| v8 | batch |" not in differs and "| v8 | labels" not in differs
    with pytest.raises(FileNotFoundError):
        report(tmp_path / "v8")


def test_a_run_of_other_pictures_is_not_resumed(tmp_path: Path) -> None:
    recipe = replace(RECIPES["v8"], batch=2)
    reals = noise_reals(TINY, 3)

    def go(these: Reals) -> bool:
        tuner = FineTuner(recipe, *prepare(recipe, *tiny()))
        return run(tuner, these, tmp_path, seed=1, batch=2, steps=1, every=1, record=tuner.figures)

    assert go(reals) and go(reals)
    with pytest.raises(ValueError, match="other pictures"):
        go(replace(reals, index=reals.index[:5], labels=reals.labels[:5]))
