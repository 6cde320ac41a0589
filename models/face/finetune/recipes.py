"""Fine-tunes of the face generator towards one kind of face: the recipes, and networks made ready for them.

The recipes are those of the original Oh-LoRA (FineTune-v1, v4, v5, v8, v9): a generator learns from those
of its own pictures that the filter networks let through, so that the rest dies out. Steps are in
:mod:`models.face.finetune.training`, the pictures in :mod:`models.face.finetune.data`, version 3, which is a
conditional autoencoder, in :mod:`models.face.finetune.vae`, whole runs in :mod:`models.face.finetune.run`.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor, nn

from models.face.scores.measures import NAMES
from models.face.scores.networks import PropertyScoreCNN
from models.face.stylegan.discriminator import Discriminator
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.stylegan.latent import LABEL_DIM

MAPPING: Final = ("mapping",)
EXPRESSION: Final = ("eyes", "mouth", "pose")
ENDLESS: Final = float("inf")
DRAWS: Final = 1000  # codes whose mean w conditional truncation pulls towards


@dataclass(frozen=True)
class FineTune:
    """One fine-tune. Layers are named as in the networks; a name stands for all that lies below it.

    ``start`` is the step whose networks it begins with and ``data`` the one whose filtered pictures it
    learns from. ``labels`` are the property scores that go with the pictures; without any, the labels are
    zeros, as many as before. A layer that does not fit its forerunner is drawn anew, and so is ``fresh``.
    """

    name: str
    start: str = "v1"
    data: str = "v1"
    labels: tuple[str, ...] = ()
    layers: tuple[str, ...] = MAPPING  # of the generator that are trained
    critic_layers: int = 3  # trained, counted from the end: at first the last convolution and both dense
    critic_inputs: int = 0  # trained, counted from the end; without effect, for only input0 is ever used
    fresh: tuple[str, ...] = ()
    fresh_head: bool = False  # whether the critic's last layer is drawn anew
    whole_critic: bool = False  # train all its layers
    score_critic: bool = False  # judge by a property network instead
    split_mapping: bool = False
    batch: int = 8
    lr: float = 1e-4
    speed: float = 1.0  # times lr, for the mapping: its layers move a hundredth as fast as others
    r1_gamma: float = 10.0  # less for smaller pictures, whose gradients add up over fewer pixels
    r1_every: int = 1  # steps; where it is more, R1 counts as many times as much (Karras et al., CVPR 2020)
    warm_up: int = 0  # steps at first in which the critic alone learns: a fresh one would mislead
    again_g: float = 2.0  # the generator's update is repeated while its loss is so many critic's losses,
    again_d: float = ENDLESS  # the critic's while its loss is so many of the generator's last one
    mixing: float = 0.0  # chance that two codes share the layers
    jitter: float = 0.0  # change of brightness and contrast of the real pictures, at most
    psi: float = 1.0  # conditional truncation
    ema: float = 0.0  # of a running mean of the generator, which is then the result; 0: as trained
    seed: int = 20031011


_EARLY: Final = ("synthesis.layer0", "synthesis.layer1", "synthesis.output0")
_HALF: Final = (*(f"synthesis.layer{i}" for i in range(6)), *(f"synthesis.output{i}" for i in range(3)))
RELABELLED: Final = ("mapping.dense0", "mapping.label_weight")
_BRANCH: Final = ("mapping.dense_new0", "mapping.dense_new1")
RECIPES: Final = {
    recipe.name: recipe
    for recipe in (
        FineTune("v1", start="base", data="base", labels=NAMES, batch=16, mixing=0.9),
        # The original's text says that v4 does not mix; what was run did.
        FineTune("v4", data="base", labels=EXPRESSION, fresh=RELABELLED, fresh_head=True, mixing=0.9),
        FineTune(
            "v5", data="base", labels=EXPRESSION, layers=("mapping", "synthesis"), whole_critic=True,
            score_critic=True, batch=16, again_d=1.5, jitter=0.1, psi=0.5,
        ),
        FineTune("v8", layers=(*MAPPING, *_EARLY)),
        FineTune(
            "v9", layers=(*MAPPING, *_HALF), critic_layers=7, critic_inputs=2, split_mapping=True,
            again_d=2.5,
        ),
    )
}  # fmt: skip


class ScoreCritic(nn.Module):
    """The critic of v5: expression scores of a property network, compared with the label.

    Images [B, 3, r, r] in [-1, 1] and labels [B, 3] -> logits [B, 1]; 5.9 million parameters at full size.
    """

    def __init__(self, properties: PropertyScoreCNN) -> None:
        super().__init__()
        for name in EXPRESSION:
            part = properties.get_submodule(f"{name}_score_cnn")
            self.add_module(f"{name}_score_cnn", copy.deepcopy(part).requires_grad_(True))
        self.head = nn.Sequential(nn.Linear(2 * len(EXPRESSION), 64), nn.Tanh(), nn.Linear(64, 1))

    def forward(self, image: Tensor, label: Tensor) -> Tensor:
        """Whether pictures are real and show what their labels say."""
        scores = [self.get_submodule(f"{name}_score_cnn")(image) for name in EXPRESSION]
        return self.head(torch.cat([*scores, label], dim=1))


def succeed(
    drawn: nn.Module, state: dict[str, Tensor], fresh: tuple[str, ...] = (), may: tuple[str, ...] = ()
) -> None:
    """Give a freshly drawn network its forerunner's weights, in place.

    The layers ``fresh`` stay as drawn; those of ``may`` too where the forerunner lacks them or has them in
    another shape. Raises ValueError for any other that does not fit.
    """
    own = drawn.state_dict()
    fits = {key: value for key, value in state.items() if key in own and own[key].shape == value.shape}
    if strange := [key for key in own if key not in fits and not _below(key, (*fresh, *may))]:
        raise ValueError(f"these weights do not fit their forerunner's: {', '.join(strange[:3])}")
    drawn.load_state_dict({key: v for key, v in fits.items() if not _below(key, fresh)}, strict=False)


def _below(key: str, layers: tuple[str, ...]) -> bool:
    return any(key == layer or key.startswith(f"{layer}.") for layer in layers)


def train_only(module: nn.Module, layers: tuple[str, ...]) -> None:
    """Let gradients reach the parameters of ``layers`` alone. Raises ValueError for one that has none."""
    names = [name for name, _ in module.named_parameters()]
    for layer in layers:
        if not any(_below(name, (layer,)) for name in names):
            raise ValueError(f"no layer {layer}")
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(_below(name, layers))


def critic_layers(critic: Discriminator, layers: int, inputs: int = 0) -> tuple[str, ...]:
    """Names of a discriminator's last ``layers``, and of its last ``inputs`` fromRGB layers."""
    last, n = critic.n_convs + 2, len(critic.config.channels)
    convs = [f"layer{i}" for i in range(last - layers + 1, last + 1)]
    return (*convs, *(f"input{i}" for i in range(n - inputs, n)))


