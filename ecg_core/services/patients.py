"""Whether two ECGs are of one patient, as far as their files say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

_IDS = ("patient id", "patientid", "patient number", "mrn", "id")
_NAMES = ("name", "patient name", "patient")
_FIRST, _LAST = ("first name", "given name"), ("last name", "surname")
_BORN = (
    "birth date", "birthdate", "date of birth", "birthday", "dob", "geburtsdatum", "geburtstag",
    "date de naissance", "fecha de nacimiento", "data di nascita", "data de nascimento",
)  # fmt: skip
_NOBODY = frozenset(
    ("", "x", "-", "0", "none", "unknown", "anonymous", "anonymized", "anonymised", "anonym", "n/a", "na")
)


@dataclass(frozen=True)
class PatientMatch:
    """Whether it is one patient, and what says so."""

    kind: Literal["same", "different", "unknown"]
    reason: str


def match_patients(first: Mapping[str, str], second: Mapping[str, str]) -> PatientMatch:
    """Compare what two files say of their patients.

    The same: equal id, or equal name and birth date, and nothing that contradicts. Different: ids, names or
    birth dates that differ. Anything else is unknown.

    Parameters
    ----------
    first, second : mapping of str to str
        Patient fields as the readers found them.
    """
    one, two = _Identity.of(first), _Identity.of(second)
    said = [
        (what, getattr(one, field) == getattr(two, field))
        for field, what in (("number", "id"), ("name", "name"), ("born", "birth date"))
        if getattr(one, field) and getattr(two, field)
    ]
    if not (one.born.isdigit() and two.born.isdigit()):  # written in ways that cannot be compared
        said = [each for each in said if each != ("birth date", False)]
    equal = [what for what, alike in said if alike]
    unequal = [what for what, alike in said if not alike]
    proven = "id" in equal or {"name", "birth date"} <= set(equal)
    if proven and set(unequal) <= ({"id"} if "id" not in equal else set()):
        return PatientMatch("same", f"equal {' and '.join(equal)}")
    if unequal:
        agree = f"; the {' and '.join(equal)} {'agree' if len(equal) > 1 else 'agrees'}" if equal else ""
        differ = "differ" if len(unequal) > 1 else "differs"
        return PatientMatch("different", f"the {' and '.join(unequal)} {differ}{agree}")
    return PatientMatch("unknown", "the files do not both state an id, or a name and a birth date")


def identifying_texts(patient: Mapping[str, str]) -> list[str]:
    """What to search for ECGs of the same patient by."""
    fields = _fields(patient)
    return [text for keys in (_IDS, _NAMES, _LAST) if _known(text := _first(fields, keys))]


@dataclass(frozen=True)
class _Identity:
    """Made alike for comparison; empty where it is not stated."""

    number: str
    name: tuple[str, ...]
    born: str

    @classmethod
    def of(cls, patient: Mapping[str, str]) -> _Identity:
        fields = _fields(patient)
        name = _first(fields, _NAMES) or f"{_first(fields, _FIRST)} {_first(fields, _LAST)}"
        number, born = _first(fields, _IDS).casefold(), _first(fields, _BORN)
        words = tuple(sorted(re.findall(r"\w+", name.casefold())))
        return cls(
            number if _known(number) else "",
            words if _known(name.strip()) else (),
            _date(born) if _known(born) else "",
        )


def _fields(patient: Mapping[str, str]) -> dict[str, str]:
    return {what.strip().rstrip(":").casefold(): said.strip() for what, said in patient.items()}


def _first(fields: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((fields[key] for key in keys if fields.get(key)), "")


def _known(text: str) -> bool:
    return text.strip().casefold() not in _NOBODY


def _date(text: str) -> str:
    """Year, month and day as eight digits where their order is not in doubt, else as it is."""
    parts: list[str] = re.findall(r"\d+", text)
    if len(parts) == 1 and len(parts[0]) == 8:
        return parts[0]
    if len(parts) >= 3 and len(parts[0]) == 4:
        return f"{parts[0]}{parts[1]:0>2}{parts[2]:0>2}"
    if len(parts) == 3 and len(parts[2]) == 4 and "." in text:  # day.month.year wherever it is written
        return f"{parts[2]}{parts[1]:0>2}{parts[0]:0>2}"
    return text.casefold()
