"""The stores by one name."""

from db.battle_store import SqlBattleStore
from db.chat_store import SqlChatStore
from db.delivery_store import SqlDeliveryStore
from db.history_store import SqlHistoryStore
from db.link_store import SqlLinkStore
from db.memory_store import SqlMemoryStore
from db.place_stores import SqlAuditLog, SqlBlockStore, SqlGroupStore, SqlStateStore
from db.retention import SqlKeeper

__all__ = [
    "SqlAuditLog",
    "SqlBattleStore",
    "SqlBlockStore",
    "SqlChatStore",
    "SqlDeliveryStore",
    "SqlGroupStore",
    "SqlHistoryStore",
    "SqlKeeper",
    "SqlLinkStore",
    "SqlMemoryStore",
    "SqlStateStore",
]