def relabelled(config: GeneratorConfig, n_labels: int, *, split: bool = False) -> GeneratorConfig:
    """A generator's sizes with so many labels (0: as many as it has) and, with ``split``, v9's branch."""
    wide = config.label_dim or (LABEL_DIM if n_labels else 0)
    both = split or config.split_mapping
    return replace(config, n_labels=n_labels or config.n_labels, label_dim=wide, split_mapping=both)


def prepare(
    recipe: FineTune,
    generator: Generator,
    critic: Discriminator | None,
    properties: PropertyScoreCNN | None = None,
) -> tuple[Generator, nn.Module]:
    """Generator and critic of a fine-tune, made of its forerunner's, with the recipe's layers to train.

    Where there is no critic, a fresh one with half of the generator's channels is trained in all its
    layers. Raises ValueError when a layer other than those of the mapping's input does not fit, and when
    v5's property network is missing.
    """
    torch.manual_seed(recipe.seed)
    old = generator.config
    made = Generator(relabelled(old, len(recipe.labels), split=recipe.split_mapping))
    succeed(made, generator.state_dict(), recipe.fresh, may=(*RELABELLED, *_BRANCH))
    train_only(made, recipe.layers)
    if recipe.score_critic:
        if properties is None:
            raise ValueError(f"{recipe.name} judges by a property network, and there is none")
        return made, ScoreCritic(properties)
    slim = tuple(max(1, n // 2) for n in old.channels)
    judge = Discriminator(replace(made.config, channels=critic.config.channels if critic else slim))
    if critic is None or recipe.whole_critic:
        layers = tuple(name for name, _ in judge.named_children())
    else:
        layers = critic_layers(judge, recipe.critic_layers, recipe.critic_inputs)
    if critic is not None:
        head = critic_layers(judge, 1)
        succeed(judge, critic.state_dict(), head if recipe.fresh_head else (), may=head)
    train_only(judge, layers)
    return made, judge


def styles(generator: Generator, z: Tensor, label: Tensor | None, psi: float = 1.0) -> Tensor:
    """wp [B, layers, w_dim] of codes. Below 1, ``psi`` draws w towards the mean of what has that label.

    Conditional truncation, of all layers: the mean is taken over 1,000 random codes for each label, without
    gradient.
    """
    w = generator.mapping(z, label)
    if psi < 1:
        with torch.no_grad():
            others = torch.randn(len(z) * DRAWS, z.shape[1], device=z.device)
            same = None if label is None else label.repeat_interleave(DRAWS, dim=0)
            centre = generator.mapping(others, same).view(len(z), DRAWS, -1).mean(dim=1)
        w = centre + psi * (w - centre)
    wp: Tensor = generator.truncation(w)
    return wp
