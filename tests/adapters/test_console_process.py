"""The chat as a process on fakes: pipes, one message, signals, a pseudo terminal."""

from __future__ import annotations

import codecs
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.phrases import lines, phrase
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]


def command(*args: str) -> list[str]:
    """The chat on fakes as a process."""
    return [sys.executable, "-m", "tests.adapters.fake_chat", "--person", "jun", *args]


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    """Nothing configured but the folder."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("OHLORA_")}
    return clean | {"OHLORA_VAR_DIR": str(tmp_path / "var"), "LC_ALL": "C.UTF-8"} | more


def chat(tmp_path: Path, *args: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the chat to its end."""
    return subprocess.run(
        command(*args), cwd=ROOT, input=stdin, capture_output=True, timeout=PATIENCE_S, env=environment(tmp_path),
        check=False,
    )  # fmt: skip


def test_a_pipe(tmp_path: Path) -> None:
    done = chat(tmp_path, stdin="나 여행 가\n\n   \n/memory\n떡볶이 좋아해\n/memory\n".encode())
    out, err = done.stdout.decode().splitlines(), done.stderr.decode()
    assert done.returncode == 0 and out == ["와 정말? 나도 같이 가고 싶다!", "오 좋다! 나도 그거 좋아해."]
    assert err.splitlines()[:2] == list(lines("first_contact", "ko"))
    assert phrase("memory_none", "ko") in err and "[좋아하는 음식: 떡볶이]" in err


def test_many_lines_are_all_answered(tmp_path: Path) -> None:
    done = chat(tmp_path, "--no-face", stdin=b"".join(f"hello {i}\n".encode() for i in range(40)))
    assert done.returncode == 0 and len(done.stdout.decode().splitlines()) == 40
    assert phrase("too_fast", "en", seconds=1)[:20] not in done.stdout.decode()


def test_undecodable_lines(tmp_path: Path) -> None:
    done = chat(tmp_path, "--json", stdin=b"hello\n\xff\xfe bad\nhello again\n")
    assert done.returncode == 65 and b"line 2" in done.stderr
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["hello", "hello again"]


def test_once(tmp_path: Path) -> None:
    done = chat(tmp_path, "--once", "떡볶이 좋아해", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0 and [m["text"] for m in found["learned"]] == ["[좋아하는 음식: 떡볶이]"]
    assert Path(found["face"]).parent == tmp_path / "var" / "faces"
    plain = chat(tmp_path, "--once", "나 여행 가", "--person", "mina")
    assert plain.stdout.decode() == "와 정말? 나도 같이 가고 싶다!\n"
    faceless = chat(tmp_path, "--once", "hello", "--json", "--no-face")
    assert json.loads(faceless.stdout)["face"] is None
    assert phrase("no_face", "en") not in faceless.stderr.decode()


def test_jobs_of_shown_replies_finish_at_the_end_of_input(tmp_path: Path) -> None:
    chat(tmp_path, stdin="떡볶이 좋아해\n".encode())
    assert "떡볶이" in chat(tmp_path, stdin=b"/memory\n").stderr.decode()


def test_the_log_holds_no_text(tmp_path: Path) -> None:
    chat(tmp_path, stdin="떡볶이 좋아해\n/forget yes\n".encode())
    assert "떡볶이" not in (tmp_path / "var" / "log" / "ohlora.log").read_text()


def test_the_reader_leaves(tmp_path: Path) -> None:
    line = f"yes hello | head -50 | {' '.join(command())} | head -1"
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, capture_output=True, timeout=PATIENCE_S, env=environment(tmp_path),
        check=False,
    )  # fmt: skip
    assert done.stdout == b"Sounds great!\n" and b"Traceback" not in done.stderr


def test_sigterm_drains(tmp_path: Path) -> None:
    running = subprocess.Popen(
        command(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment(tmp_path),
    )  # fmt: skip
    assert running.stdin is not None and running.stdout is not None
    running.stdin.write("떡볶이 좋아해\n".encode())
    running.stdin.flush()
    assert running.stdout.readline()
    running.send_signal(signal.SIGTERM)
    _, err = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 0 and b"Traceback" not in err
    assert "떡볶이" in chat(tmp_path, stdin=b"/memory\n").stderr.decode()


def _interruptible() -> None:
    """Jobs that a shell runs in the background ignore Ctrl+C, and so would all that they begin."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """The chat in a pseudo terminal."""

    def __init__(self, tmp_path: Path) -> None:
        master, slave = pty.openpty()
        self.fd = master
        self.process = subprocess.Popen(
            command(), cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env=environment(tmp_path, TERM="xterm", COLUMNS="200"),
            preexec_fn=_interruptible,
        )  # fmt: skip
        os.close(slave)
        self.seen = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def until(self, text: str, seconds: float = PATIENCE_S) -> str:
        """Read until ``text`` was seen."""
        end = time.monotonic() + seconds
        while text not in self.seen and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    self.seen += self.decoder.decode(os.read(self.fd, 65536))
                except OSError:
                    break
        assert text in self.seen, self.seen
        seen, _, self.seen = self.seen.partition(text)
        return seen

    def send(self, text: str) -> None:
        """Type."""
        os.write(self.fd, text.encode())


@pytest.mark.parametrize("way", ["/quit\n", "\x04", "ctrl-c"])
def test_a_person_at_the_terminal(tmp_path: Path, way: str) -> None:
    terminal = Terminal(tmp_path)
    try:
        terminal.until(lines("first_contact", "ko")[1])
        terminal.until("› ")
        terminal.send("나 여행 가\n")
        terminal.until("오로라 › ")
        terminal.until("나도 같이 가고 싶다!")
        terminal.until("[눈 크게")
        terminal.until("› ")
        if way == "ctrl-c":
            time.sleep(0.3)
            terminal.process.send_signal(signal.SIGINT)
        else:
            terminal.send(way)
        terminal.until("잘 가!")
        assert terminal.process.wait(20) == 0
    finally:
        terminal.process.kill()
        terminal.process.wait()
        os.close(terminal.fd)
