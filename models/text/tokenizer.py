"""Byte-level BPE tokenizer for Korean and English; any text round-trips, control tokens are atoms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from core.prompt import CONTROL_TOKENS, END, PAD

VOCAB_SIZE = 8000
FILE = "tokenizer.json"


def train_tokenizer(texts: Iterable[str], vocab_size: int = VOCAB_SIZE) -> Tokenizer:
    """Learn merges (Sennrich et al., ACL 2016) on ``texts``; control tokens come first."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"\d"), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])  # fmt: skip
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=list(CONTROL_TOKENS), show_progress=False,
        min_frequency=2, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer saved in ``folder``. Raises FileNotFoundError when it is missing."""
    path = folder / FILE
    if not path.is_file():
        raise FileNotFoundError(path)
    return Tokenizer.from_file(str(path))


def counter(folder: Path) -> Callable[[str], int]:
    """Counts the tokens of a prompt; see :func:`counting`. Raises FileNotFoundError."""
    return counting(load_tokenizer(folder))


def counting(tokenizer: Tokenizer) -> Callable[[str], int]:
    """Counts the tokens of a prompt; a control token that the vocabulary lacks counts as one."""
    strange = [re.escape(token) for token in CONTROL_TOKENS if tokenizer.token_to_id(token) is None]
    marks = re.compile("|".join(strange) or "(?!)")

    def count(text: str) -> int:
        pieces = marks.split(text)
        return len(pieces) - 1 + sum(len(tokenizer.encode(p, add_special_tokens=False).ids) for p in pieces)

    return count


def byte_letters() -> dict[str, int]:
    """The letter that byte-level BPE writes for each byte, and the byte (Radford et al., GPT-2, 2019)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


def token_id(tokenizer: Tokenizer, token: str) -> int:
    """Id of a control token. Raises KeyError when the tokenizer lacks it."""
    found = tokenizer.token_to_id(token)
    if found is None:
        raise KeyError(token)
    return int(found)


def end_and_pad(tokenizer: Tokenizer) -> tuple[int, int]:
    """Ids of the end and the padding token."""
    return token_id(tokenizer, END), token_id(tokenizer, PAD)
