"""Full-size generators: names and shapes, numerics against an independent reference, foreign files."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from threadpoolctl import threadpool_limits

from core.errors import ModelError
from models.face.stylegan.generator import Generator, GeneratorConfig, Mapping
from models.face.stylegan.importing import import_generator, load_generator, read_numbers, synthesize

Floats = NDArray[np.float64]
Shapes = dict[str, tuple[int, ...]]
SMALL = GeneratorConfig(16, 8, 8, 7, 4, (6, 5, 4))
CHANNELS = (512, 512, 512, 512, 256, 128, 64)  # of 4, 8, ... 256 px


def full_size(n_labels: int = 7, split: bool = False) -> Shapes:
    """Names and shapes of the original's generators, written out from their published layout."""
    out: Shapes = {
        "mapping.label_weight": (n_labels, 16),
        "mapping.dense0.weight": (512, 528),
        "mapping.dense0.bias": (512,),
    }
    for i in range(1, 8):
        out |= {f"mapping.dense{i}.weight": (512, 512), f"mapping.dense{i}.bias": (512,)}
    if split:
        out |= {"mapping.dense_new0.weight": (2048, 512), "mapping.dense_new0.bias": (2048,)}
        out |= {"mapping.dense_new1.weight": (512, 2048), "mapping.dense_new1.bias": (512,)}
    out |= {"truncation.w_avg": (512,), "synthesis.lod": (), "synthesis.layer0.const": (1, 512, 4, 4)}
    before = [512, *(c for c in CHANNELS for _ in (0, 1))]
    for i in range(14):
        c, px, layer = CHANNELS[i // 2], 4 << i // 2, f"synthesis.layer{i}."
        out |= {layer + "bias": (c,), layer + "apply_noise.weight": (c,)}
        out |= {layer + "apply_noise.noise": (1, 1, px, px)}
        out |= {layer + "style.weight": (2 * c, 512), layer + "style.bias": (2 * c,)}
        if i:
            out[layer + "weight"] = (c, before[i], 3, 3)
        if i and i % 2 == 0:
            out[layer + "blur.kernel"] = (c, 1, 3, 3)
        if i % 2:
            out |= {f"synthesis.output{i // 2}.weight": (3, c, 1, 1), f"synthesis.output{i // 2}.bias": (3,)}
    return out


def made_up(shapes: Shapes, seed: int = 0) -> dict[str, torch.Tensor]:
    """Weights of a trained one's sizes: noise, biases and styles are not at their zeros, w_avg is not used."""
    rng, out = np.random.default_rng(seed), {}
    for name, shape in shapes.items():
        value = rng.standard_normal(shape, dtype=np.float32)
        if re.search(r"mapping\.dense\w+\.", name):
            value *= 100 if name.endswith("weight") else 30
        elif name.endswith("blur.kernel"):
            value = np.broadcast_to(np.outer([1, 2, 1], [1, 2, 1]) / 16, shape)
        elif name.endswith(("bias", "style.weight", "apply_noise.weight")):
            value *= 0.3
        elif name.endswith("lod"):
            value *= 0
        out[name] = torch.tensor(value, dtype=torch.float32)
    return out


class Reference:
    """The generator in NumPy and float64, one image at a time, from the paper and the published numerics."""

    def __init__(self, state: dict[str, torch.Tensor]) -> None:
        self.s = {name: value.double().numpy() for name, value in state.items()}

    def dense(self, x: Floats, name: str) -> Floats:
        weight = self.s[f"mapping.{name}.weight"]
        x = weight @ x * (np.sqrt(2) / np.sqrt(weight.shape[1]) * 0.01)
        return self.lrelu(x + 0.01 * self.s[f"mapping.{name}.bias"])

    @staticmethod
    def lrelu(x: Floats) -> Floats:
        return np.where(x > 0, x, 0.2 * x)

    def w(self, z: Floats, label: Floats) -> Floats:
        x = np.concatenate([z, self.s["mapping.label_weight"].T @ label])
        x = x / np.sqrt(np.mean(x**2) + 1e-8)
        for i in range(6):
            x = self.dense(x, f"dense{i}")
        w = self.dense(self.dense(x, "dense6"), "dense7")
        if "mapping.dense_new0.weight" in self.s:
            w = w + self.dense(self.dense(x, "dense_new0"), "dense_new1")
        return w

    @staticmethod
    def correlate(x: Floats, weight: Floats) -> Floats:
        """3x3, zero padding 1."""
        _, h, wide = x.shape
        around = np.pad(x, ((0, 0), (1, 1), (1, 1)))
        out = np.zeros((len(weight), h * wide))
        for a in range(3):
            for b in range(3):
                out += weight[:, :, a, b] @ around[:, a : a + h, b : b + wide].reshape(len(x), -1)
        return out.reshape(-1, h, wide)

    @staticmethod
    def fused_up(x: Floats, weight: Floats) -> Floats:
        """Each pixel stamps a 4x4 kernel, two pixels apart; the outermost ring falls away."""
        (_, h, wide), n_out = x.shape, len(weight)
        kernel = np.zeros((*weight.shape[:2], 4, 4))
        for a in (0, 1):
            for b in (0, 1):
                kernel[:, :, a : a + 3, b : b + 3] += weight
        out = np.zeros((n_out, 2 * h + 2, 2 * wide + 2))
        for a in range(4):
            for b in range(4):
                stamp = kernel[:, :, a, b] @ x.reshape(len(x), -1)
                out[:, a : a + 2 * h : 2, b : b + 2 * wide : 2] += stamp.reshape(n_out, h, wide)
        return out[:, 1:-1, 1:-1]

    @staticmethod
    def blur(x: Floats) -> Floats:
        for axis in (1, 2):
            before, after = np.zeros_like(x), np.zeros_like(x)
            if axis == 1:
                before[:, 1:], after[:, :-1] = x[:, :-1], x[:, 1:]
            else:
                before[:, :, 1:], after[:, :, :-1] = x[:, :, :-1], x[:, :, 1:]
            x = (before + 2 * x + after) / 4
        return x

    def layer(self, i: int, x: Floats, w: Floats) -> Floats:
        s = {
            name.removeprefix(f"synthesis.layer{i}."): v for name, v in self.s.items() if f"layer{i}." in name
        }
        if i == 0:
            x = s["const"][0]
        else:
            weight = s["weight"] * np.sqrt(2 / (9 * s["weight"].shape[1]))
            if i % 2 == 0 and x.shape[1] >= 64:
                x = self.blur(self.fused_up(x, weight))
            elif i % 2 == 0:
                x = self.blur(self.correlate(x.repeat(2, axis=1).repeat(2, axis=2), weight))
            else:
                x = self.correlate(x, weight)
        x = x + s["apply_noise.noise"][0] * s["apply_noise.weight"][:, None, None]
        x = self.lrelu(x + s["bias"][:, None, None])
        x = x - x.mean(axis=(1, 2), keepdims=True)
        x = x / np.sqrt((x**2).mean(axis=(1, 2), keepdims=True) + 1e-8)
        style = s["style.weight"] @ w / np.sqrt(len(w)) + s["style.bias"]
        scale, shift = style[: len(x)], style[len(x) :]
        out: Floats = x * (scale[:, None, None] + 1) + shift[:, None, None]
        return out

    def image(self, w: Floats, n_layers: int) -> Floats:
        x = np.zeros(0)
        for i in range(n_layers):
            x = self.layer(i, x, w)
        last = f"synthesis.output{n_layers // 2 - 1}."
        weight = self.s[last + "weight"][:, :, 0, 0] / np.sqrt(len(x))
        out: Floats = np.tensordot(weight, x, 1) + self.s[last + "bias"][:, None, None]
        return out


def loaded(config: GeneratorConfig, state: dict[str, torch.Tensor]) -> Generator:
    generator = Generator(config)
    generator.load_state_dict(state, strict=True, assign=True)
    return generator.eval()


def small_state(config: GeneratorConfig = SMALL, seed: int = 0) -> dict[str, torch.Tensor]:
    return made_up({name: tuple(v.shape) for name, v in Generator(config).state_dict().items()}, seed)


@pytest.mark.parametrize(("n_labels", "split", "n"), [(7, False, 123), (3, False, 123), (7, True, 127)])
def test_names_and_shapes_are_the_originals(n_labels: int, split: bool, n: int) -> None:
    generator = Generator(replace(GeneratorConfig.full(n_labels), split_mapping=split))
    found = {name: tuple(value.shape) for name, value in generator.state_dict().items()}
    assert len(found) == n and found == full_size(n_labels, split)


def forward_both(config: GeneratorConfig, state: dict[str, torch.Tensor], dtype: Any) -> tuple[Floats, ...]:
    """w and image of one code, by the generator and by the reference."""
    codes = np.random.default_rng(1).standard_normal(config.z_dim + config.n_labels).astype(np.float32)
    z, label = codes[: config.z_dim].astype(float), codes[config.z_dim :].astype(float)
    generator, reference = loaded(config, state).to(dtype), Reference(state)
    images, ws = synthesize(
        generator, torch.tensor(z[None], dtype=dtype), torch.tensor(label[None], dtype=dtype)
    )
    assert images.shape == (1, 3, config.resolution, config.resolution) and images.dtype == dtype
    with threadpool_limits(1):
        w = reference.w(z, label)
        image = reference.image(w, config.n_layers)
    assert np.abs(w).max() > 0.5 and np.abs(image).max() > 2
    return ws[0].numpy(), w, images[0].numpy(), image


def test_full_size_forward_agrees_with_the_reference() -> None:
    w, true_w, image, true_image = forward_both(GeneratorConfig.full(), made_up(full_size()), torch.float32)
    assert np.abs(w - true_w).max() < 1e-4
    assert np.abs(image - true_image).max() < 1e-4


def test_numerics_agree_with_the_reference_to_the_last_digits() -> None:
    """With few channels in double precision: no rounding hides a different formula."""
    config = GeneratorConfig(256, 12, 12, 3, 4, (7, 6, 6, 5, 5, 4, 3))
    w, true_w, image, true_image = forward_both(config, small_state(config), torch.float64)
    assert np.abs(w - true_w).max() < 1e-10
    assert np.abs(image - true_image).max() < 1e-10


def test_the_split_mapping_agrees_with_the_reference() -> None:
    names = full_size(7, split=True)
    state = made_up({name: shape for name, shape in names.items() if name.startswith("mapping.")})
    mapping = Mapping(replace(GeneratorConfig.full(), split_mapping=True))
    mapping.load_state_dict(
        {name.removeprefix("mapping."): v for name, v in state.items()}, strict=True, assign=True
    )
    rng = np.random.default_rng(2)
    z, label = rng.standard_normal((2, 512)), rng.standard_normal((2, 7))
    found = mapping(torch.tensor(z).float(), torch.tensor(label).float()).detach().numpy()
    whole = Reference(state)
    wanted = np.stack([whole.w(*codes) for codes in zip(z, label, strict=True)])
    plain = Reference({name: v for name, v in state.items() if "new" not in name})
    assert np.abs(found - wanted).max() < 1e-4
    assert np.abs(plain.w(z[0], label[0]) - wanted[0]).max() > 0.1


def test_a_new_branch_of_the_mapping_begins_small() -> None:
    torch.manual_seed(0)
    mapping = Generator(replace(SMALL, split_mapping=True)).mapping
    for value in (mapping.dense_new0.weight, mapping.dense_new1.weight):
        assert float(value.detach().std()) == pytest.approx(0.15, rel=0.2)


def test_style_mixing_changes_the_later_layers_only() -> None:
    generator = loaded(SMALL, small_state())
    z, other, label = torch.randn(2, 8), torch.randn(2, 8), torch.randn(2, 7)
    ws = [generator.truncation(generator.mapping(code, label)) for code in (z, other)]
    wanted = generator.synthesis(torch.cat([ws[0][:, :2], ws[1][:, 2:]], dim=1))
    assert torch.equal(generator(z, label, mix_z=other, mix_from=2), wanted)
    assert torch.equal(generator(z, label, mix_z=other, mix_from=6), generator(z, label))
    assert not torch.allclose(wanted, generator(z, label))


LAYOUTS = [SMALL, replace(SMALL, n_labels=3), replace(SMALL, n_labels=0, label_dim=0)]
LAYOUTS += [replace(SMALL, split_mapping=True), GeneratorConfig.mini(32)]


@pytest.mark.parametrize("config", LAYOUTS)
def test_layouts_are_recognised_and_load_as_they_were(config: GeneratorConfig, tmp_path: Path) -> None:
    state, source, out = small_state(config), tmp_path / "g.pth", tmp_path / "new" / "g"
    torch.save(state, source)
    assert import_generator(source, out) == config
    about = json.loads((out / "config.json").read_text())
    assert about["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest() and about["source"] == "g.pth"
    assert GeneratorConfig.from_json(about["generator"]) == config
    stored = load_file(out / "generator.safetensors")
    assert stored.keys() == state.keys() and all(torch.equal(stored[name], state[name]) for name in state)
    z, label = torch.randn(5, config.z_dim), torch.randn(5, config.n_labels)
    images, ws = synthesize(load_generator(out), z, label, batch=2)
    again, _ = synthesize(load_generator(out), z, label, batch=2)
    assert torch.equal(images, again) and ws.shape == (5, config.w_dim)
    assert torch.allclose(images, loaded(config, state)(z, label), atol=1e-4)
    assert sorted(path.name for path in out.parent.iterdir()) == ["g"]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: {"generator": state, "discriminator": {"lod": torch.zeros(())}},
        lambda state: {"generator_smooth": state, "iter": 5},
        lambda state: {"state_dict": {f"module.{name}": value for name, value in state.items()}},
        lambda state: {"models": {"generator": {f"module.{name}": value for name, value in state.items()}}},
        lambda state: {name: value.double() for name, value in state.items()},
        lambda state: {name: torch.nn.Parameter(value) for name, value in state.items()},
    ],
)
def test_checkpoints_are_unwrapped(wrap: Any, tmp_path: Path) -> None:
    state = small_state()
    torch.save(wrap(state), tmp_path / "g.pth")
    import_generator(tmp_path / "g.pth", tmp_path / "g")
    stored = load_file(tmp_path / "g" / "generator.safetensors")
    assert all(torch.equal(stored[name], state[name]) for name in state)


