"""``eval faces``: asked against measured properties of every face that is offered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from models.face.scores.networks import ScoreNet
    from models.face.vectorfind.codes import Ruler, Space

LOOKED_AT: Final = 400  # random codes that tell how much people differ


def faces(weights: Path, sheets: Path | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Figures, and the correlations of each face; contact sheets go to the folder ``sheets``.

    Raises ModelError or FileNotFoundError for missing weights.
    """
    import numpy as np

    from models.face.scores.make import load_identity
    from models.face.scores.networks import load_scores
    from models.face.service import load_engine
    from models.face.vectorfind.check import ASKED, follow, looking
    from models.face.vectorfind.codes import EXPRESSION, Ruler, space_of, together

    engine, cnn = load_engine(weights / "face"), load_scores(weights / "face" / "property.safetensors")
    ruler = Ruler.from_json(json.loads((weights / "face" / "config.json").read_text())["ruler"])
    if sheets:
        from models.face.sheets import faces_sheet, sweep_sheet

        sweep_sheet(engine, sheets / "sweeps.webp")
        faces_sheet(engine, sheets / "faces.webp")
    rows: list[dict[str, Any]] = []
    space, who = space_of(engine.generator, engine.space), load_identity(weights / "face")
    if who and not ruler.watched:
        ruler = _watching(ruler, space, who)
    look = looking(space, together(cnn, who) if who else cnn, ruler, watch=who is not None)
    watched = ruler.watched if who else ()
    for face in engine.faces.values():
        moves, normals = face.calibration.multipliers(ASKED), engine.normals_of(face)
        seen = follow(look, face.w, normals, ruler.held, moves=moves, asked=ASKED, watched=watched)
        row: dict[str, Any] = {"face": face.id, "name": face.name}
        row |= {name: round(c, 3) for name, c in zip(EXPRESSION, seen.correlation, strict=True)}
        row |= {f"error {name}": round(e, 3) for name, e in zip(EXPRESSION, seen.error, strict=True)}
        drift = seen.drift | seen.identity
        rows.append(row | {f"drift {name}": round(value, 3) for name, value in drift.items()})
    columns = [name for name in rows[0] if name not in ("face", "name")]
    means = {f"mean {name}": round(float(np.mean([row[name] for row in rows])), 3) for name in columns}
    worst = {f"worst {name}": min(row[name] for row in rows) for name in EXPRESSION}
    worst |= {f"worst {name}": max(row[name] for row in rows) for name in columns if "drift" in name}
    return {"faces": len(rows)} | means | worst, rows


def _watching(ruler: Ruler, space: Space, who: ScoreNet) -> Ruler:
    """The ruler of a gallery that is older than the network which tells who she is."""
    from models.face.vectorfind.codes import draw, measure

    return ruler.watching(measure(space, who, space.codes(draw(space, LOOKED_AT, 2025))))
