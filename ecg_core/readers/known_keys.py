"""The keys, above a table, that are understood; in lower case with single spaces."""

from __future__ import annotations


def _keys(text: str) -> frozenset[str]:
    return frozenset(key.strip() for key in text.split("|"))


SAMPLING_RATE = _keys(
    "sample rate | sampling rate | samplerate | samplingrate | sampling frequency | sample frequency"
    "| samplingfrequency | fs | abtastrate | abtastfrequenz"
    "| fréquence d'échantillonnage | samples per second"
)
UNIT = _keys("unit | units | einheit | unité | unidad | amplitude unit | signal unit | voltage unit")
LEAD = _keys("lead | lead name | ableitung | dérivation | derivación | channel name")
RECORDED_AT = _keys(
    "recorded date | recorded at | recorded | recording date | recording time | recording start | start time"
    "| start date | date | date time | datetime | date/time | acquisition date | acquisition time"
    "| aufnahmedatum | aufgezeichnet am"
)
PATIENT = _keys(
    "name | patient | patient name | first name | last name | surname | given name"
    "| date of birth | birth date"
    "| birthdate | birthday | dob | geburtsdatum | sex | gender | geschlecht | patient id | patientid"
    "| patient number | id | mrn | age | alter"
)
OTHER = _keys("classification | symptoms | software version | device | version | comment | note")
ALL = SAMPLING_RATE | UNIT | LEAD | RECORDED_AT | PATIENT | OTHER
