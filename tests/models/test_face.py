"""Painter, generator, latent codes, directions, and the files a face is loaded from."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import ModelError
from core.people import Film, Scores
from models.face.painter.params import PARAM_NAMES
from models.face.portraits import LocalPortraits
from models.face.service import Face, load_engine, save_faces
from models.face.stylegan.discriminator import Discriminator
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.face.stylegan.latent import (
    N_EXPRESSION,
    code_of_gaussian,
    gaussian_of_code,
    orthonormal_label_weight,
    settled,
    write_passage,
)
from models.face.vectorfind.calibration import Calibration
from models.runtime.queue import Whole

SMALL = GeneratorConfig.mini(32)
N = len(PARAM_NAMES)


def small_generator() -> Generator:
    torch.manual_seed(0)
    generator = Generator(SMALL)
    generator.mapping.label_weight.data.copy_(orthonormal_label_weight(SMALL))
    write_passage(generator.mapping, N)
    return generator.eval()


def test_full_size_is_the_originals() -> None:
    generator, critic = Generator(GeneratorConfig.full()), Discriminator(GeneratorConfig.full())
    assert sum(p.numel() for p in generator.parameters()) == 26_094_533
    assert sum(b.numel() for b in generator.buffers()) == 193_121
    assert len(generator.state_dict()) == 123
    assert sum(p.numel() for p in critic.parameters()) == 23_052_360
    assert len(critic.state_dict()) == 51
    assert sum(p.numel() for p in Generator(GeneratorConfig.full(3)).parameters()) == 26_094_469
    shapes = {k: tuple(v.shape) for k, v in generator.state_dict().items()}
    assert shapes["mapping.dense0.weight"] == (512, 528)
    assert shapes["synthesis.layer12.weight"] == (64, 128, 3, 3)
    assert shapes["synthesis.layer8.blur.kernel"] == (256, 1, 3, 3)


def test_fused_up_convolution_equals_its_definition() -> None:
    """Zero-padded kernel, four shifted copies summed, stride-2 transposed convolution."""
    config = GeneratorConfig(128, 8, 8, 0, 0, (4, 4, 4, 4, 4, 3))
    layer: Any = Generator(config).synthesis.get_submodule("layer10")
    x = torch.randn(1, 4, 64, 64)
    kernel = torch.nn.functional.pad(layer.weight * layer.scale, (1, 1, 1, 1))
    four = kernel[:, :, 1:, 1:] + kernel[:, :, :-1, 1:] + kernel[:, :, 1:, :-1] + kernel[:, :, :-1, :-1]
    wanted = torch.nn.functional.conv_transpose2d(x, four.permute(1, 0, 2, 3), stride=2, padding=1)
    assert torch.allclose(layer._conv(x), layer.blur(wanted), atol=1e-5)


def test_discriminator_judges_any_batch() -> None:
    critic = Discriminator(SMALL)
    for batch in (1, 3, 16):
        assert critic(torch.randn(batch, 3, 32, 32), torch.randn(batch, 3)).shape == (batch, 1)


def test_codes_fill_the_norm_and_come_back() -> None:
    codes = torch.randn(64, N)
    z, label = code_of_gaussian(codes, SMALL, torch.Generator().manual_seed(0))
    total = z.square().sum(1) + label.square().sum(1)
    assert torch.allclose(total, torch.full((64,), 80.0 + 16.0), atol=1e-3)
    assert torch.allclose(gaussian_of_code(3 * z, 3 * label, N), codes, atol=1e-4)
    with pytest.raises(ValueError, match="z_dim"):
        code_of_gaussian(torch.randn(2, 3 + 77), SMALL)


def test_faces_on_offer_look_at_one_and_smile() -> None:
    codes = torch.randn(512, N)
    z, label = code_of_gaussian(codes, SMALL, torch.Generator().manual_seed(0))
    z = settled(z)
    calm = gaussian_of_code(z, label, N)
    first = N_EXPRESSION, N_EXPRESSION + 4
    assert PARAM_NAMES[slice(*first)] == ("tilt", "gaze", "smile", "brow")
    assert torch.allclose(calm[:, slice(*first)].mean(0), torch.tensor([0, 0, 0.8, 0]), atol=0.06)
    assert float(calm[:, slice(*first)].std(0).max()) < 0.4
    assert torch.allclose(calm[:, first[1] :], codes[:, first[1] :], atol=0.4)  # but for the norm, as drawn


def test_a_fresh_mapping_carries_the_code_to_w() -> None:
    codes = torch.randn(8, N)
    w = small_generator().mapping(*code_of_gaussian(codes, SMALL, torch.Generator().manual_seed(0)))
    assert torch.allclose((w[:, :N] - w[:, N : 2 * N]) / 1.2, codes, atol=1e-4)


def test_truncation_pulls_the_first_layers_only() -> None:
    generator = small_generator()
    generator.truncation.w_avg.fill_(1.0)
    w = torch.zeros(1, SMALL.w_dim)
    wp = generator.truncation(w, psi=0.25, layers=2)
    assert torch.allclose(wp[0, :2], torch.tensor(0.75)) and torch.allclose(wp[0, 2:], torch.tensor(0.0))
    assert torch.equal(generator.truncation(w, psi=0.25), torch.zeros(1, SMALL.n_layers, SMALL.w_dim))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    generator = small_generator()
    plain = Calibration(
        np.vstack([np.zeros((1, 3)), np.eye(3), np.zeros((6, 3))]), np.full(3, -1.0), np.full(3, 1.0)
    )
    faces = [Face(name, torch.randn(SMALL.w_dim), plain) for name in ("a", "b")]
    save_faces(tmp_path / "face", generator, torch.eye(3, SMALL.w_dim), faces)
    return tmp_path / "face"


def portraits_of(folder: Path) -> LocalPortraits:
    engine = load_engine(folder)
    return LocalPortraits(Whole(engine.run), {face.id: face.name for face in engine.faces.values()})


async def test_portraits_are_pngs_and_follow_scores(folder: Path) -> None:
    portraits = portraits_of(folder)
    assert portraits.faces == ("a", "b")
    rest = await portraits.draw("a", Scores(0, 0, 0))
    again = await portraits.draw("a", Scores(0, 0, 0))
    moved, other = await portraits.draw("a", Scores(1, 0, 0)), await portraits.draw("b", Scores(0, 0, 0))
    assert rest == again and rest != moved and rest != other
    assert await portraits.draw("gone", Scores(0, 0, 0)) == rest
    picture = Image.open(io.BytesIO(rest))
    assert (picture.size, picture.mode) == ((256, 256), "RGB")
    await portraits.close()


@pytest.mark.parametrize("kind", ["webp", "gif"])
async def test_films_begin_and_end_on_the_new_expression(folder: Path, kind: Film) -> None:
    portraits = portraits_of(folder)
    start, end = Scores(-1, -1, -1), Scores(1, 1, 1)
    made = await portraits.animate("a", start, end, kind)
    assert made == await portraits_of(folder).animate("a", start, end, kind)  # drawn anew, and the same
    assert await portraits.animate("gone", start, end, kind) == made
    film = Image.open(io.BytesIO(made))
    assert (film.format, film.size, film.info["loop"]) == (kind.upper(), (256, 256), 0)
    old, new = [np.asarray(Image.open(io.BytesIO(await portraits.draw("a", s))), float) for s in (start, end)]
    for number in (0, film.n_frames - 1):  # type: ignore[attr-defined]
        film.seek(number)
        shown = np.asarray(film.convert("RGB"), float)
        assert np.abs(shown - new).mean() < np.abs(shown - old).mean() / 2
    await portraits.close()


@pytest.mark.parametrize("victim", ["config.json", "generator.safetensors", "faces.safetensors"])
def test_damaged_face_weights_are_named(folder: Path, victim: str) -> None:
    (folder / victim).write_bytes(b"{")
    with pytest.raises(ModelError, match="face"):
        load_engine(folder)
