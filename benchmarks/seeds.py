"""Good files of every format: real ones where they are present, and small ones of the tests' builders."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from ecg_core.readers import READERS
from ecg_core.readers.containers import Source, find_bundles
from ecg_core.readers.foreign import foreign_format
from tests.readers import cart_files, test_readers_wfdb
from tests.readers import test_readers_edan as edan
from tests.readers.test_readers_biopac import acq
from tests.readers.test_readers_contract import SEEDS as TABLES
from tests.readers.test_readers_edf import edf, marks, signal
from tests.readers.test_readers_kardia import atc, ecg, form, info
from tests.readers.test_readers_matlab import SIGNAL, mat
from tests.readers.test_readers_schiller import schiller_xml

REAL_DATA = Path(os.environ.get("ECG_REAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
_RECORDS = ("mitdb/208", "ludb/1", "challenge2021/E07500", "cpsc2021/data_101_6")


@dataclass(frozen=True)
class Seed:
    """The files of one recording; ``reader`` is the name of that which reads them."""

    reader: str
    name: str
    data: bytes
    siblings: dict[str, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.data) + sum(map(len, self.siblings.values()))


def load_seeds(folder: Path = REAL_DATA) -> dict[str, list[Seed]]:
    """Seeds by reader; every reader has at least one."""
    found: dict[str, list[Seed]] = {reader.name: [] for reader in READERS}
    for seed in (*generated_seeds(), *real_seeds(folder)):
        found[seed.reader].append(seed)
    return found


def real_seeds(folder: Path) -> list[Seed]:
    """Every file of the folder ``formats``, and one WFDB record of each other folder; none where absent."""
    paths = [path for path in sorted((folder / "formats").rglob("*")) if path.is_file()]
    for record in _RECORDS:
        paths += sorted((folder / record).parent.glob(f"{Path(record).name}.*"))
    sources = [Source.of(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths]
    seeds = []
    for bundle in find_bundles(sources):
        data = bytes(bundle.load())
        reader = _reader_of(data)
        if reader:
            seeds.append(Seed(reader, bundle.file_name, data, bundle.siblings()))
    return seeds


def _reader_of(data: bytes) -> str:
    for reader in READERS:
        if reader.recognizes(data) and (reader.name != "csv" or not foreign_format(data[:4096])):
            return reader.name
    return ""


def generated_seeds() -> list[Seed]:
    """A few small files of each format that the tests can write."""
    muse, sections = cart_files.muse_xml(), cart_files.scp_sections
    named = {
        "muse.xml": muse,
        "derived.xml": cart_files.muse_xml(units="MILLIVOLTS", exponent="1"),
        "sierra.xml": cart_files.sierra_xml(),
        "aecg.xml": cart_files.aecg_xml(),
        "mortara.xml": cart_files.mortara_xml(),
        "schiller.xml": schiller_xml(),
        "holter.arc": edan.archive(edan.header(), edan.signal(edan.COUNTS)),
        "wave.dcm": cart_files.dicom(annotations=[cart_files.dicom_annotation("QT", NumericValue="400")]),
        "groups.dcm": cart_files.dicom(({}, {"SamplingFrequency": 1000})),
        "plain.scp": cart_files.scp(sections()),
        "packed.scp": cart_files.scp(sections(order=2, huffman=True)),
        "little.mwf": cart_files.mfer(),
        "big.mwf": cart_files.mfer(order="big"),
        "holter.ecg": cart_files.ishne(text=b"a remark"),
        "signals.edf": edf([signal(values=range(6)), signal("Resp", 2, range(4))], records=2),
        "marks.edf": edf(
            [signal(values=range(6)), marks(b"+0\x14\x14\0+0.5\x14Off\x14\0", b"+1\x14\x14\0")],
            records=2,
            kind="EDF+D",
        ),
        "signals.bdf": edf([signal(values=range(6))], records=2, width=3),
        "old.acq": acq([("ECG", "mV", 0.1, 0.0, 1, [1, -2, 3, 4]), ("Resp", "V", 1.0, 0.0, 2, [5, 6])]),
        "new.acq": acq([("ECG", "mV", 0.1, 0.0, 1, [1.5, -2.5, 3.5])], revision=84),
        "old.mat": mat({"val": SIGNAL, "Fs": 500, "name": "text"}, version="4"),
        "new.mat": mat({"val": SIGNAL, "Fs": 500, "name": "text"}),
        "packed.mat": mat({"val": SIGNAL.astype(float), "Fs": 500}, compressed=True),
        "kardia.atc": atc(info(), form(), ecg(), ecg(1)),
        **{f"table{number}": table for number, table in enumerate(TABLES)},
    }
    pair = Seed("edan", "patient.hea", edan.header(), edan.PAIR)
    return [Seed(_reader_of(data), name, data) for name, data in named.items()] + [pair, *_wfdb_seeds()]


def _wfdb_seeds() -> list[Seed]:
    encode = test_readers_wfdb.ENCODERS
    counts = [0, 1, -1, 100, -100, 127, -127, 3, 4]
    header = b"r 1 250 9 14:22:11 05/03/2024\nr.dat %s 200(0)/mV 12 0 0 0 0 II\n# age: 54\n"
    seeds = [
        Seed("wfdb", "r.hea", header % form.encode(),
             {"r.dat": encode[form](counts), "r.atr": test_readers_wfdb.MARKS})
        for form in encode
    ]  # fmt: skip
    parts = {f"{name}.hea": b"%s 1 250 9\n%s.dat 16 200 0 0 0 0 0 II\n" % (name.encode(), name.encode())
             for name in "ab"} | {f"{name}.dat": encode["16"](counts) for name in "ab"}  # fmt: skip
    return [*seeds, Seed("wfdb", "m.hea", b"m/2 1 250 18\na 9\nb 9\n", parts)]
