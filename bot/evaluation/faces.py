"""``eval faces``: asked against measured properties of every face that is offered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def faces(weights: Path, sheets: Path | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Figures, and the correlations of each face; contact sheets go to the folder ``sheets``.

    Raises ModelError or FileNotFoundError for missing weights.
    """
    import numpy as np

    from models.face.scores.networks import load_scores
    from models.face.service import load_engine
    from models.face.vectorfind.check import ASKED, follow, looking
    from models.face.vectorfind.codes import EXPRESSION, Ruler, space_of

    engine, cnn = load_engine(weights / "face"), load_scores(weights / "face" / "property.safetensors")
    ruler = Ruler.from_json(json.loads((weights / "face" / "config.json").read_text())["ruler"])
    if sheets:
        from models.face.sheets import faces_sheet, sweep_sheet

        sweep_sheet(engine, sheets / "sweeps.webp")
        faces_sheet(engine, sheets / "faces.webp")
    rows: list[dict[str, Any]] = []
    look = looking(space_of(engine.generator, engine.space), cnn, ruler)
    for face in engine.faces.values():
        moves, normals = face.calibration.multipliers(ASKED), engine.normals_of(face)
        seen = follow(look, face.w, normals, ruler.held, moves=moves, asked=ASKED)
        row: dict[str, Any] = {"face": face.id, "name": face.name}
        row |= {name: round(c, 3) for name, c in zip(EXPRESSION, seen.correlation, strict=True)}
        row |= {f"error {name}": round(e, 3) for name, e in zip(EXPRESSION, seen.error, strict=True)}
        rows.append(row | {f"drift {name}": round(value, 3) for name, value in seen.drift.items()})
    columns = [name for name in rows[0] if name not in ("face", "name")]
    means = {f"mean {name}": round(float(np.mean([row[name] for row in rows])), 3) for name in columns}
    worst = {f"worst {name}": min(row[name] for row in rows) for name in EXPRESSION}
    worst |= {f"worst {name}": max(row[name] for row in rows) for name in columns if "drift" in name}
    return {"faces": len(rows)} | means | worst, rows
