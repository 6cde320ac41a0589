"""Discord's refusals: HTTP status, JSON error code, message."""

from __future__ import annotations

from tests.fake_discord.model import Json


class ApiError(Exception):
    """A refusal that becomes the answer to a request."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.body: Json = {"message": message, "code": code}
        if errors is not None:
            self.body["errors"] = errors


def unauthorized() -> ApiError:
    """No or a wrong token."""
    return ApiError(401, 0, "401: Unauthorized")


def no_route() -> ApiError:
    """An address that does not exist (or that the fake does not know)."""
    return ApiError(404, 0, "404: Not Found")


def unknown(what: str) -> ApiError:
    """A thing that is not there (any more)."""
    codes = {
        "Application": 10002, "Channel": 10003, "Guild": 10004, "Member": 10007,
        "Message": 10008, "User": 10013, "Webhook": 10015, "interaction": 10062, "application command": 10063,
    }  # fmt: skip
    return ApiError(404, codes[what], f"Unknown {what}")


def missing_access() -> ApiError:
    """The channel or guild is out of sight."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """The place is in sight, the act is not allowed."""
    return ApiError(403, 50013, "Missing Permissions")


def not_yours() -> ApiError:
    """An edit of a message that someone else wrote."""
    return ApiError(403, 50005, "Cannot edit a message authored by another user")


def dms_closed() -> ApiError:
    """The other one takes no private messages from the bot."""
    return ApiError(403, 50007, "Cannot send messages to this user")


def empty_message() -> ApiError:
    """A message of nothing."""
    return ApiError(400, 50006, "Cannot send an empty message")


def too_large() -> ApiError:
    """A file or request above the limit."""
    return ApiError(413, 40005, "Request entity too large")


def too_many_files() -> ApiError:
    """More than ten files at one message."""
    return ApiError(400, 30015, "Maximum number of attachments in a message reached (10)")


def already_acknowledged() -> ApiError:
    """A second first answer."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def token_expired() -> ApiError:
    """An interaction that is older than fifteen minutes."""
    return ApiError(401, 50027, "Invalid Webhook Token")


def archived() -> ApiError:
    """An act in a thread that is closed."""
    return ApiError(400, 50083, "Thread is archived")


def cannot_reply() -> ApiError:
    """A reply where history may not be read."""
    return ApiError(400, 160002, "Cannot reply without permission to read message history")


def thread_exists() -> ApiError:
    """A second thread at the same message."""
    return ApiError(400, 160004, "A thread has already been created for this message")


def invalid(where: str, message: str, code: str = "BASE_TYPE_BAD_VALUE") -> ApiError:
    """A form that Discord does not accept; ``where`` is a dotted path."""
    errors: Json = {"_errors": [{"code": code, "message": message}]}
    for step in reversed(where.split(".")):
        errors = {step: errors}
    return ApiError(400, 50035, "Invalid Form Body", errors)
