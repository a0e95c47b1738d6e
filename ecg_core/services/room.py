"""The reading room: settings, database and the key of the token hashes, opened once a process."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from ecg_core.errors import ConfigurationError
from ecg_core.settings import Settings, read_settings
from ecg_core.storage.database import Database
from ecg_core.storage.migrate import migrate


@dataclass(frozen=True)
class ReadingRoom:
    """What every service function needs; tests open their own."""

    settings: Settings
    database: Database
    key: bytes

    def keyed_hash(self, token: str) -> str:
        """HMAC-SHA256 of a token in hex: all that is ever stored of it."""
        return hmac.new(self.key, token.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def open_reading_room(settings: Settings) -> ReadingRoom:
    """Connect to the database, bring its schema up to date and read the key.

    Raises
    ------
    ConfigurationError
    StorageUnavailableError
    """
    key = _read_key(settings)
    database = Database(settings.url)
    migrate(database)
    return ReadingRoom(settings, database, key)


@cache
def reading_room() -> ReadingRoom:
    """This process's reading room, from its environment."""
    return open_reading_room(read_settings())


def utc_now() -> datetime:
    return datetime.now(UTC)


def _read_key(settings: Settings) -> bytes:
    if settings.secret_key is not None:
        key = settings.secret_key.get_secret_value()
        if len(key) < 32:
            raise ConfigurationError("ECG_SECRET_KEY is too short: at least 32 characters are needed")
        return key.encode()
    path = settings.data_dir / "secret.key"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _create_key(path)
        key_bytes = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"ECG_DATA_DIR {settings.data_dir} cannot be used: {error.strerror}"
        ) from error
    if len(key_bytes) < 32:
        raise ConfigurationError(
            f"{path} is damaged: it must hold at least 32 bytes. Restore it from a backup"
        )
    return key_bytes


def _create_key(path: Path) -> None:
    """Write a new key; of two processes that start together the first one's stays."""
    # Not named by the process: in two containers on one volume both may have the same number.
    mine = path.with_name(f".secret.key.{secrets.token_hex(8)}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(mine, path)
    mine.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)  # a key lost in a power failure would make every token worthless
    os.close(folder)
