"""Loading weights: whatever a foreign library raises becomes a ModelError that names the part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import ModelError


@contextmanager
def loading(part: str) -> Iterator[None]:
    """Raises ModelError ``<part>: <class>: <message>`` from anything that goes wrong inside."""
    try:
        yield
    except Exception as err:  # edge: tokenizers and safetensors raise classes of their own, or none
        raise ModelError(f"{part}: {type(err).__name__}: {err}") from err
