"""Files: what Telegram makes of an upload, and what it refuses."""

from __future__ import annotations

import mimetypes
import struct
from typing import Any

from tests.fake_telegram.errors import bad
from tests.fake_telegram.model import File

Json = dict[str, Any]

PHOTO_MAX_BYTES = 10 * 1024 * 1024
UPLOAD_MAX_BYTES = 50 * 1024 * 1024
DOWNLOAD_MAX_BYTES = 20 * 1024 * 1024
_SIDES_MAX, _RATIO_MAX = 10_000, 20
_FOLDERS = {
    "photo": "photos", "animation": "animations", "video": "videos", "document": "documents",
    "sticker": "stickers", "voice": "voice", "audio": "music",
}  # fmt: skip
_DEFAULT_NAMES = {
    "photo": "file.jpg", "animation": "file.mp4", "video": "file.mp4", "sticker": "file.webp",
    "voice": "file.oga", "audio": "file.mp3",
}  # fmt: skip


class Files:
    """All files that were ever sent."""

    def __init__(self) -> None:
        self._by_id: dict[str, File] = {}
        self._by_path: dict[str, File] = {}

    def keep(self, kind: str, name: str, content: bytes) -> File:
        """A new file, sent as ``kind``."""
        number = len(self._by_id)
        name = name or _DEFAULT_NAMES.get(kind, "file")
        ending = "jpg" if kind == "photo" else name.rpartition(".")[2] if "." in name else "bin"
        width, height = picture_size(content) or (0, 0)
        file = File(
            id=f"{kind[:2].upper()}gACAgIAAxkBAAI{number:08d}", unique_id=f"AQAD{number:08d}", kind=kind,
            name=name, content=content, path=f"{_FOLDERS[kind]}/file_{number}.{ending}",
            mime=mimetypes.guess_type(name)[0] or "application/octet-stream", width=width, height=height,
        )  # fmt: skip
        self._by_id[file.id] = self._by_path[file.path] = file
        return file

    def upload(self, kind: str, name: str, content: bytes) -> File:
        """A new file from the bot.

        Raises:
            ApiError: It is empty, too large, or a photo that is no picture or of a wild shape.
        """
        if not content:
            raise bad("file must be non-empty")
        if len(content) > (PHOTO_MAX_BYTES if kind == "photo" else UPLOAD_MAX_BYTES):
            raise bad("file is too big") if kind == "photo" else bad("Request Entity Too Large")
        if kind == "photo":
            size = picture_size(content)
            if size is None:
                raise bad("IMAGE_PROCESS_FAILED")
            if sum(size) > _SIDES_MAX or max(size) > _RATIO_MAX * min(size):
                raise bad("PHOTO_INVALID_DIMENSIONS")
        return self.keep(kind, name, content)

    def again(self, kind: str, file_id: str) -> File:
        """A file that Telegram has already.

        Raises:
            ApiError: There is none of this id, or it is of another kind.
        """
        file = self._by_id.get(file_id)
        if file is None:
            raise bad("wrong file identifier/HTTP URL specified")
        if file.kind != kind and kind != "document":
            raise bad(f"can't use file of type {file.kind.title()} as {kind.title()}")
        return file

    def find(self, file_id: str) -> File | None:
        """The file of an id."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> File | None:
        """The file of a download path."""
        return self._by_path.get(path)


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height by the file's head; ``None`` if it is no picture."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        return struct.unpack(">II", content[16:24])
    if content[:6] in {b"GIF87a", b"GIF89a"} and len(content) >= 10:
        return struct.unpack("<HH", content[6:10])
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _webp_size(content)
    if content.startswith(b"\xff\xd8"):
        return _jpeg_size(content)
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    if len(content) < 30:
        return None
    if content[12:16] == b"VP8X":
        return (
            int.from_bytes(content[24:27], "little") + 1,
            int.from_bytes(content[27:30], "little") + 1,
        )
    if content[12:16] == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", content[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        mark, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= mark <= 0xCF and mark not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def media_fields(file: File) -> Json:
    """A file as fields of a message."""
    base: Json = {
        "file_id": file.id, "file_unique_id": file.unique_id, "file_size": len(file.content)
    }  # fmt: skip
    sides = {"width": file.width or 512, "height": file.height or 512}
    named = {"file_name": file.name, "mime_type": file.mime}
    match file.kind:
        case "photo":
            small = base | {
                "file_id": file.id, "file_unique_id": file.unique_id + "s", "width": 90, "height": 90
            }  # fmt: skip
            return {"photo": [small, base | sides]}
        case "animation":
            moving = base | sides | {"duration": 1, "file_name": file.name, "mime_type": "video/mp4"}
            # Old bots know documents only, so that Telegram sends both.
            return {"animation": moving, "document": base | named}
        case "video":
            return {"video": base | sides | named | {"duration": 1}}
        case "sticker":
            extra = {"type": "regular", "is_animated": False, "is_video": False, "emoji": "🙂"}
            return {"sticker": base | sides | extra}
        case "voice":
            return {"voice": base | {"duration": 1, "mime_type": "audio/ogg"}}
        case "audio":
            return {"audio": base | named | {"duration": 1}}
        case _:
            return {"document": base | named}
