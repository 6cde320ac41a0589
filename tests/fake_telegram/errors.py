"""Refusals, in the words of the real Bot API (bots look into them)."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer with ``ok: false``."""

    def __init__(self, status: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(f"{status} {description}")
        self.status = status
        self.description = description
        self.parameters = parameters

    @property
    def body(self) -> Json:
        """The answer's JSON."""
        body: Json = {"ok": False, "error_code": self.status, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


def bad(what: str) -> ApiError:
    """400."""
    return ApiError(400, f"Bad Request: {what}")


def forbidden(what: str) -> ApiError:
    """403."""
    return ApiError(403, f"Forbidden: {what}")


def conflict(what: str) -> ApiError:
    """409."""
    return ApiError(409, f"Conflict: {what}")


def unauthorized() -> ApiError:
    """401: a token of the right form, but of no bot."""
    return ApiError(401, "Unauthorized")


def no_method() -> ApiError:
    """404: what an unknown method and a malformed token get."""
    return ApiError(404, "Not Found")


def too_many(retry_after: float) -> ApiError:
    """429."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after:g}", {"retry_after": retry_after})


def migrated(new_id: int) -> ApiError:
    """400 with the group's new id."""
    return ApiError(
        400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": new_id}
    )


def unparsable(why: str) -> ApiError:
    """400: a text in HTML that is none."""
    return bad(f"can't parse entities: {why}")


def not_modified() -> ApiError:
    """400: an edit that changes nothing."""
    return bad(
        "message is not modified: specified new message content and reply markup are exactly the same as a "
        "current content and reply markup of the message"
    )


def query_too_old() -> ApiError:
    """400: a press that was answered, or that nobody waits for any more."""
    return bad("query is too old and response timeout expired or query ID is invalid")
