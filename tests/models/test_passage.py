"""What portraits show in numbers, and the mapping that is fitted to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

pytest.importorskip("skia")

from models.face.painter.params import PARAM_NAMES, PortraitParams, from_gaussian
from models.face.painter.portrait import paint_with_map
from models.face.painter.traits import N_TRAITS, traits_of
from models.face.stylegan.generator import GeneratorConfig, Mapping, Synthesis
from models.face.stylegan.latent import code_of_gaussian, orthonormal_label_weight
from models.face.stylegan.passage import fit_mapping, standard_traits, temper

MINI = GeneratorConfig.mini(32)


def a_mapping(config: GeneratorConfig = MINI) -> Mapping:
    torch.manual_seed(0)
    mapping = Mapping(config)
    mapping.label_weight.data.copy_(orthonormal_label_weight(config))
    mapping.label_weight.requires_grad_(False)
    return mapping


def test_traits_begin_with_the_parameters_and_tell_portraits_apart() -> None:
    codes = np.random.default_rng(4).standard_normal((40, len(PARAM_NAMES)))
    traits = np.stack([traits_of(from_gaussian(code)) for code in codes])
    assert traits.shape == (40, N_TRAITS) and np.isfinite(traits).all()
    for code, row in zip(codes, traits, strict=True):
        shown = from_gaussian(code)
        assert np.allclose(row[: len(PARAM_NAMES)], [getattr(shown, name) for name in PARAM_NAMES])


def test_hues_a_turn_apart_have_the_same_traits_in_colour() -> None:
    low, high = (traits_of(PortraitParams(clothes_hue=hue))[len(PARAM_NAMES) :] for hue in (0.0, 1.0))
    assert np.allclose(low, high, atol=1e-6)


def test_places_are_where_the_picture_has_them() -> None:
    """The traits of an eye's place move as the eye does in the segmentation map."""
    left_eye = 4  # of the map's ids
    seen, told = [], []
    for code in np.random.default_rng(2).standard_normal((24, len(PARAM_NAMES))):
        shown = replace(from_gaussian(code), eyes=0.5, glasses=0.0, quality=1.0)
        rows, columns = np.nonzero(paint_with_map(shown, 128)[1] == left_eye)
        seen.append((columns.mean(), rows.mean()))
        told.append(traits_of(shown))
    traits = np.array(told)[:, len(PARAM_NAMES) :]
    traits = traits[:, traits.std(0) > 1e-3]  # spectacles and blur are the same in all
    for axis in zip(*seen, strict=True):
        assert max(abs(np.corrcoef(axis, trait)[0, 1]) for trait in traits.T) > 0.97


@pytest.mark.slow
def test_the_fitted_mapping_tells_traits_of_codes_it_has_not_seen() -> None:
    mapping, errors = a_mapping(), list[float]()
    fit_mapping(mapping, 400, seed=1, report=lambda step, error: errors.append(error))
    assert len(errors) == 400 and errors[-1] < 0.3 * errors[0]
    codes = torch.randn(400, len(PARAM_NAMES), generator=torch.Generator().manual_seed(9))
    with torch.no_grad():
        w = mapping(*code_of_gaussian(codes, MINI, torch.Generator().manual_seed(0)))
    told = standard_traits(codes)
    correlation = [np.corrcoef(w[:, i], told[:, i])[0, 1] for i in range(N_TRAITS)]
    assert np.median(correlation) > 0.8
    assert w[:, N_TRAITS:].abs().mean() < 0.3 * w[:, :N_TRAITS].abs().mean()


def test_a_fit_is_the_same_for_the_same_seed() -> None:
    one, other = a_mapping(), a_mapping()
    for mapping in (one, other):
        fit_mapping(mapping, 3, seed=5)
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)


def test_w_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="w_dim 96 cannot hold"):
        fit_mapping(a_mapping(replace(MINI, w_dim=96)), 1, seed=0)


def test_a_tempered_network_draws_nearly_the_same_of_any_w() -> None:
    torch.manual_seed(0)
    plain = Synthesis(MINI)
    w = torch.randn(8, 1, MINI.w_dim).repeat(1, MINI.n_layers, 1)

    def spread() -> float:
        with torch.no_grad():
            return float(plain(w).std(dim=0).mean() / plain(w).std())

    before = spread()
    temper(plain)
    assert spread() < 0.5 * before
