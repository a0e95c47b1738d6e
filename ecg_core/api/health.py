"""Is the service alive, and does its database answer?"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter

from ecg_core.api.answers import errors
from ecg_core.api.dependencies import Room

router = APIRouter(tags=["health"])


@router.get("/health/ping", responses=errors(413))
async def ping() -> Literal["pong"]:
    """Alive."""
    return "pong"


@router.get("/health/ready", responses=errors(413, 503))
def ready(room: Room) -> Literal["ready"]:
    """Alive, and the database answers."""
    room.database.ping()
    return "ready"
