"""Who did what, for the audit table: one line in the transaction that does it."""

from __future__ import annotations

from ecg_core.domain import User
from ecg_core.services.room import utc_now
from ecg_core.storage import audit
from ecg_core.storage.database import Connection


def audit_action(connection: Connection, user: User, action: str, target: object, address: str) -> None:
    """Record what a user does now; ``target`` is an ECG's id or what was downloaded, never patient data."""
    audit.insert_audit(
        connection, at=utc_now(), actor=user.username, action=action, target=str(target), address=address
    )