def test_a_missing_label_matrix_can_be_given(tmp_path: Path) -> None:
    three = replace(SMALL, n_labels=3)
    state = small_state(three)
    matrix = state.pop("mapping.label_weight")
    torch.save(state, tmp_path / "g.pth")
    with pytest.raises(ModelError, match=r"label_weight is missing.*--label-weight FILE.*\[labels, 4\]"):
        import_generator(tmp_path / "g.pth", tmp_path / "none")
    assert not (tmp_path / "none").exists()
    np.save(tmp_path / "m.npy", matrix.numpy())
    torch.save({"generator": {"mapping.label_weight": matrix}}, tmp_path / "m.pth")
    torch.save(matrix, tmp_path / "bare.pth")
    for name in ("m.npy", "m.pth", "bare.pth"):
        out = tmp_path / f"of {name}"
        assert import_generator(tmp_path / "g.pth", out, tmp_path / name) == three
        assert torch.equal(load_generator(out).mapping.label_weight, matrix)
        assert json.loads((out / "config.json").read_text())["label_weight"] == name


def test_a_given_label_matrix_goes_before_the_files_own(tmp_path: Path) -> None:
    torch.save(small_state(), tmp_path / "g.pth")
    np.save(tmp_path / "m.npy", np.ones((3, 4)))
    assert import_generator(tmp_path / "g.pth", tmp_path / "g", tmp_path / "m.npy").n_labels == 3
    np.save(tmp_path / "wide.npy", np.ones((3, 5)))
    with pytest.raises(ModelError, match=r"wide.npy: a matrix \[3, 5\].*\[labels, 4\]"):
        import_generator(tmp_path / "g.pth", tmp_path / "h", tmp_path / "wide.npy")


