"""The discriminator against an independent reference, its names and shapes, and how critics learn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from models.face.stylegan.critics import Critics
from models.face.stylegan.discriminator import Discriminator
from models.face.stylegan.generator import GeneratorConfig
from models.face.stylegan.muon import Convolutions
from models.face.stylegan.stage import FaceTrainConfig

Floats = NDArray[np.float64]
CHANNELS = (64, 128, 256, 512, 512, 512, 512)  # of 256, 128, ... 4 px
SMALL = GeneratorConfig(256, 8, 8, 3, 4, (7, 6, 6, 5, 5, 4, 3))


def full_size() -> dict[str, tuple[int, ...]]:
    """Names and shapes of the original's 7-label discriminator, written out from its published layout."""
    out: dict[str, tuple[int, ...]] = {"lod": ()}
    for i, c in enumerate(CHANNELS):
        out |= {f"input{i}.weight": (c, 3, 1, 1), f"input{i}.bias": (c,)}
        if i < 6:
            after = CHANNELS[i + 1]
            out |= {f"layer{2 * i}.weight": (c, c, 3, 3), f"layer{2 * i}.bias": (c,)}
            out |= {f"layer{2 * i + 1}.weight": (after, c, 3, 3), f"layer{2 * i + 1}.bias": (after,)}
            out[f"layer{2 * i + 1}.blur.kernel"] = (c, 1, 3, 3)
    out |= {"layer12.weight": (512, 513, 3, 3), "layer12.bias": (512,)}
    out |= {"layer13.weight": (512, 8192), "layer13.bias": (512,)}
    return out | {"layer14.weight": (1, 519), "layer14.bias": (1,)}


def filled(config: GeneratorConfig) -> Discriminator:
    """A critic whose biases are not at their zeros."""
    torch.manual_seed(0)
    critic = Discriminator(config)
    for name, value in critic.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(value, std=0.3)
    return critic.eval()


