"""The audit table: who did what, when, from where."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from ecg_core.storage.tables import AuditRow

_INSERT = insert(AuditRow.__table__)
_ADDRESS_LENGTH = 64  # a proxy passes on whatever a client says of itself


def insert_audit(
    connection: Connection, *, at: datetime, actor: str, action: str, target: str = "", address: str = ""
) -> None:
    """Record one action; ``target`` is an ECG's id or a username, never a token or patient data."""
    address = address[:_ADDRESS_LENGTH]
    row = {"at": at, "actor": actor, "action": action, "target": target, "address": address}
    connection.execute(_INSERT, row)


def recent_actions(
    connection: Connection, *, action: str, address: str, since: datetime
) -> tuple[int, datetime | None]:
    """How many times an action came from an address since a time, and the earliest of them."""
    query = select(func.count(), func.min(AuditRow.at)).where(
        AuditRow.action == action, AuditRow.address == address[:_ADDRESS_LENGTH], AuditRow.at >= since
    )
    count, first = connection.execute(query).one()
    return count, first
