"""``eval faces``: asked against measured properties of every face that is offered."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def faces(weights: Path, sheets: Path | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Figures, and the correlations of each face; contact sheets go to the folder ``sheets``.

    Raises ModelError or FileNotFoundError for missing weights.
    """
    import numpy as np

    from models.face.property import PROPERTIES, load_property
    from models.face.service import load_engine
    from models.face.vectorfind.check import ASKED, follow, looking
    from models.face.vectorfind.codes import EXACT, space_of

    engine, cnn = load_engine(weights / "face"), load_property(weights / "face")
    if sheets:
        from models.face.sheets import faces_sheet, sweep_sheet

        sweep_sheet(engine, sheets / "sweeps.png")
        faces_sheet(engine, sheets / "faces.png")
    rows: list[dict[str, Any]] = []
    look = looking(space_of(engine.generator, engine.space), cnn, EXACT)
    for face in engine.faces.values():
        moves, normals = face.calibration.multipliers(ASKED), engine.normals_of(face)
        follows = follow(look, face.w, normals, (), moves=moves, asked=ASKED).correlation
        measured = {name: round(float(c), 3) for name, c in zip(PROPERTIES, follows, strict=True)}
        rows.append({"face": face.id, **measured})
    means = {
        f"correlation {name}": round(float(np.mean([row[name] for row in rows])), 3) for name in PROPERTIES
    }
    worst = {f"worst face {name}": min(row[name] for row in rows) for name in PROPERTIES}
    return {"faces": len(rows)} | means | worst, rows
