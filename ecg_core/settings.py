"""What an operator can set: ``ECG_*`` environment variables. Nothing is built at import time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ecg_core.errors import ConfigurationError

MINIMUM_TOKEN_LENGTH = 16
MINIMUM_DISTINCT_CHARACTERS = 8
_WORDS = """
    admin administrator root user demo test testing token secret password passwd pass key api ecg my your the
    a an this change me changeme changethis changeit default example sample super supersecret letmein welcome
    qwerty qwertyuiop asdfghjkl insert replace here with please dev local todo placeholder none null
"""
_WELL_KNOWN_WORDS = frozenset(_WORDS.split())
_SEQUENCES = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "0123456789abcdef")


PatientFields = Literal["keep", "pseudonymise", "drop"]


class Settings(BaseSettings):
    """One deployment's settings; each field is the environment variable ``ECG_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="ECG_", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Field(Path("data"), description="Folder of the embedded database and of the secret key")
    database_url: str | None = Field(
        None,
        description="Database to use instead of the embedded SQLite file, e.g. "
        "postgresql+psycopg://user:password@host/name",
    )
    admin_token: SecretStr | None = Field(
        None,
        description="The administrator's token (at least 16 characters); unset, one is made on first start",
    )
    secret_key: SecretStr | None = Field(
        None, description="Key of the token hashes; unset, it is made once and kept in the data folder"
    )
    demo: bool = Field(True, description="Register the user demo with example ECGs on an empty database")
    max_upload_mb: int = Field(
        200, ge=1, le=4096, description="Largest upload in MB; above it the answer is 413"
    )
    session_idle_minutes: float = Field(60, gt=0, description="A login ends after this long without use")
    session_absolute_hours: float = Field(12, gt=0, description="A login ends after this long in any case")
    login_failures_per_minute: int = Field(
        10, ge=1, description="Wrong tokens from one address in a minute before logging in is refused"
    )
    patient_fields: PatientFields = Field(
        "keep",
        description="What becomes of a file's patient fields: keep, pseudonymise (a keyed pseudonym; sex and "
        "age stay) or drop. Unless they are kept, the uploaded file and its free text are not kept either",
    )
    cookie_secure: bool = Field(False, description="Send the login cookie over HTTPS only; set it behind TLS")

    @property
    def url(self) -> str:
        """The database's address: ``database_url``, or the SQLite file in ``data_dir``."""
        if self.database_url:
            return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url)
        return f"sqlite:///{self.data_dir.absolute() / 'ecg.db'}"

    @property
    def max_upload_bytes(self) -> int:
        return self.max_upload_mb * 1_000_000


def read_settings() -> Settings:
    """The settings of this process's environment.

    Raises
    ------
    ConfigurationError
        A value is of the wrong kind, or the admin token is short or well known.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        faults = "; ".join(f"ECG_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(faults) from None  # the cause would print the values, secrets among them
    if settings.admin_token is not None:
        check_admin_token(settings.admin_token.get_secret_value())
    return settings


def check_admin_token(token: str) -> None:
    """Refuse an admin token that can be guessed, saying why (never quoting it)."""
    remedy = 'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
    if len(token) < MINIMUM_TOKEN_LENGTH:
        reason = f"is too short: {len(token)} characters, at least {MINIMUM_TOKEN_LENGTH} are needed"
    elif not token.isascii() or not token.isprintable() or " " in token:
        reason = "may only hold printable ASCII characters without spaces, since it travels in an HTTP header"
    elif len(set(token)) < MINIMUM_DISTINCT_CHARACTERS or _is_repetition(token):
        reason = "repeats itself too much to be random"
    elif _is_well_known(token):
        reason = "is made of well-known words or sequences only"
    else:
        return
    raise ConfigurationError(f"ECG_ADMIN_TOKEN {reason}. {remedy}")


def _is_repetition(token: str) -> bool:
    return (token + token).find(token, 1) < len(token)


def _is_well_known(token: str) -> bool:
    parts = re.findall(r"[a-z]+|[0-9]+", token.lower())
    return all(_can_be_guessed(part, sequences=len(token) < 32) for part in parts)


def _can_be_guessed(part: str, *, sequences: bool) -> bool:
    is_year_or_counter = part.isdigit() and len(part) <= 4
    is_sequence = sequences and any(part in sequence for sequence in _SEQUENCES)
    return part in _WELL_KNOWN_WORDS or is_year_or_counter or is_sequence
