"""Users, for the administrator."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from ecg_core.api.answers import errors
from ecg_core.api.dependencies import Address, Room, check_admin
from ecg_core.api.schemas import RegisteredUser, RegisterUser, UserAnswer
from ecg_core.services import users

router = APIRouter(tags=["users"], dependencies=[Depends(check_admin)])


@router.post("/users", status_code=201, responses=errors(401, 413, 422, 503, 507))
def register_user(room: Room, address: Address, body: RegisterUser) -> RegisteredUser:
    """Register a user. A known username gets a new token; the old one stops working."""
    token = users.register(room, body.username, address=address)
    return RegisteredUser(username=body.username, token=token)


@router.get("/users", responses=errors(401, 413, 503))
def list_users(room: Room) -> list[UserAnswer]:
    """All users, by name; no tokens, since only their hashes are kept."""
    return [UserAnswer.model_validate(user, from_attributes=True) for user in users.list_users(room)]


@router.delete("/users/{username}", status_code=204, responses=errors(401, 404, 413, 422, 503, 507))
def deactivate_user(room: Room, address: Address, username: str) -> None:
    """End a user's token and logins at once. The ECGs stay."""
    users.deactivate(room, username, address=address)
