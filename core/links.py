"""Joining the accounts of one person: how codes are made, sealed and read, and what the rules count.

One side shows a code, the other one types it, both confirm. Whoever guesses is bounded twice: a code
bears :data:`TRIES` wrong guesses, whoever makes them, and an account makes :data:`WRONG_MOST` in
:data:`WRONG_WITHIN`. A guess that hits would still have to be confirmed on the side that made the code.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import timedelta
from typing import Final

DIGITS: Final = 6
LIFE: Final = timedelta(minutes=10)  # of a code, and of the question that it leads to
TRIES: Final = 5
WRONG_MOST: Final = 5
WRONG_WITHIN: Final = timedelta(minutes=10)

_SEPARATORS: Final = re.compile(r"[\s-]+")


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def read_code(typed: str) -> str | None:
    """The code that someone typed, spaces, hyphens and wide digits forgiven; None when it is none."""
    code = _SEPARATORS.sub("", unicodedata.normalize("NFKC", typed))
    return code if len(code) == DIGITS and code.isascii() and code.isdigit() else None


def new_salt() -> bytes:
    """The salt of one code."""
    return secrets.token_bytes(16)


def seal(code: str, salt: bytes) -> bytes:
    """What is kept of a code. It hides the code from a glance only: there are a million of them."""
    return hashlib.blake2b(code.encode(), key=salt, digest_size=32).digest()


def opens(code: str, salt: bytes, sealed: bytes) -> bool:
    """Whether it is this code, in a time that does not tell how near it was."""
    return hmac.compare_digest(seal(code, salt), sealed)
