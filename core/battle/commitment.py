"""A choice that is promised before it is shown: its hash first, what was hashed at the end.

Anybody can check it: ``sha256`` of the UTF-8 text ``canonical(content) + "\\n" + nonce``. One hash may
stand for many (:func:`sealed`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Commitment:
    """What was promised, as canonical JSON, with the nonce that kept it from being guessed."""

    content: str
    nonce: str

    @property
    def digest(self) -> str:
        """The hash in hexadecimal, which may be shown at once."""
        return hashlib.sha256(f"{self.content}\n{self.nonce}".encode()).hexdigest()

    def proves(self, digest: str) -> bool:
        """Whether this is what stood behind a hash."""
        return hmac.compare_digest(self.digest, digest)


def canonical(content: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces: the same content is the same text."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sealed(digests: Iterable[str]) -> str:
    """One hash over hashes: ``sha256`` of all of them, each followed by a line break; in hexadecimal."""
    return hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()


def commit(content: Mapping[str, Any]) -> Commitment:
    """A promise with a fresh nonce of 128 bits."""
    return Commitment(canonical(content), secrets.token_hex(16))
