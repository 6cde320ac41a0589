"""As much of the Hugging Face hub as a download needs: one model repository at one commit."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@contextmanager
def fake_hub(repo: str, folder: Path, revision: str = "v1") -> Iterator[tuple[str, list[str]]]:
    """The address of a hub that has ``folder`` as ``repo``, and the paths of the files that were fetched."""
    files = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    fetched: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def _answer(self, *, with_body: bool) -> None:
            path = self.path.partition("?")[0]
            start = f"/{repo}/resolve/{COMMIT}/"
            if path in (f"/api/models/{repo}/revision/{revision}", f"/api/models/{repo}/revision/{COMMIT}"):
                self._send(json.dumps({"id": repo, "sha": COMMIT, "siblings": []}).encode(), with_body)
            elif path == f"/api/models/{repo}/tree/{COMMIT}":
                self._send(
                    json.dumps([_entry(name, file) for name, file in files.items()]).encode(), with_body
                )
            elif path.startswith(start) and (name := path.removeprefix(start)) in files:
                if with_body:
                    fetched.append(name)
                self._send(files[name].read_bytes(), with_body, ETag=f'"{_digest(files[name])}"')
            else:
                self.send_response(404)
                self.send_header("X-Error-Code", "RepoNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def _send(self, body: bytes, with_body: bool, **headers: str) -> None:
            self.send_response(200)
            for name, value in (
                {"Content-Length": str(len(body)), "X-Repo-Commit": COMMIT} | headers
            ).items():
                self.send_header(name, value)
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", fetched
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _digest(path: Path) -> str:
    return hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()


def _entry(name: str, path: Path) -> dict[str, Any]:
    return {"type": "file", "path": name, "size": path.stat().st_size, "oid": _digest(path)}
