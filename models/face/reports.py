"""Short reports of the stages, with pictures and the original's figures; those of VectorFind's versions and
of the lineage are beside them. Each reads what its stage has written, so that it can be written again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.people import NEUTRAL
from models.face.charts import COLOURS, Line, Panel, chart
from models.face.data.dataset import PortraitSet, learnt
from models.face.hair.network import hair_maps, load_hair
from models.face.hair.ombre import dye_of, ombre
from models.face.hair.train import HUES_APART
from models.face.make import STAGES, load_ema
from models.face.motion import row
from models.face.pixels import to_bytes, to_pictures
from models.face.reporting import Report, numbers, percent, share, tiles
from models.face.scores.make import IDENTITY_WEIGHTS, WEIGHTS, load_filters
from models.face.scores.networks import load_scores, score, score_mean
from models.face.scores.truths import TRUTHS, Small, parted, truths
from models.face.service import load_engine
from models.face.stylegan.generator import Generator
from models.face.stylegan.latent import code_of_gaussian
from models.face.stylegan.losses import crop
from models.face.vectorfind.find import VERSIONS

COMPARED: Final = 64  # portraits behind a generator's differences
SHOWN, TILE = 8, 96  # portraits side by side, and their pixels
DOTS: Final = 300  # portraits of the scatter of scores
SORTED, FROM = 10, 120  # portraits in a filter's row, and among how many they are chosen
FACES_MOST: Final = 45_000  # bytes of the gallery's picture

# Published by the original. Of properties correlation and mean absolute error; of filters the means of the
# folds of its second round, AUROC and accuracy; of hair its test; of galleries the re-test of its picks.
PROPERTIES: Final = {
    "eyes": (0.869, 0.406), "hair_color": (0.980, 0.149), "hair_length": (0.902, 0.275),
    "mouth": (0.975, 0.149), "pose": (0.994, 0.072), "background_mean": (0.979, 0.145),
    "background_std": (0.643, 0.531), "hairstyle": (0.767, 0.414),
}  # fmt: skip
FILTERS: Final = {
    "gender": (0.981, 0.962), "quality": (0.986, 0.968), "age": (0.885, 0.892), "glass": (0.990, 0.977),
}  # fmt: skip
HAIR: Final = {"dice": 0.9838, "iou": 0.9681, "recall": 0.9836, "precision": 0.9840}
GALLERY: Final = (
    "gallery", "passed", "eyes / mouth / pose", "drift of hair colour / hair length / background",
    "mean drift of who she is", "kept", "of those kept",
)  # fmt: skip
PICKS: Final = {"v7": (27, (0.936, 0.903, 0.927)), "v8": (19, (0.932, 0.886, 0.917))}


def generator(work: Path, portraits: PortraitSet, docs: Path) -> None:
    """``generator.md``: held-out portraits and what each stage draws of their codes; nothing without any."""
    index = np.arange(learnt(portraits), len(portraits))[:COMPARED]
    if not len(index):
        return
    codes, rows = torch.from_numpy(portraits.codes[index]), []
    shown = [list(portraits.rows("pictures", index[:SHOWN]))]
    made = {name: work / f"{name}.pt" for name in STAGES if (work / f"{name}.pt").exists()}
    for name, checkpoint in made.items():
        net = load_ema(checkpoint)
        drawn, size = _drawn(net, codes), net.config.resolution
        real = portraits.pictures(index, size)
        done = torch.load(checkpoint, map_location="cpu", weights_only=True, mmap=True)["done"]
        cells = [f"{float(F.l1_loss(*each)):.3f}" for each in ((drawn, real), (crop(drawn), crop(real)))]
        if not STAGES[name].config.paired:  # its codes are nobody's
            cells = ["", ""]
        rows.append([name, f"{size} px", f"{done:,}", *cells])
        shown.append(list(to_bytes(drawn[:SHOWN])))
    count = sum(p.numel() for p in net.parameters())
    told = Report("generator", "The generator, stage by stage")
    told.say(
        f"Differences are means over {len(index)} portraits held out, of colours in [-1, 1]. No encoder "
        "takes part: the painter tells the code of every portrait. The original has no such figures: its "
        "generator learnt from photographs, whose codes nobody knows. It has 26.1 million parameters at "
        f"256 px, the last one here {count / 1e6:.1f} million."
    )
    told.table("", ("stage", "size", "steps", "difference", "of eyes and mouth"), rows)
    told.show(tiles(shown, TILE), f"Portraits held out; below them what these draw: {', '.join(made)}")
    told.write(docs)


def _drawn(net: Generator, codes: Tensor, batch: int = 16) -> Tensor:
    """Pictures [n, 3, r, r] of codes [n, params]."""
    z, label = code_of_gaussian(codes, net.config, torch.Generator().manual_seed(0))
    with torch.inference_mode():
        w = net.truncation(net.mapping(z, label))
        return torch.cat([net.synthesis(part).clamp(-1, 1) for part in w.split(batch)])


def scores(work: Path, portraits: PortraitSet, out: Path, docs: Path) -> None:
    """``scores.md``: how the property network in ``out`` meets what held-out portraits show."""
    net, about = load_scores(out / WEIGHTS), _json((out / WEIGHTS).with_suffix(".json"))
    index = parted(len(portraits), about["seed"])[1][:DOTS]
    means, spreads = np.array([about["scale"][name] for name in TRUTHS]).T
    true = (truths(portraits, work / "truths.npz")[index] - means) / spreads
    found = score(net, Small(portraits, about["net"]["resolution"]), index)
    figures = [about[key] for key in ("correlation", "mean_absolute_error")]
    rows = []
    for name, of_original in PROPERTIES.items():
        both = zip((each[name] for each in figures), of_original, strict=True)
        rows.append([name, *(f"{value:.3f}" for pair in both for value in pair)])
    told = Report("scores", "The property network")
    told.say(
        f"Of {about['held_out']:,} portraits held out; z-scores. The original's are of its own pictures."
    )
    told.table("", ("score", "correlation", "original", "mean absolute error", "original"), rows)
    if (who := (out / IDENTITY_WEIGHTS).with_suffix(".json")).exists():
        told.say("Another network tells who she is, which the original did not ask.")
        told.table(
            "", ("score", "correlation"), [[k, f"{v:.3f}"] for k, v in _json(who)["correlation"].items()]
        )
    panels = [
        Panel(name, [Line(list(zip(*each, strict=True)), COLOURS[0], dots=True)], "true; up: found")
        for name, each in zip(TRUTHS, zip(true.T, found.T, strict=True), strict=True)
    ]
    told.show(chart(panels, (), 4), "What is found against what is true", drawn=True)
    told.write(docs)


def filters(work: Path, portraits: PortraitSet, docs: Path) -> None:
    """``filters.md``: how the filters in ``work`` tell portraits apart."""
    figures, nets = _json(work / "filters" / "figures.json"), load_filters(work)
    rows, shown = [], []
    index = np.arange(len(portraits))[-FROM:]
    for kind, seen in figures.items():
        small = Small(portraits, nets[kind][0].config.resolution)
        found = score_mean(nets[kind], [small[int(i)] for i in index])[:, 0]
        places = np.linspace(0, len(index) - 1, SORTED).round().astype(int)
        shown.append([portraits[int(index[i])] for i in np.argsort(found, kind="stable")[places]])
        both = zip((seen["auroc"], seen["accuracy"]), FILTERS[kind], strict=True)
        cells = [f"{value:.3f}" for pair in both for value in pair]
        rows.append([kind, f"{seen['portraits']:,}", percent(seen["positive"]), *cells])
    told = Report("filters", "The filters")
    told.say(
        "Means of five folds, each judged on its own fifth. The original's were taught by 2,000 pictures."
    )
    told.table("", ("filter", "portraits", "yes", "AUROC", "original", "accuracy", "original"), rows)
    about = f"{', '.join(figures)}: one row each, from the lowest score to the highest"
    told.show(tiles(shown, TILE), about)
    told.write(docs)


def hair(portraits: PortraitSet, out: Path, docs: Path) -> None:
    """``hair.md``: how the hair net in ``out`` meets held-out portraits, and their ombre."""
    net, figures = load_hair(out), _json(out / "hair.json")
    index = np.arange(learnt(portraits), len(portraits))[:SHOWN]
    pictures = portraits.rows("pictures", index)
    maps = hair_maps(net, pictures)
    dyed = [
        ombre(*each, dye_of(HUES_APART * i % 360)) for i, each in enumerate(zip(pictures, maps, strict=True))
    ]
    names = ("dice", "iou", "recall", "precision", "mse", "spill")
    rows = [
        [name, f"{figures[name]:.4f}", f"{HAIR[name]:.4f}" if name in HAIR else ""]
        for name in names if name in figures
    ]  # fmt: skip
    told = Report("hair", "The net that finds her hair")
    told.say(
        f"Of {figures['held_out']:,} portraits held out. Spill: by how many levels of 255 a dye changes what "
        "is no hair, on average. The original's figures are those of its best student; its squared error "
        "was divided twice and is left out."
    )
    told.table("", ("figure", "here", "original"), rows)
    shades = [(255 * each).astype(np.uint8) for each in maps]
    told.show(tiles([pictures, shades, dyed], TILE), "Portraits, the hair that is found, and their ombre")
    told.write(docs)


def gallery(out: Path, docs: Path) -> None:
    """``gallery.md``: the faces in ``out`` and how they follow, beside the original's."""
    about, engine = _json(out / "config.json"), load_engine(out)
    faces = list(engine.faces.values())
    rows = []
    for name, seen in about["galleries"].items():
        of = name[:2]
        kept = [face.correlation for face in faces if face.id.startswith(f"{of}-")]
        original, (picked, again) = VERSIONS[of].original, PICKS[of]
        rows.append([name, *_gallery(seen), str(seen["faces"]), numbers(np.mean(kept, axis=0))])
        if original and original.passed:
            passed = share(original.passed, original.tested)
            followed = [numbers(original.correlation), "", "", str(picked), numbers(again)]
            rows.append([f"{of}, original", passed, *followed])
    told = Report("gallery", "The faces that are offered")
    told.say(
        "Random codes asked for 50 expressions each. Ours must also hold still (hair and background) to "
        "pass; of those that pass, the ones that are kept were liked by the filters or picked by eye. "
        "`python bot.py eval faces --sheets` shows expressions."
    )
    told.table("", GALLERY, rows)
    at_rest = [to_pictures(engine.images(face, row(NEUTRAL)), TILE)[0] for face in faces]
    sheet = tiles([at_rest[i : i + SHOWN] for i in range(0, len(at_rest), SHOWN)], TILE)
    told.show(sheet, "All faces at rest, in the order of /face choose", most=FACES_MOST)
    told.write(docs)


def _gallery(seen: Mapping[str, Any]) -> list[str]:
    passed, who = share(seen["passed"], seen["tested"]), [*seen.get("identity", {}).values()]
    drifts = [numbers(seen["drift"].values()), f"{np.mean(who):.3f}" if who else ""]
    return [passed, numbers(seen["correlation"]), *drifts]


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
