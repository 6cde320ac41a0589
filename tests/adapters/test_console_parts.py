"""The terminal's small parts: pictures, face files, lines from a pipe."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from adapters.console.commands import parse_scores
from adapters.console.faces import FaceFolder
from adapters.console.lines import LONGEST, decode, read_lines
from adapters.console.pictures import Way, blocks, iterm2, kitty, show, way_of
from core.people import NEUTRAL, Scores
from tests.fakes import PaintedPortraits


@pytest.mark.parametrize(
    ("hints", "truecolor", "way"),
    [
        ({"TERM": "xterm-kitty"}, True, "kitty"), ({"KITTY_WINDOW_ID": "1"}, False, "kitty"),
        ({"TERM_PROGRAM": "iTerm.app"}, True, "iterm2"), ({"TERM_PROGRAM": "WezTerm"}, True, "iterm2"),
        ({"TERM": "xterm-256color"}, True, "blocks"), ({"TERM": "dumb"}, False, "none"),
        ({"KITTY_WINDOW_ID": "1", "TMUX": "x"}, True, "blocks"),
    ],
)  # fmt: skip
def test_how_a_terminal_shows_pictures(hints: dict[str, str], truecolor: bool, way: str) -> None:
    assert way_of(hints, truecolor=truecolor) == way


async def test_pictures_in_the_terminal() -> None:
    png = await PaintedPortraits().draw("aurora", Scores(1, 0, -1))
    chunks = kitty(png * 10).strip().split("\x1b\\")[:-1]
    assert "a=T" in chunks[0] and all("m=1" in chunk for chunk in chunks[:-1]) and "m=0" in chunks[-1]
    assert iterm2(png).startswith("\x1b]1337;File=inline=1") and iterm2(png).endswith("\x07\n")
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=80)
    console.print(blocks(png, rows=4))
    drawn = console.file.getvalue()  # type: ignore[attr-defined]
    assert drawn.count("▀") == 32 and "38;2;227;127;27" in drawn
    ways: tuple[Way, ...] = ("blocks", "kitty")
    for way in ways:
        show(console, b"no picture", way)
    show(console, png, "none")


async def test_a_film_in_the_terminal() -> None:
    film = await PaintedPortraits().animate("aurora", NEUTRAL, Scores(1, 0, -1), "gif")
    shown, ways = {}, ("kitty", "iterm2", "blocks")
    for way in cast("tuple[Way, ...]", ways):
        console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=80)
        show(console, film, way)
        shown[way] = console.file.getvalue()  # type: ignore[attr-defined]
    assert base64.b64encode(b"\x89PNG\r\n").decode() in shown["kitty"], "its first picture"
    assert base64.b64encode(film).decode() in shown["iterm2"] and "▀" in shown["blocks"]


def test_face_files_are_few(tmp_path: Path) -> None:
    folder = FaceFolder(tmp_path / "faces", "console:jun", keep=3)
    paths = [folder.save(bytes([i]) * 10) for i in range(6)]
    assert folder.save(bytes([5]) * 10) == paths[-1] and len(list((tmp_path / "faces").iterdir())) == 3
    (tmp_path / "file").write_text("")
    assert FaceFolder(tmp_path / "file", "console:jun").save(b"x") is None


def test_forgetting_removes_the_face_files_of_one_person(tmp_path: Path) -> None:
    faces = tmp_path / "faces"
    jun, mina = FaceFolder(faces, "console:jun"), FaceFolder(faces, "console:mina")
    assert jun.forget() == 0, "there is no folder yet"
    for folder in (jun, mina):
        assert folder.save(b"the same picture") is not None
    theirs = mina.save(b"another one")
    (faces / f"{'0a' * 8}.png").write_bytes(b"of an earlier version")
    (faces / next(faces.glob("*.png")).with_suffix(".7.part").name).write_bytes(b"cut off in the middle")
    assert not any("jun" in file.name for file in faces.iterdir())
    jun.forget()
    mina_only = {file.name.partition("-")[0] for file in faces.glob("*.png")}
    assert theirs is not None and theirs.is_file() and len(mina_only) == 1
    assert len(list(faces.glob("*.png"))) == 2
    mina.forget()
    assert list(faces.iterdir()) == []


def test_scores() -> None:
    assert parse_scores("0.5", "-1", "1e-1") == Scores(0.5, -1.0, 0.1)
    assert parse_scores("inf", "0", "0") is None and parse_scores("", "0", "0") is None


@contextmanager
def pipe(content: bytes) -> Iterator[int]:
    """The reading end of a pipe that holds ``content``."""
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    try:
        yield reading
    finally:
        os.close(reading)


def test_lines_and_their_ends() -> None:
    with pipe("\ufeff안녕\r\n\nlast".encode()) as fd:
        assert [decode(line) for line in read_lines(fd)] == ["안녕", "", "last"]
    with pipe(b"ok\n\xff\xfe\n") as fd:
        assert [decode(line) for line in read_lines(fd)] == ["ok", None]
    with pipe(b"") as fd:
        assert list(read_lines(fd)) == []


def test_an_endless_line_is_cut(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes("가".encode() * LONGEST + b"\nnext\n")
    fd = os.open(tmp_path / "long", os.O_RDONLY)
    first, second = read_lines(fd)
    os.close(fd)
    assert len(first) == LONGEST and second == b"next"
    text = decode(first)
    assert text is not None and set(text) == {"가"}
