"""A shelf that processes die of; light to import, as it is read there."""

from __future__ import annotations

import os
from typing import Any

from models.battle.shelf import Shelf


class DyingShelf(Shelf):
    """Ends every process that it is sent to; a file in ``folder`` counts them."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        with (state["folder"] / "deaths").open("a") as file:
            file.write("x")
        os._exit(1)
