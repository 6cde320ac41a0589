"""The stores by one name."""

from db.history_store import SqlHistoryStore
from db.memory_store import SqlMemoryStore

__all__ = ["SqlHistoryStore", "SqlMemoryStore"]
