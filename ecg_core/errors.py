"""Every error this product raises on purpose, and the HTTP status of each.

EcgError                                500
├── InvalidInputError                   422   what was sent cannot be understood
│   └── UnreadableFileError             422   … a file: where, what, and what would be right
├── AuthenticationError                 401
│   ├── InvalidUserTokenError
│   ├── InvalidAdminTokenError
│   └── NotLoggedInError
├── ForbiddenError                      403   a request that came from another site
├── NotFoundError                       404
│   ├── CorrectionNotFoundError              … of a measurement, or it was taken back
│   ├── EcgNotFoundError
│   ├── LeadNotFoundError
│   ├── MarkNotFoundError                    a reader's note or caliper
│   ├── ReportNotFoundError
│   └── UserNotFoundError
├── ConflictError                       409
│   ├── AlreadyStoredError                    this user has the file
│   ├── NotDerivableError                     the leads that it needs are not there, or all are
│   ├── NoSuchLeadError                       a note or caliper is to be on a lead that the ECG does not have
│   ├── StatedByFileError                     what the file states is not entered again
│   └── UnwritableError                       a format cannot hold this recording unchanged, and why
├── TooLargeError                       413
├── TooManyAttemptsError                429
├── StorageUnavailableError             503   the database does not answer; trying again may help
├── StorageFullError                    507   the disk is full; nothing was stored
└── ConfigurationError                  500   a setting is wrong; said at start (exit status 2)
"""

from __future__ import annotations


class EcgError(Exception):
    """Base of all errors raised on purpose; its text is written for the person who reads it."""

    status = 500


class InvalidInputError(EcgError):
    """What was sent cannot be understood; the text names the place and what would be right."""

    status = 422


class UnreadableFileError(InvalidInputError):
    """A file is not a readable ECG; the text names the place (row, column, lead, sample)."""


class AuthenticationError(EcgError):
    """Nobody, or somebody else, is asking."""

    status = 401


class InvalidUserTokenError(AuthenticationError):
    def __init__(self) -> None:
        super().__init__("Invalid user token")


class InvalidAdminTokenError(AuthenticationError):
    def __init__(self) -> None:
        super().__init__("Invalid admin token")


class NotLoggedInError(AuthenticationError):
    def __init__(self) -> None:
        super().__init__("Log in first")


class ForbiddenError(EcgError):
    status = 403


class NotFoundError(EcgError):
    status = 404


class EcgNotFoundError(NotFoundError):
    def __init__(self, ecg_id: object) -> None:
        super().__init__(f"ECG not found for id {ecg_id}")


class LeadNotFoundError(NotFoundError):
    pass


class MarkNotFoundError(NotFoundError):
    def __init__(self, mark_id: object) -> None:
        super().__init__(f"No note or caliper has the id {mark_id}")


class CorrectionNotFoundError(NotFoundError):
    def __init__(self, correction_id: object) -> None:
        super().__init__(f"No correction that still counts has the id {correction_id}")


class ReportNotFoundError(NotFoundError):
    pass


class UserNotFoundError(NotFoundError):
    def __init__(self, username: str) -> None:
        super().__init__(f"No user is named {username!r}")


class ConflictError(EcgError):
    status = 409


class StatedByFileError(ConflictError):
    def __init__(self, what: str) -> None:
        super().__init__(f"Every lead's {what} is stated by the file; only a missing one can be entered")


class NoSuchLeadError(ConflictError):
    """The ECG does not have the lead that a note or caliper is to be on; the text names those it has."""


class AlreadyStoredError(ConflictError):
    def __init__(self, file_name: str) -> None:
        super().__init__(f"{file_name} is stored already")


class UnwritableError(ConflictError):
    """A file format cannot hold a recording without changing it; the text says why and what would help."""


class NotDerivableError(ConflictError):
    """No lead can be computed from the others; the text says what is needed."""


class TooLargeError(EcgError):
    status = 413


class TooManyAttemptsError(EcgError):
    status = 429

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"Too many wrong tokens; try again in {retry_after_s} seconds")
        self.retry_after_s = retry_after_s


class StorageUnavailableError(EcgError):
    status = 503


class StorageFullError(EcgError):
    status = 507


class ConfigurationError(EcgError):
    """A setting is missing or unsafe; the service does not start."""