class Reference:
    """The discriminator in NumPy and float64, picture by picture, from the published numerics."""

    def __init__(self, critic: Discriminator) -> None:
        self.s = {name: value.double().numpy() for name, value in critic.state_dict().items()}
        self.n = sum(name.startswith("input") for name in self.s) // 2

    @staticmethod
    def lrelu(x: Floats) -> Floats:
        return np.where(x > 0, x, 0.2 * x)

    @staticmethod
    def correlate(x: Floats, weight: Floats, stride: int = 1) -> Floats:
        """A kernel of any size over a picture [C, h, w] with one row of zeros around."""
        side, pad = weight.shape[2], np.pad(x, ((0, 0), (1, 1), (1, 1)))
        size = (pad.shape[1] - side) // stride + 1
        out = np.zeros((len(weight), size * size))
        for a in range(side):
            for b in range(side):
                seen = pad[:, a : a + stride * size : stride, b : b + stride * size : stride]
                out += weight[:, :, a, b] @ seen[:, :size, :size].reshape(len(x), -1)
        return out.reshape(-1, size, size)

    @staticmethod
    def blur(x: Floats) -> Floats:
        pad, size = np.pad(x, ((0, 0), (1, 1), (1, 1))), x.shape[1]
        out = np.zeros_like(x)
        for a, down in enumerate((1, 2, 1)):
            for b, across in enumerate((1, 2, 1)):
                out += down * across / 16 * pad[:, a : a + size, b : b + size]
        return out

    def conv(self, x: Floats, i: int, *, down: bool) -> Floats:
        weight, bias = self.s[f"layer{i}.weight"], self.s[f"layer{i}.bias"][:, None, None]
        weight = weight * np.sqrt(2) / np.sqrt(9 * weight.shape[1])
        if not down:
            return self.lrelu(self.correlate(x, weight) + bias)
        x, size = self.blur(x), x.shape[1]
        if size >= 128:
            four = np.zeros((*weight.shape[:2], 4, 4))
            for a in (0, 1):
                for b in (0, 1):
                    four[:, :, a : a + 3, b : b + 3] += weight / 4
            return self.lrelu(self.correlate(x, four, 2) + bias)
        x = self.correlate(x, weight) + bias
        return self.lrelu(x.reshape(len(x), size // 2, 2, size // 2, 2).mean(axis=(2, 4)))

    def features(self, image: Floats) -> Floats:
        """A picture [3, r, r] down to [C, 4, 4]."""
        weight = self.s["input0.weight"][:, :, 0, 0] * np.sqrt(2 / 3)
        x = self.lrelu(np.tensordot(weight, image, 1) + self.s["input0.bias"][:, None, None])
        for i in range(self.n - 1):
            x = self.conv(self.conv(x, 2 * i, down=False), 2 * i + 1, down=True)
        return x

    def logits(self, images: Floats, labels: Floats) -> Floats:
        """[B, 3, r, r] and [B, labels] -> [B]; every picture learns how much those of its group differ."""
        seen, last = np.stack([self.features(image) for image in images]), 2 * (self.n - 1)
        groups, out = max(1, len(seen) // 16), []
        for number, (x, label) in enumerate(zip(seen, labels, strict=True)):
            group = seen[number % groups :: groups]
            spread = np.sqrt(((group - group.mean(axis=0)) ** 2).mean(axis=0) + 1e-8).mean()
            x = self.conv(np.concatenate([x, np.full((1, 4, 4), spread)]), last, down=False).ravel()
            weight = self.s[f"layer{last + 1}.weight"]
            x = self.lrelu(weight @ x * np.sqrt(2 / len(x)) + self.s[f"layer{last + 1}.bias"])
            x, weight = np.concatenate([x, label]), self.s[f"layer{last + 2}.weight"]
            out.append((weight @ x / np.sqrt(len(x)) + self.s[f"layer{last + 2}.bias"])[0])
        return np.array(out)


def both(config: GeneratorConfig, batch: int, dtype: Any) -> tuple[Floats, Floats]:
    """Logits by the discriminator and by the reference."""
    rng, critic = np.random.default_rng(1), filled(config)
    images = rng.standard_normal((batch, 3, config.resolution, config.resolution)).astype(np.float32)
    labels = rng.standard_normal((batch, config.n_labels)).astype(np.float32)
    reference = Reference(critic)
    critic = critic.to(dtype)
    with torch.inference_mode():
        found = critic(torch.tensor(images, dtype=dtype), torch.tensor(labels, dtype=dtype))
    assert found.shape == (batch, 1)
    with threadpool_limits(1):
        wanted = reference.logits(images.astype(np.float64), labels.astype(np.float64))
    assert np.abs(wanted).max() > 0.1
    return found[:, 0].double().numpy(), wanted


def test_names_and_shapes_are_the_originals() -> None:
    found = {name: tuple(v.shape) for name, v in Discriminator(GeneratorConfig.full()).state_dict().items()}
    assert len(found) == 51 and found == full_size()


def test_full_size_agrees_with_the_reference() -> None:
    found, wanted = both(GeneratorConfig.full(), 1, torch.float32)
    assert np.abs(found - wanted).max() < 1e-4


@pytest.mark.parametrize("batch", [1, 3, 32])
def test_numerics_agree_with_the_reference_to_the_last_digits(batch: int) -> None:
    """With few channels in double precision: no rounding hides a different formula."""
    config = SMALL if batch < 32 else replace(SMALL, resolution=16, channels=(5, 4, 3))
    found, wanted = both(config, batch, torch.float64)
    assert np.abs(found - wanted).max() < 1e-10


def test_the_label_counts() -> None:
    critic, image = filled(SMALL), torch.randn(1, 3, 256, 256)
    with torch.inference_mode():
        one, other, none = critic(image, torch.ones(1, 3)), critic(image, -torch.ones(1, 3)), critic(image)
    assert not torch.allclose(one, other)
    assert torch.allclose(none, (one + other) / 2, atol=1e-5)  # it is added to the last features


# Critics of a training

ADVERSARIAL = FaceTrainConfig(resolution=8, batch=2, adversarial=0.1, r1_gamma=3.0, r1_every=2, lr=0.01)


def critics(**how: Any) -> Critics:
    torch.manual_seed(0)
    return Critics(replace(ADVERSARIAL, **how))


def softplus(x: Floats) -> Floats:
    return np.log1p(np.exp(x))


class Sum(torch.nn.Module):
    """A critic whose logit is so many times the sum of a picture."""

    def __init__(self, times: float) -> None:
        super().__init__()
        self.times = torch.nn.Parameter(torch.tensor(times))

    def forward(self, image: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        return self.times * image.sum(dim=(1, 2, 3))[:, None]


def test_the_loss_is_the_non_saturating_one_with_r1_at_its_steps() -> None:
    judging, label = critics(), torch.zeros(2, 3)
    judging.nets = torch.nn.ModuleList([Sum(0.2), Sum(0.3), Sum(0.0)])
    real, fake = (torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(n)) for n in (1, 2))
    on = [  # of the whole, of its part (rows and columns 2 to 5), and of a window that says nothing
        np.concatenate([0.2 * x.sum((1, 2, 3)), 0.3 * x[:, :, 2:6, 2:6].sum((1, 2, 3)), [0.0, 0.0]])
        for x in (real.double().numpy(), fake.double().numpy())
    ]
    plain = softplus(on[1]).mean() + softplus(-on[0]).mean()
    r1 = 3 * (16 * (0.2 + 0.3) ** 2 + 48 * 0.2**2)  # squared slopes of all pixels, in three colours
    assert judging.step(real, fake, label, 1) == pytest.approx(plain, rel=1e-5)
    assert judging.step(real, fake, label, 2) == pytest.approx(plain + 3.0 / 2 * 2 * r1, rel=1e-5)


def test_the_window_is_elsewhere_at_every_step() -> None:
    judging, label, places = critics(), torch.zeros(1, 3), set[int]()
    judging.nets = torch.nn.ModuleList([Sum(0.0), Sum(0.0), Sum(1.0)])
    picture = torch.zeros(1, 3, 8, 8)
    picture[0, 0] = 2.0 ** torch.arange(8) + 2.0 ** torch.arange(8, 16)[:, None]  # tells where it was cut
    cuts = {
        float(picture[:, :, top : top + 4, left : left + 4].sum()): 5 * top + left
        for top in range(5)
        for left in range(5)
    }
    with torch.no_grad():
        for number in range(40):
            logit = float(judging.judge(picture, label, number)[2])
            assert logit == float(judging.judge(picture, label, number)[2])
            places.add(cuts[logit])
    assert len(places) > 12


def test_critics_learn_to_tell_and_do_not_learn_when_they_are_fooled() -> None:
    torch.manual_seed(1)
    judging = critics(r1_every=1, lr=0.02)
    label = torch.zeros(4, 3)
    for number in range(12):
        judging.step(0.5 + 0.2 * torch.randn(4, 3, 8, 8), -0.5 + 0.2 * torch.randn(4, 3, 8, 8), label, number)
    real, fake = torch.full((4, 3, 8, 8), 0.5), torch.full((4, 3, 8, 8), -0.5).requires_grad_(True)
    with torch.no_grad():
        logits = [judging.judge(each, label, 0) for each in (real, fake)]
    assert [len(each) for each in logits] == [12, 12]  # of whole portraits, their crops, their windows
    assert float(logits[0].min()) > float(logits[1].max())
    judging.opt.zero_grad(set_to_none=True)
    loss = judging.fool(fake, label, 0)
    assert float(loss.detach()) == pytest.approx(softplus(-logits[1].double().numpy()).mean(), rel=1e-4)
    torch.autograd.backward(loss)
    assert fake.grad is not None and float(fake.grad.abs().max()) > 0
    assert all(p.grad is None and p.requires_grad for p in judging.nets.parameters())


# Muon


def test_a_muon_step_turns_and_never_stretches() -> None:
    """The step of a kernel is, nearly, the orthogonal factor of its gradient, of the size of Adam's."""
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(4, 6, 3), torch.nn.Conv2d(6, 5, 1), torch.nn.Conv2d(5, 8, 3)
    trained, lr = Convolutions(torch.nn.Sequential(*layers), 0.05), 0.05
    first, pixel, second = (layer.weight for layer in layers)
    assert [p is q for p, q in zip(trained.weights, (first, second), strict=True)] == [True, True]
    before, grad = first.detach().clone(), torch.randn(6, 4, 3, 3)
    others = [pixel.detach().clone(), second.detach().clone()]
    assert layers[0].bias is not None
    bias = layers[0].bias.detach().clone()
    first.grad = grad
    trained.step()
    moved = (first.detach() - before).view(6, 36)
    u, _, v = torch.linalg.svd(grad.view(6, 36), full_matrices=False)
    size = lr * 0.2 * 36**0.5
    assert float((moved * (u @ v)).sum() / (moved.norm() * 6**0.5)) < -0.97
    stretch = torch.linalg.svdvals(moved) / size
    assert 0.6 < float(stretch.min()) and float(stretch.max()) < 1.3
    assert torch.equal(layers[0].bias, bias) and torch.equal(pixel, others[0])
    assert torch.equal(second, others[1])  # without a gradient it stays
    trained.clear()
    assert first.grad is None