class Command:
    """What a hostile pickle looks like: unpickling it would run a command."""

    def __reduce__(self) -> Any:
        return os.system, (f"touch {os.environ['VICTIM']}",)


def spoilt(**changes: Any) -> dict[str, Any]:
    """A state with entries replaced, or taken away by None; ``__`` stands for a dot."""
    out: dict[str, Any] = dict(small_state())
    for name, value in changes.items():
        key = name.replace("__", ".")
        out.pop(key, None)
        if value is not None:
            out[key] = value
    return out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"generator": {"synthesis.x": Command()}}, "could run code"),
        (spoilt(synthesis__layer3__weight=None), "missing: synthesis.layer3.weight"),
        (spoilt(synthesis__layer0__bias=None), "synthesis.layer0.bias is missing"),
        (spoilt(synthesis__layer9__weight=torch.zeros(2)), "unexpected: synthesis.layer9.weight"),
        (spoilt(synthesis__layer3__weight=torch.zeros(5, 5, 3)), r"layer3.weight \[5, 5, 3\] instead of"),
        (spoilt(synthesis__layer0__bias=torch.zeros(())), "layer0.bias has the shape"),
        (spoilt(mapping__dense0__weight=torch.zeros(8, 0)), "dense0.weight has the shape"),
        (spoilt(mapping__label_weight=torch.zeros(7, 12)), "mapping.dense0 takes 12"),
        (spoilt(mapping__dense0__bias=torch.full((8,), torch.nan)), "not finite: mapping.dense0.bias"),
        (spoilt(mapping__dense0__bias=torch.zeros(8, dtype=torch.int64)), "no floating-point tensor"),
        (spoilt(mapping__dense0__bias=[0.0] * 8), "no floating-point tensor: mapping.dense0.bias"),
        (spoilt(mapping__dense0__weight=torch.zeros(1).expand(10**6, 10**6)), "no floating-point tensor"),
        (spoilt(mapping__dense0__bias=torch.zeros(8, device="meta")), "no floating-point tensor"),
        (spoilt(synthesis__lod=torch.tensor(2.0)), "lod is not 0"),
        ({"lod": torch.zeros(()), "layer0.weight": torch.zeros(3)}, "holds no StyleGAN1 generator"),
        ({f"synthesis.layer{2 * i}.bias": torch.zeros(1) for i in range(400)}, "more than 18 style layers"),
        ([1, 2], "holds no StyleGAN1 generator"),
    ],
)  # fmt: skip
def test_what_is_no_generator_is_named_and_leaves_nothing(
    content: Any, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VICTIM", str(tmp_path / "victim"))
    torch.save(content, tmp_path / "g.pth")
    with pytest.raises(ModelError, match=says) as caught:
        import_generator(tmp_path / "g.pth", tmp_path / "out")
    assert "g.pth" in str(caught.value) and "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["g.pth"]


def test_many_problems_are_counted(tmp_path: Path) -> None:
    state = {name: value for name, value in small_state().items() if "style" not in name}
    torch.save(state, tmp_path / "g.pth")
    with pytest.raises(ModelError, match=r"layer1.style.weight and 9 more"):
        import_generator(tmp_path / "g.pth", tmp_path / "out")


def file_bytes() -> bytes:
    buffer = io.BytesIO()
    torch.save(small_state(), buffer)
    return buffer.getvalue()


WHOLE = file_bytes()


@settings(max_examples=50)
@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255), cut=st.booleans())
def test_damaged_files_are_refused_or_harmless(
    at: int, byte: int, cut: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    damaged = WHOLE[:at] if cut else WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :]
    (folder / "g.pth").write_bytes(damaged)
    try:
        config = import_generator(folder / "g.pth", folder / "out")
    except ModelError:
        assert not (folder / "out").exists()
    else:
        assert not cut and load_generator(folder / "out").config == config


