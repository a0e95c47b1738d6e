"""The keys, above a table, that are understood; in lower case with single spaces."""

from __future__ import annotations


def _keys(text: str) -> frozenset[str]:
    return frozenset(key.strip() for key in text.split("|"))


SAMPLING_RATE = _keys(
    "sample rate | sampling rate | samplerate | samplingrate | sampling frequency | sample frequency"
    "| samplingfrequency | fs | abtastrate | abtastfrequenz"
    "| fréquence d'échantillonnage | samples per second | data sampling rate | messrate"
    "| frecuencia de muestreo | frequenza di campionamento | frequência de amostragem | taxa de amostragem"
    "| bemonsteringsfrequentie | samplingsfrekvens | частота дискретизации | 采样率 | 取樣率 | サンプルレート"
)
SAMPLING_INTERVAL = _keys("sampling interval | sample interval | sampling period | sample period")
UNIT = _keys(
    "unit | units | einheit | unité | unidad | amplitude unit | signal unit | voltage unit"
    "| unità | unidade | eenheid | enhet | единица | 单位 | 單位 | 単位 | 단위"
)
LEAD = _keys(
    "lead | lead name | ableitung | dérivation | derivación | channel name"
    "| derivazione | derivação | afleiding | avledning | отведение | 导联 | 導程 | 誘導"
)
RECORDED_AT = _keys(
    "recorded date | recorded at | recorded | recording date | recording time | recording start | start time"
    "| start date | date | date time | datetime | date/time | acquisition date | acquisition time"
    "| aufnahmedatum | aufgezeichnet am | aufzeichnungsdatum | date d'enregistrement | fecha de registro"
    "| data di registrazione | data da gravação"
)
PATIENT = _keys(
    "name | patient | patient name | first name | last name | surname | given name"
    "| date of birth | birth date | geburtstag | date de naissance | fecha de nacimiento | data di nascita"
    "| data de nascimento | nom | nombre | nome | birthdate | birthday | dob"
    "| geburtsdatum | sex | gender | geschlecht | patient id | patientid"
    "| patient number | id | mrn | age | alter"
)
#: What the device found by itself.
DEVICE = _keys("classification | average heart rate | klassifizierung | durchschnittliche herzfrequenz")
OTHER = _keys(
    "symptoms | software version | device | version | comment | note | symptome | softwareversion | gerät"
)
ALL = SAMPLING_RATE | SAMPLING_INTERVAL | UNIT | LEAD | RECORDED_AT | PATIENT | DEVICE | OTHER
