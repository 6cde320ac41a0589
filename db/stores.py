"""The stores by one name."""

from db.delivery_store import SqlDeliveryStore
from db.history_store import SqlHistoryStore
from db.memory_store import SqlMemoryStore
from db.place_stores import SqlAuditLog, SqlBlockStore, SqlGroupStore, SqlStateStore

__all__ = [
    "SqlAuditLog",
    "SqlBlockStore",
    "SqlDeliveryStore",
    "SqlGroupStore",
    "SqlHistoryStore",
    "SqlMemoryStore",
    "SqlStateStore",
]