def test_nothing_is_overwritten_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(small_state(), tmp_path / "g.pth")
    (tmp_path / "out").mkdir()
    import_generator(tmp_path / "g.pth", tmp_path / "out")  # an empty folder is as good as none
    before = (tmp_path / "out" / "config.json").read_bytes()
    with pytest.raises(FileExistsError):
        import_generator(tmp_path / "g.pth", tmp_path / "out")
    assert (tmp_path / "out" / "config.json").read_bytes() == before
    write = Path.write_bytes

    def full_disk(path: Path, content: bytes) -> int:
        if path.name == "config.json":
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space"):
        import_generator(tmp_path / "g.pth", tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g.pth", "out"]


@pytest.mark.parametrize("victim", ["config.json", "generator.safetensors"])
def test_a_damaged_folder_is_named(victim: str, tmp_path: Path) -> None:
    torch.save(small_state(), tmp_path / "g.pth")
    import_generator(tmp_path / "g.pth", tmp_path / "out")
    (tmp_path / "out" / victim).write_bytes(b'{"generator": {}}')
    with pytest.raises(ModelError, match="out"):
        load_generator(tmp_path / "out")
    (tmp_path / "out" / victim).unlink()
    with pytest.raises(ModelError, match="FileNotFoundError"):
        load_generator(tmp_path / "out")


def test_half_precision_folders_load_as_float32(tmp_path: Path) -> None:
    torch.save(small_state(), tmp_path / "g.pth")
    import_generator(tmp_path / "g.pth", tmp_path / "out")
    file = tmp_path / "out" / "generator.safetensors"
    save_file({name: value.half() for name, value in load_file(file).items()}, file)
    assert {v.dtype for v in load_generator(tmp_path / "out").state_dict().values()} == {torch.float32}


@given(shape=st.lists(st.integers(0, 4), max_size=3), at=st.integers(0, 200), byte=st.integers(0, 255))
def test_spoilt_arrays_are_refused(
    shape: list[int], at: int, byte: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("arrays") / "z.npy"
    np.save(file, np.ones(shape))
    content = file.read_bytes()
    at = at % len(content)
    file.write_bytes(content[:at] + bytes([byte]) + content[at + 1 :])
    try:
        numbers = read_numbers(file, (None, 3))
    except ModelError as err:
        assert "z.npy" in str(err) and "expected" in str(err)
    else:
        assert numbers.dtype == np.float32 and numbers.shape[1:] == (3,) and np.isfinite(numbers).all()
